/** Owns a sweep made up for tests of reports: a smooth hill over its parameters with noise on it, of no run. Never used outside tests. */
import { metricNames } from '../../engine/metrics/catalogue.ts';
import { PlacedRandom } from '../../engine/random.ts';
import type { SweepReportInput, SweepReportTrial } from '../search/sweep-input.ts';

const dayMs = 86_400_000;

export interface FakeSweepOptions {
  /** Values by parameter; default: fast × slow × stop. */
  readonly parameters?: Readonly<Record<string, readonly (number | string | boolean)[]>>;
  readonly dayCount?: number;
  /** Places of trials that have failed. */
  readonly failed?: readonly number[];
  readonly name?: string;
}

const usual = { fast: [5, 10, 15, 20, 25, 30], slow: [40, 60, 80, 100, 120], stop: [0.02, 0.05] };

/** The middle of every parameter is the best ground; each trial's equity grows at its Sharpe ratio. */
export function fakeSweep({ parameters = usual, dayCount = 60, failed = [], name = 'hill' }: FakeSweepOptions = {}): SweepReportInput {
  const random = new PlacedRandom(7);
  const dimensions = Object.keys(parameters);
  const sets = dimensions.reduce<Record<string, number | string | boolean>[]>(
    (all, dimension) => all.flatMap((set) => parameters[dimension].map((value) => ({ ...set, [dimension]: value }))),
    [{}],
  );
  const trials = sets.map((set, index): SweepReportTrial => {
    const place = { index, trialHash: String(index % 10).repeat(64), parameters: set };
    if (failed.includes(index))
      return {
        ...place,
        ...{ metrics: new Float64Array(0), dailyQuote: new Float64Array(0) },
        failure: { code: 'STRATEGY_THREW', message: 'strategies/hill.ts:3:1: Error: <b>no</b>' },
      };
    const far = dimensions.reduce((sum, dimension) => {
      const values = parameters[dimension];
      return sum + Math.abs((values.indexOf(set[dimension]) + 0.5) / values.length - 0.5);
    }, 0);
    const sharpe = 1 - 1.6 * (far / dimensions.length) * 2 + 0.2 * (random.uniform(index, 0) - 0.5);
    const dailyQuote = new Float64Array(dayCount);
    let quote = 10_000;
    for (let day = 0; day < dayCount; day++) {
      quote *= 1 + 0.01 * (sharpe / 16 + (random.uniform(index, day + 1) - 0.5) * 3.5);
      dailyQuote[day] = Math.round(quote * 100) / 100;
    }
    const figures: Record<string, number> = {
      ...{ sharpeRatio: sharpe, returnFraction: dailyQuote[dayCount - 1] / 10_000 - 1, drawdownFractionMax: 0.1 + far / 10 },
      ...{ profitFactor: 1 + sharpe, tradeCount: 10 + (index % 7) },
    };
    return { ...place, metrics: Float64Array.from(metricNames, (metric) => figures[metric] ?? Number.NaN), dailyQuote, failure: null };
  });
  const at = metricNames.indexOf('sharpeRatio');
  const score = (place: number): number => trials[place].metrics[at] ?? Number.NEGATIVE_INFINITY;
  const fromMs = Date.UTC(2021, 0, 1);
  return {
    ...{ id: '20260102-030405-abcdef01', name, strategyName: 'hill', series: ['test TEST/USD 1d'], isSynthetic: false },
    ...{ fromMs, toMs: fromMs + dayCount * dayMs, search: { method: 'grid', objective: 'sharpeRatio' }, dimensions },
    ...{
      objective: 'sharpeRatio',
      isSmallestBest: false,
      trials,
      order: trials.map((_, i) => i).sort((a, b) => score(b) - score(a) || a - b),
    },
    shorter: [],
    dayMs: Float64Array.from({ length: dayCount }, (_, day) => fromMs + (day + 1) * dayMs),
    ...{ initialCapitalQuote: 10_000, quoteCurrency: 'USD', periodsPerYear: 365, riskFreeAnnual: 0 },
    ledger: [
      { id: '20260101-000000-00000000', createdAtMs: Date.UTC(2026, 0, 1), trialCount: 20, distinctCount: 20 },
      {
        id: '20260102-030405-abcdef01',
        createdAtMs: Date.UTC(2026, 0, 2, 3, 4, 5),
        trialCount: sets.length,
        distinctCount: 20 + sets.length,
      },
    ],
    ...{ sweepHash: 'e'.repeat(64), playhead: '0.1.0' },
  };
}
