/** Owns a judged sweep made up for tests of reports: figures are those of the real judge on a sweep of no run. Never used outside tests. */
import { judgeOverfit } from '../../engine/optimiser/overfit.ts';
import { dailyReturnsOf } from '../../engine/optimiser/stitched.ts';
import { survivingTrials } from '../../engine/optimiser/surviving-trials.ts';
import type { OverfitReportInput } from '../search/overfit-input.ts';
import type { SweepReportInput } from '../search/sweep-input.ts';
import { fakeSweep } from './fake-sweep.ts';

const seed = 1;
const replicateCount = 100;

export function fakeOverfit(sweep: SweepReportInput = fakeSweep()): OverfitReportInput {
  const { trials, order, initialCapitalQuote, periodsPerYear } = sweep;
  const columns = trials.map(({ dailyQuote }) => dailyReturnsOf(dailyQuote, initialCapitalQuote));
  const report = judgeOverfit({
    columns,
    ...{ chosen: order[0], others: [], periodsPerYear, ratePerPeriod: 0, seed, replicateCount },
  });
  const { index, parameters, dailyQuote } = trials[order[0]];
  const survivors = survivingTrials(columns, { ratePerPeriod: 0, level: 0.05 });
  const judged = { report, objective: sweep.objective, survivors, permutations: null, index, parameters, dailyQuote };
  return { ...sweep, ...judged, otherSearchCount: 0, seed, replicateCount };
}
