import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addUnits, divideRounded, narrow, numberToUnits, safeUnits, scaledProduct, unitsToNumber, unitsToText } from './money.ts';

/** a × b ÷ 10^shift, rounded half away from zero, by fractions of BigInt. */
function exactProduct(a: bigint, b: bigint, shift: number): bigint {
  if (shift <= 0) return a * b * 10n ** BigInt(-shift);
  const divisor = 10n ** BigInt(shift);
  const quotient = (a * b) / divisor;
  return (a * b - quotient * divisor) * 2n >= divisor ? quotient + 1n : quotient;
}

describe('scaledProduct', () => {
  test.each<[number, number, number, number | bigint]>([
    [5, 1, 1, 1], // 0.5 rounds away from zero
    [15, 1, 1, 2],
    [25, 1, 1, 3],
    [24, 1, 1, 2],
    [4999, 1, 4, 0],
    [5000, 1, 4, 1],
    [0, 12345, 3, 0],
    [3, 7, 0, 21],
    [3, 7, -2, 2100],
    [94_906_267, 94_906_267, 0, 9_007_199_515_875_289n], // just above 2^53
    [9_007_199_254_740_992, 1, 0, 9_007_199_254_740_992],
    [1_000_000_007, 1_000_000_007, 18, 1],
    [1, 1, 30, 0], // more digits than a double has powers of ten
    [9_007_199_254_740_991, 9_007_199_254_740_991, 30, 81],
  ])('%d × %d ÷ 10^%d is %s', (a, b, shift, expected) => {
    expect(scaledProduct(a, b, shift)).toBe(expected);
  });

  test('equals fractions of BigInt for any size, and is a double exactly where that is exact', () => {
    const whole = fc.oneof(fc.integer({ min: 0, max: 1000 }), fc.maxSafeNat());
    fc.assert(
      fc.property(whole, whole, fc.integer({ min: -10, max: 40 }), (a, b, shift) => {
        const expected = exactProduct(BigInt(a), BigInt(b), shift);
        const product = scaledProduct(a, b, shift);
        expect(BigInt(product)).toBe(expected);
        expect(typeof product).toBe(expected <= BigInt(safeUnits) ? 'number' : 'bigint');
        // A rebate is rounded as a fee is: away from zero.
        expect(BigInt(scaledProduct(-a, b, shift))).toBe(-expected);
      }),
      { seed: 1, numRuns: 20_000 },
    );
  });
});

test('divideRounded is right at and beside every tie', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 4_000_000 }),
      fc.constantFrom(2, 10, 1000, 1e9),
      fc.constantFrom(-1, 0, 1),
      (quotient, divisor, beside) => {
        const value = quotient * divisor + divisor / 2 + beside;
        if (value < 0 || value > safeUnits) return;
        expect(BigInt(divideRounded(value, divisor))).toBe((BigInt(value) * 2n + BigInt(divisor)) / (2n * BigInt(divisor)));
      },
    ),
    { seed: 2, numRuns: 5000 },
  );
});

test('addUnits is exact on both sides of 2^53 and comes back to doubles', () => {
  expect(addUnits(safeUnits, 1)).toBe(9_007_199_254_740_993n);
  expect(addUnits(-safeUnits, -1)).toBe(-9_007_199_254_740_993n);
  expect(addUnits(9_007_199_254_740_993n, -1)).toBe(safeUnits);
  expect(addUnits(9_007_199_254_740_993n, -9_007_199_254_740_993n)).toBe(0);
  expect(addUnits(safeUnits, -safeUnits)).toBe(0);
  expect(narrow(-9_007_199_254_740_992n)).toBe(-safeUnits);
});

describe('units and numbers', () => {
  test.each<[number | bigint, number, string]>([
    [150, 2, '1.5'],
    [-150, 2, '-1.5'],
    [0, 8, '0'],
    [5, 8, '0.00000005'],
    [100, 2, '1'],
    [1234, 0, '1234'],
    [-7n, 1, '-0.7'],
    [123_456_789_012_345_678_901n, 18, '123.456789012345678901'],
  ])('%s units of %d decimals are written %s', (units, decimals, text) => {
    expect(unitsToText(units, decimals)).toBe(text);
    expect(unitsToNumber(units, decimals)).toBe(Number(text));
  });

  test.each<[number, number, number | bigint]>([
    [0.1 + 0.2, 1, 3],
    [1.005, 3, 1005],
    [69_420.69, 2, 6_942_069],
    [1e-8, 8, 1],
    [10_000, 8, 1_000_000_000_000],
    [-0.35, 2, -35],
    [0, 8, 0],
    // Where value × 10^decimals leaves what a double holds exactly, its shortest decimal decides.
    [1.1, 18, 1_100_000_000_000_000_000n],
    [0.3, 18, 300_000_000_000_000_000n],
    [-1.1, 18, -1_100_000_000_000_000_000n],
    [123_456_789.12345678, 8, 12_345_678_912_345_678n],
    [1e21, 2, 100_000_000_000_000_000_000_000n],
    [1.5e22, 0, 15_000_000_000_000_000_000_000n],
  ])('%d with %d decimals is %s units', (value, decimals, units) => {
    expect(BigInt(numberToUnits(value, decimals))).toBe(BigInt(units));
  });

  test('every decimal of up to 15 digits comes through as it is written', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 999_999_999_999_999 }),
        fc.integer({ min: 0, max: 15 }),
        fc.integer({ min: 0, max: 3 }),
        (digits, decimals, more) => {
          const value = Number(`${digits}e-${decimals}`);
          expect(BigInt(numberToUnits(value, decimals + more))).toBe(BigInt(digits) * 10n ** BigInt(more));
        },
      ),
      { seed: 3, numRuns: 10_000 },
    );
  });
});
