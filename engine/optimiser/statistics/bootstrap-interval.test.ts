/**
 * Published: the variance of 26 spatial tests of Efron & Tibshirani 1993 (table 14.2): estimate 171.5, acceleration 0.061, percentile interval (100.8, 233.9) and
 * BCa (115.8, 259.6) at 90 % from 2,000 replicates; scipy 1.17.1 has (97.96, 235.30) and (115.78, 261.23) from 100,000.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { mean, variance } from '../../metrics/moments.ts';
import { createRandom } from '../../random.ts';
import { bootstrapInterval } from './bootstrap-interval.ts';

const spatial = Float64Array.of(48, 36, 20, 29, 42, 42, 20, 42, 22, 41, 45, 14, 6, 0, 33, 28, 34, 4, 32, 24, 47, 41, 24, 26, 30, 41);
const independent = { confidence: 0.9, replicateCount: 20_000, blockLengthMean: 1, seed: 1 };

describe('a bootstrap interval', () => {
  test('of the spatial variance: estimate 171.5 and acceleration 0.061 as printed, both intervals within 2.5 of scipy', () => {
    const found = bootstrapInterval(spatial, (values) => variance(values, 0), independent);
    expect(found.estimate).toBeCloseTo(171.534, 3);
    expect(found.acceleration).toBeCloseTo(0.061, 3);
    expect(Math.abs(found.percentile.low - 97.96)).toBeLessThan(2.5);
    expect(Math.abs(found.percentile.high - 235.3)).toBeLessThan(2.5);
    expect(Math.abs(found.corrected.low - 115.78)).toBeLessThan(2.5);
    expect(Math.abs(found.corrected.high - 261.23)).toBeLessThan(2.5);
  });

  test('moves and stretches with the values, for a mean', () => {
    fc.assert(
      fc.property(fc.integer({ min: 3, max: 40 }), fc.constantFrom(1, 3), fc.integer(), (rowCount, blockLengthMean, seed) => {
        const random = createRandom(seed);
        const values = Float64Array.from({ length: rowCount }, () => random.normal());
        const options = { confidence: 0.8, replicateCount: 99, blockLengthMean, seed };
        const found = bootstrapInterval(values, mean, options);
        const moved = bootstrapInterval(
          values.map((value) => 4 * value + 16),
          mean,
          options,
        );
        expect(found.percentile.low).toBeLessThanOrEqual(found.percentile.high);
        for (const kind of ['percentile', 'corrected'] as const) {
          if (Number.isNaN(found[kind].low)) continue;
          expect(moved[kind].low).toBeCloseTo(4 * found[kind].low + 16, 9);
          expect(moved[kind].high).toBeCloseTo(4 * found[kind].high + 16, 9);
        }
      }),
    );
  });

  test('without skewness and bias the corrected one is the percentile one', () => {
    // Symmetric about 0: no acceleration; the share below the estimate is near a half.
    const values = Float64Array.from({ length: 40 }, (_, i) => (i % 2 === 0 ? 1 : -1) * (Math.floor(i / 2) + 1));
    const found = bootstrapInterval(values, mean, independent);
    expect(found.acceleration).toBeCloseTo(0, 12);
    expect(Math.abs(found.biasCorrection)).toBeLessThan(0.03);
    expect(Math.abs(found.corrected.low - found.percentile.low)).toBeLessThan(0.15);
    // Three of eight replicates of these are 0 as their mean is: half of them count as below.
    const fewValues = bootstrapInterval(Float64Array.of(-1, -1, 1, 1), mean, independent);
    expect(Math.abs(fewValues.biasCorrection)).toBeLessThan(0.03);
  });

  test('holds the true mean of correlated rows in more than 80 % of samples at 90 % when blocks are kept, in fewer than 60 % when they are not', () => {
    const held = { blocks: 0, rows: 0 };
    for (let sample = 0; sample < 120; sample++) {
      const random = createRandom(sample);
      let state = 0;
      const values = Float64Array.from({ length: 600 }, () => {
        state = 0.7 * state + random.normal();
        return state;
      });
      for (const [name, blockLengthMean] of [
        ['blocks', 20],
        ['rows', 1],
      ] as const) {
        const { percentile } = bootstrapInterval(values, mean, { confidence: 0.9, replicateCount: 99, blockLengthMean, seed: sample });
        if (percentile.low <= 0 && 0 <= percentile.high) held[name]++;
      }
    }
    expect(held.blocks / 120).toBeGreaterThan(0.8);
    expect(held.rows / 120).toBeLessThan(0.6);
  });

  test('leaves out each block once for the acceleration', () => {
    const seen: string[] = [];
    const values = Float64Array.of(1, 2, 3, 4, 5, 6, 7);
    bootstrapInterval(values, (part) => (part.length === 7 ? 0 : seen.push([...part].join(''))), {
      confidence: 0.9,
      replicateCount: 1,
      blockLengthMean: 3,
      seed: 1,
    });
    expect(seen).toEqual(['4567', '1237']);
  });

  test.each([
    ['no rows', new Float64Array(0)],
    ['one row', Float64Array.of(1)],
    ['rows whose statistic is NaN', new Float64Array(5).fill(Number.NaN)],
  ])('of %s is NaN', (_name, values) => {
    const found = bootstrapInterval(values, mean, independent);
    expect(
      [found.estimate, found.percentile.low, found.percentile.high, found.corrected.low, found.corrected.high].every(Number.isNaN),
    ).toBe(true);
    expect(found.replicates.length).toBe(0);
  });

  test('of rows that never move is a point, and has no corrected form', () => {
    const found = bootstrapInterval(new Float64Array(5).fill(2), mean, independent);
    expect(found.percentile).toEqual({ low: 2, high: 2 });
    expect(found.corrected).toEqual({ low: Number.NaN, high: Number.NaN });
  });

  test('refuses a confidence outside 0 to 1', () => {
    expect(() => bootstrapInterval(spatial, mean, { ...independent, confidence: 1 })).toThrow(
      'confidence is 1; it must be between 0 and 1',
    );
  });
});
