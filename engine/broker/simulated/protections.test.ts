import { describe, expect, test } from 'vitest';
import type { RunResult } from '../../result.ts';
import { playScript, type Script } from '../../testing/play-script.ts';
import type { BarRow } from '../../testing/tapes.ts';

const minuteMs = 60_000;
const flat: BarRow = [100, 100, 100, 100];
const buy = { side: 1, sizeBase: 1 } as const;
const sell = { side: -1, sizeBase: 1 } as const;

function play(
  bars: readonly BarRow[],
  at: Script['at'],
  settings: NonNullable<Parameters<typeof playScript>[0]['settings']> = {},
): RunResult {
  return playScript({ rows: bars, settings: { account: { kind: 'frictionless', leverage: 10 }, ...settings }, ...(at && { at }) });
}
/** Fills as "role price@minute". */
const told = ({ fills }: RunResult) => fills.map((fill) => `${fill.role} ${fill.priceQuote}@${fill.timeMs / minuteMs}`);
const prices = ({ orders }: RunResult) =>
  orders
    .filter((order) => order.parentId >= 0)
    .map(({ role, stopPrice, limitPrice }) => [role, role === 'takeProfit' ? limitPrice : stopPrice]);

describe('stop and target told from the entry (4.2)', () => {
  test.each([
    ['a long by fractions', buy, { stopLoss: { fraction: 0.02 }, takeProfit: { fraction: 0.03 } }, [102, 98, 103]],
    ['a long by distances', buy, { stopLoss: { distance: 1.5 }, takeProfit: { distance: 4 } }, [102, 98.5, 104]],
    ['a short by fractions', sell, { stopLoss: { fraction: 0.02 }, takeProfit: { fraction: 0.03 } }, [98, 102, 97]],
  ])('%s, from the price of its fill', (_, side, wish, [, stop, target]) => {
    const result = play([flat, flat, flat], { 0: ({ order }) => void order.market({ ...side, ...wish }) });
    expect(prices(result)).toEqual([
      ['stopLoss', stop],
      ['takeProfit', target],
    ]);
  });

  test('the fill price is the one paid, slippage included, and the tick is the nearest', () => {
    const slipped = play(
      [flat, flat],
      { 0: ({ order }) => void order.market({ ...buy, stopLoss: { fraction: 0.0333 } }) },
      {
        costs: { slippageFraction: 0.01 },
      },
    );
    expect(slipped.fills[0].priceQuote).toBe(101);
    expect(prices(slipped)).toEqual([['stopLoss', 97.64]]);
  });

  test('an order without a size is sized by the risk to a stop told from its entry', () => {
    const result = play([flat, flat], {
      0: ({ order }) => void order.limit({ side: 1, limitPrice: 80, riskFraction: 0.01, stopLoss: { fraction: 0.05 } }),
    });
    // 1 % of 10,000 is lost over 4 a unit.
    expect(result.orders[0].sizeBase).toBe(25);
  });

  test('an offset that is none is a fault of the strategy', () => {
    const send = (wish: object) => () => play([flat, flat], { 0: ({ order }) => void order.market({ ...buy, ...wish }) });
    expect(send({ stopLoss: { percent: 2 } })).toThrow(/order percent: was no part of this order, expected one of fraction, distance/);
    expect(send({ stopLoss: { fraction: 0.1, distance: 2 } })).toThrow(/expected a fraction or a distance from the entry/);
    expect(send({ takeProfit: { distance: -2 } })).toThrow(/order takeProfit: was -2, expected a finite number above 0/);
  });
});

describe('targets in steps (4.2)', () => {
  const steps = [
    { afterMs: 0, fraction: 0.1 },
    { afterMs: 2 * minuteMs, fraction: 0.03 },
    { afterMs: 4 * minuteMs, fraction: -0.05 },
  ];
  const send: Script['at'] = { 0: ({ order }) => void order.market({ ...buy, takeProfit: steps }) };
  const to = (high: number): BarRow => [100, high, 100, 100];

  test('each counts from its time behind the fill on, judged at the open of each bar', () => {
    expect(told(play([flat, to(105), to(105), to(103.5), flat], send))).toEqual(['own 100@1', 'takeProfit 103@4']);
  });

  test('the first counts on the bar of the entry', () => {
    expect(told(play([flat, to(111), flat], send))).toEqual(['own 100@1', 'takeProfit 110@2']);
  });

  test('one below the market is taken at the open at which it begins to count', () => {
    expect(told(play([flat, flat, flat, flat, flat, [99, 99, 99, 99]], send))).toEqual(['own 100@1', 'takeProfit 99@5']);
  });

  test('before the first there is no target', () => {
    const late: Script['at'] = { 0: ({ order }) => void order.market({ ...buy, takeProfit: steps.slice(1) }) };
    expect(told(play([flat, to(111), flat], late))).toEqual(['own 100@1']);
  });

  test('after an entry inside the bar the first step holds for the next bar', () => {
    const inside: Script['at'] = { 0: ({ order }) => void order.limit({ ...buy, limitPrice: 99, takeProfit: steps }) };
    expect(told(play([flat, [100, 112, 98, 100], [100, 109, 100, 100]], inside))).toEqual(['own 99@2', 'takeProfit 108.9@3']);
  });

  test('steps that do not rise are refused', () => {
    const wrong: Script['at'] = { 0: ({ order }) => void order.market({ ...buy, takeProfit: [steps[1], steps[0]] }) };
    expect(() => play([flat, flat], wrong)).toThrow(/expected steps with afterMs from 0 on, rising/);
  });
});

describe('what protects a whole position (4.3)', () => {
  test('one stop and one target follow its size, and end when it is flat', () => {
    const result = play([flat, flat, flat, [100, 100, 97, 98], flat], {
      0: ({ order }) => void order.market(buy),
      1({ order }) {
        order.protect({ stopLoss: 98, takeProfit: 110 });
        order.market({ ...buy, sizeBase: 2 });
      },
    });
    expect(result.fills.map((fill) => [fill.role, fill.sizeBase, fill.priceQuote])).toEqual([
      ['own', 1, 100],
      ['own', 2, 100],
      ['stopLoss', 3, 98],
    ]);
    expect(result.orders.find((order) => order.role === 'takeProfit')).toMatchObject({
      status: 'cancelled',
      reason: 'the position it protected was closed',
      sizeBase: 3,
    });
  });

  test('they end when it turns', () => {
    const result = play([flat, flat, flat, [100, 103, 97, 100]], {
      0: ({ order }) => void order.market(buy),
      1({ order }) {
        order.protect({ stopLoss: 98, takeProfit: 102 });
        order.market({ ...sell, sizeBase: 2 });
      },
    });
    expect(result.fills).toHaveLength(2);
    expect(result.openPositions[0].sizeBase).toBe(-1);
  });

  test('a second call takes the place of the first', () => {
    const result = play([flat, flat, flat, [100, 100, 98.5, 99]], {
      0: ({ order }) => void order.market(buy),
      1: ({ order }) => order.protect({ stopLoss: 98 }),
      2: ({ order }) => order.protect({ stopLoss: 99 }),
    });
    expect(told(result)).toEqual(['own 100@1', 'stopLoss 99@4']);
    expect(result.orders[1]).toMatchObject({ status: 'cancelled', reason: 'another protection took its place' });
  });

  test('offsets are from the mean price of the position', () => {
    const result = play([flat, flat, [104, 104, 104, 104], [104, 104, 104, 104]], {
      0: ({ order }) => void order.market(buy),
      1: ({ order }) => void order.market(buy),
      2: ({ order }) => order.protect({ stopLoss: { distance: 2 }, takeProfit: { distance: 8 } }),
    });
    expect(result.orders.slice(2).map(({ stopPrice, limitPrice }) => [stopPrice, limitPrice])).toEqual([
      [100, Number.NaN],
      [Number.NaN, 110],
    ]);
  });

  test('beside brackets: an exit of the position lowers those of its oldest entries', () => {
    const result = play([flat, flat, flat, [100, 100, 97, 98]], {
      0: ({ order }) => void order.market({ ...buy, takeProfit: 120 }),
      1: ({ order }) => order.protect({ stopLoss: 98 }),
    });
    expect(result.orders.map(({ role, reason }) => [role, reason])).toEqual([
      ['own', ''],
      ['takeProfit', 'the position it protected was closed'],
      ['stopLoss', ''],
    ]);
  });

  test('without a position it is refused as an event', () => {
    const result = play([flat, flat], { 0: ({ order }) => order.protect({ stopLoss: 98 }) });
    expect(result.orders[0]).toMatchObject({ status: 'rejected', role: 'stopLoss', stopPrice: 98 });
    expect(result.orders[0].reason).toMatch(/^no position to protect/);
    expect(() => play([flat, flat], { 0: ({ order }) => order.protect({}) })).toThrow(/expected a stopLoss, a takeProfit or a trail/);
  });
});

test('cancelAll() cancels what protects a position too (3.4)', () => {
  const { orders, openPositions } = play([flat, flat, flat, [100, 100, 80, 80]], {
    0: ({ order }) => void order.market({ ...buy, stopLoss: 95 }),
    1: ({ order }) => order.cancelAll(),
  });
  expect([orders[1].reason, openPositions.length]).toEqual(['by the strategy', 1]);
});
