/**
 * Owns the orders at rest, in sequence, and knows between which prices none of them has anything to do. Never fills one.
 *
 * Of each instrument it keeps the lowest price whose reaching from below, and the highest whose reaching from above, matters to an order.
 * Bars inside that room need no look at the orders: a thousand limits far from the price cost two comparisons a bar. Orders that have to be
 * looked at on every bar are kept beside the others, so that one of them does not make all be looked at.
 */
import { isLimitNow, isMarketNow, type Order } from '../../model/order.ts';
import { fewOrders, OrderList } from '../../model/order-list.ts';
import { isWorking } from '../../model/order-state.ts';
import { actingPrice } from './fill-rules.ts';
import type { MatchBar } from './match-bar.ts';

/** Prices that are not to be reached: from below, and from above. */
export interface Room {
  readonly risesTo: number;
  readonly fallsTo: number;
}

export class RestingBook extends OrderList {
  private readonly risesTo: Float64Array;
  private readonly fallsTo: Float64Array;
  /** Orders that have to be looked at on every bar, and by instrument 1 where there are such. */
  private readonly restless = new OrderList();
  private readonly isRestless: Uint8Array;
  /** Orders that the bars asked about last may concern. */
  private readonly concerned = new OrderList();
  private isStale = true;
  /** One of them has ended since the last sweep. */
  private hasEnded = false;
  /** By id, from the first time that one of many was asked for by it. */
  private byId: Map<number, Order> | null = null;
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
    if (this.byId !== null) this.byId.set(order.id, order);
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

  /** One that works still. */
  override find(orderId: number): Order | undefined {
    if (this.byId === null && this.count > fewOrders) this.index();
    const order = this.byId === null ? super.find(orderId) : this.byId.get(orderId);
    return order !== undefined && isWorking(order.status) ? order : undefined;
  }

  /** An order has ended: it is found no more, and forgotten at the next sweep. */
  noteEnd(): void {
    this.hasEnded = true;
  }

  /** Forgets orders that have ended; the others keep their sequence. */
  sweep(): void {
    if (!this.hasEnded) return;
    const { count } = this;
    let kept = 0;
    for (let k = 0; k < count; k++) {
      const order = this.at(k);
      if (isWorking(order.status)) this.put(kept++, order);
      else if (this.byId !== null) this.byId.delete(order.id);
    }
    this.shortenTo(kept);
    this.hasEnded = false;
    this.isStale = true;
  }

  /** A price of an order at rest has changed. */
  noteChange(): void {
    this.isStale = true;
  }

  /** Between which prices no order of an instrument has anything to do; null where one of them has to be looked at on every bar. */
  roomOf(instrumentIndex: number): Room | null {
    // The usual one, told without a look at all.
    if (this.count > 0 && isMarketNow(this.at(0))) return null;
    if (this.isStale) this.survey();
    if (this.isRestless[instrumentIndex] === 1) return null;
    return { risesTo: this.risesTo[instrumentIndex], fallsTo: this.fallsTo[instrumentIndex] };
  }

  /** An order could have something to do where the price goes from low to high. */
  isConcerned(bar: MatchBar, high: number, low: number): boolean {
    if (this.isStale) this.survey();
    return this.isRestless[bar.instrumentIndex] === 1 || this.isReached(bar.instrumentIndex, high, low);
  }

  /**
   * Orders among which are all that could have something to do at the opens, or on the whole, of the bars that bear a stamp; in sequence. Good
   * until it is asked again; what is placed meanwhile is not among the first count.
   */
  concernedBy(bars: readonly MatchBar[], stamp: number, isOpen: boolean): OrderList {
    if (this.count <= fewOrders) return this;
    if (this.isStale) this.survey();
    if (!this.isAnyReached(bars, stamp, isOpen)) return this.restless;
    const { concerned, count } = this;
    concerned.clear();
    for (let k = 0; k < count; k++) {
      const order = this.at(k);
      const bar = bars[order.instrumentIndex];
      if (bar.stamp !== stamp) continue;
      const isMeant = this.needsLook(order) || (isOpen ? isAt(order, bar.open, bar.open) : isAt(order, bar.high, bar.low));
      if (isMeant) concerned.add(order);
    }
    return concerned;
  }

  private isAnyReached(bars: readonly MatchBar[], stamp: number, isOpen: boolean): boolean {
    for (let i = 0; i < bars.length; i++) {
      const bar = bars[i];
      if (bar.stamp !== stamp) continue;
      if (isOpen ? this.isReached(bar.instrumentIndex, bar.open, bar.open) : this.isReached(bar.instrumentIndex, bar.high, bar.low))
        return true;
    }
    return false;
  }

  private isReached(i: number, high: number, low: number): boolean {
    return high >= this.risesTo[i] || low <= this.fallsTo[i];
  }

  private survey(): void {
    this.risesTo.fill(Number.POSITIVE_INFINITY);
    this.fallsTo.fill(Number.NEGATIVE_INFINITY);
    this.isRestless.fill(0);
    this.restless.clear();
    const { count } = this;
    for (let k = 0; k < count; k++) this.include(this.at(k));
    this.isStale = false;
  }

  private include(order: Order): void {
    const i = this.barOf[order.instrumentIndex];
    if (this.needsLook(order)) {
      this.isRestless[i] = 1;
      this.restless.add(order);
    } else if (waitsForRise(order)) this.risesTo[i] = Math.min(this.risesTo[i], actingPrice(order));
    else this.fallsTo[i] = Math.max(this.fallsTo[i], actingPrice(order));
  }

  private needsLook(order: Order): boolean {
    return isRestless(order) || (this.watchesTargets && order.role === 'takeProfit');
  }

  private index(): void {
    this.byId = new Map();
    const { count } = this;
    for (let k = 0; k < count; k++) this.byId.set(this.at(k).id, this.at(k));
  }
}

/** The price goes where the order waits for it. */
function isAt(order: Order, high: number, low: number): boolean {
  return waitsForRise(order) ? high >= actingPrice(order) : low <= actingPrice(order);
}

function waitsForRise(order: Order): boolean {
  const comesToIt = isLimitNow(order) || order.kind === 'limitIfTouched' || order.kind === 'marketIfTouched';
  return comesToIt ? order.side < 0 : order.side > 0;
}

/** Acts by time, or moves its own price. */
function isRestless(order: Order): boolean {
  if (isMarketNow(order) || order.kind === 'trailingStop' || order.kind === 'onOpen' || order.kind === 'onClose') return true;
  if (isLimitNow(order) && Number.isNaN(order.limitPrice)) return true;
  const { terms } = order;
  return terms !== undefined && (terms.timeInForce === 'IOC' || terms.timeInForce === 'FOK' || terms.isPostOnly);
}
