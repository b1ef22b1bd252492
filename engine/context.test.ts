import { describe, expect, test } from 'vitest';
import { StrategyError } from './errors.ts';
import type { OrderWish } from './strategy.ts';
import { playScript, type Turn } from './testing/play-script.ts';
import type { BarRow } from './testing/tapes.ts';

const rows: readonly BarRow[] = Array.from({ length: 4 }, () => [100, 101, 99, 100]);

function messageOf(send: (turn: Turn) => void): string {
  try {
    playScript({ rows, at: { 0: send } });
  } catch (error) {
    return error instanceof StrategyError ? `${error.code} ${error.message}` : String(error);
  }
  return 'played';
}

describe('a wish', () => {
  test('with a misspelt name is refused with the name meant', () => {
    const wish = { side: 1, sizeBase: 1, takeprofit: 120 } as OrderWish;
    expect(messageOf(({ order }) => void order.market(wish))).toMatch(/^STRATEGY_INVALID order takeprofit: .*did you mean "takeProfit"\?/);
  });

  test('with a name no order has is refused', () => {
    const wish = { side: 1, size: 3 } as unknown as OrderWish;
    expect(messageOf(({ order }) => void order.market(wish))).toContain('order size: was no part of this order');
    expect(messageOf(({ order }) => void order.close({ reason: 'x' } as object))).toContain('order reason');
    expect(messageOf(({ order }) => void order.target({ equityFraction: 0, sizeBase: 1 } as never))).toContain('order sizeBase');
  });

  test('with every name an order has is sent', () => {
    const send = ({ order }: Turn) =>
      void order.limit({ side: 1, sizeBase: 1, limitPrice: 99, stopLoss: 98, takeProfit: 105, reduceOnly: false, tag: 'entry' });
    expect(messageOf(send)).toBe('played');
  });
});

describe('the warning about clipped sizes', () => {
  const risky = (riskFraction: number) =>
    playScript({ rows, at: { 0: ({ order }) => void order.market({ side: 1, riskFraction, stopLoss: 99 }) } }).warnings;

  test('counts orders that cash made smaller than risk asked', () => {
    expect(risky(0.5)).toEqual(['1 order was made smaller than asked: cash, leverage or a cap carried no more']);
  });

  test('is silent where the size asked fits, and where only the buffer and the fee are missing', () => {
    expect(risky(0.001)).toEqual([]);
    expect(playScript({ rows, at: { 0: ({ order }) => void order.market({ side: 1, equityFraction: 1 }) } }).warnings).toEqual([]);
  });
});
