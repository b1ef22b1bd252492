/**
 * Published: block lengths by arch 8.0.0 (optimal_block_length), whose authors follow Politis, White and Patton: on the 13 edhec indices, and on GOOG's
 * returns and their sizes. Theirs judges a correlation over the rows that overlap, ours over all; the lengths agree all the same.
 */

import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { simpleReturns } from '../../metrics/returns.ts';
import { createRandom, PlacedRandom } from '../../random.ts';
import { stationaryBlockLength } from './block-length.ts';
import { bootstrapVarianceOfMean } from './bootstrap-variance.ts';
import { StationaryBootstrap } from './stationary-bootstrap.ts';

const oracles = new URL('../../../../shared/oracles/', import.meta.url);
const isAbsent = (path: string) => !existsSync(new URL(path, oracles));
const reasonFor = (path: string) => (isAbsent(path) ? ` (skipped: ../shared/oracles/${path} is absent)` : '');
const columnOf = (path: string, at: number) =>
  Float64Array.from(readFileSync(new URL(path, oracles), 'utf8').trim().split('\n').slice(1), (row) => Number(row.split(',')[at]));

const edhec = 'performance-analytics/edhec.csv';
const goog = 'backtesting-py/data/GOOG.csv';
describe("arch's block lengths, at 1e-9", () => {
  test
    .skipIf(isAbsent(edhec))
    .each(
      [
        5.413295913563, 1.081605687574, 5.771575138764, 4.495884268252, 6.908167321983, 4.744040072821, 4.479369679545, 1.220027758143,
        4.363001868003, 4.603548894124, 5.643324919374, 1.995893284834, 4.60157868892,
      ].map((expected, k) => [k + 1, expected]),
    )(`edhec index %i: %d rows${reasonFor(edhec)}`, (k, expected) => {
    expect(stationaryBlockLength(columnOf(edhec, k))).toBeCloseTo(expected, 9);
  });

  test.skipIf(isAbsent(goog))(`GOOG: returns 0.6423806789955521, ours at least 1; their sizes 84.55174738156687${reasonFor(goog)}`, () => {
    const returns = simpleReturns(columnOf(goog, 4));
    expect(stationaryBlockLength(returns)).toBe(1);
    expect(stationaryBlockLength(returns.map(Math.abs))).toBeCloseTo(84.55174738156687, 9);
  });
});

describe('a block length', () => {
  test('grows with the dependence, is 1 for noise within a row or two, and never above min(3√n, n / 3)', () => {
    const lengths = [0, 0.3, 0.6, 0.9].map((autocorrelation) => {
      const random = createRandom(5);
      let state = 0;
      return stationaryBlockLength(
        Float64Array.from({ length: 2000 }, () => {
          state = autocorrelation * state + random.normal();
          return state;
        }),
      );
    });
    expect([...lengths].sort((a, b) => a - b)).toEqual(lengths);
    expect(lengths[0]).toBeLessThan(4);
    expect(lengths[3]).toBeGreaterThan(25);
    expect(stationaryBlockLength(Float64Array.from({ length: 300 }, (_, i) => i))).toBeLessThanOrEqual(52);
  });

  test.each([
    ['no rows', new Float64Array(0)],
    ['seven rows', Float64Array.of(1, 2, 3, 4, 5, 6, 7)],
    ['rows that never move', new Float64Array(100).fill(0.1)],
    ['a NaN', Float64Array.from({ length: 100 }, (_, i) => (i === 50 ? Number.NaN : i % 3))],
  ])('of %s is 1', (_name, values) => {
    expect(stationaryBlockLength(values)).toBe(1);
  });
});

/** By the paper's own words: a coin a row; heads begins a block anywhere, tails goes on by one row, round the end. */
function naiveRows(rowCount: number, blockLengthMean: number, seed: number, replicate: number): number[] {
  const random = new PlacedRandom(seed);
  const rows: number[] = [];
  for (let i = 0; i < rowCount; i++) {
    const uniform = random.uniform(replicate, i);
    if (i === 0) rows.push(Math.floor(uniform * rowCount));
    else if (uniform * blockLengthMean < 1) rows.push(Math.floor(uniform * blockLengthMean * rowCount));
    else rows.push((rows[i - 1] + 1) % rowCount);
  }
  return rows;
}

describe('the stationary bootstrap', () => {
  test('draws the rows of a naive one, and weighs each by how often it draws it', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 60 }),
        fc.constantFrom(1, 2, 4, 16),
        fc.integer(),
        fc.nat({ max: 99 }),
        (rowCount, blockLengthMean, seed, replicate) => {
          const bootstrap = new StationaryBootstrap(rowCount, { replicateCount: 100, blockLengthMean, seed });
          const rows = new Int32Array(rowCount);
          bootstrap.drawRows(replicate, rows);
          expect([...rows]).toEqual(naiveRows(rowCount, blockLengthMean, seed, replicate));
          const weights = new Float64Array(rowCount);
          bootstrap.drawWeights(replicate, weights);
          expect([...weights]).toEqual(Array.from(weights, (_, row) => rows.filter((drawn) => drawn === row).length - 1));
        },
      ),
    );
  });

  test.each([1, 5, 20])('keeps blocks of %d rows together on average, and draws every row alike', (blockLengthMean) => {
    const rowCount = 200;
    const bootstrap = new StationaryBootstrap(rowCount, { replicateCount: 1000, blockLengthMean, seed: 2 });
    const rows = new Int32Array(rowCount);
    const drawn = new Float64Array(rowCount);
    let blocks = 0;
    for (let replicate = 0; replicate < 1000; replicate++) {
      bootstrap.drawRows(replicate, rows);
      for (let i = 0; i < rowCount; i++) {
        drawn[rows[i]]++;
        if (i === 0 || rows[i] !== (rows[i - 1] + 1) % rowCount) blocks++;
      }
    }
    // A block that happens to go on where the last one ended is not seen: one in 200.
    const expected = 1000 * (1 + ((rowCount - 1) / blockLengthMean) * (1 - 1 / rowCount));
    expect(Math.abs(blocks / expected - 1)).toBeLessThan(0.02);
    // A thousand draws a row, in blocks: five deviations.
    for (const count of drawn) expect(Math.abs(count - 1000)).toBeLessThan(5 * Math.sqrt(1000 * 2 * blockLengthMean));
  });

  test('refuses what cannot be drawn', () => {
    const good = { replicateCount: 10, blockLengthMean: 2, seed: 1 };
    expect(() => new StationaryBootstrap(5, { ...good, blockLengthMean: 0.5 })).toThrow('blockLengthMean is 0.5; it must be 1 or more');
    expect(() => new StationaryBootstrap(5, { ...good, blockLengthMean: Number.NaN })).toThrow('blockLengthMean is NaN');
    expect(() => new StationaryBootstrap(5, { ...good, replicateCount: 0 })).toThrow(
      'replicateCount is 0; it must be a whole number, 1 or more',
    );
  });
});

describe('the variance that it gives a mean', () => {
  /** Hansen 2005: γ̂₀ + 2 Σ κ(n, i) γ̂ᵢ with plain autocovariances. */
  function naiveVariance(values: Float64Array, mean: number, blockLengthMean: number): number {
    const count = values.length;
    const q = 1 / blockLengthMean;
    let variance = 0;
    for (let lag = 0; lag < count; lag++) {
      let covariance = 0;
      for (let t = lag; t < count; t++) covariance += ((values[t] - mean) * (values[t - lag] - mean)) / count;
      const weight = ((count - lag) / count) * (1 - q) ** lag + (lag / count) * (1 - q) ** (count - lag);
      variance += lag === 0 ? covariance : 2 * weight * covariance;
    }
    return variance;
  }

  test("is Hansen's, over lags, for 1,000 random columns", () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 80 }), fc.constantFrom(1, 1.5, 4, 30), fc.integer(), (rowCount, blockLengthMean, seed) => {
        const random = createRandom(seed);
        const values = Float64Array.from({ length: rowCount }, () => random.normal() + 0.3);
        const mean = values.reduce((sum, value) => sum + value, 0) / rowCount;
        const found = bootstrapVarianceOfMean(values, { mean, blockLengthMean });
        expect(found).toBeCloseTo(naiveVariance(values, mean, blockLengthMean), 10);
      }),
      { numRuns: 1000 },
    );
  });

  test('is what 20,000 replicates show, within 4 %, and 0 for rows that never move', () => {
    const random = createRandom(4);
    const values = Float64Array.from({ length: 50 }, (_, t) => random.normal() + Math.sin(t / 5));
    const mean = values.reduce((sum, value) => sum + value, 0) / 50;
    const bootstrap = new StationaryBootstrap(50, { replicateCount: 20_000, blockLengthMean: 6, seed: 8 });
    const rows = new Int32Array(50);
    let squares = 0;
    for (let replicate = 0; replicate < 20_000; replicate++) {
      bootstrap.drawRows(replicate, rows);
      let sum = 0;
      for (const row of rows) sum += values[row] - mean;
      squares += (sum / 50) ** 2;
    }
    expect(Math.abs(bootstrapVarianceOfMean(values, { mean, blockLengthMean: 6 }) / ((50 * squares) / 20_000) - 1)).toBeLessThan(0.04);
    expect(bootstrapVarianceOfMean(new Float64Array(9).fill(0.1), { mean: 0.1, blockLengthMean: 3 })).toBe(0);
  });
});
