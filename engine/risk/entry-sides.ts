/**
 * Owns on which side of the price an order's own prices must lie: those of its protections for good, the one that sets it off for a remark.
 * Pure: never sizes and never sends. A price that is not there is NaN, and no comparison with it holds.
 */
import type { ProtectionWish } from '../broker/broker.ts';
import type { Order } from '../model/order.ts';

/** Why the stop or target of an order cannot be meant, at the price that the order is judged at; '' where both can, or are told from the fill. */
export function sideRefusal({ side, stopLossPrice, takeProfitPrice }: Order, price: number): string {
  if (side * (price - stopLossPrice) <= 0) return misplaced(`stopLoss ${stopLossPrice}`, -side, price, 'a stop lies on the losing side');
  if (side * (takeProfitPrice - price) <= 0)
    return misplaced(`takeProfit ${takeProfitPrice}`, side, price, 'a target lies on the winning side');
  return '';
}

function misplaced(found: string, direction: number, price: number, rule: string): string {
  return `${found} is not ${direction > 0 ? 'above' : 'below'} ${price}, the price that this order is judged at: ${rule} of its entry`;
}

/** The price has passed what sets the order off: the next open does, where an exchange would refuse it. */
export function isPassed({ kind, side, stopPrice }: Order, price: number): boolean {
  if (kind === 'stop' || kind === 'stopLimit') return side * (price - stopPrice) >= 0;
  return (kind === 'marketIfTouched' || kind === 'limitIfTouched') && side * (stopPrice - price) >= 0;
}

/** As isPassed, of the stop and the target of a position. */
export function passedCount({ stopLossPrice, takeProfitPrice }: ProtectionWish, positionBase: number, price: number): number {
  const side = Math.sign(positionBase);
  if (side === 0) return 0;
  return Number(side * (price - stopLossPrice) <= 0) + Number(side * (takeProfitPrice - price) <= 0);
}
