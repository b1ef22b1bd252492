/** Owns cash, positions and the trades they close. Never decides an order and never reads the clock. */
import type { Execution } from '../broker/broker.ts';
import type { FeedSeries } from '../feed.ts';
import type { FillLog, TradeLog } from '../logs.ts';
import { Grid } from '../model/grid.ts';
import type { Instrument } from '../model/instrument.ts';
import type { Order } from '../model/order.ts';
import type { Semantics } from '../settings.ts';
import type { Ledger } from './ledger.ts';
import { LotQueue } from './lot-queue.ts';

export interface PortfolioInput {
  readonly instruments: readonly Instrument[];
  readonly finest: readonly FeedSeries[];
  readonly ledger: Ledger;
  readonly semantics: Semantics;
  readonly fills: FillLog;
  readonly trades: TradeLog;
}

/** One account: shared cash, one net position an instrument. */
export class Portfolio {
  readonly instruments: readonly Instrument[];
  readonly ledger: Ledger;
  readonly fills: FillLog;
  readonly trades: TradeLog;
  /** Signed base quantity by instrument. */
  readonly positionBase: Float64Array;
  readonly multipliers: Float64Array;
  /** Instruments with a position. */
  heldCount = 0;
  private readonly positionUnits: Float64Array;
  private readonly lots: readonly LotQueue[];
  private readonly finest: readonly FeedSeries[];
  private readonly grids: readonly Grid[];
  private readonly closesOwnEntry: boolean;

  constructor({ instruments, finest, ledger, semantics, fills, trades }: PortfolioInput) {
    this.fills = fills;
    this.trades = trades;
    this.instruments = instruments;
    this.finest = finest;
    this.ledger = ledger;
    this.positionBase = new Float64Array(instruments.length);
    this.positionUnits = new Float64Array(instruments.length);
    this.lots = instruments.map(() => new LotQueue());
    // A position is a whole number of lots: counted so, 0.1 + 0.2 − 0.3 is flat.
    this.grids = instruments.map((instrument) => new Grid(semantics.grid === 'wholeUnits' ? 1 : instrument.lotSize));
    this.multipliers = Float64Array.from(instruments, (instrument) => instrument.multiplier);
    this.closesOwnEntry = semantics.attachedExits === 'ownEntry';
  }

  /** Books one fill: cash, its record, position, lots, and the trades it closes. */
  fill(order: Order, at: Execution): void {
    const { sizeBase } = at;
    const i = order.instrumentIndex;
    const { side } = order;
    this.ledger.settle(at);
    const { last } = this.ledger;
    const fill = this.fills.push(order, at, last.notionalQuote, last.feeQuote);
    const before = this.positionUnits[i];
    const grid = this.grids[i];
    const units = grid.stepsOf(sizeBase);
    const after = before + side * units;
    this.positionUnits[i] = after;
    this.positionBase[i] = after === 0 ? 0 : grid.at(after);
    if (before === 0) this.heldCount++;
    if (after === 0) this.heldCount--;
    const closingUnits = before * side < 0 ? Math.min(Math.abs(before), units) : 0;
    const closingBase = closingUnits === units ? sizeBase : grid.at(closingUnits);
    if (closingUnits > 0) this.close(order, fill, closingBase);
    if (closingUnits < units) this.lots[i].add(order.id, fill, closingUnits === 0 ? sizeBase : grid.at(units - closingUnits));
  }

  private close(order: Order, fill: number, closingBase: number): void {
    const lots = this.lots[order.instrumentIndex];
    const multiplier = this.multipliers[order.instrumentIndex];
    const grid = this.grids[order.instrumentIndex];
    let remaining = closingBase;
    while (remaining > 0 && lots.count > 0) {
      const own = this.closesOwnEntry && order.parentId >= 0 ? lots.find(order.parentId) : 0;
      const lot = lots.at(own);
      const size = Math.min(remaining, lot.sizeBase);
      this.trades.push(lot.fill, fill, size, multiplier);
      remaining = size === remaining ? 0 : grid.round(remaining - size);
      if (size === lot.sizeBase) lots.remove(own);
      else lot.sizeBase = grid.round(lot.sizeBase - size);
    }
  }

  /** Cash and positions at the last close of each instrument, in instrument order; never incremental, so that it does not drift. */
  equityAtCloses(): number {
    let equity = this.ledger.cashQuote;
    if (this.heldCount === 0) return equity;
    const positions = this.positionBase;
    for (let i = 0; i < positions.length; i++) {
      if (positions[i] === 0) continue;
      const { columns, index } = this.finest[i];
      // Bought at the first open of a series longer than the one that closes now: it has no close yet.
      const mark = index < 0 ? this.lastPrice(i) : columns.close[index];
      equity += positions[i] * mark * this.multipliers[i];
    }
    return equity;
  }

  /** The price last known: the open where the current bar has opened and not yet closed, otherwise the last close. */
  lastPrice(instrumentIndex: number): number {
    const series = this.finest[instrumentIndex];
    if (series.openedBar > series.index) return series.columns.open[series.openedBar];
    return series.index < 0 ? Number.NaN : series.columns.close[series.index];
  }

  /** As equityAtCloses, at the last known prices. */
  equityNow(): number {
    let equity = this.ledger.cashQuote;
    for (let i = 0; i < this.positionBase.length; i++) {
      if (this.positionBase[i] !== 0) equity += this.positionBase[i] * this.lastPrice(i) * this.multipliers[i];
    }
    return equity;
  }

  /** Mean entry price of the open lots, weighted by size; NaN when flat. */
  averagePrice(instrumentIndex: number): number {
    let size = 0;
    let notional = 0;
    const lots = this.lots[instrumentIndex];
    for (let k = 0; k < lots.count; k++) {
      const lot = lots.at(k);
      size += lot.sizeBase;
      notional += lot.sizeBase * this.fills.priceQuoteAt(lot.fill);
    }
    return notional / size;
  }
}
