/** Owns the entries of one instrument that are still open, oldest first. Closed ones are used again for the next. */
import type { Execution } from '../broker/broker.ts';
import type { TradeEntry } from '../logs.ts';
import type { Order, Side } from '../model/order.ts';

/** An entry's quantity that is still open. feeQuote is what the whole entry of sizeFilled cost. */
export class Lot implements TradeEntry {
  orderId = -1;
  side: Side = 1;
  bar = -1;
  // Fractions from the start: a field that has held a whole number changes shape at its first fraction.
  sizeFilled = Number.NaN;
  priceQuote = Number.NaN;
  feeQuote = Number.NaN;
  timeMs = Number.NaN;
  openTimeMs = Number.NaN;
  sizeBase = Number.NaN;
}

export class LotQueue {
  count = 0;
  /** Never empty: an empty array changes its kind at the first entry, and compiled code with it. */
  private readonly lots: Lot[] = [new Lot()];

  at(k: number): Lot {
    return this.lots[k];
  }

  /** Place of the entry made by this order; the oldest where it has none left. */
  find(orderId: number): number {
    for (let k = 0; k < this.count; k++) if (this.lots[k].orderId === orderId) return k;
    return 0;
  }

  /** sizeBase: what of the fill opens a position, where the rest has closed one. */
  add(order: Order, at: Execution, feeQuote: number, sizeBase: number): void {
    if (this.count === this.lots.length) this.lots.push(new Lot());
    const lot = this.lots[this.count++];
    lot.orderId = order.id;
    lot.side = order.side;
    lot.bar = at.bar;
    lot.sizeFilled = at.sizeBase;
    lot.priceQuote = at.priceQuote;
    lot.feeQuote = feeQuote;
    lot.timeMs = at.timeMs;
    lot.openTimeMs = at.openTimeMs;
    lot.sizeBase = sizeBase;
  }

  remove(k: number): void {
    const removed = this.lots[k];
    this.count--;
    for (let j = k; j < this.count; j++) this.lots[j] = this.lots[j + 1];
    this.lots[this.count] = removed;
  }
}
