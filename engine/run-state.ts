/** Owns the mutable state of one run: what step advances. Receives the broker's outcomes; never decides any. */
import type { AccountKeeper } from './account-keeper.ts';
import type { Broker, BrokerSink, Execution } from './broker/broker.ts';
import { latenciesOf } from './costs/latency.ts';
import type { Feed, FeedSeries } from './feed.ts';
import type { HeldRows } from './held-rows.ts';
import type { FillLog, OrderLog, Workspace } from './logs.ts';
import type { Fill } from './model/fill.ts';
import { blankOrder, hasAttached, Order, type OrderFields, type OrderKind, type Side, snapshotOf } from './model/order.ts';
import { OrderList } from './model/order-list.ts';
import { advanceOrder, type OrderEvent } from './model/order-state.ts';
import type { Portfolio } from './portfolio/portfolio.ts';
import type { Risk } from './risk/risk.ts';
import { SkippedEntries } from './risk/skipped-entries.ts';
import type { RulesInForce } from './rules-in-force.ts';
import type { RunSettings } from './settings.ts';
import type { StrategyContext, StrategyHandlers } from './strategy.ts';

/** What to keep of a run: everything, or what its metrics and trial hash need. */
export type Recording = 'full' | 'metrics';

/** From this bar of the series on, every column declared on it has a value. */
export interface Warmth {
  readonly series: FeedSeries;
  readonly bar: number;
}

export interface RunStateInput {
  readonly feed: Feed;
  readonly portfolio: Portfolio;
  readonly risk: Risk;
  readonly openOrders: OrderList;
  readonly recording: Recording;
  readonly workspace: Workspace;
  readonly settings: RunSettings;
}

export class RunState implements BrokerSink {
  readonly feed: Feed;
  readonly portfolio: Portfolio;
  readonly risk: Risk;
  readonly openOrders: OrderList;
  readonly orders: OrderLog;
  readonly fills: FillLog;
  /** Equity at each row of the feed. */
  readonly equityQuote: Float64Array;
  /** Risk is shown every mark: the account's state may change at one. */
  readonly canHalt: boolean;
  /** Where rules may still change; null where none ever do. */
  readonly dated: RulesInForce | null;
  /** Market orders fill at the close that decided. */
  readonly fillsAtClose: boolean;
  /** What looks after an account that is not plain; null for one that is. */
  keeper: AccountKeeper | null = null;
  /** The account came to nothing: the run ended there. */
  isRuined = false;
  /** Something sent may be on its way with nothing at rest. */
  readonly hasLatency: boolean;
  /** Set once by assembly, before the first step. */
  broker!: Broker;
  handlers!: StrategyHandlers;
  context!: StrategyContext;
  /** Whether onBar is wanted now; null calls it at every bar of a declared series. */
  isAwake: (() => boolean) | null = null;
  /** Equity of rows that are leapt over; null where none are. */
  held: HeldRows | null = null;
  /** For each series with declared columns, the bar at which the last of them has its first value. */
  warmths: readonly Warmth[] = [];
  /** All series are declared: every batch of bars is one that the strategy reads. */
  readsEverySeries = false;
  /** Every declared column is defined: checked until it holds, then never again. */
  isReady = false;
  exposureRowCount = 0;
  refusedCount = 0;
  /**
   * Of the last quiet stretch; of no meaning. Adding up opens as their bars pass keeps them in the processor's cache: an order's lone look
   * at its open would miss it, a tenth of a microsecond each time.
   */
  opensSum = Number.NaN;
  firstRefusal = '';
  hasNews = false;
  /** What is sent may only reduce, whatever it says: its parameter set has been relieved, and holds a position still. */
  onlyReduces = false;
  private readonly keepsOrders: boolean;
  /** Null outside of a robustness check. */
  private readonly skipped: SkippedEntries | null;
  /** Ended orders waiting for the step to end, and those to use again. */
  readonly retired = new OrderList();
  private readonly spare = new OrderList();
  /** Orders drafted so far: the id of the next. */
  draftCount = 0;
  private heldFromRow = -1;
  private newsFills: Fill[] = [];
  private newsOrders: Readonly<Order>[] = [];

  constructor(input: RunStateInput) {
    this.feed = input.feed;
    this.portfolio = input.portfolio;
    this.risk = input.risk;
    this.openOrders = input.openOrders;
    this.keepsOrders = input.recording === 'full';
    const { skippedEntries } = input.settings;
    this.skipped = skippedEntries === undefined ? null : new SkippedEntries(skippedEntries);
    this.fillsAtClose = input.settings.semantics.marketFill === 'close';
    this.hasLatency = latenciesOf(input.settings.latency, input.settings.seed) !== null;
    const { inForce } = input.portfolio;
    this.dated = inForce.areDated ? inForce : null;
    this.canHalt = input.risk.rules?.supervisor.watchesMarks ?? false;
    this.orders = input.workspace.orders;
    this.fills = input.workspace.fills;
    this.equityQuote = input.workspace.equityQuote(input.feed.rowTimeMs.length);
  }

  /** A new order of the strategy's own, to be filled in and sent. */
  draft(instrumentIndex: number, kind: OrderKind, side: Side): Order {
    const order = this.spare.count > 0 ? this.spare.pop() : blankOrder();
    order.id = this.draftCount++;
    order.instrumentIndex = instrumentIndex;
    order.kind = kind;
    order.role = 'own';
    order.side = side;
    order.sizeRule = 'base';
    order.sizeAsked = Number.NaN;
    order.limitPrice = Number.NaN;
    order.stopPrice = Number.NaN;
    order.stopLossPrice = Number.NaN;
    order.takeProfitPrice = Number.NaN;
    order.isReduceOnly = false;
    order.parentId = -1;
    order.tag = '';
    order.terms = undefined;
    order.submittedMs = this.feed.timeMs;
    order.liveMs = order.submittedMs;
    order.sizeBase = Number.NaN;
    order.filledBase = 0;
    order.status = 'drafted';
    order.isTriggered = false;
    order.reason = '';
    order.endedMs = Number.NaN;
    return order;
  }

  /** Sends what closes a whole position for the engine itself: one market order, or as many as its size takes. */
  sendClosing(instrumentIndex: number, role: 'halt' | 'liquidation'): void {
    const position = this.portfolio.positionBase[instrumentIndex];
    const left = this.risk.projectedBase(instrumentIndex) * Math.sign(position);
    // What orders on their way close already is not cut into parts once more.
    const size = left > 0 ? Math.min(left, Math.abs(position)) : Math.abs(position);
    for (const sizeBase of this.portfolio.inForce.partsOf(instrumentIndex, size)) {
      const order = this.draftClosing(instrumentIndex, role);
      order.sizeAsked = sizeBase;
      this.send(order);
    }
  }

  /** A market order that closes a whole position for the engine itself. */
  draftClosing(instrumentIndex: number, role: 'halt' | 'endOfRun' | 'liquidation'): Order {
    const position = this.portfolio.positionBase[instrumentIndex];
    const order = this.draft(instrumentIndex, 'market', position > 0 ? -1 : 1);
    order.role = role;
    order.sizeAsked = Math.abs(position);
    order.isReduceOnly = true;
    order.tag = role;
    return order;
  }

  /** Sends an order through risk to the broker; returns its id. A refusal is an outcome like any other, kept with its numbers. */
  send(order: Order): number {
    const { id } = order;
    if (this.onlyReduces) order.isReduceOnly = true;
    if (order.terms !== undefined && this.stopsTerms(order)) return id;
    const refusal = this.admit(order);
    if (refusal === '') {
      this.openOrders.add(order);
      this.broker.submit(order);
    } else {
      this.reject(order, refusal);
      if (this.keeper !== null) this.keeper.afterRefusal(order);
      if (this.risk.rules !== null) this.risk.rules.supervisor.notePosition(order, this.feed.timeMs);
    }
    return id;
  }

  onAccepted(order: Order): void {
    advanceOrder(order, 'accept');
    if (this.handlers.onOrder !== undefined) this.announce(order);
  }

  onFill(order: Order, execution: Execution): void {
    const { portfolio } = this;
    const heldBefore = portfolio.heldCount;
    portfolio.fill(order, execution);
    if (execution.isWhole) this.end(order, 'fill', '');
    else {
      advanceOrder(order, 'fillPart');
      this.onChanged(order);
    }
    this.noteExposure(heldBefore);
    if (this.keeper !== null) this.keeper.afterFill(order, execution);
    // Behind the keeper: what it ended as dust is a position closed.
    if (this.risk.rules !== null) this.risk.rules.supervisor.notePosition(order, execution.timeMs);
    if (this.handlers.onFill === undefined) return;
    this.newsFills.push(this.fills.at(this.fills.length - 1));
    this.hasNews = true;
  }

  onChanged(order: Order): void {
    if (this.handlers.onOrder !== undefined) this.announce(order);
  }

  onAmendedAway(order: Order): void {
    this.end(order, 'fill', '');
  }

  /** Ends a position that no order can close: what is left of it is dust. */
  endPosition(instrumentIndex: number): void {
    const heldBefore = this.portfolio.heldCount;
    this.portfolio.toDust(instrumentIndex);
    this.noteExposure(heldBefore);
  }

  onCancelled(order: Order, reason: string): void {
    this.end(order, 'cancel', reason);
  }

  onExpired(order: Order, reason: string): void {
    this.end(order, 'expire', reason);
  }

  onRejected(order: Order, reason: string): void {
    this.reject(order, reason);
  }

  make(fields: OrderFields, sizeBase: number): Order {
    const order = new Order(this.draftCount++, this.feed.timeMs, sizeBase, fields);
    this.openOrders.add(order);
    this.onAccepted(order);
    return order;
  }

  release(order: Order): boolean {
    order.submittedMs = this.feed.timeMs;
    // One that was on its way has been counted among the others until now, and need leave no room for itself.
    const wasCounted = order.status !== 'held';
    if (wasCounted) this.openOrders.remove(order);
    const refusal = this.admit(order);
    if (wasCounted) this.openOrders.add(order);
    if (refusal !== '') this.reject(order, refusal);
    return refusal === '';
  }

  refuse(fields: OrderFields, reason: string): void {
    this.reject(new Order(this.draftCount++, this.feed.timeMs, Number.NaN, fields), reason);
  }

  /** Tells the strategy what happened to its orders, in order; what it does there may make more news. */
  deliverNews(): void {
    while (this.hasNews) {
      const fills = this.newsFills;
      const orders = this.newsOrders;
      this.newsFills = [];
      this.newsOrders = [];
      this.hasNews = false;
      for (const order of orders) this.handlers.onOrder?.(order, this.context);
      for (const fill of fills) this.handlers.onFill?.(fill, this.context);
    }
  }

  /** Ends an order for good. */
  end(order: Order, event: OrderEvent, reason: string): void {
    advanceOrder(order, event);
    order.reason = reason;
    order.endedMs = this.feed.timeMs;
    this.openOrders.remove(order);
    if (this.keepsOrders) this.orders.write(order);
    if (this.handlers.onOrder !== undefined) this.announce(order);
    // Only plain market orders are used again: nothing attached to an entry, and nothing that waits for a time, can still point at them.
    else if (order.kind === 'market' && order.terms === undefined && !hasAttached(order)) this.retired.add(order);
  }

  /** Every declared column has a value at now. */
  isWarm(): boolean {
    const { warmths } = this;
    for (let k = 0; k < warmths.length; k++) if (warmths[k].series.index < warmths[k].bar) return false;
    return true;
  }

  /** Closes the exposure count at the end of the run. */
  finishExposure(): void {
    if (this.portfolio.heldCount > 0) this.exposureRowCount += this.equityQuote.length - this.heldFromRow;
  }

  /** Nothing happens to the account but by orders, and equity is cash and position: bars without an order may be played as one stretch. */
  get isPlain(): boolean {
    return this.portfolio.isPlain && (this.keeper === null || !this.keeper.needsSteps);
  }

  /** Takes back orders that ended in the last step: nothing refers to them any more. */
  recycle(): void {
    while (this.retired.count > 0) this.spare.add(this.retired.pop());
  }

  /** Counts the rows between the first position and the last. */
  private noteExposure(heldBefore: number): void {
    const { heldCount } = this.portfolio;
    if (heldBefore === 0 && heldCount > 0) this.heldFromRow = this.nextMarkRow();
    else if (heldBefore > 0 && heldCount === 0) this.exposureRowCount += this.nextMarkRow() - this.heldFromRow;
  }

  private admit(order: Order): string {
    const { skipped, risk } = this;
    const skip = skipped === null ? '' : skipped.refusal(order, risk.projectedBase(order.instrumentIndex));
    return skip === '' ? risk.admit(order) : skip;
  }

  /** Refuses what the order's kind cannot be, and keeps back what waits for another: then nothing is left to send. */
  private stopsTerms(order: Order): boolean {
    const refusal = termsRefusal(order);
    if (refusal !== '') {
      this.reject(order, refusal);
      return true;
    }
    if (order.terms === undefined || order.terms.afterId < 0) return false;
    this.openOrders.add(order);
    this.broker.hold(order);
    return true;
  }

  private reject(order: Order, reason: string): void {
    if (this.refusedCount === 0) this.firstRefusal = reason;
    this.refusedCount++;
    this.end(order, 'reject', reason);
  }

  private announce(order: Order): void {
    this.newsOrders.push(snapshotOf(order));
    this.hasNews = true;
  }

  /** The equity row at which what happens now first shows: an open is marked at its bar's close. */
  private nextMarkRow(): number {
    const series = this.feed.batch[0];
    return this.feed.batchCount > 0 && series.openedBar > series.index ? this.feed.row + 1 : this.feed.row;
  }
}

/** Why an order of this kind, sent at this time, cannot have these terms; '' where it can. */
function termsRefusal({ kind, terms, submittedMs }: Order): string {
  if (terms === undefined) return '';
  const { timeInForce, isPostOnly, goodTillMs } = terms;
  if (goodTillMs <= submittedMs)
    return `goodTillMs ${isoTime(goodTillMs)} is not after ${isoTime(submittedMs)}, when the order was sent: it could never take part`;
  if ((timeInForce === 'IOC' || timeInForce === 'FOK') && kind !== 'market' && kind !== 'limit' && kind !== 'onOpen')
    return `${timeInForce} is for market, limit and onOpen orders; a ${kind} order waits for its price`;
  return isPostOnly && kind !== 'limit' ? `postOnly is for limit orders; a ${kind} order takes` : '';
}

function isoTime(timeMs: number): string {
  return new Date(timeMs).toISOString();
}
