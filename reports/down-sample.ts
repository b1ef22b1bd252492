/** Owns the thinning of long columns for pictures. Never random: the same column gives the same rows, and no extreme is lost. */

/**
 * Rows of a column to draw: first, last, and the lowest and highest of each of equal buckets, in time order.
 * All rows where there are no more than pointsMax. NaN rows are passed over. pointsMax ≥ 4.
 */
export function rowsToDraw(column: ArrayLike<number>, pointsMax: number): number[] {
  const length = column.length;
  if (length <= pointsMax) return Array.from({ length }, (_, row) => row);
  const bucketCount = Math.floor((pointsMax - 2) / 2);
  const rows: number[] = [0];
  const push = (row: number) => {
    if (row > rows[rows.length - 1]) rows.push(row);
  };
  for (let bucket = 0; bucket < bucketCount; bucket++) {
    const from = Math.floor((bucket * length) / bucketCount);
    const to = Math.floor(((bucket + 1) * length) / bucketCount);
    const { lowest, highest } = extremes(column, from, to);
    push(Math.min(lowest, highest));
    push(Math.max(lowest, highest));
  }
  push(length - 1);
  return rows;
}

/** The rows of the lowest and highest value in [from, to); the first of equals, from itself where all are NaN. */
function extremes(column: ArrayLike<number>, from: number, to: number): { lowest: number; highest: number } {
  let lowest = from;
  let highest = from;
  for (let row = from + 1; row < to; row++) {
    if (column[row] < column[lowest] || Number.isNaN(column[lowest])) lowest = row;
    if (column[row] > column[highest] || Number.isNaN(column[highest])) highest = row;
  }
  return { lowest, highest };
}

/** The value with so many significant digits, for inlined data: 1234.56789 → 1234.568 of 7. */
export function significant(value: number, digits: number): number {
  return Number.isFinite(value) ? Number(value.toPrecision(digits)) : value;
}
