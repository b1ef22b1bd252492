import { describe, expect, test } from 'vitest';
import { ConfigError, type PlayheadError } from './errors.ts';
import { boolean, choice, integer, number, resolveParameters } from './parameters.ts';
import { refusalOf } from './testing/refusal.ts';

const schema = {
  fast: integer(10, { min: 2, max: 200 }),
  factor: number(1.5, { min: 0, max: 3 }),
  isLongOnly: boolean(true),
  mode: choice('close', ['open', 'close']),
};

function fault(given: Record<string, unknown>): PlayheadError {
  const error = refusalOf(() => void resolveParameters('cross', schema, given));
  expect(error).toBeInstanceOf(ConfigError);
  return error;
}

describe('resolveParameters', () => {
  test('fills in defaults, in the order of the schema, frozen', () => {
    const values = resolveParameters('cross', schema, { mode: 'open', fast: 20 });
    expect(Object.entries(values)).toEqual([
      ['fast', 20],
      ['factor', 1.5],
      ['isLongOnly', true],
      ['mode', 'open'],
    ]);
    expect(Object.isFrozen(values)).toBe(true);
  });

  test('takes both ends of a range', () => {
    expect(resolveParameters('cross', schema, { fast: 2, factor: 0 })).toMatchObject({ fast: 2, factor: 0 });
    expect(resolveParameters('cross', schema, { fast: 200, factor: 3 })).toMatchObject({ fast: 200, factor: 3 });
  });

  test.each<[Record<string, unknown>, string]>([
    [{ fats: 5 }, 'strategy.parameters.fats: "cross" has no such parameter; did you mean "fast"? (it has: fast, factor, isLongOnly, mode)'],
    [{ volatility: 5 }, 'strategy.parameters.volatility: "cross" has no such parameter (it has: fast, factor, isLongOnly, mode)'],
    [{ fast: 1 }, 'strategy.parameters.fast: was 1, expected a whole number from 2 to 200'],
    [{ fast: 201 }, 'strategy.parameters.fast: was 201, expected a whole number from 2 to 200'],
    [{ fast: 10.5 }, 'strategy.parameters.fast: was 10.5, expected a whole number from 2 to 200'],
    [{ fast: '10' }, 'strategy.parameters.fast: was "10", expected a whole number from 2 to 200'],
    [{ fast: Number.NaN }, 'strategy.parameters.fast: was null, expected a whole number from 2 to 200'],
    [{ fast: null }, 'strategy.parameters.fast: was null, expected a whole number from 2 to 200'],
    [{ factor: Number.POSITIVE_INFINITY }, 'strategy.parameters.factor: was null, expected a number from 0 to 3'],
    [{ isLongOnly: 1 }, 'strategy.parameters.isLongOnly: was 1, expected true or false'],
    [{ mode: 'high' }, 'strategy.parameters.mode: was "high", expected one of open, close'],
  ])('refuses %j', (given, message) => {
    const error = fault(given);
    expect(error.message).toBe(message);
    expect(error.code).toBe('STRATEGY_PARAMETER');
    expect(error.exitCode).toBe(2);
  });

  test('tells every fault at once, each on its line', () => {
    const error = fault({ fats: 5, factor: 4, mode: 'high' });
    expect(error.message.split('\n')).toEqual([
      'strategy.parameters.fats: "cross" has no such parameter; did you mean "fast"? (it has: fast, factor, isLongOnly, mode)',
      'strategy.parameters.factor: was 4, expected a number from 0 to 3',
      'strategy.parameters.mode: was "high", expected one of open, close',
    ]);
    expect(error.fields).toEqual({ parameter: 'fats', faultCount: 3 });
  });

  test('takes no parameter from a prototype', () => {
    expect(fault(JSON.parse('{"__proto__": 5}')).code).toBe('STRATEGY_PARAMETER');
    expect(fault({ constructor: 5 }).code).toBe('STRATEGY_PARAMETER');
    expect(resolveParameters('cross', schema, Object.create({ fast: 99 })).fast).toBe(10);
  });

  test('refuses a default outside its own range', () => {
    expect(() => resolveParameters('cross', { fast: integer(1, { min: 2, max: 3 }) }, {})).toThrow(
      'was 1, expected a whole number from 2 to 3',
    );
  });
});

describe('a declaration without what it needs says how it is written', () => {
  const loose = (value: unknown): never => value as never;
  test.each<[string, () => void, string]>([
    [
      'a whole number without a range',
      () => integer(5, loose(undefined)),
      'integer(5): min and max were missing, expected integer(default, { min, max }) such as integer(5, { min: 1, max: 100 })',
    ],
    [
      'a number without a max',
      () => number(0.5, loose({ min: 0 })),
      'number(0.5): max was missing, expected number(default, { min, max }) such as number(0.5, { min: 0, max: 1 })',
    ],
    [
      'a range of words',
      () => integer(5, loose({ min: '1', max: 9 })),
      'integer(5): min was no number, expected integer(default, { min, max })',
    ],
    ['a range that is a number', () => integer(5, loose(9)), 'integer(5): min and max were missing'],
    [
      'a choice without options',
      () => choice('a', loose(undefined)),
      'choice("a"): the options were missing, expected choice(default, [option, …]) such as choice("a", ["a", "b"])',
    ],
  ])('%s', (_, declare, message) => {
    let error: unknown;
    try {
      declare();
    } catch (thrown) {
      error = thrown;
    }
    expect((error as PlayheadError).code).toBe('STRATEGY_INVALID');
    expect((error as PlayheadError).message).toContain(message);
  });
});
