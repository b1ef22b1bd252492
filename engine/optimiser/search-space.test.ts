import { describe, expect, test } from 'vitest';
import { metricNames } from '../metrics/catalogue.ts';
import { boolean, choice, integer, number } from '../parameters.ts';
import { wavesOf } from './column-waves.ts';
import { Condition } from './conditions.ts';
import { gridSets, randomSets, sobolSets } from './proposals.ts';
import { Ranking } from './ranking.ts';
import { SearchSpace, type SpaceSpec } from './search-space.ts';

const schema = {
  fast: integer(10, { min: 1, max: 500 }),
  share: number(0.5, { min: 0, max: 1 }),
  isShort: boolean(false),
  side: choice('both', ['both', 'long', 'short']),
};

function spaceOf(spec: SpaceSpec, fixed: Record<string, unknown> = {}): SearchSpace {
  return new SearchSpace({ strategyName: 'own', schema, fixed, spec });
}

describe('a search space', () => {
  test('varies what it names, keeps what the scenario fixes, and leaves the rest at its default', () => {
    const sets = gridSets(spaceOf({ parameters: { fast: [3, 4], side: ['long'] } }, { share: 0.25 }));
    expect(sets).toEqual([
      { fast: 3, share: 0.25, isShort: false, side: 'long' },
      { fast: 4, share: 0.25, isShort: false, side: 'long' },
    ]);
  });

  test('steps are the decimals they are written as', () => {
    const sets = gridSets(spaceOf({ parameters: { share: { from: 0.1, to: 0.7, step: 0.1 } } }));
    expect(sets.map(({ share }) => share)).toEqual([0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7]);
  });

  test('the last parameter changes first, and the condition takes sets out', () => {
    const spec = { parameters: { fast: [1, 2, 3], isShort: [false, true] }, where: ['fast != 2 and isShort < fast'] };
    const sets = gridSets(spaceOf(spec));
    expect(sets.map(({ fast, isShort }) => [fast, isShort])).toEqual([
      [1, false],
      [3, false],
      [3, true],
    ]);
  });

  test.each<[string, SpaceSpec['parameters'], string]>([
    [
      'a parameter that is not there',
      { fsat: [1] },
      'search.parameters.fsat: "own" has no such parameter; did you mean "fast"? (it has: fast, share, isShort, side)',
    ],
    ['a value outside its range', { fast: [501] }, 'search.parameters.fast: was 501, expected a whole number from 1 to 500'],
    [
      'a range that goes beyond',
      { fast: { from: 400, to: 600, step: 50 } },
      'search.parameters.fast: was 600, expected a whole number from 1 to 500',
    ],
    ['an end outside its range', { share: { from: 0.5, to: 1.5 } }, 'search.parameters.share: was 1.5, expected a number from 0 to 1'],
    ['a range of words', { side: { from: 1, to: 2 } }, 'search.parameters.side: was a range, expected a list of values: it is a choice'],
    ['ends in disorder', { fast: { from: 9, to: 3 } }, 'search.parameters.fast: was from 9 to 3, expected a "to" above its "from"'],
    [
      'a log scale from 0',
      { share: { from: 0, to: 1, scale: 'log' } },
      'search.parameters.share: was from 0, expected a "from" above 0 on a log scale',
    ],
    ['nothing', {}, 'search.parameters: was empty, expected one parameter or more to vary'],
  ])('refuses %s', (_, parameters, message) => {
    expect(() => spaceOf({ parameters })).toThrow(message);
  });

  test('a grid needs steps, and a size that can be tried', () => {
    expect(() => gridSets(spaceOf({ parameters: { share: { from: 0, to: 1 } } }))).toThrow(
      'search.parameters.share: a grid needs a step or a list of values; or use method: random',
    );
    const many = { share: { from: 0, to: 1, step: 0.00002 }, fast: { from: 1, to: 500 } };
    expect(() => gridSets(spaceOf({ parameters: many }))).toThrow(/has 25000500 parameter sets, at most 10000000/);
  });
});

describe('sets that are drawn', () => {
  const parameters = {
    fast: { from: 1, to: 100, scale: 'log' as const },
    share: { from: 0.01, to: 1, scale: 'log' as const },
    isShort: [false, true],
  };

  test('hang on seed and index alone, however many are drawn', () => {
    const space = spaceOf({ parameters });
    const sets = randomSets(space, { trialCount: 50, seed: 5 });
    expect(randomSets(space, { trialCount: 50, seed: 5 })).toEqual(sets);
    expect(randomSets(space, { trialCount: 60, seed: 5 }).slice(0, 50)).toEqual(sets);
    expect(randomSets(space, { trialCount: 50, seed: 6 })).not.toEqual(sets);
  });

  test.each(['random', 'sobol'] as const)('%s: half of a log range lies below its geometric middle, whole numbers are whole', (method) => {
    const input = { trialCount: 256, seed: 3 };
    const space = spaceOf({ parameters });
    const sets = method === 'random' ? randomSets(space, input) : sobolSets(space, input);
    const below = sets.filter(({ share }) => Number(share) < 0.1).length;
    expect(Math.abs(below - 128)).toBeLessThan(method === 'random' ? 30 : 3);
    expect(sets.every(({ fast }) => Number.isInteger(fast) && Number(fast) >= 1 && Number(fast) <= 100)).toBe(true);
    expect(Math.abs(sets.filter(({ fast }) => Number(fast) < 10).length - 128)).toBeLessThan(method === 'random' ? 30 : 12);
    expect(sets.filter(({ isShort }) => isShort === true).length).toBeGreaterThan(90);
  });

  test('a condition that nothing keeps is told after a thousand draws', () => {
    const never = spaceOf({ parameters, where: ['fast > 1000'] });
    expect(() => randomSets(never, { trialCount: 2, seed: 1 })).toThrow(/1000 parameter sets in a row were not allowed/);
    expect(() => sobolSets(never, { trialCount: 2, seed: 1 })).toThrow(/1000 parameter sets in a row were not allowed/);
  });
});

describe('a condition', () => {
  const values: Record<string, number> = { a: 1, b: 2, none: Number.NaN };
  const holds = (text: string) => Condition.parse(text, { names: Object.keys(values), what: 'where' }).holds((name) => values[name]);

  test.each([
    ['a < b', true],
    ['b <= a', false],
    ['a == 1 and b >= 2', true],
    ['a == 1 && b > 2', false],
    ['-1.5e0 < a', true],
    ['a != 1', false],
    ['none < 1', false],
    ['none != 1', false],
  ])('%s is %s', (text, expected) => {
    expect(holds(text)).toBe(expected);
  });

  test.each(['a', 'a < b < 3', 'a <', 'a < c', '(a) < b', 'a = b', ''])('"%s" is refused with its place', (text) => {
    expect(() => holds(text)).toThrow(/^where: /);
  });
});

describe('ranking', () => {
  const metricsOf = (sharpeRatio: number, drawdownFractionMax: number): { metrics: Float64Array } => {
    const figures: Record<string, number> = { sharpeRatio, drawdownFractionMax };
    return { metrics: Float64Array.from(metricNames, (name) => figures[name] ?? 0) };
  };

  test('the largest first, then what breaks a constraint, then what has no figure or failed; ties by place', () => {
    const ranking = new Ranking('sharpeRatio', ['drawdownFractionMax < 0.5']);
    const trials = [
      metricsOf(1, 0.1),
      metricsOf(9, 0.6),
      metricsOf(Number.NaN, 0),
      { metrics: new Float64Array(0) },
      metricsOf(2, 0.1),
      metricsOf(1, 0.2),
    ];
    expect(ranking.order(trials)).toEqual([4, 0, 5, 1, 2, 3]);
  });

  test('with a minus the smallest first', () => {
    expect(new Ranking('-drawdownFractionMax', []).order([metricsOf(0, 0.3), metricsOf(0, 0.1)])).toEqual([1, 0]);
  });
});

describe('waves of trials', () => {
  test('hold consecutive trials as long as their columns fit', () => {
    const keysOf = [['a', 'b'], ['a', 'c'], ['a', 'd'], ['e', 'f', 'g', 'h'], []];
    expect(wavesOf(keysOf, 3)).toEqual([
      { first: 0, last: 2, keys: ['a', 'b', 'c'] },
      { first: 2, last: 3, keys: ['a', 'd'] },
      { first: 3, last: 4, keys: ['e', 'f', 'g', 'h'] },
      { first: 4, last: 5, keys: [] },
    ]);
    expect(wavesOf(keysOf, 100)).toEqual([{ first: 0, last: 5, keys: ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'] }]);
    expect(wavesOf([], 3)).toEqual([]);
  });
});
