import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { exp, log } from '../math.ts';
import { normalProbability } from '../metrics/normal.ts';
import { boolean, choice, integer, number, type ParameterSchema, type ParameterValues } from '../parameters.ts';
import { createRandom } from '../random.ts';
import { Axis } from './axis.ts';
import { Parzen } from './parzen.ts';
import { type EndedTrial, gridSets, randomSets } from './proposals.ts';
import { type Dimension, SearchSpace, type SpaceSpec, valueAt } from './search-space.ts';
import { TreeParzenProposals } from './tree-parzen.ts';

type Objective = (set: Record<string, number>) => number;

/** A function to be made large, over a space, with its largest value. */
interface Problem {
  readonly name: string;
  readonly schema: ParameterSchema;
  readonly spec: SpaceSpec;
  readonly largest: number;
  readonly objective: Objective;
}

const unit = number(0.5, { min: 0, max: 1 });
const unitNames = ['a', 'b', 'c', 'd', 'e', 'f'];

/** Source: Dixon and Szegö 1978. */
const branin: Problem = {
  name: 'Branin',
  schema: { x: number(0, { min: -5, max: 10 }), y: number(0, { min: 0, max: 15 }) },
  spec: { parameters: { x: { from: -5, to: 10 }, y: { from: 0, to: 15 } } },
  largest: -0.39788735772973816,
  objective: ({ x, y }) => {
    const bend = y - (5.1 / (4 * Math.PI ** 2)) * x * x + (5 / Math.PI) * x - 6;
    return -(bend * bend + 10 * (1 - 1 / (8 * Math.PI)) * Math.cos(x) + 10);
  },
};

const hartmannWeights = [1, 1.2, 3, 3.2];
const hartmannSlopes = [
  [10, 3, 17, 3.5, 1.7, 8],
  [0.05, 10, 17, 0.1, 8, 14],
  [3, 3.5, 1.7, 10, 17, 8],
  [17, 8, 0.05, 10, 0.1, 14],
];
const hartmannCentres = [
  [0.1312, 0.1696, 0.5569, 0.0124, 0.8283, 0.5886],
  [0.2329, 0.4135, 0.8307, 0.3736, 0.1004, 0.9991],
  [0.2348, 0.1451, 0.3522, 0.2883, 0.3047, 0.665],
  [0.4047, 0.8828, 0.8732, 0.5743, 0.1091, 0.0381],
];
/** Source: Hartmann 1973; six parameters. */
const hartmann: Problem = {
  name: 'Hartmann 6',
  schema: Object.fromEntries(unitNames.map((name) => [name, unit])),
  spec: { parameters: Object.fromEntries(unitNames.map((name) => [name, { from: 0, to: 1 }])) },
  largest: 3.3223680114,
  objective: (set) => {
    const distance = (i: number) =>
      unitNames.reduce((sum, name, k) => sum + hartmannSlopes[i][k] * (set[name] - hartmannCentres[i][k]) ** 2, 0);
    return hartmannWeights.reduce((sum, weight, i) => sum + weight * exp(-distance(i)), 0);
  },
};

const kinds = ['a', 'b', 'c', 'd'] as const;
const kindCosts = [1, 0.5, 0, 2];
const kindMiddles = [20, 150, 60, 100];
/** Each kind has a best length of its own; a rate over four decades; a switch. */
const mixed: Problem = {
  name: 'mixed',
  schema: {
    kind: choice('a', kinds),
    length: integer(5, { min: 1, max: 200 }),
    rate: number(0.1, { min: 0.0001, max: 1 }),
    on: boolean(false),
  },
  spec: { parameters: { kind: kinds, length: { from: 1, to: 200 }, rate: { from: 0.0001, to: 1, scale: 'log' }, on: [false, true] } },
  largest: 0,
  objective: ({ kind, length, rate, on }) => {
    const k = kinds.indexOf(kind as unknown as 'a');
    return -(kindCosts[k] + ((length - kindMiddles[k]) / 40) ** 2 + (log(rate / 0.003) / Math.LN10) ** 2 + (on ? 0 : 0.5));
  },
};

/** Good along slow = 2 × fast + 20 alone. */
const ridge: Problem = {
  name: 'ridge',
  schema: { fast: integer(5, { min: 1, max: 200 }), slow: integer(50, { min: 1, max: 400 }) },
  spec: { parameters: { fast: { from: 1, to: 200 }, slow: { from: 1, to: 400 } }, where: ['fast < slow'] },
  largest: 0,
  objective: ({ fast, slow }) => -(Math.abs(slow - 2 * fast - 20) / 20 + Math.abs(fast - 120) / 200),
};

function spaceOf({ schema, spec }: Pick<Problem, 'schema' | 'spec'>): SearchSpace {
  return new SearchSpace({ strategyName: 'own', schema, fixed: {}, spec });
}

const asNumbers = (set: ParameterValues) => set as Record<string, number>;

function searched(
  problem: Problem,
  { trialCount = 100, seed = 1, batchSize = 10 },
  keeps: (set: ParameterValues) => boolean = () => true,
): EndedTrial[] {
  const proposals = new TreeParzenProposals(spaceOf(problem), { trialCount, seed, batchSize });
  const ended: EndedTrial[] = [];
  for (;;) {
    const sets = proposals.next(ended);
    if (sets.length === 0) return ended;
    ended.push(
      ...sets.map((parameters) => ({ parameters, score: problem.objective(asNumbers(parameters)), keepsConstraints: keeps(parameters) })),
    );
  }
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
}

const setsOf = (ended: readonly EndedTrial[]) => ended.map(({ parameters }) => parameters);
const keysOf = (ended: readonly EndedTrial[]) => ended.map(({ parameters }) => JSON.stringify(parameters));

describe('100 sets by TPE, the median of 15 seeds', () => {
  // By how much the best that was found falls short, of TPE and of as many random sets: what is measured stands beside what is asked.
  test.each([
    [branin, 0.05, 0.3],
    [hartmann, 0.45, 1],
    [mixed, 0.01, 0.3],
    [ridge, 0.1, 0.2],
  ] as const)('of $name comes nearer than random sets do', (problem, shortMax, randomMin) => {
    const seeds = Array.from({ length: 15 }, (_, k) => k + 1);
    const short = (sets: readonly ParameterValues[]) => problem.largest - Math.max(...sets.map((set) => problem.objective(asNumbers(set))));
    const byModel = median(seeds.map((seed) => short(setsOf(searched(problem, { seed })))));
    const byChance = median(seeds.map((seed) => short(randomSets(spaceOf(problem), { trialCount: 100, seed }))));
    expect(byModel).toBeLessThan(shortMax);
    expect(byChance).toBeGreaterThan(randomMin);
  });
});

describe('proposals by TPE', () => {
  const small: Problem = {
    name: 'small',
    schema: { fast: integer(1, { min: 1, max: 9 }), side: choice('a', kinds) },
    spec: { parameters: { fast: { from: 1, to: 9 }, side: kinds }, where: ['fast != 5'] },
    largest: 8,
    objective: ({ fast }) => fast,
  };

  test('of a space that can be counted no set comes twice, and after the last there is none', () => {
    const all = gridSets(spaceOf(small)).map((set) => JSON.stringify(set));
    const keys = keysOf(searched(small, { trialCount: 1_000 }));
    expect(all).toHaveLength(32);
    expect(keys).toHaveLength(32);
    expect(new Set(keys)).toEqual(new Set(all));
  });

  test('of a ridge of 60,000 sets no two are alike, each keeps its condition, and numbers keep their steps', () => {
    const ended = searched(ridge, { trialCount: 300 });
    expect(new Set(keysOf(ended)).size).toBe(300);
    for (const { parameters } of ended) {
      expect(parameters.fast).toBeLessThan(parameters.slow as number);
      expect(Number.isInteger(parameters.fast)).toBe(true);
    }
  });

  test('hang on seed and results alone, and more of them begin with the same ones', () => {
    const sets = setsOf(searched(branin, { trialCount: 60, seed: 5 }));
    expect(setsOf(searched(branin, { trialCount: 60, seed: 5 }))).toEqual(sets);
    expect(setsOf(searched(branin, { trialCount: 90, seed: 5 })).slice(0, 60)).toEqual(sets);
    expect(setsOf(searched(branin, { trialCount: 60, seed: 6 }))).not.toEqual(sets);
    const other = { ...branin, objective: ({ x }: Record<string, number>) => x };
    const others = setsOf(searched(other, { trialCount: 60, seed: 5 }));
    // Two batches are drawn evenly, before anything is known.
    expect(others.slice(0, 20)).toEqual(sets.slice(0, 20));
    expect(others.slice(20)).not.toEqual(sets.slice(20));
  });

  test('go where constraints are kept: a trial that breaks them, fails or has no score is a bad one', () => {
    const isHigh = (x: unknown) => (x as number) > 5;
    const peaks = ({ x }: Record<string, number>) => Math.max(2 - Math.abs(x - 8), 1 - Math.abs(x + 2));
    const shareHigh = (objective: Objective, keeps?: (set: ParameterValues) => boolean) =>
      searched({ ...branin, objective }, {}, keeps)
        .slice(20)
        .filter(({ parameters }) => isHigh(parameters.x)).length / 80;
    expect(shareHigh(peaks)).toBeGreaterThan(0.8);
    expect(shareHigh(peaks, ({ x }) => !isHigh(x))).toBeLessThan(0.15);
    expect(shareHigh((set) => (isHigh(set.x) ? Number.NaN : peaks(set)))).toBeLessThan(0.15);
    // Where none is good they keep away from what was tried.
    const nowhere = searched({ ...branin, objective: () => Number.NaN }, { trialCount: 60 });
    expect(new Set(keysOf(nowhere)).size).toBe(60);
  });

  test('of two infinite scores the earlier is the better one', () => {
    const endless = { ...small, objective: ({ fast }: Record<string, number>) => (fast > 6 ? Number.POSITIVE_INFINITY : fast) };
    expect(searched(endless, { trialCount: 32 })).toHaveLength(32);
  });

  test('more than ten thousand trials are refused with their place', () => {
    expect(() => new TreeParzenProposals(spaceOf(branin), { trialCount: 10_001, seed: 1, batchSize: 10 })).toThrow(
      'search.trials: was 10001, expected at most 10000 with method: tpe',
    );
  });
});

describe('an axis', () => {
  const dimensionOf = (schema: ParameterSchema, spec: SpaceSpec['parameters'][string]): Dimension =>
    spaceOf({ schema: { p: schema.p }, spec: { parameters: { p: spec } } }).dimensions[0];
  const wide = { p: integer(1, { min: 1, max: 1_000 }) };
  const free = { p: number(1, { min: 0.001, max: 1_000 }) };

  test.each<[string, Dimension]>([
    ['whole numbers', dimensionOf(wide, { from: 3, to: 90, step: 4 })],
    ['whole numbers on a log scale', dimensionOf(wide, { from: 2, to: 600 })],
    ['whole numbers on a log scale with steps', dimensionOf(wide, { from: 2, to: 600, step: 7, scale: 'log' })],
    ['numbers on a log scale', dimensionOf(free, { from: 0.01, to: 100, scale: 'log' })],
    ['numbers', dimensionOf(free, { from: 0.5, to: 100 })],
    ['a list', dimensionOf(wide, [5, 3, 100])],
  ])('gives the value of valueAt() at every place: %s', (_, dimension) => {
    const axis = new Axis(dimension);
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (place) => {
        const value = axis.valueOf(axis.at(place));
        expect(value).toBe(valueAt(dimension, place));
        expect(axis.at(axis.middleOf(axis.coordinateOf(value)))).toBeCloseTo(axis.at(place), 9);
      }),
      { seed: 1, numRuns: 300 },
    );
  });

  test('numbers that rise or fall are neighbours, others are kinds', () => {
    const isOrdered = (spec: readonly number[]) => new Axis(dimensionOf(wide, spec)).isOrdered;
    expect([isOrdered([1, 5, 100]), isOrdered([100, 5, 1]), isOrdered([5, 1, 100])]).toEqual([true, true, false]);
    expect(new Axis(dimensionOf({ p: boolean(false) }, [false, true])).isOrdered).toBe(false);
  });
});

describe('a Parzen density', () => {
  const axesOf = (problem: Problem) => spaceOf(problem).dimensions.map((dimension) => new Axis(dimension));
  const one = (spec: SpaceSpec['parameters'][string], parameter: ParameterSchema[string]) =>
    spaceOf({ schema: { p: parameter }, spec: { parameters: { p: spec } } }).dimensions.map((dimension) => new Axis(dimension));

  test('has 1 in all, to within a twentieth, and where an axis has three values a tenth', () => {
    for (const count of [0, 1, 5, 40]) {
      const random = createRandom(count);
      const places = Array.from({ length: 4_000 }, (_, k) => (k + 0.5) / 4_000);
      for (const axes of [
        one({ from: 0, to: 1 }, unit),
        one({ from: 0.001, to: 1, scale: 'log' }, unit),
        one({ from: 1, to: 100 }, integer(1, { min: 1, max: 100 })),
        one({ from: 1, to: 60, scale: 'log' }, integer(1, { min: 1, max: 100 })),
        one([1, 5, 100], integer(1, { min: 1, max: 100 })),
        one(kinds, choice('a', kinds)),
      ]) {
        const density = new Parzen(
          axes,
          Array.from({ length: count }, () => Float64Array.of(axes[0].at(random()))),
        );
        const whole = places.reduce((sum, place) => sum + exp(density.logDensity(Float64Array.of(axes[0].at(place)))), 0) / 4_000;
        expect(Math.abs(whole - 1), `${count} points, ${axes[0].count} values: ${whole}`).toBeLessThan(axes[0].count === 3 ? 0.1 : 0.05);
      }
    }
  });

  test('is the mean of the products of its kernels and of a flat one', () => {
    const axes = axesOf(mixed);
    const random = createRandom(3);
    const drawn = () => Float64Array.from(axes, (axis) => axis.at(random()));
    const points = Array.from({ length: 12 }, drawn);
    const width = 0.1 * 12 ** (-1 / 8);
    const place = (value: number, axis: number) => (axis === 1 ? (value + 0.5) / 200 : value);
    const kernel = (own: number, x: number, axis: number): number => {
      const count = [4, 0, 0, 2][axis];
      if (count > 0) return (count * ((own === x ? 1 : 0) + 1 / 13)) / (1 + count / 13);
      const [from, to] = [place(own, axis), place(x, axis)];
      const cut = normalProbability((1 - from) / width) - normalProbability(-from / width);
      return exp(-(((to - from) / width) ** 2) / 2) / (width * Math.sqrt(2 * Math.PI) * cut);
    };
    const density = new Parzen(axes, points);
    for (let k = 0; k < 200; k++) {
      const point = drawn();
      const products = points.map((own) => [0, 1, 2, 3].reduce((product, axis) => product * kernel(own[axis], point[axis], axis), 1));
      const mean = (1 + products.reduce((sum, product) => sum + product, 0)) / 13;
      expect(density.logDensity(point)).toBeCloseTo(log(mean), 9);
    }
  });

  test('draws no more at the end of an axis than near it', () => {
    const axes = one({ from: 0, to: 1 }, unit);
    const density = new Parzen(axes, [Float64Array.of(0.02)]);
    const random = createRandom(4);
    const drawn = Array.from({ length: 20_000 }, () => density.draw(random)[0]);
    for (const end of [0.001, 0.02, 0.1]) {
      const inside = Array.from({ length: 500 }, (_, k) => exp(density.logDensity(Float64Array.of(((k + 0.5) * end) / 500))));
      const expected = (inside.reduce((sum, value) => sum + value, 0) * end) / 500;
      expect(Math.abs(drawn.filter((place) => place < end).length / 20_000 - expected)).toBeLessThan(0.01);
    }
  });

  test('draws as often as it says', () => {
    const axes = axesOf(mixed);
    const random = createRandom(8);
    const points = Array.from({ length: 3 }, () => Float64Array.from(axes, (axis) => axis.at(random())));
    const density = new Parzen(axes, points);
    const count = 20_000;
    const drawn = Array.from({ length: count }, () => density.draw(random));
    const flat = Array.from({ length: count }, () => Float64Array.from(axes, (axis) => axis.at(random())));
    // Each region as often among the drawn as flat draws weigh there by the density.
    for (const isInside of [
      ([kind]: Float64Array) => kind === points[0][0],
      ([, length]: Float64Array) => Math.abs(length - points[1][1]) < 15,
      ([, , rate, on]: Float64Array) => rate < points[2][2] && on === points[2][3],
    ]) {
      const share = drawn.filter(isInside).length / count;
      const expected = flat.reduce((sum, point) => sum + (isInside(point) ? exp(density.logDensity(point)) : 0), 0) / count;
      expect(Math.abs(share - expected)).toBeLessThan(0.03);
    }
  });
});
