/** Owns an interval made up for the tests of reports: plausible, of no run. Never used outside tests. */
import { figuresOf, type Interval, type IntervalPolicy, rangesOf } from '../../engine/interval/interval.ts';
import type { RunResult } from '../../engine/result.ts';

const shares: readonly (readonly [IntervalPolicy, number])[] = [
  ['pessimistic', 0],
  ['optimistic', 1],
  ['path', 0.5],
  ['refine', 0.6],
];

/** The run is the pessimistic one; the best lies a tenth of the capital higher at the end. */
export function fakeInterval({ metrics, equity, initialCapitalQuote }: RunResult): Interval {
  const figures = (share: number) =>
    figuresOf({ ...metrics, equityQuoteFinal: metrics.equityQuoteFinal + (share * initialCapitalQuote) / 10, sharpeRatio: 0.5 + share });
  const policies = shares.map(([policy, share]) => ({
    ...{ policy, figures: figures(share), decidedBarCount: policy === 'refine' ? 2 : 0, notRefinedBarCount: 0 },
    ...{ ambiguousBarCount: policy === 'refine' ? 1 : policy === 'path' ? 0 : 3, trialHash: 'abcdef0123456789'.repeat(4) },
  }));
  const runQuote = [...equity.equityQuote];
  return {
    ...{ policy: 'pessimistic', policies, envelope: rangesOf(policies.map((one) => one.figures)) },
    branches: { leafCount: 8, outcomeCount: 6, isWhole: true, assumedBarCount: 0, ranges: rangesOf([figures(0), figures(1)]) },
    refinement: {
      ...{ with: '1m', ambiguousBarCount: 1, notRefinedBarCount: 1 },
      ...{ before: rangesOf([figures(0), figures(1)]), after: rangesOf([figures(0.6), figures(0.65)]) },
    },
    equity: {
      timeMs: [...equity.timeMs],
      lowestQuote: runQuote,
      highestQuote: runQuote.map((quote, row) => quote + ((row + 1) / runQuote.length) * (initialCapitalQuote / 10)),
      runQuote,
    },
  };
}
