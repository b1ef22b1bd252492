import { describe, expect, test } from 'vitest';
import type { RunResult } from '../engine/result.ts';
import { assertExpectations, checkExpectations } from './expectations.ts';
import { firstDifference } from './first-difference.ts';
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
    ['metric sortinoRatio was NaN as stored, is 2 now', { metrics: { sharpeRatio: 1.5, sortinoRatio: 2 } }],
  ])('%s', (text, over) => expect(firstDifference(result(), result(over))).toBe(text));
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
    expect(() => assertExpectations(all)).not.toThrow();
  });
  test('fail outside, and NaN is in no range', () => {
    const all = outcomes({ metrics: { sharpeRatio: { max: 1 }, sortinoRatio: { min: -1000 } }, certificate: '0000000000' });
    expect(all.map((one) => one.text)).toEqual([
      'metrics.sharpeRatio: was 1.5, expected at most 1',
      'metrics.sortinoRatio: was undefined, expected at least -1000',
      'certificate: was abcdef0123, expected 0000000000',
    ]);
    expect(() => assertExpectations(all)).toThrow(/^expect\.metrics\.sharpeRatio: was 1\.5, expected at most 1\nexpect\./);
  });
});
