import { describe, expect, test } from 'vitest';
import { driftOf } from './drift.ts';

describe('driftOf', () => {
  test('counts changes and values, and tells deviation over mean', () => {
    const [fast, mode] = driftOf(
      [
        { fast: 10, mode: 'a' },
        { fast: 20, mode: 'a' },
        { fast: 10, mode: 'b' },
        { fast: 20, mode: 'b' },
      ],
      ['fast', 'mode'],
    );
    // 10, 20, 10, 20: deviation √(100 / 3) about 15.
    expect(fast).toEqual({ name: 'fast', changeCount: 3, distinctCount: 2, variationRatio: Math.sqrt(100 / 3) / 15 });
    expect(mode).toEqual({ name: 'mode', changeCount: 1, distinctCount: 2, variationRatio: Number.NaN });
  });

  test('a parameter that never moves has none; one fold and a mean of zero tell nothing', () => {
    expect(driftOf([{ n: 5 }, { n: 5 }], ['n'])[0]).toMatchObject({ changeCount: 0, distinctCount: 1, variationRatio: 0 });
    expect(driftOf([{ n: 5 }], ['n'])[0].variationRatio).toBeNaN();
    expect(driftOf([{ n: -5 }, { n: 5 }], ['n'])[0].variationRatio).toBeNaN();
    expect(driftOf([{ n: -5 }, { n: -15 }], ['n'])[0].variationRatio).toBeCloseTo(Math.sqrt(50) / 10, 14);
  });
});
