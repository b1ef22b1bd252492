/** Owns intervals of a statistic of one column by resampling it. Never knows what the statistic is. */
import { mean, quantileOfSorted, sortedDefined } from '../../metrics/moments.ts';
import { normalProbability, normalQuantile } from '../../metrics/normal.ts';
import { requireSetting } from './return-columns.ts';
import { type Resampling, StationaryBootstrap } from './stationary-bootstrap.ts';

export interface Interval {
  readonly low: number;
  readonly high: number;
}

export interface BootstrapInterval {
  /** The statistic of the sample itself. */
  readonly estimate: number;
  /** Quantiles of the replicates. */
  readonly percentile: Interval;
  /** Quantiles corrected for bias and for an error that changes with the value. Source: Efron 1987, Better bootstrap confidence intervals (BCa). */
  readonly corrected: Interval;
  readonly biasCorrection: number;
  readonly acceleration: number;
  /** The statistic of each replicate that has one, rising. */
  readonly replicates: Float64Array;
}

export interface IntervalOptions extends Resampling {
  /** Share of samples whose interval holds the true value, between 0 and 1. */
  readonly confidence: number;
}

/**
 * Two-sided intervals of a statistic under the stationary bootstrap. statistic: of a column as long as values, or shorter; it must not keep or change it.
 * The acceleration comes from leaving out one block of blockLengthMean rows (rounded) at a time. Fewer than two rows, or a statistic that is NaN there →
 * NaN; a statistic that no replicate or no row left out can move → its corrected interval is NaN.
 */
export function bootstrapInterval(
  values: Float64Array,
  statistic: (values: Float64Array) => number,
  { confidence, ...resampling }: IntervalOptions,
): BootstrapInterval {
  requireSetting(confidence > 0 && confidence < 1, 'confidence', confidence, 'between 0 and 1');
  const estimate = values.length < 2 ? Number.NaN : statistic(values);
  const replicates = Number.isNaN(estimate) ? new Float64Array(0) : sortedDefined(drawReplicates(values, statistic, resampling));
  const tail = (1 - confidence) / 2;
  const biasCorrection = normalQuantile(shareBelow(replicates, estimate));
  const acceleration = Number.isNaN(estimate) ? Number.NaN : accelerationOf(values, statistic, Math.round(resampling.blockLengthMean));
  const corrected = (fraction: number): number => {
    const z = biasCorrection + normalQuantile(fraction);
    const moved = normalProbability(biasCorrection + z / (1 - acceleration * z));
    return Number.isNaN(moved) ? Number.NaN : quantileOfSorted(replicates, moved);
  };
  return {
    estimate,
    percentile: { low: quantileOfSorted(replicates, tail), high: quantileOfSorted(replicates, 1 - tail) },
    corrected: { low: corrected(tail), high: corrected(1 - tail) },
    biasCorrection,
    acceleration,
    replicates,
  };
}

function drawReplicates(values: Float64Array, statistic: (values: Float64Array) => number, resampling: Resampling): Float64Array {
  const bootstrap = new StationaryBootstrap(values.length, resampling);
  const rows = new Int32Array(values.length);
  const drawn = new Float64Array(values.length);
  const replicates = new Float64Array(resampling.replicateCount);
  for (let replicate = 0; replicate < replicates.length; replicate++) {
    bootstrap.drawRows(replicate, rows);
    for (let i = 0; i < rows.length; i++) drawn[i] = values[rows[i]];
    replicates[replicate] = statistic(drawn);
  }
  return replicates;
}

/** Share of replicates below the estimate, equal ones (rounding apart: the same rows in another order) counted half: they tell of no bias. */
function shareBelow(replicates: Float64Array, estimate: number): number {
  const rounding = 1e-12 * Math.max(Math.abs(replicates[0]), Math.abs(replicates[replicates.length - 1]));
  let twice = 0;
  for (let i = 0; i < replicates.length; i++) {
    if (replicates[i] < estimate - rounding) twice += 2;
    else if (replicates[i] <= estimate + rounding) twice += 1;
  }
  return twice / (2 * replicates.length);
}

/** Σd³ / 6(Σd²)^1.5, d the mean of the statistics without one block each less the statistic without this one. Rows that fill no block stay in. */
function accelerationOf(values: Float64Array, statistic: (values: Float64Array) => number, blockLength: number): number {
  const blockCount = Math.floor(values.length / blockLength);
  if (blockCount < 2) return Number.NaN;
  const left = new Float64Array(values.length - blockLength);
  left.set(values.subarray(blockLength));
  const statistics = new Float64Array(blockCount);
  for (let block = 0; block < blockCount; block++) {
    statistics[block] = statistic(left);
    // The next one leaves out the next block: this one comes back in its place.
    if (block + 1 < blockCount) left.set(values.subarray(block * blockLength, (block + 1) * blockLength), block * blockLength);
  }
  const centre = mean(statistics);
  let squares = 0;
  let cubes = 0;
  for (let block = 0; block < blockCount; block++) {
    const difference = centre - statistics[block];
    squares += difference * difference;
    cubes += difference * difference * difference;
  }
  return cubes / (6 * squares * Math.sqrt(squares));
}
