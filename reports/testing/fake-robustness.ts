/** Owns a set under shocks made up for tests of reports: figures are those of the real judge on runs of no tape. Never used outside tests. */
import { metricNames } from '../../engine/metrics/catalogue.ts';
import { judgeRobustness, shocksOf } from '../../engine/optimiser/robustness.ts';
import { PlacedRandom } from '../../engine/random.ts';
import type { RobustnessReportInput } from '../search/robustness-input.ts';

/** ownReturn: of the run without a shock; each shock takes a part of it, the later ones more. */
export function fakeRobustness(ownReturn = 0.4): RobustnessReportInput {
  const random = new PlacedRandom(5);
  const figuresOf = (returnFraction: number, drawdownFractionMax: number): Float64Array => {
    const figures: Record<string, number> = { returnFraction, drawdownFractionMax, sharpeRatio: 2 * returnFraction, tradeCount: 12 };
    return Float64Array.from(metricNames, (name) => figures[name] ?? 1);
  };
  const shocks = shocksOf(10).map((shock, k) => ({
    shock,
    metrics: shock.alterations.map((_, i) =>
      k === 9 && i === 0
        ? null
        : figuresOf(ownReturn * (1 - 0.08 * k - 0.4 * random.uniform(k, i)), 0.1 + 0.02 * k + 0.05 * random.uniform(k, i + 50)),
    ),
  }));
  const rising = (from: number, to: number) => Float64Array.from({ length: 21 }, (_, i) => from + ((to - from) * i) / 20);
  return {
    ...{
      name: 'hill',
      sweep: { id: '20260102-030405-abcdef01', index: 7 },
      parameters: { fast: 5, slow: 40 },
      seed: 1,
      isSynthetic: false,
    },
    report: judgeRobustness(figuresOf(ownReturn, 0.1), shocks),
    paths: {
      pathCount: 21,
      failedCount: 0,
      returnFraction: rising(-0.2, 0.9),
      drawdownFractionMax: rising(0.05, 0.5),
      equityLowest: rising(0.4, 1),
    },
    ...{ trades: null, ruinFraction: 0.5, playhead: '0.1.0' },
  };
}
