/** Owns the picture of how far the policies for ambiguous bars lie apart over time. */
import type { EquityBand } from '../../engine/interval/interval.ts';
import { accountCurrency } from '../currency.ts';
import { rowsToDraw, significant } from '../down-sample.ts';
import { money, shownTimes } from '../format.ts';
import type { ReportInput } from '../report-input.ts';
import { type ChartOptions, type ChartSpec, frame, palettes, pointsFor, quoteFormat, timeAxis, valueAxis } from './chart.ts';

const bandLabel = 'All policies';
const runLabel = 'This run';
const noBand: EquityBand = { timeMs: [], lowestQuote: [], highestQuote: [], runQuote: [] };

/** The band between the lowest and the highest equity of all policies, and the run's own as a line. */
export function intervalChart({ interval, result }: ReportInput, options: ChartOptions): ChartSpec {
  const { timeMs, lowestQuote, highestQuote, runQuote } = interval?.equity ?? noBand;
  const palette = palettes[options.theme];
  const shownMs = shownTimes(Float64Array.from(timeMs));
  const scale = { domain: [runLabel, bandLabel], range: [palette.accent, palette.quiet] };
  const legend = { symbolType: 'stroke' };
  const rows = rowsToDraw(highestQuote, pointsFor(options, 2));
  const largest = highestQuote.reduce((most, quote) => Math.max(most, quote), 0);
  const axis = valueAxis(options, quoteFormat(largest, options));
  const quote = (column: readonly number[], row: number): number => significant(column[row], 7);
  const x = timeAxis('timeMs', options);
  const y = (field: string) => ({ field, type: 'quantitative', scale: { zero: false }, axis });
  const currency = accountCurrency(result);
  const last = timeMs.length - 1;
  const story =
    last < 0
      ? 'No bars.'
      : `Equity of all policies, at the end between ${money(lowestQuote[last], currency)} and ${money(highestQuote[last], currency)} ${result.quoteCurrency}.`;
  return {
    ...frame(options, story),
    layer: [
      {
        data: {
          values: rows.map((row) => ({ timeMs: shownMs[row], lowest: quote(lowestQuote, row), highest: quote(highestQuote, row) })),
        },
        mark: { type: 'area', fillOpacity: 0.35, strokeWidth: 0.5 },
        encoding: { x, y: y('lowest'), y2: { field: 'highest' }, color: { datum: bandLabel, type: 'nominal', scale, legend } },
      },
      {
        data: { values: rows.map((row) => ({ timeMs: shownMs[row], quote: quote(runQuote, row) })) },
        mark: { type: 'line', strokeJoin: 'round', strokeWidth: 1.5 },
        encoding: { x, y: y('quote'), color: { datum: runLabel, type: 'nominal', scale, legend } },
      },
    ],
  };
}
