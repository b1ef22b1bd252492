import { describe, expect, test } from 'vitest';
import { ConfigError, DataError } from '../errors.ts';
import { playScript, type Turn } from '../testing/play-script.ts';
import { type BarRow, instrumentOf, tapeOf } from '../testing/tapes.ts';

const minuteMs = 60_000;
const flat = (price: number): BarRow => [price, price, price, price];
const three = (length: number, prices: readonly number[] = [100, 50, 20]) =>
  ['A', 'B', 'C'].map((symbol, i) =>
    tapeOf(
      Array.from({ length }, () => flat(prices[i])),
      { symbol },
    ),
  );
const brief = (fills: ReturnType<typeof playScript>['fills']) =>
  fills.map(({ timeMs, instrumentIndex, side, priceQuote, sizeBase }) => [
    timeMs / minuteMs,
    'ABC'[instrumentIndex],
    side * sizeBase,
    priceQuote,
  ]);

describe('one cash over several instruments', () => {
  test('orders fill at one open in the sequence in which they were sent, across instruments', () => {
    const { fills, orders } = playScript({
      tapes: three(3),
      at: {
        0: ({ series: [a, b, c] }) => {
          c.order.market({ side: 1, sizeBase: 100 });
          a.order.market({ side: 1, sizeBase: 60 });
          b.order.market({ side: 1, sizeBase: 80 });
          c.order.market({ side: 1, sizeBase: 100 });
        },
      },
    });
    expect(brief(fills)).toEqual([
      [1, 'C', 100, 20],
      [1, 'A', 60, 100],
      [1, 'C', 100, 20],
    ]);
    // 2,000 + 6,000 are spent when B wants 4,000: B goes without, and the 2,000 left are still there for C.
    expect(orders.map(({ status, reason }) => `${status} ${reason}`.trim())).toEqual([
      'filled',
      'filled',
      'rejected costs 4000 with its fee, cash is 2000',
      'filled',
    ]);
  });

  test('fractions of equity see what is on its way: the last gets what is left', () => {
    const { fills } = playScript({
      tapes: three(3),
      settings: { risk: { sizeBufferFraction: 0 } },
      at: { 0: ({ series }) => series.forEach(({ order }) => void order.market({ side: 1, equityFraction: 0.4 })) },
    });
    expect(brief(fills)).toEqual([
      [1, 'A', 40, 100],
      [1, 'B', 80, 50],
      [1, 'C', 100, 20],
    ]);
  });

  test('equity is cash and every position at its close', () => {
    const tapes = [
      tapeOf([flat(100), flat(100), flat(110), flat(120)], { symbol: 'A' }),
      tapeOf([flat(50), flat(50), flat(45), flat(40)], { symbol: 'B' }),
    ];
    const { equity } = playScript({
      tapes,
      at: { 0: ({ series }) => series.forEach(({ order }) => void order.market({ side: 1, sizeBase: 10 })) },
    });
    expect([...equity.equityQuote]).toEqual([10_000, 10_000, 10_000 + 100 - 50, 10_000 + 200 - 100]);
  });

  test('a limit inside a bar and a stop of another instrument settle by stage, then by sequence', () => {
    const tapes = [
      tapeOf([flat(100), flat(100), [100, 101, 90, 95]], { symbol: 'A' }),
      tapeOf([flat(50), flat(50), [50, 51, 40, 45]], { symbol: 'B' }),
    ];
    const { fills } = playScript({
      tapes,
      at: {
        0: ({ series: [, b] }) => void b.order.market({ side: 1, sizeBase: 180, stopLoss: 45 }),
        // 9,000 are tied up in B: only what its stop brings pays for A.
        1: ({ series: [a] }) => void a.order.limit({ side: 1, sizeBase: 80, limitPrice: 92 }),
      },
    });
    expect(brief(fills)).toEqual([
      [1, 'B', 180, 50],
      [3, 'B', -180, 45],
      [3, 'A', 80, 92],
    ]);
  });
});

describe('order.target', () => {
  test('rotates: sells first, and what it sells for buys the next at the same open', () => {
    const rotate =
      (to: number) =>
      ({ series }: Turn) => {
        series.forEach(({ order }, i) => void (i === to || order.target({ equityFraction: 0 })));
        series[to].order.target({ equityFraction: 1 });
      };
    const { fills, orders } = playScript({ tapes: three(4), at: { 0: rotate(0), 1: rotate(1), 2: rotate(2) } });
    expect(orders.map((order) => order.status)).toEqual(['filled', 'filled', 'filled', 'filled', 'filled']);
    expect(brief(fills)).toEqual([
      [1, 'A', 99, 100],
      [2, 'A', -99, 100],
      [2, 'B', 198, 50],
      [3, 'B', -198, 50],
      [3, 'C', 495, 20],
    ]);
  });

  test.each([
    [0.25, -25],
    [0.5, 0],
    [0.75, 25],
    [0, -50],
  ])('of %d trades the difference to what is held, here a half: %d', (equityFraction, change) => {
    const { fills } = playScript({
      tapes: three(3).slice(0, 1),
      at: { 0: ({ order }) => void order.target({ equityFraction: 0.5 }), 1: ({ order }) => void order.target({ equityFraction }) },
    });
    expect(fills.slice(1).map((fill) => fill.side * fill.sizeBase)).toEqual(change === 0 ? [] : [change]);
  });

  test('less than a lot is nothing to trade', () => {
    const seen: number[] = [];
    playScript({
      tapes: three(3).slice(0, 1),
      instrument: { lotSize: 1 },
      at: {
        0: ({ order }) => void seen.push(order.target({ equityFraction: 0.505 })),
        1: ({ order }) => void seen.push(order.target({ equityFraction: 0.505 }), order.target({ equityFraction: 0.509 })),
      },
    });
    expect(seen).toEqual([0, -1, -1]);
  });

  test('below zero is short where the account allows it, and flat where not', () => {
    const sold = (kind: 'spot' | 'frictionless') =>
      brief(
        playScript({
          tapes: three(3).slice(0, 1),
          settings: { account: { kind, leverage: 1 } },
          at: {
            0: ({ order }) => void order.target({ equityFraction: 0.5 }),
            1: ({ order }) => void order.target({ equityFraction: -0.5 }),
          },
        }).fills,
      ).at(-1);
    expect(sold('frictionless')).toEqual([2, 'A', -100, 100]);
    expect(sold('spot')).toEqual([2, 'A', -50, 100]);
  });
});

describe('instruments with bars of different length', () => {
  const minutes = tapeOf([100, 100, 100, 100, 100, 100, 100, 100, 100, 100].map(flat), { symbol: 'A' });
  const fives = tapeOf(
    [
      [50, 60, 40, 55],
      [56, 70, 30, 60],
    ],
    { symbol: 'B', timeframe: '5m' },
  );

  test('an order made in the middle of a long bar never fills inside it', () => {
    const { fills } = playScript({
      tapes: [minutes, fives],
      at: {
        1: ({ series: [, b] }) => {
          b.order.market({ side: 1, sizeBase: 1 });
          b.order.limit({ side: 1, sizeBase: 2, limitPrice: 45 });
          b.order.stop({ side: 1, sizeBase: 3, stopPrice: 58 });
        },
      },
    });
    expect(brief(fills)).toEqual([
      [5, 'B', 1, 56],
      [10, 'B', 2, 45],
      [10, 'B', 3, 58],
    ]);
  });

  test('its open is the last known price from then on, whether or not anything rested when it opened', () => {
    const sizes = [false, true].map((restsBefore) => {
      const { orders } = playScript({
        tapes: [minutes, fives],
        at: {
          0: ({ series: [a] }) => void (restsBefore && a.order.limit({ side: 1, sizeBase: 1, limitPrice: 1 })),
          6: ({ series: [, b] }) => void b.order.market({ side: 1, sizeQuote: 5600 }),
        },
      });
      return orders.at(-1)?.sizeBase;
    });
    expect(sizes).toEqual([100, 100]);
  });

  test('a position bought at the very first open is marked there until the first close', () => {
    const late = tapeOf(
      [
        [50, 60, 40, 55],
        [56, 70, 30, 60],
      ],
      { symbol: 'B', timeframe: '5m', startMs: 5 * minuteMs },
    );
    const { equity, fills } = playScript({
      tapes: [minutes, late],
      at: { 0: ({ series: [, b] }) => void b.order.limit({ side: 1, sizeBase: 10, limitPrice: 52 }) },
    });
    expect(brief(fills)).toEqual([[5, 'B', 10, 50]]);
    expect([...equity.equityQuote]).toEqual([10_000, 10_000, 10_000, 10_000, 10_000, 10_000, 10_000, 10_000, 10_000, 10_050, 10_100]);
  });
});

describe('a run refuses', () => {
  test('instruments in several quote currencies where nothing says which the account keeps', () => {
    const instruments = [instrumentOf({ symbol: 'A' }), instrumentOf({ symbol: 'B', quoteCurrency: 'EUR' }), instrumentOf({ symbol: 'C' })];
    try {
      playScript({ tapes: three(3), instruments });
      expect.unreachable('it was played');
    } catch (error) {
      expect(error).toBeInstanceOf(ConfigError);
      expect(error).toMatchObject({
        code: 'CONVERSION_MISSING',
        message:
          'the instruments quote in USDT and EUR; state account.currency, and in account.conversions a series for each other currency',
      });
    }
  });

  test('a window without a whole bar', () => {
    try {
      playScript({ tapes: three(3), settings: { window: { fromMs: 1, toMs: 100_000 } } });
      expect.unreachable('it was played');
    } catch (error) {
      expect(error).toBeInstanceOf(DataError);
      expect(error).toMatchObject({ code: 'DATA_NOT_FOUND' });
      expect((error as Error).message).toContain('holds no whole bar of test A 1m, test B 1m, test C 1m');
    }
  });
});
