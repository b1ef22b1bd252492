/** Owns what many searches of one world come to: shares with their intervals. Never plays or judges one. */
import type { OverfitVerdict } from '../../optimiser/overfit.ts';
import { type JudgedSearch, type MethodName, methodNames } from './judge-search.ts';

/** A share of so many, and the interval that holds the true one 95 times in 100. */
export interface Share {
  readonly count: number;
  readonly of: number;
  readonly low: number;
  readonly high: number;
}

export interface Tally {
  readonly searchCount: number;
  readonly significant: Readonly<Record<MethodName, Share>>;
  readonly verdicts: Readonly<Record<OverfitVerdict, number>>;
}

export function tallyOf(searches: readonly JudgedSearch[]): Tally {
  const share = (name: MethodName): Share => shareOf(searches.filter(({ significant }) => significant[name]).length, searches.length);
  const countOf = (verdict: OverfitVerdict): number => searches.filter((one) => one.verdict === verdict).length;
  return {
    searchCount: searches.length,
    significant: Object.fromEntries(methodNames.map((name) => [name, share(name)])) as Record<MethodName, Share>,
    verdicts: { luck: countOf('luck'), unproven: countOf('unproven'), holds: countOf('holds') },
  };
}

const normalQuantile = 1.959963984540054;

/** Wilson's score interval of 95 %. Source: Wilson 1927; Newcombe 1998, method 3. */
export function shareOf(count: number, of: number): Share {
  const square = normalQuantile * normalQuantile;
  const p = count / of;
  const centre = p + square / (2 * of);
  const reach = normalQuantile * Math.sqrt((p * (1 - p)) / of + square / (4 * of * of));
  const scale = 1 + square / of;
  // At 0 and at all of them an end is a bound of its own, which rounding would miss.
  return { count, of, low: count === 0 ? 0 : (centre - reach) / scale, high: count === of ? 1 : (centre + reach) / scale };
}
