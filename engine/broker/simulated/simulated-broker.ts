/**
 * Owns orders at rest on a recorded tape and decides what fills. Never sees a bar before its event, never touches cash.
 *
 *   open event   market orders, then stops and limits the open has passed, in order of sequence, at the open
 *   bar event    inside the bar, pessimistic: protective stops → entries → targets, ties by sequence, across all instruments of the batch
 *                (optimistic: targets → entries → stops); an order is what it does to the position held as the bar's fills begin
 *
 * After an entry at the open its stop and target are live for the whole bar. After an entry inside the bar the stop fills if it was touched,
 * the target never on that bar. A bar is ambiguous when it could have filled two orders in either sequence; such bars are counted.
 */
import { type EventKind, openEvent } from '../../event.ts';
import type { Feed, FeedSeries } from '../../feed.ts';
import { Grid } from '../../model/grid.ts';
import type { Instrument } from '../../model/instrument.ts';
import type { Order } from '../../model/order.ts';
import { OrderList } from '../../model/order-list.ts';
import type { RunSettings } from '../../settings.ts';
import type { Broker, BrokerCapabilities, BrokerSink, Execution, FillGate } from '../broker.ts';
import { fillDirection, isStopReached, type LimitRule, priceAtOpen, priceInsideBar } from './fill-rules.ts';
import { Protection, Protections } from './protections.ts';

export interface SimulatedBrokerInput {
  readonly feed: Feed;
  readonly instruments: readonly Instrument[];
  readonly settings: RunSettings;
  readonly gate: FillGate;
  readonly sink: BrokerSink;
}

const stopStage = 0;
const entryStage = 1;
const targetStage = 2;
/** Not for this bar: market orders, other instruments' bars, orders made inside it. */
const noStage = 3;

export class SimulatedBroker implements Broker {
  readonly capabilities: BrokerCapabilities = Object.freeze({
    name: 'simulated',
    orderKinds: Object.freeze(['market', 'limit', 'stop', 'stopLimit']),
    hasAttachedOrders: true,
    isSimulated: true,
  });
  ambiguousBarCount = 0;
  /** The bar of each instrument that was counted last: a bar counts once, whatever happens on it. */
  private readonly ambiguousBar: Int32Array;
  private readonly feed: Feed;
  /** Ticks by instrument; empty where the semantics leave prices alone. */
  private readonly ticks: readonly Grid[];
  private readonly settings: RunSettings;
  private readonly gate: FillGate;
  private readonly sink: BrokerSink;
  private readonly rule: LimitRule;
  private readonly stages: readonly number[];
  /** Stage of each resting order on the bars that close now. */
  private stageAt = new Uint8Array(16);
  private readonly protections: Protections;
  private readonly resting = new OrderList();
  private isReplaying = false;
  private readonly execution: Execution = newExecution();

  constructor({ feed, instruments, settings, gate, sink }: SimulatedBrokerInput) {
    this.feed = feed;
    this.ticks = settings.semantics.grid === 'instrument' ? instruments.map((one) => new Grid(one.tickSize)) : [];
    this.settings = settings;
    this.gate = gate;
    this.sink = sink;
    this.rule = { needsPenetration: settings.semantics.limitFill === 'penetrate' };
    this.stages = settings.ambiguity === 'optimistic' ? [targetStage, entryStage, stopStage] : [stopStage, entryStage, targetStage];
    this.ambiguousBar = new Int32Array(instruments.length).fill(-1);
    this.protections = new Protections(instruments.map((one) => (settings.semantics.grid === 'wholeUnits' ? 1 : one.lotSize)));
  }

  get wantsOpens(): boolean {
    return this.resting.count > 0;
  }

  submit(order: Order): void {
    this.resting.add(order);
    this.sink.onAccepted(order);
  }

  cancel(orderId: number, reason: string): void {
    const order = this.resting.find(orderId);
    if (order === undefined || order.role === 'halt') return;
    this.sink.onCancelled(order, reason);
    this.resting.sweep();
  }

  advance(event: EventKind): void {
    if (this.resting.count === 0) return;
    if (event === openEvent) this.matchOpens();
    else this.matchBars();
  }

  /** Puts an order before all that rest: what closes a run goes ahead of what the strategy sent last. */
  submitFirst(order: Order): void {
    this.resting.addFirst(order);
    this.sink.onAccepted(order);
  }

  /** Fills the engine's own closing orders at the last close; what the strategy sent is left to expire. */
  closeAtLastClose(): void {
    const { count } = this.resting;
    for (let k = 0; k < count; k++) {
      const order = this.resting.at(k);
      const series = this.feed.finest[order.instrumentIndex];
      if (order.role === 'endOfRun') this.execute(order, series, series.columns.close[series.index], true);
    }
    this.resting.sweep();
  }

  /** Plays the last bar once more for orders sent after it; only a semantics profile that closes at the last open does this. */
  replayLastBar(): void {
    this.isReplaying = true;
    for (const series of this.feed.finest) series.openedBar = series.index;
    this.matchOpens();
    this.matchBars();
    this.isReplaying = false;
  }

  private matchOpens(): void {
    // Orders attached during this pass protect from inside the bar on: a passed stop fills there at the open, no better.
    const { count } = this.resting;
    for (let k = 0; k < count; k++) {
      const order = this.resting.at(k);
      const series = this.feed.finest[order.instrumentIndex];
      if (order.status !== 'open' || !this.isOpening(series)) continue;
      const bar = series.openedBar;
      const open = series.columns.open[bar];
      const price = priceAtOpen(order, open, this.rule);
      if (Number.isNaN(price)) this.trigger(order, open, open);
      else this.execute(order, series, price, false);
    }
    this.resting.sweep();
  }

  /** The series' next bar opens now. */
  private isOpening(series: FeedSeries): boolean {
    if (this.isReplaying) return series.index === series.endBar - 1;
    return this.feed.isOpening(series);
  }

  private matchBars(): void {
    for (let b = 0; b < this.feed.batchCount; b++) {
      if (this.feed.batch[b].isFinest) this.countAmbiguity(this.feed.batch[b]);
    }
    // Protections made inside this bar are settled by the entry that made them, not by a later stage.
    const { count } = this.resting;
    this.setStages(count);
    for (const stage of this.stages) {
      for (let k = 0; k < count; k++) {
        if (this.stageAt[k] !== stage) continue;
        const order = this.resting.at(k);
        if (order.status === 'open') this.matchInside(order, this.feed.finest[order.instrumentIndex]);
      }
    }
    this.resting.sweep();
  }

  /** Settled before the first fill: an order must not change its stage, and be passed over or asked twice, because another filled or its stop was reached. */
  private setStages(count: number): void {
    if (count > this.stageAt.length) this.stageAt = new Uint8Array(count * 2);
    for (let k = 0; k < count; k++) {
      const order = this.resting.at(k);
      const isMatched = order.kind !== 'market' && this.isMatchable(order, this.feed.finest[order.instrumentIndex]);
      this.stageAt[k] = isMatched ? stageOf(order, this.gate.positionBase(order.instrumentIndex)) : noStage;
    }
  }

  /** The series' bar closes now, and the order was made no later than the bar's open: nothing fills before it was made. */
  private isMatchable(order: Order, series: FeedSeries): boolean {
    const { index } = series;
    if (this.isReplaying) return true;
    return series.closeMs(index) === this.feed.timeMs && order.submittedMs <= series.openMs(index);
  }

  private matchInside(order: Order, series: FeedSeries): void {
    const { columns, index } = series;
    let price = priceInsideBar(order, columns.high[index], columns.low[index], this.rule);
    if (Number.isNaN(price)) {
      this.trigger(order, columns.high[index], columns.low[index]);
      return;
    }
    const open = columns.open[index];
    // Only an order attached at this open can have been passed by it: it fills at the open, not at a price the bar never offered.
    if (order.kind === 'stop' && order.side * (open - order.stopPrice) > 0) price = open;
    if (order.kind === 'limit' && order.side * (order.limitPrice - open) > 0) price = open;
    this.execute(order, series, price, true);
  }

  private trigger(order: Order, high: number, low: number): void {
    if (order.kind === 'stopLimit' && !order.isTriggered && isStopReached(order, high, low)) order.isTriggered = true;
  }

  private execute(order: Order, series: FeedSeries, priceAsked: number, isInside: boolean): void {
    const i = order.instrumentIndex;
    const before = this.gate.positionBase(i);
    const price = this.fillPrice(order, priceAsked, before);
    const size = this.gate.sizeAtFill(order, price, priceAsked);
    if (!(size > 0)) {
      if (order.isReduceOnly) this.sink.onCancelled(order, 'nothing left to reduce');
      else this.sink.onRejected(order, `the account carries less than one lot at ${price}`);
      return;
    }
    const reason = this.gate.refusal(order, price, size);
    if (reason !== '') {
      this.sink.onRejected(order, reason);
      return;
    }
    const { execution } = this;
    const bar = isInside ? series.index : series.openedBar;
    execution.instrumentIndex = i;
    execution.side = order.side;
    execution.priceQuote = price;
    execution.sizeBase = size;
    execution.slippageQuote = Math.abs(price - priceAsked);
    execution.isMaker = isInside && isLimitAtRest(order);
    // Now is the bar's close, but for a series that ended before the run does: closed at its last price, and not before the order was made.
    execution.timeMs = isInside ? this.feed.timeMs : series.openMs(bar);
    execution.openTimeMs = series.openMs(bar);
    execution.bar = bar;
    this.sink.onFill(order, execution);
    const hasAttached = !Number.isNaN(order.stopLossPrice) || !Number.isNaN(order.takeProfitPrice);
    if (hasAttached || this.protections.has(i)) this.protect(order, { before, size, price: priceAsked, isInside, series });
  }

  /** The price after slippage, on the tick that hurts: the tape may lie off the grid, the ledger does not. A limit is never passed by either. */
  private fillPrice(order: Order, price: number, positionBefore: number): number {
    const { slippageFraction } = this.settings.costs;
    const isOnEntries = this.settings.semantics.slippageOn === 'entries';
    const isSpared = isOnEntries ? positionBefore * order.side < 0 : isLimitAtRest(order);
    let filled = slippageFraction === 0 || isSpared ? price : price * (1 + order.side * slippageFraction);
    if (this.ticks.length > 0) filled = this.ticks[order.instrumentIndex].against(filled, order.side);
    return order.kind === 'stopLimit' && !isOnEntries && order.side * (filled - order.limitPrice) > 0 ? order.limitPrice : filled;
  }

  private protect(order: Order, fill: { before: number; size: number; price: number; isInside: boolean; series: FeedSeries }): void {
    const i = order.instrumentIndex;
    if (order.parentId >= 0) {
      const own = this.protections.take(i, order.parentId);
      if (own !== null) this.cancelBoth(own, order, order.role === 'stopLoss' ? 'the stop filled' : 'the target filled');
      return;
    }
    const closing = fill.before * order.side < 0 ? Math.min(Math.abs(fill.before), fill.size) : 0;
    if (closing > 0) {
      for (const ended of this.protections.reduce(i, closing)) this.cancelBoth(ended, order, 'the position it protected was closed');
    }
    const opened = closing === 0 ? fill.size : this.protections.lots(i, fill.size - closing);
    if (opened <= 0) return;
    // Entries without protection are counted too: an exit closes the oldest first, protected or not.
    if (fill.before * order.side > 0 && !this.protections.has(i))
      this.protections.add(i, new Protection(-1, Math.abs(fill.before), null, null));
    if (Number.isNaN(order.stopLossPrice) && Number.isNaN(order.takeProfitPrice)) {
      this.protections.add(i, new Protection(order.id, opened, null, null));
      return;
    }
    const stop = Number.isNaN(order.stopLossPrice) ? null : this.sink.attach(order, 'stopLoss', opened);
    const target = Number.isNaN(order.takeProfitPrice) ? null : this.sink.attach(order, 'takeProfit', opened);
    this.protections.add(i, new Protection(order.id, opened, stop, target));
    if (stop !== null) this.resting.add(stop);
    if (target !== null) this.resting.add(target);
    if (fill.isInside) this.settleEntryBar(order, { stop, target, price: fill.price, series: fill.series });
  }

  /** The rest of the bar in which an entry filled inside: what was touched, before or after the entry, is not known unless the path forces it. */
  private settleEntryBar(entry: Order, fresh: { stop: Order | null; target: Order | null; price: number; series: FeedSeries }): void {
    const { stop, target, price, series } = fresh;
    const { columns, index } = series;
    const { semantics } = this.settings;
    const isStopTouched = stop !== null && isStopReached(stop, columns.high[index], columns.low[index]);
    const isTargetTouched = target !== null && !Number.isNaN(priceInsideBar(target, columns.high[index], columns.low[index], this.rule));
    // From a limit entry the price must pass it to reach the stop beyond; a close beyond the stop settles it too.
    // A stop or target on the wrong side of its entry is passed at once: it fills where the entry did, not at a price of its own.
    const isStopPassed = stop !== null && stop.side * (price - stop.stopPrice) > 0;
    const isLimitEntry = entry.kind === 'limit' || entry.isTriggered;
    const isStopCertain = stop !== null && (isLimitEntry || isStopPassed || stop.side * (columns.close[index] - stop.stopPrice) >= 0);
    const isTargetPassed = target !== null && target.side * (target.limitPrice - price) > 0;
    const isTargetCertain = target !== null && (!isLimitEntry || isTargetPassed) && !isStopTouched;
    if ((isStopTouched && !isStopCertain) || (isTargetTouched && !isTargetCertain)) this.noteAmbiguous(series);
    const isOptimistic = this.settings.ambiguity === 'optimistic';
    const mayTarget = isOptimistic || (semantics.entryBarTarget === 'ifUnambiguous' && isTargetCertain && entry.kind === 'stop');
    const mayStop = semantics.entryBarStop === 'ifTouched' && (!isOptimistic || isStopCertain);
    const targetPrice = isTargetPassed ? price : (target?.limitPrice ?? price);
    if (isOptimistic && isTargetTouched && target !== null) this.execute(target, series, targetPrice, true);
    else if (isStopTouched && mayStop && stop !== null) this.execute(stop, series, isStopPassed ? price : stop.stopPrice, true);
    else if (isTargetTouched && mayTarget && target !== null) this.execute(target, series, targetPrice, true);
  }

  private cancelBoth(protection: Protection, filled: Order, reason: string): void {
    for (const one of [protection.stop, protection.target]) {
      if (one !== null && one !== filled && one.status === 'open') this.sink.onCancelled(one, reason);
    }
  }

  /** Counts the bar if orders that need its price to rise and to fall lie inside its range: either could have come first. */
  private countAmbiguity(series: FeedSeries): void {
    if (this.resting.count < 2) return;
    const { columns, index } = series;
    const open = columns.open[index];
    let isAbove = false;
    let isBelow = false;
    for (let k = 0; k < this.resting.count; k++) {
      const order = this.resting.at(k);
      if (order.instrumentIndex !== series.instrumentIndex || order.kind === 'market' || !this.isMatchable(order, series)) continue;
      if (Number.isNaN(priceInsideBar(order, columns.high[index], columns.low[index], this.rule))) continue;
      const direction = fillDirection(order, open);
      if (direction > 0) isAbove = true;
      if (direction < 0) isBelow = true;
    }
    if (isAbove && isBelow) this.noteAmbiguous(series);
  }

  private noteAmbiguous(series: FeedSeries): void {
    if (this.ambiguousBar[series.instrumentIndex] === series.index) return;
    this.ambiguousBar[series.instrumentIndex] = series.index;
    this.ambiguousBarCount++;
  }
}

/** Empty, with every price and time a fraction from the start: a field that has held a whole number changes shape at its first fraction. */
function newExecution(): Execution {
  const none = Number.NaN;
  return {
    instrumentIndex: 0,
    side: 1,
    priceQuote: none,
    sizeBase: none,
    slippageQuote: none,
    isMaker: false,
    timeMs: none,
    openTimeMs: none,
    bar: 0,
  };
}

/** A limit order that waits for its price. A stop-limit whose stop is only now reached takes what is there, as a stop does. */
function isLimitAtRest(order: Order): boolean {
  return order.kind === 'limit' || order.isTriggered;
}

/** What lowers the position held is a stop or a target by its kind; so is what may only reduce, as all that is attached. All else enters. */
function stageOf(order: Order, positionBase: number): number {
  if (!order.isReduceOnly && positionBase * order.side >= 0) return entryStage;
  return isLimitAtRest(order) ? targetStage : stopStage;
}
