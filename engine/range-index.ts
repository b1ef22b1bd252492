/** Owns the lowest and the highest of each block of bars, so that a search for the first bar that leaves a range passes over whole blocks. Never changes a column. */
import type { BarColumns } from './model/bar.ts';

/** Bars of a block and of a wide one, as powers of two: whole numbers all the way, which divisions would not be to the compiler. */
const blockShift = 5;
const wideShift = 8;

/** Lowest and highest of blocks, and of blocks of blocks; the last ones may be short. */
interface Extremes {
  readonly low: Float64Array;
  readonly high: Float64Array;
  readonly wideLow: Float64Array;
  readonly wideHigh: Float64Array;
}

/** What an account is worth while cash and one position stand still: cash + sizeBase × close × multiplier, in this order of rounding. Filled in again and again. */
export class HeldLine {
  cashQuote = Number.NaN;
  sizeBase = Number.NaN;
  readonly multiplier: number;
  constructor(multiplier: number) {
    this.multiplier = multiplier;
  }
}

export class RangeIndex {
  private readonly columns: BarColumns;
  private readonly inside: Extremes;
  private readonly closes: Extremes;

  private constructor(columns: BarColumns) {
    const { length, open, high, low, close } = columns;
    this.columns = columns;
    // An open outside its bar's range is bad data, but may be played: it is a price too.
    this.inside = extremesOf(
      length,
      (i) => Math.min(low[i], open[i]),
      (i) => Math.max(high[i], open[i]),
    );
    this.closes = extremesOf(
      length,
      (i) => close[i],
      (i) => close[i],
    );
  }

  /** Made once a tape. */
  static of(columns: BarColumns): RangeIndex {
    let index = indexes.get(columns);
    if (index === undefined) {
      index = new RangeIndex(columns);
      indexes.set(columns, index);
    }
    return index;
  }

  /** What a held line is worth at the close of a bar. */
  worth(bar: number, { cashQuote, sizeBase, multiplier }: HeldLine): number {
    // Of nothing held no close is looked at: it would be a miss of every cache.
    return sizeBase === 0 ? cashQuote : cashQuote + sizeBase * this.columns.close[bar] * multiplier;
  }

  /** First bar of from ≤ bar < to that reaches risesTo from below or fallsTo from above; to where none does. */
  firstReaching(from: number, to: number, { risesTo, fallsTo }: { readonly risesTo: number; readonly fallsTo: number }): number {
    const { high, low, open } = this.columns;
    const { inside } = this;
    let bar = from;
    while (bar < to) {
      // What no bar of a block reaches, none of its part does.
      const w = bar >> wideShift;
      if (inside.wideHigh[w] < risesTo && inside.wideLow[w] > fallsTo) {
        bar = (w + 1) << wideShift;
        continue;
      }
      const k = bar >> blockShift;
      const end = Math.min((k + 1) << blockShift, to);
      if (inside.high[k] < risesTo && inside.low[k] > fallsTo) {
        bar = end;
        continue;
      }
      for (; bar < end; bar++) if (high[bar] >= risesTo || low[bar] <= fallsTo || open[bar] >= risesTo || open[bar] <= fallsTo) return bar;
    }
    return to;
  }

  /**
   * First bar of from ≤ bar < to at whose close a held line is worth less than low, or not less than high; to where none is. Rounding keeps
   * order, so that a block's highest close tells its highest worth to the last bit.
   */
  firstWorthOutside({ cashQuote, sizeBase, multiplier }: HeldLine, from: number, to: number, low: number, high: number): number {
    const { close } = this.columns;
    const isLong = sizeBase > 0;
    const lows = isLong ? this.closes.low : this.closes.high;
    const highs = isLong ? this.closes.high : this.closes.low;
    let bar = from;
    while (bar < to) {
      const k = bar >> blockShift;
      const end = Math.min((k + 1) << blockShift, to);
      if (cashQuote + sizeBase * lows[k] * multiplier >= low && cashQuote + sizeBase * highs[k] * multiplier < high) {
        bar = end;
        continue;
      }
      for (; bar < end; bar++) {
        const worth = cashQuote + sizeBase * close[bar] * multiplier;
        if (worth < low || worth >= high) return bar;
      }
    }
    return to;
  }
}

const indexes = new WeakMap<BarColumns, RangeIndex>();

function extremesOf(length: number, lowOf: (i: number) => number, highOf: (i: number) => number): Extremes {
  const blockCount = (length >> blockShift) + 1;
  const low = new Float64Array(blockCount).fill(Number.POSITIVE_INFINITY);
  const high = new Float64Array(blockCount).fill(Number.NEGATIVE_INFINITY);
  for (let i = 0; i < length; i++) {
    const k = i >> blockShift;
    low[k] = Math.min(low[k], lowOf(i));
    high[k] = Math.max(high[k], highOf(i));
  }
  const wideCount = (length >> wideShift) + 1;
  const wideLow = new Float64Array(wideCount).fill(Number.POSITIVE_INFINITY);
  const wideHigh = new Float64Array(wideCount).fill(Number.NEGATIVE_INFINITY);
  for (let k = 0; k < blockCount; k++) {
    const w = k >> (wideShift - blockShift);
    wideLow[w] = Math.min(wideLow[w], low[k]);
    wideHigh[w] = Math.max(wideHigh[w], high[k]);
  }
  return { low, high, wideLow, wideHigh };
}
