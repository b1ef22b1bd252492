import { describe, expect, test } from 'vitest';
import type { RunResult } from '../../result.ts';
import { playScript, type Script, type Turn } from '../../testing/play-script.ts';
import { type BarRow, instrumentOf, tapeOf } from '../../testing/tapes.ts';

const minuteMs = 60_000;
const dayMs = 86_400_000;
const flat: BarRow = [100, 100, 100, 100];
const buy = { side: 1, sizeBase: 1 } as const;

function play(bars: readonly BarRow[], at: Script['at'], options: { startMs?: number; openTimesMs?: number[] } = {}): RunResult {
  return playScript({ tapes: [tapeOf(bars, options)], settings: { account: { kind: 'frictionless', leverage: 10 } }, ...(at && { at }) });
}

/** "filled@minute reason" of one order. */
function end({ orders }: RunResult, id = 0, startMs = 0): string {
  const { status, endedMs, reason } = orders[id];
  return `${status}@${(endedMs - startMs) / minuteMs}${reason === '' ? '' : ` ${reason}`}`;
}

describe('good till a date, and for the day (3.1, 3.2)', () => {
  const until = (goodTillMs: number): Script['at'] => ({ 0: ({ order }) => void order.limit({ ...buy, limitPrice: 98, goodTillMs }) });
  const dips: BarRow[] = [flat, flat, [100, 100, 97, 98], flat, flat];

  test('takes part in a bar that closes at its end, and ends behind it', () => {
    expect(end(play(dips, until(3 * minuteMs)))).toBe('filled@3');
    expect(end(play([flat, flat, flat, flat], until(3 * minuteMs)))).toBe('expired@3 good till 1970-01-01 00:03');
  });

  test('takes no part in a bar that runs across its end', () => {
    expect(end(play(dips, until(3 * minuteMs - 1)))).toBe('expired@3 good till 1970-01-01 00:02:59');
  });

  test('takes no part in an open at its end', () => {
    const gap: BarRow[] = [flat, flat, [97, 97, 97, 97], flat];
    expect(end(play(gap, until(2 * minuteMs)))).toBe('expired@2 good till 1970-01-01 00:02');
    expect(end(play(gap, until(2 * minuteMs + 1)))).toBe('filled@2');
  });

  test('after a gap it ends at the next open, before it is matched', () => {
    const openTimesMs = [0, minuteMs, 10 * minuteMs];
    const result = play([flat, flat, [97, 97, 97, 97]], until(5 * minuteMs), { openTimesMs });
    expect(end(result)).toMatch(/^expired@10 /);
    expect(result.fills).toHaveLength(0);
  });

  test('ends with the event of another instrument too', () => {
    const slow = tapeOf([flat, flat], { symbol: 'SLOW', timeframe: '5m' });
    const quick = tapeOf(
      Array.from({ length: 9 }, () => flat),
      { symbol: 'QUICK' },
    );
    const result = playScript({
      tapes: [quick, slow],
      at: { 4: ({ series }) => void series[1].order.limit({ ...buy, limitPrice: 98, goodTillMs: 7 * minuteMs }) },
    });
    expect(end(result)).toMatch(/^expired@7 /);
  });

  test('a time that has passed when the order is sent, or that it is now, is refused', () => {
    const sent = (goodTillMs: number) => end(play([flat, flat, flat], until(goodTillMs)));
    expect(sent(minuteMs - 1)).toBe(
      'rejected@1 goodTillMs 1970-01-01T00:00:59.999Z is not after 1970-01-01T00:01:00.000Z, when the order was sent: it could never take part',
    );
    expect(sent(minuteMs)).toMatch(/^rejected@1 /);
    expect(sent(minuteMs + 1)).toBe('expired@2 good till 1970-01-01 00:01');
  });

  test('DAY ends with the UTC day in which it was sent; sent at midnight, with the day that begins', () => {
    const day = ({ order }: Parameters<NonNullable<Script['at']>[number]>[0]) =>
      void order.limit({ ...buy, limitPrice: 98, timeInForce: 'DAY' });
    const startMs = dayMs - 3 * minuteMs;
    const evening = play([flat, flat, flat, flat, flat], { 0: day }, { startMs });
    expect(end(evening, 0, startMs)).toBe('expired@3 good till 1970-01-02 00:00');
    const midnight = play([flat, flat, flat, flat, flat], { 2: day }, { startMs });
    expect(end(midnight, 0, startMs)).toBe('expired@5 the tape ended');
  });

  test('GTC rests until the tape ends', () => {
    expect(end(play([flat, flat], { 0: ({ order }) => void order.limit({ ...buy, limitPrice: 98, timeInForce: 'GTC' }) }))).toBe(
      'expired@2 the tape ended',
    );
  });

  test('a GTD order without a time, and a time beside another force, are faults of the strategy', () => {
    const send = (wish: object) => () => play([flat, flat], { 0: ({ order }) => void order.limit({ ...buy, limitPrice: 98, ...wish }) });
    expect(send({ timeInForce: 'GTD' })).toThrow('order goodTillMs: was undefined, expected the time at which a GTD order expires');
    expect(send({ timeInForce: 'DAY', goodTillMs: 1 })).toThrow('order goodTillMs: was 1, expected none beside DAY');
    expect(send({ timeInForce: 'GTX' })).toThrow('order timeInForce: was GTX, expected one of GTC, GTD, DAY, IOC, FOK');
  });
});

describe('immediate or cancel, fill or kill (3.3)', () => {
  test.each(['IOC', 'FOK'] as const)('%s: a limit that its first open does not fill is cancelled there', (timeInForce) => {
    const send: Script['at'] = { 0: ({ order }) => void order.limit({ ...buy, limitPrice: 98, timeInForce }) };
    const reason = timeInForce === 'IOC' ? 'immediate or cancel' : 'fill or kill';
    expect(end(play([flat, [100, 100, 97, 98]], send))).toBe(`cancelled@1 ${reason}`);
    expect(end(play([flat, [97, 100, 97, 98]], send))).toBe('filled@1');
  });

  test('an onOpen order waits for its open first', () => {
    const startMs = dayMs - 2 * minuteMs;
    const send: Script['at'] = { 0: ({ order }) => void order.onOpen({ ...buy, timeInForce: 'IOC' }) };
    expect(end(play([flat, flat, flat], send, { startMs }), 0, startMs)).toBe('filled@2');
  });

  test('sent when an open filled another, it takes part in the next open and not inside the bar', () => {
    const result = playScript({
      rows: [flat, [100, 100, 97, 98], [97, 97, 97, 97]],
      settings: { account: { kind: 'frictionless', leverage: 10 } },
      at: { 0: ({ order }) => void order.market(buy) },
      onFill: ({ orderId }, { order }) => void (orderId === 0 && order.limit({ ...buy, limitPrice: 98, timeInForce: 'IOC' })),
    });
    expect(result.fills.map((fill) => [fill.timeMs / minuteMs, fill.priceQuote])).toEqual([
      [1, 100],
      [2, 97],
    ]);
  });

  test.each(['stop', 'stopLimit', 'marketIfTouched', 'limitIfTouched', 'trailingStop', 'onClose'] as const)(
    'a %s order is refused it, as an event with its reason',
    (kind) => {
      const prices = { stopPrice: 102, touchPrice: 98, limitPrice: 99, trail: { distance: 1 } };
      const names = {
        stop: ['stopPrice'],
        stopLimit: ['stopPrice', 'limitPrice'],
        marketIfTouched: ['touchPrice'],
        limitIfTouched: ['touchPrice', 'limitPrice'],
        trailingStop: ['trail'],
        onClose: [],
      } as const;
      const own = Object.fromEntries(names[kind].map((name) => [name, prices[name]]));
      const seen: string[] = [];
      const result = playScript({
        rows: [flat, flat],
        at: { 0: ({ order }) => void order[kind]({ ...buy, ...own, timeInForce: 'FOK' } as never) },
        onOrder: ({ status }) => void seen.push(status),
      });
      expect(result.orders[0]).toMatchObject({
        status: 'rejected',
        reason: `FOK is for market, limit and onOpen orders; a ${kind} order waits for its price`,
      });
      expect(seen).toEqual(['rejected']);
    },
  );
});

describe('cancel and amend (3.4)', () => {
  test('a price amended takes part in the next bar, and not at once', () => {
    const result = play([flat, [100, 100, 97, 98], [100, 100, 97, 98], flat], {
      0: ({ order }) => void order.limit({ ...buy, limitPrice: 90 }),
      1: ({ order }) => order.amend(0, { limitPrice: 98 }),
    });
    expect(result.fills.map((fill) => [fill.timeMs / minuteMs, fill.priceQuote])).toEqual([[3, 98]]);
    expect(result.orders[0]).toMatchObject({ limitPrice: 98, submittedMs: minuteMs, liveMs: 2 * minuteMs });
  });

  test('a size lowered keeps the place, a price or a larger size goes behind', () => {
    const first = (amend: object) =>
      play([flat, flat, [97, 97, 97, 97]], {
        0({ order }) {
          order.limit({ ...buy, sizeBase: 2, limitPrice: 98 });
          order.limit({ ...buy, sizeBase: 2, limitPrice: 98 });
        },
        1: ({ order }) => order.amend(0, amend),
      }).fills.map((fill) => [fill.orderId, fill.sizeBase]);
    expect(first({ sizeBase: 1 })).toEqual([
      [0, 1],
      [1, 2],
    ]);
    expect(first({ sizeBase: 3 })).toEqual([
      [1, 2],
      [0, 3],
    ]);
    expect(first({ limitPrice: 98.5 })).toEqual([
      [1, 2],
      [0, 2],
    ]);
  });

  test('a lower size with another price goes behind all others', () => {
    const { fills } = play([flat, flat, [100, 100, 97, 98]], {
      0: ({ order }) => {
        order.limit({ ...buy, sizeBase: 2, limitPrice: 98 });
        order.limit({ ...buy, limitPrice: 98 });
      },
      1: ({ order }) => order.amend(0, { sizeBase: 1, limitPrice: 98.5 }),
    });
    expect(fills.map(({ orderId }) => orderId)).toEqual([1, 0]);
  });

  test('stop and touch prices are amended by their names', () => {
    const result = play([flat, [100, 103, 97, 100], [100, 103, 97, 100]], {
      0({ order }) {
        order.stop({ ...buy, stopPrice: 110 });
        order.marketIfTouched({ ...buy, touchPrice: 90 });
      },
      1({ order }) {
        order.amend(0, { stopPrice: 102 });
        order.amend(1, { touchPrice: 98 });
      },
    });
    expect(result.fills.map((fill) => [fill.orderId, fill.priceQuote])).toEqual([
      [0, 102],
      [1, 98],
    ]);
  });

  test('a post-only order amended to a price that the next open passes is rejected there, as one sent then (2.4)', () => {
    const result = play([flat, flat, flat], {
      0: ({ order }) => void order.limit({ ...buy, limitPrice: 90, postOnly: true }),
      1: ({ order }) => order.amend(0, { limitPrice: 110 }),
    });
    expect(result.fills).toHaveLength(0);
    expect(result.orders[0]).toMatchObject({ status: 'rejected', reason: 'would take at the open 100: post-only orders rest' });
  });

  test('an amend below one lot is refused, and the order stays as it was', () => {
    const result = playScript({
      rows: [flat, flat, [100, 100, 89, 90]],
      instrument: { lotSize: 0.1 },
      at: {
        0: ({ order }) => void order.limit({ ...buy, limitPrice: 90 }),
        1: ({ order }) => order.amend(0, { sizeBase: 0.05 }),
      },
    });
    expect(result.orders[0]).toMatchObject({ status: 'filled', sizeBase: 1 });
    expect(result.orders[1]).toMatchObject({ role: 'amend', status: 'rejected', reason: 'order 0: the size asked for is below one lot' });
  });

  test("an amend through another instrument's orders is refused: its tick and lot are not the order's", () => {
    const result = playScript({
      tapes: [tapeOf([flat, flat, flat]), tapeOf([flat, flat, flat], { symbol: 'ETH/USDT' })],
      instruments: [instrumentOf({ tickSize: 10 }), instrumentOf({ symbol: 'ETH/USDT' })],
      at: {
        0: ({ series }) => void series[1].order.limit({ ...buy, limitPrice: 90 }),
        1: ({ order }) => order.amend(0, { limitPrice: 94 }),
        2: ({ series }) => series[1].order.amend(0, { limitPrice: 94 }),
      },
    });
    expect(result.orders).toMatchObject([
      { id: 0, limitPrice: 94 },
      { role: 'amend', status: 'rejected', reason: 'order 0 is of ETH/USDT: amend it through the orders of that series' },
    ]);
  });

  test('a price that rounds to 0 on the tick is refused where it is asked for', () => {
    const at = { 0: ({ order }: Turn) => void order.limit({ ...buy, limitPrice: 0.001 }) };
    expect(() => play([flat, flat], at)).toThrow('order limitPrice: was 0.001, expected at least the tick nearest above 0');
  });

  test.each([
    ['one that has ended', 0, { limitPrice: 98 }, 'order 0 has ended, and cannot be amended'],
    ['a price that the order has none of', 1, { stopPrice: 98 }, 'order 1, limit, has no stop price to amend'],
    ['the level of a trailing stop', 2, { stopPrice: 98 }, 'order 2, trailingStop, has no stop price to amend'],
  ])('%s is refused as an event, and an order in the result', (_, id, change, reason) => {
    const seen: string[] = [];
    const result = playScript({
      rows: [flat, flat, flat],
      settings: { account: { kind: 'frictionless', leverage: 10 } },
      at: {
        0({ order }) {
          order.market(buy);
          order.limit({ ...buy, limitPrice: 90 });
          order.trailingStop({ side: -1, sizeBase: 1, trail: { distance: 5 } });
        },
        1: ({ order }) => order.amend(id, change),
      },
      onOrder: ({ role, parentId }) => void (role === 'amend' && seen.push(`of ${parentId}`)),
    });
    expect(seen).toEqual([`of ${id}`]);
    expect(result.orders.at(-1)).toMatchObject({ role: 'amend', parentId: id, status: 'rejected', reason, ...change });
  });

  test('a larger size is judged as a new order is: a spot account cannot sell what it does not hold', () => {
    const result = playScript({
      rows: [flat, flat, flat, flat],
      at: {
        0: ({ order }) => void order.market({ ...buy, sizeBase: 2 }),
        1: ({ order }) => void order.limit({ side: -1, sizeBase: 1, limitPrice: 105 }),
        2: ({ order }) => order.amend(1, { sizeBase: 3 }),
      },
    });
    expect(result.orders.at(-1)?.reason).toMatch(/^sells 3, the position is 2/);
    expect(result.orders[1].sizeBase).toBe(1);
  });

  test('the size of what protects an entry follows it and cannot be amended; its price can', () => {
    const result = play([flat, flat, [100, 100, 96, 97]], {
      0: ({ order }) => void order.market({ ...buy, stopLoss: 90 }),
      1({ order }) {
        order.amend(1, { sizeBase: 5 });
        order.amend(1, { stopPrice: 97 });
      },
    });
    expect(result.orders[2].reason).toBe('order 1 follows what it protects: its size cannot be amended');
    expect(result.fills.map((fill) => fill.priceQuote)).toEqual([100, 97]);
  });

  test('a misspelt name and an empty wish are told', () => {
    const amend = (wish: object) => () =>
      play([flat, flat], { 0: ({ order }) => order.amend(order.limit({ ...buy, limitPrice: 98 }), wish) });
    expect(amend({ limitprice: 1 })).toThrow(/did you mean "limitPrice"\?/);
    expect(amend({ stopPrice: 1, touchPrice: 1 })).toThrow(/expected the one that the order has/);
  });
});
