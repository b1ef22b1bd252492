/** Owns the ways to choose half of an even number of blocks. Never knows what the blocks hold. */

/** Number of ways to choose half of blockCount (even) blocks. */
export function halfSplitCount(blockCount: number): number {
  let count = 1;
  for (let i = 1; i <= blockCount / 2; i++) count = (count * (blockCount / 2 + i)) / i;
  return count;
}

/**
 * Every choice of half the blocks in lexical order, halfSplitCount rows of blockCount / 2 rising block numbers. What row i leaves out is row count − 1 − i.
 */
export function halfSplits(blockCount: number): Uint8Array {
  const half = blockCount / 2;
  const count = halfSplitCount(blockCount);
  const splits = new Uint8Array(count * half);
  for (let j = 0; j < half; j++) splits[j] = j;
  for (let i = 1; i < count; i++) {
    const row = i * half;
    splits.copyWithin(row, row - half, row);
    let at = half - 1;
    while (splits[row + at] === half + at) at--;
    const block = splits[row + at];
    for (let j = at; j < half; j++) splits[row + j] = block + 1 + (j - at);
  }
  return splits;
}
