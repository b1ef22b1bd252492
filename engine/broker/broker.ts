/** Owns the port between the engine and whatever executes orders. Never says how. */
import type { EventKind } from '../event.ts';
import type { Order, OrderRole, Side } from '../model/order.ts';

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
  onCancelled(order: Order, reason: string): void;
  onRejected(order: Order, reason: string): void;
  /** Makes the order that protects a filled entry; the broker holds it as its own. */
  attach(entry: Order, role: OrderRole & ('stopLoss' | 'takeProfit'), sizeBase: number): Order;
}

/** One execution as the broker tells it; the object is reused, so a sink copies what it keeps. */
export interface Execution {
  instrumentIndex: number;
  side: Side;
  priceQuote: number;
  sizeBase: number;
  slippageQuote: number;
  isMaker: boolean;
  timeMs: number;
  openTimeMs: number;
  /** Index of the bar in the instrument's finest series. */
  bar: number;
}

/**
 * Executes orders. submit and cancel return nothing; advance means "time is now this: tell me what happened since".
 * An order is never filled in the call that created it.
 */
export interface Broker {
  readonly capabilities: BrokerCapabilities;
  /** An open could fill something: the feed passes opens over while it is false. */
  readonly wantsOpens: boolean;
  submit(order: Order): void;
  /** reason: who cancels, in words; it stands in the order's record. What closes a position on a halt is nobody's to cancel. */
  cancel(orderId: number, reason: string): void;
  advance(event: EventKind): void;
}

/** What a simulated broker asks of the account before it fills: '' to go on, or why not, with the numbers. */
export interface FillGate {
  /** The quantity to fill: the order's own, clipped to the position where it may only reduce, or sized now where the semantics say so; 0 for nothing. */
  sizeAtFill(order: Order, priceQuote: number, unslippedQuote: number): number;
  refusal(order: Order, priceQuote: number, sizeBase: number): string;
  /** Signed base quantity held. */
  positionBase(instrumentIndex: number): number;
}
