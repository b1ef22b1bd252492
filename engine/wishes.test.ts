import { describe, expect, test } from 'vitest';
import { PlayheadError } from './errors.ts';
import { playScript, type Turn } from './testing/play-script.ts';
import type { BarRow } from './testing/tapes.ts';

const rising = (length: number): BarRow[] => Array.from({ length }, (_, i) => [100 + i, 101 + i, 99 + i, 100 + i]);

function fault(play: () => void): PlayheadError {
  try {
    play();
  } catch (error) {
    if (error instanceof PlayheadError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('a wish that cannot be', () => {
  const wish = (send: (turn: Turn) => void) => fault(() => void playScript({ rows: rising(3), at: { 1: send } }));
  test.each<[string, (turn: Turn) => void, string]>([
    ['side', ({ order }) => void order.market({ side: 0 as 1, sizeBase: 1 }), 'order side: was 0, expected 1 (buy) or -1 (sell)'],
    [
      'no size',
      ({ order }) => void order.market({ side: 1 }),
      'order size: was nothing, expected a size, a stopLoss to size by risk, or risk.sizing in the scenario',
    ],
    [
      'risk without a stop',
      ({ order }) => void order.market({ side: 1, riskFraction: 0.01 }),
      'order size: was nothing, expected a stopLoss beside riskFraction',
    ],
    [
      'two sizes',
      ({ order }) => void order.market({ side: 1, sizeBase: 1, sizeQuote: 1 }),
      'order size: was 2, expected one of sizeBase, sizeQuote, equityFraction, riskFraction',
    ],
    ['size of none', ({ order }) => void order.market({ side: 1, sizeBase: 0 }), 'order size: was 0, expected a finite number above 0'],
    [
      'size below none',
      ({ order }) => void order.market({ side: 1, sizeQuote: -5 }),
      'order size: was -5, expected a finite number above 0',
    ],
    [
      'size NaN',
      ({ order }) => void order.market({ side: 1, equityFraction: Number.NaN }),
      'order size: was NaN, expected a finite number above 0',
    ],
    [
      'size without end',
      ({ order }) => void order.market({ side: 1, sizeBase: Number.POSITIVE_INFINITY }),
      'order size: was Infinity, expected a finite number above 0',
    ],
    [
      'limit price',
      ({ order }) => void order.limit({ side: 1, sizeBase: 1, limitPrice: Number.NaN }),
      'order limitPrice: was NaN, expected a finite price above 0',
    ],
    [
      'stop price',
      ({ order }) => void order.stop({ side: 1, sizeBase: 1, stopPrice: -1 }),
      'order stopPrice: was -1, expected a finite price above 0',
    ],
    [
      'stop loss',
      ({ order }) => void order.market({ side: 1, sizeBase: 1, stopLoss: 0 }),
      'order stopLoss: was 0, expected a finite price above 0',
    ],
    [
      'stop loss in percent',
      ({ order }) => void order.market({ side: 1, sizeBase: 1, stopLoss: { fraction: 5 } }),
      'order stopLoss fraction: was 5, expected a number between 0 and 1',
    ],
    [
      'flag that is no flag',
      ({ order }) => void order.market({ side: -1, sizeBase: 1, reduceOnly: 1 as unknown as boolean }),
      'order reduceOnly: was 1, expected true or false',
    ],
    [
      'post-only that is no flag',
      ({ order }) => void order.limit({ side: 1, sizeBase: 1, limitPrice: 1, postOnly: 'yes' as unknown as boolean }),
      'order postOnly: was yes, expected true or false',
    ],
    [
      'tag that is no word',
      ({ order }) => void order.market({ side: 1, sizeBase: 1, tag: 5 as unknown as string }),
      'order tag: was 5, expected a string',
    ],
    [
      'end beyond what a date can tell',
      ({ order }) => void order.limit({ side: 1, sizeBase: 1, limitPrice: 1, goodTillMs: -1e300 }),
      'order goodTillMs: was -1e+300, expected the time at which a GTD order expires',
    ],
    [
      'target',
      ({ order }) => void order.market({ side: 1, sizeBase: 1, takeProfit: Number.NaN }),
      'order takeProfit: was NaN, expected a finite price above 0',
    ],
    [
      'target of equity',
      ({ order }) => void order.target({ equityFraction: Number.NaN }),
      'order equityFraction: was NaN, expected a finite number',
    ],
  ])('by its %s stops the run and says what was expected', (_, send, message) => {
    const error = wish(send);
    expect(error.message).toContain(message);
    expect(error.code).toBe('STRATEGY_INVALID');
    expect(error.exitCode).toBe(5);
  });
});
