/** Owns what choosing the best of many does to a Sharpe ratio. Never counts trials: see effective-trials.ts. */
import { pow } from '../../math.ts';
import { normalDensity, normalProbability, normalQuantile } from '../../metrics/normal.ts';
import { probabilisticSharpe, type SharpeForm, type SharpeSample, sharpeStandardError } from './sharpe-inference.ts';

const eulerMascheroni = 0.5772156649015329;
const inverseOfE = 0.36787944117144233;

/**
 * Expected maximum of independent standard normal values. trialCount ≥ 1, whole or not; below 1 → NaN. One trial is no choice: 0, as wherever the
 * approximation falls below it. Source: Bailey & López de Prado 2014, The deflated Sharpe ratio, eq. 1.
 */
export function expectedMaximum(trialCount: number): number {
  if (!(trialCount >= 1)) return Number.NaN;
  const outer = -normalQuantile(1 / trialCount);
  const inner = -normalQuantile(inverseOfE / trialCount);
  return Math.max(0, (1 - eulerMascheroni) * outer + eulerMascheroni * inner);
}

const integrationEnd = 9;
const integrationSteps = 1152;

/** Variance of the maximum of independent standard normal values, from its density by the trapezoidal rule; relative error below 1e-9 up to a million. trialCount as in expectedMaximum. */
export function varianceOfMaximum(trialCount: number): number {
  if (!(trialCount >= 1)) return Number.NaN;
  const step = (2 * integrationEnd) / integrationSteps;
  let mass = 0;
  let first = 0;
  let second = 0;
  for (let i = 0; i <= integrationSteps; i++) {
    const z = i * step - integrationEnd;
    const density = normalDensity(z) * pow(normalProbability(z), trialCount - 1);
    mass += density;
    first += z * density;
    second += z * z * density;
  }
  const centre = first / mass;
  return second / mass - centre * centre;
}

/** How wide the search was. */
export interface Search {
  /** Effective number of trials. */
  readonly trialCount: number;
  /**
   * Variance of the trials' Sharpe ratios per period: found among them, as both papers take it, or what chance alone gives each, the square of
   * sharpeStandardError at 0. Correlated trials differ less than chance alone lets them, so that the 2025 form keeps its level with the latter only
   * (figures in DECISIONS.md).
   */
  readonly sharpeVariance: number;
}

export interface DeflatedSharpe {
  /** Expected maximum of the trials' Sharpe ratios, per period, were none of them any good. */
  readonly expectedMaximumSharpe: number;
  /** Probability that the true Sharpe ratio exceeds zero in spite of the search. */
  readonly probability: number;
}

/**
 * Deflated Sharpe ratio: probabilistic Sharpe ratio against the expected maximum of the search. In the 2012 form the chosen ratio has the error of a
 * single one (Bailey & López de Prado 2014); in the 2025 form that of the maximum of so many. Trials that
 * all came out alike are no search (their variance 0): the benchmark is 0. NaN as in probabilisticSharpe.
 */
export function deflatedSharpe(sample: SharpeSample, { trialCount, sharpeVariance, form }: Search & { form: SharpeForm }): DeflatedSharpe {
  const expectedMaximumSharpe = Math.sqrt(sharpeVariance) * expectedMaximum(trialCount);
  if (form === '2012') {
    return { expectedMaximumSharpe, probability: probabilisticSharpe(sample, { benchmarkSharpe: expectedMaximumSharpe, form }) };
  }
  const variance = varianceOfMaximum(trialCount);
  const error = Math.sqrt(variance) * sharpeStandardError(sample, { sharpePerPeriod: expectedMaximumSharpe, form });
  const probability = error > 0 ? normalProbability((sample.sharpePerPeriod - expectedMaximumSharpe) / error) : Number.NaN;
  return { expectedMaximumSharpe, probability };
}

/**
 * Minimum backtest length, in years: below it the best of so many worthless trials is expected to show this annualised Sharpe ratio in sample. A ratio of 0
 * or less → Infinity. Source: Bailey, Borwein, López de Prado & Zhu 2014, Pseudo-mathematics and financial charlatanism, theorem 1.
 */
export function minimumBacktestYears({ trialCount, sharpeAnnual }: { trialCount: number; sharpeAnnual: number }): number {
  if (sharpeAnnual <= 0) return Number.POSITIVE_INFINITY;
  const ratio = expectedMaximum(trialCount) / sharpeAnnual;
  return ratio * ratio;
}
