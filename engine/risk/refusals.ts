/** Owns the words of refusals that need nothing but their numbers. Never decides one. */
import type { Instrument } from '../model/instrument.ts';
import type { Order } from '../model/order.ts';

/** An order against a leg asks more than it holds. */
export function legRefusal({ leg }: Instrument, sizeBase: number, heldBase: number): string {
  return `closes ${sizeBase} of the ${leg} leg, which holds ${Math.abs(heldBase)}: what is more would belong to the other leg`;
}

/** A share of nothing, or of what the account owes, is no size. */
export function shareRefusal(equityQuote: number): string {
  return `equity is ${equityQuote}: nothing to take a share of`;
}

/** Nothing is left of a size on the lot. */
export function emptyRefusal(order: Order, { symbol }: Instrument, { sizeBase, lotSize }: { sizeBase: number; lotSize: number }): string {
  return order.isReduceOnly && sizeBase === 0
    ? `reduce-only, and ${symbol} has no position to reduce`
    : `size ${sizeBase} is below one lot of ${lotSize}`;
}
