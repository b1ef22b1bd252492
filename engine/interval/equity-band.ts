/** Owns the band that equity curves lie in, thinned to what is kept with a run. Never draws. */
import type { EquityColumns } from '../result.ts';
import type { EquityBand } from './interval.ts';

const pointsMax = 400;

/** curves: equity of each policy at the rows of the run. Of each of equal spans the row of the lowest and that of the highest equity are kept. */
export function equityBand(run: EquityColumns, curves: readonly Float64Array[]): EquityBand {
  const { timeMs, equityQuote } = run;
  const lowest = edgeOf(curves, Math.min);
  const highest = edgeOf(curves, Math.max);
  const rows = rowsToKeep(lowest, highest);
  const at = (column: Float64Array): number[] => rows.map((row) => column[row]);
  return { timeMs: at(timeMs), lowestQuote: at(lowest), highestQuote: at(highest), runQuote: at(equityQuote) };
}

function edgeOf(curves: readonly Float64Array[], outer: (a: number, b: number) => number): Float64Array {
  const edge = curves[0].slice();
  for (const curve of curves) for (let row = 0; row < edge.length; row++) edge[row] = outer(edge[row], curve[row]);
  return edge;
}

function rowsToKeep(lowest: Float64Array, highest: Float64Array): number[] {
  const { length } = lowest;
  if (length <= pointsMax) return Array.from(lowest, (_, row) => row);
  const spanCount = pointsMax / 2 - 1;
  const rows = new Set([0]);
  for (let span = 0; span < spanCount; span++) {
    const from = Math.floor((span * length) / spanCount);
    const to = Math.floor(((span + 1) * length) / spanCount);
    let low = from;
    let high = from;
    for (let row = from + 1; row < to; row++) {
      if (lowest[row] < lowest[low]) low = row;
      if (highest[row] > highest[high]) high = row;
    }
    rows.add(Math.min(low, high)).add(Math.max(low, high));
  }
  return [...rows.add(length - 1)];
}
