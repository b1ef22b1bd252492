/**
 * Published statistics of kernc/backtesting.py 0.6.6 (commit 9c2b8e1c: backtesting/test/_test.py and the Quick Start notebook), on its own
 * data, played by this engine under backtestingPySemantics. Figures at 1e-8 relative, or to the digits published. Its orders: beside this file.
 */
import { describe, expect, test } from 'vitest';
import { type BacktestingPyRun, backtestingPyStatistics } from '../../engine/metrics/backtesting-py.ts';
import type { Tape } from '../../engine/model/bar.ts';
import type { RunResult } from '../../engine/result.ts';
import { crossedAbove, crossedBelow, type StrategyDefinition } from '../../engine/strategy.ts';
import { publishedComputeStats } from '../../engine/testing/published-compute-stats.ts';
import { hasOracles } from '../../engine/testing/tapes.ts';
import { backtest, bars, everything, finalEquity, goog, openAtTheEnd } from './backtesting-py.test.helper.ts';
import { dayMs, resample, runOf, skipReason, sliceTape, strategyOf } from './oracle-run.test.helper.ts';

/** On a cross of two means of the close: close, and buy or sell with everything. */
function smaCross(fastPeriod: number, slowPeriod: number): StrategyDefinition {
  return strategyOf(({ bars: { close }, indicators }) => {
    const fast = indicators.sma(close, fastPeriod);
    const slow = indicators.sma(close, slowPeriod);
    return {
      onBar({ order }) {
        const side = crossedAbove(fast, slow) ? 1 : crossedBelow(fast, slow) ? -1 : 0;
        if (side === 0) return;
        order.close();
        order.market({ side, ...everything });
      },
    };
  });
}

function statisticsOf(
  tape: Tape,
  { trades, equity }: RunResult,
  warmupBarCount: number,
  timeMs = tape.columns.openTimeMs,
): Record<string, number> {
  const run: BacktestingPyRun = {
    timeMs,
    close: tape.columns.close,
    equityQuote: equity.equityQuote,
    trades,
    warmupBarCount,
    riskFreeAnnual: 0,
  };
  return backtestingPyStatistics(run);
}

describe.skipIf(!hasOracles)(`backtesting.py test_compute_stats, SMA 10/30 on GOOG: 31 statistics at 1e-8 relative${skipReason}`, () => {
  const found = hasOracles ? statisticsOf(goog, backtest(goog, smaCross(10, 30)), 29) : {};
  test('the names are the 31 published ones', () => {
    expect(Object.keys(publishedComputeStats)).toHaveLength(31);
    expect(Object.keys(found).sort()).toEqual(Object.keys(publishedComputeStats).sort());
  });
  test.each(Object.entries(publishedComputeStats))('%s = %d', (name, value) => {
    expect(Math.abs(found[name] - value)).toBeLessThanOrEqual(1e-8 * Math.abs(value));
  });
});

const range = (from: number, to: number): number[] => Array.from({ length: (to - from) / 5 + 1 }, (_, k) => from + 5 * k);

describe.skipIf(!hasOracles)(
  `backtesting.py Quick Start: 50 pairs of means on GOOG, spread .002, trades left open at the end${skipReason}`,
  () => {
    const pairs = range(5, 25)
      .flatMap((fast) => range(10, 65).map((slow) => ({ fast, slow })))
      .filter(({ fast, slow }) => fast < slow);
    const play = (pair: { fast: number; slow: number }) =>
      backtest(goog, smaCross(pair.fast, pair.slow), { spread: 0.002, semantics: openAtTheEnd });
    const runs = hasOracles ? pairs.map((pair) => ({ ...pair, result: play(pair) })) : [];
    const bestBy = (figure: (result: RunResult) => number) =>
      runs.reduce((first, next) => (figure(next.result) > figure(first.result) ? next : first));

    test('10/15 ends best, at 105,040.12612 (5 decimals) after 152 trades', () => {
      const { fast, slow, result } = bestBy(finalEquity);
      expect(runs).toHaveLength(50);
      expect([fast, slow]).toEqual([10, 15]);
      expect(finalEquity(result)).toBeCloseTo(105_040.12612, 5);
      expect(result.trades).toHaveLength(152);
    });

    test('10/20 has the best SQN', () => {
      const { fast, slow } = bestBy((result) => statisticsOf(goog, result, 0).SQN);
      expect([fast, slow]).toEqual([10, 20]);
    });

    test('10/15 begins with the 5 trades published (2 decimals)', () => {
      const { trades } = play({ fast: 10, slow: 15 });
      const found = trades
        .slice(0, 5)
        .map((trade) => [trade.side * trade.sizeBase, trade.entryPriceQuote, trade.exitPriceQuote, trade.pnlQuote]);
      const rounded = found.map((row) => row.map((value) => Number(value.toFixed(2))));
      expect(rounded).toEqual([
        [87, 114.65, 185.23, 6140.56],
        [-87, 184.86, 175.8, 788.18],
        [96, 176.15, 180.71, 437.61],
        [-96, 180.35, 179.13, 116.98],
        [97, 179.49, 177.99, -145.33],
      ]);
    });
  },
);

describe.skipIf(!hasOracles)(`backtesting.py on other bars${skipReason}`, () => {
  test('test_FractionalBacktest: units of 1e-6 BTC, means of 2 and 3 months from 2015, cash 100: 42 trades, the first at 236.69', () => {
    const bitcoin = bars('BTCUSD', '1M');
    const from2015 = sliceTape(bitcoin, bitcoin.columns.openTimeMs.indexOf(Date.UTC(2015, 0, 31)), bitcoin.columns.length);
    const result = backtest(from2015, smaCross(2, 3), { cash: 100, semantics: { grid: 'lots' }, instrument: { lotSize: 1e-6 } });
    expect(result.trades).toHaveLength(42);
    expect(result.trades[0].entryPriceQuote).toBe(236.69);
  });

  test('test_stats_annualized: on weeks of GOOG that end on Sunday the annual return rounds to -3 %', () => {
    // 1970-01-01 was a Thursday; their stamp is the Sunday that ends the week.
    const weeks = resample(goog, '1w', (timeMs) => Math.floor((timeMs / dayMs + 3) / 7) * 7 * dayMs - 3 * dayMs);
    const result = backtest(weeks, smaCross(10, 30), { semantics: openAtTheEnd });
    const sundays = weeks.columns.openTimeMs.map((timeMs) => timeMs + 6 * dayMs);
    expect(Math.round(statisticsOf(weeks, result, 29, sundays)['Return (Ann.) [%]'])).toBe(-3);
  });

  test('test_resample_apply: SMA 10 of days beside hours of EURUSD has a value on 96.34 % of 5,000 rows; the last three at 6 decimals', () => {
    const hours = bars('EURUSD', '1h');
    const days = resample(hours, '1d', (timeMs) => Math.floor(timeMs / dayMs) * dayMs);
    const rows: number[] = [];
    const strategy = strategyOf(({ series: [hour, day], indicators }) => {
      const mean = indicators.sma(day.close, 10);
      return {
        onBar({ timeMs }) {
          // A Friday ends hours after its last bar: no row of the hours.
          if (hour.closeTimeMs.at(0) !== timeMs) return;
          // Their row shows what is known as its hour opens: a day that ends with the hour belongs to the next row.
          rows.push(mean.at(day.closeTimeMs.at(0) > hour.openTimeMs.at(0) ? 1 : 0));
        },
      };
    });
    runOf({ tapes: [hours, days], instrument: { tickSize: 1e-5 }, strategy });
    const defined = rows.filter((value) => !Number.isNaN(value));
    expect(hours.columns.length).toBe(5000);
    expect(defined.length / 5000).toBe(0.9634);
    expect([...new Set(defined.slice(-48))].map((value) => value.toFixed(6))).toEqual(['1.242643', '1.242381', '1.242275']);
  });
});
