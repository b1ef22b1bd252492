import { describe, expect, test } from 'vitest';
import { normalDensity, normalProbability, normalQuantile } from './normal.ts';

describe('the normal distribution', () => {
  // Values of Python's statistics.NormalDist().inv_cdf.
  test.each([
    [0.5, 0],
    [0.05, -1.6448536269514726],
    [0.95, 1.6448536269514715],
    [0.975, 1.9599639845400536],
    [0.99, 2.3263478740408408],
    [0.3, -0.5244005127080407],
    [0.0001, -3.71901648545568],
    [1e-10, -6.361340902404056],
    [1e-200, -30.205594179579634],
  ])('its quantile at %d is %d', (probability, z) => {
    expect(normalQuantile(probability)).toBeCloseTo(z, 13);
  });

  test('its quantiles end at infinity, and there are none outside', () => {
    expect([0, 1, -0.1, 1.1, Number.NaN].map(normalQuantile)).toEqual([
      Number.NEGATIVE_INFINITY,
      Number.POSITIVE_INFINITY,
      Number.NaN,
      Number.NaN,
      Number.NaN,
    ]);
  });

  // Values of scipy 1.17.1 special.ndtr.
  test.each([
    [-20, 2.7536241186061556e-89],
    [-8, 6.22096057427174e-16],
    [-5, 2.866515718791933e-7],
    [-3.0000001, 0.0013498975884453205],
    [-3, 0.0013498980316300933],
    [-2.999999, 0.0013499024634851552],
    [-2, 0.022750131948179195],
    [-0.5, 0.3085375387259869],
    [-1e-10, 0.49999999996010575],
    [0, 0.5],
    [1.959963984540054, 0.975],
    [3, 0.9986501019683699],
    [9, 1],
  ])('below %d lies %d, at 1e-13 relative', (z, probability) => {
    expect(Math.abs(normalProbability(z) / probability - 1)).toBeLessThan(1e-13);
  });

  test('its probabilities rise, end at 0 and 1, and undo its quantiles', () => {
    expect([Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, Number.NaN].map(normalProbability)).toEqual([0, 1, Number.NaN]);
    for (let z = -8; z < 8; z += 0.01) {
      expect(normalProbability(z)).toBeLessThanOrEqual(normalProbability(z + 0.01));
      if (z < 5) expect(normalQuantile(normalProbability(z))).toBeCloseTo(z, 9);
    }
  });

  test('its density is 1 / √2π in the middle and symmetric', () => {
    expect(normalDensity(0)).toBeCloseTo(0.3989422804014327, 15);
    expect(normalDensity(1.5)).toBe(normalDensity(-1.5));
    expect(normalDensity(1)).toBeCloseTo(0.24197072451914337, 15);
  });
});
