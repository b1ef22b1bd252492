/** Owns the words of refusals that need nothing but their numbers. Never decides one. */
import { figureText } from '../figure-text.ts';
import type { Instrument } from '../model/instrument.ts';
import type { Order } from '../model/order.ts';

/** An order against a leg asks more than it holds. */
export function legRefusal({ leg }: Instrument, sizeBase: number, heldBase: number): string {
  return `closes ${figureText(sizeBase)} of the ${leg} leg, which holds ${figureText(Math.abs(heldBase))}: what is more would belong to the other leg`;
}

/** A share of nothing, or of what the account owes, is no size. */
export function shareRefusal(equityQuote: number): string {
  return `equity is ${figureText(equityQuote)}: nothing to take a share of`;
}

/** A product of doubles is told apart from what it is short of by its last bits: 0.57 × 100 is 57. */
export function isBelowMinimum(notionalQuote: number, minimumQuote: number): boolean {
  return notionalQuote < minimumQuote && notionalQuote < minimumQuote * (1 - 1e-12);
}

/** Nothing is left of a size on the lot. */
export function emptyRefusal(order: Order, { symbol }: Instrument, { sizeBase, lotSize }: { sizeBase: number; lotSize: number }): string {
  return order.isReduceOnly && sizeBase === 0
    ? `reduce-only, and ${symbol} has no position to reduce`
    : `size ${figureText(sizeBase, lotSize)} is below one lot of ${lotSize}`;
}

/** A spot account sells what it holds; besides: what else the position is counted with, in words. */
export function spotRefusal(sizeBase: number, heldBase: number, besides = ''): string {
  const [size, held] = [figureText(sizeBase, heldBase), figureText(heldBase, sizeBase)];
  return `sells ${size}, the position is ${held}${besides}: a spot account cannot sell what it does not hold`;
}
