/** Owns a walk-forward made up for tests of reports: plausible figures, of no run. Never used outside tests. */
import { PlacedRandom } from '../../engine/random.ts';
import type { ReportFold, WalkForwardReportInput } from '../search/walkforward-input.ts';

const dayMs = 86_400_000;
const testDays = 10;

export function fakeWalkForward({ foldCount = 5, dimensions = ['fast', 'slow', 'kind'] } = {}): WalkForwardReportInput {
  const random = new PlacedRandom(11);
  const fromMs = Date.UTC(2021, 0, 1);
  const dayAt = (day: number): number => fromMs + day * dayMs;
  const folds = Array.from({ length: foldCount }, (_, k): ReportFold => {
    const draw = (place: number): number => random.uniform(k, place);
    const values: Record<string, number | string> = { fast: 5 + 5 * Math.floor(4 * draw(0)), slow: 40 + 20 * Math.floor(3 * draw(1)) };
    values.kind = draw(2) < 0.5 ? 'simple' : 'exponential';
    const [inside, outside] = [1 + draw(3), k === 2 ? Number.NaN : 2 * draw(4) - 0.7];
    return {
      train: { fromMs: dayAt(k * testDays), toMs: dayAt(k * testDays + 30) },
      test: { fromMs: dayAt(k * testDays + 30), toMs: dayAt((k + 1) * testDays + 30) },
      parameters: Object.fromEntries(dimensions.map((name) => [name, values[name] ?? k])),
      ...{ keepsConstraints: k !== 3, hasDecided: true },
      trainMetrics: { sharpeRatio: inside, returnFraction: 0.2 * draw(5) },
      testMetrics: { sharpeRatio: outside, returnFraction: k === 2 ? 0 : 0.1 * draw(6) - 0.03, tradeCount: k === 2 ? 0 : 3 },
      ...{ trialCount: 24, failedCount: k === 1 ? 2 : 0 },
    };
  });
  const days = Array.from({ length: foldCount * testDays }, (_, day) => day);
  const walk = (stream: number): Float64Array => {
    let quote = 10_000;
    return Float64Array.from(days, (day) => {
      quote *= 1 + 0.02 * (random.uniform(stream, day) - 0.48);
      return Math.round(quote * 100) / 100;
    });
  };
  return {
    ...{ id: '20260102-030405-abcdef01', name: 'walk', strategyName: 'hill', series: ['test TEST/USD 1d'], isSynthetic: false },
    ...{ quoteCurrency: 'USD', playhead: '0.1.0', settings: { search: { method: 'grid' }, walkforward: { scheme: 'rolling' } } },
    ...{ scheme: 'rolling', dimensions, objective: 'sharpeRatio', isSmallestBest: false, folds, initialCapitalQuote: 10_000 },
    daily: { timeMs: Float64Array.from(days, (day) => dayAt(31 + day)), equityQuote: walk(100), heldQuote: walk(101) },
    metrics: { returnFraction: 0.12, buyAndHoldReturnFraction: 0.2, sharpeRatio: 0.8, drawdownFractionMax: 0.1, tradeCount: 12 },
    ...{
      tStatistic: 1.2,
      sharpeInterval: { low: -0.4, high: 1.9 },
      efficiency: { median: 0.31, foldCount },
      walkForwardHash: 'f'.repeat(64),
    },
  };
}
