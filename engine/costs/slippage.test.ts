import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { brief, playScript, type ScriptInput } from '../testing/play-script.ts';
import type { BarRow } from '../testing/tapes.ts';
import { type SlippageRule, slippageModelOf } from './slippage.ts';

const seed = 20_260_104;
const flat: BarRow = [100, 100, 100, 100, 50];
const minuteMs = 60_000;

const rules: readonly (readonly [name: string, fraction: number, rule: SlippageRule | null])[] = [
  ['fixed', 0.002, null],
  ['half a spread in quote', 0, { kind: 'spread', spreadQuote: 0.3, spreadFraction: 0 }],
  ['half a spread as a fraction', 0, { kind: 'spread', spreadQuote: 0, spreadFraction: 0.004 }],
  ['volume share', 0, { kind: 'volumeShare', impact: 0.1 }],
  ['square root', 0, { kind: 'squareRoot', impact: 0.1 }],
];

describe.each(rules)('slippage: %s', (_, fraction, rule) => {
  test('worsens the price, by no less for a larger size or a smaller volume, and as much for both sides', () => {
    const model = slippageModelOf(fraction, rule);
    const size = fc.double({ min: 1e-3, max: 1e3, noNaN: true });
    fc.assert(
      fc.property(fc.double({ min: 0.01, max: 1e5, noNaN: true }), size, size, size, (price, sizeBase, more, volume) => {
        const cost = (base: number, of: number) => (model?.slipped(price, 1, base, of) ?? 0) - price;
        expect(cost(sizeBase, volume)).toBeGreaterThan(0);
        expect(cost(sizeBase + more, volume)).toBeGreaterThanOrEqual(cost(sizeBase, volume));
        expect(cost(sizeBase, volume + more)).toBeLessThanOrEqual(cost(sizeBase, volume));
        const sold = price - (model?.slipped(price, -1, sizeBase, volume) ?? 0);
        expect(Math.abs(sold - cost(sizeBase, volume))).toBeLessThan(1e-9 * price * (1 + cost(sizeBase, volume) / price));
      }),
      { seed, numRuns: 500 },
    );
  });
});

test('nothing slips without a fraction or a model', () => {
  expect(slippageModelOf(0, null)).toBeNull();
});

function play(slippage: SlippageRule, input: ScriptInput) {
  return playScript({
    ...input,
    settings: { account: { kind: 'frictionless', leverage: 100 }, costs: { slippage }, ...input.settings },
  });
}
const impact: SlippageRule = { kind: 'volumeShare', impact: 0.1 };

test('a size keeps back the slippage of the part that volume lets fill at once', () => {
  const { orders } = playScript({
    rows: Array.from({ length: 3 }, (): BarRow => [100, 100, 100, 100, 50]),
    settings: {
      costs: { slippage: { kind: 'squareRoot', impact: 0.5 } },
      liquidity: { volumeShare: 0.04 },
      risk: { sizeBufferFraction: 0 },
    },
    at: { 0: ({ order }) => void order.market({ side: 1, equityFraction: 1 }) },
  });
  // A twenty-fifth of the volume moves the price by half of its root: a tenth.
  expect(orders[0].sizeBase).toBeCloseTo(10_000 / 110, 6);
});

describe('a fill slips', () => {
  test('at an open by the volume of the bar that closed before it, inside and at a close by that of its own bar', () => {
    const rows: BarRow[] = [flat, [100, 100, 100, 100, 20], [100, 104, 100, 104, 40], [104, 104, 104, 104, 10]];
    const { fills } = play(impact, {
      rows,
      at: {
        0: ({ order }) => void order.market({ side: 1, sizeBase: 10 }),
        1: ({ order }) => void order.stop({ side: 1, sizeBase: 10, stopPrice: 102 }),
      },
    });
    // 100 × 0.1 × (10 ÷ 50)², 102 × 0.1 × (10 ÷ 40)², on the tick that hurts.
    expect(brief(fills)).toEqual([
      [minuteMs, 1, 100.4, 10],
      [3 * minuteMs, 1, 102.64, 10],
    ]);
    expect(fills.map((fill) => fill.slippageQuote)).toEqual([4, 6.4].map((quote) => expect.closeTo(quote, 9)));
  });

  test('by the size that fills, not the size asked for', () => {
    const { fills } = play(impact, {
      rows: [flat, flat, flat, flat],
      settings: { liquidity: { volumeShare: 0.2 } },
      at: { 0: ({ order }) => void order.market({ side: 1, sizeBase: 15 }) },
    });
    expect(brief(fills)).toEqual([
      [minuteMs, 1, 100.4, 10],
      [2 * minuteMs, 1, 100.1, 5],
    ]);
    const { fills: closing } = play(impact, {
      rows: [flat, flat, flat, flat],
      at: {
        0: ({ order }) => void order.market({ side: 1, sizeBase: 5 }),
        1: ({ order }) => void order.market({ side: -1, sizeBase: 50, reduceOnly: true }),
      },
    });
    expect(brief(closing).at(-1)).toEqual([2 * minuteMs, -1, 99.9, 5]);
  });

  test('as all of a bar that had no volume, and before the first bar', () => {
    const { fills } = play(
      { kind: 'squareRoot', impact: 0.02 },
      { rows: [[100, 100, 100, 100, 0], flat], at: { 0: ({ order }) => void order.market({ side: 1, sizeBase: 3 }) } },
    );
    expect(brief(fills)).toEqual([[minuteMs, 1, 102, 3]]);
  });

  test('half of a spread, in quote or as a fraction of the price', () => {
    const at: ScriptInput['at'] = { 0: ({ order }) => void order.market({ side: -1, sizeBase: 3 }) };
    expect(brief(play({ kind: 'spread', spreadQuote: 0.3, spreadFraction: 0 }, { rows: [flat, flat], at }).fills)).toEqual([
      [minuteMs, -1, 99.85, 3],
    ]);
    expect(brief(play({ kind: 'spread', spreadQuote: 0, spreadFraction: 0.001 }, { rows: [flat, flat], at }).fills)).toEqual([
      [minuteMs, -1, 99.95, 3],
    ]);
  });

  test('never below a tick, and limits not at all', () => {
    const { fills } = play(
      { kind: 'squareRoot', impact: 3 },
      {
        rows: [flat, flat, [100, 101, 100, 100, 50]],
        at: {
          0: ({ order }) => void order.market({ side: -1, sizeBase: 50 }),
          1: ({ order }) => void order.limit({ side: -1, sizeBase: 50, limitPrice: 100.5 }),
        },
      },
    );
    expect(brief(fills)).toEqual([
      [minuteMs, -1, 0.01, 50],
      [3 * minuteMs, -1, 100.5, 50],
    ]);
  });

  test('a stop-limit no further than its limit', () => {
    const { fills } = play(impact, {
      rows: [flat, [100, 104, 100, 104, 20]],
      at: { 0: ({ order }) => void order.stopLimit({ side: 1, sizeBase: 20, stopPrice: 102, limitPrice: 103 }) },
    });
    expect(brief(fills)).toEqual([[2 * minuteMs, 1, 103, 20]]);
  });
});

test('a size that is clipped to what cash buys keeps back its slippage', () => {
  for (const [, , slippage] of rules.filter(([, fraction]) => fraction === 0)) {
    const { orders, fills } = playScript({
      rows: [[100, 100, 100, 100, 90], flat, flat],
      settings: { costs: { slippage }, risk: { sizeBufferFraction: 0 } },
      at: { 0: ({ order }) => void order.market({ side: 1, equityFraction: 1 }) },
    });
    expect(orders[0].status).toBe('filled');
    expect(fills[0].notionalQuote).toBeLessThanOrEqual(10_000);
    expect(fills[0].notionalQuote).toBeGreaterThan(9_600);
  }
});
