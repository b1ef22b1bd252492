/**
 * Owns the simulated exchange as a broker: takes orders in, and at each event asks its parts what fills. Never sees a bar before its event,
 * never touches cash. The rules are those of RULES.md; each stands in one of the parts.
 *
 *   open event    good-till ends → targets and trailing stops move → market orders, and what the open has passed, in sequence   opens.ts
 *   bar event     inside the bar, by the policy that decides what is in doubt → good-till ends                                 closes.ts
 *   after close   market orders at the close that decided, where the semantics say so
 *
 *   executor.ts: how much and at which price → sink → brackets.ts, whole-position.ts, groups.ts: what follows from a fill
 */
import { barEvent, type EventKind, openEvent } from '../../event.ts';
import type { Tape } from '../../model/bar.ts';
import { isMarketNow, type Order, type OrderFields, orderKinds } from '../../model/order.ts';
import { advanceOrder, isWorking } from '../../model/order-state.ts';
import { type Broker, type BrokerCapabilities, type OrderChange, type ProtectionWish, triggerPriceOf } from '../broker.ts';
import { Closes } from './closes.ts';
import type { Doubts } from './doubts.ts';
import { Executor } from './executor.ts';
import { FinerBars } from './finer-bars.ts';
import { Floor, type SimulatedBrokerInput } from './floor.ts';
import { Opens } from './opens.ts';
import type { Room } from './resting-book.ts';

export class SimulatedBroker implements Broker {
  readonly capabilities: BrokerCapabilities = Object.freeze({
    name: 'simulated',
    orderKinds,
    hasAttachedOrders: true,
    isSimulated: true,
  });
  private readonly floor: Floor;
  private readonly executor: Executor;
  private readonly opens: Opens;
  private readonly closes: Closes;
  /** Bars that may stand in for ambiguous ones. */
  readonly finer: FinerBars;
  private protectionCount = 0;

  /** finer: by instrument, bars that may stand in for ambiguous ones. */
  constructor(input: SimulatedBrokerInput, finer: readonly (Tape | undefined)[] = []) {
    this.floor = new Floor(input);
    this.executor = new Executor(this.floor);
    this.opens = new Opens(this.floor, this.executor);
    this.finer = new FinerBars(finer);
    this.closes = new Closes(this.floor, this.executor, this.opens, this.finer);
  }

  get doubts(): Doubts {
    return this.floor.doubts;
  }

  get wantsOpens(): boolean {
    // What the strategy has cancelled since the last event is forgotten together.
    this.floor.book.sweep();
    return this.floor.book.count > 0 || this.floor.transit?.isEmpty === false;
  }

  /** Within these prices, and before nextExpiryMs, bars of the instrument are nothing to any order; null where each has to be shown. */
  roomOf(instrumentIndex: number): Room | null {
    const { book, targets } = this.floor;
    return targets.isEmpty ? book.roomOf(instrumentIndex) : null;
  }

  /** When the first order expires by time; Infinity where none does. */
  get nextExpiryMs(): number {
    return this.floor.goodTill.nextMs;
  }

  submit(order: Order): void {
    const { floor } = this;
    if (order.terms === undefined && floor.transit === null) floor.takeIn(order);
    else floor.dispatch(order, floor.gate.lastPrice(order.instrumentIndex), false);
  }

  hold(order: Order): void {
    const { floor } = this;
    const afterId = order.terms?.afterId ?? -1;
    if (floor.groups.find(afterId) === undefined) {
      floor.reject(order, `order ${afterId}, after which it was to be sent, has ended`);
      return;
    }
    advanceOrder(order, 'hold');
    floor.groups.hold(order);
    floor.goodTill.watch(order);
    floor.sink.onChanged(order);
  }

  cancel(orderId: number, reason: string, isByVenue = false): void {
    const order = this.floor.groups.find(orderId);
    if (order === undefined || isOfEngine(order) || (order.status === 'cancelling' && !isByVenue)) return;
    const { transit } = this.floor;
    if (transit !== null && order.status !== 'held' && !isByVenue) {
      transit.sendCancel(order, reason);
      return;
    }
    this.floor.cancel(order, reason);
  }

  amend(orderId: number, change: OrderChange, instrumentIndex: number): void {
    const { transit } = this.floor;
    if (transit === null) this.applyAmend(orderId, change, instrumentIndex);
    else transit.send(transit.latencies.orderMs(orderId), instrumentIndex, () => this.applyAmend(orderId, change, instrumentIndex));
  }

  protect(wish: ProtectionWish): void {
    const { wholePositions } = this.executor;
    const { transit } = this.floor;
    if (transit === null) wholePositions.protect(wish);
    else transit.send(transit.latencies.protectionMs(this.protectionCount++), wish.instrumentIndex, () => wholePositions.protect(wish));
  }

  oneCancelsOther(orderIds: readonly number[]): void {
    this.floor.groups.link(orderIds);
  }

  advance(event: EventKind): void {
    const { floor } = this;
    const { transit } = floor;
    if (transit !== null) transit.arrive(event === barEvent ? floor.feed.timeMs - 1 : floor.feed.timeMs);
    floor.book.sweep();
    // A bar that closes as rules change was played by the old ones.
    if (floor.dated !== null) floor.dated.moveTo(event === barEvent ? floor.feed.timeMs - 1 : floor.feed.timeMs);
    if (floor.book.count > 0) this.match(event);
    if (transit !== null && event === barEvent) transit.arrive(floor.feed.timeMs);
  }

  /** Puts an order before all that rest: what closes a run goes ahead of what the strategy sent last. */
  submitFirst(order: Order): void {
    order.liveMs = this.floor.nowMs;
    this.floor.book.addFirst(order);
    this.floor.sink.onAccepted(order);
  }

  /** Fills the engine's own closing orders at the last close; what the strategy sent is left to expire. */
  closeAtLastClose(): void {
    for (const { instrumentIndex, isFinest, index } of this.floor.feed.series) {
      if (isFinest && index >= 0) this.floor.bars[instrumentIndex].loadInside(index, this.floor.feed.timeMs);
    }
    this.fillEach((order) => order.role === 'endOfRun');
  }

  /** Plays the last bar once more for orders sent after it; only a semantics profile that closes at the last open does this. */
  replayLastBar(): void {
    const { floor } = this;
    floor.isReplaying = true;
    floor.stamp++;
    for (const series of floor.feed.finest) {
      series.openedBar = series.index;
      if (series.index !== series.endBar - 1) continue;
      const bar = floor.bars[series.instrumentIndex];
      bar.loadOpen(series.index);
      bar.stamp = floor.stamp;
    }
    this.opens.match(false);
    this.closes.match();
    floor.isReplaying = false;
  }

  /** The way of most events: one plain market order rests and nothing else, so that nothing else can expire, move or fill. */
  private fillsLoneMarket(): boolean {
    const { book, bars, feed } = this.floor;
    const order = book.at(0);
    if (book.count !== 1 || order.kind !== 'market' || order.terms !== undefined) return false;
    const bar = bars[order.instrumentIndex];
    if (!feed.isOpening(bar.series)) return true;
    bar.loadOpen(bar.series.openedBar);
    if (order.liveMs > bar.openMs) return true;
    this.executor.executeLone(order, bar);
    book.sweep();
    return true;
  }

  private match(event: EventKind): void {
    const { floor } = this;
    const { goodTill } = floor;
    if (event === openEvent) {
      if (this.fillsLoneMarket()) return;
      if (goodTill.nextMs <= floor.feed.timeMs) goodTill.expire(floor.feed.timeMs, true);
      if (this.loadOpens()) this.opens.match(false);
    } else if (event === barEvent) {
      if (goodTill.nextMs < floor.feed.timeMs) goodTill.expire(floor.feed.timeMs, false);
      this.closes.match();
      if (goodTill.nextMs <= floor.feed.timeMs) goodTill.expire(floor.feed.timeMs, true);
    } else this.fillAtClose();
  }

  private applyAmend(orderId: number, change: OrderChange, instrumentIndex: number): void {
    const { floor } = this;
    const order = floor.groups.find(orderId);
    const refusal =
      order === undefined ? `order ${orderId} has ended, and cannot be amended` : this.amendRefusal(order, change, instrumentIndex);
    if (order === undefined || refusal !== '') {
      floor.sink.refuse(amendFields(orderId, change, instrumentIndex), refusal);
      return;
    }
    const { limitPrice, sizeBase } = change;
    const stopPrice = triggerPriceOf(change);
    const keepsPlace = Number.isNaN(limitPrice) && Number.isNaN(stopPrice) && sizeBase < order.sizeBase;
    if (!Number.isNaN(limitPrice)) order.limitPrice = limitPrice;
    if (!Number.isNaN(stopPrice)) order.stopPrice = stopPrice;
    if (!Number.isNaN(sizeBase)) order.sizeBase = sizeBase;
    if (order.filledBase > 0 && order.sizeBase <= order.filledBase) {
      order.sizeBase = order.filledBase;
      floor.sink.onAmendedAway(order);
      floor.book.noteEnd();
      floor.groups.noteFill(order, floor.gate.lastPrice(order.instrumentIndex), false);
      return;
    }
    // Only lowered it has been there all along; otherwise it is as an order sent now.
    if (!keepsPlace && isWorking(order.status)) {
      order.liveMs = floor.nowMs;
      floor.testAnew(order);
      floor.book.moveLast(order);
      floor.queues?.join(order, floor.nowMs);
    }
    floor.sink.onChanged(order);
  }

  /** False where no order has anything to do at any of the opens. */
  private loadOpens(): boolean {
    const { floor } = this;
    const { feed, book } = floor;
    floor.stamp++;
    // A target that moves with time may move at any open, whatever its price.
    let isConcerned = !floor.targets.isEmpty;
    for (let b = 0; b < feed.batchCount; b++) {
      const series = feed.batch[b];
      const bar = floor.bars[series.instrumentIndex];
      bar.loadOpen(series.openedBar);
      bar.stamp = floor.stamp;
      if (book.isConcerned(bar, bar.open, bar.open)) isConcerned = true;
    }
    return isConcerned;
  }

  /** Market orders sent at this close, of instruments whose bar has just closed; all others wait for their next open. */
  private fillAtClose(): void {
    const { floor } = this;
    floor.stamp++;
    for (let b = 0; b < floor.feed.batchCount; b++) {
      const series = floor.feed.batch[b];
      if (!series.isFinest) continue;
      const bar = floor.bars[series.instrumentIndex];
      bar.loadInside(series.index, floor.feed.timeMs);
      bar.stamp = floor.stamp;
    }
    this.fillEach((order) => {
      if (!isMarketNow(order) || order.role !== 'own' || order.liveMs !== floor.nowMs || floor.isLate(order)) return false;
      return floor.bars[order.instrumentIndex].stamp === floor.stamp;
    });
  }

  private fillEach(isMeant: (order: Order) => boolean): void {
    const { floor } = this;
    const { book, bars } = floor;
    const { count } = book;
    for (let k = 0; k < count; k++) {
      const order = book.at(k);
      const bar = bars[order.instrumentIndex];
      if (!isWorking(order.status) || !isMeant(order)) continue;
      this.executor.execute(order, bar, bar.close, 'close');
      floor.endImmediate(order);
    }
    book.sweep();
  }

  /** Why an order at rest cannot become what is asked; '' where it can. */
  private amendRefusal(order: Order, change: OrderChange, instrumentIndex: number): string {
    const { limitPrice, stopPrice, touchPrice, sizeBase } = change;
    const { bars, gate } = this.floor;
    // Both legs of an instrument meet the same bar, and each may amend the other's.
    if (bars[order.instrumentIndex] !== bars[instrumentIndex])
      return `order ${order.id} is of ${bars[order.instrumentIndex].series.key.symbol}: amend it through the orders of that series`;
    if (isOfEngine(order) || order.role === 'endOfRun') return `order ${order.id} is the engine's own`;
    if (!Number.isNaN(limitPrice) && Number.isNaN(order.limitPrice)) return `order ${order.id}, ${order.kind}, has no limit price to amend`;
    if (!Number.isNaN(stopPrice) && order.kind !== 'stop' && order.kind !== 'stopLimit')
      return `order ${order.id}, ${order.kind}, has no stop price to amend`;
    if (!Number.isNaN(touchPrice) && order.kind !== 'marketIfTouched' && order.kind !== 'limitIfTouched')
      return `order ${order.id}, ${order.kind}, has no touch price to amend`;
    if (Number.isNaN(sizeBase)) return order.role === 'own' && !Number.isNaN(order.sizeBase) ? gate.amendRefusal(order, change) : '';
    if (order.role !== 'own') return `order ${order.id} follows what it protects: its size cannot be amended`;
    if (Number.isNaN(order.sizeBase)) return `order ${order.id} is held, and is sized when it is sent`;
    if (sizeBase === 0 && order.filledBase === 0) return `order ${order.id}: the size asked for is below one lot`;
    return gate.amendRefusal(order, change);
  }
}

/** It closes what must be closed: nobody cancels it. */
function isOfEngine({ role }: Order): boolean {
  return role === 'halt' || role === 'liquidation';
}

/** The record of an amend that was refused: what it asked for, and of which order. */
function amendFields(orderId: number, change: OrderChange, instrumentIndex: number): OrderFields {
  const none = Number.NaN;
  return {
    instrumentIndex,
    kind: 'market',
    role: 'amend',
    side: 1,
    sizeRule: 'base',
    sizeAsked: change.sizeBase,
    limitPrice: change.limitPrice,
    stopPrice: triggerPriceOf(change),
    stopLossPrice: none,
    takeProfitPrice: none,
    isReduceOnly: false,
    parentId: orderId,
    tag: '',
    terms: undefined,
  };
}
