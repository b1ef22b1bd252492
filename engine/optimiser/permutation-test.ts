/**
 * Owns what a whole search, played again on bars in random orders, says of its best: how often it finds one as good where there is nothing to find.
 * Pure: the searches are played elsewhere. Source: Masters 2018, Testing and Tuning Market Trading Systems; Aronson 2006, Evidence-Based Technical Analysis.
 */
import { percentText } from '../figure-text.ts';
import { quantileOfSorted, sortedDefined } from '../metrics/moments.ts';
import type { OverfitReport } from './overfit.ts';
import type { Ranking } from './ranking.ts';

/** What a search would choose. */
export interface SearchBest {
  /** As of Ranking; NaN where no trial has one. */
  readonly score: number;
  readonly keepsConstraints: boolean;
}

export interface PermutationTest {
  readonly permutationCount: number;
  /** Permuted searches whose best is at least as good as the real one's. */
  readonly reachedCount: number;
  /** (1 + reached) / (1 + permutations): the real search is one of those that could have been. */
  readonly pValue: number;
  readonly scoreReal: number;
  /** Of the best of each permuted search, by replicate; NaN where it would choose none that keeps the constraints as the real one does. */
  readonly scores: Float64Array;
  readonly scoreMedian: number;
}

const marks = { pValue: 0.05, pValueLuck: 0.5 } as const;

/** Of fewer searches no p-value is past the mark, however good the real one: 1 / (1 + permutations) is the least there is. */
export const permutationCountLeast = 19;

/** The best of a search; metrics: by metricNames, empty where a trial failed. */
export function bestOfSearch(trials: readonly Float64Array[], ranking: Ranking): SearchBest {
  const rows = trials.map((metrics) => ({ metrics }));
  const best = ranking.order(rows)[0];
  const metrics = best === undefined ? new Float64Array(0) : trials[best];
  return { score: ranking.scoreOf(metrics), keepsConstraints: metrics.length > 0 && ranking.keepsConstraints(metrics) };
}

/** Those that keep the constraints are better than any that does not, as they are to the search itself. */
export function permutationTest(real: SearchBest, permuted: readonly SearchBest[]): PermutationTest {
  const rank = ({ score, keepsConstraints }: SearchBest): number => (Number.isNaN(score) ? 0 : keepsConstraints ? 2 : 1);
  const reachedCount = permuted.filter((one) => rank(one) > rank(real) || (rank(one) === rank(real) && !(one.score < real.score))).length;
  const scores = Float64Array.from(permuted, (one) => (rank(one) < rank(real) ? Number.NaN : one.score));
  return {
    permutationCount: permuted.length,
    reachedCount,
    pValue: (1 + reachedCount) / (1 + permuted.length),
    scoreReal: real.score,
    scores,
    scoreMedian: quantileOfSorted(sortedDefined(scores), 0.5),
  };
}

/** The verdict with this test among the others: it holds only where this one is past its mark too, and is luck where most permuted searches do as well. Too few searches decide nothing. */
export function judgedWith(
  { verdict, reasons }: Pick<OverfitReport, 'verdict' | 'reasons'>,
  { pValue, reachedCount, permutationCount }: PermutationTest,
): Pick<OverfitReport, 'verdict' | 'reasons'> {
  const found = `permutation test p = ${Number(pValue.toPrecision(3))} (mark ${marks.pValue}): of ${permutationCount} searches on the same moves in random orders ${reachedCount} (${percentText(reachedCount / permutationCount)}) found a best at least this good`;
  if (permutationCount < permutationCountLeast) {
    const least = Number((1 / (1 + permutationCount)).toPrecision(3));
    const text = `not judged: ${found}; of fewer than ${permutationCountLeast} searches none can be past the mark (p is ${least} at best), so it decides nothing`;
    return { verdict, reasons: [...reasons, text] };
  }
  const isPast = pValue <= marks.pValue;
  const held = isPast ? verdict : 'unproven';
  return {
    verdict: verdict === 'luck' || pValue > marks.pValueLuck ? 'luck' : held,
    reasons: [...reasons, `${isPast ? 'passed' : 'missed'}: ${found}`],
  };
}
