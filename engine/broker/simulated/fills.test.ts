import { describe, expect, test } from 'vitest';
import type { OrderEntry } from '../../strategy.ts';
import { brief, playScript } from '../../testing/play-script.ts';
import type { BarRow } from '../../testing/tapes.ts';

const minuteMs = 60_000;
const before: BarRow = [100, 100, 100, 100];
const account = { kind: 'frictionless', leverage: 100 } as const;

type Send = (order: OrderEntry) => void;
const sends: Record<string, Send> = {
  'buy market': (order) => order.market({ side: 1, sizeBase: 1 }),
  'sell market': (order) => order.market({ side: -1, sizeBase: 1 }),
  'buy limit 98': (order) => order.limit({ side: 1, sizeBase: 1, limitPrice: 98 }),
  'sell limit 102': (order) => order.limit({ side: -1, sizeBase: 1, limitPrice: 102 }),
  'buy stop 102': (order) => order.stop({ side: 1, sizeBase: 1, stopPrice: 102 }),
  'sell stop 98': (order) => order.stop({ side: -1, sizeBase: 1, stopPrice: 98 }),
  'buy stop 102 limit 103': (order) => order.stopLimit({ side: 1, sizeBase: 1, stopPrice: 102, limitPrice: 103 }),
  'sell stop 98 limit 97': (order) => order.stopLimit({ side: -1, sizeBase: 1, stopPrice: 98, limitPrice: 97 }),
  'buy stop 102 limit 101': (order) => order.stopLimit({ side: 1, sizeBase: 1, stopPrice: 102, limitPrice: 101 }),
};

/** What becomes of an order sent at the close before a bar: filled at its open, inside it (known at its close), or not. */
function outcome(send: Send, bars: readonly BarRow[], limitFill: 'penetrate' | 'touch'): string {
  const { fills } = playScript({
    rows: [before, ...bars],
    at: { 0: ({ order }) => send(order) },
    settings: { account, semantics: { limitFill } },
  });
  if (fills.length === 0) return 'rests';
  const [{ timeMs, openTimeMs, priceQuote }] = fills;
  const bar = openTimeMs / minuteMs;
  expect(timeMs === openTimeMs || timeMs === openTimeMs + minuteMs).toBe(true);
  return `${timeMs === openTimeMs ? 'open' : 'inside'}${bar === 1 ? '' : ` of bar ${bar}`} ${priceQuote}`;
}

describe('one order on one bar', () => {
  test.each<[string, BarRow, string, string?]>([
    // Market orders take the open, whatever it is.
    ['buy market', [101, 110, 90, 95], 'open 101'],
    ['sell market', [101, 110, 90, 95], 'open 101'],
    // Limits: inside at their price, at a better open there; touched only: by the rule.
    ['buy limit 98', [100, 101, 97, 99], 'inside 98'],
    ['buy limit 98', [100, 101, 98, 99], 'rests', 'inside 98'],
    ['buy limit 98', [100, 101, 98.01, 99], 'rests'],
    // Less than a tick below: the tape may lie off the grid.
    ['buy limit 98', [100, 101, 97.996, 99], 'inside 98'],
    ['buy limit 98', [97, 99, 96, 98], 'open 97'],
    ['buy limit 98', [98, 99, 98, 99], 'rests', 'open 98'],
    ['buy limit 98', [98, 99, 97.99, 99], 'inside 98', 'open 98'],
    ['sell limit 102', [100, 103, 99, 100], 'inside 102'],
    ['sell limit 102', [100, 102, 99, 100], 'rests', 'inside 102'],
    ['sell limit 102', [100, 101.99, 99, 100], 'rests'],
    ['sell limit 102', [104, 105, 103, 104], 'open 104'],
    ['sell limit 102', [102, 102, 101, 101], 'rests', 'open 102'],
    ['sell limit 102', [102, 102.01, 101, 101], 'inside 102', 'open 102'],
    // Stops: on a touch at their price; where the open has passed them at the open, which is worse.
    ['buy stop 102', [100, 102, 99, 101], 'inside 102'],
    ['buy stop 102', [100, 101.99, 99, 101], 'rests'],
    ['buy stop 102', [102, 103, 101, 102], 'open 102'],
    ['buy stop 102', [105, 106, 104, 105], 'open 105'],
    ['sell stop 98', [100, 101, 98, 99], 'inside 98'],
    ['sell stop 98', [100, 101, 98.01, 99], 'rests'],
    ['sell stop 98', [98, 99, 97, 98], 'open 98'],
    ['sell stop 98', [95, 96, 94, 95], 'open 95'],
    // Stop-limits: at the stop where the limit allows it, never beyond the limit.
    ['buy stop 102 limit 103', [100, 102, 99, 101], 'inside 102'],
    ['buy stop 102 limit 103', [102.5, 104, 102, 103], 'open 102.5'],
    ['buy stop 102 limit 103', [104, 105, 103.5, 104], 'rests'],
    ['buy stop 102 limit 103', [104, 105, 102.99, 104], 'inside 103'],
    ['sell stop 98 limit 97', [100, 101, 98, 99], 'inside 98'],
    ['sell stop 98 limit 97', [97.5, 99, 97, 98], 'open 97.5'],
    ['sell stop 98 limit 97', [95, 96, 94, 95], 'rests'],
    ['sell stop 98 limit 97', [95, 97.01, 94, 95], 'inside 97'],
    ['buy stop 102 limit 101', [100, 102, 99, 101], 'rests'],
  ])('%s on %j: %s', (name, bar, penetrate, touch = penetrate) => {
    expect(outcome(sends[name], [bar], 'penetrate')).toBe(penetrate);
    expect(outcome(sends[name], [bar], 'touch')).toBe(touch);
  });

  test('a stop-limit whose stop was reached is a limit order from the next bar on', () => {
    const send = sends['buy stop 102 limit 101'];
    expect(
      outcome(
        send,
        [
          [100, 102, 99, 101.5],
          [101.5, 101.6, 100.5, 101],
        ],
        'penetrate',
      ),
    ).toBe('inside of bar 2 101');
    expect(
      outcome(
        send,
        [
          [100, 102, 99, 101.5],
          [100.5, 100.6, 100.4, 100.5],
        ],
        'penetrate',
      ),
    ).toBe('open of bar 2 100.5');
    // Never triggered: a price below the limit alone is nothing to it.
    expect(
      outcome(
        send,
        [
          [100, 101.9, 99, 101.5],
          [100.5, 100.6, 100.4, 100.5],
        ],
        'penetrate',
      ),
    ).toBe('rests');
  });

  test('however many rest, one bar fills them all, in sequence', () => {
    const { fills } = playScript({
      rows: [before, [100, 100, 90, 100]],
      settings: { account },
      at: { 0: ({ order }) => Array.from({ length: 100 }, (_, i) => order.limit({ side: 1, sizeBase: 1 + i, limitPrice: 98 })) },
    });
    expect(fills.map((fill) => fill.sizeBase)).toEqual(Array.from({ length: 100 }, (_, i) => 1 + i));
  });

  test('an order rests through a bar that does not reach it and fills in a later one', () => {
    expect(outcome(sends['buy limit 98'], [before, before, [100, 100, 97, 99]], 'penetrate')).toBe('inside of bar 3 98');
    expect(outcome(sends['sell stop 98'], [before, [96, 96, 96, 96]], 'penetrate')).toBe('open of bar 2 96');
  });
});

describe('time (1.2, 1.4)', () => {
  test('a market order sent when an open fills another waits for the next open; a limit is live inside that bar', () => {
    const { fills } = playScript({
      rows: [before, [100, 103, 96, 101], [105, 105, 105, 105]],
      at: { 0: ({ order }) => void order.market({ side: 1, sizeBase: 1, tag: 'first' }) },
      onFill: (fill, { order }) => {
        if (fill.kind !== 'market' || fill.timeMs !== minuteMs) return;
        order.market({ side: 1, sizeBase: 2 });
        order.limit({ side: 1, sizeBase: 3, limitPrice: 97 });
      },
    });
    expect(brief(fills)).toEqual([
      [minuteMs, 1, 100, 1],
      [2 * minuteMs, 1, 97, 3],
      [2 * minuteMs, 1, 105, 2],
    ]);
  });

  test('an order sent when a fill inside a bar becomes known waits for the next bar', () => {
    const { fills } = playScript({
      rows: [before, [100, 103, 96, 101], [101, 102, 98.5, 100], [100, 100, 100, 100]],
      at: { 0: ({ order }) => void order.limit({ side: 1, sizeBase: 1, limitPrice: 97 }) },
      onFill: (fill, { order }) => {
        // The bar has been as low as 96 and as high as 103, but that is past now.
        if (fill.sizeBase === 1) order.limit({ side: -1, sizeBase: 1, limitPrice: 101.5 });
      },
    });
    expect(brief(fills)).toEqual([
      [2 * minuteMs, 1, 97, 1],
      [3 * minuteMs, -1, 101.5, 1],
    ]);
  });

  test('an order cancelled before the open is not filled there', () => {
    const result = playScript({
      rows: [before, before, before],
      at: {
        0: ({ order }) => {
          const id = order.market({ side: 1, sizeBase: 1 });
          order.limit({ side: 1, sizeBase: 1, limitPrice: 50 });
          order.cancel(id);
        },
        1: ({ order }) => order.cancelAll(),
      },
    });
    expect(result.fills).toEqual([]);
    expect(result.orders.map(({ status, reason, endedMs }) => [status, reason, endedMs])).toEqual([
      ['cancelled', 'by the strategy', minuteMs],
      ['cancelled', 'by the strategy', 2 * minuteMs],
    ]);
  });
});

describe('prices and sizes at the edge', () => {
  test('prices are snapped to the tick and sizes down to the lot when the order is sent', () => {
    const { orders } = playScript({
      rows: [before, before],
      instrument: { tickSize: 0.25, lotSize: 0.1 },
      at: { 0: ({ order }) => void order.limit({ side: 1, sizeBase: 0.1 + 0.2, limitPrice: 90.13, stopLoss: 80.1, takeProfit: 120.4 }) },
    });
    expect(orders[0]).toMatchObject({ limitPrice: 90.25, stopLossPrice: 80, takeProfitPrice: 120.5, sizeBase: 0.3, sizeAsked: 0.1 + 0.2 });
  });

  test.each([
    ['buy market', 'frictionless', [100, 101, 99, 100], 100.11, 0.11],
    ['sell market', 'frictionless', [100, 101, 99, 100], 99.89, 0.11],
    ['buy stop 102', 'frictionless', [100, 103, 99, 100], 102.11, 0.11],
    ['sell stop 98', 'frictionless', [97, 98, 96, 97], 96.89, 0.11],
    ['buy limit 98', 'frictionless', [100, 101, 97, 99], 98, 0],
  ] as const)('slippage worsens %s to the next tick, and never a limit', (name, kind, bar, priceQuote, slippageQuote) => {
    const { fills } = playScript({
      rows: [before, bar],
      at: { 0: ({ order }) => sends[name](order) },
      settings: { account: { kind, leverage: 100 }, costs: { slippageFraction: 0.00105 } },
    });
    expect(fills[0].priceQuote).toBe(priceQuote);
    expect(fills[0].slippageQuote).toBeCloseTo(slippageQuote, 12);
  });

  test.each([
    // Off the grid of whole quotes: the tick that hurts, which the ledger then books.
    ['buy market', [100.4, 101, 99, 100], 101, 0.6],
    ['sell market', [100.4, 101, 99, 100], 100, 0.4],
    ['buy stop 102', [102.3, 103, 99, 100], 103, 0.7],
    ['sell stop 98', [97.8, 98, 96, 97], 97, 0.8],
    ['buy limit 98', [97.2, 98, 96, 97], 98, 0.8],
    ['sell limit 102', [102.9, 104, 102, 103], 102, 0.9],
    ['buy stop 102 limit 103', [102.3, 103, 99, 100], 103, 0.7],
    // On the grid nothing moves.
    ['buy market', [101, 101.5, 99, 100], 101, 0],
    ['buy limit 98', [100, 101, 97.5, 99], 98, 0],
  ] as const)('an open off the tick grid fills %s of %j on the tick that hurts', (name, bar, priceQuote, slippageQuote) => {
    const { fills, ledger, trades, openPositions } = playScript({
      rows: [before, bar],
      instrument: { tickSize: 1 },
      at: { 0: ({ order }) => sends[name](order) },
      settings: { account },
    });
    expect(fills[0].priceQuote).toBe(priceQuote);
    expect(fills[0].notionalQuote).toBe(priceQuote);
    expect(fills[0].slippageQuote).toBeCloseTo(slippageQuote, 12);
    expect(name.startsWith('buy') ? ledger.purchases : ledger.sales).toBe(String(priceQuote));
    expect([trades.length, openPositions[0].averagePriceQuote]).toEqual([0, priceQuote]);
  });

  test('a semantics profile without ticks fills at the open as it is', () => {
    for (const grid of ['lots', 'wholeUnits'] as const) {
      const { fills } = playScript({
        rows: [before, [100.4, 101, 99, 100]],
        instrument: { tickSize: 1 },
        at: { 0: ({ order }) => sends['buy market'](order) },
        settings: { semantics: { grid, moneyDecimals: 'none' } },
      });
      expect(fills[0]).toMatchObject({ priceQuote: 100.4, slippageQuote: 0 });
    }
  });

  test.each([
    // Reached inside the bar or at its open: a taker, slipped like a stop, and never beyond its limit.
    ['buy stop 102 limit 103', [[100, 104, 99, 101]], 0.001, 102.11, 0.02],
    ['buy stop 102 limit 103', [[100, 104, 99, 101]], 0.05, 103, 0.02],
    ['buy stop 102 limit 103', [[102.5, 104, 102, 103]], 0.001, 102.61, 0.02],
    ['sell stop 98 limit 97', [[100, 101, 96, 99]], 0.001, 97.9, 0.02],
    ['sell stop 98 limit 97', [[100, 101, 96, 99]], 0.05, 97, 0.02],
    // Reached before: a limit at rest, which waits for its price and makes the market.
    ['buy stop 102 limit 103', [[104, 105, 102.99, 104]], 0.05, 103, 0.01],
    ['buy stop 102 limit 101', [before, [100, 102, 99, 101.5], [101.5, 101.6, 100.5, 101]], 0.05, 101, 0.01],
  ] as const)('%s on %j with slippage %d fills at %d and pays %d', (name, bars, slippageFraction, priceQuote, feeRate) => {
    const { fills } = playScript({
      rows: [before, ...(bars as readonly BarRow[])],
      instrument: { feeRateMaker: 0.01, feeRateTaker: 0.02 },
      at: { 0: ({ order }) => sends[name](order) },
      settings: { account, costs: { slippageFraction } },
    });
    expect([fills[0].priceQuote, fills[0].feeQuote]).toEqual([priceQuote, Number((priceQuote * feeRate).toFixed(8))]);
  });

  test('limits filled inside a bar pay the maker fee, all else the taker fee, and each the fixed one', () => {
    const { fills, ledger } = playScript({
      rows: [before, [100, 100, 97, 100], [97, 97, 97, 97]],
      instrument: { feeRateMaker: 0.001, feeRateTaker: 0.002 },
      settings: { costs: { feeFixedQuote: 0.5 } },
      at: {
        0: ({ order }) => {
          order.market({ side: 1, sizeBase: 1 });
          order.limit({ side: 1, sizeBase: 1, limitPrice: 98 });
        },
        1: ({ order }) => void order.limit({ side: 1, sizeBase: 1, limitPrice: 99 }),
      },
    });
    expect(fills.map((fill) => [fill.priceQuote, fill.feeQuote])).toEqual([
      [100, 0.7],
      [98, 0.598],
      [97, 0.694],
    ]);
    expect(ledger).toEqual({ deposit: '10000', purchases: '295', sales: '0', fees: '1.992' });
  });
});
