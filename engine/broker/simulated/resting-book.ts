/**
 * Owns the orders at rest, in sequence, and knows between which prices none of them has anything to do. Never fills one.
 *
 * Of each instrument it keeps the lowest price whose reaching from below, and the highest whose reaching from above, matters to an order.
 * Bars inside that room need no look at the orders: a thousand limits far from the price cost two comparisons a bar.
 */
import { isLimitNow, isMarketNow, type Order } from '../../model/order.ts';
import { OrderList } from '../../model/order-list.ts';
import type { MatchBar } from './match-bar.ts';

export class RestingBook extends OrderList {
  private readonly risesTo: Float64Array;
  private readonly fallsTo: Float64Array;
  /** 1 where an order has to be looked at on every bar. */
  private readonly isRestless: Uint8Array;
  private isStale = true;
  /** The instrument whose bar an order's own instrument meets: itself, or of a leg the other too. */
  private readonly barOf: readonly number[];
  /** Targets ask for more or less than their own price. */
  private readonly watchesTargets: boolean;

  constructor(barOf: readonly number[], watchesTargets = false) {
    super();
    this.barOf = barOf;
    this.watchesTargets = watchesTargets;
    const instrumentCount = barOf.length;
    this.risesTo = new Float64Array(instrumentCount);
    this.fallsTo = new Float64Array(instrumentCount);
    this.isRestless = new Uint8Array(instrumentCount);
  }

  override add(order: Order): void {
    super.add(order);
    if (!this.isStale) this.include(order);
  }

  override addFirst(order: Order): void {
    super.addFirst(order);
    this.isStale = true;
  }

  /** Behind all others. */
  moveLast(order: Order): void {
    this.remove(order);
    this.add(order);
    this.isStale = true;
  }

  override sweep(): boolean {
    const hasEnded = super.sweep();
    if (hasEnded) this.isStale = true;
    return hasEnded;
  }

  /** A price of an order at rest has changed. */
  noteChange(): void {
    this.isStale = true;
  }

  /** An order could have something to do where the price goes from low to high. */
  isConcerned(bar: MatchBar, high: number, low: number): boolean {
    if (this.isStale) this.survey();
    const i = bar.instrumentIndex;
    return this.isRestless[i] === 1 || high >= this.risesTo[i] || low <= this.fallsTo[i];
  }

  private survey(): void {
    this.risesTo.fill(Number.POSITIVE_INFINITY);
    this.fallsTo.fill(Number.NEGATIVE_INFINITY);
    this.isRestless.fill(0);
    for (let k = 0; k < this.count; k++) this.include(this.at(k));
    this.isStale = false;
  }

  private include(order: Order): void {
    const i = this.barOf[order.instrumentIndex];
    if (isRestless(order) || (this.watchesTargets && order.role === 'takeProfit')) {
      this.isRestless[i] = 1;
      return;
    }
    const isLimit = isLimitNow(order);
    const price = isLimit ? order.limitPrice : order.stopPrice;
    const waitsForRise = isLimit || order.kind === 'limitIfTouched' || order.kind === 'marketIfTouched' ? order.side < 0 : order.side > 0;
    if (waitsForRise) this.risesTo[i] = Math.min(this.risesTo[i], price);
    else this.fallsTo[i] = Math.max(this.fallsTo[i], price);
  }
}

/** Acts by time, or moves its own price. */
function isRestless(order: Order): boolean {
  if (isMarketNow(order) || order.kind === 'trailingStop' || order.kind === 'onOpen' || order.kind === 'onClose') return true;
  if (isLimitNow(order) && Number.isNaN(order.limitPrice)) return true;
  const { terms } = order;
  return terms !== undefined && (terms.timeInForce === 'IOC' || terms.timeInForce === 'FOK' || terms.isPostOnly);
}
