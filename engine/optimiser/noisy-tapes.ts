/** Owns bars with noise on their prices: what a run hangs on that is finer than the market is told. Pure; never alters times or volumes. */

import type { BarColumns, Tape } from '../model/bar.ts';
import { Grid } from '../model/grid.ts';
import { PlacedRandom } from '../random.ts';
import { finestPlaces, withFinest } from './coarser-tapes.ts';

export interface Noise {
  /** Standard deviation of what is added to each price, as a fraction of the mean true range of the bars up to it. */
  readonly rangeFraction: number;
  readonly replicate: number;
  readonly seed: number;
}

const rangeBars = 14;
const fields = 4;

/**
 * Every price of every finest bar moved on its own by normal noise, put on the tick, at least one tick; high and low are then the outermost of
 * the four, so that bars stay valid and grow by a little. ticks: by tape. Coarser series are made from the noisy bars.
 */
export function noisyTapes(tapes: readonly Tape[], ticks: readonly number[], noise: Noise): Tape[] {
  const altered = new Map<number, BarColumns>();
  for (const place of new Set(finestPlaces(tapes))) {
    // A stream for each tape and price of each replicate: it does not matter who draws which.
    const stream = (noise.replicate * tapes.length + place) * fields;
    altered.set(place, noisyColumns(tapes[place].columns, new Grid(ticks[place]), { ...noise, stream }));
  }
  return withFinest(tapes, altered);
}

function noisyColumns(columns: BarColumns, tick: Grid, { rangeFraction, seed, stream }: Noise & { readonly stream: number }): BarColumns {
  const { length, open, high, low, close } = columns;
  const random = new PlacedRandom(seed);
  const least = tick.at(1);
  const noisy = {
    open: new Float64Array(length),
    high: new Float64Array(length),
    low: new Float64Array(length),
    close: new Float64Array(length),
  };
  const ranges = new Float64Array(rangeBars);
  for (let i = 0; i < length; i++) {
    ranges[i % rangeBars] = trueRange(columns, i);
    const deviation = rangeFraction * meanOf(ranges, Math.min(i + 1, rangeBars));
    const moved = (value: number, field: number): number =>
      Math.max(least, tick.round(value + deviation * random.normal(stream + field, i)));
    const first = moved(open[i], 0);
    const upper = moved(high[i], 1);
    const lower = moved(low[i], 2);
    const last = moved(close[i], 3);
    noisy.open[i] = first;
    noisy.close[i] = last;
    noisy.high[i] = Math.max(first, upper, lower, last);
    noisy.low[i] = Math.min(first, upper, lower, last);
  }
  return { ...columns, ...noisy };
}

/** From the close before, where there is one. */
function trueRange({ high, low, close }: BarColumns, i: number): number {
  if (i === 0) return high[0] - low[0];
  return Math.max(high[i], close[i - 1]) - Math.min(low[i], close[i - 1]);
}

/** Of the first entries, summed anew each time: nothing builds up. */
function meanOf(values: Float64Array, count: number): number {
  let sum = 0;
  for (let k = 0; k < count; k++) sum += values[k];
  return sum / count;
}
