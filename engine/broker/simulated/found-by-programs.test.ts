/** Faults of the engine that random programs found (differential.test.ts), each as a plain fact with the rule that it broke. */
import { describe, expect, test } from 'vitest';
import type { Instrument } from '../../model/instrument.ts';
import { playScript, type Script } from '../../testing/play-script.ts';
import { type BarRow, tapeOf } from '../../testing/tapes.ts';
import { buy, flat, level, minuteMs, play, prices, type Rules, rebate, sell } from './found-by-programs.test.helper.ts';

const touch = { semantics: { limitFill: 'touch' } } as const;

describe('2 kinds', () => {
  test('2.3 a target that its entry has passed takes, and pays as taker', () => {
    const { fills } = play(
      [level(97), [100, 110, 100, 108]],
      { 0: ({ order }) => void order.market({ ...buy, takeProfit: 99 }) },
      { instrument: rebate },
    );
    expect(fills.map(({ priceQuote, feeQuote }) => [priceQuote, feeQuote])).toEqual([
      [100, 1],
      [100, 1],
    ]);
  });

  test('2.4 a post-only order is judged anew once its price was amended', () => {
    const { orders } = play([flat, flat, level(98)], {
      0: ({ order }) => void order.limit({ ...buy, limitPrice: 95, postOnly: true }),
      1: ({ order }) => order.amend(0, { limitPrice: 99 }),
    });
    expect(orders[0]).toMatchObject({ status: 'rejected', reason: 'would take at the open 98: post-only orders rest' });
  });

  test('2.4 sent at an open that would fill it on a touch it takes', () => {
    const script: Script['at'] = {
      0({ order }) {
        const after = order.market(buy);
        order.limit({ ...sell, limitPrice: 100, postOnly: true, after });
      },
    };
    expect(play([flat, [100, 101, 100, 101]], script, touch).orders[1].status).toBe('rejected');
    expect(play([flat, [100, 101, 100, 101]], script).orders[1].status).toBe('filled');
  });

  test('2.7 a stop-limit that the open of its making has passed fills at that open, not at its stop', () => {
    const script = (limitPrice: number): Script['at'] => ({
      0({ order }) {
        const after = order.market(buy);
        order.stopLimit({ ...buy, stopPrice: 97, limitPrice, after });
      },
    });
    expect(prices(play([flat, [100, 100, 99, 100]], script(101)))).toBe('100@1, 100@2');
    // Beyond its limit it is triggered, and rests from the next event on.
    expect(prices(play([flat, [100, 100, 98, 100], [100, 100, 98, 100]], script(99)))).toBe('100@1, 99@3');
  });
});

describe('3 how long an order lives', () => {
  test('3.2 the end of a filled market order is not that of the next order', () => {
    const { orders } = play([flat, flat, flat, flat, flat], {
      0: ({ order }) => void order.market({ ...buy, goodTillMs: 4 * minuteMs }),
      2: ({ order }) => void order.limit({ ...sell, limitPrice: 110 }),
    });
    expect(orders.map(({ reason }) => reason)).toEqual(['', 'the tape ended']);
  });

  test('3.2 a held DAY order lives to the end of the day in which it is sent', () => {
    const openTimesMs = [23 * 60 + 57, 23 * 60 + 58, 23 * 60 + 59, 24 * 60].map((minute) => minute * minuteMs);
    const { orders } = playScript({
      tapes: [tapeOf([flat, flat, flat, flat], { openTimesMs })],
      at: {
        0({ order }) {
          const after = order.market(buy);
          order.limit({ ...buy, limitPrice: 90, timeInForce: 'DAY', after });
        },
      },
    });
    expect(orders[1].reason).toBe('good till 1970-01-02 00:00');
  });

  test('3.4 an order has the one trigger price that its kind says', () => {
    const { orders } = play([flat, flat], {
      0({ order }) {
        order.marketIfTouched({ ...buy, touchPrice: 90 });
        order.stopLimit({ ...buy, stopPrice: 110, limitPrice: 110 });
        order.amend(0, { stopPrice: 91 });
        order.amend(1, { touchPrice: 109 });
      },
    });
    expect(orders.filter(({ role }) => role === 'amend').map(({ reason }) => reason)).toEqual([
      'order 0, marketIfTouched, has no stop price to amend',
      'order 1, stopLimit, has no touch price to amend',
    ]);
    expect(orders.slice(0, 2).map(({ stopPrice }) => stopPrice)).toEqual([90, 110]);
  });

  test('3.4 a larger size is judged without the order itself', () => {
    const { orders } = play(
      [flat, flat, flat],
      {
        0: ({ order }) => void order.market({ ...buy, sizeBase: 5 }),
        1({ order }) {
          order.market({ ...sell, sizeBase: 2 });
          order.amend(1, { sizeBase: 4 });
        },
      },
      { account: { kind: 'spot' } },
    );
    expect(orders.map(({ filledBase }) => filledBase)).toEqual([5, 4]);
  });

  test('3.4 a larger size of an order that only reduces is judged by what of it reduces', () => {
    const { orders } = play(
      [flat, flat, flat, flat],
      {
        0: ({ order }) => void order.market({ ...buy, sizeBase: 2 }),
        1({ order }) {
          order.limit({ ...sell, limitPrice: 110, reduceOnly: true });
          order.amend(1, { sizeBase: 5 });
          order.market({ ...sell, sizeBase: 2 });
        },
        2: ({ order }) => order.amend(1, { sizeBase: 6 }),
      },
      { account: { kind: 'spot' } },
    );
    expect(orders.map(({ sizeBase, reason }) => [sizeBase, reason])).toEqual([
      [2, ''],
      [5, 'the tape ended'],
      [2, ''],
      [Number.NaN, 'reduce-only, and BTC/USDT has no position to reduce'],
    ]);
  });

  test('3.4 a lowered size leaves the order in the bar under way, an unchanged one moves it back', () => {
    const hours = tapeOf([flat, [100, 100, 90, 100]], { symbol: 'SLOW', timeframe: '5m' });
    const minutes = tapeOf(
      Array.from({ length: 10 }, () => flat),
      { symbol: 'QUICK' },
    );
    const play = (sizeBase: number) =>
      playScript({
        tapes: [minutes, hours],
        at: {
          4: ({ series }) => void series[1].order.limit({ ...buy, sizeBase: 2, limitPrice: 95 }),
          6: ({ series }) => series[1].order.amend(0, { sizeBase }),
        },
      }).fills.length;
    expect(play(1)).toBe(1);
    expect(play(2)).toBe(0);
  });
});

describe('4 orders that belong together', () => {
  test('4.2 an offset that comes to half a tick is rounded up, whatever doubles make of it', () => {
    // 1 × 1.035 is 1.035: as a double below it.
    const { orders } = play([level(1), level(1)], { 0: ({ order }) => void order.market({ ...buy, takeProfit: { fraction: 0.035 } }) });
    expect(orders[1].limitPrice).toBe(1.04);
  });

  test('4.2 of a trailing stop and a target that one open has passed the stop fills', () => {
    const rows: BarRow[] = [flat, flat, level(97)];
    const { fills } = play(rows, {
      0: ({ order }) => void order.market(buy),
      1: ({ order }) => order.protect({ trail: { distance: 2 }, takeProfit: 96 }),
    });
    expect(fills[1].role).toBe('trail');
  });

  test('4.3 a trail for no position is refused as a trail', () => {
    const { orders } = play([flat, flat], { 0: ({ order }) => order.protect({ trail: { distance: 2 } }) });
    expect(orders[0]).toMatchObject({ role: 'trail', kind: 'trailingStop', status: 'rejected' });
  });

  test('4.5 a trailing stop that waited for a fill of another instrument starts at the price of its own', () => {
    const { orders } = playScript({
      tapes: [tapeOf([flat, flat, flat], { symbol: 'A' }), tapeOf([level(50), level(50), level(50)], { symbol: 'B' })],
      settings: { account: { kind: 'frictionless', leverage: 10 } },
      at: {
        0({ series }) {
          const after = series[0].order.market(buy);
          series[1].order.trailingStop({ ...sell, trail: { distance: 2 }, after });
        },
      },
    });
    expect(orders[1].stopPrice).toBe(48);
  });

  test('4.5 what waited for a fill inside a bar is sent as of its close, on a path too', () => {
    const script: Script['at'] = {
      0({ order }) {
        const after = order.limit({ ...buy, limitPrice: 98 });
        order.limit({ ...sell, limitPrice: 101, after });
        order.trailingStop({ ...sell, trail: { distance: 1 }, after });
      },
    };
    // Down to 97 and up to 102: neither the limit is filled nor the trail raised.
    const { fills, orders } = play([flat, [100, 102, 97, 102]], script, { ambiguity: 'path' });
    expect(fills).toHaveLength(1);
    expect(orders[2].stopPrice).toBe(97);
  });
});

describe('5 inside one bar', () => {
  test('5.3 a stop at the very price of its entry is certain', () => {
    const script: Script['at'] = {
      0: ({ order }) => void order.stopLimit({ ...buy, stopPrice: 102, limitPrice: 103, stopLoss: 102 }),
    };
    const result = play([flat, [100, 105, 99, 104]], script, { ambiguity: 'optimistic' });
    expect(prices(result)).toBe('102@2, stopLoss 102@2');
    expect(result.ambiguousBarCount).toBe(0);
  });

  test('5.5 equal distances are equal though their doubles are not', () => {
    // 1.13 − 1.09 and 1.09 − 1.05.
    const script: Script['at'] = { 0: ({ order }) => void order.market({ ...buy, stopLoss: 1.05, takeProfit: 1.12 }) };
    expect(prices(play([level(1.09), [1.09, 1.13, 1.05, 1.1]], script, { ambiguity: 'path' }))).toBe('1.09@1, stopLoss 1.05@2');
  });

  test('5.5 what only the walk brought about is not counted as in doubt', () => {
    // The touch at 97, then the limit at 99 with its target at 101: a stage would only have triggered it.
    const script: Script['at'] = {
      0: ({ order }) => void order.limitIfTouched({ ...buy, touchPrice: 97, limitPrice: 99, takeProfit: 101 }),
    };
    const result = play([flat, [100, 104, 97, 100]], script, { ambiguity: 'path' });
    expect([result.fills.length, result.decidedBarCount]).toEqual([2, 0]);
  });

  test('5.6 an entry is judged at the price at which it would fill, with the stage of its trail that counts there', () => {
    // Sold at 98 the trail is active from the start at 100, which the bar reaches before or after.
    const active: Script['at'] = { 0: ({ order }) => void order.stop({ ...sell, stopPrice: 98, trail: { distance: 2, activation: 99 } }) };
    expect(play([flat, [99, 101, 97, 98]], active, { ambiguity: 'refine' }).notRefinedBarCount).toBe(1);
    // Passed by the open that it was sent at, it fills there: its target 5 % above is reached.
    const passed: Script['at'] = {
      0({ order }) {
        const after = order.market(buy);
        order.marketIfTouched({ ...buy, touchPrice: 104, takeProfit: { fraction: 0.05 }, after });
      },
    };
    expect(play([flat, [100, 106, 99, 102]], passed, { ambiguity: 'refine' }).notRefinedBarCount).toBe(1);
    // A trailing stop that its own extreme brings to fill is an entry like others.
    const trailing: Script['at'] = {
      0: ({ order }) => void order.trailingStop({ ...sell, trail: { distance: 4 }, stopLoss: { distance: 3 } }),
    };
    expect(play([flat, [100, 106, 101, 101.5]], trailing, { ambiguity: 'refine' }).notRefinedBarCount).toBe(1);
  });
});

describe('6 trailing stops', () => {
  test('6.2 an offset activates at the tick that it comes to, whatever doubles make of it', () => {
    // 1.1 × 1.1 is 1.21: as a double above it.
    const script: Script['at'] = {
      0: ({ order }) => void order.trailingStop({ ...sell, trail: { distance: 0.05, activation: { fraction: 0.1 } } }),
    };
    expect(play([level(1.1), [1.1, 1.21, 1.1, 1.2], level(1.2)], script).orders[0].stopPrice).toBe(1.16);
  });

  test('6.4 optimistic: raised by the bar of its entry it fills where the close has come back, though the level of before was touched', () => {
    const script: Script['at'] = { 0: ({ order }) => void order.stop({ ...buy, stopPrice: 102, trail: { distance: 3 } }) };
    // 99 is touched and not certain; 106 − 3 is 103, and the close lies below.
    expect(prices(play([flat, [100, 106, 98, 102]], script, { ambiguity: 'optimistic' }))).toBe('102@2, trail 103@2');
  });
});

describe('8 and 10 money', () => {
  test('8.2 a rebate of half a unit is rounded away from zero', () => {
    const instrument = { feeRateMaker: -0.0001, quoteDecimals: 2, lotSize: 0.5 };
    const { fills } = play(
      [flat, [100, 100, 99, 100]],
      { 0: ({ order }) => void order.limit({ ...buy, sizeBase: 0.5, limitPrice: 99.5 }) },
      { instrument },
    );
    // 49.75 × 0.0001 is 0.004975; with 100 it would be half a unit.
    expect(fills[0].feeQuote).toBe(0);
    const whole = play(
      [level(101), [101, 101, 99, 100]],
      { 0: ({ order }) => void order.limit({ ...buy, sizeBase: 0.5, limitPrice: 100 }) },
      { instrument },
    );
    expect(whole.fills[0].feeQuote).toBe(-0.01);
  });

  const limit: Script['at'] = { 0: ({ order }) => void order.limit({ ...buy, sizeBase: 1, limitPrice: 99 }) };
  const spot = (instrument: Partial<Instrument>, initialCapitalQuote: number): Rules => ({
    account: { kind: 'spot' },
    initialCapitalQuote,
    instrument,
  });

  test('10.1 a spot account pays with the fee that the fill has', () => {
    const rows: BarRow[] = [flat, [100, 100, 98, 99]];
    // A maker dearer than a taker must not bring cash below zero, a cheaper one is not refused for the taker's fee.
    expect(play(rows, limit, spot({ feeRateMaker: 0.01 }, 99.5)).orders[0].reason).toBe('costs 99.99 with its fee, cash is 99.5');
    expect(play(rows, limit, spot({ feeRateTaker: 0.01 }, 99.5)).orders[0].status).toBe('filled');
  });

  test('10.1 a frictionless account without leverage does not spend more than it has on a fee', () => {
    const rules: Rules = { account: { kind: 'frictionless', leverage: 1 }, instrument: { feeRateTaker: 0.01 } };
    const market: Script['at'] = { 0: ({ order }) => void order.market(buy) };
    expect(play([flat, flat], market, { ...rules, initialCapitalQuote: 100.5 }).orders[0].status).toBe('rejected');
    expect(play([flat, flat], market, { ...rules, initialCapitalQuote: 101 }).orders[0].status).toBe('filled');
  });
});
