import { expect, test } from 'vitest';
import { createRandom } from '../random.ts';
import { sharpePValue, sharpeSampleOf } from './statistics/sharpe-inference.ts';
import { survivingTrials } from './surviving-trials.ts';

function returnsOf(count: number, seed: number, edges: readonly number[] = []): Float64Array[] {
  const random = createRandom(seed);
  return Array.from({ length: count }, (_, k) => Float64Array.from({ length: 500 }, () => 0.01 * random.normal() + (edges[k] ?? 0)));
}

test('p-values are those of each trial alone, adjusted for their number', () => {
  const columns = returnsOf(6, 1, [0.001, 0, 0.0005]);
  const { pValues, adjusted } = survivingTrials(columns, { ratePerPeriod: 0.0001, level: 0.05 });
  const expected = columns.map((column) => sharpePValue(sharpeSampleOf(column, 0.0001), { benchmarkSharpe: 0, form: '2025' }));
  expect([...pValues]).toEqual(expected);
  // Step by step from the largest down: the least of n p / rank so far.
  const rising = [...expected].sort((a, b) => a - b);
  expected.forEach((p, i) => {
    const steps = rising.map((other, k) => (other < p ? 1 : (rising.length * other) / (k + 1)));
    expect(adjusted[i]).toBeCloseTo(Math.min(1, ...steps), 12);
  });
});

test('of noise hardly any survives, of trials with an edge those that have it', () => {
  const options = { ratePerPeriod: 0, level: 0.05 };
  // A false finding at all in one of twenty searches of noise: of forty at most seven, by four standard errors.
  const found = Array.from({ length: 40 }, (_, seed) => survivingTrials(returnsOf(50, seed + 1), options).count);
  expect(found.filter((count) => count > 0).length).toBeLessThan(8);
  const edges = Array.from({ length: 50 }, (_, k) => (k < 10 ? 0.003 : 0));
  const { adjusted, count } = survivingTrials(returnsOf(50, 3, edges), options);
  expect([...adjusted.subarray(0, 10)].every((value) => value <= 0.05)).toBe(true);
  expect(count).toBeLessThan(13);
});

test('a trial that never traded is none of them', () => {
  const { pValues, count } = survivingTrials([new Float64Array(500), ...returnsOf(1, 2, [0.005])], { ratePerPeriod: 0, level: 0.05 });
  expect(pValues[0]).toBeNaN();
  expect(count).toBe(1);
});
