/**
 * Owns the maximum position of one instrument, judged twice. At submit an order counts on top of the position and the market orders on their
 * way, at its own price. At the fill it may make the position it was admitted for, whatever price and equity have done since; where other fills
 * have made it more, it must lie under the cap at the price of the fill. Never looks at other instruments: caps of the book are book-limits.ts.
 */
import type { Order } from '../model/order.ts';

export interface CapQuestion {
  readonly equityQuote: number;
  /** Quote per base unit at the price that it is judged at. */
  readonly unitQuote: number;
}

export class PositionCap {
  readonly isSet: boolean;
  readonly fractionMax: number;
  /** By order id, the position in the order's direction that it was admitted for; kept only where there is a maximum position. */
  private admittedBase = new Float64Array(64);

  constructor(fractionMax: number) {
    this.fractionMax = fractionMax;
    this.isSet = fractionMax !== Number.POSITIVE_INFINITY;
  }

  /** The maximum position as a base quantity. */
  base({ equityQuote, unitQuote }: CapQuestion): number {
    return (equityQuote * this.fractionMax) / unitQuote;
  }

  noteAdmitted(order: Order, positionBase: number): void {
    if (!this.isSet) return;
    if (order.id >= this.admittedBase.length) {
      const wider = new Float64Array(order.id * 4);
      wider.set(this.admittedBase);
      this.admittedBase = wider;
    }
    this.admittedBase[order.id] = positionBase;
  }

  /** The header's rule at the fill: NaN where a position of this size in the order's direction may be made, otherwise the cap it is above. */
  passedAtFill(order: Order, afterBase: number, question: CapQuestion): number {
    if (afterBase <= 0 || afterBase <= this.admittedBase[order.id] * (1 + 1e-9)) return Number.NaN;
    const cap = this.base(question);
    return afterBase <= cap * (1 + 1e-9) ? Number.NaN : cap;
  }
}
