/** Owns which limit orders stand in a queue at their price, and what a bar that touches it does to them. Never fills one. */
import { LimitQueue } from '../../costs/liquidity.ts';
import type { Feed } from '../../feed.ts';
import { isLimitNow, type Order } from '../../model/order.ts';
import type { MatchBar } from './match-bar.ts';

export class Queues {
  private readonly feed: Feed;
  private readonly queue: LimitQueue;

  constructor(share: number, feed: Feed) {
    this.feed = feed;
    this.queue = new LimitQueue(share);
  }

  /** It comes to rest as a limit order, or rests anew at another price. */
  join(order: Order): void {
    if (!isLimitNow(order)) return;
    const { columns, index } = this.feed.finest[order.instrumentIndex];
    this.queue.join(order.id, index < 0 ? 0 : columns.volume[index]);
  }

  leave(order: Order): void {
    this.queue.leave(order.id);
  }

  /** What of the bar would be left for a limit that it touches and does not penetrate; Infinity where it penetrates. */
  beyond(order: Order, bar: MatchBar): number {
    return bestOf(order, bar) === order.limitPrice ? this.queue.beyond(order.id, bar.volume) : Number.POSITIVE_INFINITY;
  }

  /** The bar touches a limit, and trades more than stands before it. */
  isReached(order: Order, bar: MatchBar): boolean {
    return isLimitNow(order) && bestOf(order, bar) === order.limitPrice && this.queue.beyond(order.id, bar.volume) > 0;
  }

  /** The bar is over for a limit that was there all along. */
  pass(order: Order, bar: MatchBar): void {
    if (isLimitNow(order) && bestOf(order, bar) === order.limitPrice) this.queue.pass(order.id, bar.volume);
  }
}

/** The end of the bar's range that a limit waits for. */
function bestOf(order: Order, bar: MatchBar): number {
  return order.side > 0 ? bar.low : bar.high;
}
