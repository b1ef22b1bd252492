/** Owns the entries of one instrument that are still open, oldest first. Closed ones are used again for the next. */

/** An entry's quantity that is still open. */
export class Lot {
  orderId = -1;
  /** Its place in the log of fills. */
  fill = -1;
  // A fraction from the start: a field that has held a whole number changes shape at its first fraction.
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
  add(orderId: number, fill: number, sizeBase: number): void {
    if (this.count === this.lots.length) this.lots.push(new Lot());
    const lot = this.lots[this.count++];
    lot.orderId = orderId;
    lot.fill = fill;
    lot.sizeBase = sizeBase;
  }

  remove(k: number): void {
    const removed = this.lots[k];
    this.count--;
    for (let j = k; j < this.count; j++) this.lots[j] = this.lots[j + 1];
    this.lots[this.count] = removed;
  }
}
