import { describe, expect, test } from 'vitest';
import type { OrderWish } from '../../strategy.ts';
import { brief, playScript, type ScriptInput } from '../../testing/play-script.ts';
import type { BarRow } from '../../testing/tapes.ts';

const minuteMs = 60_000;
const before: BarRow = [100, 100, 100, 100];
const flat = (price: number): BarRow => [price, price, price, price];

/** Sends one entry at the close of a bar at 100 and plays these bars; fills as "price@minute", attached ones with their role. */
function play(
  entry: OrderWish & { limitPrice?: number; stopPrice?: number },
  bars: readonly BarRow[],
  ambiguity: 'pessimistic' | 'optimistic' = 'pessimistic',
) {
  const result = playScript({
    rows: [before, ...bars],
    settings: { account: { kind: 'frictionless', leverage: 10 }, ambiguity },
    at: {
      0({ order }) {
        const { limitPrice, stopPrice } = entry;
        if (limitPrice !== undefined && stopPrice !== undefined) order.stopLimit({ ...entry, stopPrice, limitPrice });
        else if (limitPrice !== undefined) order.limit({ ...entry, limitPrice });
        else if (stopPrice !== undefined) order.stop({ ...entry, stopPrice });
        else order.market(entry);
      },
    },
  });
  const fills = result.fills.map(({ priceQuote, timeMs, role }) => `${role === 'own' ? '' : `${role} `}${priceQuote}@${timeMs / minuteMs}`);
  return { fills: fills.join(', '), ambiguous: result.ambiguousBarCount, orders: result.orders };
}

describe('after an entry at the open, stop and target are live for the whole bar', () => {
  const long = { side: 1, sizeBase: 1, stopLoss: 98, takeProfit: 104 } as const;
  const short = { side: -1, sizeBase: 1, stopLoss: 102, takeProfit: 96 } as const;

  test.each<[string, OrderWish, BarRow[], string, string?]>([
    ['stop touched', long, [[100, 101, 98, 99]], '100@1, stopLoss 98@2'],
    ['target passed', long, [[100, 104.01, 99, 104]], '100@1, takeProfit 104@2'],
    ['target only touched', long, [[100, 104, 99, 104]], '100@1'],
    ['neither', long, [[100, 103, 99, 101]], '100@1'],
    ['both', long, [[100, 105, 97, 101]], '100@1, stopLoss 98@2', '100@1, takeProfit 104@2'],
    [
      'stop passed by the next open',
      long,
      [
        [100, 101, 99, 100],
        [96, 97, 95, 96],
      ],
      '100@1, stopLoss 96@2',
    ],
    [
      'target passed by the next open',
      long,
      [
        [100, 101, 99, 100],
        [106, 107, 105, 106],
      ],
      '100@1, takeProfit 106@2',
    ],
    ['stop passed by the entry itself', long, [[97, 99, 96, 98]], '97@1, stopLoss 97@2'],
    ['target passed by the entry itself', long, [[105, 106, 104, 105]], '105@1, takeProfit 105@2'],
    ['short: stop touched', short, [[100, 102, 99, 101]], '-, stopLoss 102@2'],
    ['short: target passed', short, [[100, 101, 95.99, 96]], '-, takeProfit 96@2'],
    ['short: both', short, [[100, 103, 95, 99]], '-, stopLoss 102@2', '-, takeProfit 96@2'],
    [
      'short: stop passed by the next open',
      short,
      [
        [100, 101, 99, 100],
        [104, 105, 103, 104],
      ],
      '-, stopLoss 104@2',
    ],
    ['short: stop passed by the entry itself', short, [[103, 104, 101, 102]], '103@1, stopLoss 103@2'],
  ])('%s', (_, entry, bars, pessimistic, optimistic = pessimistic) => {
    const said = (text: string) => text.replace('-,', '100@1,');
    expect(play(entry, bars).fills).toBe(said(pessimistic));
    expect(play(entry, bars, 'optimistic').fills).toBe(said(optimistic));
  });

  test('the one that fills cancels the other, and both name their entry', () => {
    const { orders } = play(long, [[100, 101, 97, 99]]);
    expect(
      orders.map(({ id, role, kind, side, parentId, status, reason, isReduceOnly }) => [
        id,
        role,
        kind,
        side,
        parentId,
        status,
        reason,
        isReduceOnly,
      ]),
    ).toEqual([
      [0, 'own', 'market', 1, -1, 'filled', '', false],
      [1, 'stopLoss', 'stop', -1, 0, 'filled', '', true],
      [2, 'takeProfit', 'limit', -1, 0, 'cancelled', 'the stop filled', true],
    ]);
  });
});

describe('after an entry inside the bar, the stop fills if it was touched and the target never on that bar', () => {
  const limitLong = { side: 1, sizeBase: 1, limitPrice: 98, stopLoss: 96, takeProfit: 101 } as const;
  const stopLong = { side: 1, sizeBase: 1, stopPrice: 102, stopLoss: 99, takeProfit: 105 } as const;
  const stopShort = { side: -1, sizeBase: 1, stopPrice: 98, stopLoss: 101, takeProfit: 95 } as const;

  test.each<[string, Parameters<typeof play>[0], BarRow[], string, string, number]>([
    // From 100 the price passes 98 on its way to 96: no doubt.
    ['limit entry, stop beyond it touched', limitLong, [[100, 100.5, 95.5, 97]], '98@2, stopLoss 96@2', '98@2, stopLoss 96@2', 0],
    // 101.5 may have come before the entry or after it.
    ['limit entry, target touched', limitLong, [[100, 101.5, 97, 100], flat(100)], '98@2', '98@2, takeProfit 101@2', 1],
    ['limit entry, both touched', limitLong, [[100, 101.5, 95, 100]], '98@2, stopLoss 96@2', '98@2, takeProfit 101@2', 1],
    ['limit entry, nothing touched', limitLong, [[100, 100.5, 97, 98]], '98@2', '98@2', 0],
    // 98.5 may have come before the entry or after it.
    ['stop entry, stop touched', stopLong, [[100, 103, 98.5, 101], flat(101)], '102@2, stopLoss 99@2', '102@2', 1],
    // The close lies beyond the stop: the price came back after the entry.
    ['stop entry, bar closes beyond the stop', stopLong, [[100, 103, 98.5, 98.9]], '102@2, stopLoss 99@2', '102@2, stopLoss 99@2', 0],
    // From 102 to 106 it went through 105: certain, but the target waits for the next bar by rule.
    ['stop entry, target passed', stopLong, [[100, 106, 100, 104], flat(104)], '102@2', '102@2, takeProfit 105@2', 0],
    ['stop entry, both touched', stopLong, [[100, 106, 98, 104]], '102@2, stopLoss 99@2', '102@2, takeProfit 105@2', 1],
    ['short stop entry, stop touched', stopShort, [[100, 101.5, 97, 99], flat(99)], '98@2, stopLoss 101@2', '98@2', 1],
    ['short stop entry, target passed', stopShort, [[100, 100.5, 94, 96], flat(96)], '98@2', '98@2, takeProfit 95@2', 0],
  ])('%s', (_, entry, bars, pessimistic, optimistic, ambiguous) => {
    expect(play(entry, bars)).toMatchObject({ fills: pessimistic, ambiguous });
    expect(play(entry, bars, 'optimistic')).toMatchObject({ fills: optimistic, ambiguous });
  });

  test('what was not filled on the entry bar is live on the next', () => {
    expect(
      play(limitLong, [
        [100, 100.5, 97, 98],
        [98, 98, 95, 97],
      ]).fills,
    ).toBe('98@2, stopLoss 96@3');
    expect(
      play(stopLong, [
        [100, 106, 100, 104],
        [106, 106, 106, 106],
      ]).fills,
    ).toBe('102@2, takeProfit 106@2'.replace('106@2', '106@2'));
  });

  test('a stop on the wrong side of its entry fills at the entry, never at a better price', () => {
    // Judged at its limit, filled at its stop: between the two a stop comes to lie beyond the entry.
    const bought = { side: 1, sizeBase: 1, stopPrice: 102, limitPrice: 104, stopLoss: 103 } as const;
    expect(play(bought, [[100, 103, 100, 102]]).fills).toBe('102@2, stopLoss 102@2');
    const sold = { side: -1, sizeBase: 1, stopPrice: 98, limitPrice: 96, stopLoss: 97 } as const;
    expect(play(sold, [[100, 100, 97, 98]]).fills).toBe('98@2, stopLoss 98@2');
  });
});

describe('protections follow the size that is left', () => {
  const result = (input: Omit<ScriptInput, 'rows'> & { rows: readonly BarRow[] }) => playScript({ instrument: { lotSize: 0.1 }, ...input });

  test('a partial exit lowers stop and target to whole lots, and their fill closes one trade, not a rest of nothing', () => {
    const { fills, trades, openPositions, orders } = result({
      rows: [before, before, before, [100, 100, 97, 98]],
      at: {
        0: ({ order }) => void order.market({ side: 1, sizeBase: 0.3, stopLoss: 98, takeProfit: 110 }),
        1: ({ order }) => void order.market({ side: -1, sizeBase: 0.1 }),
      },
    });
    expect(brief(fills)).toEqual([
      [minuteMs, 1, 100, 0.3],
      [2 * minuteMs, -1, 100, 0.1],
      [4 * minuteMs, -1, 98, 0.2, 'stopLoss'],
    ]);
    expect(trades.map((trade) => trade.sizeBase)).toEqual([0.1, 0.2]);
    expect(openPositions).toEqual([]);
    expect(orders.map(({ role, sizeBase, status }) => [role, sizeBase, status])).toEqual([
      ['own', 0.3, 'filled'],
      ['stopLoss', 0.2, 'filled'],
      ['takeProfit', 0.2, 'cancelled'],
      ['own', 0.1, 'filled'],
    ]);
  });

  test('a full exit cancels them, and says why', () => {
    const { orders } = result({
      rows: [before, before, before, flat(90)],
      at: {
        0: ({ order }) => void order.market({ side: 1, sizeBase: 1, stopLoss: 98, takeProfit: 110 }),
        1: ({ order }) => void order.close(),
      },
    });
    expect(orders.map(({ role, status, reason }) => [role, status, reason])).toEqual([
      ['own', 'filled', ''],
      ['stopLoss', 'cancelled', 'the position it protected was closed'],
      ['takeProfit', 'cancelled', 'the position it protected was closed'],
      ['own', 'filled', ''],
    ]);
  });

  test('an exit takes the oldest entry first: its protection ends, the next is lowered', () => {
    const { orders, fills } = result({
      rows: [before, before, before, before, [100, 100, 90, 95]],
      at: {
        0: ({ order }) => void order.market({ side: 1, sizeBase: 1, stopLoss: 95 }),
        1: ({ order }) => void order.market({ side: 1, sizeBase: 1, stopLoss: 96 }),
        2: ({ order }) => void order.market({ side: -1, sizeBase: 1.5 }),
      },
    });
    expect(
      orders.filter((order) => order.role === 'stopLoss').map(({ stopPrice, sizeBase, status }) => [stopPrice, sizeBase, status]),
    ).toEqual([
      [95, 1, 'cancelled'],
      [96, 0.5, 'filled'],
    ]);
    expect(brief(fills).at(-1)).toEqual([5 * minuteMs, -1, 96, 0.5, 'stopLoss']);
  });

  test.each([
    ['before', 0, 1],
    ['after', 1, 0],
  ])('an entry without a stop, made %s the protected one, is counted in its turn', (_, plainAt, stoppedAt) => {
    const { fills } = result({
      rows: [before, before, before, before, [100, 100, 90, 95]],
      at: {
        [plainAt]: ({ order }) => void order.market({ side: 1, sizeBase: 1 }),
        [stoppedAt]: ({ order }) => void order.market({ side: 1, sizeBase: 1, stopLoss: 95 }),
        2: ({ order }) => void order.market({ side: -1, sizeBase: 1 }),
      },
    });
    // Oldest first: where the plain entry is the older one it is closed, and the stop stays; otherwise the stop ends with its entry.
    const last = plainAt === 0 ? [5 * minuteMs, -1, 95, 1, 'stopLoss'] : [3 * minuteMs, -1, 100, 1];
    expect(brief(fills).at(-1)).toEqual(last);
  });

  test('a reversal cancels the old protections and arms those of the new side', () => {
    const { fills, orders } = result({
      rows: [before, before, before, [100, 104, 100, 103]],
      settings: { account: { kind: 'frictionless', leverage: 10 } },
      at: {
        0: ({ order }) => void order.market({ side: 1, sizeBase: 1, stopLoss: 90 }),
        1: ({ order }) => void order.market({ side: -1, sizeBase: 3, stopLoss: 103 }),
      },
    });
    expect(brief(fills).at(-1)).toEqual([4 * minuteMs, 1, 103, 2, 'stopLoss']);
    expect(orders.map(({ role, status, sizeBase }) => [role, status, sizeBase])).toEqual([
      ['own', 'filled', 1],
      ['stopLoss', 'cancelled', 1],
      ['own', 'filled', 3],
      ['stopLoss', 'filled', 2],
    ]);
  });

  test('a strategy that cancels the stop keeps the target', () => {
    const { fills } = result({
      rows: [before, before, [100, 100, 90, 95], [100, 111, 100, 110]],
      at: {
        0: ({ order }) => void order.market({ side: 1, sizeBase: 1, stopLoss: 95, takeProfit: 110 }),
        1: ({ order }) => order.cancel(1),
      },
    });
    expect(brief(fills).at(-1)).toEqual([4 * minuteMs, -1, 110, 1, 'takeProfit']);
  });
});
