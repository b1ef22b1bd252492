/** Owns the loss in the tail of a column of returns. A loss is positive here: 0.03 means three percent lost. */
import { kurtosis, mean, quantileOfSorted, skewness, sortedDefined, standardDeviation } from './moments.ts';
import { normalDensity, normalQuantile } from './normal.ts';

/** Historical value at risk: the loss that the worst tailFraction of periods exceeds, a fraction (negative where even that quantile gains); empty → NaN. Linear interpolation. */
export function valueAtRisk(returns: Float64Array, tailFraction: number): number {
  return -quantileOfSorted(sortedDefined(returns), tailFraction);
}

/** Historical conditional value at risk: mean loss of the worst ⌊(n − 1) × tailFraction⌋ + 1 periods, a fraction; empty → NaN. Source: empyrical conditional_value_at_risk. */
export function conditionalValueAtRisk(returns: Float64Array, tailFraction: number): number {
  const sorted = sortedDefined(returns);
  if (sorted.length === 0) return Number.NaN;
  const count = Math.floor((sorted.length - 1) * tailFraction) + 1;
  let sum = 0;
  for (let i = 0; i < count; i++) sum += sorted[i];
  return -sum / count;
}

/** Value at risk were the returns normal: −mean − z × population deviation, z the quantile of tailFraction; a fraction; empty → NaN. Source: RiskMetrics 1996; PerformanceAnalytics VaR "gaussian". */
export function gaussianValueAtRisk(returns: Float64Array, tailFraction: number): number {
  return -mean(returns) - normalQuantile(tailFraction) * standardDeviation(returns, 0);
}

/** As gaussianValueAtRisk with the quantile corrected for skewness and kurtosis; zero deviation or empty → NaN. Source: Favre & Galeano 2002; PerformanceAnalytics VaR "modified". */
export function modifiedValueAtRisk(returns: Float64Array, tailFraction: number): number {
  const z = normalQuantile(tailFraction);
  const skew = skewness(returns);
  const square = z * z;
  const corrected =
    z + ((square - 1) * skew) / 6 + (z * (square - 3) * (kurtosis(returns) - 3)) / 24 - (z * (2 * square - 5) * skew * skew) / 36;
  return -mean(returns) - corrected * standardDeviation(returns, 0);
}

/** Mean loss beyond the gaussian value at risk: −mean + density(z) / tailFraction × population deviation, a fraction; empty → NaN. Source: PerformanceAnalytics ES "gaussian". */
export function gaussianExpectedShortfall(returns: Float64Array, tailFraction: number): number {
  return -mean(returns) + (normalDensity(normalQuantile(tailFraction)) / tailFraction) * standardDeviation(returns, 0);
}
