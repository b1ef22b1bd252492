/**
 * Owns the 31 statistics of kernc/backtesting.py 0.6 under their own names, signs and units: per cent, drawdowns negative, durations here in ms.
 * A metric profile for comparison only: where a convention differs from catalogue.ts, theirs stands here.
 */
import { exp, log, pow } from '../math.ts';
import { dayMs } from '../model/timeframe.ts';
import { alphaBeta } from './benchmark.ts';
import { drawdownColumn } from './drawdown.ts';
import { mean, quantileOfSorted, sortedDefined, summarise, variance } from './moments.ts';
import { downsideDeviation } from './ratios.ts';
import { type CalendarPeriod, lastByPeriod, periodNumber, simpleReturns, yearMs } from './returns.ts';
import { kellyFraction, profitFactor, systemQualityNumber, winLoss, winRate } from './trade-statistics.ts';

/** One closed trade. pnlQuote is net of commissions, returnFraction their ReturnPct; bars are rows of the run. */
export interface BacktestingPyTrade {
  readonly entryBar: number;
  readonly exitBar: number;
  readonly pnlQuote: number;
  readonly returnFraction: number;
}

export interface BacktestingPyRun {
  /** The stamp of each bar as their index has it, rising. */
  readonly timeMs: Float64Array;
  readonly close: Float64Array;
  /** Equity of each bar; the bars before the first step hold the first equity computed. */
  readonly equityQuote: Float64Array;
  readonly trades: readonly BacktestingPyTrade[];
  /** Largest count of leading NaN over the indicators: buy and hold begins at this bar's close. */
  readonly warmupBarCount: number;
  /** A fraction a year. */
  readonly riskFreeAnnual: number;
}

/** All 31 statistics of a run, by their names; times and durations in ms, undefined NaN. Fewer than two bars → most are NaN. */
export function backtestingPyStatistics(run: BacktestingPyRun): Record<string, number> {
  const { timeMs, equityQuote, close } = run;
  const last = timeMs.length - 1;
  const totalFraction = (equityQuote[last] - equityQuote[0]) / equityQuote[0];
  const heldFraction = close[last] / close[run.warmupBarCount] - 1;
  const year = yearly(run);
  const beta = logBeta(equityQuote, close);
  const years = (timeMs[last] - timeMs[0]) / yearMs;
  return {
    Start: timeMs[0],
    End: timeMs[last],
    Duration: timeMs[last] - timeMs[0],
    'Exposure Time [%]': exposure(run) * 100,
    'Equity Final [$]': equityQuote[last],
    'Equity Peak [$]': summarise(equityQuote).largest,
    'Return [%]': totalFraction * 100,
    'Buy & Hold Return [%]': heldFraction * 100,
    'Return (Ann.) [%]': year.returnFraction * 100,
    'Volatility (Ann.) [%]': year.volatilityFraction * 100,
    'CAGR [%]': years > 0 ? (pow(1 + totalFraction, 1 / years) - 1) * 100 : Number.NaN,
    'Sharpe Ratio': ratio(year.returnFraction - run.riskFreeAnnual, year.volatilityFraction),
    'Sortino Ratio': (year.returnFraction - run.riskFreeAnnual) / year.downsideFraction,
    'Alpha [%]': (totalFraction - run.riskFreeAnnual - beta * (heldFraction - run.riskFreeAnnual)) * 100,
    Beta: beta,
    ...drawdownStatistics(run, year.returnFraction),
    ...tradeStatistics(run),
  };
}

/** Division that gives NaN, not Infinity, for a divisor of 0. */
function ratio(value: number, divisor: number): number {
  return divisor === 0 ? Number.NaN : value / divisor;
}

/** Share of bars from entry to exit of any trade, both included. */
function exposure({ timeMs, trades }: BacktestingPyRun): number {
  const isHeld = new Uint8Array(timeMs.length);
  for (const trade of trades) isHeld.fill(1, trade.entryBar, trade.exitBar + 1);
  let count = 0;
  for (let i = 0; i < isHeld.length; i++) count += isHeld[i];
  return count / isHeld.length;
}

/** Median step between the last hundred stamps. */
function barPeriodMs(timeMs: Float64Array): number {
  const tail = timeMs.subarray(Math.max(0, timeMs.length - 100));
  const steps = new Float64Array(Math.max(0, tail.length - 1));
  for (let i = 0; i < steps.length; i++) steps[i] = tail[i + 1] - tail[i];
  return quantileOfSorted(sortedDefined(steps), 0.5);
}

/** How often they sample returns, and how many samples make a year: weekends trade if more than 0.6 × 2/7 of the stamps lie on them. */
function sampling(timeMs: Float64Array): { period: CalendarPeriod; periodsPerYear: number } {
  const days = Math.floor(barPeriodMs(timeMs) / dayMs);
  if (days === 7) return { period: 'week', periodsPerYear: 52 };
  if (days === 31) return { period: 'month', periodsPerYear: 12 };
  if (days === 365) return { period: 'year', periodsPerYear: 1 };
  let weekendCount = 0;
  for (let i = 0; i < timeMs.length; i++) {
    const weekStart = periodNumber(timeMs[i], 'week') * 7 - 3;
    if (Math.floor(timeMs[i] / dayMs) - weekStart >= 5) weekendCount++;
  }
  return { period: 'day', periodsPerYear: weekendCount / timeMs.length > (2 / 7) * 0.6 ? 365 : 252 };
}

/** Geometric mean of 1 + value, less 1, by logarithms; any 1 + value ≤ 0 → 0 as theirs, empty → NaN. */
function geometricMean(values: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) {
    if (1 + values[i] <= 0) return 0;
    sum += log(1 + values[i]);
  }
  return exp(sum / values.length) - 1;
}

/** Geometric return a year, its volatility for compounded returns (Tobin), and the downside deviation a year. */
function yearly({ timeMs, equityQuote }: BacktestingPyRun) {
  const { period, periodsPerYear } = sampling(timeMs);
  const returns = simpleReturns(lastByPeriod(equityQuote, timeMs, period));
  const growth = 1 + geometricMean(returns);
  return {
    returnFraction: pow(growth, periodsPerYear) - 1,
    volatilityFraction: Math.sqrt(pow(variance(returns, 1) + growth * growth, periodsPerYear) - pow(growth, 2 * periodsPerYear)),
    downsideFraction: downsideDeviation(returns, 0) * Math.sqrt(periodsPerYear),
  };
}

/** Beta of log returns, bar by bar; fewer than two returns → NaN. */
function logBeta(equityQuote: Float64Array, close: Float64Array): number {
  return alphaBeta(logReturns(equityQuote), logReturns(close), { periodsPerYear: 1, ratePerPeriod: 0 }).betaRatio;
}

function logReturns(values: Float64Array): Float64Array {
  const returns = new Float64Array(Math.max(0, values.length - 1));
  for (let i = 0; i < returns.length; i++) returns[i] = log(values[i + 1] / values[i]);
  return returns;
}

/**
 * Their drawdown periods: from a row at the peak to the next such row, or to the last row; a period of a single step is none.
 * depths[n] fractions → durations in ms and deepest depths of the periods, in order.
 */
export function drawdownPeriods(depths: Float64Array, timeMs: Float64Array): { durationMs: Float64Array; depth: Float64Array } {
  const durationMs: number[] = [];
  const depth: number[] = [];
  let from = 0;
  let deepest = 0;
  for (let i = 0; i < depths.length; i++) {
    if (depths[i] > deepest) deepest = depths[i];
    if (depths[i] !== 0 && i < depths.length - 1) continue;
    if (i > from + 1) {
      durationMs.push(timeMs[i] - timeMs[from]);
      depth.push(deepest);
    }
    from = i;
    deepest = 0;
  }
  return { durationMs: Float64Array.from(durationMs), depth: Float64Array.from(depth) };
}

/** Durations are rounded up to the smallest unit that the step between bars shows: days for daily bars, hours for hourly. */
function roundUp(ms: number, periodMs: number): number {
  const unit = [1, 1_000, 60_000, 3_600_000, dayMs].findLast((candidate) => periodMs % candidate === 0) ?? 1;
  return Math.ceil(ms / unit) * unit;
}

function drawdownStatistics({ timeMs, equityQuote }: BacktestingPyRun, annualReturn: number): Record<string, number> {
  const depths = drawdownColumn(equityQuote, equityQuote[0]);
  const deepest = summarise(depths).largest;
  const periods = drawdownPeriods(depths, timeMs);
  const duration = summarise(periods.durationMs);
  const periodMs = barPeriodMs(timeMs);
  return {
    'Calmar Ratio': ratio(annualReturn, deepest),
    'Max. Drawdown [%]': -deepest * 100,
    'Avg. Drawdown [%]': -mean(periods.depth) * 100,
    'Max. Drawdown Duration': roundUp(duration.largest, periodMs),
    'Avg. Drawdown Duration': roundUp(duration.mean, periodMs),
  };
}

/** Win rate, SQN and Kelly look at the profit of a trade; best, worst, average, profit factor and expectancy at its return. */
function tradeStatistics({ timeMs, trades }: BacktestingPyRun): Record<string, number> {
  const count = trades.length;
  const pnl = Float64Array.from(trades, (trade) => trade.pnlQuote);
  const returns = Float64Array.from(trades, (trade) => trade.returnFraction);
  const held = summarise(Float64Array.from(trades, (trade) => timeMs[trade.exitBar] - timeMs[trade.entryBar]));
  const outcome = winLoss(pnl);
  const returnOutcome = winLoss(returns);
  const traded = summarise(returns);
  const periodMs = barPeriodMs(timeMs);
  const quality = systemQualityNumber(pnl, 1);
  return {
    '# Trades': count,
    'Win Rate [%]': winRate(outcome, count) * 100,
    'Best Trade [%]': traded.largest * 100,
    'Worst Trade [%]': traded.smallest * 100,
    'Avg. Trade [%]': geometricMean(returns) * 100,
    'Max. Trade Duration': roundUp(held.largest, periodMs),
    'Avg. Trade Duration': roundUp(held.mean, periodMs),
    'Profit Factor': returnOutcome.lossTotal === 0 ? Number.NaN : profitFactor(returnOutcome),
    'Expectancy [%]': traded.mean * 100,
    SQN: Number.isFinite(quality) ? quality : Number.NaN,
    'Kelly Criterion': kellyFraction(outcome, count),
  };
}
