import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ratePerPeriod } from '../metrics/returns.ts';
import { playScript } from '../testing/play-script.ts';
import { type BarRow, tapeOf } from '../testing/tapes.ts';
import { combine, dailyFigureNames, dailyMetricsOf, groupsOf, pathsOf, splitCountOf, splitsOf, trainingRows } from './combinatorial.ts';
import { Ranking } from './ranking.ts';
import { dailyReturnsOf } from './stitched.ts';

const oneDayMs = 86_400_000;
const rates = { periodsPerYear: 365, ratePerPeriod: 0 };

const shapes = fc.integer({ min: 2, max: 8 }).chain((groupCount) =>
  fc.record({
    groupCount: fc.constant(groupCount),
    testGroupCount: fc.integer({ min: 1, max: groupCount - 1 }),
    purgeDays: fc.integer({ min: 0, max: 4 }),
    embargoDays: fc.integer({ min: 0, max: 4 }),
    gaps: fc.array(fc.constantFrom(1, 1, 1, 3), { minLength: groupCount, maxLength: 60, size: 'max' }),
    trialCount: fc.integer({ min: 1, max: 5 }),
    seed: fc.integer({ min: 1, max: 1_000_000 }),
  }),
);

const daysOf = (gaps: readonly number[]): Float64Array => {
  let day = 0;
  return Float64Array.from(gaps, (gap) => {
    day += gap;
    return day * oneDayMs;
  });
};

/** Small whole numbers of basis points, of which some trials tie. */
const returnsOf = (length: number, trial: number, seed: number): Float64Array =>
  Float64Array.from({ length }, (_, i) => (((i * 7919 + trial * 104_729 + seed) % 23) - 10) / 1e4);

describe('combinatorial cross-validation', () => {
  test('six groups of which two are tested: 15 splits and the 5 paths of the book', () => {
    const splits = splitsOf({ groupCount: 6, testGroupCount: 2 });
    expect(splits).toHaveLength(15);
    const paths = pathsOf(splits, 6).map((path) => path.map((split) => split + 1));
    expect(paths).toHaveLength(5);
    // AFML 2018, section 12.4.1: (G1,S1) (G2,S1) (G3,S2) (G4,S3) (G5,S4) (G6,S5), and the second.
    expect(paths[0]).toEqual([1, 1, 2, 3, 4, 5]);
    expect(paths[1]).toEqual([2, 6, 6, 7, 8, 9]);
  });

  test('every test of every split is in one path, and every path tests every group once', () => {
    fc.assert(
      fc.property(shapes, ({ groupCount, testGroupCount }) => {
        const splits = splitsOf({ groupCount, testGroupCount });
        expect(splits).toHaveLength(splitCountOf({ groupCount, testGroupCount }));
        const paths = pathsOf(splits, groupCount);
        expect(paths).toHaveLength((splits.length * testGroupCount) / groupCount);
        const used = paths.flatMap((path) => path.map((split, group) => `${split} ${group}`));
        expect(used.toSorted()).toEqual(splits.flatMap((groups, split) => groups.map((group) => `${split} ${group}`)).toSorted());
      }),
      { seed: 1 },
    );
  });

  test('training keeps its distance from every tested day, and nothing else is left out', () => {
    fc.assert(
      fc.property(shapes, ({ gaps, ...spec }) => {
        const dayMs = daysOf(gaps);
        const groups = groupsOf(dayMs.length, spec.groupCount);
        expect(groups.at(-1)?.to).toBe(dayMs.length);
        for (const tested of splitsOf(spec)) {
          const testDays = tested.flatMap((group) => [...dayMs.subarray(groups[group].from, groups[group].to)]);
          // Day by day: near a tested one, before or behind, within the time that a block's own edge gives.
          const isNear = (ms: number): boolean =>
            testDays.some(
              (testMs) => ms >= testMs - spec.purgeDays * oneDayMs && ms <= testMs + (spec.purgeDays + spec.embargoDays) * oneDayMs,
            );
          const expected = [...dayMs.keys()].filter((row) => !isNear(dayMs[row]));
          expect([...trainingRows(dayMs, { ...spec, groups, tested })]).toEqual(expected);
        }
      }),
      { seed: 2, numRuns: 60 },
    );
  });

  test('chooses in each split as a slow search does, and joins what was chosen', () => {
    fc.assert(
      fc.property(shapes, ({ gaps, trialCount, seed, ...spec }) => {
        const dayMs = daysOf(gaps);
        const returns = Array.from({ length: trialCount }, (_, trial) => returnsOf(dayMs.length, trial, seed));
        const ranking = new Ranking('returnFractionDailyMean', []);
        const { groups, splits, paths } = combine({ ...spec, returns: [null, ...returns], dayMs, ranking, rates });
        splits.forEach(({ tested, chosen, trained, testedObjective }) => {
          const rows = [...trainingRows(dayMs, { ...spec, groups, tested })];
          if (rows.length === 0) {
            expect(trained).toBeNaN();
            return;
          }
          const means = returns.map((column) => rows.reduce((sum, row) => sum + column[row], 0) / rows.length);
          const best = means.reduce((top, value, k) => (value > means[top] + 1e-15 ? k : top), 0);
          expect(means[chosen - 1]).toBeCloseTo(means[best], 12);
          expect(trained).toBeCloseTo(means[best], 12);
          const testRows = [...dayMs.keys()].filter((row) => tested.some((group) => row >= groups[group].from && row < groups[group].to));
          expect(testedObjective).toBeCloseTo(testRows.reduce((sum, row) => sum + returns[chosen - 1][row], 0) / testRows.length, 12);
        });
        for (const { splits: of, dailyReturns } of paths) {
          groups.forEach(({ from, to }, group) => {
            const column = returns[splits[of[group]].chosen - 1];
            expect([...dailyReturns.subarray(from, to)]).toEqual([...column.subarray(from, to)]);
          });
        }
      }),
      { seed: 3, numRuns: 60 },
    );
  });

  test('without a trial that was played there is no path', () => {
    const { splits, paths } = combine({
      ...{ groupCount: 3, testGroupCount: 1, purgeDays: 0, embargoDays: 0 },
      ...{ returns: [null], dayMs: daysOf([1, 1, 1]), ranking: new Ranking('sharpeRatio', []), rates },
    });
    expect(splits.map(({ chosen }) => chosen)).toEqual([-1, -1, -1]);
    expect(paths).toEqual([]);
  });

  test('figures of daily returns are those of a run', () => {
    const rows = Array.from({ length: 40 }, (_, i): BarRow => {
      const price = 100 + ((i * 37) % 11);
      return [price, price + 3, price - 3, price + ((i * 13) % 5) - 2];
    });
    const metrics = { periodsPerYear: 365, riskFreeAnnual: 0.03 };
    const run = playScript({
      tapes: [tapeOf(rows, { timeframe: '1d' })],
      settings: { metrics },
      always: ({ order, call }) => (call % 7 === 0 ? order.market({ side: 1, equityFraction: 0.3 }) : call % 7 === 4 ? order.close() : -1),
    });
    const returns = dailyReturnsOf(run.daily.equityQuote, run.initialCapitalQuote);
    const figures = dailyMetricsOf(returns, dailyFigureNames, { periodsPerYear: 365, ratePerPeriod: ratePerPeriod(0.03, 365) });
    const names = Object.keys(run.metrics);
    for (const name of dailyFigureNames) expect(figures[names.indexOf(name)], name).toBeCloseTo(run.metrics[name], 12);
  });
});
