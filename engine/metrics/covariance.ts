/** Owns how two columns of returns move together. Never aligns them: row i of each is the same day. */
import { mean } from './moments.ts';

/** Population covariance, unit of both multiplied; columns of equal length without NaN; empty → NaN. */
export function covariance(left: Float64Array, right: Float64Array): number {
  const leftMean = mean(left);
  const rightMean = mean(right);
  let sum = 0;
  for (let i = 0; i < left.length; i++) sum += (left[i] - leftMean) * (right[i] - rightMean);
  return sum / left.length;
}

/** Pearson's correlation, −1 to 1; fewer than two rows, or a column that never moves → NaN. */
export function correlation(left: Float64Array, right: Float64Array): number {
  const spread = Math.sqrt(covariance(left, left) * covariance(right, right));
  if (!(spread > 0)) return Number.NaN;
  return Math.max(-1, Math.min(1, covariance(left, right) / spread));
}
