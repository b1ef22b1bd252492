/** Owns when and at which price an order fills on a bar. Pure: prices in, price out; NaN where nothing fills. */
import { isLimitNow, isMarketNow, type Order } from '../../model/order.ts';

/** A limit that needs penetration fills when the price goes through it, otherwise on a touch. */
export interface LimitRule {
  readonly needsPenetration: boolean;
}

/** At an open: market orders fill; what the open has passed fills at the open, the worse or the better price it could get. */
export function priceAtOpen(order: Order, open: number, rule: LimitRule): number {
  if (isMarketNow(order)) return open;
  if (isLimitNow(order)) return isLimitReached(order.side, open, order.limitPrice, rule) ? open : Number.NaN;
  switch (order.kind) {
    case 'stop':
    case 'trailingStop':
      return isStopReached(order, open, open) ? open : Number.NaN;
    case 'stopLimit':
      return isStopReached(order, open, open) && order.side * (order.limitPrice - open) >= 0 ? open : Number.NaN;
    case 'marketIfTouched':
      return isTouched(order, open, open) ? open : Number.NaN;
    default:
      return Number.NaN;
  }
}

/** Inside a bar, for an order live since its open: the price it asked for where the bar's range reaches it. */
export function priceInsideBar(order: Order, high: number, low: number, rule: LimitRule): number {
  if (isMarketNow(order)) return Number.NaN;
  if (isLimitNow(order)) {
    const best = order.side > 0 ? low : high;
    return isLimitReached(order.side, best, order.limitPrice, rule) ? order.limitPrice : Number.NaN;
  }
  switch (order.kind) {
    case 'stop':
    case 'trailingStop':
      return isStopReached(order, high, low) ? order.stopPrice : Number.NaN;
    case 'stopLimit':
      // Stop reached, and its price is no worse than the limit: filled there. Otherwise the limit is taken to have come first and rests.
      return isStopReached(order, high, low) && order.side * (order.limitPrice - order.stopPrice) >= 0 ? order.stopPrice : Number.NaN;
    case 'marketIfTouched':
      return isTouched(order, high, low) ? order.stopPrice : Number.NaN;
    default:
      return Number.NaN;
  }
}

/** On a bar that it may have been made at the open of: at the open where that meets it, for then the bar never offered the price it asked for. */
export function priceOnBar(order: Order, { open, high, low }: { open: number; high: number; low: number }, rule: LimitRule): number {
  const price = priceAtOpen(order, open, rule);
  if (!Number.isNaN(price)) return price;
  return isTriggeredBy(order, open, open) ? Number.NaN : priceInsideBar(order, high, low, rule);
}

/** The range makes a limit order of it, whether or not that fills. */
export function isTriggeredBy(order: Order, high: number, low: number): boolean {
  if (order.isTriggered) return false;
  if (order.kind === 'stopLimit') return isStopReached(order, high, low);
  return order.kind === 'limitIfTouched' && isTouched(order, high, low);
}

/** The stop of a stop or stop-limit order, or the level of a trailing stop, lies inside the range. */
export function isStopReached(order: Order, high: number, low: number): boolean {
  return order.side > 0 ? high >= order.stopPrice : low <= order.stopPrice;
}

/** The price came to the touch price or went through it: down to it for a buy, up for a sell. */
export function isTouched(order: Order, high: number, low: number): boolean {
  return order.side > 0 ? low <= order.stopPrice : high >= order.stopPrice;
}

export function isLimitReached(side: number, price: number, limitPrice: number, rule: LimitRule): boolean {
  const through = side * (limitPrice - price);
  return rule.needsPenetration ? through > 0 : through >= 0;
}

/** It waits for the price to come to it from its worse side, as a limit does, and not to run away, as a stop does. */
export function comesAsLimit(order: Order): boolean {
  return isLimitNow(order) || order.kind === 'marketIfTouched';
}

/** The price at which it acts: its limit where it is a limit order now, otherwise what sets it off. */
export function actingPrice(order: Order): number {
  return isLimitNow(order) ? order.limitPrice : order.stopPrice;
}

/** The open lies beyond it: a stop that was reached, a limit or touch price that is bettered. */
export function isPassedBy(order: Order, open: number): boolean {
  const beyond = comesAsLimit(order) ? order.side * (actingPrice(order) - open) : order.side * (open - order.stopPrice);
  return beyond > 0;
}

/** +1 where the price must rise from the open to fill the order, −1 where it must fall, 0 where the open has passed it: then it comes first. */
export function fillDirection(order: Order, open: number): number {
  if (isPassedBy(order, open)) return 0;
  if (comesAsLimit(order)) return -order.side;
  return open === order.stopPrice ? 0 : order.side;
}
