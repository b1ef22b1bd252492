import { describe, expect, test } from 'vitest';
import type { RunResult } from '../../result.ts';
import { playScript, type Script } from '../../testing/play-script.ts';
import type { BarRow } from '../../testing/tapes.ts';

const minuteMs = 60_000;
const flat: BarRow = [100, 100, 100, 100];
const buy = { side: 1, sizeBase: 1 } as const;
const sell = { side: -1, sizeBase: 1 } as const;

function play(bars: readonly BarRow[], at: Script['at'], kind: 'spot' | 'frictionless' = 'frictionless'): RunResult {
  return playScript({ rows: bars, settings: { account: { kind, leverage: kind === 'spot' ? 1 : 10 } }, ...(at && { at }) });
}
const ends = ({ orders }: RunResult) => orders.map(({ status, reason }) => (reason === '' ? status : `${status}: ${reason}`));

describe('one cancels the other (4.4)', () => {
  const straddle: Script['at'] = {
    0({ order }) {
      order.oneCancelsOther([
        order.stop({ ...buy, stopPrice: 102 }),
        order.stop({ ...sell, stopPrice: 98 }),
        order.limit({ ...buy, limitPrice: 90 }),
      ]);
    },
  };

  test('the first to fill cancels the others', () => {
    expect(ends(play([flat, [100, 103, 99, 102], flat], straddle))).toEqual([
      'filled',
      'cancelled: order 0 filled',
      'cancelled: order 0 filled',
    ]);
  });

  test('inside one bar the others take part no more after it', () => {
    const result = play([flat, [100, 103, 89, 100], flat], straddle);
    expect(result.fills.map((fill) => fill.orderId)).toEqual([0]);
    expect(result.ambiguousBarCount).toBe(1);
  });

  test('at one open too', () => {
    const both: Script['at'] = {
      0: ({ order }) => order.oneCancelsOther([order.market(buy), order.market({ ...buy, sizeBase: 2 })]),
    };
    expect(ends(play([flat, flat], both))).toEqual(['filled', 'cancelled: order 0 filled']);
  });

  test('a rejected one cancels the others, a cancelled one does not', () => {
    const poor: Script['at'] = {
      0({ order }) {
        order.limit({ ...buy, sizeBase: 99, limitPrice: 99.5 });
        order.oneCancelsOther([order.limit({ ...buy, sizeBase: 50, limitPrice: 99 }), order.limit({ ...buy, limitPrice: 50 })]);
      },
    };
    const result = play([flat, [100, 100, 98, 99], flat], poor, 'spot');
    expect(result.orders[1].status).toBe('rejected');
    expect(ends(result)[2]).toBe('cancelled: order 1 was rejected');
    const cancelled: Script['at'] = {
      0({ order }) {
        const first = order.limit({ ...buy, limitPrice: 99 });
        order.oneCancelsOther([first, order.limit({ ...buy, limitPrice: 98 })]);
        order.cancel(first);
      },
    };
    expect(ends(play([flat, [100, 100, 97, 98]], cancelled))).toEqual(['cancelled: by the strategy', 'filled']);
  });

  test('where one has ended when they are linked, the others go', () => {
    const at: Script['at'] = {
      0: ({ order }) => void order.market(buy),
      1: ({ order }) => order.oneCancelsOther([0, order.limit({ ...buy, limitPrice: 98 })]),
    };
    expect(ends(play([flat, flat, flat], at))[1]).toBe('cancelled: order 0, which was to cancel it, has ended');
  });

  test('a list of fewer than two ids is a fault of the strategy', () => {
    expect(() => play([flat, flat], { 0: ({ order }) => order.oneCancelsOther([1]) })).toThrow(/expected a list of two or more order ids/);
  });
});

describe('one waits for the other (4.5)', () => {
  test('it is sent when the other has filled, and takes part from then on', () => {
    const result = play([flat, [100, 101, 97, 100], [100, 103, 97, 100]], {
      0({ order }) {
        const entry = order.market(buy);
        order.limit({ ...sell, limitPrice: 102, after: entry });
      },
    });
    expect(result.fills.map((fill) => [fill.orderId, fill.timeMs / minuteMs])).toEqual([
      [0, 1],
      [1, 3],
    ]);
    expect(result.orders[1].submittedMs).toBe(minuteMs);
  });

  test('sent when an open filled the other, it takes part in the inside of that bar; sent from inside, in the next', () => {
    const atOpen: Script['at'] = {
      0: ({ order }) => void order.limit({ ...sell, limitPrice: 102, after: order.market(buy) }),
    };
    expect(play([flat, [100, 103, 99, 100], flat], atOpen).fills.map((fill) => fill.timeMs / minuteMs)).toEqual([1, 2]);
    const inside: Script['at'] = {
      0: ({ order }) => void order.limit({ ...sell, limitPrice: 102, after: order.limit({ ...buy, limitPrice: 99 }) }),
    };
    const bars: BarRow[] = [flat, [100, 103, 98, 100], [100, 103, 99, 100]];
    expect(play(bars, inside).fills.map((fill) => fill.timeMs / minuteMs)).toEqual([2, 3]);
  });

  test('held it is no order at the broker: a spot account is not asked what it would sell until it is sent', () => {
    const states: string[] = [];
    const result = playScript({
      rows: [flat, flat, flat],
      at: { 0: ({ order }) => void order.market({ ...sell, after: order.market(buy) }) },
      onOrder: ({ id, status, sizeBase }) => void states.push(`${id} ${status} ${sizeBase}`),
    });
    expect(states).toEqual(['0 open 1', '1 held NaN', '0 filled 1', '1 open 1', '1 filled 1']);
    expect(result.openPositions).toHaveLength(0);
  });

  test('if the other ends otherwise it is cancelled with it, and so on down the chain', () => {
    const chain: Script['at'] = {
      0({ order }) {
        const first = order.limit({ ...buy, limitPrice: 90 });
        const second = order.limit({ ...sell, limitPrice: 110, after: first });
        order.limit({ ...buy, limitPrice: 90, after: second });
      },
      1: ({ order }) => order.cancel(0),
    };
    expect(ends(play([flat, flat, flat], chain))).toEqual([
      'cancelled: by the strategy',
      'cancelled: order 0, which it waited for, has ended as cancelled',
      'cancelled: order 1, which it waited for, has ended as cancelled',
    ]);
  });

  test('it is cancelled, expired and swept up like any other while it is held', () => {
    const held = (then: Script['at']): string => {
      const at: Script['at'] = {
        0({ order }) {
          const first = order.limit({ ...buy, limitPrice: 90 });
          order.limit({ ...sell, limitPrice: 110, after: first, goodTillMs: 3 * minuteMs });
        },
        ...then,
      };
      return ends(play([flat, flat, flat, flat], at))[1];
    };
    expect(held({ 1: ({ order }) => order.cancel(1) })).toBe('cancelled: by the strategy');
    expect(held({ 1: ({ order }) => order.cancelAll() })).toMatch(/^cancelled: /);
    expect(held({})).toBe('expired: good till 1970-01-01 00:03');
  });

  test('after one that has ended it is refused', () => {
    const at: Script['at'] = {
      0: ({ order }) => void order.market(buy),
      1: ({ order }) => void order.limit({ ...sell, limitPrice: 110, after: 0 }),
    };
    expect(ends(play([flat, flat, flat], at))[1]).toBe('rejected: order 0, after which it was to be sent, has ended');
  });

  test('a target and a stop by hand: held behind an entry, linked to one another', () => {
    const at: Script['at'] = {
      0({ order }) {
        const entry = order.limit({ ...buy, limitPrice: 99 });
        const target = order.limit({ ...sell, limitPrice: 104, reduceOnly: true, after: entry });
        order.oneCancelsOther([target, order.stop({ ...sell, stopPrice: 95, reduceOnly: true, after: entry })]);
      },
    };
    const result = play([flat, [100, 100, 98, 99], [99, 105, 98, 104], [104, 104, 90, 91]], at, 'spot');
    expect(result.trades.map((trade) => [trade.entryPriceQuote, trade.exitPriceQuote])).toEqual([[99, 104]]);
    expect(ends(result)[2]).toBe('cancelled: order 1 filled');
  });
});
