/** Owns the variance that the stationary bootstrap gives a mean, without drawing. Never draws. */
import { pow } from '../../math.ts';

/**
 * n × variance of the mean of a stationary bootstrap replicate: c₀ + 2 Σ (1 − i/n)(1 − 1/b)ⁱ cᵢ, cᵢ the circular autocovariances, b the mean block length.
 * Taken in one pass from the end, over weighted sums of what follows each row. values[n] without NaN, n ≥ 1; unit squared; at least 0.
 * Source: Politis & Romano 1994, lemma 1; the variance of Hansen 2005.
 */
export function bootstrapVarianceOfMean(
  values: Float64Array,
  { mean, blockLengthMean }: { mean: number; blockLengthMean: number },
): number {
  const count = values.length;
  const keep = 1 - 1 / blockLengthMean;
  const keepAll = pow(keep, count);
  // Of row t: near = Σ keepⁱ d[t + i], late = Σ i keepⁱ d[t + i], i from 1 to n − 1 round the end; first of the last row.
  let near = 0;
  let late = 0;
  for (let i = 1, weight = keep; i < count && weight > 0; i++, weight *= keep) {
    near += weight * (values[i - 1] - mean);
    late += i * weight * (values[i - 1] - mean);
  }
  let sum = 0;
  for (let t = count - 1; t >= 0; t--) {
    const difference = values[t] - mean;
    sum += difference * (difference + 2 * (near - late / count));
    const before = t === 0 ? 0 : values[t - 1] - mean;
    late = keep * (difference + near + late) - count * keepAll * before;
    near = keep * (difference + near) - keepAll * before;
  }
  return Math.max(0, sum / count);
}
