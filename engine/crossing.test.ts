import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Column, crossing } from './strategy.ts';

/** A column of values up to a row. */
const columnOf = (values: readonly number[], row: number): Column => ({ at: (ago) => values[row - ago] ?? Number.NaN });

/** Row by row, as a running state: the sign of the last difference that was not zero. */
function crossingsOf(a: readonly number[], b: readonly number[]): number[] {
  let last = 0;
  return a.map((value, row) => {
    const sign = Math.sign(value - b[row]);
    if (Number.isNaN(sign)) {
      last = 0;
      return 0;
    }
    const crossed = sign !== 0 && last === -sign ? sign : 0;
    if (sign !== 0) last = sign;
    return crossed;
  });
}

describe('crossing', () => {
  const crossings = (a: readonly number[], b: readonly number[]) => a.map((_, row) => crossing(columnOf(a, row), columnOf(b, row)));

  test('up where the difference before was below zero, down where it was above', () => {
    expect(crossings([1, 3, 1], [2, 2, 2])).toEqual([0, 1, -1]);
  });

  test('values that meet cross where they part the other way, and not where they part the way they came', () => {
    expect(crossings([1, 2, 2, 3], [2, 2, 2, 2])).toEqual([0, 0, 0, 1]);
    expect(crossings([1, 2, 2, 1], [2, 2, 2, 2])).toEqual([0, 0, 0, 0]);
  });

  test('what came before a value that is missing is forgotten', () => {
    expect(crossings([1, Number.NaN, 3], [2, 2, 2])).toEqual([0, 0, 0]);
    expect(crossings([2, 3], [2, 2])).toEqual([0, 0]);
  });

  test('equals a running state on any rows', () => {
    const value = fc.constantFrom(1, 2, 3, Number.NaN);
    fc.assert(
      fc.property(fc.array(fc.tuple(value, value), { maxLength: 30 }), (rows) => {
        const a = rows.map((row) => row[0]);
        const b = rows.map((row) => row[1]);
        expect(crossings(a, b)).toEqual(crossingsOf(a, b));
      }),
      { seed: 4 },
    );
  });
});
