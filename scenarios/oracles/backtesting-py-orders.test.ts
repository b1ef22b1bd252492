/**
 * Published order cases of kernc/backtesting.py 0.6.6 (commit 9c2b8e1c: backtesting/test/_test.py), prices exact, equity to 2 decimals, played
 * by this engine under backtestingPySemantics. Left for later: trade_on_close, wellknown (margin), Assertive and TrailingStrategy.
 */
import { describe, expect, test } from 'vitest';
import { drawdownPeriods } from '../../engine/metrics/backtesting-py.ts';
import type { RunResult } from '../../engine/result.ts';
import { type BarRow, hasOracles, tapeOf } from '../../engine/testing/tapes.ts';
import { backtest, everything, finalEquity, goog, openAtTheEnd, script, short, type Terms } from './backtesting-py.test.helper.ts';
import { dayMs, flatBars, type Step, scriptOf, skipReason } from './oracle-run.test.helper.ts';

/** [entry price, exit price] of each trade. */
const prices = ({ trades }: RunResult): number[][] => trades.map((trade) => [trade.entryPriceQuote, trade.exitPriceQuote]);
const isDay = ({ bars: { openTimeMs } }: Step, date: string): boolean => openTimeMs.at(0) === Date.parse(date);

describe.skipIf(!hasOracles)(`backtesting.py _test.py: orders on GOOG, prices exact${skipReason}`, () => {
  test.each([
    { name: 'spread .01 on entry, commission .01 on both sides', spread: 0.01, commission: 0.01, fixed: 0, equity: ['9685.31', '9749.33'] },
    {
      name: 'commission 100 and .01: the fixed part is added to the price of each unit when sizing',
      spread: 0,
      commission: 0.01,
      fixed: 100,
      equity: ['9784.50', '9718.69'],
    },
    { name: 'commission size × price × .01', spread: 0, commission: 0.01, fixed: 0, equity: ['9781.28', '9846.04'] },
  ])('test_spread_commission: $name (equity of bars 2 and 3 to 2 decimals)', ({ spread, commission, fixed, equity }) => {
    let isDone = false;
    const strategy = script(({ context: { order, position } }) => {
      if (isDone) return;
      if (position.isFlat) order.market({ side: 1, ...everything });
      else isDone = order.close() >= 0;
    });
    const result = backtest(short, strategy, { spread, commission, fixed });
    expect(result.trades[0].entryPriceQuote).toBe(110.75 * (1 + spread));
    expect([...result.equity.equityQuote.slice(2, 4)].map((value) => value.toFixed(2))).toEqual(equity);
  });

  test('test_trade_enter_hit_sl_on_same_day: a market entry with its stop at 720 leaves there on the bar of its fill', () => {
    const strategy = script((step) => isDay(step, '2012-10-17') && step.context.order.market({ side: 1, ...everything, stopLoss: 720 }));
    expect(prices(backtest(goog, strategy))).toEqual([[755.54, 720]]);
  });

  test('test_trade_enter_hit_sl_on_same_day: after a stop entry at 758 the stop at 720 waits for the next bar, which opens beyond it', () => {
    const strategy = script(
      (step) => isDay(step, '2012-10-17') && step.context.order.stop({ side: 1, ...everything, stopPrice: 758, stopLoss: 720 }),
    );
    expect(prices(backtest(goog, strategy))).toEqual([[758, 705.58]]);
  });

  test('test_stop_price_between_sl_tp: a buy stop at 104 between its stop and target enters at 104', () => {
    const strategy = script(
      (step) =>
        isDay(step, '2004-09-09') && step.context.order.stop({ side: 1, ...everything, stopPrice: 104, stopLoss: 103, takeProfit: 110 }),
    );
    expect(backtest(goog, strategy).trades[0].entryPriceQuote).toBe(104);
  });

  test('test_stop_limit_order_price_is_stop_price: stop-limit orders reached inside a bar fill at 112 and 107', () => {
    const strategy = script(({ context: { order }, bar }) => {
      if (bar !== 1) return;
      order.stopLimit({ side: 1, sizeBase: 1, stopPrice: 112, limitPrice: 113 });
      order.stopLimit({ side: -1, sizeBase: 1, stopPrice: 107, limitPrice: 105 });
    });
    expect(prices(backtest(short, strategy))).toEqual([[112, 107]]);
  });

  test('test_stop_entry_and_tp_in_same_bar: a sell stop at 108 reaches its target 105 on bar 3, its stop 113 untouched', () => {
    const strategy = script(
      ({ context: { order }, bar }) => bar === 2 && order.stop({ side: -1, ...everything, stopPrice: 108, takeProfit: 105, stopLoss: 113 }),
    );
    const result = backtest(short, strategy);
    expect(prices(result)).toEqual([[108, 105]]);
    expect(result.trades[0].exitBar).toBe(3);
  });

  test('test_sl_always_before_tp: of a stop at 105 and a target at 107.9 set later the stop comes first, at the open 104.95 beyond it', () => {
    const strategy = script(({ context: { order, position }, bar }) => {
      if (bar === 3) order.market({ side: 1, ...everything });
      if (bar !== 4) return;
      order.stop({ side: -1, sizeBase: position.sizeBase, stopPrice: 105, reduceOnly: true });
      order.limit({ side: -1, sizeBase: position.sizeBase, limitPrice: 107.9, reduceOnly: true });
    });
    expect(prices(backtest(short, strategy))).toEqual([[104.96, 104.95]]);
  });

  test('a stop at 99.5 that the open of 2004-09-02 has passed fills at that open, 99.19', () => {
    const strategy = script(({ context: { order }, bar }) => bar === 1 && order.market({ side: 1, sizeBase: 1, stopLoss: 99.5 }));
    expect(prices(backtest(short, strategy))).toEqual([[110.75, 99.19]]);
  });

  test('test_sl_tp_values_in_trades_df: two entries, a target at 111 and a stop at 99: each order closes its own entry', () => {
    const strategy = script(({ context: { order }, bar }) => {
      if (bar !== 1) return;
      order.market({ side: 1, sizeBase: 1, takeProfit: 111, tag: 'target' });
      order.market({ side: 1, sizeBase: 1, stopLoss: 99, tag: 'stop' });
    });
    const { trades, orders } = backtest(short, strategy);
    const found = trades.map((trade) => [orders[trade.entryOrderId].tag, trade.entryPriceQuote, trade.exitPriceQuote]);
    expect(found).toEqual([
      ['target', 110.75, 111],
      ['stop', 110.75, 99],
    ]);
  });

  test('test_order_tag: a sale closes entries in their order, so three trades carry the tags 1, 1, 2', () => {
    const strategy = script(({ context: { order }, bar }) => {
      if (bar === 1) order.market({ side: 1, sizeBase: 2, tag: '1' });
      if (bar === 2) order.market({ side: -1, sizeBase: 1, tag: 's' });
      if (bar === 3) order.market({ side: -1, sizeBase: 1 });
      if (bar === 4) order.market({ side: 1, ...everything, tag: '2' });
      if (bar === 5) order.close();
    });
    const { trades, orders } = backtest(short, strategy);
    expect(trades.map((trade) => orders[trade.entryOrderId].tag)).toEqual(['1', '1', '2']);
  });
});

describe.skipIf(!hasOracles)(`backtesting.py finalize_trades on GOOG[0:20]${skipReason}`, () => {
  const buyAndCloseLast = script(({ context: { order, position }, bar }) => {
    if (position.isFlat) order.market({ side: 1, ...everything });
    else if (bar === 19) order.close();
  });

  test('test_close_orders_from_last_strategy_iteration: what is sent on the last bar fills at its open; without it there is no trade', () => {
    expect(backtest(short, buyAndCloseLast, { semantics: openAtTheEnd }).trades).toHaveLength(0);
    expect(prices(backtest(short, buyAndCloseLast))).toEqual([[110.75, 112.34]]);
  });

  test('test_autoclose_trades_on_finish: the trade is closed at the last open, and the last equity row says so', () => {
    const result = backtest(
      short,
      script(({ context: { order }, bar }) => bar === 1 && order.market({ side: 1, ...everything })),
    );
    expect(prices(result)).toEqual([[110.75, 112.34]]);
    expect(finalEquity(result)).toBeCloseTo(10_000 + 90 * (112.34 - 110.75), 8);
    expect(result.equity.equityQuote[18]).toBeCloseTo(10_000 + 90 * (112 - 110.75), 8);
  });
});

describe('backtesting.py _test.py: cases on bars of its own', () => {
  test('test_trade_on_close_closes_trades_on_close, filled at opens: entries 92 on bar 2, stops 90 and 80 passed at 40 on bar 3', () => {
    const rows = [100, 101, 102, 50, 51].map((value): BarRow => [value - 10, value, value, value]);
    const strategy = script(({ context: { order }, bar }) => {
      if (bar === 1) for (const stopLoss of [90, 80]) order.market({ side: 1, sizeBase: 1, stopLoss });
      if (bar === 2) order.market({ side: -1, sizeBase: 1, reduceOnly: true });
    });
    const result = backtest(tapeOf(rows, { timeframe: '1d' }), strategy, { cash: 250 });
    expect(prices(result)).toEqual([
      [92, 40],
      [92, 40],
    ]);
    expect(result.trades.map((trade) => [trade.entryBar, trade.exitBar])).toEqual([
      [2, 3],
      [2, 3],
    ]);
  });

  test('test_commissions: 10 and .01 on both sides of 100 units, whose target 3 the open 4 has passed: 25 in all, 5,275 at the end', () => {
    const strategy = script(({ context: { order }, bar }) => bar === 1 && order.market({ side: 1, sizeBase: 100, takeProfit: 3 }));
    const result = backtest(flatBars([1, 1, 1, 2, 4, 1, 2]), strategy, { cash: 5000, commission: 0.01, fixed: 10 });
    expect(prices(result)).toEqual([[1, 4]]);
    expect(result.trades[0].entryFeeQuote + result.trades[0].exitFeeQuote).toBe(25);
    expect(finalEquity(result)).toBe(5275);
  });

  test('test_compute_drawdown: depths 0, 1, 7, 0, 4, 0, 0 are two periods, 3 and 2 bars long, 7 and 4 deep', () => {
    const { durationMs, depth } = drawdownPeriods(Float64Array.of(0, 1, 7, 0, 4, 0, 0), flatBars([1, 1, 1, 1, 1, 1, 1]).columns.openTimeMs);
    expect([...durationMs].map((ms) => ms / dayMs)).toEqual([3, 2]);
    expect([...depth]).toEqual([7, 4]);
  });
});

describe('backtesting.py by its rules where no published case tells them apart', () => {
  const play = (rows: readonly BarRow[], order: (step: Step) => void, terms: Terms = {}) =>
    backtest(
      tapeOf([[100, 100, 100, 100], ...rows], { timeframe: '1d' }),
      scriptOf((step) => step.bar === 0 && order(step)),
      terms,
    );

  test('a stop closes the entry it belongs to, not the oldest', () => {
    const result = play(
      [
        [100, 100, 100, 100],
        [100, 100, 90, 95],
      ],
      ({ context: { order } }) => {
        order.market({ side: 1, sizeBase: 1, takeProfit: 200, tag: 'first' });
        order.market({ side: 1, sizeBase: 1, stopLoss: 92, tag: 'second' });
      },
    );
    expect(result.trades.map((trade) => [result.orders[trade.entryOrderId].tag, trade.exitPriceQuote])).toEqual([
      ['second', 92],
      ['first', 100],
    ]);
  });

  test('a limit fills where the low touches it', () => {
    const result = play([[100, 101, 98, 99]], ({ context: { order } }) => order.limit({ side: 1, sizeBase: 1, limitPrice: 98 }));
    expect(result.fills[0].priceQuote).toBe(98);
  });

  test('a unit is sized at its price with the spread and its commission on the price without: 10,200 buys 100 at 101 + 1', () => {
    const terms = { cash: 10_200, spread: 0.01, commission: 0.01 };
    const result = play([[100, 100, 100, 100]], ({ context: { order } }) => order.market({ side: 1, ...everything }), terms);
    expect([result.fills[0].sizeBase, result.fills[0].priceQuote]).toEqual([100, 101]);
  });
});
