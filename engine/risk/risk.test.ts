import { describe, expect, test } from 'vitest';
import { brief, playScript, type ScriptInput, type Turn } from '../testing/play-script.ts';
import { type BarRow, tapeOf } from '../testing/tapes.ts';

const minuteMs = 60_000;
const before: BarRow = [100, 100, 100, 100];
const flat = (price: number): BarRow => [price, price, price, price];
const short = { kind: 'frictionless', leverage: 1 } as const;

/** What an order sent at the first close came to: its size where it was accepted, otherwise why not. */
function sized(send: (turn: Turn) => void, input: Omit<ScriptInput, 'rows' | 'at'> = {}): number | string {
  const order = playScript({ rows: [before, before], ...input, at: { 0: send } }).orders.at(-1);
  if (order === undefined) return 'no order';
  return order.status === 'rejected' ? order.reason : order.sizeBase;
}

describe('sizes become base quantities at submit', () => {
  test.each<[string, (turn: Turn) => void, Omit<ScriptInput, 'rows' | 'at'>, number | string]>([
    ['base, floored to the lot', ({ order }) => void order.market({ side: 1, sizeBase: 1.239 }), { instrument: { lotSize: 0.01 } }, 1.23],
    ['quote', ({ order }) => void order.market({ side: 1, sizeQuote: 250 }), {}, 2.5],
    ['quote with a multiplier', ({ order }) => void order.market({ side: 1, sizeQuote: 2500 }), { instrument: { multiplier: 10 } }, 2.5],
    ['quote at the limit price, not the last', ({ order }) => void order.limit({ side: 1, sizeQuote: 250, limitPrice: 50 }), {}, 5],
    ['quote at the stop price', ({ order }) => void order.stop({ side: 1, sizeQuote: 250, stopPrice: 125 }), {}, 2],
    ['half of equity', ({ order }) => void order.market({ side: 1, equityFraction: 0.5 }), {}, 50],
    ['all of equity, less the buffer', ({ order }) => void order.market({ side: 1, equityFraction: 1 }), {}, 99],
    [
      'all of equity, less buffer and fee',
      ({ order }) => void order.market({ side: 1, equityFraction: 1 }),
      { instrument: { feeRateTaker: 0.1 } },
      90,
    ],
    [
      'all of equity, less buffer and fixed fee',
      ({ order }) => void order.market({ side: 1, equityFraction: 1 }),
      { settings: { costs: { feeFixedQuote: 1000 } } },
      89.1,
    ],
    [
      'all of equity without a buffer',
      ({ order }) => void order.market({ side: 1, equityFraction: 1 }),
      { settings: { risk: { sizeBufferFraction: 0 } } },
      100,
    ],
    [
      'short by leverage',
      ({ order }) => void order.market({ side: -1, equityFraction: 3 }),
      { settings: { account: { kind: 'frictionless', leverage: 2 } } },
      198,
    ],
    // 1 % of 10,000 lost over a distance of 4.
    ['risk from the stop distance', ({ order }) => void order.market({ side: 1, riskFraction: 0.01, stopLoss: 96 }), {}, 25],
    [
      "the scenario's risk where only a stop is stated",
      ({ order }) => void order.market({ side: 1, stopLoss: 96 }),
      { settings: { risk: { riskPerTrade: 0.02 } } },
      50,
    ],
    ['risk from the limit price', ({ order }) => void order.limit({ side: 1, riskFraction: 0.01, limitPrice: 90, stopLoss: 80 }), {}, 10],
    ['risk clipped to cash', ({ order }) => void order.market({ side: 1, riskFraction: 0.01, stopLoss: 99.9 }), {}, 99],
    ['short risk', ({ order }) => void order.market({ side: -1, riskFraction: 0.01, stopLoss: 104 }), { settings: { account: short } }, 25],
    [
      'clipped to the maximum position',
      ({ order }) => void order.market({ side: 1, equityFraction: 0.5 }),
      { settings: { risk: { positionFractionMax: 0.2 } } },
      20,
    ],
  ])('%s', (_, send, input, expected) => {
    expect(sized(send, input)).toBe(expected);
  });
});

describe('refusals at submit say what was found (10.3)', () => {
  test.each<[string, (turn: Turn) => void, Omit<ScriptInput, 'rows' | 'at'>, string]>([
    [
      'less than a lot',
      ({ order }) => void order.market({ side: 1, sizeBase: 0.4 }),
      { instrument: { lotSize: 1 } },
      'size 0.4 is below one lot of 1',
    ],
    [
      'below the minimum',
      ({ order }) => void order.market({ side: 1, sizeBase: 0.04 }),
      { instrument: { minimumNotionalQuote: 5 } },
      "notional 4 is below the instrument's minimum 5",
    ],
    [
      'spot short',
      ({ order }) => void order.market({ side: -1, sizeBase: 1 }),
      {},
      'sells 1, the position is 0 with the orders on their way: a spot account cannot sell what it does not hold',
    ],
    ['spot short by fraction', ({ order }) => void order.market({ side: -1, equityFraction: 1 }), {}, 'size 0 is below one lot of 1e-8'],
    [
      'nothing to reduce',
      ({ order }) => void order.market({ side: -1, sizeBase: 1, reduceOnly: true }),
      {},
      'reduce-only, and BTC/USDT has no position to reduce',
    ],
    [
      'a stop above a long entry',
      ({ order }) => void order.market({ side: 1, stopLoss: 101 }),
      {},
      'stopLoss 101 is not below 100, the price that this order is judged at: a stop lies on the losing side of its entry',
    ],
    [
      'a stop below a short entry',
      ({ order }) => void order.limit({ side: -1, stopLoss: 101, limitPrice: 102 }),
      { settings: { account: short } },
      'stopLoss 101 is not above 102, the price that this order is judged at: a stop lies on the losing side of its entry',
    ],
    [
      'more than the maximum position',
      ({ order }) => void order.market({ side: 1, sizeBase: 30 }),
      { settings: { risk: { positionFractionMax: 0.2 } } },
      'position would be 30, the maximum position (0.2 of equity) leaves room for 20',
    ],
  ])('%s', (_, send, input, reason) => {
    expect(sized(send, input)).toBe(reason);
    expect(playScript({ rows: [before, before], ...input, at: { 0: send } }).warnings.join()).toContain('refused or rejected');
  });

  test('no price is known of an instrument that has not opened yet', () => {
    const tapes = [tapeOf([before, before], { symbol: 'A' }), tapeOf([before], { symbol: 'B', startMs: 10 * minuteMs })];
    expect(sized(({ series }) => void series[1].order.market({ side: 1, sizeBase: 1 }), { tapes })).toBe('no price is known yet for B');
  });

  test('the maximum position holds for a reversal too, and never stops a reduction', () => {
    const { orders } = playScript({
      rows: [before, before, before],
      settings: { account: { kind: 'frictionless', leverage: 10 }, risk: { positionFractionMax: 0.2 } },
      at: {
        0: ({ order }) => void order.market({ side: 1, sizeBase: 20 }),
        1: ({ order }) => {
          order.market({ side: -1, sizeBase: 50 });
          order.market({ side: -1, sizeBase: 40 });
        },
      },
    });
    expect(orders.map(({ status, reason }) => [status, reason])).toEqual([
      ['filled', ''],
      ['rejected', 'position would be 30, the maximum position (0.2 of equity) leaves room for 40'],
      ['filled', ''],
    ]);
  });
});

describe('orders on their way count', () => {
  test('two sales of parts of one position are both accepted, though doubles leave a rest between them', () => {
    const { orders, openPositions } = playScript({
      rows: [before, before, before],
      instrument: { lotSize: 0.1 },
      at: {
        0: ({ order }) => void order.market({ side: 1, sizeBase: 0.3 }),
        1: ({ order }) => {
          order.market({ side: -1, sizeBase: 0.1 });
          order.market({ side: -1, sizeBase: 0.2 });
          expect(order.close()).toBe(-1);
        },
      },
    });
    expect(orders.map((order) => order.status)).toEqual(['filled', 'filled', 'filled']);
    expect(openPositions).toEqual([]);
  });

  test('close() closes what is held and what is on its way, and a second one has nothing to do', () => {
    const { fills } = playScript({
      rows: [before, before, before],
      at: {
        0: ({ order }) => void order.market({ side: 1, sizeBase: 1 }),
        1: ({ order }) => {
          order.market({ side: 1, sizeBase: 2 });
          expect(order.close()).toBeGreaterThan(0);
          expect(order.close()).toBe(-1);
        },
      },
    });
    expect(brief(fills).slice(1)).toEqual([
      [2 * minuteMs, 1, 100, 2],
      [2 * minuteMs, -1, 100, 3],
    ]);
  });

  test('what may only reduce counts to flat, however large it was when it was sent', () => {
    const closings: number[] = [];
    const { openPositions } = playScript({
      rows: [9, 9, 3, 9, 9].map((volume): BarRow => [100, 100, 100, 100, volume]),
      settings: { account: short, liquidity: { volumeShare: 1 } },
      at: {
        0: ({ order }) => void order.market({ side: 1, sizeBase: 5 }),
        2: ({ order }) => {
          order.limit({ side: -1, sizeBase: 3, limitPrice: 90 });
          order.close();
        },
        // The limit took all the volume: of the five to close two are left.
        3: ({ order }) => void closings.push(order.close()),
      },
    });
    expect([closings, openPositions]).toEqual([[-1], []]);
  });

  describe('and the rest of a stop that filled in part is one of them (7.2, 10.1)', () => {
    const stop = ({ order }: Turn): void => void order.stop({ side: 1, stopPrice: 101, sizeBase: 8 });
    const volumes = (values: readonly number[]) => values.map((volume): BarRow => [102, 102, 102, 102, volume]);
    const rows: BarRow[] = [[100, 100, 100, 100, 10], [100, 102, 100, 102, 10], ...volumes([100, 100, 100])];
    const played = (act: (turn: Turn) => void, settings: ScriptInput['settings'] = {}) =>
      playScript({
        rows,
        settings: { account: { kind: 'frictionless', leverage: 10 }, liquidity: { volumeShare: 0.4 }, ...settings },
        at: { 0: stop, 1: act },
      });
    const equity = ({ order }: Turn): void => void order.market({ side: 1, equityFraction: 1 });

    test('close() closes it too', () => {
      const { fills, openPositions } = played(({ order }) => void order.close());
      expect([fills.map((fill) => fill.side * fill.sizeBase), openPositions]).toEqual([[4, 4, -8], []]);
    });

    test('cash is kept for it and its costs', () => {
      const spot = { initialCapitalQuote: 1000, account: { kind: 'spot', leverage: 1 } } as const;
      const { orders } = played(equity, { ...spot, costs: { feeRateTaker: 0.01 } });
      // 1,000 less 404 and its fee; less 408 and its fee, and a hundredth of the rest; 103.02 a unit.
      expect(orders[1]).toMatchObject({ status: 'filled', sizeBase: Math.floor((((1000 - 408.04 - 412.08) * 0.99) / 103.02) * 1e8) / 1e8 });
    });

    test('target() trades the difference to what it will leave', () => {
      const calm: BarRow = [100, 100, 100, 100, 1000];
      const low: BarRow = [98, 98, 98, 98, 1000];
      const { openPositions } = playScript({
        rows: [calm, calm, [100, 100, 98, 98, 20], low, low],
        settings: { account: { kind: 'frictionless', leverage: 3 }, liquidity: { volumeShare: 0.2 } },
        at: {
          0: ({ order }) => void order.market({ side: 1, sizeBase: 10 }),
          1: ({ order }) => void order.stop({ side: -1, stopPrice: 99, sizeBase: 10 }),
          2: ({ order }) => void order.target({ equityFraction: 0.5 }),
        },
      });
      expect(openPositions[0].sizeBase * 98).toBeCloseTo(0.5 * 9984, 4);
    });

    test('caps count it once, as held', () => {
      const caps = { grossFractionMax: 1, netFractionMax: Number.POSITIVE_INFINITY, positionCountMax: Number.POSITIVE_INFINITY };
      const { orders } = played(equity, {
        initialCapitalQuote: 1000,
        risk: { caps: { ...caps, correlation: null, valueAtRisk: null } },
      });
      expect(orders[1].sizeBase * 102).toBeCloseTo(1004 - 8 * 102, 5);
    });
  });

  test('a lot that is no whole part of one sells to the last', () => {
    for (const lotSize of [0.3, 0.15, 7, 10, 0.07]) {
      const { openPositions, orders } = playScript({
        rows: [before, before, before],
        instrument: { lotSize },
        settings: { initialCapitalQuote: 1_000_000 },
        at: {
          0: ({ order }) => void order.market({ side: 1, equityFraction: 0.9 }),
          1: ({ order, position }) => void order.market({ side: -1, sizeBase: position.sizeBase }),
        },
      });
      expect([lotSize, orders.map((order) => order.status), openPositions]).toEqual([lotSize, ['filled', 'filled'], []]);
    }
  });
});

describe('at the fill', () => {
  test('an explicit size that cash cannot pay is rejected whole, with the numbers', () => {
    const { orders, fills } = playScript({
      rows: [before, flat(150), before],
      instrument: { feeRateTaker: 0.001 },
      at: { 0: ({ order }) => void order.market({ side: 1, sizeBase: 80 }) },
    });
    expect(fills).toEqual([]);
    expect(orders[0]).toMatchObject({ status: 'rejected', reason: 'costs 12012 with its fee, cash is 10000', endedMs: minuteMs });
  });

  test('cash is spent in sequence: the first fills, the second is short', () => {
    const { orders } = playScript({
      rows: [before, before],
      at: {
        0: ({ order }) => {
          order.market({ side: 1, sizeBase: 60 });
          order.market({ side: 1, sizeBase: 60 });
          order.market({ side: 1, sizeBase: 40 });
        },
      },
    });
    expect(orders.map(({ status, reason }) => [status, reason])).toEqual([
      ['filled', ''],
      ['rejected', 'costs 6000 with its fee, cash is 4000'],
      ['filled', ''],
    ]);
  });

  test('a spot limit beyond what is held by then is rejected, a reduce-only one is clipped or cancelled', () => {
    const sellLimit = (reduceOnly: boolean) =>
      playScript({
        rows: [before, before, [100, 103, 100, 103], [103, 106, 103, 106]],
        at: {
          0: ({ order }) => void order.market({ side: 1, sizeBase: 3 }),
          1: ({ order }) => {
            order.limit({ side: -1, sizeBase: 2, limitPrice: 102, reduceOnly });
            order.limit({ side: -1, sizeBase: 2, limitPrice: 105, reduceOnly });
            order.limit({ side: -1, sizeBase: 2, limitPrice: 105.5, reduceOnly });
          },
        },
      }).orders.map(({ status, reason }) => `${status} ${reason}`.trim());
    const refusal = 'sells 2, the position is 1: a spot account cannot sell what it does not hold';
    expect(sellLimit(false)).toEqual(['filled', 'filled', `rejected ${refusal}`, `rejected ${refusal}`]);
    expect(sellLimit(true)).toEqual(['filled', 'filled', 'filled', 'cancelled nothing left to reduce']);
  });

  test('a frictionless account fills up to equity × leverage and not beyond', () => {
    const { orders } = playScript({
      rows: [before, before, before],
      settings: { account: { kind: 'frictionless', leverage: 2 } },
      at: {
        0: ({ order }) => {
          order.market({ side: -1, sizeBase: 200 });
          order.market({ side: -1, sizeBase: 1 });
        },
        1: ({ order }) => void order.market({ side: 1, sizeBase: 400 }),
      },
    });
    expect(orders.map(({ status, reason }) => `${status} ${reason}`.trim())).toEqual([
      'filled',
      'rejected gross notional would be 20100, equity × leverage is 20000',
      'filled',
    ]);
  });
});
