import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Fill } from '../../model/fill.ts';
import { playScript } from '../../testing/play-script.ts';
import type { BarRow } from '../../testing/tapes.ts';

/** Bars in whole cents around 100, gaps among them. */
const bars = fc
  .array(fc.record({ gap: fc.integer({ min: -9, max: 9 }), body: fc.integer({ min: -9, max: 9 }), up: fc.nat(5), down: fc.nat(5) }), {
    minLength: 6,
    maxLength: 20,
  })
  .map((steps) => {
    let last = 10_000;
    return steps.map(({ gap, body, up, down }): BarRow => {
      const [open, close] = [last + gap, last + gap + body];
      last = close;
      return [open / 100, (Math.max(open, close) + up) / 100, (Math.min(open, close) - down) / 100, close / 100];
    });
  });
const sides = fc.constantFrom<1 | -1>(1, -1);
const costly = { account: { kind: 'frictionless' }, costs: { slippageFraction: 0.01, feeRateMaker: 0.001, feeRateTaker: 0.002 } } as const;

describe('whatever the bars bring', () => {
  test('a limit never fills beyond its price, nor at a price its bar did not have; at rest at its very price', () => {
    let restedCount = 0;
    fc.assert(
      fc.property(
        bars,
        sides,
        fc.integer({ min: -15, max: 15 }),
        fc.constantFrom('touch', 'penetrate'),
        (rows, side, offset, limitFill) => {
          const limitPrice = (Math.round(rows[0][3] * 100) + offset) / 100;
          const { fills } = playScript({
            rows,
            settings: { ...costly, semantics: { limitFill } },
            at: { 0: ({ order }) => order.limit({ side, sizeBase: 1, limitPrice }) },
          });
          for (const { priceQuote, openTimeMs, timeMs } of fills) {
            const [open, high, low] = rows[openTimeMs / 60_000];
            expect(side * (limitPrice - priceQuote)).toBeGreaterThanOrEqual(0);
            expect(priceQuote).toBeGreaterThanOrEqual(low);
            expect(priceQuote).toBeLessThanOrEqual(high);
            expect(priceQuote).toBe(timeMs === openTimeMs ? open : limitPrice);
            if (timeMs !== openTimeMs) restedCount++;
          }
        },
      ),
      { numRuns: 400 },
    );
    expect(restedCount).toBeGreaterThan(50);
  });

  test('behind a gap nothing fills at the price from before it', () => {
    const before: BarRow = [100, 101, 99, 100];
    const behind: BarRow = [80, 82, 79, 81];
    const { fills } = playScript({
      rows: [before, before, behind, behind],
      settings: { account: { kind: 'frictionless' } },
      at: {
        0: ({ order }) => order.market({ side: 1, sizeBase: 1, stopLoss: 95 }),
        1: ({ order }) => {
          order.market({ side: 1, sizeBase: 2 });
          order.limit({ side: 1, sizeBase: 3, limitPrice: 90 });
          order.stop({ side: -1, sizeBase: 4, stopPrice: 98 });
        },
      },
    });
    const gapped = fills.filter(({ openTimeMs }) => openTimeMs === 120_000);
    expect(gapped.map(({ sizeBase, priceQuote }) => [sizeBase, priceQuote]).sort()).toEqual([
      [1, 80],
      [2, 80],
      [3, 80],
      [4, 80],
    ]);
  });
});

test('a fee and a slippage cost money on both sides of a trade, never earn it', () => {
  fc.assert(
    fc.property(bars, sides, (rows, side) => {
      const play = (settings: object) =>
        playScript({
          rows,
          settings: { account: { kind: 'frictionless' }, ...settings },
          at: { 0: ({ order }) => order.market({ side, sizeBase: 1 }), 2: ({ order }) => order.close() },
        });
      const [free, paid] = [play({}), play(costly)];
      const costOf = ({ feeQuote, slippageQuote }: Fill): number => feeQuote + slippageQuote;
      expect(paid.fills).toHaveLength(2);
      for (const fill of paid.fills) {
        expect(fill.feeQuote).toBeGreaterThan(0);
        expect(fill.slippageQuote).toBeGreaterThan(0);
      }
      // What the trade lost against one without costs is what its fills say that they cost.
      expect(free.trades[0].pnlQuote - paid.trades[0].pnlQuote).toBeCloseTo(costOf(paid.fills[0]) + costOf(paid.fills[1]), 6);
    }),
    { numRuns: 100 },
  );
});

test('a cancel takes back nothing that has filled, and an order that ended is not filled again', () => {
  const flat: BarRow = [100, 101, 98, 100];
  let id = -1;
  const { fills, orders, openPositions } = playScript({
    rows: [flat, flat, flat, flat],
    at: {
      0: ({ order }) => {
        id = order.limit({ side: 1, sizeBase: 1, limitPrice: 99 });
      },
      1: ({ order }) => order.cancel(id),
    },
  });
  expect(orders.map(({ status, filledBase }) => [status, filledBase])).toEqual([['filled', 1]]);
  expect([fills.length, openPositions[0].sizeBase]).toEqual([1, 1]);
});
