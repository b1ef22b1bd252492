import { describe, expect, test } from 'vitest';
import type { ProtectionSettings } from '../risk-settings.ts';
import { brief, playScript, type ScriptInput } from '../testing/play-script.ts';
import { type BarRow, tapeOf } from '../testing/tapes.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const before: BarRow = [100, 100, 100, 100];
const flat = (price: number): BarRow => [price, price, price, price];
const none: ProtectionSettings = {
  drawdown: null,
  dailyLoss: null,
  cooldown: null,
  stopLossGuard: null,
  lossStreak: null,
  orderRate: null,
};
const guarded = (protections: Partial<ProtectionSettings>, more: ScriptInput['settings'] = {}): ScriptInput['settings'] => ({
  ...more,
  risk: { ...more?.risk, protections: { ...none, ...protections } },
});
const outcomes = (result: ReturnType<typeof playScript>) => result.orders.map(({ status, reason }) => `${status} ${reason}`.trim());
const told = (result: ReturnType<typeof playScript>) =>
  result.riskEvents.map(({ timeMs, kind, rule, from, to }) => [timeMs / minuteMs, kind, rule, `${from} → ${to}`]);
const buy = (sizeBase: number) => ({ side: 1, sizeBase }) as const;

describe('a drawdown that reduces for a while', () => {
  const states: string[] = [];
  const run = () => {
    states.length = 0;
    return playScript({
      rows: [before, before, flat(80), flat(80), flat(80), flat(80), flat(72), flat(71)],
      settings: guarded({ drawdown: { state: 'REDUCING', forMs: 2 * minuteMs } }, { risk: { drawdownHaltFraction: 0.1 } }),
      at: {
        0: ({ order }) => void order.market(buy(60)),
        1: ({ order }) => {
          order.limit({ ...buy(1), limitPrice: 50 });
          order.limit({ side: -1, sizeBase: 10, limitPrice: 200 });
        },
        2: ({ order }) => {
          order.market(buy(1));
          order.market({ side: -1, sizeBase: 20 });
        },
        3: ({ order }) => void order.market({ side: -1, sizeBase: 41 }),
        4: ({ order }) => void order.market(buy(5)),
      },
      always: ({ account }) => void states.push(account.state),
    });
  };

  test('lets reductions through, cancels entries at rest, and refuses what adds or turns', () => {
    const result = run();
    const words = 'equity 8800 is 0.12 below its peak of 10000, the limit is 0.1; increases are refused until 1970-01-01T00:05:00.000Z';
    expect(outcomes(result)).toEqual([
      'filled',
      'cancelled by the drawdown limit',
      'expired the tape ended',
      `rejected REDUCING: ${words}`,
      'filled',
      `rejected REDUCING: ${words}`,
      'filled',
    ]);
  });

  test('is ACTIVE again once its time is over, and then counts from the equity there was', () => {
    const result = run();
    expect(states).toEqual(['ACTIVE', 'ACTIVE', 'REDUCING', 'REDUCING', 'ACTIVE', 'ACTIVE', 'ACTIVE', 'ACTIVE']);
    // 8,800 at the release; 45 × 8 and 45 × 9 below are 4.1 and 4.6 %.
    expect(told(result)).toEqual([
      [3, 'reduce', 'drawdown', 'ACTIVE → REDUCING'],
      [5, 'release', 'drawdown', 'REDUCING → ACTIVE'],
    ]);
    expect(result.riskEvents[0].figures).toEqual({
      equityQuote: 8800,
      peakQuote: 10_000,
      drawdownFraction: 0.12,
      limitFraction: 0.1,
      untilMs: 5 * minuteMs,
    });
    expect(result.warnings).toContain(
      'the drawdown limit was reached once, first at 1970-01-01T00:03:00.000Z: only reductions were let through',
    );
  });
});

test('an order that would turn a position while reducing is refused whole where its size is stated, and made smaller where it is derived', () => {
  const result = playScript({
    rows: [before, before, flat(80), flat(80), flat(80)],
    settings: guarded(
      { drawdown: { state: 'REDUCING', forMs: Number.POSITIVE_INFINITY } },
      { risk: { drawdownHaltFraction: 0.1 }, account: { kind: 'frictionless', leverage: 3 } },
    ),
    at: {
      0: ({ order }) => void order.market(buy(60)),
      2: ({ order }) => {
        order.market({ side: -1, sizeBase: 61 });
        order.market({ side: -1, equityFraction: 2 });
      },
    },
  });
  expect(outcomes(result)).toEqual(['filled', expect.stringMatching(/^rejected REDUCING: /), 'filled']);
  expect(result.orders[2].sizeBase).toBe(60);
  expect(result.riskEvents.at(-1)).toMatchObject({
    kind: 'clip',
    rule: 'reductionsOnly',
    orderId: 2,
    figures: { sizeAsked: 220, roomBase: 60 },
  });
});

describe('a drawdown halt that ends', () => {
  test('closes, refuses, and trades again from the equity there was', () => {
    const result = playScript({
      rows: [before, before, flat(80), flat(80), flat(80), flat(80), flat(80), flat(80)],
      settings: guarded({ drawdown: { state: 'HALTED', forMs: 3 * minuteMs } }, { risk: { drawdownHaltFraction: 0.1 } }),
      at: {
        0: ({ order }) => void order.market(buy(60)),
        3: ({ order }) => void order.market(buy(1)),
        5: ({ order }) => void order.market(buy(2)),
      },
    });
    expect(outcomes(result)).toEqual([
      'filled',
      'filled',
      expect.stringMatching(/^rejected HALTED: .*until 1970-01-01T00:06:00/),
      'filled',
    ]);
    expect(brief(result.fills).slice(1)).toEqual([
      [3 * minuteMs, -1, 80, 60, 'halt'],
      [6 * minuteMs, 1, 80, 2],
    ]);
  });
});

describe('the daily loss limit', () => {
  const hours = (prices: readonly number[]) => [tapeOf(prices.map(flat), { timeframe: '1h', startMs: 20 * hourMs })];
  const run = (state: 'REDUCING' | 'HALTED') =>
    playScript({
      tapes: hours([100, 100, 96, 96, 96, 96, 96, 90, 90]),
      settings: guarded({ dailyLoss: { fractionMax: 0.02, state } }),
      at: {
        0: ({ order }) => void order.market(buy(60)),
        3: ({ order }) => void order.market(buy(1)),
        4: ({ order }) => void order.market(buy(10)),
      },
    });

  test('reduces until the day is over: the close at midnight still belongs to it', () => {
    const result = run('REDUCING');
    // 60 × 4 of 10,000 at 23:00; the second day begins with 9,760, of which 70 × 6 are 4.3 %.
    expect(told(result)).toEqual([
      [23 * 60, 'reduce', 'dailyLoss', 'ACTIVE → REDUCING'],
      [25 * 60, 'release', 'dailyLoss', 'REDUCING → ACTIVE'],
      [28 * 60, 'reduce', 'dailyLoss', 'ACTIVE → REDUCING'],
    ]);
    expect(outcomes(result)).toEqual([
      'filled',
      expect.stringMatching(/the day began with, the limit is 0.02; increases are refused until/),
      'filled',
    ]);
  });

  test('or halts until then', () => {
    const result = run('HALTED');
    expect(brief(result.fills)).toEqual([
      [21 * hourMs, 1, 100, 60],
      [23 * hourMs, -1, 96, 60, 'halt'],
      [25 * hourMs, 1, 96, 10],
    ]);
    expect(result.orders[1].reason).toBe('');
    expect(result.warnings).toContain('the daily loss limit was reached once, first at 1970-01-01T23:00:00.000Z: positions were closed');
  });
});

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
      'rejected cooldown: its position was closed; entries are refused until 1970-01-01T00:05:00.000Z',
      'rejected cooldown: its position was closed; entries are refused until 1970-01-01T00:05:00.000Z',
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
      'rejected REDUCING: 2 losing stop exits within 1h; increases are refused until 1970-01-01T00:05:00.000Z',
      'rejected REDUCING: 2 losing stop exits within 1h; increases are refused until 1970-01-01T00:05:00.000Z',
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
      'stop-loss guard: 2 losing stop exits within 1h; entries are refused until 1970-01-01T00:05:00.000Z',
    );
    expect(told(result)).toEqual([[3, 'pause', 'stopLossGuard', 'ACTIVE → ACTIVE']]);
  });

  test('a loss streak sees the same positions', () => {
    const result = stopped({ lossStreak: { lossCount: 2, forMs: 2 * minuteMs, scope: 'account' } });
    expect(told(result)).toEqual([
      [3, 'reduce', 'lossStreak', 'ACTIVE → REDUCING'],
      [5, 'release', 'lossStreak', 'REDUCING → ACTIVE'],
    ]);
    expect(result.riskEvents[0].reason).toBe('2 losing positions in a row: REDUCING until 1970-01-01T00:05:00.000Z');
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
