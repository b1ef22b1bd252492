import { describe, expect, test } from 'vitest';
import { log } from '../math.ts';
import type { RunSettings } from '../settings.ts';
import { brief, playScript, type ScriptInput } from '../testing/play-script.ts';
import { type BarRow, tapeOf } from '../testing/tapes.ts';
import { Latencies, type LatencyRule, type LatencyRules, latenciesOf, noLatency } from './latency.ts';

const minuteMs = 60_000;
const flat: BarRow = [100, 100, 100, 100];
const fixed = (ms: number): LatencyRule => ({ kind: 'fixed', ms });
const rulesOf = (given: Partial<LatencyRules>): LatencyRules => ({ ...noLatency, ...given });

describe('a draw', () => {
  const drawn = (rule: LatencyRule, count: number, seed = 3) => {
    const latencies = new Latencies(rulesOf({ order: rule }), seed);
    return Array.from({ length: count }, (_, id) => latencies.orderMs(id));
  };

  test('is the same for the same seed and order, whatever else was drawn', () => {
    const rule: LatencyRule = { kind: 'uniform', minMs: 0, maxMs: 1_000_000 };
    const all = drawn(rule, 50);
    const backwards = new Latencies(rulesOf({ order: rule }), 3);
    for (let id = 0; id < 50; id++) backwards.cancelMs(id);
    for (let id = 49; id >= 0; id--) expect(backwards.orderMs(id)).toBe(all[id]);
    expect(drawn(rule, 50, 4)).not.toEqual(all);
  });

  test('of order, cancel and data are apart from each other, and data adds to both', () => {
    const rule: LatencyRule = { kind: 'uniform', minMs: 0, maxMs: 1_000_000 };
    const all = new Latencies({ order: rule, cancel: rule, data: fixed(0) }, 3);
    expect(all.orderMs(1)).not.toBe(all.cancelMs(1));
    const late = new Latencies({ order: rule, cancel: rule, data: fixed(7) }, 3);
    expect([late.orderMs(1), late.cancelMs(1)]).toEqual([all.orderMs(1) + 7, all.cancelMs(1) + 7]);
    const own = new Latencies({ order: fixed(0), cancel: fixed(0), data: rule }, 3);
    expect(own.orderMs(1)).not.toBe(own.cancelMs(1));
    expect(own.protectionMs(1)).not.toBe(own.orderMs(1));
  });

  test('is uniform over whole milliseconds, both ends included', () => {
    const counts = new Map<number, number>();
    for (const ms of drawn({ kind: 'uniform', minMs: 5, maxMs: 9 }, 50_000)) counts.set(ms, (counts.get(ms) ?? 0) + 1);
    expect([...counts.keys()].sort()).toEqual([5, 6, 7, 8, 9]);
    // Four standard errors.
    for (const count of counts.values()) expect(Math.abs(count - 10_000)).toBeLessThan(4 * Math.sqrt(8_000));
  });

  test('is lognormal: half below the median, the logarithm as spread as sigma says', () => {
    const values = drawn({ kind: 'lognormal', medianMs: 40_000, sigma: 0.5 }, 50_000);
    expect(values.every(Number.isInteger)).toBe(true);
    const below = values.filter((ms) => ms < 40_000).length;
    expect(Math.abs(below - 25_000)).toBeLessThan(4 * Math.sqrt(12_500));
    const logs = values.map((ms) => log(ms / 40_000));
    const mean = logs.reduce((sum, value) => sum + value, 0) / logs.length;
    const variance = logs.reduce((sum, value) => sum + (value - mean) ** 2, 0) / logs.length;
    expect(Math.abs(mean)).toBeLessThan(4 * Math.sqrt(0.25 / 50_000));
    expect(Math.abs(variance - 0.25)).toBeLessThan(4 * 0.25 * Math.sqrt(2 / 50_000));
  });

  test('is not made where nothing is late', () => {
    expect(latenciesOf(noLatency, 1)).toBeNull();
    expect(latenciesOf(rulesOf({ data: { kind: 'uniform', minMs: 0, maxMs: 0 } }), 1)).toBeNull();
    expect(latenciesOf(rulesOf({ cancel: fixed(1) }), 1)).not.toBeNull();
  });
});

function play(latency: Partial<RunSettings['latency']>, input: ScriptInput) {
  return playScript({ ...input, settings: { account: { kind: 'frictionless', leverage: 100 }, latency, ...input.settings } });
}
const buy = { side: 1, sizeBase: 1 } as const;
const later = (price: number): BarRow => [price, price, price, price];

describe('an order (1.2, 1.3, 9.1)', () => {
  const at: NonNullable<ScriptInput['at']> = { 0: ({ order }) => void order.market(buy) };
  const rows: BarRow[] = [flat, later(101), later(102), later(103)];

  test.each([
    [0, 1],
    [1, 2],
    [minuteMs, 2],
    [minuteMs + 1, 3],
  ])('that is %d ms late fills at the first open it is live by: minute %d', (ms, minute) => {
    const { fills, orders } = play({ order: fixed(ms) }, { rows, at });
    expect(brief(fills)).toEqual([[minute * minuteMs, 1, 100 + minute, 1]]);
    expect(orders[0]).toMatchObject({ submittedMs: minuteMs, liveMs: minuteMs + ms });
  });

  test('is as late as the data behind it and its own way together', () => {
    expect(brief(play({ order: fixed(minuteMs), data: fixed(1) }, { rows, at }).fills)).toEqual([[3 * minuteMs, 1, 103, 1]]);
  });

  test('is told as sending until it arrives, and expires on its way where the tape ends first', () => {
    const states: string[] = [];
    const { orders } = play(
      { order: fixed(90_000) },
      {
        rows,
        at: { 0: ({ order }) => void order.market(buy), 2: ({ order }) => void order.market(buy) },
        onOrder: ({ id, status }) => void states.push(`${id} ${status}`),
      },
    );
    expect(states).toEqual(['0 sending', '0 open', '1 sending', '0 filled']);
    expect(orders[1]).toMatchObject({ status: 'expired', reason: 'the tape ended' });
  });

  test('takes no part inside the bar in which it arrives', () => {
    const dip: BarRow = [100, 100, 90, 100];
    const limit: NonNullable<ScriptInput['at']> = { 0: ({ order }) => void order.limit({ ...buy, limitPrice: 95 }) };
    expect(brief(play({ order: fixed(1) }, { rows: [flat, dip, flat, dip], at: limit }).fills)).toEqual([[4 * minuteMs, 1, 95, 1]]);
  });

  test('stands behind those that arrived before it, whenever they were sent', () => {
    const latency = { order: { kind: 'uniform', minMs: 0, maxMs: 59_999 } } as const;
    const latencies = new Latencies(rulesOf(latency), 1);
    const sequence = [0, 1, 2, 3, 4, 5].sort((a, b) => latencies.orderMs(a) - latencies.orderMs(b));
    const { fills } = play(latency, {
      rows: [flat, flat, flat],
      at: { 0: ({ order }) => [1, 2, 3, 4, 5, 6].forEach((sizeBase) => void order.market({ side: 1, sizeBase })) },
    });
    expect(sequence).not.toEqual([0, 1, 2, 3, 4, 5]);
    expect(fills.map((fill) => fill.orderId)).toEqual(sequence);
  });

  test('held behind another is sent when that fills, and is late from then on', () => {
    const { fills } = play(
      { order: fixed(1) },
      {
        rows: [flat, ...[1, 2, 3, 4].map((n) => later(100 + n))],
        at: { 0: ({ order }) => void order.market({ side: -1, sizeBase: 1, after: order.market(buy) }) },
      },
    );
    expect(brief(fills)).toEqual([
      [2 * minuteMs, 1, 102, 1],
      [3 * minuteMs, -1, 103, 1],
    ]);
  });

  test('good till a time before it arrives never takes part', () => {
    const { orders, fills } = play(
      { order: fixed(minuteMs + 1) },
      { rows, at: { 0: ({ order }) => void order.market({ ...buy, goodTillMs: 2 * minuteMs }) } },
    );
    expect(fills).toEqual([]);
    expect(orders[0].status).toBe('expired');
  });

  test('what a fill attaches rests at the exchange: it is not late', () => {
    const { fills } = play(
      { order: fixed(1) },
      { rows: [flat, flat, [100, 100, 90, 90], flat], at: { 0: ({ order }) => void order.market({ ...buy, stopLoss: 95 }) } },
    );
    expect(brief(fills)).toEqual([
      [2 * minuteMs, 1, 100, 1],
      [3 * minuteMs, -1, 95, 1, 'stopLoss'],
    ]);
  });
});

describe('a cancel (3.4)', () => {
  const dip: BarRow = [100, 100, 90, 100];
  const cancelAfter = (ms: number, rows: readonly BarRow[], order = 0) =>
    play(
      { cancel: fixed(ms), order: fixed(order) },
      { rows, at: { 0: (turn) => void turn.order.limit({ ...buy, limitPrice: 95 }), 1: (turn) => turn.order.cancel(0) } },
    );

  test('leaves to an order what fills before it arrives', () => {
    expect(brief(cancelAfter(minuteMs, [flat, flat, dip, flat]).fills)).toEqual([[3 * minuteMs, 1, 95, 1]]);
    expect(cancelAfter(minuteMs, [flat, flat, flat, dip]).orders[0]).toMatchObject({ status: 'cancelled', reason: 'by the strategy' });
    expect(cancelAfter(minuteMs, [flat, flat, flat, dip]).fills).toEqual([]);
  });

  test('that arrives inside a bar is there when the bar is matched', () => {
    expect(cancelAfter(minuteMs - 1, [flat, flat, dip, flat]).fills).toEqual([]);
  });

  test('of an order on its way keeps it from arriving', () => {
    const { orders, fills } = cancelAfter(0, [flat, flat, flat, flat, dip, dip], 3 * minuteMs);
    expect(fills).toEqual([]);
    expect(orders[0].status).toBe('cancelled');
  });

  test('is told as cancelling, once, and the order may still fill', () => {
    const states: string[] = [];
    const { orders } = play(
      { cancel: fixed(minuteMs) },
      {
        rows: [flat, flat, dip, flat],
        at: {
          0: ({ order }) => void order.limit({ ...buy, limitPrice: 95 }),
          1: ({ order }) => {
            order.cancel(0);
            order.cancelAll();
          },
        },
        onOrder: ({ status }) => void states.push(status),
      },
    );
    expect(states).toEqual(['open', 'cancelling', 'filled']);
    expect(orders).toHaveLength(1);
  });

  test('without a latency of its own takes effect at once', () => {
    const states: string[] = [];
    play(
      { order: fixed(1) },
      {
        rows: [flat, flat, flat, flat],
        at: { 0: ({ order }) => void order.limit({ ...buy, limitPrice: 95 }), 2: ({ order }) => order.cancel(0) },
        onOrder: ({ status, endedMs }) => void states.push(`${status} ${endedMs}`),
      },
    );
    expect(states.at(-1)).toBe(`cancelled ${3 * minuteMs}`);
  });
});

describe('an amend and a protection', () => {
  test('an amend arrives as late as its order did, and is refused where that has ended', () => {
    const dip: BarRow = [100, 100, 94, 100];
    const amendTo93 = (rows: readonly BarRow[]) =>
      play(
        { order: fixed(minuteMs) },
        {
          rows,
          at: { 0: ({ order }) => void order.limit({ ...buy, limitPrice: 95 }), 2: ({ order }) => order.amend(0, { limitPrice: 93 }) },
        },
      );
    expect(amendTo93([flat, flat, flat, flat, dip]).fills).toEqual([]);
    const late = amendTo93([flat, flat, flat, dip, flat]);
    expect(brief(late.fills)).toEqual([[4 * minuteMs, 1, 95, 1]]);
    expect(late.orders[1]).toMatchObject({ role: 'amend', status: 'rejected', reason: 'order 0 has ended, and cannot be amended' });
  });

  describe('that arrive inside a bar know its open, and nothing behind it (9.1)', () => {
    const late = { latency: rulesOf({ order: fixed(minuteMs / 2) }) };
    const closing = (close: number): BarRow => [100, Math.max(100, close), Math.min(100, close), close];

    test.each([90, 100, 120])('a larger size is judged at it where the bar closes at %d', (close) => {
      const { orders } = playScript({
        rows: [flat, flat, closing(close), flat],
        settings: { ...late, initialCapitalQuote: 1000, risk: { positionFractionMax: 0.5 }, account: { kind: 'frictionless' } },
        at: { 0: ({ order }) => void order.onClose({ ...buy, sizeBase: 3 }), 1: ({ order }) => order.amend(0, { sizeBase: 5 }) },
      });
      expect(orders.map(({ sizeBase }) => sizeBase)).toEqual([5]);
    });

    test('a trail starts there', () => {
      const { orders } = playScript({
        rows: [flat, flat, closing(95), flat],
        settings: late,
        at: { 0: ({ order }) => void order.market(buy), 1: ({ order }) => order.protect({ trail: { distance: 4 } }) },
      });
      expect(orders[1]).toMatchObject({ role: 'trail', stopPrice: 96 });
    });

    test('in a gap the close before it is known, and its own open is not', () => {
      const openTimesMs = [0, minuteMs, 2 * minuteMs, 10 * minuteMs];
      const { orders } = playScript({
        tapes: [tapeOf([flat, flat, flat, [90, 90, 90, 90]], { openTimesMs })],
        settings: late,
        at: { 0: ({ order }) => void order.market(buy), 2: ({ order }) => order.protect({ trail: { distance: 20 } }) },
      });
      expect(orders[1]).toMatchObject({ role: 'trail', stopPrice: 80 });
    });
  });

  test('a protection of the whole position is live when it arrives', () => {
    const dip: BarRow = [100, 100, 90, 100];
    const protectedFrom = (ms: number) =>
      play(
        { data: fixed(ms) },
        {
          rows: [flat, flat, flat, flat, dip, dip, dip],
          at: { 0: ({ order }) => void order.market(buy), 3: ({ order }) => order.protect({ stopLoss: 95 }) },
        },
      ).fills.at(-1)?.timeMs;
    expect(protectedFrom(0)).toBe(5 * minuteMs);
    expect(protectedFrom(1)).toBe(6 * minuteMs);
  });
});

describe('of a delay in bars', () => {
  const rows: BarRow[] = [0, 1, 2, 3, 4, 5, 6, 7].map((n) => [100 + n, 100 + n, 100 + n, 100 + n]);
  const buy = { side: 1, sizeBase: 1 } as const;
  const sent: ScriptInput = { at: { 1: ({ order }) => void order.market(buy) } };

  test.each([
    [1, 3],
    [2, 4],
    [5, 7],
  ])('%d: an order fills so many opens later', (bars, minute) => {
    const { fills } = playScript({ rows, ...sent, settings: { latency: rulesOf({ bars }) } });
    expect(brief(fills)).toEqual([[minute * minuteMs, 1, 100 + minute, 1]]);
  });

  test('nights and weekends are no bars: what was sent on Friday fills on Tuesday', () => {
    const dayMs = 86_400_000;
    // Thursday, Friday, Monday, Tuesday: fixed hours would have arrived on Saturday, in time for Monday.
    const openTimesMs = [0, 1, 4, 5].map((day) => day * dayMs);
    const tapes = [tapeOf(rows.slice(0, 4), { timeframe: '1d', openTimesMs })];
    const settings = { window: { fromMs: 0, toMs: 6 * dayMs } };
    const fillsOf = (latency: LatencyRules) => brief(playScript({ tapes, ...sent, settings: { ...settings, latency } }).fills);
    expect(fillsOf(rulesOf({ bars: 1 }))).toEqual([[5 * dayMs, 1, 103, 1]]);
    expect(fillsOf(rulesOf({ order: fixed(dayMs) }))).toEqual([[4 * dayMs, 1, 102, 1]]);
  });

  test('an order is sized when it arrives: one for all the cash is not refused because the price has risen', () => {
    const prices = [100, 100, 100, 110, 110, 110].map((price): BarRow => [price, price, price, price]);
    const all: ScriptInput['at'] = { 0: ({ order }) => void order.market({ side: 1, equityFraction: 1 }) };
    const fillsOf = (latency: LatencyRules) => playScript({ rows: prices, at: all, settings: { latency } }).fills;
    expect(fillsOf(rulesOf({ order: fixed(3 * minuteMs) }))).toEqual([]);
    expect(brief(fillsOf(rulesOf({ bars: 3 })))).toEqual([[4 * minuteMs, 1, 110, 90]]);
  });

  test('an exit sent while the entry is on its way closes what that became', () => {
    const { fills } = playScript({
      rows,
      at: { 0: ({ order }) => void order.market({ side: 1, equityFraction: 0.5 }), 2: ({ order }) => void order.close() },
      settings: { latency: rulesOf({ bars: 3 }) },
    });
    expect(fills.map(({ timeMs, side }) => [timeMs, side])).toEqual([
      [4 * minuteMs, 1],
      [6 * minuteMs, -1],
    ]);
    expect(fills[1].sizeBase).toBe(fills[0].sizeBase);
  });

  test('one that would arrive behind the window expires on its way', () => {
    const { fills, orders } = playScript({ rows, ...sent, settings: { latency: rulesOf({ bars: 7 }) } });
    expect(fills).toEqual([]);
    expect(orders[0]).toMatchObject({ status: 'expired', reason: 'the tape ended' });
  });

  test('without gaps it is a latency of so many minutes for orders, amends, cancels and protections alike', () => {
    const wave: BarRow[] = Array.from({ length: 200 }, (_, i) => {
      const middle = 100 + ((i * 7) % 13);
      return [middle, middle + 4, middle - 4, middle + 1];
    });
    const busy: ScriptInput['always'] = ({ order, position, call }) => {
      if (call % 9 === 0) order.limit({ ...buy, limitPrice: 99 + (call % 5) });
      if (call % 9 === 2 && call > 9) order.amend(Math.floor(call / 9), { limitPrice: 101 });
      if (call % 9 === 4) order.cancelAll();
      if (call % 9 === 5 && !position.isFlat) order.protect({ stopLoss: 97 });
      if (call % 27 === 26) order.close();
    };
    const fillsOf = (latency: LatencyRules) => playScript({ rows: wave, always: busy, settings: { latency } }).fills;
    for (const bars of [1, 3]) {
      const fills = fillsOf(rulesOf({ bars }));
      expect(fills.length).toBeGreaterThan(10);
      expect(fills).toEqual(fillsOf(rulesOf({ order: fixed(bars * minuteMs), cancel: fixed(bars * minuteMs) })));
    }
  });
});
