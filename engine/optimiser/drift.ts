/** Owns how far chosen parameters wander from fold to fold. Pure. */
import { mean, standardDeviation } from '../metrics/moments.ts';
import type { ParameterValues } from '../parameters.ts';

export interface ParameterDrift {
  readonly name: string;
  /** Folds whose value is not that of the fold before. */
  readonly changeCount: number;
  readonly distinctCount: number;
  /** Standard deviation (ddof 1) over the size of the mean; NaN for what is no number, of fewer than two folds, or about zero. */
  readonly variationRatio: number;
}

/** Of each name, over what folds chose in time order. */
export function driftOf(chosen: readonly ParameterValues[], names: readonly string[]): ParameterDrift[] {
  return names.map((name) => {
    const values = chosen.map((parameters) => parameters[name]);
    const numbers = Float64Array.from(values, (value) => (typeof value === 'number' ? value : Number.NaN));
    const isNumeric = numbers.length > 1 && !numbers.some(Number.isNaN);
    const centre = Math.abs(mean(numbers));
    return {
      name,
      changeCount: values.slice(1).filter((value, k) => value !== values[k]).length,
      distinctCount: new Set(values).size,
      variationRatio: isNumeric && centre > 0 ? standardDeviation(numbers, 1) / centre : Number.NaN,
    };
  });
}
