/**
 * Owns the records of a run as columns: orders, fills and trades. An object a record would outlive its run's young memory and be copied
 * twice by the collector; a column is written once. Objects are made only when somebody asks for them.
 */
import type { Execution } from './broker/broker.ts';
import { ColumnStore } from './columns.ts';
import type { TradeColumns } from './metrics/trade-statistics.ts';
import type { Fill, Trade } from './model/fill.ts';
import { Order, type OrderKind, type OrderRole, orderKinds, orderRoles, orderStatuses, sizeRules } from './model/order.ts';

/** A column that grows fourfold: untouched pages of it cost nothing; values beyond the log's length are rubbish. */
function grown(column: Float64Array<ArrayBuffer>): Float64Array<ArrayBuffer> {
  const wider = new Float64Array(column.length * 4);
  wider.set(column);
  return wider;
}

/** The usual one is told without a search. */
function kindCode(kind: OrderKind): number {
  return kind === 'market' ? 0 : orderKinds.indexOf(kind);
}

function roleCode(role: OrderRole): number {
  return role === 'own' ? 0 : orderRoles.indexOf(role);
}

const firstCapacity = 256;
const empty = () => new Float64Array(firstCapacity);

/** Every order by its id, written when it ends. */
export class OrderLog {
  length = 0;
  instrumentIndex = empty();
  kind = empty();
  role = empty();
  side = empty();
  sizeRule = empty();
  sizeAsked = empty();
  limitPrice = empty();
  stopPrice = empty();
  stopLossPrice = empty();
  takeProfitPrice = empty();
  isReduceOnly = empty();
  parentId = empty();
  submittedMs = empty();
  sizeBase = empty();
  status = empty();
  endedMs = empty();
  /** Only of orders that have one: most have neither. */
  readonly tags = new Map<number, string>();
  readonly reasons = new Map<number, string>();

  clear(): void {
    this.length = 0;
    this.tags.clear();
    this.reasons.clear();
  }

  /** Writes an order that has ended; ids are whole numbers from 0 without gaps. */
  write(order: Order): void {
    const i = order.id;
    while (i >= this.side.length) this.grow();
    if (i >= this.length) this.length = i + 1;
    this.instrumentIndex[i] = order.instrumentIndex;
    this.kind[i] = kindCode(order.kind);
    this.role[i] = roleCode(order.role);
    this.side[i] = order.side;
    this.sizeRule[i] = sizeRules.indexOf(order.sizeRule);
    this.sizeAsked[i] = order.sizeAsked;
    this.limitPrice[i] = order.limitPrice;
    this.stopPrice[i] = order.stopPrice;
    this.stopLossPrice[i] = order.stopLossPrice;
    this.takeProfitPrice[i] = order.takeProfitPrice;
    this.isReduceOnly[i] = order.isReduceOnly ? 1 : 0;
    this.parentId[i] = order.parentId;
    this.submittedMs[i] = order.submittedMs;
    this.sizeBase[i] = order.sizeBase;
    this.status[i] = orderStatuses.indexOf(order.status);
    this.endedMs[i] = order.endedMs;
    if (order.tag !== '') this.tags.set(i, order.tag);
    if (order.reason !== '') this.reasons.set(i, order.reason);
  }

  at(i: number): Order {
    const order = new Order(i, this.submittedMs[i], this.sizeBase[i], {
      instrumentIndex: this.instrumentIndex[i],
      kind: orderKinds[this.kind[i]],
      role: orderRoles[this.role[i]],
      side: this.side[i] as Order['side'],
      sizeRule: sizeRules[this.sizeRule[i]],
      sizeAsked: this.sizeAsked[i],
      limitPrice: this.limitPrice[i],
      stopPrice: this.stopPrice[i],
      stopLossPrice: this.stopLossPrice[i],
      takeProfitPrice: this.takeProfitPrice[i],
      isReduceOnly: this.isReduceOnly[i] === 1,
      parentId: this.parentId[i],
      tag: this.tags.get(i) ?? '',
    });
    order.status = orderStatuses[this.status[i]];
    order.endedMs = this.endedMs[i];
    order.reason = this.reasons.get(i) ?? '';
    return order;
  }

  toArray(): Order[] {
    return Array.from({ length: this.length }, (_, i) => this.at(i));
  }

  private grow(): void {
    this.instrumentIndex = grown(this.instrumentIndex);
    this.kind = grown(this.kind);
    this.role = grown(this.role);
    this.side = grown(this.side);
    this.sizeRule = grown(this.sizeRule);
    this.sizeAsked = grown(this.sizeAsked);
    this.limitPrice = grown(this.limitPrice);
    this.stopPrice = grown(this.stopPrice);
    this.stopLossPrice = grown(this.stopLossPrice);
    this.takeProfitPrice = grown(this.takeProfitPrice);
    this.isReduceOnly = grown(this.isReduceOnly);
    this.parentId = grown(this.parentId);
    this.submittedMs = grown(this.submittedMs);
    this.sizeBase = grown(this.sizeBase);
    this.status = grown(this.status);
    this.endedMs = grown(this.endedMs);
  }
}

/** Every execution in order. Codes of kind and role are their places in orderKinds and orderRoles. */
export class FillLog {
  length = 0;
  orderId = empty();
  instrumentIndex = empty();
  timeMs = empty();
  openTimeMs = empty();
  side = empty();
  priceQuote = empty();
  sizeBase = empty();
  notionalQuote = empty();
  feeQuote = empty();
  slippageQuote = empty();
  kind = empty();
  role = empty();

  clear(): void {
    this.length = 0;
  }

  push(order: Order, execution: Execution, notionalQuote: number, feeQuote: number): void {
    const i = this.length;
    if (i === this.orderId.length) this.grow();
    this.orderId[i] = order.id;
    this.instrumentIndex[i] = order.instrumentIndex;
    this.timeMs[i] = execution.timeMs;
    this.openTimeMs[i] = execution.openTimeMs;
    this.side[i] = order.side;
    this.priceQuote[i] = execution.priceQuote;
    this.sizeBase[i] = execution.sizeBase;
    this.notionalQuote[i] = notionalQuote;
    this.feeQuote[i] = feeQuote;
    this.slippageQuote[i] = execution.slippageQuote === 0 ? 0 : (execution.slippageQuote / execution.priceQuote) * notionalQuote;
    this.kind[i] = kindCode(order.kind);
    this.role[i] = roleCode(order.role);
    this.length = i + 1;
  }

  at(i: number): Fill {
    return {
      orderId: this.orderId[i],
      instrumentIndex: this.instrumentIndex[i],
      timeMs: this.timeMs[i],
      openTimeMs: this.openTimeMs[i],
      side: this.side[i] as Fill['side'],
      priceQuote: this.priceQuote[i],
      sizeBase: this.sizeBase[i],
      notionalQuote: this.notionalQuote[i],
      feeQuote: this.feeQuote[i],
      slippageQuote: this.slippageQuote[i],
      kind: orderKinds[this.kind[i]],
      role: orderRoles[this.role[i]],
    };
  }

  toArray(): Fill[] {
    return Array.from({ length: this.length }, (_, i) => this.at(i));
  }

  private grow(): void {
    this.orderId = grown(this.orderId);
    this.instrumentIndex = grown(this.instrumentIndex);
    this.timeMs = grown(this.timeMs);
    this.openTimeMs = grown(this.openTimeMs);
    this.side = grown(this.side);
    this.priceQuote = grown(this.priceQuote);
    this.sizeBase = grown(this.sizeBase);
    this.notionalQuote = grown(this.notionalQuote);
    this.feeQuote = grown(this.feeQuote);
    this.slippageQuote = grown(this.slippageQuote);
    this.kind = grown(this.kind);
    this.role = grown(this.role);
  }
}

/** What of an entry a trade takes over. */
export interface TradeEntry {
  readonly orderId: number;
  readonly side: Trade['side'];
  readonly priceQuote: number;
  readonly timeMs: number;
  readonly openTimeMs: number;
  readonly bar: number;
  readonly sizeFilled: number;
  readonly feeQuote: number;
}

/** Every closed trade in order of exit. */
export class TradeLog {
  length = 0;
  longCount = 0;
  instrumentIndex = empty();
  side = empty();
  sizeBase = empty();
  entryOrderId = empty();
  exitOrderId = empty();
  entryMs = empty();
  exitMs = empty();
  entryOpenMs = empty();
  exitOpenMs = empty();
  entryBar = empty();
  exitBar = empty();
  entryPriceQuote = empty();
  exitPriceQuote = empty();
  entryFeeQuote = empty();
  exitFeeQuote = empty();
  pnlQuote = empty();
  returnFraction = empty();
  exitRole = empty();

  clear(): void {
    this.length = 0;
    this.longCount = 0;
  }

  /** sizeBase: what of the entry this exit closes; exitFeeQuoteAll: the fee of the whole exit, shared by quantity as the entry's is. */
  push(entry: TradeEntry, exit: Order, at: Execution, sizeBase: number, exitFeeQuoteAll: number, multiplier: number): void {
    const i = this.length;
    if (i === this.side.length) this.grow();
    const { side } = entry;
    const entryFeeQuote = sizeBase === entry.sizeFilled ? entry.feeQuote : (entry.feeQuote * sizeBase) / entry.sizeFilled;
    const exitFeeQuote = sizeBase === at.sizeBase ? exitFeeQuoteAll : (exitFeeQuoteAll * sizeBase) / at.sizeBase;
    this.instrumentIndex[i] = exit.instrumentIndex;
    this.side[i] = side;
    this.sizeBase[i] = sizeBase;
    this.entryOrderId[i] = entry.orderId;
    this.exitOrderId[i] = exit.id;
    this.entryMs[i] = entry.timeMs;
    this.exitMs[i] = at.timeMs;
    this.entryOpenMs[i] = entry.openTimeMs;
    this.exitOpenMs[i] = at.openTimeMs;
    this.entryBar[i] = entry.bar;
    this.exitBar[i] = at.bar;
    this.entryPriceQuote[i] = entry.priceQuote;
    this.exitPriceQuote[i] = at.priceQuote;
    this.entryFeeQuote[i] = entryFeeQuote;
    this.exitFeeQuote[i] = exitFeeQuote;
    this.pnlQuote[i] = side * (at.priceQuote - entry.priceQuote) * sizeBase * multiplier - entryFeeQuote - exitFeeQuote;
    this.returnFraction[i] = side * (at.priceQuote / entry.priceQuote - 1);
    this.exitRole[i] = roleCode(exit.role);
    if (side > 0) this.longCount++;
    this.length = i + 1;
  }

  at(i: number): Trade {
    return {
      instrumentIndex: this.instrumentIndex[i],
      side: this.side[i] as Trade['side'],
      sizeBase: this.sizeBase[i],
      entryOrderId: this.entryOrderId[i],
      exitOrderId: this.exitOrderId[i],
      entryMs: this.entryMs[i],
      exitMs: this.exitMs[i],
      entryOpenMs: this.entryOpenMs[i],
      exitOpenMs: this.exitOpenMs[i],
      entryBar: this.entryBar[i],
      exitBar: this.exitBar[i],
      entryPriceQuote: this.entryPriceQuote[i],
      exitPriceQuote: this.exitPriceQuote[i],
      entryFeeQuote: this.entryFeeQuote[i],
      exitFeeQuote: this.exitFeeQuote[i],
      pnlQuote: this.pnlQuote[i],
      returnFraction: this.returnFraction[i],
      exitRole: orderRoles[this.exitRole[i]],
    };
  }

  /** What trade statistics read; views of the log, but for the holding times. */
  columns(): TradeColumns {
    const count = this.length;
    const holdingMs = new Float64Array(count);
    for (let i = 0; i < count; i++) holdingMs[i] = this.exitMs[i] - this.entryMs[i];
    return {
      count,
      longCount: this.longCount,
      pnlQuote: this.pnlQuote.subarray(0, count),
      returnFraction: this.returnFraction.subarray(0, count),
      holdingMs,
    };
  }

  toArray(): Trade[] {
    return Array.from({ length: this.length }, (_, i) => this.at(i));
  }

  private grow(): void {
    this.instrumentIndex = grown(this.instrumentIndex);
    this.side = grown(this.side);
    this.sizeBase = grown(this.sizeBase);
    this.entryOrderId = grown(this.entryOrderId);
    this.exitOrderId = grown(this.exitOrderId);
    this.entryMs = grown(this.entryMs);
    this.exitMs = grown(this.exitMs);
    this.entryOpenMs = grown(this.entryOpenMs);
    this.exitOpenMs = grown(this.exitOpenMs);
    this.entryBar = grown(this.entryBar);
    this.exitBar = grown(this.exitBar);
    this.entryPriceQuote = grown(this.entryPriceQuote);
    this.exitPriceQuote = grown(this.exitPriceQuote);
    this.entryFeeQuote = grown(this.entryFeeQuote);
    this.exitFeeQuote = grown(this.exitFeeQuote);
    this.pnlQuote = grown(this.pnlQuote);
    this.returnFraction = grown(this.returnFraction);
    this.exitRole = grown(this.exitRole);
  }
}

/** The memory of a run: its records, its indicator columns and its equity. Trials of a sweep take turns with one, so that they allocate nothing to speak of. */
export class Workspace {
  readonly orders = new OrderLog();
  readonly fills = new FillLog();
  readonly trades = new TradeLog();
  readonly columns = new ColumnStore();
  private equity = new Float64Array(0);
  private held = new Float64Array(0);

  clear(): void {
    this.orders.clear();
    this.fills.clear();
    this.trades.clear();
    this.columns.release();
  }

  /** A column of this length; what an earlier run left in it is overwritten row by row. */
  equityQuote(length: number): Float64Array {
    if (this.equity.length < length) this.equity = new Float64Array(length);
    return this.equity.subarray(0, length);
  }

  /** As equityQuote, for the equity of buying and holding; only the rows asked for are written. */
  heldQuote(length: number): Float64Array {
    if (this.held.length < length) this.held = new Float64Array(length);
    return this.held.subarray(0, length);
  }
}
