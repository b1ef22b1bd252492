/** As found-by-programs.test.ts: what programs found with partial fills, queues and latency. */
import { describe, expect, test } from 'vitest';
import { playScript, type Script } from '../../testing/play-script.ts';
import { type BarRow, tapeOf } from '../../testing/tapes.ts';
import { buy, flat, level, minuteMs, play, prices, type Rules, rebate, sell } from './found-by-programs.test.helper.ts';

describe('7 volume', () => {
  const share = (volumeShare: number): Rules => ({ liquidity: { volumeShare, queue: null } });
  const at = (price: number, volume: number): BarRow => [price, price, price, price, volume];

  test('7.1 a limit that an open met without volume fills inside the bar at that open, not where the bar never was', () => {
    const script: Script['at'] = { 0: ({ order }) => void order.limit({ ...sell, limitPrice: 103 }) };
    expect(prices(play([at(100, 9), at(100, 0), [105, 106, 104, 105, 9]], script, share(1)))).toBe('105@3');
  });

  test('7.2 a stop that was reached without volume is a market order from then on', () => {
    const script: Script['at'] = { 0: ({ order }) => void order.stop({ ...buy, stopPrice: 103 }) };
    expect(prices(play([at(100, 9), [100, 104, 100, 100, 0], at(100, 9), at(101, 9)], script, share(1)))).toBe('101@3');
  });

  test('7.2 a stop-limit that an open reached without volume is a limit order from then on', () => {
    const script: Script['at'] = { 0: ({ order }) => void order.stopLimit({ ...buy, stopPrice: 101, limitPrice: 103 }) };
    const { fills } = play([at(100, 0), [102, 104, 102, 104, 9]], script, { ...share(1), instrument: rebate });
    // Passed by the open it takes; as a stop it would have been slipped.
    expect(fills.map(({ priceQuote, timeMs }) => [priceQuote, timeMs / minuteMs])).toEqual([[102, 2]]);
    expect(play([at(100, 0), at(102, 0), at(100, 9)], script, share(1)).orders[0].isTriggered).toBe(true);
  });

  test('2.5 what only reduces is cut for good: it does not close what is opened later', () => {
    const rows: BarRow[] = [at(100, 9), at(100, 2), [100, 100, 98, 100, 9], at(100, 9), at(100, 9)];
    const { orders } = play(
      rows,
      {
        0: ({ order }) => void order.market({ ...buy, sizeBase: 4 }),
        1({ order }) {
          order.limit({ ...sell, limitPrice: 90 });
          order.market({ ...sell, sizeBase: 4, reduceOnly: true });
          order.limit({ ...buy, sizeBase: 5, limitPrice: 99 });
        },
      },
      share(1),
    );
    // One fills, of three that are left one; five are bought inside that bar.
    expect(orders.map(({ filledBase }) => filledBase)).toEqual([4, 1, 3, 5]);
  });

  test('3.3 fill or kill asks for the size that is left to reduce', () => {
    const { orders } = play(
      [at(100, 9), at(100, 2), at(100, 9)],
      {
        0: ({ order }) => void order.market({ ...buy, sizeBase: 2 }),
        1({ order }) {
          order.limit({ ...sell, limitPrice: 90 });
          order.market({ ...sell, sizeBase: 2, reduceOnly: true, timeInForce: 'FOK' });
        },
      },
      share(1),
    );
    expect(orders.map(({ filledBase, status }) => [filledBase, status])).toEqual([
      [2, 'filled'],
      [1, 'filled'],
      [1, 'filled'],
    ]);
  });

  test('3.4 an amend to what has filled ends the order, whatever price it asks for beside', () => {
    const { orders } = play(
      [at(100, 2), at(100, 0), at(100, 9)],
      {
        0: ({ order }) => void order.limit({ ...buy, sizeBase: 9, limitPrice: 101 }),
        1: ({ order }) => order.amend(0, { sizeBase: 1, limitPrice: 102 }),
      },
      share(1),
    );
    expect(orders.map(({ status, filledBase }) => [status, filledBase])).toEqual([['filled', 2]]);
  });

  test('5.3 a stop-limit of which its stop filled a part came as a stop', () => {
    const script: Script['at'] = {
      0: ({ order }) => void order.stopLimit({ ...buy, sizeBase: 9, stopPrice: 102, limitPrice: 102, takeProfit: 104 }),
    };
    const result = play([at(100, 1), [100, 105, 100, 105, 4]], script, share(1));
    expect([result.fills.length, result.ambiguousBarCount]).toEqual([1, 0]);
  });

  test('5.2 optimistic: where the target finds no volume the certain stop was reached all the same', () => {
    const script: Script['at'] = {
      0: ({ order }) => void order.limit({ ...buy, sizeBase: 4, limitPrice: 98, stopLoss: 97, takeProfit: 102 }),
    };
    // The entry takes all there is, also of the next open: the one behind it fills.
    const rows: BarRow[] = [at(100, 9), [100, 103, 96, 96, 4], at(99, 9), at(98.5, 9)];
    expect(prices(play(rows, script, { ...share(1), ambiguity: 'optimistic' }))).toBe('98@2, stopLoss 98.5@3');
  });

  test('7.3 a bar in which a limit came to rest neither fills it on a touch nor lowers what lies ahead', () => {
    const queue: Rules = { liquidity: { volumeShare: null, queue: 1 } };
    const script: Script['at'] = { 0: ({ order }) => void order.stopLimit({ ...buy, stopPrice: 103, limitPrice: 99 }) };
    // Triggered by the bar of volume 8 that touches 99: eight lie ahead, of which the next touch takes five.
    const rows: BarRow[] = [at(100, 9), [100, 103, 99, 100, 8], [100, 101, 99, 100, 5], [100, 101, 99, 100, 5]];
    expect(prices(play(rows, script, queue))).toBe('99@4');
  });

  test('7.3 less than a lot beyond the queue puts no bar in doubt', () => {
    const rules: Rules = { liquidity: { volumeShare: null, queue: 0.875 }, instrument: { lotSize: 1 }, ambiguity: 'path' };
    const straddle: Script['at'] = {
      0({ order }) {
        order.limit({ ...buy, limitPrice: 99 });
        order.stop({ ...buy, stopPrice: 101 });
      },
    };
    // Of four units three and a half stand ahead.
    const result = play([at(100, 4), [100, 101, 99, 100, 4]], straddle, rules);
    expect([result.fills.length, result.decidedBarCount]).toEqual([1, 0]);
  });

  test('7.3 what its stop filled in part stands in the queue with the rest', () => {
    const rules: Rules = { liquidity: { volumeShare: 0.5, queue: 1 } };
    const script: Script['at'] = { 0: ({ order }) => void order.stopLimit({ ...buy, sizeBase: 9, stopPrice: 101, limitPrice: 101 }) };
    const { orders } = play([at(100, 9), [100, 102, 100, 102, 8], [102, 102, 101, 102, 8]], script, rules);
    expect(orders[0].filledBase).toBe(4);
  });
});

test('4.5 of two that one fill lets go, the second is not sent where the refusal of the first has cancelled it', () => {
  const { orders } = play([flat, [100, 100, 97, 98], level(98)], {
    0({ order }) {
      const after = order.limit({ ...sell, limitPrice: 99.5 });
      order.oneCancelsOther([order.limit({ ...sell, limitPrice: 110, reduceOnly: true, after }), order.market({ ...buy, after })]);
      order.amend(after, { limitPrice: 99 });
    },
    1: ({ order }) => void order.market(buy),
  });
  expect(orders.map(({ status }) => status)).toEqual(['filled', 'rejected', 'cancelled', 'filled']);
});

test('5.6 a further part makes no protections, and puts no bar in doubt by those it would have made', () => {
  const rows: BarRow[] = [flat, [100, 100, 98.5, 100, 2], [97, 98.5, 94, 97, 9], level(97)];
  const script: Script['at'] = {
    0: ({ order }) => void order.limit({ ...buy, sizeBase: 5, limitPrice: 99, takeProfit: { distance: 3 } }),
    1: ({ order }) => order.amend(0, { limitPrice: 95 }),
  };
  // The target rests at 102; one of 98 would lie in the second bar.
  const result = play(rows, script, { ambiguity: 'path', liquidity: { volumeShare: 1, queue: null } });
  expect([prices(result), result.decidedBarCount]).toEqual(['99@2, 95@3', 0]);
});

describe('9 latency', () => {
  const late = (orderMs: number, cancelMs = 0): Rules => ({
    latency: { order: { kind: 'fixed', ms: orderMs }, cancel: { kind: 'fixed', ms: cancelMs } },
  });

  test('9.1 a message of an order that has ended does nothing to the order that uses its object next', () => {
    const { orders } = play(
      [flat, flat, flat, flat, flat, flat],
      {
        // Linked with one that is refused, the first is cancelled on its way.
        0: ({ order }) => order.oneCancelsOther([order.market(buy), order.limit({ ...buy, limitPrice: 90, reduceOnly: true })]),
        1: ({ order }) => void order.limit({ ...buy, limitPrice: 90 }),
      },
      late(2.5 * minuteMs),
    );
    expect(orders.map(({ status }) => status)).toEqual(['cancelled', 'rejected', 'expired']);
    expect(orders[2].liveMs).toBe(4.5 * minuteMs);
  });

  test('9.1 an order that arrives at its end, or an amend behind it, finds it ended', () => {
    const atEnd = play([flat, flat], { 0: ({ order }) => void order.market({ ...buy, goodTillMs: 2 * minuteMs }) }, late(minuteMs));
    expect(atEnd.orders[0].reason).toBe('good till 1970-01-01 00:02');
    const openTimesMs = [0, minuteMs, 10 * minuteMs];
    const behind = playScript({
      tapes: [tapeOf([flat, flat, flat], { openTimesMs })],
      settings: late(3 * minuteMs),
      at: {
        0: ({ order }) => void order.limit({ ...buy, limitPrice: 90, goodTillMs: 4.5 * minuteMs }),
        1: ({ order }) => order.amend(0, { limitPrice: 91 }),
      },
    });
    expect(behind.orders.map(({ reason }) => reason)).toEqual([
      'good till 1970-01-01 00:04:30',
      'order 0 has ended, and cannot be amended',
    ]);
  });

  test('9.1 an amend that arrives behind a cancel finds the order ended', () => {
    const { orders } = play(
      [flat, flat, flat, flat],
      {
        0: ({ order }) => void order.limit({ ...buy, limitPrice: 90 }),
        1({ order }) {
          order.cancel(0);
          order.amend(0, { limitPrice: 91 });
        },
      },
      late(1, 1),
    );
    expect(orders.map(({ reason }) => reason)).toEqual(['by the strategy', 'order 0 has ended, and cannot be amended']);
  });

  test('7.3 what arrives inside a bar stands behind the volume of the bar before it', () => {
    const rows: BarRow[] = [flat, [100, 100, 100, 100, 3], [100, 100, 100, 100, 50], [100, 101, 99, 100, 9]];
    const { orders } = play(
      rows,
      { 1: ({ order }) => void order.limit({ ...buy, sizeBase: 9, limitPrice: 99 }) },
      { ...late(1), liquidity: { volumeShare: null, queue: 1 } },
    );
    // Three lie ahead of it, not the fifty of the bar in which it arrived.
    expect(orders[0].filledBase).toBe(6);
  });

  test('4.2 the steps of a protection count from its arrival', () => {
    const steps = [
      { afterMs: 0, fraction: 0.05 },
      { afterMs: 1.25 * minuteMs, fraction: 0.02 },
    ];
    const { orders } = play(
      [flat, flat, flat, flat, flat],
      { 0: ({ order }) => void order.market(buy), 1: ({ order }) => order.protect({ takeProfit: steps }) },
      late(0.5 * minuteMs),
    );
    // There at 2.5 min; the close that tells of it is at 3 min, the open at 4 min is later by more than the step.
    expect(orders[1].limitPrice).toBe(102);
  });

  test('6.4 a trail that arrives inside a walked bar is not raised by it', () => {
    const { orders } = play(
      [flat, flat, [100, 110, 100, 105]],
      { 0: ({ order }) => void order.market(buy), 1: ({ order }) => order.protect({ trail: { distance: 4 } }) },
      { ...late(1), ambiguity: 'path' },
    );
    expect(orders.find(({ role }) => role === 'trail')?.stopPrice).toBe(96);
  });
});
