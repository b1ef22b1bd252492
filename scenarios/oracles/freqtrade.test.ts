/**
 * Published candle tables of freqtrade (commit c9ae5e1e: tests/optimize/test_backtest_detail.py), 54 of 54: exit reason, rows of entry and exit,
 * and the sum of profits to 3 decimals. Stops, profits and trailing stops are attached orders; signals, prices, timeouts and replacements are
 * the conformance strategy's.
 */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hasOracles, oraclesPath } from '../../engine/testing/tapes.ts';
import { type Candle, type DetailCase, playTable, profitOf, tradesOf } from './freqtrade.test.helper.ts';
import { type CandleTrade, candleTrades } from './freqtrade-candles.test.helper.ts';
import { skipReason } from './oracle-run.test.helper.ts';

const read = (path: string) => JSON.parse(readFileSync(`${oraclesPath}freqtrade/${path}`, 'utf8'));
const tables: readonly DetailCase[] = hasOracles ? read('bt_detail_cases.json') : [];

describe.skipIf(!hasOracles)(`freqtrade test_backtest_detail.py${skipReason}`, () => {
  test('54 tables', () => {
    expect(tables).toHaveLength(54);
  });

  test.each(tables)('$name: $profit_perc', (table) => {
    const result = playTable(table);
    expect(tradesOf(result)).toEqual(table.trades);
    expect(Number(profitOf(result, table.leverage).toFixed(3))).toBe(table.profit_perc);
  });
});

const signal = fc.constantFrom<0 | 1>(0, 0, 0, 1);
const candle: fc.Arbitrary<Candle> = fc
  .record({
    prices: fc.array(fc.integer({ min: 4_500, max: 5_500 }), { minLength: 4, maxLength: 4 }),
    enter_long: signal,
    exit_long: signal,
    enter_short: signal,
    exit_short: signal,
  })
  .map(({ prices: [open, close, ...wicks], ...signals }) => ({
    ...signals,
    open,
    close,
    high: Math.max(open, close, ...wicks),
    low: Math.min(open, close, ...wicks),
    volume: 1,
    enter_tag: null,
  }));
const price = fc.option(fc.integer({ min: 4_400, max: 5_600 }), { freq: 2 });
/** Trailing distances once in profit are at most that of the stop: a wider one, and a price back under the offset, are not stages of one trail. */
const anyTable: fc.Arbitrary<DetailCase> = fc
  .record({
    name: fc.constant('any'),
    data: fc.array(candle, { minLength: 2, maxLength: 14 }),
    stop_loss: fc.constantFrom(-0.01, -0.03, -0.05, -0.1),
    roi: fc.dictionary(fc.constantFrom('0', '45', '60', '119', '120', '180'), fc.constantFrom(-1, -0.02, 0, 0.01, 0.04, 0.1), {
      maxKeys: 3,
    }),
    trailing_stop: fc.boolean(),
    trailing_only_offset_is_reached: fc.boolean(),
    trailing_stop_positive: fc.constantFrom(0.01, 0.03),
    trailing_stop_positive_offset: fc.constantFrom(0, 0.02, 0.05),
    use_exit_signal: fc.boolean(),
    use_custom_stoploss: fc.boolean(),
    custom_entry_price: price,
    custom_exit_price: price,
    leverage: fc.constantFrom(1, 1, 1, 3),
    timeout: fc.constantFrom(null, 60, 1_000),
    adjust_entry_price: price,
    profit_perc: fc.constant(0),
    trades: fc.constant([]),
  })
  .map((table) => ({ ...table, trailing_stop_positive: Math.min(table.trailing_stop_positive, -table.stop_loss) }));

describe('freqtrade profile against a second way to the trades of a table', () => {
  /** As tradesOf, with prices to the tenth decimal of their size. */
  const played = (table: DetailCase, fee: number) => {
    const result = playTable(table, fee);
    return tradesOf(result).map((trade, k) =>
      withPrices({ ...trade, entry: result.trades[k].entryPriceQuote, exit: result.trades[k].exitPriceQuote }),
    );
  };
  const withPrices = ({ entry, exit, ...trade }: CandleTrade) => ({ ...trade, entry: entry.toPrecision(10), exit: exit.toPrecision(10) });

  test.each(tables)('$name', (table) => {
    expect(played(table, 0)).toEqual(candleTrades(table, 0).map(withPrices));
  });

  test('any table, with and without fees', () => {
    fc.assert(
      fc.property(anyTable, fc.constantFrom(0, 0.001, 0.0025), (table, fee) => {
        expect(played(table, fee)).toEqual(candleTrades(table, fee).map(withPrices));
      }),
      { numRuns: 500, seed: 4 },
    );
  });
});
