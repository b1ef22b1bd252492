/** Hedge accounts: a long and a short leg of one instrument, side by side. */
import { describe, expect, test } from 'vitest';
import type { AccountSettings } from './settings.ts';
import type { OrderWish } from './strategy.ts';
import { playScript, type ScriptInput, type Turn } from './testing/play-script.ts';
import { type BarRow, tapeOf } from './testing/tapes.ts';

const minuteMs = 60_000;
const flat = (price: number): BarRow => [price, price, price, price];
const hedge = { kind: 'frictionless', leverage: 4, positions: 'hedge' } as const;
const played = ({ settings, ...input }: ScriptInput) =>
  playScript({ instrument: { quoteDecimals: 2 }, ...input, settings: { ...settings, account: { ...hedge, ...settings?.account } } });
const send = (wish: OrderWish) => (turn: Turn) => void turn.order.market(wish);
const both = ({ order }: Turn) => {
  order.market({ side: 1, sizeBase: 10, leg: 'long' });
  order.market({ side: -1, sizeBase: 4, leg: 'short' });
};
const told = ({ fills, instruments }: ReturnType<typeof played>) =>
  fills.map((fill) => [fill.timeMs / minuteMs, instruments[fill.instrumentIndex].leg, fill.side * fill.sizeBase, fill.priceQuote]);

test('12.8, 12.9 both legs are held at once, each with its own price and its own trades', () => {
  const seen: unknown[] = [];
  const result = played({
    rows: [100, 100, 110, 120].map(flat),
    at: { 0: both, 1: send({ side: 1, sizeBase: 10, leg: 'long' }), 2: ({ order }) => void order.close({ leg: 'short' }) },
    always: ({ position }) => {
      const [long, short] = [position.leg('long'), position.leg('short')];
      seen.push([long.sizeBase, long.averagePriceQuote, short.sizeBase, short.averagePriceQuote, position.sizeBase, position.isFlat]);
    },
  });
  expect(told(result)).toEqual([
    [1, 'long', 10, 100],
    [1, 'short', -4, 100],
    [2, 'long', 10, 110],
    [3, 'short', 4, 120],
  ]);
  expect(seen).toEqual([
    [0, Number.NaN, 0, Number.NaN, 0, true],
    [10, 100, -4, 100, 6, false],
    [20, 105, -4, 100, 16, false],
    [20, 105, 0, Number.NaN, 20, false],
  ]);
  expect(result.trades.map(({ side, sizeBase, pnlQuote }) => [side, sizeBase, pnlQuote])).toEqual([[-1, 4, -80]]);
  expect([...result.equity.equityQuote]).toEqual([10_000, 10_000, 10_060, 10_220]);
  expect(result.openPositions).toMatchObject([{ instrumentIndex: 0, sizeBase: 20, unrealisedPnlQuote: 300 }]);
});

test('what is held on both legs is worth what the net position is, and costs the same cash', () => {
  const rows = [100, 101, 99, 105, 103, 108].map(flat);
  const legs = played({
    rows,
    at: { 0: both, 2: send({ side: -1, sizeBase: 3, leg: 'long' }), 3: send({ side: 1, sizeBase: 4, leg: 'short' }) },
  });
  const net = playScript({
    rows,
    instrument: { quoteDecimals: 2 },
    settings: { account: { kind: 'frictionless', leverage: 4 } },
    at: {
      0: ({ order }) => {
        order.market({ side: 1, sizeBase: 10 });
        order.market({ side: -1, sizeBase: 4 });
      },
      2: send({ side: -1, sizeBase: 3 }),
      3: send({ side: 1, sizeBase: 4 }),
    },
  });
  expect(legs.equity).toEqual(net.equity);
  expect(legs.ledger).toEqual(net.ledger);
});

describe('an order against its leg', () => {
  test('closes at most what the leg holds: more is refused, and never turns it', () => {
    const { orders } = played({ rows: [100, 100, 100].map(flat), at: { 0: both, 1: send({ side: -1, sizeBase: 11, leg: 'long' }) } });
    expect(orders[2]).toMatchObject({
      status: 'rejected',
      reason: 'closes 11 of the long leg, which holds 10: what is more would belong to the other leg',
    });
  });

  test('that another order emptied before is refused at its fill', () => {
    const { orders } = played({
      rows: [flat(100), flat(100), [100, 106, 94, 100], flat(100)],
      at: {
        0: both,
        1: ({ order }) => {
          order.limit({ side: -1, sizeBase: 10, limitPrice: 105, leg: 'long' });
          order.limit({ side: -1, sizeBase: 10, limitPrice: 105.5, leg: 'long' });
        },
      },
    });
    expect(orders.slice(2).map((order) => order.status)).toEqual(['filled', 'rejected']);
    expect(orders[3].reason).toBe('closes 10 of the long leg, which holds 0: what is more would belong to the other leg');
  });

  test('with reduceOnly is cut to it, whatever the other leg holds', () => {
    const result = played({
      rows: [100, 100, 100].map(flat),
      at: { 0: both, 1: send({ side: 1, sizeBase: 50, leg: 'short', reduceOnly: true }) },
    });
    expect(told(result).at(-1)).toEqual([2, 'short', 4, 100]);
  });

  test('by a fraction of equity closes it and opens nothing', () => {
    const result = played({ rows: [100, 100, 100].map(flat), at: { 0: both, 1: send({ side: -1, equityFraction: 3, leg: 'long' }) } });
    expect(told(result).at(-1)).toEqual([2, 'long', -10, 100]);
  });
});

test('attached stops and targets close their own leg', () => {
  const result = played({
    rows: [flat(100), [100, 106, 94, 100], flat(100)],
    at: {
      0: ({ order }) => {
        order.market({ side: 1, sizeBase: 10, leg: 'long', stopLoss: 95 });
        order.market({ side: -1, sizeBase: 4, leg: 'short', stopLoss: 105 });
      },
    },
  });
  expect(told(result).slice(2)).toEqual([
    [2, 'long', -10, 95],
    [2, 'short', 4, 105],
  ]);
  expect(result.openPositions).toEqual([]);
});

test.each(['pessimistic', 'path'] as const)('orders at rest meet the bar of their instrument, however many there are (%s)', (ambiguity) => {
  const prices = Array.from({ length: 12 }, (_, k) => 101 + k);
  const result = played({
    rows: [flat(100), [100, 106.5, 100, 106], flat(106)],
    settings: { ambiguity },
    at: {
      0: ({ order }) => {
        for (const limitPrice of prices) order.limit({ side: -1, sizeBase: 1, limitPrice, leg: 'short' });
      },
    },
  });
  expect(told(result)).toEqual([101, 102, 103, 104, 105, 106].map((price) => [2, 'short', -1, price]));
});

test('a leg is protected whole, and amended by the id of its order', () => {
  const result = played({
    rows: [flat(100), flat(100), [100, 104, 100, 104], [104, 111, 104, 110], flat(110)],
    at: {
      0: both,
      1: ({ order }) => {
        order.protect({ leg: 'short', stopLoss: 103 });
        order.amend(order.limit({ side: -1, sizeBase: 10, limitPrice: 200, leg: 'long' }), { limitPrice: 110 });
      },
    },
  });
  expect(told(result).slice(2)).toEqual([
    [3, 'short', 4, 103],
    [4, 'long', -10, 110],
  ]);
});

test('margin is set aside for both legs, not for their difference', () => {
  const margins = [{ symbol: null, per: 'notional', initial: 0.5, maintenance: 0.25 }] as const;
  const account: Partial<AccountSettings> = { kind: 'margin', margins };
  const free: number[] = [];
  played({ rows: [100, 100].map(flat), settings: { account }, at: { 0: both }, always: (turn) => void free.push(turn.account.freeQuote) });
  expect(free).toEqual([10_000, 10_000 - 700]);
});

test('contracts are settled leg by leg', () => {
  const margins = [{ symbol: null, per: 'contract', initial: 10, maintenance: 5 }] as const;
  const tape = tapeOf([100, 100, 104].map(flat), { timeframe: '1d' });
  const { ledger } = played({ tapes: [tape], settings: { account: { kind: 'futures', margins } }, at: { 0: both } });
  expect(ledger.settlement).toBe('24');
});

describe('a leg is said', () => {
  const message = (input: ScriptInput) => () => playScript({ rows: [100, 100].map(flat), ...input });
  test('by every order of a hedge account, and the error says how', () => {
    const at = (turn: (turn: Turn) => void) => message({ settings: { account: hedge }, at: { 0: turn } });
    expect(at(send({ side: 1, sizeBase: 1 }))).toThrow(
      'order.market: the leg was undefined, expected "long" or "short": on a hedge account each order says its leg, as in order.market({ leg: \'long\', … })',
    );
    expect(at(({ order }) => void order.close())).toThrow("as in order.close({ leg: 'long' })");
    expect(at(({ order }) => void order.target({ equityFraction: 1, leg: 'Long' as 'long' }))).toThrow(
      'order.target: the leg was the string "Long", expected "long" or "short"',
    );
    expect(at(({ position }) => void position.leg(undefined as unknown as 'long'))).toThrow('position.leg: the leg was undefined');
  });
  test('by none of another', () => {
    expect(message({ at: { 0: send({ side: 1, sizeBase: 1, leg: 'long' }) } })).toThrow('order leg: was no part of this order');
    expect(message({ at: { 0: ({ position }) => void position.leg('long') } })).toThrow(
      'position.leg("long"): this account holds net positions',
    );
  });
  test('on no spot account', () => {
    expect(message({ settings: { account: { kind: 'spot', positions: 'hedge' } } })).toThrow('a spot account holds no short leg');
  });
});
