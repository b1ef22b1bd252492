/** Goldens are the specs as JSON; where a change is meant, write them anew with: npx vitest run reports/charts/search -u */
import { describe, expect, test } from 'vitest';
import { mapPairs, parameterMap, scoredTrials } from '../../search/landscape.ts';
import { fakeCombinatorial } from '../../testing/fake-combinatorial.ts';
import { fakeOverfit } from '../../testing/fake-overfit.ts';
import { fakeRobustness } from '../../testing/fake-robustness.ts';
import { fakeSweep } from '../../testing/fake-sweep.ts';
import { fakeWalkForward } from '../../testing/fake-walkforward.ts';
import type { ChartOptions, ChartSpec } from '../chart.ts';
import { renderChart } from '../render.ts';
import { dotsChart } from './dots.ts';
import { fanChart } from './fan.ts';
import { heatMapChart } from './heat-map.ts';
import { ledgerGrowthChart } from './ledger-growth.ts';
import { objectiveChart } from './objective.ts';
import { oneParameterChart } from './one-parameter.ts';
import { bestOfLuckChart, logitsChart, splitsChart } from './overfit-charts.ts';
import { linesToDraw, parallelChart } from './parallel.ts';
import { pathsChart } from './paths.ts';
import { shocksChart } from './shocks.ts';
import { trialEquityChart } from './trial-equity.ts';
import { driftChart, pairsChart, testsChart, windowsChart } from './walkforward-charts.ts';

const sweep = fakeSweep();
const scored = scoredTrials(sweep);
const single = fakeSweep({ parameters: { fast: [5, 10, 15, 20] } });
const { dimensions, objective, dayMs, initialCapitalQuote, quoteCurrency } = sweep;
const [pair] = mapPairs(scored, dimensions);
const daily = scored.slice(0, 3).map(({ trial }) => trial.dailyQuote);
const walk = fakeWalkForward({ foldCount: 3 });
const pairs = walk.folds.map(({ trainMetrics, testMetrics }) => ({ inside: trainMetrics.sharpeRatio, outside: testMetrics.sharpeRatio }));
const luck = fakeOverfit(sweep);
const fanQuantiles = [9_000, 9_500, 10_000, 10_500, 11_000].map((quote) => Float64Array.of(10_000, (10_000 + quote) / 2, quote));
const charts: Readonly<Record<string, (options: ChartOptions) => ChartSpec>> = {
  'heat-map': (options) => heatMapChart(parameterMap(scored, { ...pair, dimensions, placesMax: 24 }), objective, options),
  parallel: (options) => parallelChart(sweep, { scored: scored.slice(0, 12), names: dimensions }, options),
  objective: (options) =>
    objectiveChart(
      { metric: objective, values: scored.map(({ value }) => value), best: scored[0].value, chance: { deviation: 0.4, expectedBest: 1.1 } },
      options,
    ),
  'trial-equity': (options) =>
    trialEquityChart({ dayMs, initialCapitalQuote, quoteCurrency, best: daily.slice(0, 2), middle: daily[2] }, options),
  'ledger-growth': (options) => ledgerGrowthChart(sweep.ledger, options),
  logits: (options) => logitsChart(luck.report.overfitting, options),
  splits: (options) => splitsChart(luck.report.overfitting, 19, options),
  'best-of-luck': (options) => bestOfLuckChart({ expected: 0.84, deviation: 0.1, found: 0.69 }, options),
  fan: (options) => fanChart({ timeMs: dayMs.slice(0, 3), quoteCurrency, quantiles: fanQuantiles, own: daily[0].slice(0, 3) }, options),
  'walkforward-tests': (options) => testsChart(walk, options),
  'walkforward-windows': (options) => windowsChart(walk.folds, options),
  'walkforward-pairs': (options) => pairsChart(pairs, { objective: 'sharpeRatio', noun: 'fold' }, options),
  'combinatorial-paths': (options) => pathsChart(fakeCombinatorial({ dayCount: 12 }), options),
  'walkforward-drift': (options) => driftChart(walk.folds, 'fast', options),
  'walkforward-drift-of-words': (options) => driftChart(walk.folds, 'kind', options),
  dots: (options) => dotsChart({ metric: 'sharpeRatio', values: [0.2, 0.9, -0.1, 0.4, 0.4], noun: 'path' }, options),
  shocks: (options) => shocksChart({ shocks: fakeRobustness().report.shocks, own: 0.4 }, 'returnFraction', options),
  'one-parameter': (options) => oneParameterChart(scoredTrials(single), { name: 'fast', objective }, options),
};

describe.each(Object.entries(charts))('%s chart', (name, chart) => {
  test('is the golden spec', async () => {
    await expect(`${JSON.stringify(chart({ width: 600, height: 200, theme: 'light' }), null, 1)}\n`).toMatchFileSnapshot(
      `./${name}.golden.json`,
    );
  });

  test('is drawn without a warning for a desk and a phone, the same twice', async () => {
    for (const width of [900, 300]) {
      const options = { width, height: 180, theme: 'page' } as const;
      const first = await renderChart(chart(options), 'x');
      expect(first.svg).toMatch(/^<svg .*<\/svg>$/s);
      expect(first.svg).not.toMatch(/NaN|Infinity/);
      expect(await renderChart(chart(options), 'x')).toEqual(first);
    }
  });
});

test('of many lines the best all stay, the worst too, each once and in order', () => {
  const ranks = linesToDraw(
    Array.from({ length: 10_000 }, () => scored[0]),
    240,
  );
  expect(ranks).toHaveLength(240);
  expect(ranks.slice(0, 20)).toEqual(Array.from({ length: 20 }, (_, i) => i));
  expect(ranks.at(-1)).toBe(9_999);
  expect(new Set(ranks).size).toBe(240);
  expect(ranks).toEqual([...ranks].sort((a, b) => a - b));
});

test('a name or a value with quotes is drawn as it is', async () => {
  const odd = scoredTrials(fakeSweep({ parameters: { 'a"b\\': ['x"]', "y'"], slow: [1, 2, 3] } }));
  const map = parameterMap(odd, { x: 'slow', y: 'a"b\\', dimensions: ['a"b\\', 'slow'], placesMax: 24 });
  const { svg } = await renderChart(heatMapChart(map, objective, { width: 600, height: 200, theme: 'page' }), 'x');
  expect(svg).toContain('x&quot;]');
});
