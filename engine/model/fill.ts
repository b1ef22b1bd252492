/** Owns what an execution and a closed trade are. */
import type { OrderKind, OrderRole, Side } from './order.ts';

/**
 * One execution. timeMs is when it is known (closeTimeMs of the bar for fills inside a bar, the open for fills at an open);
 * openTimeMs is the open of the bar it lies in. notionalQuote, feeQuote ≥ 0; slippageQuote > 0 hurts us.
 */
export interface Fill {
  readonly orderId: number;
  readonly instrumentIndex: number;
  readonly timeMs: number;
  readonly openTimeMs: number;
  readonly side: Side;
  readonly priceQuote: number;
  readonly sizeBase: number;
  readonly notionalQuote: number;
  readonly feeQuote: number;
  readonly slippageQuote: number;
  readonly kind: OrderKind;
  readonly role: OrderRole;
}

/** One FIFO pairing of entry and exit quantities. pnlQuote is net of both fees; returnFraction is exit over entry price, signed by side, without fees. */
export interface Trade {
  readonly instrumentIndex: number;
  readonly side: Side;
  readonly sizeBase: number;
  readonly entryOrderId: number;
  readonly exitOrderId: number;
  readonly entryMs: number;
  readonly exitMs: number;
  readonly entryOpenMs: number;
  readonly exitOpenMs: number;
  /** Index of the instrument's finest bar in which the entry (exit) was filled. */
  readonly entryBar: number;
  readonly exitBar: number;
  readonly entryPriceQuote: number;
  readonly exitPriceQuote: number;
  readonly entryFeeQuote: number;
  readonly exitFeeQuote: number;
  readonly pnlQuote: number;
  readonly returnFraction: number;
  readonly exitRole: OrderRole;
}
