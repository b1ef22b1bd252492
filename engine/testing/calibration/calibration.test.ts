/** The small form of "npm run calibrate". Published: four of Newcombe's (1998) intervals of a share, to the four digits printed. */
import { describe, expect, test } from 'vitest';
import { mean, variance } from '../../metrics/moments.ts';
import { aboveLevel, calibrationTables, faultsOf } from './calibration-table.ts';
import { families } from './families.ts';
import { type JudgedSearch, judgeSearch, methodNames, type WorldName, worldNames, worlds } from './judge-search.ts';
import { shareOf, tallyOf } from './tally.ts';
import { tapeOfMoves } from './worlds.ts';

const size = { barCount: 400, replicateCount: 99 };
const searchesOf = (world: WorldName, count: number): JudgedSearch[] =>
  Array.from({ length: count }, (_, i) => judgeSearch(world, { ...size, seed: i + 1 }));

test.each([
  [81, 263, 0.2553, 0.3662],
  [15, 148, 0.0624, 0.1605],
  [0, 20, 0, 0.1611],
  [1, 29, 0.0061, 0.1718],
])('%i of %i: between %d and %d', (count, of, low, high) => {
  const share = shareOf(count, of);
  expect(share.low).toBeCloseTo(low, 4);
  expect(share.high).toBeCloseTo(high, 4);
  const mirrored = shareOf(of - count, of);
  expect(mirrored.low).toBeCloseTo(1 - share.high, 14);
  expect(mirrored.high).toBeCloseTo(1 - share.low, 14);
});

describe('a market', () => {
  const movesOf = (name: WorldName, seed: number) => {
    const { close } = tapeOfMoves(worlds[name].moves, { seed, barCount: 4_000 }).columns;
    return Float64Array.from({ length: close.length - 1 }, (_, i) => close[i + 1] / close[i] - 1);
  };
  /** Of returns over so many bars, in terms of independent ones: 1 where nothing of one bar is told by another. */
  const varianceRatio = (moves: Float64Array, bars: number): number => {
    const sums = Float64Array.from({ length: moves.length - bars + 1 }, (_, i) => moves.subarray(i, i + bars).reduce((a, b) => a + b, 0));
    return variance(sums, 1) / (bars * variance(moves, 1));
  };
  const over = (name: WorldName, figure: (moves: Float64Array) => number): number =>
    mean(Float64Array.from({ length: 12 }, (_, seed) => figure(movesOf(name, seed))));

  test('of noise has no mean and no memory, and a spread of a hundredth', () => {
    for (const name of worldNames.filter((one) => worlds[one].isNoise)) {
      // 48,000 bars: four deviations of the mean, and of the ratio over 20 bars.
      expect(Math.abs(over(name, mean)), name).toBeLessThan(0.0002);
      expect(Math.abs(over(name, (moves) => varianceRatio(moves, 20)) - 1), name).toBeLessThan(0.12);
      expect(
        over(name, (moves) => Math.sqrt(variance(moves, 1))),
        name,
      ).toBeCloseTo(0.01, 3);
    }
  });

  test('with an edge remembers, the more the stronger it is', () => {
    const ratios = (names: readonly WorldName[]) => names.map((name) => over(name, (moves) => varianceRatio(moves, 20)));
    const trends = ratios(['noise, long or short', 'trend 0.15', 'trend 0.25', 'trend 0.35']);
    expect(trends).toEqual([...trends].sort((a, b) => a - b));
    const reversions = ratios(['noise, reversion', 'reversion 0.5', 'reversion 0.75', 'reversion 1']);
    expect(reversions).toEqual([...reversions].sort((a, b) => b - a));
  });
});

test('each family has forty sets, and each market trials of its own', () => {
  for (const { sets } of Object.values(families)) expect(sets).toHaveLength(40);
  const hashes = worldNames.map((name) => judgeSearch(name, { ...size, seed: 1 }).trialHashFirst);
  expect(new Set(hashes).size).toBe(worldNames.length);
});

test('what sixty searches come to hangs on their seeds alone', () => {
  const noise = tallyOf(searchesOf('noise, long or short', 30));
  const trend = tallyOf(searchesOf('trend 0.35', 30));
  const counts = ({ significant }: typeof noise) => Object.fromEntries(methodNames.map((name) => [name, significant[name].count]));
  expect({ noise: counts(noise), trend: counts(trend) }).toMatchInlineSnapshot(`
    {
      "noise": {
        "Benjamini–Hochberg": 0,
        "Hansen, consistent": 0,
        "Hansen, lower": 0,
        "Hansen, upper": 0,
        "White": 1,
        "deflated Sharpe, 2012": 0,
        "deflated Sharpe, 2025": 0,
        "interval above 0, best": 5,
        "interval without 0, told": 4,
        "overfitting ≤ 20 %": 3,
        "overfitting ≤ 5 %": 0,
        "overfitting ≤ 50 %": 10,
        "probabilistic Sharpe, 2012, best": 6,
        "probabilistic Sharpe, 2012, told": 2,
        "probabilistic Sharpe, 2025, best": 6,
        "probabilistic Sharpe, 2025, told": 2,
        "verdict "holds"": 0,
      },
      "trend": {
        "Benjamini–Hochberg": 28,
        "Hansen, consistent": 29,
        "Hansen, lower": 29,
        "Hansen, upper": 29,
        "White": 28,
        "deflated Sharpe, 2012": 28,
        "deflated Sharpe, 2025": 28,
        "interval above 0, best": 30,
        "interval without 0, told": 27,
        "overfitting ≤ 20 %": 6,
        "overfitting ≤ 5 %": 1,
        "overfitting ≤ 50 %": 18,
        "probabilistic Sharpe, 2012, best": 30,
        "probabilistic Sharpe, 2012, told": 28,
        "probabilistic Sharpe, 2025, best": 30,
        "probabilistic Sharpe, 2025, told": 28,
        "verdict "holds"": 16,
      },
    }
  `);
  expect([noise.verdicts, trend.verdicts]).toMatchInlineSnapshot(`
    [
      {
        "holds": 0,
        "luck": 25,
        "unproven": 5,
      },
      {
        "holds": 16,
        "luck": 0,
        "unproven": 14,
      },
    ]
  `);
});

describe('the table', () => {
  const one = (significant: readonly string[]): JudgedSearch => ({
    significant: Object.fromEntries(methodNames.map((name) => [name, significant.includes(name)])) as JudgedSearch['significant'],
    verdict: 'luck',
    trialHashFirst: '',
  });
  const tallies = (count: number, significant: readonly string[]) =>
    new Map([['noise, reversion', tallyOf(Array.from({ length: 100 }, (_, i) => one(i < count ? significant : [])))] as const]);

  test('says of a method whose interval lies above 5 % that it is not in the verdict, and of one in it that this is a fault', () => {
    const met = tallies(9, ['White', 'Hansen, consistent']);
    expect(aboveLevel(met)).toEqual([]);
    const exceeded = tallies(12, ['White', 'Hansen, consistent']);
    expect(aboveLevel(exceeded)).toEqual(['Hansen, consistent', 'White']);
    expect(faultsOf(exceeded)).toEqual(['Hansen, consistent']);
    const { noise } = calibrationTables(exceeded);
    expect(noise.find(([name]) => name === 'White')).toEqual(['White', '12.0 % (7.0–19.8)', 'above its level: not in the verdict']);
    expect(noise.find(([name]) => name === 'Hansen, consistent')?.at(-1)).toBe('ABOVE ITS LEVEL, IN THE VERDICT');
  });
});
