import { afterEach, describe, expect, test, vi } from 'vitest';
import type { RunResult } from '../../result.ts';
import { playScript, type Script } from '../../testing/play-script.ts';
import type { BarRow } from '../../testing/tapes.ts';
import { FillTerms } from './fill-terms.ts';

const minuteMs = 60_000;
const flat: BarRow = [100, 100, 100, 100];
const buy = { side: 1, sizeBase: 5 } as const;
const sell = { side: -1, sizeBase: 5 } as const;

afterEach(() => vi.restoreAllMocks());

/** No more than this may fill of an order at one event, by its role; whole where nothing is said. */
function play(
  bars: readonly BarRow[],
  at: Script['at'],
  most: Partial<Record<string, number>>,
  kind: 'spot' | 'frictionless' = 'frictionless',
): RunResult {
  vi.spyOn(FillTerms.prototype, 'quantity').mockImplementation((order) => most[order.role] ?? Number.POSITIVE_INFINITY);
  return playScript({
    rows: bars,
    instrument: { feeRateTaker: 0.001, feeRateMaker: 0.001 },
    // A share of volume is asked for; how much it leaves is what the test says.
    settings: { account: { kind, leverage: kind === 'spot' ? 1 : 10 }, liquidity: { volumeShare: 1 } },
    ...(at && { at }),
  });
}
const told = ({ fills }: RunResult) => fills.map((fill) => `${fill.role} ${fill.sizeBase}@${fill.timeMs / minuteMs}`);

describe('an order that fills in parts (7.2)', () => {
  test('a market order takes its rest at the next opens, each part a fill with its own fee', () => {
    const result = play(
      [flat, flat, [101, 101, 101, 101], [102, 102, 102, 102], flat],
      { 0: ({ order }) => void order.market(buy) },
      { own: 2 },
    );
    expect(result.fills.map((fill) => [fill.sizeBase, fill.priceQuote, fill.feeQuote])).toEqual([
      [2, 100, 0.2],
      [2, 101, 0.202],
      [1, 102, 0.102],
    ]);
    expect(result.orders[0]).toMatchObject({ status: 'filled', sizeBase: 5, filledBase: 5, endedMs: 3 * minuteMs });
  });

  test('what is left of it when the tape ends expires with what has filled', () => {
    const { orders } = play([flat, flat], { 0: ({ order }) => void order.market(buy) }, { own: 2 });
    expect(orders[0]).toMatchObject({ status: 'expired', filledBase: 2, sizeBase: 5 });
  });

  test('a limit order rests on, and is told as partly filled', () => {
    const states: string[] = [];
    vi.spyOn(FillTerms.prototype, 'quantity').mockReturnValue(3);
    playScript({
      rows: [flat, [100, 100, 98, 99], flat, [100, 100, 98, 99]],
      at: { 0: ({ order }) => void order.limit({ ...buy, limitPrice: 99 }) },
      onOrder: ({ status, filledBase }) => void states.push(`${status} ${filledBase}`),
    });
    expect(states).toEqual(['open 0', 'partlyFilled 3', 'filled 5']);
  });

  test('a stop of which a part has filled is a market order', () => {
    const result = play(
      [flat, [100, 102, 100, 100], flat, flat],
      { 0: ({ order }) => void order.stop({ ...buy, stopPrice: 101 }) },
      { own: 3 },
    );
    expect(result.fills.map((fill) => [fill.sizeBase, fill.priceQuote])).toEqual([
      [3, 101],
      [2, 100],
    ]);
  });

  test('nothing may fill: it stays', () => {
    const result = play([flat, flat, flat], { 0: ({ order }) => void order.market(buy) }, { own: 0 });
    expect(result.fills).toHaveLength(0);
    expect(result.orders[0].status).toBe('expired');
  });

  test('IOC ends with its first part, FOK takes all or nothing', () => {
    const force = (timeInForce: 'IOC' | 'FOK', own: number) =>
      play([flat, flat, flat], { 0: ({ order }) => void order.market({ ...buy, timeInForce }) }, { own }).orders[0];
    expect(force('IOC', 2)).toMatchObject({ status: 'cancelled', filledBase: 2, reason: 'immediate or cancel' });
    expect(force('FOK', 2)).toMatchObject({ status: 'cancelled', filledBase: 0, reason: 'fill or kill' });
    expect(force('FOK', 5)).toMatchObject({ status: 'filled', filledBase: 5 });
  });

  test('what of a part cannot be paid for is cancelled, not rejected', () => {
    const result = play([flat, flat, [5000, 5000, 5000, 5000]], { 0: ({ order }) => void order.market(buy) }, { own: 3 }, 'spot');
    expect(result.orders[0]).toMatchObject({ status: 'cancelled', filledBase: 3 });
    expect(result.orders[0].reason).toMatch(/^costs 10010 with its fee, cash is 9699.7/);
  });

  test('an amend at or below what has filled ends it as filled (3.4)', () => {
    const at: Script['at'] = {
      0: ({ order }) => void order.limit({ ...buy, limitPrice: 101 }),
      1: ({ order }) => order.amend(0, { sizeBase: 2 }),
    };
    const result = play([flat, [100, 100, 100, 100], flat, flat], at, { own: 2 });
    expect(result.orders[0]).toMatchObject({ status: 'filled', filledBase: 4, sizeBase: 4, endedMs: 2 * minuteMs });
  });

  test('ended so it sends what waited for it, and cancels what it was to cancel', () => {
    const at: Script['at'] = {
      0({ order }) {
        const entry = order.limit({ ...buy, limitPrice: 101 });
        order.limit({ ...sell, limitPrice: 120, after: entry });
      },
      1: ({ order }) => order.amend(0, { sizeBase: 2 }),
    };
    const result = play([flat, flat, flat, flat], at, { own: 2 });
    expect(result.orders[1]).toMatchObject({ status: 'expired', submittedMs: 2 * minuteMs, reason: 'the tape ended' });
  });

  test('trades pair the parts first in, first out', () => {
    const at: Script['at'] = {
      0: ({ order }) => void order.market(buy),
      3: ({ order }) => void order.market({ ...sell, sizeBase: 4 }),
    };
    const result = play([flat, flat, [101, 101, 101, 101], [102, 102, 102, 102], [103, 103, 103, 103], flat], at, { own: 3 });
    expect(result.trades.map((trade) => [trade.sizeBase, trade.entryPriceQuote, trade.exitPriceQuote, trade.entryOrderId])).toEqual([
      [3, 100, 103, 0],
      [1, 101, 100, 0],
    ]);
  });

  test('a market order on its way counts with what is left of it', () => {
    const sizes: number[] = [];
    vi.spyOn(FillTerms.prototype, 'quantity').mockReturnValue(2);
    playScript({
      rows: [flat, flat, flat, flat, flat, flat, flat],
      at: { 0: ({ order }) => void order.market(buy), 1: ({ order }) => void order.close() },
      onOrder: ({ id, status, sizeBase }) => void (id === 1 && status === 'open' && sizes.push(sizeBase)),
    });
    expect(sizes).toEqual([5]);
  });
});

describe('groups and parts (4.1, 4.4, 4.5)', () => {
  test('attached orders are made for the first part and grow with each', () => {
    const result = play(
      [flat, flat, flat, flat, [100, 100, 89, 90]],
      { 0: ({ order }) => void order.market({ ...buy, stopLoss: 90, takeProfit: 110 }) },
      { own: 2 },
    );
    expect(told(result)).toEqual(['own 2@1', 'own 2@2', 'own 1@3', 'stopLoss 5@5']);
    expect(result.orders).toHaveLength(3);
    expect(result.orders[2]).toMatchObject({ sizeBase: 5, status: 'cancelled' });
  });

  test('offsets are from the first part', () => {
    const bars: BarRow[] = [flat, flat, [110, 110, 110, 110], flat];
    const { orders } = play(bars, { 0: ({ order }) => void order.market({ ...buy, stopLoss: { fraction: 0.2 } }) }, { own: 3 });
    expect(orders[1]).toMatchObject({ stopPrice: 80, sizeBase: 5 });
  });

  test('a part of the target lowers the stop by as much', () => {
    const bars: BarRow[] = [flat, flat, [100, 111, 100, 100], [100, 100, 89, 90]];
    const result = play(bars, { 0: ({ order }) => void order.market({ ...buy, stopLoss: 90, takeProfit: 110 }) }, { takeProfit: 2 });
    expect(told(result)).toEqual(['own 5@1', 'takeProfit 2@3', 'stopLoss 3@4']);
    expect(result.orders[2]).toMatchObject({ status: 'cancelled', filledBase: 2, reason: 'the stop filled' });
    expect(result.openPositions).toHaveLength(0);
  });

  test('an entry that goes on filling after its stop has ended is protected anew', () => {
    const bars: BarRow[] = [flat, [100, 100, 89, 90], [100, 100, 100, 100], flat];
    const result = play(bars, { 0: ({ order }) => void order.market({ ...buy, stopLoss: 90 }) }, { own: 3 });
    expect(told(result)).toEqual(['own 3@1', 'stopLoss 3@2', 'own 2@2']);
    expect(result.orders.filter((order) => order.role === 'stopLoss').map((order) => [order.status, order.sizeBase])).toEqual([
      ['filled', 3],
      ['expired', 2],
    ]);
  });

  test('another exit closes the fills of entries in their order, and lowers their brackets', () => {
    // First 3 of A, then B whole, then 2 of A: a sale of 4 takes 3 of A and 1 of B.
    let n = 0;
    vi.spyOn(FillTerms.prototype, 'quantity').mockImplementation((order) => (order.id === 0 && n++ === 0 ? 3 : Number.POSITIVE_INFINITY));
    const result = playScript({
      rows: [flat, flat, flat, flat, flat],
      settings: { account: { kind: 'frictionless', leverage: 10 } },
      at: {
        0({ order }) {
          order.limit({ ...buy, limitPrice: 101, stopLoss: 80, tag: 'A' });
          order.market({ side: 1, sizeBase: 2, stopLoss: 81, tag: 'B' });
        },
        2: ({ order }) => void order.market({ ...sell, sizeBase: 4 }),
      },
    });
    const stops = result.orders.filter((order) => order.role === 'stopLoss').map((order) => [order.tag, order.sizeBase]);
    expect(stops).toEqual([
      ['A', 2],
      ['B', 1],
    ]);
  });

  test('the first part of one cancels those linked to it, and releases nothing until it is whole', () => {
    const at: Script['at'] = {
      0({ order }) {
        const first = order.market(buy);
        order.oneCancelsOther([first, order.limit({ ...buy, limitPrice: 50 })]);
        order.limit({ ...sell, limitPrice: 120, after: first });
      },
    };
    const result = play([flat, flat, flat, flat], at, { own: 3 });
    expect(result.orders.map((order) => [order.status, order.endedMs / minuteMs])).toEqual([
      ['filled', 2],
      ['cancelled', 1],
      ['expired', 4],
    ]);
    expect(result.orders[2].submittedMs).toBe(2 * minuteMs);
  });
});
