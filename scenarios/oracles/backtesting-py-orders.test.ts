/**
 * Published order cases of kernc/backtesting.py 0.6.6 (commit 9c2b8e1c: backtesting/test/_test.py), prices exact, equity to 2 decimals, played
 * by this engine under backtestingPySemantics.
 */
import { describe, expect, test } from 'vitest';
import { drawdownPeriods } from '../../engine/metrics/backtesting-py.ts';
import type { RunResult } from '../../engine/result.ts';
import { type BarRow, hasOracles, tapeOf } from '../../engine/testing/tapes.ts';
import { backtest, everything, finalEquity, goog, openAtTheEnd, script, short, type Terms } from './backtesting-py.test.helper.ts';
import { dayMs, flatBars, type Step, scriptOf, skipReason, strategyOf } from './oracle-run.test.helper.ts';

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

  test('test_wellknown: margin .1, equity peak 46,961; at equity 0 everything is closed and the account is worth 0 to the end', () => {
    const strategy = script((step) => {
      const { order } = step.context;
      if (isDay(step, '2006-10-19')) order.stopLimit({ side: 1, sizeBase: 100, stopPrice: 484, limitPrice: 466 });
      else if (isDay(step, '2007-10-30')) order.close();
      else if (isDay(step, '2008-11-11')) order.stopLimit({ side: -1, sizeBase: 200, stopPrice: step.bars.low.at(0), limitPrice: 324.9 });
    });
    const { trades, equity, accountEvents } = backtest(goog, strategy, { leverage: 10 });
    const dates = trades.map((trade) => [trade.entryOpenMs, trade.exitOpenMs].map((timeMs) => new Date(timeMs).toISOString().slice(0, 10)));
    expect(dates).toEqual([
      ['2006-11-01', '2007-10-31'],
      ['2008-11-14', '2009-09-21'],
    ]);
    expect(trades.map((trade) => Math.round(trade.pnlQuote))).toEqual([23_469, -34_420]);
    expect(Math.max(...equity.equityQuote).toFixed(0)).toBe('46961');
    expect(equity.equityQuote[equity.equityQuote.length - 1]).toBe(0);
    expect(accountEvents.map((event) => event.kind)).toEqual(['ruin']);
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

describe.skipIf(!hasOracles)(`backtesting.py _test.py: strategies on GOOG${skipReason}`, () => {
  test('test_TrailingStrategy: a stop moved up to three average ranges below each close: 57 trades', () => {
    // Their range is a plain mean of 40, its first value filled back over the bars before it.
    const { high, low, close, length } = goog.columns;
    const ranges = Array.from({ length }, (_, i) => {
      const before = i === 0 ? Number.NaN : close[i - 1];
      return Math.max(high[i] - low[i], ...(i === 0 ? [] : [Math.abs(before - high[i]), Math.abs(before - low[i])]));
    });
    const mean = (i: number): number => ranges.slice(i - 39, i + 1).reduce((sum, value) => sum + value, 0) / 40;
    const strategy = strategyOf(({ bars: { close: price }, indicators }) => {
      const average = indicators.sma(price, 10);
      let bar = 8;
      let stop = Number.NaN;
      return {
        onBar({ order, position }) {
          bar++;
          if (position.isFlat) stop = Number.NaN;
          else {
            const next = price.at(0) - 3 * mean(Math.max(bar, 39));
            stop = Number.isNaN(stop) ? next : Math.max(stop, next);
            order.protect({ stopLoss: stop });
          }
          if (bar > 9 && position.isFlat && price.at(0) > average.at(0)) order.market({ side: 1, ...everything });
        },
      };
    });
    expect(backtest(goog, strategy).trades).toHaveLength(57);
  });

  test('test_assertions: short entries at a stop and limit of one price, with stop and target, closed after three days: 132 trades', () => {
    const strategy = strategyOf(({ bars: { close, low, openTimeMs }, indicators }) => {
      const average = indicators.sma(close, 10);
      /** Open entries, oldest first. */
      let entries: { id: number; openMs: number; size: number }[] = [];
      let entryId = -1;
      // Of a stop and a limit at one price theirs takes the limit to have come first: from the bar behind the stop's on it is a limit.
      let stop = Number.NaN;
      let isFirst = true;
      return {
        onOrder({ parentId, status }) {
          if (status === 'filled') entries = entries.filter((entry) => entry.id !== parentId);
        },
        onFill({ role, side, orderId, openTimeMs: openMs, sizeBase }) {
          if (role !== 'own') return;
          let size = sizeBase;
          if (side < 0) entries.push({ id: orderId, openMs, size });
          else
            for (const entry of entries) {
              const closed = Math.min(size, entry.size);
              entry.size -= closed;
              size -= closed;
            }
          entries = entries.filter((entry) => entry.size > 0);
        },
        onBar({ order, position }) {
          if (isFirst) {
            isFirst = false;
            return;
          }
          const price = close.at(0);
          if (low.at(0) <= stop) {
            entryId = order.limit({ side: -1, equityFraction: 0.21, limitPrice: stop, stopLoss: 1.05 * stop, takeProfit: 0.9 * stop });
            stop = Number.NaN;
          }
          if (average.at(0) > price && average.at(1) < close.at(1)) {
            order.cancel(entryId);
            stop = price;
          } else if (!position.isFlat && openTimeMs.at(0) - entries[0].openMs > 3 * dayMs) order.close();
        },
      };
    });
    expect(backtest(goog, strategy).trades).toHaveLength(132);
  });
});

describe('backtesting.py _test.py: cases on bars of its own', () => {
  test('test_trade_on_close_closes_trades_on_close: entries 101 on bar 1, one closed at 102 on bar 2, one stopped at 40 on bar 3', () => {
    const rows = [100, 101, 102, 50, 51].map((value): BarRow => [value - 10, value, value, value]);
    const strategy = script(({ context: { order }, bar }) => {
      if (bar === 1) for (const stopLoss of [90, 80]) order.market({ side: 1, sizeBase: 1, stopLoss });
      if (bar === 2) order.market({ side: -1, sizeBase: 1, reduceOnly: true });
    });
    const result = backtest(tapeOf(rows, { timeframe: '1d' }), strategy, { cash: 250, semantics: { marketFill: 'close' } });
    expect(result.trades.map((trade) => [trade.entryBar, trade.entryPriceQuote, trade.exitBar, trade.exitPriceQuote])).toEqual([
      [1, 101, 2, 102],
      [1, 101, 3, 40],
    ]);
  });

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

  test('after a limit entry that an open has passed, its stop waits for the next bar, as after one inside', () => {
    const result = play(
      [
        [98, 99, 90, 95],
        [95, 96, 91, 95],
      ],
      ({ context: { order } }) => order.limit({ side: 1, sizeBase: 1, limitPrice: 99, stopLoss: 92 }),
    );
    expect(result.trades.map((trade) => [trade.entryPriceQuote, trade.exitPriceQuote, trade.exitBar])).toEqual([[98, 92, 2]]);
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
