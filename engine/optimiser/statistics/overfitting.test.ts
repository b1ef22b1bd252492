/**
 * Published: the R package pbo (mrbcuda/pbo) on its own random returns, three tables of splits: every chosen column, Sharpe ratio, logit and line. Theirs
 * ranks over N with an infinite logit cut to 6, ours over N + 1 as the paper: their logits are taken from our ranks. What they call slope and intercept
 * are the intercept and the slope of in sample on out of sample.
 */

import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createRandom } from '../../random.ts';
import { halfSplitCount, halfSplits } from './half-splits.ts';
import { fitLine, probabilityOfOverfitting } from './overfitting.ts';

const oracles = new URL('../../../../shared/oracles/pbo-dsr/', import.meta.url);
const isAbsent = !existsSync(oracles);
const reason = isAbsent ? ' (skipped: ../shared/oracles/pbo-dsr is absent)' : '';

interface Published {
  readonly data: string;
  readonly N: number;
  readonly S: number;
  readonly rf_per_period: number;
  readonly phi: number;
  readonly lm_coef1_reported_as_slope: number;
  readonly lm_coef2_reported_as_intercept: number;
  readonly adj_r2: number | null;
  readonly prob_oos_below_0: number;
  readonly combos_1based_is_blocks: number[][];
  readonly n_star_1based: number[];
  readonly lambda_with_inf_replaced_by_6: number[];
  readonly Rn: number[];
  readonly Rbn: number[];
}
const published: Published[] = isAbsent ? [] : JSON.parse(readFileSync(new URL('cscv_expected.json', oracles), 'utf8'));
const rankOf = (logit: number, columnCount: number) => (columnCount + 1) / (1 + Math.exp(-logit));

describe.skipIf(isAbsent)(`the R package pbo${reason}`, () => {
  test.each(published.length === 0 ? [undefined] : published)(
    '$data in $S blocks: splits exactly, ratios and logits at 1e-12, lines as printed',
    (theirs) => {
      if (theirs === undefined) return;
      const rows = readFileSync(new URL(theirs.data, oracles), 'utf8').trim().split('\n').slice(1);
      const columns = Array.from({ length: theirs.N }, (_, k) => Float64Array.from(rows, (row) => Number(row.split(',')[k])));
      const ours = probabilityOfOverfitting(columns, { blockCount: theirs.S, ratePerPeriod: theirs.rf_per_period });

      const splits = halfSplits(theirs.S);
      expect(Array.from(splits, (block) => block + 1)).toEqual(theirs.combos_1based_is_blocks.flat());
      expect(Array.from(ours.columnsChosen, (column) => column + 1)).toEqual(theirs.n_star_1based);
      const { probability, lossProbability } = ours;
      expect(probability, `${probability} for ${theirs.phi}`).toBe(theirs.phi);
      expect(lossProbability, `${lossProbability} for ${theirs.prob_oos_below_0}`).toBeCloseTo(theirs.prob_oos_below_0, 3);
      for (let i = 0; i < theirs.Rn.length; i++) {
        expect(ours.sharpesInSample[i]).toBeCloseTo(theirs.Rn[i], 12);
        expect(ours.sharpesOutOfSample[i]).toBeCloseTo(theirs.Rbn[i], 12);
        const share = Math.round(rankOf(ours.logits[i], theirs.N)) / theirs.N;
        expect(share === 1 ? 6 : Math.log(share / (1 - share))).toBeCloseTo(theirs.lambda_with_inf_replaced_by_6[i], 12);
      }
      const line = fitLine(ours.sharpesOutOfSample, ours.sharpesInSample);
      const { intercept, slope, determinationAdjusted } = line;
      const { lm_coef1_reported_as_slope, lm_coef2_reported_as_intercept, adj_r2 } = theirs;
      expect(intercept, `${intercept} for ${lm_coef1_reported_as_slope}`).toBeCloseTo(lm_coef1_reported_as_slope, 5);
      expect(slope, `${slope} for ${lm_coef2_reported_as_intercept}`).toBeCloseTo(lm_coef2_reported_as_intercept, 5);
      if (adj_r2 === null) expect(determinationAdjusted).toBeNaN();
      else expect(Math.abs(determinationAdjusted - adj_r2), `${determinationAdjusted} for ${adj_r2}`).toBeLessThan(0.005);
    },
  );
});

/** From the paper alone: every choice of blocks by a bit mask, each Sharpe ratio from the rows it covers, ranks by counting. In order of masks. */
function naiveLogits(columns: readonly Float64Array[], blockCount: number, rate: number): number[] {
  const rowCountPerBlock = Math.floor(columns[0].length / blockCount);
  const skipped = columns[0].length - rowCountPerBlock * blockCount;
  const sharpe = (column: Float64Array, isIn: (block: number) => boolean) => {
    const values = [...column.subarray(skipped)].filter((_, t) => isIn(Math.floor(t / rowCountPerBlock)));
    const centre = values.reduce((sum, value) => sum + value, 0) / values.length;
    const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (values.length - 1));
    return deviation > 1e-9 ? (centre - rate) / deviation : 0;
  };
  const logits: number[] = [];
  for (let mask = 0; mask < 2 ** blockCount; mask++) {
    const isIn = (block: number) => Math.floor(mask / 2 ** block) % 2 === 1;
    if (Array.from({ length: blockCount }, (_, block) => block).filter(isIn).length !== blockCount / 2) continue;
    const inSample = columns.map((column) => sharpe(column, isIn));
    const outOfSample = columns.map((column) => sharpe(column, (block) => !isIn(block)));
    const best = Math.max(...inSample);
    const chosen = Math.min(...outOfSample.filter((_, k) => Math.abs(inSample[k] - best) < 1e-12));
    const below = outOfSample.filter((value) => value < chosen - 1e-12).length;
    const equal = outOfSample.filter((value) => Math.abs(value - chosen) < 1e-12).length;
    const share = (below + (equal + 1) / 2) / (columns.length + 1);
    logits.push(Math.log(share / (1 - share)));
  }
  return logits;
}

const rising = (values: ArrayLike<number>) => Array.from(values).sort((left, right) => left - right);
const expectSame = (found: ArrayLike<number>, expected: ArrayLike<number>) => {
  expect(found.length).toBe(expected.length);
  for (let i = 0; i < expected.length; i++) expect(found[i]).toBeCloseTo(expected[i], 9);
};

/** Noise; some columns a copy of another, some idle or level for a while, some always idle. */
const search = fc
  .record({
    columnCount: fc.integer({ min: 2, max: 8 }),
    blockCount: fc.constantFrom(2, 4, 6),
    rowCountPerBlock: fc.integer({ min: 2, max: 5 }),
    rowCountLeft: fc.nat({ max: 1 }),
    seed: fc.integer(),
    kinds: fc.array(fc.constantFrom('noise', 'noise', 'noise', 'copy', 'idle at first', 'level at first', 'idle'), {
      minLength: 8,
      maxLength: 8,
    }),
  })
  .map(({ columnCount, blockCount, rowCountPerBlock, rowCountLeft, seed, kinds }) => {
    const random = createRandom(seed);
    const rowCount = rowCountPerBlock * blockCount + rowCountLeft;
    const columns = Array.from({ length: columnCount }, () => Float64Array.from({ length: rowCount }, () => random.normal() + 0.1));
    kinds.slice(2, columnCount).forEach((kind, i) => {
      if (kind === 'copy') columns[i + 2].set(columns[1]);
      if (kind === 'idle at first') columns[i + 2].fill(0, 0, rowCountLeft + (rowCountPerBlock * blockCount) / 2);
      if (kind === 'level at first') columns[i + 2].fill(0.1, 0, rowCountLeft + (rowCountPerBlock * blockCount) / 2);
      if (kind === 'idle') columns[i + 2].fill(0);
    });
    return { columns, blockCount, rowCountLeft };
  });

describe('the probability of overfitting', () => {
  test('equals a naive one by rows, over 300 small searches with copies and idle columns', () => {
    fc.assert(
      fc.property(search, fc.constantFrom(0, 0.05), ({ columns, blockCount, rowCountLeft }, ratePerPeriod) => {
        const ours = probabilityOfOverfitting(columns, { blockCount, ratePerPeriod });
        const logits = naiveLogits(columns, blockCount, ratePerPeriod);
        expectSame(rising(ours.logits), rising(logits));
        expect(ours.probability).toBe(logits.filter((logit) => logit < 1e-9).length / logits.length);
        expect(ours.rowCountUsed).toBe(columns[0].length - rowCountLeft);
      }),
      { numRuns: 300 },
    );
  });

  test('stays when columns are put in another order, scaled, or the first row is doubled where it is left over', () => {
    fc.assert(
      fc.property(search, ({ columns, blockCount, rowCountLeft }) => {
        const { logits, sharpesInSample, sharpesOutOfSample } = probabilityOfOverfitting(columns, { blockCount, ratePerPeriod: 0 });
        const changed = columns.map((column, k) => column.map((value, t) => value * 2 ** k * (t < rowCountLeft ? 2 : 1))).reverse();
        const other = probabilityOfOverfitting(changed, { blockCount, ratePerPeriod: 0 });
        expect(other.logits).toEqual(logits);
        expectSame(other.sharpesInSample, sharpesInSample);
        expectSame(other.sharpesOutOfSample, sharpesOutOfSample);
      }),
    );
  });

  test('is near a half for noise, 0 where one column is always best, 1 where the best in one half is worst in the other', () => {
    const random = createRandom(11);
    const noise = Array.from({ length: 50 }, () => Float64Array.from({ length: 480 }, () => random.normal()));
    const options = { blockCount: 12, ratePerPeriod: 0 };
    // One sample path: its splits overlap, so that the share scatters widely about a half.
    expect(Math.abs(probabilityOfOverfitting(noise, options).probability - 0.5)).toBeLessThan(0.25);
    const better = [...noise, noise[0].map((value) => value + 1)];
    expect(probabilityOfOverfitting(better, options)).toMatchObject({ probability: 0, lossProbability: 0 });
    const turning = noise.map((column, k) => column.map((value, t) => value * 0.01 + (k - 25) * (t < 240 ? 1 : -1)));
    expect(probabilityOfOverfitting(turning, { blockCount: 2, ratePerPeriod: 0 })).toMatchObject({ probability: 1, lossProbability: 1 });
  });

  test.each([
    ['no columns', []],
    ['one column', [Float64Array.of(1, 2, 3, 5)]],
    ['one column that moves', [Float64Array.of(1, 2, 3, 5), new Float64Array(4).fill(0.1)]],
    ['blocks without rows', [Float64Array.of(1, 2, 3), Float64Array.of(2, 1, 3)]],
    ['a NaN return', [Float64Array.of(1, 2, 3, 5), Float64Array.of(2, 1, 3, 4), Float64Array.of(2, Number.NaN, 3, 4)]],
  ])('of %s is NaN, without splits', (_name, columns) => {
    const found = probabilityOfOverfitting(columns, { blockCount: 4, ratePerPeriod: 0 });
    expect(found).toMatchObject({ probability: Number.NaN, lossProbability: Number.NaN, rowCountUsed: 0 });
    expect(found.degradation).toEqual({ intercept: Number.NaN, slope: Number.NaN, determinationAdjusted: Number.NaN });
    expect(found.logits.length).toBe(0);
  });

  test.each([0, 3, 26, 2.5, Number.NaN])('refuses %d blocks', (blockCount) => {
    expect(() => probabilityOfOverfitting([], { blockCount, ratePerPeriod: 0 })).toThrow(
      `blockCount is ${blockCount}; it must be even, 2 to 24`,
    );
  });
});

describe('half splits', () => {
  test('are all there, in order, each facing what it leaves out', () => {
    for (const blockCount of [2, 4, 8, 12]) {
      const half = blockCount / 2;
      const splits = halfSplits(blockCount);
      const rows = Array.from({ length: halfSplitCount(blockCount) }, (_, i) => [...splits.subarray(i * half, (i + 1) * half)]);
      const keys = rows.map((row) => row.map((block) => String.fromCharCode(97 + block)).join(''));
      expect([...new Set(keys)].sort()).toEqual(keys);
      rows.forEach((row, i) => {
        expect(new Set([...row, ...rows[rows.length - 1 - i]]).size).toBe(blockCount);
      });
    }
    expect(halfSplitCount(16)).toBe(12_870);
  });
});

describe('a line', () => {
  test('goes through points on it, and has no slope where nothing spreads', () => {
    expect(fitLine(Float64Array.of(1, 2, 4), Float64Array.of(5, 7, 11))).toEqual({ intercept: 3, slope: 2, determinationAdjusted: 1 });
    expect(fitLine(Float64Array.of(1, 1, 1), Float64Array.of(5, 7, 11))).toEqual({
      intercept: Number.NaN,
      slope: Number.NaN,
      determinationAdjusted: Number.NaN,
    });
  });
});
