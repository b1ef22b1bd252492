/** Owns the data that the page's code reads: prices, trades, points to hover over. Compact, since it is most of the file. */
import { decimalsOf, tickStepOf } from '../../engine/model/instrument.ts';
import type { RunResult } from '../../engine/result.ts';
import { exitLabels } from '../charts/costs.ts';
import { foreignName, quoteOf } from '../currency.ts';
import { rowsToDraw, significant } from '../down-sample.ts';
import { handed } from '../price-panel.ts';
import type { ReportInput } from '../report-input.ts';
import { priceSeries } from './price-data.ts';

export const tradesMax = 10_000;

export interface HoverSeries {
  readonly name: string;
  readonly column: ArrayLike<number>;
}

/** Points of a time chart for its tooltip: times as steps from the one before, in units that hold them exactly. decimals: of money; null for fractions. */
export function hoverData(timeMs: Float64Array, series: readonly HoverSeries[], decimals: number | null): object {
  const from = timeMs[0] ?? 0;
  const to = timeMs[timeMs.length - 1] ?? 0;
  const step = timeMs.every((time) => (time - from) % 60_000 === 0) ? 60_000 : 1;
  const points = series.map(({ name, column }) => {
    let before = from;
    const rows = rowsToDraw(column, 800);
    const t = rows.map((row) => {
      const steps = (timeMs[row] - before) / step;
      before = timeMs[row];
      return steps;
    });
    return { name, t, v: rows.map((row) => (decimals === null ? significant(column[row], 5) : rounded(column[row], decimals))) };
  });
  return { from, to, step, decimals, series: points };
}

export function pageData(input: ReportInput, hover: Readonly<Record<string, object>>): object {
  const { result } = input;
  return {
    decimals: result.instruments.map((instrument) => decimalsOf(tickStepOf(instrument))),
    moneyDecimals: result.instruments.map((instrument) => quoteOf(instrument).decimals),
    moneyNames: result.instruments.map((instrument) => foreignName(instrument, result)),
    symbols: result.instruments.map((instrument) => instrument.symbol),
    roles: Object.values(exitLabels),
    series: priceSeries(input),
    trades: packedTrades(result),
    hover,
  };
}

/** The first trades as flat rows; entry times as steps from the trade before; last whether entry (1) and exit (2) lay inside a bar. The page works out returns itself. */
function packedTrades(result: RunResult): object {
  const trades = result.trades.slice(0, tradesMax);
  const isWhole = trades.every((trade) => trade.entryMs % 60_000 === 0 && trade.exitMs % 60_000 === 0);
  const step = isWhole ? 60_000 : 1;
  const roles = Object.keys(exitLabels);
  const rows: number[] = [];
  let before = 0;
  for (const trade of trades) {
    const heldSteps = (trade.exitMs - trade.entryMs) / step;
    rows.push(trade.side, trade.instrumentIndex, (trade.entryMs - before) / step, heldSteps);
    rows.push(handed(trade.entryPriceQuote), handed(trade.exitPriceQuote), Number(trade.sizeBase.toFixed(8)));
    const { decimals } = quoteOf(result.instruments[trade.instrumentIndex]);
    rows.push(rounded(trade.pnlQuote, decimals), rounded(trade.entryFeeQuote + trade.exitFeeQuote, decimals));
    rows.push(roles.indexOf(trade.exitRole));
    rows.push((trade.entryOpenMs < trade.entryMs ? 1 : 0) + (trade.exitOpenMs < trade.exitMs ? 2 : 0));
    before = trade.entryMs;
  }
  return { step, rows };
}

/** Money as the page prints it, rounded once; of less than half its last decimal only the sign is left, by which gains and losses are told apart. */
function rounded(quote: number, decimals: number): number {
  const written = Number.isFinite(quote) ? Number(quote.toFixed(decimals)) : quote;
  return written === 0 && quote !== 0 ? Math.sign(quote) * Number(`1e-${decimals + 1}`) : written;
}
