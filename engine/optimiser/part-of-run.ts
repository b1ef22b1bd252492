/** Owns what one part of a run comes to by itself, where the account goes on through it. Pure. */
import { lowerBound } from '../feed.ts';
import { type MeasuredMetrics, measure } from '../metrics/measure.ts';
import type { Fill } from '../model/fill.ts';
import { dayEndRowsOf } from '../play.ts';
import type { RunResult } from '../result.ts';
import type { Span } from './schedule.ts';

export interface PartOfRun {
  /** Equity at the last row before it; of the first part the capital. */
  readonly initialCapitalQuote: number;
  readonly metrics: MeasuredMetrics;
}

export type DividedRun = Pick<RunResult, 'initialCapitalQuote' | 'fills' | 'trades' | 'equity' | 'series' | 'buyAndHold'>;

/**
 * The bars that open from span.from to before span.to, what was filled in them, and the trades that ended in them: a trade counts once, where it
 * ended. The span holds a bar. Money is that of an account of one currency.
 */
export function partOfRun(
  run: DividedRun,
  { from, to }: Span,
  { periodsPerYear, riskFreeAnnual }: { readonly periodsPerYear: number; readonly riskFreeAnnual: number },
): PartOfRun {
  const { timeMs: times, equityQuote: equity } = run.equity;
  const first = lowerBound(times, times.length, from + 1);
  const end = lowerBound(times, times.length, to + 1);
  const initialCapitalQuote = first === 0 ? run.initialCapitalQuote : equity[first - 1];
  const heldBefore = first === 0 ? run.initialCapitalQuote : run.buyAndHold[first - 1];
  const isInside = (openMs: number): boolean => openMs >= from && openMs < to;
  const fills = run.fills.filter(({ openTimeMs }) => isInside(openTimeMs));
  const sum = (of: (fill: Fill) => number): number => fills.reduce((total, fill) => total + of(fill), 0);
  const timeMs = times.slice(first, end);
  return {
    initialCapitalQuote,
    metrics: measure({
      timeMs,
      openTimeMs0: first === 0 ? Math.min(...run.series.map(({ firstOpenMs }) => firstOpenMs)) : times[first - 1],
      equityQuote: equity.slice(first, end),
      length: timeMs.length,
      dayEndRows: dayEndRowsOf(timeMs),
      initialCapitalQuote,
      trades: run.trades.filter(({ exitOpenMs }) => isInside(exitOpenMs)),
      feeQuoteTotal: sum(({ feeQuote }) => feeQuote),
      slippageQuoteTotal: sum(({ slippageQuote }) => slippageQuote),
      tradedNotionalQuote: sum(({ notionalQuote }) => notionalQuote),
      exposureRowCount: heldRowCount(run.fills, timeMs),
      buyAndHoldQuote: run.buyAndHold.slice(first, end).map((value) => (value * initialCapitalQuote) / heldBefore),
      periodsPerYear,
      riskFreeAnnual,
    }),
  };
}

/** Sums of sizes end in the last bits of a double: a position smaller than this part of a fill is none. */
const flatFraction = 1e-9;

/** Rows at which any instrument is held, by all that was filled until then. */
function heldRowCount(fills: readonly Fill[], timeMs: Float64Array): number {
  const positions = new Map<number, number>();
  let next = 0;
  let count = 0;
  for (const rowMs of timeMs) {
    // What fills at the open with which the next bar begins shows in that bar's row.
    const isSeen = ({ timeMs: fillMs, openTimeMs }: Fill): boolean => fillMs < rowMs || (fillMs === rowMs && openTimeMs < rowMs);
    for (; next < fills.length && isSeen(fills[next]); next++) {
      const { instrumentIndex, side, sizeBase } = fills[next];
      const position = (positions.get(instrumentIndex) ?? 0) + side * sizeBase;
      if (Math.abs(position) > sizeBase * flatFraction) positions.set(instrumentIndex, position);
      else positions.delete(instrumentIndex);
    }
    if (positions.size > 0) count++;
  }
  return count;
}
