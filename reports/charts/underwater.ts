/** Owns the underwater curve: how far equity lies below its peak so far. */

import { rowsToDraw, significant } from '../down-sample.ts';
import { percent, shownTimes } from '../format.ts';
import type { ReportInput } from '../report-input.ts';
import { type ChartOptions, type ChartSpec, frame, palettes, pointsFor, timeAxis, valueAxis } from './chart.ts';

/** Drawdown at each row, a fraction ≥ 0 of the highest equity so far (at least the initial capital). */
export function drawdownColumn(equityQuote: Float64Array, initialCapitalQuote: number): Float64Array {
  const drawdown = new Float64Array(equityQuote.length);
  let peak = initialCapitalQuote;
  for (let row = 0; row < equityQuote.length; row++) {
    if (equityQuote[row] > peak) peak = equityQuote[row];
    drawdown[row] = peak > 0 ? 1 - equityQuote[row] / peak : Number.NaN;
  }
  return drawdown;
}

/** Drawdown drawn downwards as −fraction, thinned with its extremes kept. */
export function underwaterChart(input: ReportInput, options: ChartOptions): ChartSpec {
  const { equity, initialCapitalQuote } = input.result;
  const palette = palettes[options.theme];
  const drawdown = drawdownColumn(equity.equityQuote, initialCapitalQuote);
  const timeMs = shownTimes(equity.timeMs);
  const rows = rowsToDraw(drawdown, pointsFor(options, 1));
  const deepest = drawdown.reduce((most, value) => Math.max(most, Number.isNaN(value) ? 0 : value), 0);
  return {
    ...frame(options, `Drawdown from the peak so far; the deepest is ${percent(deepest)}.`),
    // 0 − x, since −0 is not canonical JSON.
    data: { values: rows.map((row) => ({ timeMs: timeMs[row], fraction: 0 - significant(drawdown[row], 5) })) },
    mark: { type: 'area', color: palette.down, fillOpacity: 0.18, line: { color: palette.down, strokeWidth: 1.25 } },
    encoding: {
      x: timeAxis('timeMs', options),
      y: { field: 'fraction', type: 'quantitative', scale: { domainMax: 0 }, axis: valueAxis(options, '.1~%', 4) },
    },
  };
}
