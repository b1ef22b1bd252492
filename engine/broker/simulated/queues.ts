/** Owns which limit orders stand in a queue at their price, and what a bar that touches it does to them. Never fills one. */
import { LimitQueue } from '../../costs/liquidity.ts';
import type { Feed } from '../../feed.ts';
import type { Grid } from '../../model/grid.ts';
import { isLimitNow, type Order } from '../../model/order.ts';
import type { MatchBar } from './match-bar.ts';

export class Queues {
  private readonly feed: Feed;
  private readonly lots: readonly Grid[];
  private readonly queue: LimitQueue;
  /** When each came to rest, by order id. */
  private readonly joinedMs = new Map<number, number>();

  constructor(share: number, feed: Feed, lots: readonly Grid[]) {
    this.feed = feed;
    this.lots = lots;
    this.queue = new LimitQueue(share);
  }

  /** It comes to rest as a limit order, or rests anew at another price. */
  join(order: Order, timeMs: number): void {
    if (!isLimitNow(order)) return;
    this.joinedMs.set(order.id, timeMs);
    const series = this.feed.finest[order.instrumentIndex];
    // What arrives inside a bar is told as that bar closes.
    const last = series.index >= 0 && series.closeMs(series.index) > timeMs ? series.index - 1 : series.index;
    this.queue.join(order.id, last < 0 ? 0 : series.columns.volume[last]);
  }

  leave(order: Order): void {
    this.joinedMs.delete(order.id);
    this.queue.leave(order.id);
  }

  /** What of the bar would be left for a limit that it touches and does not penetrate, on the lot; Infinity where it penetrates. */
  beyond(order: Order, bar: MatchBar): number {
    if (bestOf(order, bar) !== order.limitPrice) return Number.POSITIVE_INFINITY;
    return this.wasThere(order, bar) ? this.lots[order.instrumentIndex].floor(this.queue.beyond(order.id, bar.volume)) : 0;
  }

  /** The bar touches a limit, and trades more than stands before it. */
  isReached(order: Order, bar: MatchBar): boolean {
    return isLimitNow(order) && this.beyond(order, bar) > 0 && bestOf(order, bar) === order.limitPrice;
  }

  /** The bar is over for a limit that was there all along. */
  pass(order: Order, bar: MatchBar): void {
    if (isLimitNow(order) && this.wasThere(order, bar) && bestOf(order, bar) === order.limitPrice) this.queue.pass(order.id, bar.volume);
  }

  /** It rested when the bar opened: of one in which it came to rest nobody knows what traded behind it. */
  private wasThere(order: Order, bar: MatchBar): boolean {
    const joinedMs = this.joinedMs.get(order.id);
    return joinedMs !== undefined && joinedMs <= bar.openMs;
  }
}

/** The end of the bar's range that a limit waits for. */
function bestOf(order: Order, bar: MatchBar): number {
  return order.side > 0 ? bar.low : bar.high;
}
