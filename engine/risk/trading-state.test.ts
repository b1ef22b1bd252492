import { describe, expect, test } from 'vitest';
import { brief, playScript } from '../testing/play-script.ts';
import { type BarRow, tapeOf } from '../testing/tapes.ts';
import { buy, guarded, outcomes, told } from './guarded.test.helper.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const before: BarRow = [100, 100, 100, 100];
const flat = (price: number): BarRow => [price, price, price, price];

describe('a drawdown that reduces for a while (10.5)', () => {
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
    const words = 'equity 8800 is 12% below its peak of 10000, the limit is 10%; increases are refused until 1970-01-01 00:05';
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
    expect(result.warnings).toContain('the drawdown limit was reached once, first at 1970-01-01 00:03: only reductions were let through');
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

test('10.6 an order at rest that would turn a position while reducing is refused at its fill', () => {
  const result = playScript({
    rows: [before, before, flat(80), [80, 95, 80, 80], flat(80)],
    settings: guarded(
      { drawdown: { state: 'REDUCING', forMs: Number.POSITIVE_INFINITY } },
      { risk: { drawdownHaltFraction: 0.1 }, account: { kind: 'frictionless', leverage: 3 } },
    ),
    at: {
      0: ({ order }) => void order.market(buy(60)),
      1: ({ order }) => {
        order.limit({ side: -1, sizeBase: 10, limitPrice: 85 });
        order.limit({ side: -1, sizeBase: 51, limitPrice: 90 });
        order.limit({ side: -1, sizeBase: 50, limitPrice: 92 });
      },
    },
  });
  expect(outcomes(result)).toEqual(['filled', 'filled', expect.stringMatching(/^rejected REDUCING: /), 'filled']);
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
    expect(outcomes(result)).toEqual(['filled', 'filled', expect.stringMatching(/^rejected HALTED: .*until 1970-01-01 00:06$/), 'filled']);
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
      expect.stringMatching(/the day began with, the limit is 2%; increases are refused until/),
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
    expect(result.warnings).toContain('the daily loss limit was reached once, first at 1970-01-01 23:00: positions were closed');
  });
});
