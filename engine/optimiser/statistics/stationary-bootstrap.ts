/** Owns which rows a replicate of the stationary bootstrap draws. Never sees what stands in them. */
import { PlacedRandom } from '../../random.ts';
import { requireSetting } from './return-columns.ts';

/** How to draw replicates: the same settings give the same rows on every machine, whatever else is drawn. */
export interface Resampling {
  readonly replicateCount: number;
  /** Mean length in rows of the blocks that are kept together, 1 or more: 1 for independent rows, else see stationaryBlockLength. */
  readonly blockLengthMean: number;
  /** Any integer within ±2^53. */
  readonly seed: number;
}

export function requireResampling({ replicateCount, blockLengthMean }: Resampling): void {
  requireSetting(Number.isInteger(replicateCount) && replicateCount >= 1, 'replicateCount', replicateCount, 'a whole number, 1 or more');
  requireSetting(blockLengthMean >= 1 && Number.isFinite(blockLengthMean), 'blockLengthMean', blockLengthMean, '1 or more');
}

/**
 * Blocks of geometric length that start anywhere and go round the end. Each replicate is a stream of its own, so that it does not matter who draws which,
 * in what order. Source: Politis & Romano 1994, The stationary bootstrap.
 */
export class StationaryBootstrap {
  private readonly random: PlacedRandom;
  private readonly rowCount: number;
  private readonly restart: number;

  /** restart: probability that a row begins a new block. */
  constructor(rowCount: number, resampling: Resampling) {
    requireResampling(resampling);
    this.random = new PlacedRandom(resampling.seed);
    this.rowCount = rowCount;
    this.restart = 1 / resampling.blockLengthMean;
  }

  /** Writes the rows of a replicate, in order of drawing. rows[rowCount]. */
  drawRows(replicate: number, rows: Int32Array): void {
    let row = -1;
    for (let i = 0; i < this.rowCount; i++) {
      row = this.rowAfter(row, this.random.uniform(replicate, i));
      rows[i] = row;
    }
  }

  /** Writes how often a replicate draws each row, less 1: its sum over the rows, weighted so, is that of the replicate less that of the sample. */
  drawWeights(replicate: number, weights: Float64Array): void {
    weights.fill(-1);
    let row = -1;
    for (let i = 0; i < this.rowCount; i++) {
      row = this.rowAfter(row, this.random.uniform(replicate, i));
      weights[row]++;
    }
  }

  /** One number decides both whether a block begins and, spread anew, where. row −1: the first one. */
  private rowAfter(row: number, uniform: number): number {
    if (row < 0) return Math.floor(uniform * this.rowCount);
    if (uniform < this.restart) return Math.min(this.rowCount - 1, Math.floor((uniform / this.restart) * this.rowCount));
    return row + 1 === this.rowCount ? 0 : row + 1;
  }
}
