/** Owns when and at which price an order fills on a bar. Pure: prices in, price out; NaN where nothing fills. */
import type { Order } from '../../model/order.ts';

/** A limit that needs penetration fills when the price goes through it, otherwise on a touch. */
export interface LimitRule {
  readonly needsPenetration: boolean;
}

/** At an open: market orders fill; stops and limits the open has passed fill at the open, the worse and the better price they could get. */
export function priceAtOpen(order: Order, open: number, rule: LimitRule): number {
  switch (order.kind) {
    case 'market':
      return open;
    case 'stop':
      return order.side * (open - order.stopPrice) >= 0 ? open : Number.NaN;
    case 'limit':
      return isLimitReached(order.side, open, order.limitPrice, rule) ? open : Number.NaN;
    default:
      if (order.isTriggered) return isLimitReached(order.side, open, order.limitPrice, rule) ? open : Number.NaN;
      return order.side * (open - order.stopPrice) >= 0 && order.side * (order.limitPrice - open) >= 0 ? open : Number.NaN;
  }
}

/** Inside a bar, for an order live since its open: the price it asked for where the bar's range reaches it. */
export function priceInsideBar(order: Order, high: number, low: number, rule: LimitRule): number {
  const best = order.side > 0 ? low : high;
  switch (order.kind) {
    case 'market':
      return Number.NaN;
    case 'stop':
      return isStopReached(order, high, low) ? order.stopPrice : Number.NaN;
    case 'limit':
      return isLimitReached(order.side, best, order.limitPrice, rule) ? order.limitPrice : Number.NaN;
    default:
      if (order.isTriggered) return isLimitReached(order.side, best, order.limitPrice, rule) ? order.limitPrice : Number.NaN;
      // Stop reached, and its price is no worse than the limit: filled there. Otherwise the limit is taken to have come first and rests.
      return isStopReached(order, high, low) && order.side * (order.limitPrice - order.stopPrice) >= 0 ? order.stopPrice : Number.NaN;
  }
}

/** The stop of a stop or stop-limit order lies inside the bar's range. */
export function isStopReached(order: Order, high: number, low: number): boolean {
  return order.side > 0 ? high >= order.stopPrice : low <= order.stopPrice;
}

function isLimitReached(side: number, price: number, limitPrice: number, rule: LimitRule): boolean {
  const through = side * (limitPrice - price);
  return rule.needsPenetration ? through > 0 : through >= 0;
}

/** The price whose touch makes the order fill. */
export function triggerPrice(order: Order): number {
  return order.kind === 'limit' || order.isTriggered ? order.limitPrice : order.stopPrice;
}
