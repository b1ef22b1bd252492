import { expect, test } from 'vitest';
import { decimalsOf } from './instrument.ts';

test.each([
  [0.01, 2],
  [0.25, 2],
  [0.5, 1],
  [1, 0],
  [10, 0],
  [1e-8, 8],
  [0.000001, 6],
  [0.00025, 5],
  [1e-15, 15],
])('decimalsOf(%d) is %d', (value, decimals) => {
  expect(decimalsOf(value)).toBe(decimals);
});

test('decimalsOf stops at 15 digits for a number no decimal of that length writes', () => {
  expect(decimalsOf(1 / 3)).toBe(15);
});
