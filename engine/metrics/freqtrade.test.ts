/** Published figures of freqtrade (commit c9ae5e1e: tests/data/test_btanalysis.py). Left out: Calmar and the drawdown of backtest-result.json, which hang on an unstable sort. */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { freqtradeDrawdown, freqtradeStatistics } from './freqtrade.ts';

const folder = new URL('../../../shared/oracles/freqtrade/', import.meta.url);
const isAbsent = !existsSync(folder);
const skipReason = isAbsent ? ' (skipped: ../shared/oracles/freqtrade is absent)' : '';
const read = (name: string) => JSON.parse(readFileSync(new URL(name, folder), 'utf8'));
const published = isAbsent ? { cagr: [], max_drawdown: [] } : read('expected_metrics.json');

describe.skipIf(isAbsent)(`freqtrade on backtest-result.json, 179 trades${skipReason}`, () => {
  const { starting_balance, days, ...expected } = published.metrics_on_backtest_result_json ?? {};
  const trades: readonly { profit_abs: number }[] = isAbsent ? [] : read('backtest-result.json').strategy.StrategyTestV3.trades;
  const pnlQuote = Float64Array.from(trades, ({ profit_abs }) => profit_abs);
  const found = freqtradeStatistics({ pnlQuote, startQuote: starting_balance, fromMs: 0, toMs: days * 86_400_000 });

  test('Sharpe and Sortino to the decimals published', () => {
    expect(pnlQuote).toHaveLength(expected.n_trades);
    expect(found.sharpe).toBeCloseTo(expected.sharpe, 6);
    expect(found.sortino).toBeCloseTo(expected.sortino, 5);
  });

  test('expectancy and its ratio', () => {
    expect(found.expectancy / expected.expectancy).toBeCloseTo(1, 12);
    expect(found.expectancyRatio).toBeCloseTo(expected.expectancy_ratio, 12);
  });
});

describe.skipIf(isAbsent)(`freqtrade lists${skipReason}`, () => {
  test('expectancy of eight profits', () => {
    const { profits, expectancy, ratio } = published.expectancy_small;
    const found = freqtradeStatistics({ pnlQuote: Float64Array.from(profits), startQuote: 1_000, fromMs: 0, toMs: 0 });
    expect(found.expectancy).toBe(expectancy);
    expect(found.expectancyRatio).toBeCloseTo(ratio, 8);
  });

  test.each<{ start: number; end: number; days: number; cagr: number }>(published.cagr)(
    '$start → $end in $days days',
    ({ start, end, days, cagr }) => {
      const found = freqtradeStatistics({ pnlQuote: Float64Array.of(end - start), startQuote: start, fromMs: 0, toMs: days * 86_400_000 });
      expect(found.cagr).toBeCloseTo(cagr, 4);
    },
  );

  test('the deepest fall of 28 profits', () => {
    const { profits, start, abs, rel } = published.max_drawdown[0];
    const { quote, fraction } = freqtradeDrawdown(Float64Array.from(profits), start, 'quote');
    expect(quote).toBeCloseTo(abs, 12);
    expect(fraction).toBeCloseTo(rel, 7);
  });

  test.each([
    ['quote', 'abs_mode'],
    ['fraction', 'relative_mode'],
  ] as const)('the deepest fall of five profits by %s', (by, mode) => {
    const { profits, start, [mode]: expected } = published.max_drawdown[1];
    const { quote, fraction, peak, bottom } = freqtradeDrawdown(Float64Array.from(profits), start, by);
    expect([quote, peak, bottom]).toEqual([expected.abs, expected.high_day, expected.low_day]);
    expect(fraction).toBeCloseTo(expected.rel, 6);
  });
});

test('no trade has no deviation and no fall', () => {
  const none = new Float64Array();
  expect(freqtradeStatistics({ pnlQuote: none, startQuote: 1, fromMs: 0, toMs: 1 }).sharpe).toBeNaN();
  expect(freqtradeDrawdown(none, 1, 'quote')).toEqual({ quote: 0, fraction: 0, peak: -1, bottom: -1 });
});
