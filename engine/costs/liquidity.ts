/** Owns how much of a bar's volume is there for our orders, and who stands before them. Numbers in, quantities out; never sees an order or a bar. */
import type { Grid } from '../model/grid.ts';

/** What was drawn of the bar that each instrument draws on now; a bar left behind is never drawn on again. */
class Drawn {
  private readonly bars: Float64Array;
  private readonly sizes: Float64Array;

  constructor(instrumentCount: number) {
    this.bars = new Float64Array(instrumentCount).fill(Number.NaN);
    this.sizes = new Float64Array(instrumentCount);
  }

  of(instrumentIndex: number, bar: number): number {
    return this.bars[instrumentIndex] === bar ? this.sizes[instrumentIndex] : 0;
  }

  set(instrumentIndex: number, bar: number, sizeBase: number): void {
    this.bars[instrumentIndex] = bar;
    this.sizes[instrumentIndex] = sizeBase;
  }
}

/** The share of each bar's volume that all our fills together may take, whoever's orders they are. */
export class VolumeShare {
  private readonly share: number;
  private readonly lots: readonly Grid[];
  /** Holds every lot there is, was or will be. */
  private readonly sizes: readonly Grid[];
  private readonly drawn: Drawn;

  /** lots: as in force now; sizes: the grid that holds them at all times. */
  constructor(share: number, lots: readonly Grid[], sizes: readonly Grid[]) {
    this.share = share;
    this.lots = lots;
    this.sizes = sizes;
    this.drawn = new Drawn(lots.length);
  }

  /** What may still fill of this bar, on the lot. bar: any number that tells the bars of an instrument apart. */
  left(instrumentIndex: number, bar: number, volume: number): number {
    const lot = this.lots[instrumentIndex];
    const size = this.sizes[instrumentIndex];
    const left = Math.max(0, size.round(lot.floor(this.share * volume) - this.drawn.of(instrumentIndex, bar)));
    // What was drawn may be no whole lot: the rest of an order that was sent under another.
    return lot === size ? left : lot.floor(left);
  }

  draw(instrumentIndex: number, bar: number, sizeBase: number): void {
    const sum = this.sizes[instrumentIndex].round(this.drawn.of(instrumentIndex, bar) + sizeBase);
    this.drawn.set(instrumentIndex, bar, sum);
  }
}

/** What lies ahead of each limit order at its price. */
export class LimitQueue {
  private readonly share: number;
  private readonly ahead = new Map<number, number>();

  constructor(share: number) {
    this.share = share;
  }

  /** The order comes to rest behind this share of the volume of the bar that closed last; again after its price was amended. */
  join(orderId: number, volume: number): void {
    this.ahead.set(orderId, this.share * volume);
  }

  /** What of a bar's volume at its price is left for the order once all ahead of it has filled. */
  beyond(orderId: number, volume: number): number {
    return Math.max(0, volume - (this.ahead.get(orderId) ?? 0));
  }

  /** A bar has traded so much at its price. */
  pass(orderId: number, volume: number): void {
    this.ahead.set(orderId, Math.max(0, (this.ahead.get(orderId) ?? 0) - volume));
  }

  leave(orderId: number): void {
    this.ahead.delete(orderId);
  }
}
