/** Owns the three readings of a tail over several days. Pure; the formulas of one day lie in engine/metrics/value-at-risk.ts. */
import { mean } from '../metrics/moments.ts';
import {
  conditionalValueAtRisk,
  gaussianExpectedShortfall,
  gaussianValueAtRisk,
  modifiedValueAtRisk,
  valueAtRisk,
} from '../metrics/value-at-risk.ts';

export const valueAtRiskMethods = ['historical', 'gaussian', 'modified'] as const;
export type ValueAtRiskMethod = (typeof valueAtRiskMethods)[number];

/**
 * What is asked of a tail. confidence 0.95 asks for the loss that 5 % of the days exceed. horizonDays: the mean grows with the days, all
 * beyond it with their square root (returns of different days taken as independent); method: historical takes the days as they were,
 * gaussian a normal distribution, modified a normal one corrected for skewness and kurtosis.
 */
export interface TailQuestion {
  readonly confidence: number;
  readonly horizonDays?: number;
  readonly method?: ValueAtRiskMethod;
}

const valuesAtRisk = { historical: valueAtRisk, gaussian: gaussianValueAtRisk, modified: modifiedValueAtRisk };

/** Loss that 1 − confidence of the horizons exceed, in the unit of the returns, positive where it is a loss; no returns → NaN. */
export function tailLoss(dailyReturns: Float64Array, { confidence, horizonDays = 1, method = 'historical' }: TailQuestion): number {
  return overHorizon(dailyReturns, valuesAtRisk[method](dailyReturns, 1 - confidence), horizonDays);
}

/** Mean loss of the horizons beyond tailLoss; as it, and for historical and gaussian alone. */
export function tailMeanLoss(
  dailyReturns: Float64Array,
  { confidence, horizonDays = 1, method = 'historical' }: TailQuestion & { readonly method?: 'historical' | 'gaussian' },
): number {
  const oneDay = method === 'historical' ? conditionalValueAtRisk : gaussianExpectedShortfall;
  return overHorizon(dailyReturns, oneDay(dailyReturns, 1 - confidence), horizonDays);
}

function overHorizon(dailyReturns: Float64Array, oneDay: number, horizonDays: number): number {
  if (horizonDays === 1) return oneDay;
  const centre = mean(dailyReturns);
  return (oneDay + centre) * Math.sqrt(horizonDays) - centre * horizonDays;
}
