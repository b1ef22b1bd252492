import { describe, expect, test } from 'vitest';
import { normalDensity, normalQuantile } from './normal.ts';

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

  test('its density is 1 / √2π in the middle and symmetric', () => {
    expect(normalDensity(0)).toBeCloseTo(0.3989422804014327, 15);
    expect(normalDensity(1.5)).toBe(normalDensity(-1.5));
    expect(normalDensity(1)).toBeCloseTo(0.24197072451914337, 15);
  });
});
