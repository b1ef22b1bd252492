/** Owns what a test of a Sharpe ratio finds and misses, and how much of what it finds is false. Always in the 2025 form. Never estimates how many strategies are true. */
import { normalProbability, normalQuantile } from '../../metrics/normal.ts';
import { type ReturnShape, type SharpeSample, sharpePValue, sharpeStandardError } from './sharpe-inference.ts';

/** A test of "the true Sharpe ratio is no more than nullSharpe" at a significance, 0 to 0.5; ratios per period. */
export interface SharpeTest {
  readonly nullSharpe: number;
  readonly significance: number;
}

/** The Sharpe ratio per period above which the test rejects; where the error cannot be told → NaN. */
export function criticalSharpe(shape: ReturnShape, { nullSharpe, significance }: SharpeTest): number {
  return nullSharpe - normalQuantile(significance) * sharpeStandardError(shape, { sharpePerPeriod: nullSharpe, form: '2025' });
}

/** Probability, 0 to 1, that the test rejects when the true Sharpe ratio is alternativeSharpe: 1 − β. Source: López de Prado, Lipton & Zoonekynd 2025. */
export function sharpePower(shape: ReturnShape, { alternativeSharpe, ...test }: SharpeTest & { alternativeSharpe: number }): number {
  const error = sharpeStandardError(shape, { sharpePerPeriod: alternativeSharpe, form: '2025' });
  return normalProbability((alternativeSharpe - criticalSharpe(shape, test)) / error);
}

/**
 * pFDR: probability that a strategy which passed a test is false, before its Sharpe ratio is seen. trueFraction: share of tried strategies that are true,
 * which nobody can measure: state it. Source: as sharpePower.
 */
export function plannedFalseDiscoveryRate({
  trueFraction,
  significance,
  power,
}: {
  trueFraction: number;
  significance: number;
  power: number;
}): number {
  const falseShare = significance * (1 - trueFraction);
  return falseShare / (falseShare + power * trueFraction);
}

/** oFDR: probability that a strategy is false given that its Sharpe ratio came out as high as this one. Source: as sharpePower. */
export function observedFalseDiscoveryRate(
  sample: SharpeSample,
  { nullSharpe, alternativeSharpe, trueFraction }: { nullSharpe: number; alternativeSharpe: number; trueFraction: number },
): number {
  const ifFalse = sharpePValue(sample, { benchmarkSharpe: nullSharpe, form: '2025' });
  const ifTrue = sharpePValue(sample, { benchmarkSharpe: alternativeSharpe, form: '2025' });
  return plannedFalseDiscoveryRate({ trueFraction, significance: ifFalse, power: ifTrue });
}
