/**
 * White and Hansen against a naive implementation from their papers, over rows drawn by the same bootstrap. Published: p-values of arch 8.0.0
 * (SPA, studentize=False, 20,000 replicates of its own) on the random returns of the R package pbo; its upper one is White's.
 */

import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createRandom } from '../../random.ts';
import { testDataSnooping } from './data-snooping.ts';
import { type Resampling, StationaryBootstrap } from './stationary-bootstrap.ts';

const noise = new URL('../../../../shared/oracles/pbo-dsr/rnorm_seed852_n40_t200.csv', import.meta.url);
const isAbsent = !existsSync(noise);
const reason = isAbsent ? ' (skipped: ../shared/oracles/pbo-dsr/rnorm_seed852_n40_t200.csv is absent)' : '';

describe.skipIf(isAbsent)(`arch's reality check of 40 columns of noise${reason}`, () => {
  // Four deviations of the difference of two shares of 20,000.
  test.each([
    [1, 0.1895],
    [5, 0.15465],
  ])('blocks of %i rows: p-value %d, within 0.016', (blockLengthMean, expected) => {
    const rows = readFileSync(noise, 'utf8').trim().split('\n').slice(1);
    const columns = Array.from({ length: 40 }, (_, k) => Float64Array.from(rows, (row) => Number(row.split(',')[k])));
    const { pValue } = testDataSnooping(columns, { replicateCount: 20_000, blockLengthMean, seed: 1 }).realityCheck;
    expect(Math.abs(pValue - expected), `${pValue} for ${expected}`).toBeLessThan(0.016);
  });
});

interface Naive {
  readonly white: number;
  readonly lower: number;
  readonly consistent: number;
  readonly upper: number;
  readonly statistics: readonly [number, number];
}

const meanOf = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Replicates that reach the statistic, for each test. */
function naiveTests(columns: readonly Float64Array[], resampling: Resampling): Naive {
  const n = columns[0].length;
  const means = columns.map((column) => meanOf([...column]));
  const q = 1 / resampling.blockLengthMean;
  const omegas = columns.map((column, k) => {
    let variance = 0;
    for (let i = 0; i < n; i++) {
      let gamma = 0;
      for (let t = i; t < n; t++) gamma += ((column[t] - means[k]) * (column[t - i] - means[k])) / n;
      variance += i === 0 ? gamma : 2 * (((n - i) / n) * (1 - q) ** i + (i / n) * (1 - q) ** (n - i)) * gamma;
    }
    return Math.sqrt(variance);
  });
  const moving = columns.map((_, k) => k).filter((k) => omegas[k] > 1e-9);
  const white = Math.max(...means.map((mean) => Math.sqrt(n) * mean));
  const hansen = Math.max(0, ...moving.map((k) => (Math.sqrt(n) * means[k]) / omegas[k]));
  const threshold = -Math.sqrt(2 * Math.log(Math.log(n)));
  const centres = {
    lower: means.map((mean) => Math.max(0, mean)),
    consistent: means.map((mean, k) => ((Math.sqrt(n) * mean) / omegas[k] >= threshold ? mean : 0)),
    upper: means,
  };
  const counts = { white: 0, lower: 0, consistent: 0, upper: 0 };
  const rows = new Int32Array(n);
  for (let b = 0; b < resampling.replicateCount; b++) {
    new StationaryBootstrap(n, resampling).drawRows(b, rows);
    const drawn = columns.map((column) => meanOf(Array.from(rows, (row) => column[row])));
    if (Math.max(...drawn.map((mean, k) => Math.sqrt(n) * (mean - means[k]))) >= white) counts.white++;
    for (const name of ['lower', 'consistent', 'upper'] as const) {
      const statistic = Math.max(0, ...moving.map((k) => (Math.sqrt(n) * (drawn[k] - centres[name][k])) / omegas[k]));
      if (statistic >= hansen) counts[name]++;
    }
  }
  return { ...counts, statistics: [white, hansen] };
}

const search = fc
  .record({
    columnCount: fc.integer({ min: 1, max: 7 }),
    rowCount: fc.integer({ min: 3, max: 30 }),
    level: fc.constantFrom(-0.8, -0.2, 0, 0.2, 0.8),
    spread: fc.constantFrom(0, 0.5),
    blockLengthMean: fc.constantFrom(1, 3, 8.5),
    seed: fc.integer(),
    idle: fc.constantFrom(-1, -1, 0, 3),
  })
  .map(({ columnCount, rowCount, level, spread, blockLengthMean, seed, idle }) => {
    const random = createRandom(seed);
    const columns = Array.from({ length: columnCount }, () => {
      const own = level + spread * random.normal();
      return Float64Array.from({ length: rowCount }, () => random.normal() + own);
    });
    if (idle >= 0 && idle < columnCount && columnCount > 1) columns[idle].fill(0);
    return { columns, resampling: { replicateCount: 17, blockLengthMean, seed } };
  });

describe("White's reality check and Hansen's superior ability", () => {
  test('count the same replicates as naive ones, over 1,000 random searches with better, worse and idle columns', () => {
    fc.assert(
      fc.property(search, ({ columns, resampling }) => {
        const { realityCheck, superiorAbility } = testDataSnooping(columns, resampling);
        const naive = naiveTests(columns, resampling);
        expect(realityCheck.statistic).toBeCloseTo(naive.statistics[0], 9);
        expect(superiorAbility.statistic).toBeCloseTo(naive.statistics[1], 9);
        expect(
          [realityCheck, superiorAbility.lower, superiorAbility.consistent, superiorAbility.upper].map((test) => test.exceedanceCount),
        ).toEqual([naive.white, naive.lower, naive.consistent, naive.upper]);
        expect(realityCheck.pValue).toBe((naive.white + 1) / 18);
      }),
      { numRuns: 1000 },
    );
  });

  test('do not depend on the order of the columns, on one scale for all, and Hansen on a scale for each', () => {
    fc.assert(
      fc.property(search, ({ columns, resampling }) => {
        const found = testDataSnooping(columns, resampling);
        const counts = ({ realityCheck, superiorAbility: { lower, consistent, upper } }: typeof found) =>
          [realityCheck, lower, consistent, upper].map((test) => test.exceedanceCount);
        const scaled = columns.map((column) => column.map((value) => value * 8)).reverse();
        expect(counts(testDataSnooping(scaled, resampling))).toEqual(counts(found));
        const each = columns.map((column, k) => column.map((value) => value * 2 ** k));
        expect(counts(testDataSnooping(each, resampling)).slice(1)).toEqual(counts(found).slice(1));
      }),
    );
  });

  test('the lower p-value is at most the consistent one, and that at most the upper; a copy of a column changes none', () => {
    fc.assert(
      fc.property(search, ({ columns, resampling }) => {
        const found = testDataSnooping(columns, resampling);
        const { lower, consistent, upper } = found.superiorAbility;
        expect(lower.pValue).toBeLessThanOrEqual(consistent.pValue);
        expect(consistent.pValue).toBeLessThanOrEqual(upper.pValue);
        const copied = testDataSnooping([...columns, columns[0]], resampling);
        expect(copied.realityCheck.pValue).toBe(found.realityCheck.pValue);
        expect(copied.superiorAbility.consistent.pValue).toBe(found.superiorAbility.consistent.pValue);
      }),
    );
  });

  test('tell an edge from noise, and are not misled by many bad columns where Hansen is meant to help', () => {
    const random = createRandom(9);
    const columnOf = (level: number) => Float64Array.from({ length: 500 }, () => random.normal() + level);
    const resampling = { replicateCount: 499, blockLengthMean: 1, seed: 1 };
    const edge = testDataSnooping([columnOf(0), columnOf(0.3), columnOf(0)], resampling);
    expect(edge.realityCheck).toMatchObject({ pValue: 1 / 500, columnBest: 1 });
    expect(edge.superiorAbility).toMatchObject({ columnBest: 1, consistent: { pValue: 1 / 500 } });
    // A hundred columns with wild and bad returns hide it from White, and do not from Hansen.
    const wild = Array.from({ length: 100 }, () => columnOf(-0.5).map((value) => value * 10));
    const hidden = testDataSnooping([columnOf(0.3), ...wild], resampling);
    expect(hidden.realityCheck.pValue).toBeGreaterThan(0.5);
    expect(hidden.superiorAbility.consistent.pValue).toBe(1 / 500);
  });

  test('of columns that are all worse than the benchmark: superior ability 0, p-value 1', () => {
    const random = createRandom(2);
    const columns = Array.from({ length: 3 }, () => Float64Array.from({ length: 50 }, () => random.normal() - 1));
    const { superiorAbility } = testDataSnooping(columns, { replicateCount: 20, blockLengthMean: 2, seed: 1 });
    expect(superiorAbility).toMatchObject({ statistic: 0, lower: { pValue: 1 }, consistent: { pValue: 1 }, upper: { pValue: 1 } });
  });

  test.each([
    ['no columns', []],
    ['no rows', [new Float64Array(0)]],
    ['two rows', [Float64Array.of(1, 2)]],
    ['a NaN return', [Float64Array.of(1, 2, 3, 4), Float64Array.of(1, 2, Number.NaN, 4)]],
  ])('of %s are NaN', (_name, columns) => {
    const { realityCheck, superiorAbility } = testDataSnooping(columns, { replicateCount: 5, blockLengthMean: 1, seed: 1 });
    const none = { pValue: Number.NaN, exceedanceCount: 0 };
    expect(realityCheck).toEqual({ statistic: Number.NaN, columnBest: -1, ...none });
    expect(superiorAbility).toEqual({ statistic: Number.NaN, columnBest: -1, consistent: none, lower: none, upper: none });
  });

  test('of columns that never move: superior ability is NaN', () => {
    const { superiorAbility } = testDataSnooping([new Float64Array(9), new Float64Array(9).fill(0.1)], {
      replicateCount: 5,
      blockLengthMean: 1,
      seed: 1,
    });
    expect(superiorAbility.consistent.pValue).toBeNaN();
    expect(superiorAbility.columnBest).toBe(-1);
  });
});
