/** Owns ratios of reward to risk of one column of returns. Never compares with a benchmark: see benchmark.ts. */
import { mean, quantileOfSorted, sortedDefined, standardDeviation } from './moments.ts';
import { cumulativeLogReturns } from './returns.ts';

/** What ratios share: periods in a year, and the rate a period that a return must beat (risk-free or required), a fraction. */
export interface RatioOptions {
  readonly periodsPerYear: number;
  readonly ratePerPeriod: number;
}

/**
 * Annualised Sharpe ratio: mean excess return / standard deviation (ddof 1) × √periodsPerYear. returns[n] fractions; n < 2 or 0/0 → NaN,
 * no deviation → ±Infinity. Source: Sharpe 1994, eq. 3–6.
 */
export function sharpeRatio(returns: Float64Array, options: RatioOptions): number {
  const excess = mean(returns) - options.ratePerPeriod;
  // A lone return has no deviation (NaN); a constant rate leaves the deviation as it is.
  return (excess / standardDeviation(returns, 1)) * Math.sqrt(options.periodsPerYear);
}

/** Root of the mean of min(return − rate, 0)², denominator all n, a fraction a period; empty → NaN. Source: Sortino & Price 1994. */
export function downsideDeviation(returns: Float64Array, ratePerPeriod: number): number {
  let sum = 0;
  let count = 0;
  for (let i = 0; i < returns.length; i++) {
    const excess = returns[i] - ratePerPeriod;
    if (Number.isNaN(excess)) continue;
    if (excess < 0) sum += excess * excess;
    count++;
  }
  return Math.sqrt(sum / count);
}

/** Downside deviation × √periodsPerYear, a fraction a year; empty → NaN. Source: empyrical downside_risk. */
export function downsideRisk(returns: Float64Array, options: RatioOptions): number {
  return downsideDeviation(returns, options.ratePerPeriod) * Math.sqrt(options.periodsPerYear);
}

/** Annualised Sortino ratio: mean excess × periodsPerYear / downside risk; n < 2 or 0/0 → NaN, no loss → Infinity. Source: Sortino & Price 1994. */
export function sortinoRatio(returns: Float64Array, options: RatioOptions): number {
  if (returns.length < 2) return Number.NaN;
  return ((mean(returns) - options.ratePerPeriod) * options.periodsPerYear) / downsideRisk(returns, options);
}

/** Annual return / deepest drawdown, a ratio; no drawdown → NaN. Source: Young 1991. */
export function calmarRatio(returnFractionAnnual: number, drawdownFractionMax: number): number {
  return drawdownFractionMax > 0 ? returnFractionAnnual / drawdownFractionMax : Number.NaN;
}

/** Sum of returns above the rate / sum of shortfalls below it; n < 2 or no shortfall → NaN. Source: Keating & Shadwick 2002, NaN as in empyrical. */
export function omegaRatio(returns: Float64Array, ratePerPeriod: number): number {
  if (returns.length < 2) return Number.NaN;
  let gain = 0;
  let shortfall = 0;
  for (let i = 0; i < returns.length; i++) {
    const excess = returns[i] - ratePerPeriod;
    if (excess > 0) gain += excess;
    else if (excess < 0) shortfall -= excess;
  }
  return shortfall > 0 ? gain / shortfall : Number.NaN;
}

/** Sum of returns / sum of losses, a ratio (0 is break-even); no loss → NaN. Source: Schwager, gain to pain, here on the given periods. */
export function gainToPainRatio(returns: Float64Array): number {
  let sum = 0;
  let loss = 0;
  for (let i = 0; i < returns.length; i++) {
    const value = returns[i];
    if (Number.isNaN(value)) continue;
    sum += value;
    if (value < 0) loss -= value;
  }
  return loss > 0 ? sum / loss : Number.NaN;
}

/** |95th percentile| / |5th percentile| of returns, a ratio; empty or 0/0 → NaN. Source: empyrical tail_ratio. */
export function tailRatio(returns: Float64Array): number {
  const sorted = sortedDefined(returns);
  return Math.abs(quantileOfSorted(sorted, 0.95)) / Math.abs(quantileOfSorted(sorted, 0.05));
}

/** R² of a straight line through the cumulative log returns, in [0, 1]; fewer than two returns or none but 0 → NaN. Source: empyrical stability_of_timeseries. */
export function stabilityRatio(returns: Float64Array): number {
  const sums = cumulativeLogReturns(returns);
  const n = sums.length;
  if (n < 2) return Number.NaN;
  const centre = mean(sums);
  const middle = (n - 1) / 2;
  let covariance = 0;
  let total = 0;
  for (let i = 0; i < n; i++) {
    const difference = sums[i] - centre;
    covariance += (i - middle) * difference;
    total += difference * difference;
  }
  const spread = (n * (n * n - 1)) / 12;
  return (covariance * covariance) / (spread * total);
}
