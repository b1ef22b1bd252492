/**
 * Owns other tapes made of the moves of one: the same moves in another order (permuted), or drawn again in blocks (bootstrapped). Bars before the
 * window, its first bar and all times stay. Pure; never plays one.
 *
 * A bar is two moves, in logarithms: the gap from the close before to its open, and its body, high, low and close from the open, with the volume.
 * Permuted, gaps and bodies are each put in an order of their own, so that nothing of what one bar says of the next is left; the last close
 * stays where it was. Series of several symbols have the same order, so that what moved together still does; where their times differ, bars at
 * times that not all of them have keep their moves. Source: Masters 2018, Testing and Tuning Market Trading Systems, bar permutation.
 */
import { DataError } from '../errors.ts';
import { lowerBound } from '../feed.ts';
import { exp, log } from '../math.ts';
import { type BarColumns, seriesName, type Tape } from '../model/bar.ts';
import { Grid } from '../model/grid.ts';
import { PlacedRandom } from '../random.ts';
import { finestPlaces, withFinest } from './coarser-tapes.ts';
import { stationaryBlockLength } from './statistics/block-length.ts';
import { drawPermutation } from './statistics/permutation.ts';
import { StationaryBootstrap } from './statistics/stationary-bootstrap.ts';

/** The moves of one finest series, by bar; those of its first bar and of bars before the window mean nothing. */
interface Moves {
  readonly place: number;
  readonly columns: BarColumns;
  readonly tick: Grid;
  /** The window's first bar: it stays, and all before it. */
  readonly base: number;
  readonly gap: Float64Array;
  readonly high: Float64Array;
  readonly low: Float64Array;
  readonly close: Float64Array;
  /** Bars whose moves change places, in order of time; as many for every series, at the same times. */
  slots: Int32Array;
}

export class TapeMoves {
  private readonly tapes: readonly Tape[];
  private readonly series: readonly Moves[];
  private readonly random: PlacedRandom;
  private readonly seed: number;

  /** ticks: by tape. fromMs: start of the window; tapes end with it. */
  constructor(tapes: readonly Tape[], { ticks, fromMs, seed }: { ticks: readonly number[]; fromMs: number; seed: number }) {
    this.tapes = tapes;
    this.seed = seed;
    this.random = new PlacedRandom(seed);
    this.series = [...new Set(finestPlaces(tapes))].map((place) => movesOf(tapes[place], { place, tick: ticks[place], fromMs }));
    const times = this.series.map(({ columns, base }) => columns.openTimeMs.subarray(base + 1));
    const common = times.reduce(commonTimes);
    for (const one of this.series)
      one.slots = Int32Array.from(common, (timeMs) => lowerBound(one.columns.openTimeMs, one.columns.length, timeMs));
  }

  /** Moves that change places. */
  get moveCount(): number {
    return this.series[0].slots.length;
  }

  permuted(replicate: number): Tape[] {
    const gaps = new Int32Array(this.moveCount);
    const bodies = new Int32Array(this.moveCount);
    drawPermutation(gaps, this.random, 2 * replicate);
    drawPermutation(bodies, this.random, 2 * replicate + 1);
    return this.played(gaps, bodies);
  }

  /** blockLengthMean: bars that are kept together on average. */
  bootstrapped(replicate: number, blockLengthMean: number): Tape[] {
    const rows = new Int32Array(this.moveCount);
    if (rows.length > 0)
      new StationaryBootstrap(rows.length, { replicateCount: 1, blockLengthMean, seed: this.seed }).drawRows(replicate, rows);
    return this.played(rows, rows);
  }

  /** Bars to keep together: as many as the moves, or their sizes, hang on one another, the longest of all series. */
  blockLength(): number {
    const lengths = this.series.map(({ slots, gap, close }) => {
      const moves = Float64Array.from(slots, (bar) => gap[bar] + close[bar]);
      return Math.max(stationaryBlockLength(moves), stationaryBlockLength(moves.map(Math.abs)));
    });
    return Math.max(...lengths);
  }

  private played(gaps: Int32Array, bodies: Int32Array): Tape[] {
    return withFinest(this.tapes, new Map(this.series.map((one) => [one.place, walked(one, gaps, bodies)])));
  }
}

/** DATA_QUALITY where a price has no logarithm. */
function movesOf({ key, columns }: Tape, { place, tick, fromMs }: { place: number; tick: number; fromMs: number }): Moves {
  const { length } = columns;
  const base = Math.min(lowerBound(columns.openTimeMs, length, fromMs), length - 1);
  const worthless = columns.low.findIndex((price, i) => i >= base && !(price > 0));
  if (worthless >= 0) {
    const text = `bar ${worthless} goes to ${columns.low[worthless]}, and moves of prices at or below 0 cannot be put in another order`;
    throw new DataError('DATA_QUALITY', `${seriesName(key)}: ${text}; leave such a series out`, { ...key, bar: worthless });
  }
  const moves = {
    gap: new Float64Array(length),
    high: new Float64Array(length),
    low: new Float64Array(length),
    close: new Float64Array(length),
  };
  for (let i = base + 1; i < length; i++) {
    const open = log(columns.open[i]);
    moves.gap[i] = open - log(columns.close[i - 1]);
    moves.high[i] = log(columns.high[i]) - open;
    moves.low[i] = log(columns.low[i]) - open;
    moves.close[i] = log(columns.close[i]) - open;
  }
  return { place, columns, tick: new Grid(tick), base, ...moves, slots: new Int32Array(0) };
}

/** The walk through moves of other bars, in logarithms from the base on and put on the tick bar by bar: nothing of the rounding builds up. */
function walked({ columns, tick, base, gap, high, low, close, slots }: Moves, gaps: Int32Array, bodies: Int32Array): BarColumns {
  const path = {
    open: columns.open.slice(),
    high: columns.high.slice(),
    low: columns.low.slice(),
    close: columns.close.slice(),
    volume: columns.volume.slice(),
  };
  const least = tick.at(1);
  const priceAt = (height: number): number => Math.max(least, tick.round(exp(height)));
  let height = log(columns.close[base]);
  let slot = 0;
  for (let i = base + 1; i < columns.length; i++) {
    const isMoved = slot < slots.length && slots[slot] === i;
    const body = isMoved ? slots[bodies[slot]] : i;
    height += gap[isMoved ? slots[gaps[slot]] : i];
    const first = priceAt(height);
    const last = priceAt(height + close[body]);
    path.open[i] = first;
    path.close[i] = last;
    path.high[i] = Math.max(first, last, priceAt(height + high[body]));
    path.low[i] = Math.min(first, last, priceAt(height + low[body]));
    path.volume[i] = columns.volume[body];
    height += close[body];
    if (isMoved) slot++;
  }
  return { ...columns, ...path };
}

/** Times that both have; each ascends. */
function commonTimes(one: Float64Array, other: Float64Array): Float64Array {
  const common: number[] = [];
  let k = 0;
  for (const timeMs of one) {
    while (k < other.length && other[k] < timeMs) k++;
    if (k < other.length && other[k] === timeMs) common.push(timeMs);
  }
  return Float64Array.from(common);
}
