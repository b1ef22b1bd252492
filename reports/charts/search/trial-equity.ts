/** Owns the equity of the best few trials by day, and of the one in the middle. Never ranks. */
import { rowsToDraw, significant } from '../../down-sample.ts';
import { shownTimes } from '../../format.ts';
import { type ChartOptions, type ChartSpec, frame, palettes, pointsFor, quoteFormat, timeAxis, valueAxis } from '../chart.ts';

export interface TrialCurves {
  readonly dayMs: Float64Array;
  readonly initialCapitalQuote: number;
  readonly quoteCurrency: string;
  /** The best first. */
  readonly best: readonly Float64Array[];
  readonly middle: Float64Array;
}

export const bestLabel = 'Best';
export const middleLabel = 'Middle';

export function trialEquityChart(
  { dayMs, initialCapitalQuote, quoteCurrency, best, middle }: TrialCurves,
  options: ChartOptions,
): ChartSpec {
  const palette = palettes[options.theme];
  const nextLabel = `Next ${best.length - 1}`;
  const timeMs = shownTimes(dayMs);
  const columns = [...best, middle];
  const pointCount = pointsFor(options, columns.length);
  const largest = columns.reduce((most, column) => column.reduce((a, b) => Math.max(a, b), most), 0);
  const domain = [bestLabel, ...(best.length > 1 ? [nextLabel] : []), middleLabel];
  const range = [palette.accent, ...(best.length > 1 ? [palette.quiet] : []), palette.down];
  const line = (column: Float64Array, series: string, look: ChartSpec) => ({
    data: { values: rowsToDraw(column, pointCount).map((row) => ({ timeMs: timeMs[row], quote: significant(column[row], 6) })) },
    mark: { type: 'line', strokeJoin: 'round', ...look },
    encoding: {
      x: timeAxis('timeMs', options),
      y: { field: 'quote', type: 'quantitative', scale: { zero: false }, axis: valueAxis(options, quoteFormat(largest, options)) },
      color: { datum: series, type: 'nominal', scale: { domain, range }, legend: { symbolType: 'stroke' } },
    },
  });
  return {
    ...frame(options, `Equity in ${quoteCurrency} by day of the best ${best.length} trials and of the one in the middle.`),
    layer: [
      {
        data: { values: [{ quote: initialCapitalQuote }] },
        mark: { type: 'rule', color: palette.quiet, strokeDash: [2, 3], strokeWidth: 1 },
        encoding: { y: { field: 'quote', type: 'quantitative' } },
      },
      ...best.slice(1).map((column) => line(column, nextLabel, { strokeWidth: 0.75 })),
      line(middle, middleLabel, { strokeWidth: 1.25, strokeDash: [5, 3] }),
      line(best[0], bestLabel, { strokeWidth: 1.75 }),
    ],
  };
}
