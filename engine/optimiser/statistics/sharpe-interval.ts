/** Owns how sure a Sharpe ratio is, told by resampling its returns. */
import { sharpeRatio } from '../../metrics/ratios.ts';
import { stationaryBlockLength } from './block-length.ts';
import { bootstrapInterval, type Interval } from './bootstrap-interval.ts';

export interface SharpeIntervalOptions {
  /** Risk-free, a fraction a period. */
  readonly ratePerPeriod: number;
  readonly periodsPerYear: number;
  readonly seed: number;
  readonly replicateCount: number;
}

/** A year's Sharpe ratio in 95 % of stationary bootstrap replicates: BCa, or the percentiles where that is not defined. NaN where nothing moves. */
export function sharpeInterval(
  returns: Float64Array,
  { ratePerPeriod, periodsPerYear, seed, replicateCount }: SharpeIntervalOptions,
): Interval {
  const resampling = { replicateCount, blockLengthMean: stationaryBlockLength(returns), seed };
  const statistic = (values: Float64Array): number => sharpeRatio(values, { ratePerPeriod, periodsPerYear: 1 });
  const { corrected, percentile } = bootstrapInterval(returns, statistic, { ...resampling, confidence: 0.95 });
  const told = Number.isNaN(corrected.low) ? percentile : corrected;
  const root = Math.sqrt(periodsPerYear);
  return { low: told.low * root, high: told.high * root };
}
