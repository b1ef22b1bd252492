/**
 * Published: the entropy rank that the authors of "How to use the Sharpe ratio" test (1.84 and 2 within 0.02 of small matrices), and that of the edhec
 * correlations by NumPy 2.4.6.
 */

import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createRandom } from '../../random.ts';
import { trialsByAverageCorrelation, trialsByEntropyRank } from './effective-trials.ts';
import { symmetricEigenvalues } from './symmetric-eigenvalues.ts';

const edhec = new URL('../../../../shared/oracles/performance-analytics/edhec.csv', import.meta.url);
const isAbsent = !existsSync(edhec);
const reason = isAbsent ? ' (skipped: ../shared/oracles/performance-analytics/edhec.csv is absent)' : '';

/** Columns with a common part of this weight. */
function columnsOf({
  columnCount,
  rowCount,
  weight,
  seed,
}: {
  columnCount: number;
  rowCount: number;
  weight: number;
  seed: number;
}): Float64Array[] {
  const random = createRandom(seed);
  const common = Float64Array.from({ length: rowCount }, () => random.normal());
  return Array.from({ length: columnCount }, () =>
    common.map((value) => Math.sqrt(weight) * value + Math.sqrt(1 - weight) * random.normal()),
  );
}

describe('the effective number of trials', () => {
  test.skipIf(isAbsent)(
    `of the 13 edhec indices: entropy rank 3.9173786557654395, average correlation 0.41034113447704174, at 1e-12${reason}`,
    () => {
      const rows = readFileSync(edhec, 'utf8').trim().split('\n').slice(1);
      const columns = Array.from({ length: 13 }, (_, k) => Float64Array.from(rows, (row) => Number(row.split(',')[k + 1])));
      expect(trialsByEntropyRank(columns)).toBeCloseTo(3.9173786557654395, 11);
      expect(trialsByAverageCorrelation(columns)).toBeCloseTo(0.41034113447704174 + 0.5896588655229583 * 13, 11);
    },
  );

  test('of copies is 1, of columns that have nothing in common their number', () => {
    const column = Float64Array.of(1, 2, 4, 3);
    const copies = [column, column.map((value) => 2 * value), column.map((value) => value - 7)];
    const apart = [Float64Array.of(1, -1, 0, 0, 0, 0), Float64Array.of(0, 0, 1, -1, 0, 0), Float64Array.of(0, 0, 0, 0, 1, -1)];
    for (const trials of [trialsByAverageCorrelation, trialsByEntropyRank]) {
      expect(trials(copies)).toBeCloseTo(1, 12);
      expect(trials(apart)).toBeCloseTo(3, 12);
      expect(trials([column])).toBeCloseTo(1, 12);
    }
  });

  test('of columns that run against one another is not above their number', () => {
    expect(trialsByAverageCorrelation([Float64Array.of(1, 2, 4), Float64Array.of(-1, -2, -4)])).toBe(2);
  });

  test.each([0.2, 0.5, 0.9])('of 100 columns correlated by %d is that of the formula, and of the eigenvalues by the formula', (weight) => {
    const columns = columnsOf({ columnCount: 100, rowCount: 20_000, weight, seed: 1 });
    expect(Math.abs(trialsByAverageCorrelation(columns) / (weight + (1 - weight) * 100) - 1)).toBeLessThan(0.03);
    const large = (1 + 99 * weight) / 100;
    const small = (1 - weight) / 100;
    const rank = Math.exp(-large * Math.log(large) - 99 * small * Math.log(small));
    expect(Math.abs(trialsByEntropyRank(columns) / rank - 1)).toBeLessThan(0.03);
  });

  test('does not depend on the order, the scale or the level of the columns, nor on idle ones', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 2, max: 20 }), fc.integer(), (columnCount, rowCount, seed) => {
        const columns = columnsOf({ columnCount, rowCount, weight: 0.4, seed });
        const changed = [
          new Float64Array(rowCount).fill(0.1),
          ...columns.map((column, k) => column.map((value) => value * (k + 1) + k)).reverse(),
        ];
        for (const trials of [trialsByAverageCorrelation, trialsByEntropyRank]) {
          expect(trials(changed)).toBeCloseTo(trials(columns), 8);
          expect(trials(columns)).toBeGreaterThanOrEqual(1 - 1e-9);
          expect(trials(columns)).toBeLessThanOrEqual(columnCount + 1e-9);
        }
      }),
    );
  });

  test.each([
    ['no columns', []],
    ['no rows', [new Float64Array(0)]],
    ['one row', [Float64Array.of(1), Float64Array.of(2)]],
    ['columns that never move', [new Float64Array(9).fill(0.1), new Float64Array(9)]],
    ['NaN alone', [new Float64Array(9).fill(Number.NaN)]],
  ])('of %s is NaN', (_name, columns) => {
    expect(trialsByAverageCorrelation(columns)).toBeNaN();
    expect(trialsByEntropyRank(columns)).toBeNaN();
  });

  test('refuses columns of unequal length', () => {
    const columns = [new Float64Array(3), new Float64Array(3), new Float64Array(2)];
    expect(() => trialsByAverageCorrelation(columns)).toThrow('column 2 has 2 rows, column 0 has 3');
  });
});

/** Jacobi's method, the plain way: turn the largest element beside the diagonal to zero until none is left. */
function naiveEigenvalues(rows: number[][]): number[] {
  const size = rows.length;
  const a = rows.map((row) => [...row]);
  for (let turn = 0; turn < 100 * size * size; turn++) {
    let p = 0;
    let q = 1;
    for (let i = 0; i < size; i++) for (let j = i + 1; j < size; j++) if (Math.abs(a[i][j]) > Math.abs(a[p][q])) [p, q] = [i, j];
    if (size < 2 || Math.abs(a[p][q]) < 1e-14) break;
    const angle = Math.atan2(2 * a[p][q], a[q][q] - a[p][p]) / 2;
    const [c, s] = [Math.cos(angle), Math.sin(angle)];
    for (let i = 0; i < size; i++) [a[i][p], a[i][q]] = [c * a[i][p] - s * a[i][q], s * a[i][p] + c * a[i][q]];
    for (let i = 0; i < size; i++) [a[p][i], a[q][i]] = [c * a[p][i] - s * a[q][i], s * a[p][i] + c * a[q][i]];
  }
  return a.map((row, i) => row[i]).sort((left, right) => left - right);
}

describe('eigenvalues', () => {
  const ofRows = (rows: number[][]) => [...symmetricEigenvalues(Float64Array.from(rows.flat()), rows.length)];
  const rank = (rows: number[][]) =>
    Math.exp(-ofRows(rows).reduce((sum, value) => (value > 0 ? sum + (value / rows.length) * Math.log(value / rows.length) : sum), 0));

  test("of the authors' two small matrices give ranks of about 2, and 1.84 where only what is positive counts", () => {
    expect(
      rank([
        [1, 0.1],
        [0.1, 1],
      ]),
    ).toBeCloseTo(1.9900083082219462, 12);
    const values = ofRows([
      [1, 0.1, 0.7],
      [0.1, 1, 0.8],
      [0.7, 0.8, 1],
    ]).filter((value) => value > 0);
    const total = values[0] + values[1];
    expect(Math.exp(-values.reduce((sum, value) => sum + (value / total) * Math.log(value / total), 0))).toBeCloseTo(
      1.8402003953375239,
      12,
    );
  });

  test('equal those of Jacobi for random symmetric matrices, sparse and repeated ones among them', () => {
    const element = fc.oneof(fc.constant(0), fc.integer({ min: -3, max: 3 }), fc.double({ min: -5, max: 5, noNaN: true }));
    fc.assert(
      fc.property(
        fc
          .integer({ min: 1, max: 9 })
          .chain((size) => fc.tuple(fc.constant(size), fc.array(element, { minLength: size * size, maxLength: size * size }))),
        ([size, elements]) => {
          const rows = Array.from({ length: size }, (_, i) =>
            Array.from({ length: size }, (__, j) => elements[Math.max(i, j) * size + Math.min(i, j)]),
          );
          const expected = naiveEigenvalues(rows);
          const found = ofRows(rows);
          for (let i = 0; i < size; i++) expect(found[i]).toBeCloseTo(expected[i], 9);
        },
      ),
      { numRuns: 500 },
    );
  });

  test('are all NaN where an element is', () => {
    expect(
      ofRows([
        [1, Number.NaN],
        [Number.NaN, 1],
      ]).every(Number.isNaN),
    ).toBe(true);
  });
});
