/** Owns figures of returns against those of a benchmark. Both columns have one row a period; a row with a NaN on either side is left out. */
import { pow } from '../math.ts';
import { annualReturn } from './returns.ts';

/** Sums over the rows where both sides are defined. */
interface Pairs {
  readonly count: number;
  readonly mean: number;
  readonly benchmarkMean: number;
  /** Sums of squared and crossed differences from the means. */
  readonly square: number;
  readonly benchmarkSquare: number;
  readonly cross: number;
}

function pairsOf(returns: Float64Array, benchmark: Float64Array): Pairs {
  const n = Math.min(returns.length, benchmark.length);
  let count = 0;
  let sum = 0;
  let benchmarkSum = 0;
  for (let i = 0; i < n; i++) {
    if (Number.isNaN(returns[i]) || Number.isNaN(benchmark[i])) continue;
    sum += returns[i];
    benchmarkSum += benchmark[i];
    count++;
  }
  const mean = sum / count;
  const benchmarkMean = benchmarkSum / count;
  let square = 0;
  let benchmarkSquare = 0;
  let cross = 0;
  for (let i = 0; i < n; i++) {
    if (Number.isNaN(returns[i]) || Number.isNaN(benchmark[i])) continue;
    const difference = returns[i] - mean;
    const benchmarkDifference = benchmark[i] - benchmarkMean;
    square += difference * difference;
    benchmarkSquare += benchmarkDifference * benchmarkDifference;
    cross += difference * benchmarkDifference;
  }
  return { count, mean, benchmarkMean, square, benchmarkSquare, cross };
}

export interface AlphaBeta {
  /** A fraction a year. */
  readonly alphaFraction: number;
  readonly betaRatio: number;
}

/**
 * Least-squares beta, and Jensen's alpha compounded to a year: (1 + mean(excess − beta × benchmark excess))^periodsPerYear − 1.
 * Fewer than two rows, or a benchmark that never moves → NaN. Source: Jensen 1968; empyrical alpha_beta.
 */
export function alphaBeta(
  returns: Float64Array,
  benchmark: Float64Array,
  options: { periodsPerYear: number; ratePerPeriod: number },
): AlphaBeta {
  const pairs = pairsOf(returns, benchmark);
  if (pairs.count < 2 || pairs.benchmarkSquare === 0) return { alphaFraction: Number.NaN, betaRatio: Number.NaN };
  const beta = pairs.cross / pairs.benchmarkSquare;
  const rate = options.ratePerPeriod;
  const alpha = pairs.mean - rate - beta * (pairs.benchmarkMean - rate);
  return { alphaFraction: pow(1 + alpha, options.periodsPerYear) - 1, betaRatio: beta };
}

/** Pearson correlation of the two columns, in [−1, 1]; fewer than two rows or no deviation → NaN. */
export function correlation(returns: Float64Array, benchmark: Float64Array): number {
  const pairs = pairsOf(returns, benchmark);
  return pairs.cross / Math.sqrt(pairs.square * pairs.benchmarkSquare);
}

/** Mean and deviation (ddof 1) of return − benchmark a period, fractions; fewer than two rows → NaN deviation. */
function activeReturn(returns: Float64Array, benchmark: Float64Array): { mean: number; deviation: number } {
  const { count, mean, benchmarkMean } = pairsOf(returns, benchmark);
  const centre = mean - benchmarkMean;
  let sum = 0;
  for (let i = 0; i < Math.min(returns.length, benchmark.length); i++) {
    const difference = returns[i] - benchmark[i] - centre;
    if (!Number.isNaN(difference)) sum += difference * difference;
  }
  return { mean: centre, deviation: count < 2 ? Number.NaN : Math.sqrt(sum / (count - 1)) };
}

/** Standard deviation (ddof 1) of return − benchmark × √periodsPerYear, a fraction a year; fewer than two rows → NaN. */
export function trackingError(returns: Float64Array, benchmark: Float64Array, periodsPerYear: number): number {
  return activeReturn(returns, benchmark).deviation * Math.sqrt(periodsPerYear);
}

/**
 * Annualised information ratio: mean(return − benchmark) / its standard deviation (ddof 1) × √periodsPerYear; fewer than two rows, or no
 * deviation → NaN. Source: Grinold & Kahn; empyrical excess_sharpe is the same with periodsPerYear = 1.
 */
export function informationRatio(returns: Float64Array, benchmark: Float64Array, periodsPerYear: number): number {
  const active = activeReturn(returns, benchmark);
  return active.deviation > 0 ? (active.mean / active.deviation) * Math.sqrt(periodsPerYear) : Number.NaN;
}

/** Which way the benchmark went: rows where it rose (> 0), fell (< 0), or all. */
export type BenchmarkSide = 'up' | 'down' | 'all';

/** The rows of a column at which the benchmark went that way. */
export function rowsWhere(returns: Float64Array, benchmark: Float64Array, side: BenchmarkSide): Float64Array {
  return returns.filter((_, i) => side === 'all' || (side === 'up' ? benchmark[i] > 0 : benchmark[i] < 0));
}

/** Annual return / the benchmark's annual return over the rows at which the benchmark went that way; no such row → NaN. Source: Morningstar capture ratio, empyrical. */
export function captureRatio(
  returns: Float64Array,
  benchmark: Float64Array,
  options: { side: BenchmarkSide; periodsPerYear: number },
): number {
  const own = annualReturn(rowsWhere(returns, benchmark, options.side), options.periodsPerYear);
  return own / annualReturn(rowsWhere(benchmark, benchmark, options.side), options.periodsPerYear);
}
