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

/** +1 where the price must rise from the open to fill the order, −1 where it must fall, 0 where the open has passed it: then it comes first. */
export function fillDirection(order: Order, open: number): number {
  const isLimit = order.kind === 'limit' || order.isTriggered;
  const price = isLimit ? order.limitPrice : order.stopPrice;
  const isPassed = isLimit ? order.side * (price - open) > 0 : order.side * (open - price) >= 0;
  if (isPassed) return 0;
  return isLimit ? -order.side : order.side;
}
