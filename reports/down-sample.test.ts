import fc from 'fast-check';
import { expect, test } from 'vitest';
import { rowsToDraw, significant } from './down-sample.ts';

test('keeps first, last, lowest and highest, in order, and never more points than asked', () => {
  const columns = fc.array(fc.double({ noNaN: true, min: -1e9, max: 1e9 }), { minLength: 1, maxLength: 400 });
  fc.assert(
    fc.property(columns, fc.integer({ min: 4, max: 60 }), (column, pointsMax) => {
      const rows = rowsToDraw(column, pointsMax);
      expect(rows.length).toBeLessThanOrEqual(pointsMax);
      expect(rows).toEqual([...new Set(rows)].sort((a, b) => a - b));
      expect([rows[0], rows.at(-1)]).toEqual([0, column.length - 1]);
      const drawn = rows.map((row) => column[row]);
      expect(Math.min(...drawn)).toBe(Math.min(...column));
      expect(Math.max(...drawn)).toBe(Math.max(...column));
    }),
    { seed: 7 },
  );
});

test('draws all rows of a short column, and passes over NaN in a long one', () => {
  expect(rowsToDraw([3, 1, 2], 4)).toEqual([0, 1, 2]);
  expect(rowsToDraw([], 4)).toEqual([]);
  const column = Array.from({ length: 100 }, (_, row) => (row === 57 ? 9 : Number.NaN));
  expect(rowsToDraw(column, 10)).toContain(57);
});

test('keeps so many significant digits', () => {
  expect(significant(1_234.56789, 7)).toBe(1_234.568);
  expect(significant(Number.NaN, 7)).toBeNaN();
});
