/** Owns the mutable state of one run: what step advances. Receives the broker's outcomes; never decides any. */
import type { Broker, BrokerSink, Execution } from './broker/broker.ts';
import type { Feed, FeedSeries } from './feed.ts';
import type { FillLog, OrderLog, Workspace } from './logs.ts';
import type { Fill } from './model/fill.ts';
import { blankOrder, type Order, type OrderKind, type OrderRole, type OrderStatus, type Side, snapshotOf } from './model/order.ts';
import { OrderList } from './model/order-list.ts';
import type { Portfolio } from './portfolio/portfolio.ts';
import type { Risk } from './risk/risk.ts';
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
  readonly drawdownHaltFraction: number;
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
  readonly canHalt: boolean;
  /** Set once by assembly, before the first step. */
  broker!: Broker;
  handlers!: StrategyHandlers;
  context!: StrategyContext;
  /** Whether onBar is wanted now; null calls it at every bar of a declared series. */
  isAwake: (() => boolean) | null = null;
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
  private readonly keepsOrders: boolean;
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
    this.canHalt = input.drawdownHaltFraction < 1;
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
    order.submittedMs = this.feed.timeMs;
    order.sizeBase = Number.NaN;
    order.status = 'open';
    order.isTriggered = false;
    order.reason = '';
    order.endedMs = Number.NaN;
    return order;
  }

  /** A market order that closes a whole position for the engine itself. */
  draftClosing(instrumentIndex: number, role: 'halt' | 'endOfRun'): Order {
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
    const refusal = this.risk.admit(order);
    if (refusal === '') {
      this.openOrders.add(order);
      this.broker.submit(order);
    } else {
      this.refuse(order, refusal);
    }
    return id;
  }

  onAccepted(order: Order): void {
    if (this.handlers.onOrder !== undefined) this.announce(order);
  }

  onFill(order: Order, execution: Execution): void {
    const { portfolio } = this;
    const heldBefore = portfolio.heldCount;
    portfolio.fill(order, execution);
    if (heldBefore === 0) this.heldFromRow = this.nextMarkRow();
    else if (portfolio.heldCount === 0) this.exposureRowCount += this.nextMarkRow() - this.heldFromRow;
    this.end(order, 'filled', '');
    if (this.handlers.onFill === undefined) return;
    this.newsFills.push(this.fills.at(this.fills.length - 1));
    this.hasNews = true;
  }

  onCancelled(order: Order, reason: string): void {
    this.end(order, 'cancelled', reason);
  }

  onRejected(order: Order, reason: string): void {
    this.refuse(order, reason);
  }

  attach(entry: Order, role: OrderRole & ('stopLoss' | 'takeProfit'), sizeBase: number): Order {
    const isStop = role === 'stopLoss';
    const order = this.draft(entry.instrumentIndex, isStop ? 'stop' : 'limit', entry.side > 0 ? -1 : 1);
    order.role = role;
    order.sizeAsked = sizeBase;
    order.sizeBase = sizeBase;
    if (isStop) order.stopPrice = entry.stopLossPrice;
    else order.limitPrice = entry.takeProfitPrice;
    order.isReduceOnly = true;
    order.parentId = entry.id;
    order.tag = entry.tag;
    this.openOrders.add(order);
    this.onAccepted(order);
    return order;
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
  end(order: Order, status: OrderStatus, reason: string): void {
    order.status = status;
    order.reason = reason;
    order.endedMs = this.feed.timeMs;
    this.openOrders.remove(order);
    if (this.keepsOrders) this.orders.write(order);
    if (this.handlers.onOrder !== undefined) this.announce(order);
    // Only plain market orders are used again: nothing attached to an entry can still point at them.
    else if (order.kind === 'market' && Number.isNaN(order.stopLossPrice) && Number.isNaN(order.takeProfitPrice)) this.retired.add(order);
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

  /** Takes back orders that ended in the last step: nothing refers to them any more. */
  recycle(): void {
    while (this.retired.count > 0) this.spare.add(this.retired.pop());
  }

  private refuse(order: Order, reason: string): void {
    if (this.refusedCount === 0) this.firstRefusal = reason;
    this.refusedCount++;
    this.end(order, 'rejected', reason);
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
