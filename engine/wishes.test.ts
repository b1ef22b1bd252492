import { describe, expect, test } from 'vitest';
import { playScript, type Turn } from './testing/play-script.ts';
import { refusalOf } from './testing/refusal.ts';
import type { BarRow } from './testing/tapes.ts';

const rising = (length: number): BarRow[] => Array.from({ length }, (_, i) => [100 + i, 101 + i, 99 + i, 100 + i]);

describe('a wish that cannot be', () => {
  const wish = (send: (turn: Turn) => void) => refusalOf(() => void playScript({ rows: rising(3), at: { 1: send } }));
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
      'order size: was stated as sizeBase and sizeQuote, expected one of them alone',
    ],
    ['size of none', ({ order }) => void order.market({ side: 1, sizeBase: 0 }), 'order sizeBase: was 0, expected a finite number above 0'],
    [
      'size below none',
      ({ order }) => void order.market({ side: 1, sizeQuote: -5 }),
      'order sizeQuote: was -5, expected a finite number above 0',
    ],
    [
      'size NaN',
      ({ order }) => void order.market({ side: 1, equityFraction: Number.NaN }),
      'order equityFraction: was NaN, expected a finite number above 0',
    ],
    [
      'size without end',
      ({ order }) => void order.market({ side: 1, sizeBase: Number.POSITIVE_INFINITY }),
      'order sizeBase: was Infinity, expected a finite number above 0',
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

/** What a strategy without types may send. */
const loose = (value: unknown): never => value as never;

describe('what is no number is refused, not turned into one', () => {
  const buy = { side: 1, sizeBase: 1 } as const;
  test.each<[string, (turn: Turn) => void, string]>([
    [
      'sizeBase',
      ({ order }) => void order.market({ side: 1, sizeBase: loose('0.1') }),
      'order sizeBase: was the string "0.1", expected a finite number above 0',
    ],
    [
      'sizeQuote',
      ({ order }) => void order.market({ side: 1, sizeQuote: loose('50') }),
      'order sizeQuote: was the string "50", expected a finite number above 0',
    ],
    [
      'equityFraction',
      ({ order }) => void order.market({ side: 1, equityFraction: loose(true) }),
      'order equityFraction: was true, expected a finite number above 0',
    ],
    [
      'limitPrice',
      ({ order }) => void order.limit({ ...buy, limitPrice: loose('47000') }),
      'order limitPrice: was the string "47000", expected a finite price above 0',
    ],
    [
      'stopPrice',
      ({ order }) => void order.stop({ ...buy, stopPrice: loose('47000') }),
      'order stopPrice: was the string "47000", expected a finite price above 0',
    ],
    [
      'touchPrice',
      ({ order }) => void order.marketIfTouched({ ...buy, touchPrice: loose([90]) }),
      'order touchPrice: was a list, expected a finite price above 0',
    ],
    [
      'stopLoss',
      ({ order }) => void order.market({ ...buy, stopLoss: loose('46000') }),
      'order stopLoss: was the string "46000", expected a finite price above 0',
    ],
    [
      'stopLoss null',
      ({ order }) => void order.market({ ...buy, stopLoss: loose(null) }),
      'order stopLoss: was null, expected a price, { fraction } or { distance } from the entry',
    ],
    [
      'takeProfit',
      ({ order }) => void order.market({ ...buy, takeProfit: loose('46000') }),
      'order takeProfit: was the string "46000", expected a finite price above 0',
    ],
    [
      'stopLoss fraction',
      ({ order }) => void order.market({ ...buy, stopLoss: { fraction: loose('0.01') } }),
      'order stopLoss: was the string "0.01", expected a finite number above 0',
    ],
    [
      'step fraction',
      ({ order }) => void order.market({ ...buy, takeProfit: [{ afterMs: 0, fraction: loose('0.01') }] }),
      'order takeProfit fraction: was the string "0.01", expected a number from -1 on',
    ],
    [
      'step afterMs',
      ({ order }) => void order.market({ ...buy, takeProfit: [{ afterMs: loose('0'), fraction: 0.01 }] }),
      'order takeProfit: was the string "0", expected steps with afterMs from 0 on, rising',
    ],
    [
      'step',
      ({ order }) => void order.market({ ...buy, takeProfit: loose([0.01]) }),
      'order takeProfit: was 0.01, expected steps such as { afterMs: 0, fraction: 0.05 }',
    ],
    [
      'trail',
      ({ order }) => void order.market({ ...buy, trail: loose(5) }),
      'order trail: was 5, expected { distance }, { fraction } or { multiple, of }',
    ],
    [
      'trail distance',
      ({ order }) => void order.market({ ...buy, trail: { distance: loose('5') } }),
      'order trail distance: was the string "5", expected a finite number above 0',
    ],
    [
      'activation',
      ({ order }) => void order.market({ ...buy, trail: { distance: 5, activation: loose('90') } }),
      'order activation: was the string "90", expected a price, { fraction } or { distance } from the entry',
    ],
    [
      'goodTillMs',
      ({ order }) => void order.limit({ ...buy, limitPrice: 90, goodTillMs: loose('9e12') }),
      'order goodTillMs: was the string "9e12", expected the time at which a GTD order expires',
    ],
    [
      'target',
      ({ order }) => void order.target({ equityFraction: loose('0.5') }),
      'order equityFraction: was the string "0.5", expected a finite number',
    ],
    [
      'amended size',
      ({ order }) => void order.amend(order.limit({ ...buy, limitPrice: 90 }), { sizeBase: loose('2') }),
      'order sizeBase: was the string "2", expected a finite number above 0',
    ],
    [
      'wish',
      ({ order }) => void order.market(loose(undefined)),
      'order wish: was undefined, expected an object such as { side: 1, sizeBase: 1 }',
    ],
  ])('%s', (_, send, message) => {
    const error = refusalOf(() => void playScript({ rows: rising(3), at: { 1: send } }));
    expect([error.code, error.message]).toEqual(['STRATEGY_INVALID', message]);
  });
});

describe('an id that no order was given', () => {
  test.each<[string, (turn: Turn) => void, string]>([
    [
      'cancel',
      ({ order }) => order.cancel(77),
      'order.cancel: no order has the id 77; 1 was sent so far, and each call that sends one returns its id',
    ],
    ['amend', ({ order }) => order.amend(77, { limitPrice: 3 }), 'order.amend: no order has the id 77'],
    ['oneCancelsOther', ({ order }) => order.oneCancelsOther([0, 99]), 'order.oneCancelsOther: no order has the id 99'],
    ['after', ({ order }) => void order.market({ side: 1, sizeBase: 1, after: 77 }), 'order.after: no order has the id 77'],
    ['amend of none', ({ order }) => order.amend(order.close(), { limitPrice: 3 }), 'order.amend: no order has the id -1'],
    ['cancel of a word', ({ order }) => order.cancel(loose('0')), 'order.cancel: no order has the id the string "0"'],
    ['cancel of nothing', ({ order }) => order.cancel(loose(undefined)), 'order.cancel: no order has the id undefined'],
  ])('%s is the fault of the strategy', (_, send, message) => {
    const first = ({ order }: Turn) => void order.limit({ side: 1, sizeBase: 1, limitPrice: 1 });
    const error = refusalOf(() => void playScript({ rows: rising(4), at: { 0: first, 2: send } }));
    expect(error.code).toBe('STRATEGY_INVALID');
    expect(error.message).toContain(message);
  });

  test('what close and target return where there is nothing to do is no order, and its cancel does nothing', () => {
    expect(playScript({ rows: rising(4), at: { 1: ({ order }) => order.cancel(order.close()) } }).orders).toEqual([]);
  });

  test('an order that has ended is an event: its cancel does nothing, its amend is refused', () => {
    const { orders } = playScript({
      rows: rising(4),
      at: {
        0: ({ order }) => void order.market({ side: 1, sizeBase: 1 }),
        2: ({ order }) => {
          order.cancel(0);
          order.amend(0, { sizeBase: 2 });
        },
      },
    });
    expect(orders.map(({ role, status, reason }) => `${role} ${status} ${reason}`.trim())).toEqual([
      'own filled',
      'amend rejected order 0 has ended, and cannot be amended',
    ]);
  });
});
