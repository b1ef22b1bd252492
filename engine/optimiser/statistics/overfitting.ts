/** Owns the probability that choosing the best in sample chooses below the middle out of sample: PBO by combinatorially symmetric cross-validation. Never draws at random. */
import { log } from '../../math.ts';
import { BlockSharpes, BlockSums, hasMoved } from './block-sharpes.ts';
import { halfSplitCount, halfSplits } from './half-splits.ts';
import { type ReturnColumns, requireSetting, rowCountOf } from './return-columns.ts';

export interface OverfittingOptions {
  /** Even, 2 to 24; 16 gives 12,870 splits. */
  readonly blockCount: number;
  /** What a period earns without risk, a fraction. */
  readonly ratePerPeriod: number;
}

/** One entry a split, splits in lexical order of their in-sample blocks. */
export interface Overfitting {
  /** Share of splits whose logit is 0 or less. */
  readonly probability: number;
  /** ln(ω / (1 − ω)), ω the rank of the chosen column out of sample over the number of columns + 1. */
  readonly logits: Float64Array;
  readonly columnsChosen: Int32Array;
  /** Sharpe ratios per period of the chosen column. */
  readonly sharpesInSample: Float64Array;
  readonly sharpesOutOfSample: Float64Array;
  /** Share of splits in which the chosen column's ratio out of sample is below 0. */
  readonly lossProbability: number;
  /** Ratio out of sample = intercept + slope × ratio in sample, by least squares; no spread in sample → NaN. */
  readonly degradation: Line;
  /** Rows that took part; the first ones are left out where the blocks do not divide them. */
  readonly rowCountUsed: number;
}

/**
 * Probability of backtest overfitting of a choice by Sharpe ratio among these columns.
 * Equal ranks share their mean. Among columns equally good in sample the one that does worst out of sample counts (pessimistic), so that the order of the
 * columns changes nothing. Fewer than two columns that move, a NaN return, or blocks too short for a deviation in each half → NaN throughout, no splits.
 * Source: Bailey, Borwein, López de Prado & Zhu 2017, The probability of backtest overfitting.
 */
export function probabilityOfOverfitting(columns: ReturnColumns, { blockCount, ratePerPeriod }: OverfittingOptions): Overfitting {
  const isEven = Number.isInteger(blockCount / 2) && blockCount >= 2 && blockCount <= 24;
  requireSetting(isEven, 'blockCount', blockCount, 'even, 2 to 24');
  const rowCount = rowCountOf(columns);
  const blocks = new BlockSums(columns, { rowCount, blockCount });
  const half = blockCount / 2;
  if (blocks.rowCountPerBlock * half < 2 || !canBeRanked(blocks)) return summarise(new SplitOutcomes(0), 0);
  const splits = halfSplits(blockCount);
  const count = halfSplitCount(blockCount);
  const outcomes = new SplitOutcomes(count);
  const lower = new BlockSharpes(blocks, { blockCountChosen: half, ratePerPeriod });
  const upper = new BlockSharpes(blocks, { blockCountChosen: half, ratePerPeriod });
  // Each half is walked to once: it is in sample in one split, out of sample in that of its complement.
  for (let i = 0; i < count / 2; i++) {
    const complement = count - 1 - i;
    lower.walkTo(splits, i * half);
    upper.walkTo(splits, complement * half);
    outcomes.judge(i, lower.sharpes, upper.sharpes);
    outcomes.judge(complement, upper.sharpes, lower.sharpes);
  }
  return summarise(outcomes, blocks.rowCountPerBlock * blockCount);
}

/** At least two columns that move in some block, and no NaN anywhere. */
function canBeRanked({ columnCount, rowCountPerBlock, sums, squares }: BlockSums): boolean {
  let moving = 0;
  for (let k = 0; k < columnCount; k++) {
    let sum = 0;
    let square = 0;
    for (let at = k; at < sums.length; at += columnCount) {
      sum += sums[at];
      square += squares[at];
    }
    if (Number.isNaN(square)) return false;
    const rowCount = (sums.length / columnCount) * rowCountPerBlock;
    if (hasMoved(square - (sum * sum) / rowCount, square)) moving++;
  }
  return moving >= 2;
}

class SplitOutcomes {
  readonly logits: Float64Array;
  readonly columnsChosen: Int32Array;
  readonly sharpesInSample: Float64Array;
  readonly sharpesOutOfSample: Float64Array;

  constructor(count: number) {
    this.logits = new Float64Array(count);
    this.columnsChosen = new Int32Array(count);
    this.sharpesInSample = new Float64Array(count);
    this.sharpesOutOfSample = new Float64Array(count);
  }

  judge(split: number, inSample: Float64Array, outOfSample: Float64Array): void {
    const count = inSample.length;
    let best = 0;
    for (let k = 1; k < count; k++) {
      if (inSample[k] > inSample[best] || (inSample[k] === inSample[best] && outOfSample[k] < outOfSample[best])) best = k;
    }
    const chosen = outOfSample[best];
    let below = 0;
    let equal = 0;
    for (let k = 0; k < count; k++) {
      if (outOfSample[k] < chosen) below++;
      else if (outOfSample[k] === chosen) equal++;
    }
    const rank = below + (equal + 1) / 2;
    this.logits[split] = log(rank / (count + 1 - rank));
    this.columnsChosen[split] = best;
    this.sharpesInSample[split] = inSample[best];
    this.sharpesOutOfSample[split] = chosen;
  }
}

function summarise({ logits, columnsChosen, sharpesInSample, sharpesOutOfSample }: SplitOutcomes, rowCountUsed: number): Overfitting {
  let overfitted = 0;
  let losses = 0;
  for (let i = 0; i < logits.length; i++) {
    if (logits[i] <= 0) overfitted++;
    if (sharpesOutOfSample[i] < 0) losses++;
  }
  return {
    probability: overfitted / logits.length,
    logits,
    columnsChosen,
    sharpesInSample,
    sharpesOutOfSample,
    lossProbability: losses / logits.length,
    degradation: fitLine(sharpesInSample, sharpesOutOfSample),
    rowCountUsed,
  };
}

export interface Line {
  readonly intercept: number;
  readonly slope: number;
  /** R², adjusted for the one slope; fewer than three points → NaN. */
  readonly determinationAdjusted: number;
}

/** y = intercept + slope × x by least squares; fewer than two points or no spread in x → NaN. */
export function fitLine(x: Float64Array, y: Float64Array): Line {
  const count = x.length;
  let meanX = 0;
  let meanY = 0;
  for (let i = 0; i < count; i++) {
    meanX += x[i] / count;
    meanY += y[i] / count;
  }
  let xx = 0;
  let xy = 0;
  let yy = 0;
  for (let i = 0; i < count; i++) {
    xx += (x[i] - meanX) * (x[i] - meanX);
    xy += (x[i] - meanX) * (y[i] - meanY);
    yy += (y[i] - meanY) * (y[i] - meanY);
  }
  const slope = xx > 0 ? xy / xx : Number.NaN;
  const unexplained = 1 - (slope * xy) / yy;
  const determinationAdjusted = count > 2 ? 1 - (unexplained * (count - 1)) / (count - 2) : Number.NaN;
  return { intercept: count > 0 ? meanY - slope * meanX : Number.NaN, slope, determinationAdjusted };
}
