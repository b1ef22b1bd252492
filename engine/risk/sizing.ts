/** Owns how a wish becomes a base quantity. Pure: numbers in, numbers out. */
import { type OrderChange, triggerPriceOf } from '../broker/broker.ts';
import type { Order } from '../model/order.ts';
import { offsetPrice } from '../model/trail.ts';

export interface SizeFacts {
  /** What the order is judged at. */
  readonly price: number;
  /** Quote per base unit there. */
  readonly unitQuote: number;
  readonly multiplier: number;
  readonly equityQuote: number;
}

/** The base quantity that an order asks for; NaN where it risks equity to a stop on the wrong side. */
export function wishedBase(order: Order, { price, unitQuote, multiplier, equityQuote }: SizeFacts): number {
  switch (order.sizeRule) {
    case 'base':
      return order.sizeAsked;
    case 'quote':
      return order.sizeAsked / unitQuote;
    case 'equityFraction':
      return (order.sizeAsked * equityQuote) / unitQuote;
    default:
      return sizeFromRisk({
        equityQuote,
        riskFraction: order.sizeAsked,
        entryPrice: price,
        stopPrice: stopPriceOf(order, price),
        side: order.side,
        multiplier,
      });
  }
}

/** Prices of an order, or what an amend makes of them. */
export type OrderPrices = Pick<Order, 'limitPrice' | 'stopPrice'>;

/** What an order is judged at before it fills: the worst price that it may ask for; of one that takes any, the last. */
export function referencePriceOf({ kind }: Order, { limitPrice, stopPrice }: OrderPrices, lastPrice: number): number {
  if (!Number.isNaN(limitPrice)) return limitPrice;
  return kind === 'stop' || kind === 'marketIfTouched' ? stopPrice : lastPrice;
}

/** The prices of an order once it is amended; NaN leaves one as it is. */
export function amended(order: OrderPrices, change: OrderChange): OrderPrices {
  const { limitPrice } = change;
  const stopPrice = triggerPriceOf(change);
  return {
    limitPrice: Number.isNaN(limitPrice) ? order.limitPrice : limitPrice,
    stopPrice: Number.isNaN(stopPrice) ? order.stopPrice : stopPrice,
  };
}

/** The stop that an order risks its size to, told as a price from its entry; NaN where it has none. */
export function stopPriceOf(order: Order, entryPrice: number): number {
  const offset = order.terms?.stopLoss;
  return offset === undefined ? order.stopLossPrice : offsetPrice(offset, entryPrice, -order.side);
}

/** Base quantity that loses riskFraction of equity between entry and stop. NaN where the stop lies on the wrong side. */
export function sizeFromRisk(risk: {
  equityQuote: number;
  riskFraction: number;
  entryPrice: number;
  stopPrice: number;
  side: number;
  multiplier: number;
}): number {
  const distance = (risk.entryPrice - risk.stopPrice) * risk.side * risk.multiplier;
  return distance > 0 ? (risk.equityQuote * risk.riskFraction) / distance : Number.NaN;
}
