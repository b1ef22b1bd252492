/** Owns two tests of "not one of these is better than the benchmark" over all columns at once: White's and Hansen's. Never looks at one column alone. */
import { log } from '../../math.ts';
import { mean } from '../../metrics/moments.ts';
import { BootstrapDeviations } from './bootstrap-deviations.ts';
import { bootstrapVarianceOfMean } from './bootstrap-variance.ts';
import { type ReturnColumns, rowCountOf } from './return-columns.ts';
import { type Resampling, requireResampling } from './stationary-bootstrap.ts';

/**
 * What a bootstrap says of a statistic. The p-value takes the sample for one replicate more: (exceedances + 1) / (replicates + 1), so that it is never 0
 * and never too small. Source: Davison & Hinkley 1997, 4.11. exceedanceCount: replicates at least as large; over their number it is the papers' p-value.
 */
export interface Significance {
  readonly pValue: number;
  readonly exceedanceCount: number;
}

/** Source: White 2000, A reality check for data snooping. */
export interface RealityCheck extends Significance {
  /** √n × the largest mean, a fraction. */
  readonly statistic: number;
  readonly columnBest: number;
}

/** Source: Hansen 2005, A test for superior predictive ability. */
export interface SuperiorAbility {
  /** √n × the largest mean over its deviation, at least 0. */
  readonly statistic: number;
  readonly columnBest: number;
  /** Columns clearly worse than the benchmark do not weigh: the p-value to go by. */
  readonly consistent: Significance;
  /** Columns worse than the benchmark are taken for equal to their sample: never above consistent. */
  readonly lower: Significance;
  /** All columns are taken for as good as the benchmark: never below consistent. */
  readonly upper: Significance;
}

export interface DataSnooping {
  readonly realityCheck: RealityCheck;
  readonly superiorAbility: SuperiorAbility;
}

/**
 * Both tests from one set of replicates. columns: returns less those of the benchmark (the returns themselves where it is cash). A column that never moves
 * has no deviation to be measured by: superiorAbility leaves it out. No columns, fewer than three rows or a NaN return → NaN p-values and statistics,
 * columnBest −1; superiorAbility alone where no column moves. Takes columns × rows × replicates operations.
 */
export function testDataSnooping(columns: ReturnColumns, resampling: Resampling): DataSnooping {
  requireResampling(resampling);
  const rowCount = rowCountOf(columns);
  const candidates = new Candidates(columns, { rowCount, blockLengthMean: resampling.blockLengthMean });
  const isJudged = rowCount >= 3 && columns.length > 0 && !candidates.hasUnknown;
  const counts = new ExceedanceCounts();
  if (isJudged) {
    const deviations = new BootstrapDeviations(columns, { rowCount, resampling });
    for (let first = 0; first < resampling.replicateCount; ) {
      const filled = deviations.fill(first, resampling.replicateCount);
      for (let lane = 0; lane < filled; lane++) candidates.countExceedances(deviations.values, lane * columns.length, counts);
      first += filled;
    }
  }
  const significance = (exceedanceCount: number, columnBest: number): Significance => ({
    pValue: columnBest < 0 ? Number.NaN : (exceedanceCount + 1) / (resampling.replicateCount + 1),
    exceedanceCount,
  });
  const largest = isJudged ? candidates.columnLargest : -1;
  const surest = isJudged ? candidates.columnSurest : -1;
  return {
    realityCheck: {
      statistic: largest < 0 ? Number.NaN : Math.sqrt(rowCount) * candidates.meanLargest,
      columnBest: largest,
      ...significance(counts.meanLargest, largest),
    },
    superiorAbility: {
      statistic: surest < 0 ? Number.NaN : Math.sqrt(rowCount) * candidates.ratioLargest,
      columnBest: surest,
      consistent: significance(counts.consistent, surest),
      lower: significance(counts.lower, surest),
      upper: significance(counts.upper, surest),
    },
  };
}

class ExceedanceCounts {
  meanLargest = 0;
  consistent = 0;
  lower = 0;
  upper = 0;
}

/** The columns' means and deviations, and where each null hypothesis puts its centre. Statistics are without √n here. */
class Candidates {
  hasUnknown = false;
  meanLargest = Number.NEGATIVE_INFINITY;
  columnLargest = -1;
  ratioLargest = 0;
  columnSurest = -1;
  private readonly means: Float64Array;
  /** 1 / deviation; 0 for a column that never moves. */
  private readonly scales: Float64Array;
  /** What the consistent test adds to a deviation of the mean: the mean of a column that is clearly worse, else 0. */
  private readonly shifts: Float64Array;

  constructor(columns: ReturnColumns, { rowCount, blockLengthMean }: { rowCount: number; blockLengthMean: number }) {
    this.means = new Float64Array(columns.length);
    this.scales = new Float64Array(columns.length);
    this.shifts = new Float64Array(columns.length);
    const clearlyWorse = -Math.sqrt((2 * log(log(rowCount))) / rowCount);
    let ratioLargest = Number.NEGATIVE_INFINITY;
    for (let k = 0; k < columns.length; k++) {
      const centre = columnMean(columns[k]);
      this.means[k] = centre;
      if (Number.isNaN(centre)) this.hasUnknown = true;
      if (centre > this.meanLargest) {
        this.meanLargest = centre;
        this.columnLargest = k;
      }
      const variance = rowCount > 0 ? bootstrapVarianceOfMean(columns[k], { mean: centre, blockLengthMean }) : 0;
      if (!(variance > 0)) continue;
      this.scales[k] = 1 / Math.sqrt(variance);
      const ratio = centre * this.scales[k];
      if (ratio < clearlyWorse) this.shifts[k] = centre;
      if (ratio > ratioLargest) {
        ratioLargest = ratio;
        this.columnSurest = k;
      }
    }
    this.ratioLargest = Math.max(0, ratioLargest);
  }

  /** Counts which statistics one replicate reaches; deviations of its means from those of the sample stand from `from` on. */
  countExceedances(deviations: Float64Array, from: number, counts: ExceedanceCounts): void {
    const { means, scales, shifts } = this;
    let meanLargest = Number.NEGATIVE_INFINITY;
    let consistent = 0;
    let lower = 0;
    let upper = 0;
    for (let k = 0; k < means.length; k++) {
      const deviation = deviations[from + k];
      const scale = scales[k];
      if (deviation > meanLargest) meanLargest = deviation;
      if (deviation * scale > upper) upper = deviation * scale;
      if ((deviation + shifts[k]) * scale > consistent) consistent = (deviation + shifts[k]) * scale;
      const lowered = means[k] < 0 ? deviation + means[k] : deviation;
      if (lowered * scale > lower) lower = lowered * scale;
    }
    if (meanLargest >= this.meanLargest) counts.meanLargest++;
    if (consistent >= this.ratioLargest) counts.consistent++;
    if (lower >= this.ratioLargest) counts.lower++;
    if (upper >= this.ratioLargest) counts.upper++;
  }
}

/** Unlike mean() of metrics: a NaN return makes it NaN. */
function columnMean(values: Float64Array): number {
  for (let t = 0; t < values.length; t++) if (Number.isNaN(values[t])) return Number.NaN;
  return mean(values);
}
