/** Owns a combinatorial cross-validation made up for tests of reports: six groups, two of them tested, of no run. Never used outside tests. */
import { sharpeRatio } from '../../engine/metrics/ratios.ts';
import { PlacedRandom } from '../../engine/random.ts';
import type { CombinatorialReportInput } from '../search/combinatorial-input.ts';

const dayMs = 86_400_000;
const groupCount = 6;

export function fakeCombinatorial({ dayCount = 60 } = {}): CombinatorialReportInput {
  const random = new PlacedRandom(13);
  const tests = Array.from({ length: groupCount }, (_, a) => Array.from({ length: groupCount - 1 - a }, (_, b) => [a, a + 1 + b])).flat();
  const paths = Array.from({ length: groupCount - 1 }, (_, path) => {
    const dailyReturns = Float64Array.from({ length: dayCount }, (_, day) => 0.02 * (random.uniform(path, day) - 0.47));
    const returnFraction = dailyReturns.reduce((equity, value) => equity * (1 + value), 1) - 1;
    const ratio = sharpeRatio(dailyReturns, { ratePerPeriod: 0, periodsPerYear: 365 });
    return { dailyReturns, sharpeRatio: ratio, returnFraction, drawdownFractionMax: 0.05 + 0.01 * path };
  });
  return {
    ...{ id: '20260102-030405-abcdef01', name: 'cross', strategyName: 'hill', series: ['test TEST/USD 1d'], isSynthetic: false },
    ...{ playhead: '0.1.0', settings: { walkforward: { scheme: 'combinatorial' } }, dimensions: ['fast', 'slow'] },
    ...{ objective: 'sharpeRatio', isSmallestBest: false, walkForwardHash: 'f'.repeat(64), paths, trialCount: 24, failedCount: 0 },
    dayMs: Float64Array.from({ length: dayCount }, (_, day) => Date.UTC(2021, 0, 2) + day * dayMs),
    groups: Array.from({ length: groupCount }, (_, k) => ({
      from: Math.floor((k * dayCount) / groupCount),
      to: Math.floor(((k + 1) * dayCount) / groupCount),
    })),
    splits: tests.map((tested, k) => ({
      ...{ tested, parameters: { fast: 5 + 5 * (k % 3), slow: 40 + 20 * (k % 2) }, keepsConstraints: k !== 4 },
      ...{ trained: 1 + random.uniform(50, k), testedObjective: k === 2 ? Number.NaN : 2 * random.uniform(51, k) - 0.7 },
    })),
  };
}
