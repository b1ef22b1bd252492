import { describe, expect, test } from 'vitest';
import type { ProtectionSettings } from '../risk-settings.ts';
import { playScript, type ScriptInput } from '../testing/play-script.ts';
import { type BarRow, tapeOf } from '../testing/tapes.ts';
import { buy, guarded, outcomes, told } from './guarded.test.helper.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const before: BarRow = [100, 100, 100, 100];
const flat = (price: number): BarRow => [price, price, price, price];

describe('the cooldown', () => {
  const daily = (cooldown: ProtectionSettings['cooldown'], script: NonNullable<ScriptInput['at']>) =>
    playScript({ rows: Array.from({ length: 9 }, () => before), settings: guarded({ cooldown }), at: script });
  const buyEveryBar = (from: number) =>
    Object.fromEntries(Array.from({ length: 9 - from }, (_, i) => [from + i, ({ order }) => void order.market(buy(1))])) as NonNullable<
      ScriptInput['at']
    >;

  test('refuses entries until so many bars have closed after a position was closed', () => {
    const result = daily(
      { bars: 2 },
      {
        0: ({ order }) => void order.market(buy(5)),
        1: ({ order }) => void order.close(),
        ...buyEveryBar(2),
      },
    );
    // Closed at the open of bar 2: bars 2 and 3 are waited for, and an order on the close of bar 3 is let through.
    expect(outcomes(result).slice(1, 5)).toEqual([
      'filled',
      'rejected cooldown: its position was closed; entries are refused until 2 of its bars have closed',
      'filled',
      'filled',
    ]);
    expect(told(result)).toEqual([[2, 'pause', 'cooldown', 'ACTIVE → ACTIVE']]);
  });

  test('or for so long', () => {
    const result = daily(
      { forMs: 3 * minuteMs },
      {
        0: ({ order }) => void order.market(buy(5)),
        1: ({ order }) => void order.close(),
        ...buyEveryBar(2),
      },
    );
    // Closed at 00:02; until 00:05, which is the close of bar 4.
    expect(outcomes(result).slice(2, 5)).toEqual([
      'rejected cooldown: its position was closed; entries are refused until 1970-01-01 00:05',
      'rejected cooldown: its position was closed; entries are refused until 1970-01-01 00:05',
      'filled',
    ]);
  });

  test('also refuses at the fill what was sent before', () => {
    const result = daily(
      { bars: 1 },
      {
        0: ({ order }) => void order.market(buy(5)),
        1: ({ order }) => {
          order.close();
          order.market(buy(1));
        },
      },
    );
    expect(outcomes(result)).toEqual(['filled', 'filled', expect.stringMatching(/^rejected cooldown: /)]);
  });

  test('does not come from a part of an exit, and lets a turn of the position through', () => {
    const result = playScript({
      rows: Array.from({ length: 6 }, () => before),
      settings: guarded({ cooldown: { bars: 9 } }, { account: { kind: 'frictionless', leverage: 2 } }),
      at: {
        0: ({ order }) => void order.market(buy(5)),
        1: ({ order }) => void order.market({ side: -1, sizeBase: 2 }),
        2: ({ order }) => void order.market({ side: -1, sizeBase: 4 }),
        3: ({ order }) => void order.market({ side: -1, sizeBase: 1 }),
        4: ({ order }) => void order.close(),
      },
    });
    expect(result.orders.map(({ status }) => status)).toEqual(['filled', 'filled', 'filled', 'rejected', 'filled']);
    expect(told(result).map(([timeMin]) => timeMin)).toEqual([3, 5]);
  });

  test('concerns its instrument alone', () => {
    const tapes = ['A', 'B'].map((symbol) =>
      tapeOf(
        Array.from({ length: 5 }, () => before),
        { symbol },
      ),
    );
    const result = playScript({
      tapes,
      settings: guarded({ cooldown: { bars: 9 } }),
      at: {
        0: ({ series: [a] }) => void a.order.market(buy(5)),
        1: ({ series: [a] }) => void a.order.close(),
        2: ({ series: [a, b] }) => {
          a.order.market(buy(1));
          b.order.market(buy(1));
        },
      },
    });
    expect(result.orders.map(({ status }) => status)).toEqual(['filled', 'filled', 'rejected', 'filled']);
  });
});

describe('the stop-loss guard', () => {
  /** Two positions stopped out, bars of two minutes each. */
  const stopped = (protections: Partial<ProtectionSettings>) =>
    playScript({
      rows: [before, [100, 100, 90, 100], [100, 100, 90, 100], before, before, before, before],
      settings: guarded(protections),
      at: {
        0: ({ order }) => void order.market({ ...buy(1), stopLoss: 95 }),
        1: ({ order }) => void order.market({ ...buy(1), stopLoss: 95 }),
        2: ({ order }) => void order.market(buy(1)),
        3: ({ order }) => void order.market(buy(1)),
        4: ({ order }) => void order.market(buy(1)),
      },
    });

  test('lets only reductions through for a while after so many stops within its window', () => {
    const result = stopped({ stopLossGuard: { stopCount: 2, withinMs: hourMs, forMs: 2 * minuteMs, scope: 'account' } });
    expect(result.orders.filter((order) => order.role === 'own').map(({ status, reason }) => `${status} ${reason}`.trim())).toEqual([
      'filled',
      'filled',
      'rejected REDUCING: 2 losing stop exits within 1h; increases are refused until 1970-01-01 00:05',
      'rejected REDUCING: 2 losing stop exits within 1h; increases are refused until 1970-01-01 00:05',
      'filled',
    ]);
    expect(told(result)).toEqual([
      [3, 'reduce', 'stopLossGuard', 'ACTIVE → REDUCING'],
      [5, 'release', 'stopLossGuard', 'REDUCING → ACTIVE'],
    ]);
  });

  test('or pauses the instrument alone, without a change of the state', () => {
    const result = stopped({ stopLossGuard: { stopCount: 2, withinMs: hourMs, forMs: 2 * minuteMs, scope: 'instrument' } });
    expect(result.orders.filter((order) => order.role === 'own')[2].reason).toBe(
      'stop-loss guard: 2 losing stop exits within 1h; entries are refused until 1970-01-01 00:05',
    );
    expect(told(result)).toEqual([[3, 'pause', 'stopLossGuard', 'ACTIVE → ACTIVE']]);
  });

  test('a pause that another would end sooner lasts its time', () => {
    // The stop at 95 sells 10 of 5: a losing stop exit, and a short that is closed a minute later.
    const result = playScript({
      rows: [before, [100, 100, 90, 100], before, before, before, before],
      settings: guarded(
        { cooldown: { forMs: minuteMs }, stopLossGuard: { stopCount: 1, withinMs: hourMs, forMs: hourMs, scope: 'instrument' } },
        { account: { kind: 'frictionless', leverage: 2 } },
      ),
      at: {
        0: ({ order }) => {
          order.market(buy(5));
          order.stop({ side: -1, sizeBase: 10, stopPrice: 95 });
        },
        1: ({ order }) => void order.close(),
        4: ({ order }) => void order.market(buy(1)),
      },
    });
    expect(told(result).map(([timeMin, , rule]) => [timeMin, rule])).toEqual([
      [2, 'cooldown'],
      [2, 'stopLossGuard'],
    ]);
    expect(outcomes(result).at(-1)).toMatch(
      /^rejected stop-loss guard: 1 losing stop exits within 1h; entries are refused until 1970-01-01 01:02$/,
    );
  });

  test('a loss streak counts each position by its own result', () => {
    const result = playScript({
      rows: [before, before, flat(90), flat(95), flat(85)],
      settings: guarded({ lossStreak: { lossCount: 2, forMs: hourMs, scope: 'account' } }),
      at: {
        0: ({ order }) => void order.market(buy(10)),
        1: ({ order }) => {
          order.close();
          order.market(buy(10));
        },
        2: ({ order }) => {
          order.close();
          order.market(buy(10));
        },
        3: ({ order }) => void order.close(),
      },
    });
    // −100, +50, −100: no two in a row.
    expect(result.trades.map((trade) => trade.pnlQuote)).toEqual([-100, 50, -100]);
    expect(result.riskEvents).toEqual([]);
  });

  test('a loss streak sees the same positions', () => {
    const result = stopped({ lossStreak: { lossCount: 2, forMs: 2 * minuteMs, scope: 'account' } });
    expect(told(result)).toEqual([
      [3, 'reduce', 'lossStreak', 'ACTIVE → REDUCING'],
      [5, 'release', 'lossStreak', 'REDUCING → ACTIVE'],
    ]);
    expect(result.riskEvents[0].reason).toBe('2 losing positions in a row: REDUCING until 1970-01-01 00:05');
  });
});

describe('the order rate', () => {
  test('refuses entries beyond it and never a reduction', () => {
    const result = playScript({
      rows: Array.from({ length: 4 }, () => before),
      settings: guarded({ orderRate: { perMinute: 2, perHour: 4 } }),
      at: {
        0: ({ order }) => {
          order.market(buy(1));
          order.market(buy(1));
          order.market(buy(1));
        },
        1: ({ order }) => {
          order.market(buy(1));
          order.close();
          order.market(buy(1));
        },
        2: ({ order }) => void order.market(buy(1)),
      },
    });
    const minute = 'rejected order rate: 2 were sent within 1m, which is the most allowed';
    expect(outcomes(result)).toEqual([
      'filled',
      'filled',
      minute,
      'filled',
      'filled',
      minute,
      'rejected order rate: 4 were sent within 1h, which is the most allowed',
    ]);
  });
});
