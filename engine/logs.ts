/**
 * Owns the records of a run as tables of numbers: orders, fills and trades. An object a record would outlive its run's young memory and be
 * copied twice by the collector; a row is written once, and lies on one or two lines of the processor's cache where a column a field would
 * take one each. What a trade shares with its two fills is read from them. Objects are made only when somebody asks for them.
 */
import type { Execution } from './broker/broker.ts';
import { FillHasher } from './certificate.ts';
import { ColumnStore } from './columns.ts';
import { SpanTable } from './held-rows.ts';
import type { TradeColumns } from './metrics/trade-statistics.ts';
import type { Fill, Trade } from './model/fill.ts';
import { Order, type OrderKind, type OrderRole, orderKinds, orderRoles, sizeRules } from './model/order.ts';
import { orderStatuses } from './model/order-state.ts';
import type { OrderTerms } from './model/order-terms.ts';

/** The usual one is told without a search. */
function kindCode(kind: OrderKind): number {
  return kind === 'market' ? 0 : orderKinds.indexOf(kind);
}

function roleCode(role: OrderRole): number {
  return role === 'own' ? 0 : orderRoles.indexOf(role);
}

/** What of an order's life its row does not tell. */
interface OrderLife {
  readonly terms: OrderTerms | undefined;
  readonly isTriggered: boolean;
  readonly liveMs: number;
  readonly filledBase: number;
}

/** All of what was filled, nothing of what was not. */
function usuallyFilled({ status, sizeBase }: Order): number {
  return status === 'filled' ? sizeBase : 0;
}

const firstRows = 256;

/** A table that grows fourfold: untouched pages of it cost nothing; values beyond the log's length are rubbish. */
function grown(table: Float64Array<ArrayBuffer>): Float64Array<ArrayBuffer> {
  const longer = new Float64Array(table.length * 4);
  longer.set(table);
  return longer;
}

const orderWidth = 16;

/** Every order by its id, written when it ends. */
export class OrderLog {
  length = 0;
  private table = new Float64Array(firstRows * orderWidth);
  /** Only of orders that have one: most have neither. */
  readonly tags = new Map<number, string>();
  readonly reasons = new Map<number, string>();
  /** Only of orders that were more than sent, and filled whole or not at all. */
  readonly lives = new Map<number, OrderLife>();

  clear(): void {
    this.length = 0;
    this.tags.clear();
    this.reasons.clear();
    this.lives.clear();
  }

  /** Writes an order that has ended; ids are whole numbers from 0 without gaps. */
  write(order: Order): void {
    const { id } = order;
    const at = id * orderWidth;
    while (at >= this.table.length) this.table = grown(this.table);
    if (id >= this.length) this.length = id + 1;
    const { table } = this;
    table[at] = order.instrumentIndex;
    table[at + 1] = kindCode(order.kind);
    table[at + 2] = roleCode(order.role);
    table[at + 3] = order.side;
    table[at + 4] = sizeRules.indexOf(order.sizeRule);
    table[at + 5] = order.sizeAsked;
    table[at + 6] = order.limitPrice;
    table[at + 7] = order.stopPrice;
    table[at + 8] = order.stopLossPrice;
    table[at + 9] = order.takeProfitPrice;
    table[at + 10] = order.isReduceOnly ? 1 : 0;
    table[at + 11] = order.parentId;
    table[at + 12] = order.submittedMs;
    table[at + 13] = order.sizeBase;
    table[at + 14] = orderStatuses.indexOf(order.status);
    table[at + 15] = order.endedMs;
    if (order.tag !== '') this.tags.set(id, order.tag);
    if (order.reason !== '') this.reasons.set(id, order.reason);
    const { terms, isTriggered, liveMs, filledBase } = order;
    const isPlain = terms === undefined && !isTriggered && liveMs === order.submittedMs && filledBase === usuallyFilled(order);
    if (!isPlain) this.lives.set(id, { terms, isTriggered, liveMs, filledBase });
  }

  at(id: number): Order {
    const life = this.lives.get(id);
    const row = this.table.subarray(id * orderWidth, (id + 1) * orderWidth);
    const order = new Order(id, row[12], row[13], {
      instrumentIndex: row[0],
      kind: orderKinds[row[1]],
      role: orderRoles[row[2]],
      side: row[3] as Order['side'],
      sizeRule: sizeRules[row[4]],
      sizeAsked: row[5],
      limitPrice: row[6],
      stopPrice: row[7],
      stopLossPrice: row[8],
      takeProfitPrice: row[9],
      isReduceOnly: row[10] === 1,
      parentId: row[11],
      tag: this.tags.get(id) ?? '',
      terms: life?.terms,
    });
    order.status = orderStatuses[row[14]];
    order.endedMs = row[15];
    order.reason = this.reasons.get(id) ?? '';
    order.isTriggered = life?.isTriggered ?? false;
    order.liveMs = life?.liveMs ?? order.submittedMs;
    order.filledBase = life?.filledBase ?? usuallyFilled(order);
    return order;
  }

  toArray(): Order[] {
    return Array.from({ length: this.length }, (_, i) => this.at(i));
  }
}

const fillWidth = 12;
/** Fills that are hashed at a time, in memory that all runs of a thread take turns with. */
const hashedRows = 1_024;
const hashedTable = new Float64Array(hashedRows * fillWidth);

/** Every execution in order, and what they come to. */
export class FillLog {
  length = 0;
  private table = new Float64Array(firstRows * fillWidth);
  /** Fees, slippage and notional of all fills, added up in their order. */
  private readonly sums = new Float64Array(3);

  clear(): void {
    this.length = 0;
    this.sums.fill(0);
  }

  get feeQuoteTotal(): number {
    return this.sums[0];
  }

  get slippageQuoteTotal(): number {
    return this.sums[1];
  }

  get notionalQuoteTotal(): number {
    return this.sums[2];
  }

  /** Returns the fill's place in the log. */
  push(order: Order, at: Execution, notionalQuote: number, feeQuote: number): number {
    const i = this.length++;
    const row = i * fillWidth;
    if (row === this.table.length) this.table = grown(this.table);
    const slippageQuote = at.slippageQuote === 0 ? 0 : (at.slippageQuote / at.priceQuote) * notionalQuote;
    const { table, sums } = this;
    table[row] = order.id;
    table[row + 1] = order.instrumentIndex;
    table[row + 2] = at.timeMs;
    table[row + 3] = at.openTimeMs;
    table[row + 4] = order.side;
    table[row + 5] = at.priceQuote;
    table[row + 6] = at.sizeBase;
    table[row + 7] = notionalQuote;
    table[row + 8] = feeQuote;
    table[row + 9] = slippageQuote;
    table[row + 10] = at.bar;
    table[row + 11] = kindCode(order.kind) * orderRoles.length + roleCode(order.role);
    sums[0] += feeQuote;
    sums[1] += slippageQuote;
    sums[2] += notionalQuote;
    return i;
  }

  at(i: number): Fill {
    const row = this.row(i);
    return {
      orderId: row[0],
      instrumentIndex: row[1],
      timeMs: row[2],
      openTimeMs: row[3],
      side: row[4] as Fill['side'],
      priceQuote: row[5],
      sizeBase: row[6],
      notionalQuote: row[7],
      feeQuote: row[8],
      slippageQuote: row[9],
      kind: orderKinds[Math.floor(row[11] / orderRoles.length)],
      role: this.roleAt(i),
    };
  }

  instrumentIndexAt(i: number): number {
    return this.table[i * fillWidth + 1];
  }

  timeMsAt(i: number): number {
    return this.table[i * fillWidth + 2];
  }

  sideAt(i: number): number {
    return this.table[i * fillWidth + 4];
  }

  priceQuoteAt(i: number): number {
    return this.table[i * fillWidth + 5];
  }

  sizeBaseAt(i: number): number {
    return this.table[i * fillWidth + 6];
  }

  feeQuoteAt(i: number): number {
    return this.table[i * fillWidth + 8];
  }

  /** Index of the instrument's finest bar in which it was filled. */
  barAt(i: number): number {
    return this.table[i * fillWidth + 10];
  }

  roleAt(i: number): OrderRole {
    return orderRoles[this.table[i * fillWidth + 11] % orderRoles.length];
  }

  toArray(): Fill[] {
    return Array.from({ length: this.length }, (_, i) => this.at(i));
  }

  /** As hashFills() of all of them, without making them. */
  hash(): string {
    const { table, length } = this;
    const hasher = new FillHasher(length);
    for (let from = 0; from < length; from += hashedRows) {
      const to = Math.min(from + hashedRows, length);
      const rows = hashedTable.subarray(0, (to - from) * fillWidth);
      rows.set(table.subarray(from * fillWidth, to * fillWidth));
      for (let at = 0; at < rows.length; at += fillWidth) {
        const code = rows[at + 11];
        rows[at + 10] = Math.floor(code / orderRoles.length);
        rows[at + 11] = code % orderRoles.length;
      }
      hasher.add(rows);
    }
    return hasher.digest();
  }

  private row(i: number): Float64Array {
    return this.table.subarray(i * fillWidth, (i + 1) * fillWidth);
  }
}

const tradeWidth = 8;

/** Every closed trade in order of exit, as the pair of fills it is made of. */
export class TradeLog {
  length = 0;
  longCount = 0;
  private table = new Float64Array(firstRows * tradeWidth);
  private readonly fills: FillLog;

  constructor(fills: FillLog) {
    this.fills = fills;
  }

  clear(): void {
    this.length = 0;
    this.longCount = 0;
  }

  /** entry, exit: places of the two fills; sizeBase: what this exit closes of entrySizeBase, what the entry brought. Each fee is shared by quantity. */
  push(entry: number, exit: number, sizeBase: number, entrySizeBase: number, multiplier: number): void {
    const { fills } = this;
    const i = this.length++;
    const row = i * tradeWidth;
    if (row === this.table.length) this.table = grown(this.table);
    const side = fills.sideAt(entry);
    const entryPriceQuote = fills.priceQuoteAt(entry);
    const exitPriceQuote = fills.priceQuoteAt(exit);
    const entryFeeQuote = shareOf(fills.feeQuoteAt(entry), sizeBase, entrySizeBase);
    const exitFeeQuote = shareOf(fills.feeQuoteAt(exit), sizeBase, fills.sizeBaseAt(exit));
    const { table } = this;
    table[row] = entry;
    table[row + 1] = exit;
    table[row + 2] = sizeBase;
    table[row + 3] = entryFeeQuote;
    table[row + 4] = exitFeeQuote;
    table[row + 5] = side * (exitPriceQuote - entryPriceQuote) * sizeBase * multiplier - entryFeeQuote - exitFeeQuote;
    table[row + 6] = side * (exitPriceQuote / entryPriceQuote - 1);
    table[row + 7] = fills.timeMsAt(exit) - fills.timeMsAt(entry);
    if (side > 0) this.longCount++;
  }

  at(i: number): Trade {
    const row = this.table.subarray(i * tradeWidth, (i + 1) * tradeWidth);
    const entry = this.fills.at(row[0]);
    const exit = this.fills.at(row[1]);
    return {
      instrumentIndex: exit.instrumentIndex,
      side: entry.side,
      sizeBase: row[2],
      entryOrderId: entry.orderId,
      exitOrderId: exit.orderId,
      entryMs: entry.timeMs,
      exitMs: exit.timeMs,
      entryOpenMs: entry.openTimeMs,
      exitOpenMs: exit.openTimeMs,
      entryBar: this.fills.barAt(row[0]),
      exitBar: this.fills.barAt(row[1]),
      entryPriceQuote: entry.priceQuote,
      exitPriceQuote: exit.priceQuote,
      entryFeeQuote: row[3],
      exitFeeQuote: row[4],
      pnlQuote: row[5],
      returnFraction: row[6],
      exitRole: exit.role,
    };
  }

  instrumentIndexAt(i: number): number {
    return this.fills.instrumentIndexAt(this.table[i * tradeWidth]);
  }

  pnlQuoteAt(i: number): number {
    return this.table[i * tradeWidth + 5];
  }

  /** What of the price paid or taken at the entry the trade is made of, before the multiplier. */
  entryValueAt(i: number): number {
    const row = i * tradeWidth;
    return this.fills.priceQuoteAt(this.table[row]) * this.table[row + 2];
  }

  /** What trade statistics read. */
  columns(): TradeColumns {
    const count = this.length;
    return { count, longCount: this.longCount, pnlQuote: this.column(5), returnFraction: this.column(6), holdingMs: this.column(7) };
  }

  toArray(): Trade[] {
    return Array.from({ length: this.length }, (_, i) => this.at(i));
  }

  private column(k: number): Float64Array {
    const { table, length } = this;
    const column = new Float64Array(length);
    for (let i = 0; i < length; i++) column[i] = table[i * tradeWidth + k];
    return column;
  }
}

/** What of a fee falls on a part of the size it was charged for. */
function shareOf(feeQuote: number, sizeBase: number, sizeFilled: number): number {
  return sizeBase === sizeFilled ? feeQuote : (feeQuote * sizeBase) / sizeFilled;
}

/** The memory of a run: its records, its indicator columns and its equity. Trials of a sweep take turns with one, so that they allocate nothing to speak of. */
export class Workspace {
  readonly orders = new OrderLog();
  readonly fills = new FillLog();
  readonly trades = new TradeLog(this.fills);
  readonly columns = new ColumnStore();
  readonly spans = new SpanTable();
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
