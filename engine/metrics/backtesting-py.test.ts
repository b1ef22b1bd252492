import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { pow } from '../math.ts';
import { publishedComputeStats } from '../testing/published-compute-stats.ts';
import { type BacktestingPyRun, type BacktestingPyTrade, backtestingPyStatistics, drawdownPeriods } from './backtesting-py.ts';

const folder = new URL('../../../shared/oracles/backtesting-py/data/', import.meta.url);
const isAbsent = !existsSync(folder);
const dayMs = 86_400_000;

interface Bars {
  timeMs: Float64Array;
  open: Float64Array;
  close: Float64Array;
}

function readBars(name: string): Bars {
  const lines = readFileSync(new URL(name, folder), 'utf8').trim().split('\n').slice(1);
  const rows = lines.map((line) => line.trim().split(','));
  const column = (at: number) => Float64Array.from(rows, (row) => Number(row[at]));
  return { timeMs: Float64Array.from(rows, (row) => Date.parse(`${row[0].slice(0, 10)}T00:00:00Z`)), open: column(1), close: column(4) };
}

function average(values: Float64Array, n: number): Float64Array {
  return values.map((_, i) => {
    if (i < n - 1) return Number.NaN;
    let sum = 0;
    for (let k = i - n + 1; k <= i; k++) sum += values[k];
    return sum / n;
  });
}

/**
 * A second, independent simulation of the published test: SMA 10/30 on GOOG, cash 10,000, no fees; on a cross close and reverse all-in,
 * whole units at the next open; after the last bar the open trade is closed at that bar's open and its equity row overwritten.
 */
function smaCross({ timeMs, open, close }: Bars): BacktestingPyRun {
  const fast = average(close, 10);
  const slow = average(close, 30);
  const warmupBarCount = 29;
  const equityQuote = new Float64Array(close.length);
  const trades: BacktestingPyTrade[] = [];
  let cash = 10_000;
  let size = 0;
  let entryBar = 0;
  let signal = 0;
  const closeAt = (bar: number) => {
    if (size === 0) return;
    const entry = open[entryBar];
    cash += size * (open[bar] - entry);
    trades.push({
      entryBar,
      exitBar: bar,
      pnlQuote: size * (open[bar] - entry),
      returnFraction: Math.sign(size) * (open[bar] / entry - 1),
    });
    size = 0;
  };
  for (let i = warmupBarCount + 1; i < close.length; i++) {
    if (signal !== 0) {
      closeAt(i);
      size = signal * Math.floor(cash / open[i]);
      entryBar = i;
    }
    equityQuote[i] = cash + (size === 0 ? 0 : size * (close[i] - open[entryBar]));
    signal = fast[i - 1] < slow[i - 1] && fast[i] > slow[i] ? 1 : fast[i - 1] > slow[i - 1] && fast[i] < slow[i] ? -1 : 0;
  }
  closeAt(close.length - 1);
  equityQuote[close.length - 1] = cash;
  equityQuote.fill(equityQuote[warmupBarCount + 1], 0, warmupBarCount + 1);
  return { timeMs, close, equityQuote, trades, warmupBarCount, riskFreeAnnual: 0 };
}

const reason = isAbsent ? ' (skipped: ../shared/oracles/backtesting-py is absent)' : '';
describe.skipIf(isAbsent)(`backtesting.py test_compute_stats on GOOG: 31 statistics at 1e-8 relative${reason}`, () => {
  const found = isAbsent ? {} : backtestingPyStatistics(smaCross(readBars('GOOG.csv')));
  test('the names are the 31 published ones', () => {
    expect(Object.keys(publishedComputeStats)).toHaveLength(31);
    expect(Object.keys(found).sort()).toEqual(Object.keys(publishedComputeStats).sort());
  });
  test.each(Object.entries(publishedComputeStats))('%s = %d', (name, value) => {
    expect(Math.abs(found[name] - value)).toBeLessThanOrEqual(1e-8 * Math.abs(value));
  });
});

describe('drawdownPeriods', () => {
  test('has the periods of backtesting.py test_compute_drawdown: 0,1,7,0,4,0,0 → 3 and 2 steps, 7 and 4 deep', () => {
    const times = Float64Array.from([0, 1, 2, 3, 4, 5, 6], (day) => day * dayMs);
    const periods = drawdownPeriods(Float64Array.of(0, 1, 7, 0, 4, 0, 0), times);
    expect([...periods.durationMs]).toEqual([3 * dayMs, 2 * dayMs]);
    expect([...periods.depth]).toEqual([7, 4]);
  });
  test('ends the last period at the last row where the peak is not reached again', () => {
    const periods = drawdownPeriods(Float64Array.of(0, 0.1, 0.2), Float64Array.of(0, 10, 25));
    expect([...periods.durationMs]).toEqual([25]);
    expect([...periods.depth]).toEqual([0.2]);
  });
});

/** n bars with the step given and a rising, dipping equity; no trade. */
function quietRun(startMs: number, stepMs: number, n: number): BacktestingPyRun {
  const timeMs = new Float64Array(n).map((_, i) => startMs + i * stepMs);
  const equityQuote = timeMs.map((_, i) => 100 + i - (i % 3 === 2 ? 2 : 0));
  return { timeMs, close: equityQuote, equityQuote, trades: [], warmupBarCount: 0, riskFreeAnnual: 0 };
}

describe('conventions of the profile', () => {
  const monday = Date.UTC(2024, 0, 1);
  const growth = (run: BacktestingPyRun, returns: number, periodsPerYear: number) => {
    const { equityQuote } = run;
    return (pow(equityQuote[equityQuote.length - 1] / equityQuote[0], periodsPerYear / returns) - 1) * 100;
  };
  test('takes 365 days a year where weekends trade', () => {
    const run = quietRun(monday, dayMs, 70);
    expect(backtestingPyStatistics(run)['Return (Ann.) [%]']).toBeCloseTo(growth(run, 69, 365), 6);
  });
  test('takes 52 weeks a year for weekly bars', () => {
    const run = quietRun(monday, 7 * dayMs, 70);
    expect(backtestingPyStatistics(run)['Return (Ann.) [%]']).toBeCloseTo(growth(run, 69, 52), 8);
  });
  test('samples hourly bars at the end of each day', () => {
    const run = quietRun(monday, 3_600_000, 240);
    const { equityQuote } = run;
    const expected = (pow(equityQuote[239] / equityQuote[23], 365 / 9) - 1) * 100;
    expect(backtestingPyStatistics(run)['Return (Ann.) [%]'] / expected).toBeCloseTo(1, 10);
  });
  test('rounds durations up to the hour for hourly bars', () => {
    const run = quietRun(monday, 3_600_000, 240);
    expect(backtestingPyStatistics(run)['Avg. Drawdown Duration'] % 3_600_000).toBe(0);
  });
  test('takes a geometric mean of 0 where one trade lost all', () => {
    const run = quietRun(monday, dayMs, 10);
    const trades = [0.5, -1].map((returnFraction, i) => ({ entryBar: i, exitBar: i + 1, pnlQuote: returnFraction, returnFraction }));
    expect(backtestingPyStatistics({ ...run, trades })['Avg. Trade [%]']).toBe(0);
  });
  test('has NaN for every trade figure without a trade', () => {
    const found = backtestingPyStatistics(quietRun(monday, dayMs, 10));
    expect(found['# Trades']).toBe(0);
    for (const name of [
      'Win Rate [%]',
      'Best Trade [%]',
      'Avg. Trade [%]',
      'Profit Factor',
      'SQN',
      'Kelly Criterion',
      'Max. Trade Duration',
    ])
      expect(found[name], name).toBeNaN();
    expect(found['Exposure Time [%]']).toBe(0);
  });
});
