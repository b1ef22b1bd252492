import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { metricNames } from '../../engine/metrics/catalogue.ts';
import { fakeSweep } from '../testing/fake-sweep.ts';
import { valueText } from '../value-text.ts';
import { axisOf, mapPairs, parameterMap, type ScoredTrial, scoredTrials, shareExplained } from './landscape.ts';

/** Trials of these parameters with these scores, in any order of goodness. */
function scoredOf(rows: readonly (readonly [Record<string, number>, number])[]): ScoredTrial[] {
  const made = rows.map(([parameters, score], place): ScoredTrial => {
    const trial = { index: place, trialHash: '', parameters, metrics: new Float64Array(0), dailyQuote: new Float64Array(0), failure: null };
    return { trial, place, value: score, score };
  });
  return made.sort((a, b) => b.score - a.score);
}

const grid = (scoreOf: (a: number, b: number) => number, size = 5) =>
  scoredOf(
    Array.from(
      { length: size * size },
      (_, i) => [{ a: i % size, b: Math.floor(i / size) }, scoreOf(i % size, Math.floor(i / size))] as const,
    ),
  );

describe('the share that parameters explain', () => {
  test('is all of it where they decide alone, nothing where they do not matter', () => {
    const byA = grid((a) => a);
    expect(shareExplained(byA, ['a'])).toBeCloseTo(1, 12);
    expect(shareExplained(byA, ['b'])).toBe(0);
    // Each cell of the pair holds one trial: nothing is left to tell chance by.
    expect(shareExplained(byA, ['a', 'b'])).toBeNaN();
    expect(
      shareExplained(
        grid(() => 1),
        ['a'],
      ),
    ).toBeNaN();
  });

  test('is 1 − (within / its freedom) / (all / its freedom) of ranks, counted the slow way', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 3 }), fc.integer({ min: -4, max: 4 })), { minLength: 3, maxLength: 40 }),
        (pairs) => {
          const scored = scoredOf(pairs.map(([a, score]) => [{ a }, score] as const));
          const scores = scored.map(({ score }) => score);
          const rankOf = (score: number) =>
            scores.filter((one) => one < score).length + (scores.filter((one) => one === score).length + 1) / 2;
          const variance = (values: readonly number[], freedom: number) => {
            const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
            return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / freedom;
          };
          const groups = [0, 1, 2, 3].map((a) => scored.filter(({ trial }) => trial.parameters.a === a).map(({ score }) => rankOf(score)));
          const filled = groups.filter((group) => group.length > 0);
          const freedom = scores.length - filled.length;
          const within = filled.reduce((sum, group) => sum + variance(group, 1), 0) / freedom;
          const all = variance(scores.map(rankOf), scores.length - 1);
          const expected = all > 0 && freedom > 0 ? Math.max(0, 1 - within / all) : Number.NaN;
          const found = shareExplained(scored, ['a']);
          if (Number.isNaN(expected)) expect(found).toBeNaN();
          else expect(found).toBeCloseTo(expected, 9);
        },
      ),
      { seed: 5, numRuns: 300 },
    );
  });

  test('puts the pair first that decides, whichever order the parameters are in', () => {
    const sets = Array.from({ length: 125 }, (_, i) => ({ a: i % 5, b: Math.floor(i / 5) % 5, c: Math.floor(i / 25) }));
    const scored = scoredOf(sets.map((set) => [set, set.a * set.c + 0.001 * ((set.b * 7) % 5)] as const));
    for (const names of [
      ['a', 'b', 'c'],
      ['c', 'b', 'a'],
    ])
      expect([mapPairs(scored, names)[0].x, mapPairs(scored, names)[0].y].sort()).toEqual(['a', 'c']);
  });
});

describe('the map', () => {
  const mapOf = (scored: readonly ScoredTrial[], placesMax = 24) =>
    parameterMap(scored, { x: 'a', y: 'b', dimensions: ['a', 'b'], placesMax });

  test('outlines a broad top and leaves a lone peak alone', () => {
    const broad = mapOf(grid((a, b) => 10 - 0.1 * (Math.abs(a - 2) + Math.abs(b - 2))));
    expect(broad.best).toEqual({ x: 2, y: 2 });
    expect(broad.cells.find(({ x, y }) => x === 2 && y === 2)?.isPlateau).toBe(true);
    const lone = mapOf(grid((a, b) => (a === 2 && b === 2 ? 10 : 1)));
    expect(lone.cells.filter(({ isPlateau }) => isPlateau)).toEqual([]);
  });

  test('of losses the plateau is where the least is lost', () => {
    const { cells } = mapOf(grid((a) => (a < 3 ? -1 : -5)));
    expect(cells.filter(({ isPlateau }) => isPlateau).map(({ x }) => x)).toEqual(Array.from({ length: 10 }, (_, i) => i % 2));
  });

  test('means over cells keep every trial, whatever is put together', () => {
    const scored = grid((a, b) => Math.sin(a * 3 + b), 30);
    const { cells, x, y } = mapOf(scored, 7);
    expect([x.labels.length, y.labels.length]).toEqual([7, 7]);
    expect(cells.reduce((sum, { count }) => sum + count, 0)).toBe(900);
    const total = cells.reduce((sum, { count, value }) => sum + count * value, 0);
    expect(total).toBeCloseTo(
      scored.reduce((sum, { value }) => sum + value, 0),
      9,
    );
  });

  test('of a grid shows the others at the best, of sets that were drawn means over all', () => {
    const sweep = fakeSweep();
    const scored = scoredTrials(sweep);
    const { dimensions } = sweep;
    const slice = parameterMap(scored, { x: 'fast', y: 'slow', dimensions, placesMax: 24 });
    expect(slice.isSlice).toBe(true);
    expect(slice.cells.every(({ count }) => count === 1)).toBe(true);
    const drawn = scored.map((one, i) => ({ ...one, trial: { ...one.trial, parameters: { ...one.trial.parameters, stop: i } } }));
    const means = parameterMap(drawn, { x: 'fast', y: 'slow', dimensions, placesMax: 24 });
    expect(means.isSlice).toBe(false);
    expect(means.cells.every(({ count }) => count === 2)).toBe(true);
  });

  test('of few trials spread over many values is coarser', () => {
    const scored = scoredOf(Array.from({ length: 48 }, (_, i) => [{ a: (i * 7) % 48, b: (i * 11) % 48 }, i] as const));
    const { x, y } = mapOf(scored);
    expect([x.labels.length, y.labels.length]).toEqual([4, 4]);
  });
});

test('axes are in the order of numbers, or of appearance where a value is none', () => {
  const numbers = axisOf(
    'a',
    scoredOf([
      [{ a: 30 }, 3],
      [{ a: 4 }, 2],
      [{ a: 100 }, 1],
    ]),
    24,
  );
  expect(numbers.labels).toEqual(['4', '30', '100']);
  expect(
    axisOf(
      'a',
      scoredOf([
        [{ a: 30 }, 3],
        [{ a: 4 }, 2],
        [{ a: 100 }, 1],
      ]),
      2,
    ).labels,
  ).toEqual(['4–30', '100']);
  const { trials } = fakeSweep({ parameters: { kind: ['slow', 'fast'], isOn: [true, false] } });
  expect(
    axisOf(
      'kind',
      trials.map((trial, place) => ({ trial, place, value: 0, score: 0 })),
      24,
    ).labels,
  ).toEqual(['slow', 'fast']);
  expect([valueText(0.075017435), valueText(12_000), valueText(true), valueText(-0.5)]).toEqual(['0.075017', '12,000', 'true', '−0.5']);
});

test('failed trials and figures that are not finite have no score; the smallest is the best where asked', () => {
  const sweep = fakeSweep({ failed: [0, 3] });
  expect(scoredTrials(sweep)).toHaveLength(58);
  sweep.trials[5].metrics[metricNames.indexOf('sharpeRatio')] = Number.POSITIVE_INFINITY;
  expect(scoredTrials(sweep)).toHaveLength(57);
  const [first] = scoredTrials({ ...sweep, objective: 'drawdownFractionMax', isSmallestBest: true });
  expect(first.score).toBe(-first.value);
});
