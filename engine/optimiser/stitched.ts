/** Owns what several runs, each beginning with the capital the last one ended with, come to as one account. Pure. */
import { assert } from '../errors.ts';
import { type MeasuredMetrics, measure } from '../metrics/measure.ts';
import { quantileOfSorted, sortedDefined } from '../metrics/moments.ts';
import { sharpeRatio } from '../metrics/ratios.ts';
import { simpleReturns } from '../metrics/returns.ts';
import type { Fill, Trade } from '../model/fill.ts';
import { dayEndRowsOf } from '../play.ts';
import type { EquityColumns, RunResult } from '../result.ts';

/** What of a run is stitched. */
export type StitchedPart = Pick<RunResult, 'initialCapitalQuote' | 'fills' | 'trades' | 'equity' | 'series' | 'buyAndHold' | 'metrics'>;

export interface Stitched {
  readonly equity: EquityColumns;
  readonly fills: readonly Fill[];
  readonly trades: readonly Trade[];
  readonly metrics: MeasuredMetrics;
  /** At the last bar of each UTC day: equity, and what buying and holding from the start on would be worth. */
  readonly daily: EquityColumns & { readonly heldQuote: Float64Array };
  /** Simple returns of UTC days, the first against the capital at the start. */
  readonly dailyReturns: Float64Array;
  /** Their mean in standard errors of it, as if they were independent; not finite where they do not differ. */
  readonly tStatistic: number;
}

/**
 * Runs in time order, each with the equity that the one before it ended with; what one could not close, as too small to be sold, is worth its last
 * close in that.
 */
export function stitch(
  parts: readonly StitchedPart[],
  { periodsPerYear, riskFreeAnnual }: { readonly periodsPerYear: number; readonly riskFreeAnnual: number },
): Stitched {
  parts.forEach((part, k) => {
    const before = parts[k - 1];
    if (before !== undefined)
      assert(before.equity.equityQuote.at(-1) === part.initialCapitalQuote, `part ${k} begins with what part ${k - 1} ended with`);
  });
  const timeMs = joined(parts.map(({ equity }) => equity.timeMs));
  const equityQuote = joined(parts.map(({ equity }) => equity.equityQuote));
  const trades = parts.flatMap((part) => part.trades);
  const dayEndRows = dayEndRowsOf(timeMs);
  const sum = (name: string): number => parts.reduce((total, { metrics }) => total + metrics[name], 0);
  const [first] = parts;
  const buyAndHoldQuote = heldThrough(parts);
  const atDayEnds = (column: Float64Array): Float64Array => Float64Array.from(dayEndRows, (row) => column[row]);
  const daily = { timeMs: atDayEnds(timeMs), equityQuote: atDayEnds(equityQuote), heldQuote: atDayEnds(buyAndHoldQuote) };
  const dailyReturns = dailyReturnsOf(daily.equityQuote, first.initialCapitalQuote);
  return {
    equity: { timeMs, equityQuote },
    fills: parts.flatMap((part) => part.fills),
    trades,
    metrics: measure({
      timeMs,
      openTimeMs0: Math.min(...first.series.map(({ firstOpenMs }) => firstOpenMs)),
      equityQuote,
      length: timeMs.length,
      dayEndRows,
      initialCapitalQuote: first.initialCapitalQuote,
      trades,
      feeQuoteTotal: sum('feeQuoteTotal'),
      slippageQuoteTotal: sum('slippageQuoteTotal'),
      tradedNotionalQuote: sum('turnoverQuoteTotal'),
      exposureRowCount: Math.round(parts.reduce((rows, { metrics, equity }) => rows + metrics.exposureFraction * equity.timeMs.length, 0)),
      buyAndHoldQuote,
      periodsPerYear,
      riskFreeAnnual,
    }),
    daily,
    dailyReturns,
    // The mean over its error is the ratio to its deviation, so many times the root of their number.
    tStatistic: sharpeRatio(dailyReturns, { ratePerPeriod: 0, periodsPerYear: dailyReturns.length }),
  };
}

/** Simple returns of equity at the ends of days, the first against the capital. */
export function dailyReturnsOf(dailyQuote: Float64Array, initialCapitalQuote: number): Float64Array {
  const values = new Float64Array(dailyQuote.length + 1);
  values[0] = initialCapitalQuote;
  values.set(dailyQuote, 1);
  return simpleReturns(values);
}

/** What of the return a year in training was left in tests: the median over folds that earned in training; NaN where none did. Source: Pardo 2008. */
export function walkForwardEfficiency(folds: readonly { readonly trained: number; readonly tested: number }[]): {
  readonly median: number;
  readonly foldCount: number;
} {
  const ratios = folds.filter(({ trained }) => trained > 0).map(({ trained, tested }) => tested / trained);
  return { median: quantileOfSorted(sortedDefined(Float64Array.from(ratios)), 0.5), foldCount: ratios.length };
}

/** Buying and holding from the first part on: each part's own curve, which goes on where the last one ended. */
function heldThrough(parts: readonly StitchedPart[]): Float64Array {
  let lastQuote = parts[0].initialCapitalQuote;
  return joined(
    parts.map(({ buyAndHold, initialCapitalQuote }) => {
      const factor = lastQuote / initialCapitalQuote;
      const column = buyAndHold.map((value) => value * factor);
      lastQuote = column.at(-1) ?? lastQuote;
      return column;
    }),
  );
}

function joined(columns: readonly Float64Array[]): Float64Array {
  const all = new Float64Array(columns.reduce((length, column) => length + column.length, 0));
  let at = 0;
  for (const column of columns) {
    all.set(column, at);
    at += column.length;
  }
  return all;
}
