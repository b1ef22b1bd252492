import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  kurtosisExcessSample,
  mean,
  quantileOfSorted,
  shareAbove,
  shareAtMost,
  skewness,
  skewnessSample,
  sortedDefined,
  standardDeviation,
  summarise,
  variance,
} from './moments.ts';

const none = new Float64Array(0);

describe('moments', () => {
  test('equal values have exactly their own mean and no deviation, for any value and count (seed 5)', () => {
    fc.assert(
      fc.property(fc.double({ min: -1e6, max: 1e6, noNaN: true }), fc.integer({ min: 2, max: 1_000 }), (value, n) => {
        const values = new Float64Array(n).fill(value);
        expect(mean(values)).toBe(value + 0);
        expect(standardDeviation(values, 1)).toBe(0);
      }),
      { numRuns: 200, seed: 5 },
    );
  });
  test('NaN enters no sum', () => {
    const holed = Float64Array.of(Number.NaN, 2, Number.NaN, 4, 9);
    const whole = Float64Array.of(2, 4, 9);
    expect(mean(holed)).toBe(5);
    expect(variance(holed, 1)).toBe(13);
    expect(variance(holed, 0)).toBe(26 / 3);
    expect(skewness(holed)).toBe(skewness(whole));
    expect(summarise(holed)).toEqual({ mean: 5, smallest: 2, largest: 9 });
    expect([...sortedDefined(Float64Array.of(9, Number.NaN, -1, 4))]).toEqual([-1, 4, 9]);
  });
  test('nothing, or too few for the correction, is NaN', () => {
    expect(mean(none)).toBeNaN();
    expect(variance(none, 0)).toBeNaN();
    expect(standardDeviation(Float64Array.of(1), 1)).toBeNaN();
    expect(standardDeviation(Float64Array.of(1), 0)).toBe(0);
    expect(skewnessSample(Float64Array.of(1, 2))).toBeNaN();
    expect(kurtosisExcessSample(Float64Array.of(1, 2, 4))).toBeNaN();
    expect(summarise(none)).toEqual({ mean: Number.NaN, smallest: Number.NaN, largest: Number.NaN });
  });
  test('the sample moments of a symmetric column: no skew, thin tails', () => {
    const values = Float64Array.of(1, 2, 3, 4, 5);
    expect(skewnessSample(values)).toBe(0);
    // Excel: KURT(1,2,3,4,5) = −1.2.
    expect(kurtosisExcessSample(values)).toBeCloseTo(-1.2, 12);
  });
});

describe('quantileOfSorted', () => {
  const sorted = Float64Array.of(10, 20, 40);
  test.each([
    [0, 10],
    [0.25, 15],
    [0.5, 20],
    [0.75, 30],
    [1, 40],
  ])('%d of 10, 20, 40 is %d', (fraction, value) => {
    expect(quantileOfSorted(sorted, fraction)).toBe(value);
  });
  test('of one value is that value, of none NaN', () => {
    expect(quantileOfSorted(Float64Array.of(7), 0.05)).toBe(7);
    expect(quantileOfSorted(none, 0.05)).toBeNaN();
  });
});

describe('shares of a rising column', () => {
  const rising = Float64Array.of(1, 2, 2, 3, 9);
  test.each([
    [0.5, 0, 1],
    [1, 0.2, 0.8],
    [2, 0.6, 0.4],
    [8.9, 0.8, 0.2],
    [9, 1, 0],
  ])('of 1, 2, 2, 3, 9: at most %d, and above it', (limit, atMost, above) => {
    expect([shareAtMost(rising, limit), shareAbove(rising, limit)]).toEqual([atMost, above]);
  });
  test('of nothing, and of what is not defined, there is none', () => {
    for (const values of [none, Float64Array.of(Number.NaN, Number.NaN)])
      expect([shareAtMost(values, 1), shareAbove(values, 1)]).toEqual([Number.NaN, Number.NaN]);
  });
});
