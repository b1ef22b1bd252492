/** Owns the means of many columns over many replicates of their rows. Never judges them. */
import type { ReturnColumns } from './return-columns.ts';
import { type Resampling, StationaryBootstrap } from './stationary-bootstrap.ts';

const lanes = 4;

/**
 * Means of replicates less those of the sample, four replicates at a time: each column is read once for four of them, and the weights of four replicates
 * stay in the cache.
 */
export class BootstrapDeviations {
  /** Replicate first + lane, column k at values[lane × columns + k]. */
  readonly values: Float64Array;
  private readonly columns: ReturnColumns;
  private readonly bootstrap: StationaryBootstrap;
  private readonly weights: readonly [Float64Array, Float64Array, Float64Array, Float64Array];

  constructor(columns: ReturnColumns, { rowCount, resampling }: { rowCount: number; resampling: Resampling }) {
    this.values = new Float64Array(lanes * columns.length);
    this.columns = columns;
    this.bootstrap = new StationaryBootstrap(rowCount, resampling);
    this.weights = [new Float64Array(rowCount), new Float64Array(rowCount), new Float64Array(rowCount), new Float64Array(rowCount)];
  }

  /** Fills values with the replicates first to first + 3; gives how many of them there are below count. */
  fill(first: number, count: number): number {
    const { columns, weights } = this;
    const filled = Math.min(lanes, count - first);
    for (let lane = 0; lane < filled; lane++) this.bootstrap.drawWeights(first + lane, weights[lane]);
    let k = 0;
    for (; k + 1 < columns.length; k += 2) this.fillTwo(k);
    if (k < columns.length) this.fillOne(k);
    return filled;
  }

  private fillTwo(k: number): void {
    const { values } = this;
    const [weight0, weight1, weight2, weight3] = this.weights;
    const left = this.columns[k];
    const right = this.columns[k + 1];
    const rowCount = left.length;
    let left0 = 0;
    let left1 = 0;
    let left2 = 0;
    let left3 = 0;
    let right0 = 0;
    let right1 = 0;
    let right2 = 0;
    let right3 = 0;
    for (let t = 0; t < rowCount; t++) {
      const ofLeft = left[t];
      const ofRight = right[t];
      left0 += ofLeft * weight0[t];
      right0 += ofRight * weight0[t];
      left1 += ofLeft * weight1[t];
      right1 += ofRight * weight1[t];
      left2 += ofLeft * weight2[t];
      right2 += ofRight * weight2[t];
      left3 += ofLeft * weight3[t];
      right3 += ofRight * weight3[t];
    }
    const step = this.columns.length;
    values[k] = left0 / rowCount;
    values[k + 1] = right0 / rowCount;
    values[step + k] = left1 / rowCount;
    values[step + k + 1] = right1 / rowCount;
    values[2 * step + k] = left2 / rowCount;
    values[2 * step + k + 1] = right2 / rowCount;
    values[3 * step + k] = left3 / rowCount;
    values[3 * step + k + 1] = right3 / rowCount;
  }

  private fillOne(k: number): void {
    const column = this.columns[k];
    for (let lane = 0; lane < lanes; lane++) {
      const weight = this.weights[lane];
      let sum = 0;
      for (let t = 0; t < column.length; t++) sum += column[t] * weight[t];
      this.values[lane * this.columns.length + k] = sum / column.length;
    }
  }
}
