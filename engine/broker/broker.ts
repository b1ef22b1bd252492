/** Owns the port between the engine and whatever executes orders. Never says how. */
import type { EventKind } from '../event.ts';
import type { Order, OrderFields, Side } from '../model/order.ts';
import type { AttachedTerms } from '../model/order-terms.ts';

/** What a broker can do; read by the contract suite and by the risk check. */
export interface BrokerCapabilities {
  readonly name: string;
  readonly orderKinds: readonly string[];
  /** Stops and targets attached to an entry live at the broker, one cancelling the other. */
  readonly hasAttachedOrders: boolean;
  readonly isSimulated: boolean;
}

/** Where outcomes go; an outcome is only ever an event. */
export interface BrokerSink {
  onAccepted(order: Order): void;
  /** slippageQuote per base unit ≥ 0 is how much worse than the unslipped price; isMaker tells the fee rate. */
  onFill(order: Order, execution: Execution): void;
  /** It was triggered, amended, or waits for another order: it goes on. */
  onChanged(order: Order): void;
  /** Its size was amended to what has filled already: it ends as filled. */
  onAmendedAway(order: Order): void;
  onCancelled(order: Order, reason: string): void;
  onExpired(order: Order, reason: string): void;
  onRejected(order: Order, reason: string): void;
  /** Makes an order of the broker's own, sized and accepted: what protects a filled entry or a position. */
  make(fields: OrderFields, sizeBase: number): Order;
  /** Sizes an order that was held, or that arrives bars after it was sent, as of now. False where it was refused, which has ended it. */
  release(order: Order): boolean;
  /** Records what could not be done to an order, or for a position, as a refused order. */
  refuse(fields: OrderFields, reason: string): void;
}

/** One execution as the broker tells it; the object is reused, so a sink copies what it keeps. */
export interface Execution {
  orderId: number;
  instrumentIndex: number;
  side: Side;
  priceQuote: number;
  sizeBase: number;
  slippageQuote: number;
  isMaker: boolean;
  /** Nothing is left of the order: it ends as filled. */
  isWhole: boolean;
  timeMs: number;
  openTimeMs: number;
  /** Index of the bar in the instrument's finest series. */
  bar: number;
}

/** What an amend changes; NaN leaves it. */
export interface OrderChange {
  readonly limitPrice: number;
  readonly stopPrice: number;
  readonly touchPrice: number;
  readonly sizeBase: number;
}

/** What protects a position: prices, NaN where there is none or terms say it. */
export interface ProtectionWish {
  readonly instrumentIndex: number;
  readonly stopLossPrice: number;
  readonly takeProfitPrice: number;
  readonly terms: AttachedTerms;
  readonly tag: string;
}

/**
 * Executes orders. What is asked of it returns nothing; advance means "time is now this: tell me what happened since".
 * An order is never filled in the call that created it.
 */
export interface Broker {
  readonly capabilities: BrokerCapabilities;
  /** An open could fill something: the feed passes opens over while it is false. */
  readonly wantsOpens: boolean;
  submit(order: Order): void;
  /** Keeps an order back until the one its terms name has filled completely. */
  hold(order: Order): void;
  /** reason: who cancels, in words; it stands in the order's record. What closes a position on a halt is nobody's to cancel. isByVenue: it takes effect at once. */
  cancel(orderId: number, reason: string, isByVenue?: boolean): void;
  /** What has ended cannot be amended: that is refused as an event of its own on the instrument that asked. */
  amend(orderId: number, change: OrderChange, instrumentIndex: number): void;
  /** Protects the whole position, in place of what protected it so before. */
  protect(wish: ProtectionWish): void;
  /** The first of them to fill, also in part, cancels the others. */
  oneCancelsOther(orderIds: readonly number[]): void;
  advance(event: EventKind): void;
}

/** What a simulated broker asks of the account before it fills: '' to go on, or why not, with the numbers. */
export interface FillGate {
  /** What is left to fill: the order's own rest, clipped to the position where it may only reduce, or sized now where the semantics say so; 0 for nothing. */
  sizeAtFill(order: Order, priceQuote: number, unslippedQuote: number): number;
  refusal(order: Order, execution: Execution): string;
  /** Sizes the whole fill of an order with a size, where sizeAtFill would leave it that size and refusal ''; false where that is not sure. */
  surelyFills(order: Order, execution: Execution): boolean;
  /** Why the order cannot be made this large, or this dear; '' where it can. Sizes are on the lot. */
  amendRefusal(order: Order, change: OrderChange): string;
  /** From now on the last known prices are those of that time: what comes late is judged as of then. Infinity: of now. */
  judgeAsOf(timeMs: number): void;
  /** Signed base quantity held. */
  positionBase(instrumentIndex: number): number;
  /** The price last known. */
  lastPrice(instrumentIndex: number): number;
  /** Mean price of what is held. */
  averagePrice(instrumentIndex: number): number;
}

/** The one that sets an order off, whichever kind it is of. */
export function triggerPriceOf({ stopPrice, touchPrice }: OrderChange): number {
  return Number.isNaN(stopPrice) ? touchPrice : stopPrice;
}
