/** Owns the equity curve against buying and holding. */

import { accountCurrency } from '../currency.ts';
import { rowsToDraw, significant } from '../down-sample.ts';
import { dateUtc, money, shownTimes } from '../format.ts';
import type { ReportInput } from '../report-input.ts';
import { type ChartOptions, type ChartSpec, frame, palettes, pointsFor, quoteFormat, timeAxis, valueAxis } from './chart.ts';

export const equityLabel = 'Strategy';
export const buyAndHoldLabel = 'Buy and hold';

/** Equity in quote at each bar close, thinned with its extremes kept, and the same of buy and hold; the initial capital as a thin line. */
export function equityChart(input: ReportInput, options: ChartOptions): ChartSpec {
  const { result } = input;
  const { equityQuote } = result.equity;
  const timeMs = shownTimes(result.equity.timeMs);
  const palette = palettes[options.theme];
  const pointCount = pointsFor(options, 2);
  const largest = Math.max(highest(equityQuote), highest(result.buyAndHold));
  const scale = { domain: [equityLabel, buyAndHoldLabel], range: [palette.accent, palette.quiet] };
  const line = (column: ArrayLike<number>, series: string, strokeWidth: number) => ({
    data: { values: rowsToDraw(column, pointCount).map((row) => ({ timeMs: timeMs[row], quote: significant(column[row], 7) })) },
    mark: { type: 'line', strokeJoin: 'round', strokeWidth },
    encoding: {
      x: timeAxis('timeMs', options),
      y: { field: 'quote', type: 'quantitative', scale: { zero: false }, axis: valueAxis(options, quoteFormat(largest, options)) },
      color: { datum: series, type: 'nominal', scale },
    },
  });
  const last = equityQuote.length - 1;
  const story =
    last < 0
      ? 'No bars.'
      : `Equity from ${dateUtc(result.equity.timeMs[0] - 1)} to ${dateUtc(result.equity.timeMs[last] - 1)}, ending at ${money(equityQuote[last], accountCurrency(result))} ${result.quoteCurrency}.`;
  return {
    ...frame(options, story),
    layer: [
      {
        data: { values: [{ quote: result.initialCapitalQuote }] },
        mark: { type: 'rule', color: palette.quiet, strokeDash: [2, 3], strokeWidth: 1 },
        encoding: { y: { field: 'quote', type: 'quantitative' } },
      },
      // Buy and hold first: the strategy is drawn over it.
      line(result.buyAndHold, buyAndHoldLabel, 1),
      line(equityQuote, equityLabel, 1.75),
    ],
  };
}

function highest(column: Float64Array): number {
  return column.reduce((most, value) => Math.max(most, Number.isNaN(value) ? 0 : value), 0);
}
