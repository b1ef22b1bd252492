import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { metricNames } from '../metrics/catalogue.ts';
import { judgePlateau, Plateau, type Surface, stepsOf } from './plateau.ts';
import { Ranking } from './ranking.ts';

/** Scores of a grid of rows and columns, as many as are written. */
function grid(rows: readonly (readonly number[])[]): Surface {
  const cells = rows.flatMap((row, r) => row.map((score, c) => ({ r, c, score })));
  const scores = Float64Array.from(cells, ({ score }) => score);
  return {
    steps: [Float64Array.from(cells, ({ r }) => r), Float64Array.from(cells, ({ c }) => c)],
    areCategories: [false, false],
    scores,
    returns: scores,
  };
}

describe('three by three, by hand', () => {
  const surface = grid([
    [1, 2, 3],
    [2, 9, -1],
    [0, 3, 2],
  ]);
  const plateau = new Plateau(surface);

  test('around the middle lie all eight others', () => {
    // 1 + 2 + 3 + 2 − 1 + 0 + 3 + 2 = 12; six of eight are above 0.
    expect(plateau.around(4)).toEqual({ count: 8, scoreMean: 1.5, scoreMin: -1, profitableFraction: 0.75, plateauRatio: 1.5 / 9 });
  });

  test('around a corner lie three', () => {
    // 2, 2 and 9 about 1.
    expect(plateau.around(0)).toEqual({ count: 3, scoreMean: 13 / 3, scoreMin: 2, profitableFraction: 1, plateauRatio: 13 / 3 });
  });

  test('smoothing weighs a step by a half in each dimension', () => {
    // Middle: (9 + (2 + 2 − 1 + 3) / 2 + (1 + 3 + 0 + 2) / 4) / (1 + 4 / 2 + 4 / 4); corner: (1 + (2 + 2) / 2 + 9 / 4) / (1 + 2 / 2 + 1 / 4).
    expect(plateau.smoothed(4)).toBe(13.5 / 4);
    expect(plateau.smoothed(0)).toBe(5.25 / 2.25);
  });

  test('a needle is left for the broad hill beside it', () => {
    const hill = grid([
      [0, 0, 0, 5, 6],
      [0, 9, 0, 6, 7],
      [0, 0, 0, 5, 6],
    ]);
    // The 7 at the edge: (7 + (6 + 6 + 6) / 2 + (5 + 5) / 4) / 3; the corners about it come to 6 each, and the first of equals is taken.
    expect(new Plateau(hill).choose(() => true)).toEqual({ place: 9, scoreSmoothed: 18.5 / 3 });
    expect(new Plateau(hill).choose((place) => place !== 9)).toEqual({ place: 4, scoreSmoothed: 6 });
  });
});

test('what failed is no neighbour, and nothing is chosen of nothing', () => {
  const plateau = new Plateau(grid([[4, Number.NaN, 2]]));
  expect(plateau.around(0)).toEqual({
    ...{ count: 0, scoreMean: Number.NaN, scoreMin: Number.NaN, profitableFraction: Number.NaN, plateauRatio: Number.NaN },
  });
  expect(plateau.smoothed(1)).toBeNaN();
  expect(new Plateau(grid([[Number.NaN]])).choose(() => true)).toBeNull();
});

test('of scores below 0, as of drawdowns, the ratio is 1 on a plain too', () => {
  const drawdowns = new Plateau(grid([[-0.2, -0.1, -0.2]]));
  expect(drawdowns.around(1).plateauRatio).toBe(0.5);
  expect(new Plateau(grid([[-0.1, -0.1]])).around(0).plateauRatio).toBe(1);
  expect(new Plateau(grid([[0, -1]])).around(0).plateauRatio).toBeNaN();
});

test('steps are ranks of numbers, parts of a range on its scale, and places of categories', () => {
  const plain = { from: Number.NaN, to: Number.NaN, isLog: false };
  const { steps, areCategories } = stepsOf(
    [
      { name: 'length', values: [50, 10, 200], ...plain },
      { name: 'kind', values: ['sma', 'ema'], ...plain },
      { name: 'share', values: null, from: 0, to: 2, isLog: false },
      { name: 'scale', values: null, from: 1, to: 100, isLog: true },
    ],
    [
      { length: 10, kind: 'ema', share: 0.5, scale: 10 },
      { length: 200, kind: 'sma', share: 2, scale: 1 },
    ],
  );
  expect(areCategories).toEqual([false, true, false, false]);
  expect(steps.map((column) => [...column])).toEqual([
    [0, 2],
    [1, 0],
    [5, 20],
    [10, 0],
  ]);
});

/** Every trial against every other. */
function slowly({ steps, areCategories, scores, returns }: Surface, reach: number, place: number) {
  const near = [...scores.keys()].filter((other) =>
    steps.every((column, d) => Math.abs(column[other] - column[place]) <= (areCategories[d] ? 0 : reach)),
  );
  const others = near.filter((other) => other !== place);
  const scored = others.filter((other) => !Number.isNaN(scores[other])).map((other) => scores[other]);
  const played = others.filter((other) => !Number.isNaN(returns[other]));
  const weightOf = (other: number): number =>
    steps.reduce((product, column) => product * (1 - Math.abs(column[other] - column[place]) / (reach + 1)), 1);
  const weighed = near.filter((other) => !Number.isNaN(scores[other]));
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
  return {
    count: scored.length,
    scoreMean: scored.length === 0 ? Number.NaN : sum(scored) / scored.length,
    scoreMin: scored.length === 0 ? Number.NaN : Math.min(...scored),
    profitableFraction: played.length === 0 ? Number.NaN : played.filter((other) => returns[other] > 0).length / played.length,
    smoothed: Number.isNaN(scores[place])
      ? Number.NaN
      : sum(weighed.map((other) => weightOf(other) * scores[other])) / sum(weighed.map(weightOf)),
  };
}

const trial = fc.record({
  at: fc.tuple(fc.integer({ min: 0, max: 4 }), fc.integer({ min: 0, max: 2 }), fc.integer({ min: 0, max: 12 })),
  score: fc.oneof({ weight: 9, arbitrary: fc.integer({ min: -20, max: 20 }) }, { weight: 1, arbitrary: fc.constant(Number.NaN) }),
  profit: fc.integer({ min: -2, max: 2 }),
});

test('equals comparing every trial with every other', () => {
  fc.assert(
    fc.property(fc.array(trial, { minLength: 1, maxLength: 60 }), fc.integer({ min: 1, max: 3 }), (trials, reach) => {
      const surface: Surface = {
        // Steps of a range are no whole numbers.
        steps: [0, 1, 2].map((d) => Float64Array.from(trials, ({ at }) => (d === 2 ? at[d] / 4 : at[d]))),
        areCategories: [false, true, false],
        scores: Float64Array.from(trials, ({ score }) => score),
        returns: Float64Array.from(trials, ({ score, profit }) => (Number.isNaN(score) ? score : profit)),
      };
      const plateau = new Plateau(surface, reach);
      for (let place = 0; place < trials.length; place++) {
        const { smoothed, ...slow } = slowly(surface, reach, place);
        const { plateauRatio: _ratio, ...around } = plateau.around(place);
        expect(around).toEqual(slow);
        if (Number.isNaN(smoothed)) expect(plateau.smoothed(place)).toBeNaN();
        else expect(plateau.smoothed(place)).toBeCloseTo(smoothed, 10);
      }
    }),
    { seed: 5, numRuns: 100 },
  );
});

describe('a finished search', () => {
  const axis = { name: 'length', values: [10, 20, 30, 40], from: Number.NaN, to: Number.NaN, isLog: false };
  const trialOf = (index: number, returnFraction: number, tradeCount: number) => {
    const metrics = new Float64Array(metricNames.length);
    metrics[metricNames.indexOf('returnFraction')] = returnFraction;
    metrics[metricNames.indexOf('tradeCount')] = tradeCount;
    return { index, parameters: { length: 10 * (index + 1) }, metrics };
  };

  test('has its best among those that keep the constraints, with all others as neighbours', () => {
    const trials = [trialOf(0, 0.5, 50), trialOf(1, 0.9, 2), trialOf(2, 0.6, 50), trialOf(3, -0.2, 50)];
    const report = judgePlateau(trials, [axis], new Ranking('returnFraction', ['tradeCount >= 10']));
    expect(report?.best).toMatchObject({ index: 2, score: 0.6, count: 2, scoreMin: -0.2, profitableFraction: 0.5 });
    // (0.5 + 0.9 / 2) / 1.5 against (0.6 + 0.9 / 2 − 0.2 / 2) / 2: the second trial would be first with 1.45 / 2, but breaks the constraint.
    expect(report?.smoothed).toMatchObject({ index: 0, parameters: { length: 10 }, score: 0.5 });
  });

  test('says where its best lies at the edge of what was searched', () => {
    const plain = { from: Number.NaN, to: Number.NaN, isLog: false };
    const dimensions = [
      axis,
      { name: 'kind', values: ['a', 'b'], ...plain },
      { name: 'one', values: [3], ...plain },
      { name: 'share', values: null, from: 0, to: 1, isLog: false },
    ];
    const edgesOf = (length: number, share: number) => {
      const trial = { ...trialOf(0, 0.5, 1), parameters: { length, kind: 'a', one: 3, share } };
      return judgePlateau([trial], dimensions, new Ranking('returnFraction', []))?.edges;
    };
    expect(edgesOf(10, 0.5)).toEqual(['length']);
    expect(edgesOf(40, 0.99)).toEqual(['length', 'share']);
    expect(edgesOf(20, 0.03)).toEqual([]);
    expect(edgesOf(30, 0.02)).toEqual(['share']);
  });

  test('averages no infinite score: what never traded against a rate is no neighbour, and about an infinite best there is nothing', () => {
    const judged = (...scores: number[]) => {
      const trials = scores.map((score, index) => trialOf(index, score, 1));
      return judgePlateau(trials, [axis], new Ranking('returnFraction', []));
    };
    const idle = Number.NEGATIVE_INFINITY;
    expect(judged(1.5, idle, 0.2)?.best).toMatchObject({ index: 0, count: 0, scoreMean: Number.NaN });
    expect(judged(idle, 1.5, 0.5)?.smoothed).toMatchObject({ index: 1, scoreSmoothed: 1.75 / 1.5 });
    expect(judged(Number.POSITIVE_INFINITY, idle)).toBeNull();
    expect(judged(idle, idle)).toBeNull();
  });

  test('in which all trials failed has nothing to tell', () => {
    const failed = { index: 0, parameters: { length: 10 }, metrics: new Float64Array(0) };
    expect(judgePlateau([failed], [axis], new Ranking('returnFraction', []))).toBeNull();
    expect(judgePlateau([], [axis], new Ranking('returnFraction', []))).toBeNull();
    // One that failed beside the best is no neighbour.
    expect(judgePlateau([trialOf(1, 0.5, 1), failed], [axis], new Ranking('returnFraction', []))?.best.count).toBe(0);
  });
});
