/** Owns Sharpe ratios of all columns over any choice of blocks of rows, from sums taken once. Never ranks them. */
import type { ReturnColumns } from './return-columns.ts';

/** Whether squared deviations, square − sum² / n, are more than what rounding leaves of a column that does not move. */
export function hasMoved(squaredDeviations: number, square: number): boolean {
  return squaredDeviations > 1e-12 * square;
}

/** Sums and sums of squares of each column over equal blocks; the rows left over are the first ones. */
export class BlockSums {
  readonly columnCount: number;
  readonly rowCountPerBlock: number;
  readonly sums: Float64Array;
  readonly squares: Float64Array;

  constructor(columns: ReturnColumns, { rowCount, blockCount }: { rowCount: number; blockCount: number }) {
    const columnCount = columns.length;
    this.columnCount = columnCount;
    this.rowCountPerBlock = Math.floor(rowCount / blockCount);
    this.sums = new Float64Array(blockCount * columnCount);
    this.squares = new Float64Array(blockCount * columnCount);
    const start = rowCount - this.rowCountPerBlock * blockCount;
    for (let k = 0; k < columnCount; k++) {
      const column = columns[k];
      for (let block = 0; block < blockCount; block++) {
        const from = start + block * this.rowCountPerBlock;
        let sum = 0;
        let square = 0;
        for (let t = from; t < from + this.rowCountPerBlock; t++) {
          sum += column[t];
          square += column[t] * column[t];
        }
        this.sums[block * columnCount + k] = sum;
        this.squares[block * columnCount + k] = square;
      }
    }
  }
}

/**
 * Walks over choices of blocks. Sums of the first blocks of a choice are kept: the next choice in lexical order shares most of them. Always added in rising
 * order of blocks, so that equal columns stay equal to the last bit, and idle ones exactly 0.
 */
export class BlockSharpes {
  /** Sharpe ratio of each column over the blocks of the last walk; a column that did not move there took no chance: 0. */
  readonly sharpes: Float64Array;
  private readonly blocks: BlockSums;
  private readonly ratePerPeriod: number;
  private readonly chosen: Int32Array;
  private readonly sums: Float64Array;
  private readonly squares: Float64Array;

  constructor(blocks: BlockSums, { blockCountChosen, ratePerPeriod }: { blockCountChosen: number; ratePerPeriod: number }) {
    this.sharpes = new Float64Array(blocks.columnCount);
    this.blocks = blocks;
    this.ratePerPeriod = ratePerPeriod;
    this.chosen = new Int32Array(blockCountChosen).fill(-1);
    this.sums = new Float64Array(blockCountChosen * blocks.columnCount);
    this.squares = new Float64Array(blockCountChosen * blocks.columnCount);
  }

  /** Sets sharpes to those over splits[from], splits[from + 1], … */
  walkTo(splits: Uint8Array, from: number): void {
    const { chosen } = this;
    let same = 0;
    while (same < chosen.length && chosen[same] === splits[from + same]) same++;
    for (let depth = same; depth < chosen.length; depth++) {
      chosen[depth] = splits[from + depth];
      this.addBlock(depth, chosen[depth] * this.blocks.columnCount);
    }
    this.fillSharpes();
  }

  private addBlock(depth: number, from: number): void {
    const { sums, squares } = this;
    const { columnCount, sums: ofBlock, squares: squaresOfBlock } = this.blocks;
    const at = depth * columnCount;
    if (depth === 0) {
      for (let k = 0; k < columnCount; k++) {
        sums[k] = ofBlock[from + k];
        squares[k] = squaresOfBlock[from + k];
      }
      return;
    }
    const before = at - columnCount;
    for (let k = 0; k < columnCount; k++) {
      sums[at + k] = sums[before + k] + ofBlock[from + k];
      squares[at + k] = squares[before + k] + squaresOfBlock[from + k];
    }
  }

  private fillSharpes(): void {
    const { sharpes, sums, squares, ratePerPeriod } = this;
    const { columnCount, rowCountPerBlock } = this.blocks;
    const rowCount = rowCountPerBlock * this.chosen.length;
    const at = (this.chosen.length - 1) * columnCount;
    for (let k = 0; k < columnCount; k++) {
      const mean = sums[at + k] / rowCount;
      const square = squares[at + k];
      const variation = square - mean * sums[at + k];
      sharpes[k] = hasMoved(variation, square) ? (mean - ratePerPeriod) / Math.sqrt(variation / (rowCount - 1)) : 0;
    }
  }
}
