/**
 * Owns orders at rest on a recorded tape and decides what fills. Never sees a bar before its event, never touches cash.
 *
 *   open event   market orders, then stops and limits the open has passed, in order of sequence, at the open
 *   bar event    inside the bar, pessimistic: protective stops → entries → targets, ties by sequence, across all instruments of the batch
 *                (optimistic: targets → entries → stops)
 *
 * After an entry at the open its stop and target are live for the whole bar. After an entry inside the bar the stop fills if it was touched,
 * the target never on that bar. A bar is ambiguous when it could have filled two orders in either sequence; such bars are counted.
 */
import { type EventKind, openEvent } from '../../event.ts';
import type { Feed, FeedSeries } from '../../feed.ts';
import { roundAgainst } from '../../model/grid.ts';
import type { Instrument } from '../../model/instrument.ts';
import type { Order } from '../../model/order.ts';
import type { RunSettings } from '../../settings.ts';
import type { Broker, BrokerCapabilities, BrokerSink, Execution, FillGate } from '../broker.ts';
import { isStopReached, type LimitRule, priceAtOpen, priceInsideBar, triggerPrice } from './fill-rules.ts';
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

export class SimulatedBroker implements Broker {
  readonly capabilities: BrokerCapabilities = Object.freeze({
    name: 'simulated',
    orderKinds: Object.freeze(['market', 'limit', 'stop', 'stopLimit']),
    hasAttachedOrders: true,
    isSimulated: true,
  });
  ambiguousBarCount = 0;
  private readonly feed: Feed;
  private readonly instruments: readonly Instrument[];
  private readonly settings: RunSettings;
  private readonly gate: FillGate;
  private readonly sink: BrokerSink;
  private readonly rule: LimitRule;
  private readonly stages: readonly number[];
  private readonly protections: Protections;
  private resting: Order[] = [];
  private isReplaying = false;
  private readonly execution: Execution = newExecution();

  constructor({ feed, instruments, settings, gate, sink }: SimulatedBrokerInput) {
    this.feed = feed;
    this.instruments = instruments;
    this.settings = settings;
    this.gate = gate;
    this.sink = sink;
    this.rule = { needsPenetration: settings.semantics.limitFill === 'penetrate' };
    this.stages = settings.ambiguity === 'optimistic' ? [targetStage, entryStage, stopStage] : [stopStage, entryStage, targetStage];
    this.protections = new Protections(instruments.map((one) => (settings.semantics.grid === 'wholeUnits' ? 1 : one.lotSize)));
  }

  get wantsOpens(): boolean {
    return this.resting.length > 0;
  }

  submit(order: Order): void {
    this.resting.push(order);
    this.sink.onAccepted(order);
  }

  cancel(orderId: number, reason: string): void {
    const order = this.resting.find((one) => one.id === orderId);
    if (order === undefined) return;
    this.sink.onCancelled(order, reason);
    this.sweep();
  }

  advance(event: EventKind): void {
    if (this.resting.length === 0) return;
    if (event === openEvent) this.matchOpens();
    else this.matchBars();
  }

  /** Puts an order before all that rest: what closes a run goes ahead of what the strategy sent last. */
  submitFirst(order: Order): void {
    this.resting.unshift(order);
    this.sink.onAccepted(order);
  }

  /** Fills the engine's own closing orders at the last close; what the strategy sent is left to expire. */
  closeAtLastClose(): void {
    for (const order of this.resting.slice()) {
      const series = this.feed.finest[order.instrumentIndex];
      if (order.role === 'endOfRun') this.execute(order, series, { price: series.columns.close[series.index], isInside: true, bar: series.index });
    }
    this.sweep();
  }

  /** Plays the last bar once more for orders sent after it; only a semantics profile that closes at the last open does this. */
  replayLastBar(): void {
    this.isReplaying = true;
    for (const series of this.feed.finest) series.openedBar = series.index;
    this.matchOpensOf((series) => series.index === series.endBar - 1);
    this.matchBars();
    this.isReplaying = false;
  }

  private matchOpens(): void {
    const { timeMs } = this.feed;
    this.matchOpensOf((series) => series.openedBar === series.index + 1 && series.columns.openTimeMs[series.openedBar] === timeMs);
  }

  private matchOpensOf(isOpening: (series: FeedSeries) => boolean): void {
    // Orders attached during this pass protect from inside the bar on: a passed stop fills there at the open, no better.
    const count = this.resting.length;
    for (let k = 0; k < count; k++) {
      const order = this.resting[k];
      const series = this.feed.finest[order.instrumentIndex];
      if (order.status !== 'open' || !isOpening(series)) continue;
      const bar = series.openedBar;
      const open = series.columns.open[bar];
      const price = priceAtOpen(order, open, this.rule);
      if (Number.isNaN(price)) this.trigger(order, open, open);
      else this.execute(order, series, { price, isInside: false, bar });
    }
    this.sweep();
  }

  private matchBars(): void {
    for (let b = 0; b < this.feed.batchCount; b++) {
      if (this.feed.batch[b].isFinest) this.countAmbiguity(this.feed.batch[b]);
    }
    for (const stage of this.stages) {
      // Protections made at this stage are settled by the entry that made them, not by a later stage of the same bar.
      const count = this.resting.length;
      for (let k = 0; k < count; k++) {
        const order = this.resting[k];
        if (order.status !== 'open' || order.kind === 'market' || stageOf(order) !== stage) continue;
        const series = this.feed.finest[order.instrumentIndex];
        if (this.isMatchable(order, series)) this.matchInside(order, series);
      }
    }
    this.sweep();
  }

  /** The series' bar closes now, and the order was made no later than the bar's open: nothing fills before it was made. */
  private isMatchable(order: Order, series: FeedSeries): boolean {
    const { index, columns } = series;
    if (this.isReplaying) return true;
    return columns.closeTimeMs[index] === this.feed.timeMs && order.submittedMs <= columns.openTimeMs[index];
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
    this.execute(order, series, { price, isInside: true, bar: index });
  }

  private trigger(order: Order, high: number, low: number): void {
    if (order.kind === 'stopLimit' && !order.isTriggered && isStopReached(order, high, low)) order.isTriggered = true;
  }

  private execute(order: Order, series: FeedSeries, at: { price: number; isInside: boolean; bar: number }): void {
    const i = order.instrumentIndex;
    const before = this.gate.positionBase(i);
    const isLimit = order.kind === 'limit' || order.kind === 'stopLimit';
    const price = isLimit && this.settings.semantics.slippageOn === 'allFills' ? at.price : this.slipped(order, at.price, before);
    const size = this.gate.sizeAtFill(order, price);
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
    execution.priceQuote = price;
    execution.sizeBase = size;
    execution.slippageQuote = Math.abs(price - at.price);
    execution.isMaker = isLimit && at.isInside;
    execution.timeMs = at.isInside ? series.columns.closeTimeMs[at.bar] : series.columns.openTimeMs[at.bar];
    execution.openTimeMs = series.columns.openTimeMs[at.bar];
    execution.bar = at.bar;
    this.sink.onFill(order, execution);
    const hasAttached = !Number.isNaN(order.stopLossPrice) || !Number.isNaN(order.takeProfitPrice);
    if (hasAttached || this.protections.has(i)) this.protect(order, { before, size, price, isInside: at.isInside, series });
  }

  /** The price after slippage, on the tick that hurts; profiles that charge a spread on entries leave exits alone. */
  private slipped(order: Order, price: number, positionBefore: number): number {
    const { slippageFraction } = this.settings.costs;
    const { semantics } = this.settings;
    if (slippageFraction === 0) return price;
    if (semantics.slippageOn === 'entries' && positionBefore * order.side < 0) return price;
    const slipped = price * (1 + order.side * slippageFraction);
    return semantics.grid === 'wholeUnits' ? slipped : roundAgainst(slipped, this.instruments[order.instrumentIndex].tickSize, order.side);
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
    const opened = fill.size - closing;
    if (opened <= 0 || (Number.isNaN(order.stopLossPrice) && Number.isNaN(order.takeProfitPrice))) return;
    const stop = Number.isNaN(order.stopLossPrice) ? null : this.sink.attach(order, 'stopLoss', opened);
    const target = Number.isNaN(order.takeProfitPrice) ? null : this.sink.attach(order, 'takeProfit', opened);
    this.protections.add(i, new Protection(order.id, opened, stop, target));
    if (stop !== null) this.resting.push(stop);
    if (target !== null) this.resting.push(target);
    if (fill.isInside) this.settleEntryBar(order, { stop, target, series: fill.series });
  }

  /** The rest of the bar in which an entry filled inside: what was touched, before or after the entry, is not known unless the path forces it. */
  private settleEntryBar(entry: Order, fresh: { stop: Order | null; target: Order | null; series: FeedSeries }): void {
    const { stop, target, series } = fresh;
    const { columns, index } = series;
    const { semantics } = this.settings;
    const isStopTouched = stop !== null && isStopReached(stop, columns.high[index], columns.low[index]);
    const isTargetTouched = target !== null && !Number.isNaN(priceInsideBar(target, columns.high[index], columns.low[index], this.rule));
    // From a limit entry the price must pass it to reach the stop beyond; a close beyond the stop settles it too.
    const isStopCertain = stop !== null && (entry.kind === 'limit' || stop.side * (columns.close[index] - stop.stopPrice) >= 0);
    const isTargetCertain = target !== null && entry.kind !== 'limit' && !isStopTouched;
    if ((isStopTouched && !isStopCertain) || (isTargetTouched && !isTargetCertain)) this.ambiguousBarCount++;
    const isOptimistic = this.settings.ambiguity === 'optimistic';
    const mayTarget = isOptimistic || (semantics.entryBarTarget === 'ifUnambiguous' && isTargetCertain && entry.kind === 'stop');
    const mayStop = semantics.entryBarStop === 'ifTouched' && (!isOptimistic || isStopCertain);
    if (isOptimistic && isTargetTouched && target !== null) this.execute(target, series, { price: target.limitPrice, isInside: true, bar: index });
    else if (isStopTouched && mayStop && stop !== null) this.execute(stop, series, { price: stop.stopPrice, isInside: true, bar: index });
    else if (isTargetTouched && mayTarget && target !== null) this.execute(target, series, { price: target.limitPrice, isInside: true, bar: index });
  }

  private cancelBoth(protection: Protection, filled: Order, reason: string): void {
    for (const one of [protection.stop, protection.target]) {
      if (one !== null && one !== filled && one.status === 'open') this.sink.onCancelled(one, reason);
    }
  }

  /** Counts the bar if orders on both sides of its open lie inside its range: either could have come first. */
  private countAmbiguity(series: FeedSeries): void {
    if (this.resting.length < 2) return;
    const { columns, index } = series;
    const open = columns.open[index];
    let isAbove = false;
    let isBelow = false;
    for (const order of this.resting) {
      if (order.instrumentIndex !== series.instrumentIndex || order.kind === 'market' || !this.isMatchable(order, series)) continue;
      if (Number.isNaN(priceInsideBar(order, columns.high[index], columns.low[index], this.rule))) continue;
      const price = triggerPrice(order);
      if (price > open) isAbove = true;
      if (price < open) isBelow = true;
    }
    if (isAbove && isBelow) this.ambiguousBarCount++;
  }

  /** Forgets orders that have ended. */
  private sweep(): void {
    let kept = 0;
    for (const order of this.resting) if (order.status === 'open') this.resting[kept++] = order;
    this.resting.length = kept;
  }
}

/** Empty, with every price and time a fraction from the start: a field that has held a whole number changes shape at its first fraction. */
function newExecution(): Execution {
  const none = Number.NaN;
  return { priceQuote: none, sizeBase: none, slippageQuote: none, isMaker: false, timeMs: none, openTimeMs: none, bar: 0 };
}

/** Protective stops first, targets last; an order of the strategy's own that only reduces counts as what it does. */
function stageOf(order: Order): number {
  if (order.role === 'stopLoss' || (order.isReduceOnly && order.kind === 'stop')) return stopStage;
  return order.role === 'takeProfit' || (order.isReduceOnly && order.kind === 'limit') ? targetStage : entryStage;
}
