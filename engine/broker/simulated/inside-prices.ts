/** Owns at which price an order fills inside a bar, as the semantics say. Never says in which sequence, nor what an order does to the position. */
import type { Order } from '../../model/order.ts';
import { comesAsLimit, isPassedBy, priceInsideBar, priceOnBar } from './fill-rules.ts';
import type { Floor } from './floor.ts';
import type { MatchBar } from './match-bar.ts';

export class InsidePrices {
  private readonly floor: Floor;
  private readonly staysInBar: boolean;
  /** For want of volume an order can be left over from an open that met it. */
  private readonly isScarce: boolean;

  constructor(floor: Floor) {
    this.floor = floor;
    this.staysInBar = floor.settings.semantics.gapFill === 'ownPriceInBar';
    this.isScarce = floor.settings.liquidity.volumeShare !== null;
  }

  /** NaN where the bar does not fill it. */
  of(order: Order, bar: MatchBar): number {
    const { floor } = this;
    const takesBeyond = order.role === 'takeProfit' && floor.profits.isBeyond;
    if (takesBeyond && !floor.targets.isReached(order, bar)) return Number.NaN;
    // After fees a short has made its profit a little before the price that pays it out.
    const price = takesBeyond && this.staysInBar ? order.limitPrice : this.asked(order, bar);
    // A limit that the bar touches, and trades more than stands before it.
    if (Number.isNaN(price)) return floor.queues?.isReached(order, bar) === true ? order.limitPrice : price;
    return this.staysInBar ? this.inBar(order, price, bar) : price;
  }

  /** What the open has met and not filled, because it was made at that open or for want of volume, fills at it: at no price the bar never offered. */
  private asked(order: Order, bar: MatchBar): number {
    const { rule, keepsOwnPrices } = this.floor;
    const isPlain = (order.liveMs < bar.openMs && !this.isScarce) || keepsOwnPrices || this.staysInBar;
    return isPlain ? priceInsideBar(order, bar.high, bar.low, rule) : priceOnBar(order, bar, rule);
  }

  /** Its own price, which lies outside the bar where the open has passed it: then the open of a stop, the bar's nearest price of a limit. */
  private inBar(order: Order, price: number, bar: MatchBar): number {
    if (comesAsLimit(order)) {
      if (order.role === 'takeProfit' && isPassedBy(order, bar.open) && this.floor.targets.isMovedAt(order, bar)) return bar.open;
      return Math.min(Math.max(price, bar.low), bar.high);
    }
    const filled = price > bar.high || price < bar.low ? bar.open : price;
    return order.kind === 'stopLimit' && order.side * (order.limitPrice - filled) < 0 ? Number.NaN : filled;
  }
}
