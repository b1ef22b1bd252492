/** Owns the picture of how much of the account was in the market. */

import type { RunResult } from '../../engine/result.ts';
import { rowsToDraw, significant } from '../down-sample.ts';
import { shownTimes } from '../format.ts';
import { instrumentsOf } from '../price-panel.ts';
import { ratesOf } from '../rates.ts';
import type { ReportInput } from '../report-input.ts';
import { type ChartOptions, type ChartSpec, frame, palettes, pointsFor, timeAxis, valueAxis } from './chart.ts';

interface Change {
  readonly timeMs: number;
  readonly openTimeMs: number;
  readonly instrumentIndex: number;
  readonly sizeBase: number;
  readonly priceQuote: number;
}

/**
 * Changes of positions in time order, told by what trades and open positions say of sizes: a fill may bring less than its size, where its fee is
 * taken in base, and a rest too small to trade is no position.
 */
function positionChanges({ trades, fills, openPositions }: RunResult): Change[] {
  const changes: Change[] = trades.flatMap(({ instrumentIndex, side, sizeBase, ...trade }) => [
    { timeMs: trade.entryMs, openTimeMs: trade.entryOpenMs, instrumentIndex, sizeBase: side * sizeBase, priceQuote: trade.entryPriceQuote },
    { timeMs: trade.exitMs, openTimeMs: trade.exitOpenMs, instrumentIndex, sizeBase: -side * sizeBase, priceQuote: trade.exitPriceQuote },
  ]);
  for (const { instrumentIndex, sizeBase } of openPositions) {
    // First in, first out: what is left came with the last fills of its side.
    let rest = Math.abs(sizeBase);
    for (let i = fills.length - 1; i >= 0 && rest > 0; i--) {
      const fill = fills[i];
      if (fill.instrumentIndex !== instrumentIndex || fill.side !== Math.sign(sizeBase)) continue;
      const taken = Math.min(rest, fill.sizeBase);
      changes.push({ ...fill, sizeBase: fill.side * taken });
      rest -= taken;
    }
  }
  return changes.sort((a, b) => a.timeMs - b.timeMs || a.openTimeMs - b.openTimeMs);
}

/**
 * Gross exposure at each equity row, a fraction of equity: Σ |quantity| × price × multiplier over equity, each instrument priced at the last
 * close of its finest series, or at its last fill before the first.
 */
export function exposureColumn(input: ReportInput): Float64Array {
  const { result, bars } = input;
  const rateOf = ratesOf(input);
  const { timeMs, equityQuote } = result.equity;
  const sizes = new Float64Array(result.instruments.length);
  const prices = new Float64Array(result.instruments.length);
  const exposure = new Float64Array(timeMs.length);
  const finest = result.series.flatMap(({ key, isFinest }, i) =>
    isFinest ? [{ ...bars[i], next: bars[i].fromRow, instrumentIndexes: instrumentsOf(result, key) }] : [],
  );
  const changes = positionChanges(result);
  let next = 0;
  for (let row = 0; row < timeMs.length; row++) {
    // A fill at the open that follows a row bears the row's time and is none of it.
    for (; next < changes.length && changes[next].timeMs <= timeMs[row] && changes[next].openTimeMs < timeMs[row]; next++) {
      const { instrumentIndex, sizeBase, priceQuote } = changes[next];
      // Doubles leave dust where a position is closed in parts.
      const size = sizes[instrumentIndex] + sizeBase;
      sizes[instrumentIndex] = Math.abs(size) < 1e-12 * Math.abs(sizeBase) ? 0 : size;
      prices[instrumentIndex] = priceQuote;
    }
    for (const series of finest) {
      while (series.next < series.toRow && series.columns.closeTimeMs[series.next] <= timeMs[row]) series.next++;
      if (series.next > series.fromRow) for (const i of series.instrumentIndexes) prices[i] = series.columns.close[series.next - 1];
    }
    let grossQuote = 0;
    for (let i = 0; i < sizes.length; i++) {
      if (sizes[i] !== 0) grossQuote += Math.abs(sizes[i]) * prices[i] * result.instruments[i].multiplier * rateOf(i, timeMs[row]);
    }
    exposure[row] = equityQuote[row] > 0 ? grossQuote / equityQuote[row] : Number.NaN;
  }
  return exposure;
}

/** Gross exposure over time, as a fraction of equity. */
export function exposureChart(input: ReportInput, options: ChartOptions): ChartSpec {
  const palette = palettes[options.theme];
  const exposure = exposureColumn(input).map((fraction) => significant(fraction, 3));
  const rows = rowsToDraw(exposure, pointsFor(options, 2));
  // The middle of a level stretch draws nothing.
  const corners = rows.filter(
    (row, i) => i === 0 || i === rows.length - 1 || exposure[row] !== exposure[rows[i - 1]] || exposure[row] !== exposure[rows[i + 1]],
  );
  const timeMs = shownTimes(input.result.equity.timeMs);
  const values = corners.map((row) => ({ timeMs: timeMs[row], fraction: exposure[row] }));
  return {
    ...frame(options, 'Gross exposure as a share of equity.'),
    data: { values },
    mark: {
      type: 'area',
      color: palette.accent,
      fillOpacity: 0.16,
      interpolate: 'step-before',
      line: { color: palette.accent, strokeWidth: 1, interpolate: 'step-before' },
    },
    encoding: {
      x: timeAxis('timeMs', options),
      y: { field: 'fraction', type: 'quantitative', axis: valueAxis(options, '.0~%', 4) },
    },
  };
}
