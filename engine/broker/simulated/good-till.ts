/** Owns when orders expire by time. Never looks at prices. */
import { timeUtc } from '../../figure-text.ts';
import type { Order } from '../../model/order.ts';
import { isEnded } from '../../model/order-state.ts';
import { dayMs } from '../../model/timeframe.ts';
import type { Floor } from './floor.ts';

export class GoodTill {
  /** The first moment at which one of them expires; Infinity where none does. */
  nextMs = Number.POSITIVE_INFINITY;
  private readonly floor: Floor;
  /** When each order ends, in the sequence in which they came. */
  private readonly watched = new Map<Order, number>();

  constructor(floor: Floor) {
    this.floor = floor;
  }

  /** An order that was sent, or is held, and lives till a date or to the end of its day; others are passed over. */
  watch(order: Order): void {
    const { terms } = order;
    if (terms === undefined) return;
    let goodTillMs = Number.NaN;
    if (terms.timeInForce === 'GTD') goodTillMs = terms.goodTillMs;
    // Of a held order the day is known when it is sent.
    else if (terms.timeInForce === 'DAY' && order.status !== 'held') goodTillMs = (Math.floor(order.submittedMs / dayMs) + 1) * dayMs;
    if (Number.isNaN(goodTillMs)) return;
    this.watched.set(order, goodTillMs);
    this.nextMs = Math.min(this.nextMs, goodTillMs);
  }

  /** Ends what lives no longer than this; isInclusive: and what lives exactly as long. */
  expire(timeMs: number, isInclusive: boolean): void {
    if (timeMs < this.nextMs) return;
    this.nextMs = Number.POSITIVE_INFINITY;
    for (const [order, goodTillMs] of this.watched) {
      if (!isEnded(order.status)) {
        if (goodTillMs > timeMs || (goodTillMs === timeMs && !isInclusive)) continue;
        this.floor.expire(order, `good till ${timeUtc(goodTillMs)}`);
      }
      this.watched.delete(order);
    }
    for (const goodTillMs of this.watched.values()) this.nextMs = Math.min(this.nextMs, goodTillMs);
    this.floor.book.sweep();
  }
}
