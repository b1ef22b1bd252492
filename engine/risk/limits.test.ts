import { describe, expect, test } from 'vitest';
import { brief, playScript, type ScriptInput } from '../testing/play-script.ts';
import { type BarRow, tapeOf } from '../testing/tapes.ts';

const minuteMs = 60_000;
const before: BarRow = [100, 100, 100, 100];
const flat = (price: number): BarRow => [price, price, price, price];

describe('the maximum position at the fill', () => {
  const capped = { risk: { positionFractionMax: 0.2 } } as const;
  const outcomes = (input: ScriptInput) => playScript(input).orders.map(({ status, reason }) => `${status} ${reason}`.trim());

  test('limits at rest that were each within it fill until it is reached, and not beyond', () => {
    const ladder: ScriptInput = {
      rows: [before, [100, 100, 90, 90], before],
      settings: capped,
      at: {
        0: ({ order }) => {
          for (const limitPrice of [99, 98, 97, 96]) order.limit({ side: 1, equityFraction: 0.2, limitPrice });
        },
      },
    };
    const { fills, orders } = playScript(ladder);
    expect(fills).toHaveLength(1);
    expect(fills[0].notionalQuote).toBeLessThanOrEqual(2000);
    // Equity is 10,000 less the fall from 99 to the close of 90 of what is held, taken back for the price of the fill.
    const [first] = orders;
    const cap = (10_000 - first.sizeBase * 1) * 0.2;
    expect(orders[1].reason).toMatch(/^position would be 40\.61018346 at 98, the maximum position \(0\.2 of equity\) is 20\.36/);
    expect(Number((orders[1].reason.match(/[\d.]+$/) as RegExpMatchArray)[0]) * 98).toBeCloseTo(cap, 3);
    expect(orders.map((order) => order.status)).toEqual(['filled', 'rejected', 'rejected', 'rejected']);
  });

  test('parts that stay below it together all fill', () => {
    const parts: ScriptInput = {
      rows: [before, [100, 100, 90, 99], before],
      settings: capped,
      at: {
        0: ({ order }) => {
          for (const limitPrice of [99, 98, 97]) order.limit({ side: 1, sizeBase: 6, limitPrice });
          order.limit({ side: 1, sizeBase: 3, limitPrice: 96 });
        },
      },
    };
    // 8,236 in cash and 18 at 96: a fifth of 9,964.
    expect(outcomes(parts)).toEqual([
      'filled',
      'filled',
      'filled',
      'rejected position would be 21 at 96, the maximum position (0.2 of equity) is 20.758333',
    ]);
  });

  test('an order within it at submit fills though the price has moved since, but not on top of what has filled besides', () => {
    // At 150 a fifth of equity is 13.3.
    expect(
      outcomes({ rows: [before, flat(150)], settings: capped, at: { 0: ({ order }) => void order.market({ side: 1, sizeBase: 20 }) } }),
    ).toEqual(['filled']);
    expect(
      outcomes({
        rows: [before, flat(150)],
        settings: capped,
        at: {
          0: ({ order }) => {
            order.stop({ side: 1, sizeBase: 5, stopPrice: 110 });
            order.market({ side: 1, sizeBase: 20 });
          },
        },
      }),
    ).toEqual(['filled', 'rejected position would be 25 at 150, the maximum position (0.2 of equity) is 13.333333']);
  });

  test('counts shorts and reversals by what is held after them, and never stops a reduction', () => {
    const sell = (rows: readonly BarRow[], ...sizes: number[]) =>
      outcomes({
        rows,
        settings: { ...capped, account: { kind: 'frictionless', leverage: 10 } },
        at: {
          0: ({ order }) => void order.market({ side: 1, sizeBase: 20 }),
          1: ({ order }) => {
            sizes.forEach((sizeBase, i) => void order.limit({ side: -1, sizeBase, limitPrice: 101 + i }));
          },
        },
      });
    const rising: BarRow[] = [before, before, [100, 110, 100, 100]];
    expect(sell(rising, 39, 2)).toEqual(['filled', 'filled', expect.stringMatching(/^rejected position would be 21 at 102, the maximum/)]);
    expect(sell([before, before, [100, 300, 100, 300]], 10, 10)).toEqual(['filled', 'filled', 'filled']);
  });

  test('a reduction passes though nothing is left of equity', () => {
    const { orders } = playScript({
      rows: [before, before, flat(50), flat(50)],
      settings: { account: { kind: 'frictionless', leverage: 10 }, risk: { positionFractionMax: 5 } },
      at: {
        0: ({ order }) => void order.market({ side: 1, sizeBase: 500 }),
        2: ({ order }) => void order.market({ side: -1, sizeBase: 200 }),
      },
    });
    expect(orders.map(({ status, reason }) => `${status} ${reason}`.trim())).toEqual(['filled', 'filled']);
  });

  test('what an order was admitted for is kept, however many follow', () => {
    const { fills } = playScript({
      rows: [before, before, flat(150)],
      settings: capped,
      at: {
        0: ({ order }) => {
          order.stop({ side: 1, sizeBase: 18, stopPrice: 110 });
          for (let i = 0; i < 300; i++) order.cancel(order.limit({ side: 1, sizeBase: 1, limitPrice: 90 }));
        },
      },
    });
    expect(brief(fills)).toEqual([[2 * minuteMs, 1, 150, 18]]);
  });

  test('holds where sizes are made at the fill', () => {
    const { fills, orders, warnings } = playScript({
      rows: [before, flat(50), flat(50)],
      settings: { ...capped, semantics: { sizingAt: 'fill' } },
      at: {
        0: ({ order }) => void order.market({ side: 1, equityFraction: 0.5 }),
        1: ({ order }) => void order.market({ side: 1, sizeBase: 1 }),
      },
    });
    expect(brief(fills)).toEqual([[minuteMs, 1, 50, 40]]);
    expect(orders[1].reason).toBe('position would be 41, the maximum position (0.2 of equity) leaves room for 0');
    expect(warnings.join()).toContain('1 order was made smaller than asked');
  });
});

describe('fees and slippage of what is on its way', () => {
  const twice = (input: Omit<ScriptInput, 'rows' | 'at'>, ...fractions: number[]) =>
    playScript({
      rows: [before, before],
      ...input,
      at: { 0: ({ order }) => fractions.forEach((equityFraction) => void order.market({ side: 1, equityFraction })) },
    });

  test.each<[string, Omit<ScriptInput, 'rows' | 'at'>]>([
    ['a fixed fee', { settings: { costs: { feeFixedQuote: 200 } } }],
    ['slippage', { settings: { costs: { slippageFraction: 0.05 } } }],
    ['both and a rate', { instrument: { feeRateTaker: 0.01 }, settings: { costs: { feeFixedQuote: 300, slippageFraction: 0.05 } } }],
    [
      'both on leverage',
      { settings: { account: { kind: 'frictionless', leverage: 2 }, costs: { feeFixedQuote: 300, slippageFraction: 0.05 } } },
    ],
  ])('%s is kept back: what is clipped to the cash left is not refused at the fill', (_, input) => {
    const leverage = input.settings?.account?.leverage ?? 1;
    const { orders } = twice(input, 0.3 * leverage, 0.3 * leverage, 0.6 * leverage);
    expect(orders.map(({ status, reason }) => `${status} ${reason}`.trim())).toEqual(['filled', 'filled', 'filled']);
    expect(orders[2].sizeBase).toBeLessThan(40 * leverage);
  });

  test('the second of two gets what cash, less the fee of both, buys', () => {
    expect(twice({ settings: { costs: { feeFixedQuote: 200 } } }, 0.5, 0.6).orders[1].sizeBase).toBe(45.54);
  });
});

describe('a sale that costs more than it brings and cash can pay', () => {
  const poor = (capital: number, size: number, feeFixedQuote = 20) =>
    playScript({
      rows: [before, before, before],
      settings: { initialCapitalQuote: capital, costs: { feeFixedQuote } },
      at: {
        0: ({ order }) => void order.market({ side: 1, sizeBase: size }),
        1: ({ order }) => void order.market({ side: -1, sizeBase: 0.1 }),
      },
    });

  test('is refused on a spot account, whose cash never falls below zero', () => {
    const { orders, ledger } = poor(125, 1);
    expect(orders.map(({ status, reason }) => `${status} ${reason}`.trim())).toEqual([
      'filled',
      'rejected brings 10 less than its fee, cash is 5',
    ]);
    expect(ledger).toEqual({ deposit: '125', purchases: '100', sales: '0', fees: '20' });
  });

  test('fills where cash pays the difference to the last', () => {
    expect(poor(130, 1).orders.map((order) => order.status)).toEqual(['filled', 'filled']);
    expect(poor(129.99999999, 1).orders.map((order) => order.status)).toEqual(['filled', 'rejected']);
    expect(poor(10_000, 1).orders.map((order) => order.status)).toEqual(['filled', 'filled']);
  });
});

describe('leverage over several instruments', () => {
  test('a size is clipped to what the others leave of it', () => {
    const tapes = ['A', 'B', 'C'].map((symbol) => tapeOf([before, before, before], { symbol }));
    const { orders } = playScript({
      tapes,
      settings: { account: { kind: 'frictionless', leverage: 2 }, risk: { sizeBufferFraction: 0 } },
      at: {
        0: ({ series: [a, b] }) => {
          a.order.market({ side: -1, sizeBase: 70 });
          b.order.market({ side: 1, equityFraction: 2 });
        },
        1: ({ series: [, b, c] }) => {
          b.order.market({ side: -1, sizeBase: 40 });
          c.order.market({ side: 1, equityFraction: 2 });
        },
      },
    });
    expect(orders.map(({ status, sizeBase }) => [status, sizeBase])).toEqual([
      ['filled', 70],
      ['filled', 130],
      ['filled', 40],
      ['filled', 40],
    ]);
  });
});
