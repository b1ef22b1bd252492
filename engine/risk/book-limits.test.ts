import { describe, expect, test } from 'vitest';
import { FeedSeries } from '../feed.ts';
import { Workspace } from '../logs.ts';
import { blankOrder } from '../model/order.ts';
import { OrderList } from '../model/order-list.ts';
import { DecimalLedger } from '../portfolio/ledger.ts';
import { Portfolio } from '../portfolio/portfolio.ts';
import type { BookCaps } from '../risk-settings.ts';
import { RulesInForce } from '../rules-in-force.ts';
import { plainCosts, playheadSemantics } from '../settings.ts';
import { playScript, type ScriptInput, type Turn } from '../testing/play-script.ts';
import { type BarRow, instrumentOf, tapeOf } from '../testing/tapes.ts';
import { BookLimits } from './book-limits.ts';
import { DailyCloses } from './daily-closes.ts';

const flat = (price: number): BarRow => [price, price, price, price];
const noCaps: BookCaps = {
  grossFractionMax: Number.POSITIVE_INFINITY,
  netFractionMax: Number.POSITIVE_INFINITY,
  positionCountMax: Number.POSITIVE_INFINITY,
  correlation: null,
  valueAtRisk: null,
};
const symbols = ['A', 'B', 'C'];
/** Three instruments at 100 for five bars, 10,000 of capital, shorts and leverage allowed. */
const played = (caps: Partial<BookCaps>, at: ScriptInput['at'] = {}, more: Partial<ScriptInput> = {}) =>
  playScript({
    tapes: symbols.map((symbol) =>
      tapeOf(
        Array.from({ length: 5 }, () => flat(100)),
        { symbol },
      ),
    ),
    settings: { account: { kind: 'frictionless', leverage: 10 }, risk: { sizeBufferFraction: 0, caps: { ...noCaps, ...caps } } },
    at,
    ...more,
  });
const outcomes = (result: ReturnType<typeof playScript>) =>
  result.orders.map(({ status, sizeBase, reason }) => (status === 'rejected' ? reason : `${status} ${sizeBase}`));
const send = (turn: Turn, k: number, signedSize: number) =>
  void turn.series[k].order.market({ side: signedSize > 0 ? 1 : -1, sizeBase: Math.abs(signedSize) });

describe('the cap of gross exposure (10.4)', () => {
  test('counts longs and shorts, refuses what is stated and clips what is a share of equity', () => {
    const result = played(
      { grossFractionMax: 1 },
      {
        0: (turn) => {
          send(turn, 0, 40);
          send(turn, 1, -40);
          send(turn, 2, 21);
          turn.series[2].order.market({ side: -1, equityFraction: 0.5 });
        },
      },
    );
    expect(outcomes(result)).toEqual([
      'filled 40',
      'filled 40',
      'gross exposure would be 10100, the cap (1 of equity) is 10000: leaves room for 20',
      'filled 20',
    ]);
    expect(result.riskEvents).toMatchObject([
      { kind: 'clip', rule: 'exposureGross', orderId: 3, figures: { sizeAsked: 50, roomBase: 20 } },
    ]);
    expect(result.warnings.join()).toContain('1 order was made smaller than asked: cash, leverage or a cap carried no more');
  });

  test('counts entries at rest as if they had filled, so that they cannot pass it together', () => {
    const result = played(
      { grossFractionMax: 1 },
      {
        0: ({ series: [a] }) => {
          for (const limitPrice of [90, 80, 70]) a.order.limit({ side: 1, sizeBase: 50, limitPrice });
        },
      },
    );
    expect(outcomes(result)).toEqual([
      'expired 50',
      'expired 50',
      expect.stringMatching(/^gross exposure would be 10500, the cap \(1 of equity\) is 10000: leaves room for 42\.8/),
    ]);
  });

  test('never holds back a reduction, and lets a close make room for what follows it', () => {
    const result = played(
      { grossFractionMax: 1 },
      {
        0: (turn) => send(turn, 0, 100),
        1: (turn) => {
          turn.series[1].order.market({ side: 1, sizeBase: 1 });
          turn.series[0].order.close();
          send(turn, 1, 100);
        },
        2: (turn) => {
          send(turn, 1, -30);
          send(turn, 1, -171);
        },
      },
    );
    expect(outcomes(result)).toEqual([
      'filled 100',
      'gross exposure would be 10100, the cap (1 of equity) is 10000: leaves room for 0',
      'filled 100',
      'filled 100',
      'filled 30',
      'gross exposure would be 10100, the cap (1 of equity) is 10000: leaves room for 170',
    ]);
  });

  test('does not count what may only reduce, however many orders there are', () => {
    const result = played(
      { grossFractionMax: 1 },
      {
        0: ({ series: [a] }) => void a.order.market({ side: 1, sizeBase: 50, stopLoss: 50, takeProfit: 200 }),
        1: (turn) => {
          for (const limitPrice of [150, 160]) turn.series[0].order.limit({ side: -1, sizeBase: 50, limitPrice, reduceOnly: true });
          send(turn, 1, 50);
        },
      },
    );
    expect(result.fills.map(({ instrumentIndex, sizeBase }) => [instrumentIndex, sizeBase])).toEqual([
      [0, 50],
      [1, 50],
    ]);
  });

  test('counts of an order at rest what has not filled', () => {
    const openOrders = new OrderList();
    const resting = Object.assign(blankOrder(), { id: 0, kind: 'limit', side: 1, sizeBase: 50, filledBase: 20, isReduceOnly: false });
    openOrders.add(resting);
    const finest = symbols.map((symbol, i) => new FeedSeries(tapeOf([flat(100)], { symbol }), i, true, { fromMs: 0, toMs: 1e9 }));
    for (const series of finest) series.index = 0;
    const instruments = symbols.map((symbol) => instrumentOf({ symbol }));
    const ledger = new DecimalLedger({
      instruments,
      initialCapitalQuote: 10_000,
      quoteDecimals: 8,
      feeRates: symbols.map(() => ({ maker: 0, taker: 0 })),
      feeFixedQuote: 0,
    });
    const { fills, trades } = new Workspace();
    const settings = { costs: plainCosts, semantics: playheadSemantics };
    const portfolio = new Portfolio({
      inForce: new RulesInForce(instruments, settings),
      finest,
      ledger,
      semantics: playheadSemantics,
      fills,
      trades,
      currencies: null,
      futures: null,
    });
    const caps = { ...noCaps, grossFractionMax: 1 };
    const limits = new BookLimits({
      caps,
      portfolio,
      openOrders,
      daily: new DailyCloses(finest),
      projectedBase: (i) => (i === 0 ? 20 : 0),
    });
    const order = Object.assign(blankOrder(), { id: 1, instrumentIndex: 1, side: 1 });
    expect(limits.roomBase({ order, price: 100, heldBase: 0, sizeBase: 60, equityQuote: 10_000, timeMs: 0 })).toBe(50);
  });

  test('holds for an order at rest that is made larger', () => {
    const result = played(
      { grossFractionMax: 1 },
      {
        0: ({ series: [a] }) => void a.order.limit({ side: 1, sizeBase: 50, limitPrice: 90 }),
        1: ({ series: [a] }) => {
          a.order.amend(0, { sizeBase: 112 });
          a.order.amend(0, { sizeBase: 111 });
        },
      },
    );
    expect(result.orders.map(({ role, status, sizeBase, reason }) => [role, status, sizeBase, reason])).toEqual([
      ['own', 'expired', 111, 'the tape ended'],
      ['amend', 'rejected', expect.anything(), expect.stringContaining('gross exposure would be 10080')],
    ]);
  });

  test('holds for an order at rest that is made dearer, at its new price', () => {
    const result = played(
      { grossFractionMax: 1 },
      {
        0: ({ series: [a] }) => void a.order.limit({ side: 1, sizeBase: 111, limitPrice: 10 }),
        1: ({ series: [a] }) => {
          a.order.amend(0, { limitPrice: 91 });
          a.order.amend(0, { limitPrice: 95, sizeBase: 112 });
          a.order.amend(0, { limitPrice: 90 });
          a.order.amend(0, { limitPrice: 20 });
        },
      },
    );
    expect(result.orders.map(({ role, limitPrice, reason }) => [role, limitPrice, reason])).toEqual([
      ['own', 20, 'the tape ended'],
      ['amend', 91, expect.stringContaining('gross exposure would be 10101')],
      ['amend', 95, expect.stringContaining('gross exposure would be 10640')],
    ]);
  });
});

test('the cap of net exposure takes a short off a long', () => {
  const result = played(
    { netFractionMax: 0.5 },
    {
      0: (turn) => {
        send(turn, 0, 50);
        send(turn, 1, 1);
        send(turn, 1, -90);
        send(turn, 2, 40);
        send(turn, 2, -51);
      },
    },
  );
  expect(outcomes(result)).toEqual([
    'filled 50',
    'net exposure would be 5100, the cap (0.5 of equity) is 5000: leaves room for 0',
    'filled 90',
    'filled 40',
    'net exposure would be 5100, the cap (0.5 of equity) is 5000: leaves room for 50',
  ]);
});

test('the maximum of open positions counts instruments held or with entries at rest, and lets those grow', () => {
  const result = played(
    { positionCountMax: 2 },
    {
      0: (turn) => {
        send(turn, 0, 1);
        turn.series[1].order.limit({ side: 1, sizeBase: 1, limitPrice: 90 });
        send(turn, 2, 1);
        send(turn, 0, 1);
      },
      1: (turn) => {
        turn.series[0].order.close();
        send(turn, 2, 1);
      },
    },
  );
  expect(outcomes(result)).toEqual([
    'filled 1',
    'expired 1',
    '2 instruments are held or have entries on their way, the most allowed is 2',
    'filled 1',
    'filled 2',
    'filled 1',
  ]);
});

describe('the cap of correlated exposure', () => {
  // B moves as A does, C against it; ten days, of which the orders know nine.
  const moves = [3, -2, 5, -4, 2, 1, -3, 4, -1, 2];
  const along = (sign: number, noise: readonly number[] = []) => {
    let price = 100;
    return moves.map((move, i) => {
      price *= 1 + (sign * move + (noise[i] ?? 0)) / 100;
      return price;
    });
  };
  const tapes = [along(1), along(1, [0.1, -0.1, 0.2]), along(-1)].map((closes, k) =>
    tapeOf(closes.map(flat), { symbol: symbols[k], timeframe: '1d' }),
  );
  const cap = { days: 5, above: 0.9, exposureFractionMax: 0.1 };
  const judged = (act: (turn: Turn) => void, bar = 7) =>
    outcomes(played({ correlation: cap }, { [bar]: act }, { tapes })).map((text) => text.replace(/ \d.*/, ''));

  test('adds up what moves with the order, and leaves out what moves otherwise', () => {
    const result = judged((turn) => {
      send(turn, 0, 5);
      send(turn, 1, 5);
      send(turn, 1, 3);
      send(turn, 2, 5);
    });
    expect(result).toEqual(['filled', 'exposure that moves with B (correlation above', 'filled', 'filled']);
  });

  test('looks at positions: a short of what moves along is no double stake, a short of what moves against is', () => {
    expect(
      judged((turn) => {
        send(turn, 0, 8);
        send(turn, 1, -8);
      }),
    ).toEqual(['filled', 'filled']);
    expect(
      judged((turn) => {
        send(turn, 0, 8);
        send(turn, 2, -8);
      }),
    ).toEqual(['filled', 'exposure that moves with C (correlation above']);
  });

  test('takes for correlated what has too little history, whichever way it is held', () => {
    const both = (turn: Turn) => {
      send(turn, 0, 5);
      send(turn, 2, 6);
    };
    expect(judged(both, 4)).toEqual(['filled', 'exposure that moves with C (correlation above']);
    expect(judged(both, 5)).toEqual(['filled', 'filled']);
  });

  test('says all of its numbers', () => {
    const result = played(
      { correlation: cap },
      { 0: (turn) => send(turn, 0, 10), 1: (turn) => send(turn, 1, 1) },
      {
        tapes,
        settings: {
          account: { kind: 'frictionless', leverage: 10 },
          risk: { caps: { ...noCaps, correlation: { ...cap, exposureFractionMax: 0.05 } } },
        },
      },
    );
    expect(result.orders[0].reason).toBe(
      'exposure that moves with A (correlation above 0.9 over 5 days) would be 1030, the cap (0.05 of equity) is 500: leaves room for 4.8543689',
    );
  });
});

describe('the cap of value at risk', () => {
  const closes = [100, 90, 99, 108.9, 98.01, 107.811];
  const tapes = ['A', 'B'].map((symbol, k) =>
    tapeOf(
      closes.map((close) => flat(k === 0 ? close : 10_000 / close)),
      { symbol, timeframe: '1d' },
    ),
  );
  const cap = { days: 4, confidence: 0.75, horizonDays: 1, method: 'historical', lossFractionMax: 0.05 } as const;
  const judged = (at: ScriptInput['at'], valueAtRisk: BookCaps['valueAtRisk'] = cap) => outcomes(played({ valueAtRisk }, at, { tapes }));

  test('refuses whole what would lose more, and lets through what lowers the loss', () => {
    // Returns of A by then: −10, +10, +10, −10 %: a quarter of the days loses 10 % or more.
    const result = judged({
      4: (turn) => {
        send(turn, 0, 51);
        send(turn, 0, 53);
        turn.series[0].order.market({ side: 1, equityFraction: 2 });
        send(turn, 1, 20);
      },
    });
    expect(result).toEqual([
      'filled 51',
      expect.stringMatching(/^value at risk \(0\.75\) would be 1019\.3.*, the cap \(0\.05 of equity\) is 500$/),
      expect.stringMatching(/^value at risk \(0\.75\) would be 2/),
      'filled 20',
    ]);
  });

  test('above which prices have brought the book lets a hedge through, and nothing else', () => {
    // A swings by ±10 % a day; bought for 98.01 a piece, it is 107.811 at the fill: 10 % of that is more than the cap.
    const swings = [100, 110, 99, 108.9, 98.01, 107.811, 97.0299];
    const swinging = ['A', 'B'].map((symbol, k) =>
      tapeOf(
        swings.map((close) => flat(k === 0 ? close : 10_000 / close)),
        { symbol, timeframe: '1d' },
      ),
    );
    const act: ScriptInput['at'] = {
      4: (turn) => send(turn, 0, 51),
      5: (turn) => {
        send(turn, 0, 1);
        send(turn, 1, -2);
        send(turn, 1, 2);
      },
    };
    expect(outcomes(played({ valueAtRisk: cap }, act, { tapes: swinging }))).toEqual([
      'filled 51',
      expect.stringMatching(/^value at risk \(0\.75\) would be 560\.6/),
      expect.stringMatching(/^value at risk \(0\.75\) would be 5[67]/),
      'filled 2',
    ]);
  });

  test('is not passed on days that are not known', () => {
    expect(judged({ 3: (turn) => send(turn, 0, 1) })).toEqual([
      'value at risk is not known: fewer than 4 daily returns that the instruments of the book share',
    ]);
  });

  test('by the gaussian formula over several days', () => {
    const gaussian = { ...cap, method: 'gaussian', horizonDays: 4 } as const;
    // Deviation of ±10 % is 10 %, twice that over four days; z of a quarter is 0.6745: 13.49 % of the notional.
    const size = (fraction: number) => Math.floor((500 / 0.13489795 / 98.01) * fraction * 1e6) / 1e6;
    expect(judged({ 4: (turn) => send(turn, 0, size(0.9999)) }, gaussian)[0]).toMatch(/^filled/);
    expect(judged({ 4: (turn) => send(turn, 0, size(1.0001)) }, gaussian)[0]).toMatch(/^value at risk/);
  });
});
