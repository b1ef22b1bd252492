/**
 * Owns the records of a run as columns: orders, fills and trades. An object a record would outlive its run's young memory and be copied
 * twice by the collector; a column is written once. Objects are made only when somebody asks for them.
 */
import type { Execution } from './broker/broker.ts';
import type { Fill, Trade } from './model/fill.ts';
import { type Order, orderKinds, orderRoles } from './model/order.ts';

/** A column that grows by doubling; values beyond the log's length are rubbish. */
function grown(column: Float64Array<ArrayBuffer>): Float64Array<ArrayBuffer> {
  const wider = new Float64Array(column.length * 2);
  wider.set(column);
  return wider;
}

const firstCapacity = 1024;
const empty = () => new Float64Array(firstCapacity);

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
    this.kind[i] = orderKinds.indexOf(order.kind);
    this.role[i] = orderRoles.indexOf(order.role);
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

  push(entry: TradeEntry, exit: Order, at: Execution, amounts: { sizeBase: number; entryFeeQuote: number; exitFeeQuote: number; multiplier: number }): void {
    const i = this.length;
    if (i === this.side.length) this.grow();
    const { sizeBase, entryFeeQuote, exitFeeQuote } = amounts;
    const { side } = entry;
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
    this.pnlQuote[i] = side * (at.priceQuote - entry.priceQuote) * sizeBase * amounts.multiplier - entryFeeQuote - exitFeeQuote;
    this.returnFraction[i] = side * (at.priceQuote / entry.priceQuote - 1);
    this.exitRole[i] = orderRoles.indexOf(exit.role);
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
