import { describe, expect, test } from 'vitest';
import type { RunResult } from '../engine/result.ts';
import { checkExpectations, expectationError } from './expectations.ts';
import { differenceIn, firstDifference } from './first-difference.ts';
import { scenarioSchema } from './schema.ts';

function result(over: object = {}): RunResult {
  const columns = { timeMs: Float64Array.of(0, 1000), equityQuote: Float64Array.of(1, 2) };
  return {
    orders: [{ id: 0, status: 'rejected', limitPrice: Number.NaN }],
    fills: [
      { orderId: 0, priceQuote: 5 },
      { orderId: 1, priceQuote: 6 },
    ],
    trades: [],
    equity: columns,
    daily: columns,
    buyAndHold: Float64Array.of(1, 1.5),
    ledger: { fees: '-1' },
    warnings: ['first'],
    metrics: { sharpeRatio: 1.5, sortinoRatio: Number.NaN },
    ambiguousBarCount: 3,
    certificate: { runHash: 'abcdef0123456789' },
    ...over,
  } as unknown as RunResult;
}

describe('the first difference', () => {
  test('is none between equals, NaN included', () => expect(firstDifference(result(), result())).toBeUndefined());
  test.each([
    [
      'fill 2: priceQuote was 6 as stored, is 7 now',
      {
        fills: [
          { orderId: 0, priceQuote: 5 },
          { orderId: 1, priceQuote: 7 },
        ],
      },
    ],
    ['fill 2: 2 were stored, 1 come out now', { fills: [{ orderId: 0, priceQuote: 5 }] }],
    ['order 1: status was "rejected" as stored, is "filled" now', { orders: [{ id: 0, status: 'filled', limitPrice: Number.NaN }] }],
    [
      'equity row 2: was 2 at 1970-01-01T00:00:01.000Z as stored, is 3 at 1970-01-01T00:00:01.000Z now',
      { equity: { timeMs: Float64Array.of(0, 1000), equityQuote: Float64Array.of(1, 3) } },
    ],
    [
      'equity row 2: was 2 at 1970-01-01T00:00:01.000Z as stored, is 2 at 1000.0000000000001 ms now',
      { equity: { timeMs: Float64Array.of(0, 1000.0000000000001), equityQuote: Float64Array.of(1, 2) } },
    ],
    [
      'buy and hold row 2: was 1.5 at 1970-01-01T00:00:01.000Z as stored, is 9 at 1970-01-01T00:00:01.000Z now',
      { buyAndHold: Float64Array.of(1, 9) },
    ],
    ['ambiguousBarCount was 3 as stored, is 4 now', { ambiguousBarCount: 4 }],
    ['ledger.fees was "-1" as stored, is "-2" now', { ledger: { fees: '-2' } }],
    ['warnings.1 was missing as stored, is "second" now', { warnings: ['first', 'second'] }],
    ['warnings.0 was "first" as stored, is missing now', { warnings: [] }],
    ['metric sortinoRatio was NaN as stored, is 2 now', { metrics: { sharpeRatio: 1.5, sortinoRatio: 2 } }],
  ])('%s', (text, over) => expect(firstDifference(result(), result(over))).toBe(text));
});

test('a number that JSON cannot hold equals its text', () => {
  expect(differenceIn('a', { b: ['NaN', '-Infinity'] }, { b: [Number.NaN, Number.NEGATIVE_INFINITY] })).toBeUndefined();
  expect(differenceIn('a', { b: 'NaN' }, { b: 0 })).toBe('a.b was "NaN" as stored, is 0 now');
});

describe('expectations', () => {
  const outcomes = (expectBlock: object) => {
    const scenario = scenarioSchema.parse({
      name: 'x',
      data: { series: [{ venue: 'v', symbol: 's', timeframe: '1d' }] },
      strategy: { use: 'x' },
      expect: expectBlock,
    });
    return checkExpectations(scenario.expect, result());
  };
  test('hold at both ends of a range', () => {
    const all = outcomes({
      metrics: { sharpeRatio: { min: 1.5, max: 1.5 } },
      ambiguousBars: { max: 3 },
      fills: { min: 2 },
      orders: { max: 1 },
      trades: { max: 0 },
      rejectedOrders: { min: 1 },
      certificate: 'abcdef01',
    });
    expect(all.map((one) => one.isMet)).toEqual([true, true, true, true, true, true, true]);
    expect(expectationError(all)).toBeUndefined();
  });
  test('fail outside, and NaN is in no range', () => {
    const all = outcomes({ metrics: { sharpeRatio: { max: 1 }, sortinoRatio: { min: -1000 } }, certificate: '0000000000' });
    expect(all.map((one) => one.text)).toEqual([
      'metrics.sharpeRatio: was 1.5, expected at most 1',
      'metrics.sortinoRatio: was undefined, expected at least -1000',
      'certificate: was abcdef0123, expected 0000000000',
    ]);
    expect(expectationError(all)?.message).toMatch(/^expect\.metrics\.sharpeRatio: was 1\.5, expected at most 1\nexpect\./);
    expect(expectationError(all, ['seed=2'])?.message).toMatch(
      /\nthe block is of the scenario without --set; leave it out with --set expect=\{\}$/,
    );
    expect(expectationError(all, ['seed=2', 'expect.trades.min=1'])?.message).not.toContain('--set');
  });
});
