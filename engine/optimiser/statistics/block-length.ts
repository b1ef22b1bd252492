/** Owns how long the blocks of a stationary bootstrap are best chosen. Never draws any. */
import { log, pow } from '../../math.ts';
import { mean } from '../../metrics/moments.ts';

/**
 * Mean block length, in rows, that keeps the error of a bootstrapped variance of the mean least: (2g²n / d)^(1/3), at least 1, at most
 * min(3√n, n / 3) rounded up. values without NaN; fewer than eight, or values that never move → 1: no dependence can be told.
 * Source: Politis & White 2004, Automatic block-length selection for the dependent bootstrap, with the correction of Patton, Politis & White 2009;
 * as in their own program the half-width of the window is the first lag of the first run of correlations that tell nothing.
 */
export function stationaryBlockLength(values: Float64Array): number {
  const count = values.length;
  if (count < 8) return 1;
  const decades = log(count) / Math.LN10;
  const runLength = Math.max(5, Math.ceil(Math.sqrt(decades)));
  const covariances = autocovariances(values, Math.min(Math.ceil(Math.sqrt(count)) + runLength, count - 1));
  if (!(covariances[0] > 0)) return 1;
  const threshold = 2 * Math.sqrt(decades / count) * covariances[0];
  const width = Math.min(2 * halfWidth(covariances, { threshold, runLength }), covariances.length - 1);
  let long = covariances[0];
  let slope = 0;
  for (let lag = 1; lag <= width; lag++) {
    const share = lag / width;
    const weight = share <= 0.5 ? 2 : 4 * (1 - share);
    long += weight * covariances[lag];
    slope += weight * lag * covariances[lag];
  }
  const best = pow((slope * slope * count) / (long * long), 1 / 3);
  return Math.min(Math.ceil(Math.min(3 * Math.sqrt(count), count / 3)), Math.max(1, best));
}

/** The first lag of the first run of covariances below the threshold; without such a run the last lag above it, or 1. */
function halfWidth(covariances: Float64Array, { threshold, runLength }: { threshold: number; runLength: number }): number {
  let lastAbove = 0;
  for (let lag = 1; lag < covariances.length; lag++) {
    if (Math.abs(covariances[lag]) >= threshold) lastAbove = lag;
    else if (lag - lastAbove === runLength) return lastAbove + 1;
  }
  return Math.max(1, lastAbove);
}

/** Sums of products at lags 0 to lagMax, over n. */
function autocovariances(values: Float64Array, lagMax: number): Float64Array {
  const centre = mean(values);
  const covariances = new Float64Array(lagMax + 1);
  for (let lag = 0; lag <= lagMax; lag++) {
    let sum = 0;
    for (let i = lag; i < values.length; i++) sum += (values[i] - centre) * (values[i - lag] - centre);
    covariances[lag] = sum / values.length;
  }
  return covariances;
}
