/** Owns the loss in the tail of a column of returns. A loss is positive here: 0.03 means three percent lost. */
import { quantileOfSorted, sortedDefined } from './moments.ts';

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
