/** Owns cash, positions and the trades they close. Never decides an order and never reads the clock. */
import type { Execution } from '../broker/broker.ts';
import type { FeedSeries } from '../feed.ts';
import type { FillLog, TradeLog } from '../logs.ts';
import { Grid } from '../model/grid.ts';
import type { Instrument } from '../model/instrument.ts';
import type { Order } from '../model/order.ts';
import type { RulesInForce } from '../rules-in-force.ts';
import type { Semantics } from '../settings.ts';
import { BaseFeeLedger } from './base-fee-ledger.ts';
import type { CurrencyLedgers } from './currency-ledgers.ts';
import type { FuturesLedger } from './futures-ledger.ts';
import type { FillAmounts, Ledger } from './ledger.ts';
import { LotQueue } from './lot-queue.ts';

export interface PortfolioInput {
  readonly inForce: RulesInForce;
  readonly finest: readonly FeedSeries[];
  readonly ledger: Ledger;
  /** The ledger, where it keeps several currencies. */
  readonly currencies: CurrencyLedgers | null;
  /** Each instrument's ledger, where positions are contracts. */
  readonly futures: readonly FuturesLedger[] | null;
  readonly semantics: Pick<Semantics, 'attachedExits'>;
  readonly fills: FillLog;
  readonly trades: TradeLog;
}

/** One account: shared cash, one net position an instrument. */
export class Portfolio {
  readonly inForce: RulesInForce;
  /** By the rules in force now. */
  readonly instruments: readonly Instrument[];
  readonly ledger: Ledger;
  readonly fills: FillLog;
  readonly trades: TradeLog;
  /** Signed base quantity by instrument. */
  readonly positionBase: Float64Array;
  readonly multipliers: Float64Array;
  /** Instruments with a position. */
  heldCount = 0;
  /** Last known prices are those of that time, where it lies before now; Infinity for now. */
  knownMs = Number.POSITIVE_INFINITY;
  private readonly positionUnits: Float64Array;
  private readonly averageCost: Float64Array;
  private readonly lots: readonly LotQueue[];
  private readonly finest: readonly FeedSeries[];
  private readonly grids: readonly Grid[];
  private readonly closesOwnEntry: boolean;
  /** Signed base quantity by instrument that is left of positions that have ended: too little for the venue. */
  readonly dustBase: Float64Array;
  readonly currencies: CurrencyLedgers | null;
  readonly futures: readonly FuturesLedger[] | null;
  private readonly baseFees: BaseFeeLedger | null;
  /** What each fill came to where a buy's fee is taken in base: less than was bought. */
  private readonly received = new Map<number, number>();
  private dustCount = 0;
  /** One currency, cash positions, no dust: equity is cash and positions at their closes, and nothing else is asked. */
  isPlain: boolean;

  constructor({ inForce, finest, ledger, currencies, futures, semantics, fills, trades }: PortfolioInput) {
    this.fills = fills;
    this.trades = trades;
    const { instruments } = inForce;
    this.inForce = inForce;
    this.instruments = instruments;
    this.finest = finest;
    this.ledger = ledger;
    this.positionBase = new Float64Array(instruments.length);
    this.positionUnits = new Float64Array(instruments.length);
    this.averageCost = new Float64Array(instruments.length);
    this.lots = instruments.map(() => new LotQueue());
    // A position is a whole number of lots: counted so, 0.1 + 0.2 − 0.3 is flat.
    this.baseFees = ledger instanceof BaseFeeLedger ? ledger : null;
    this.grids = this.baseFees === null ? inForce.sizes : instruments.map((one) => new Grid(Number(`1e-${one.baseDecimals}`)));
    this.multipliers = Float64Array.from(instruments, (instrument) => instrument.multiplier);
    this.closesOwnEntry = semantics.attachedExits === 'ownEntry';
    this.dustBase = new Float64Array(instruments.length);
    this.currencies = currencies;
    this.futures = futures;
    this.isPlain = currencies === null && futures === null;
  }

  /** Grid of an instrument's positions: lots, or the base currency's units where buy fees are taken in it. */
  gridOf(instrumentIndex: number): Grid {
    return this.grids[instrumentIndex];
  }

  /** What one unit of an instrument is worth in the account's currency for each point of its price. */
  pointValue(instrumentIndex: number): number {
    return this.toAccount(instrumentIndex, this.multipliers[instrumentIndex]);
  }

  /** A sum in an instrument's quote currency, in the account's at the last known rate. */
  toAccount(instrumentIndex: number, quote: number): number {
    return this.currencies === null ? quote : quote * this.currencies.rateOf(instrumentIndex);
  }

  /** What a fill would cost beyond its value, in the account's currency: its fee, and what rounding its notional takes. */
  feeQuote(fill: FillAmounts): number {
    const { instrumentIndex: i, side, priceQuote, sizeBase } = fill;
    const cost = this.ledger.cost(fill);
    return this.toAccount(i, this.futures === null ? cost - side * priceQuote * sizeBase * this.multipliers[i] : cost);
  }

  /** Books one fill: cash, its record, position, lots, and the trades it closes. */
  fill(order: Order, at: Execution): void {
    const i = order.instrumentIndex;
    const { side } = order;
    if (this.dustCount > 0) this.joinDust(i);
    const sizeBase = this.baseFees === null || side < 0 ? at.sizeBase : this.grids[i].round(at.sizeBase - this.baseFees.feeBase(at));
    this.ledger.settle(at);
    const { last } = this.ledger;
    const fill = this.fills.push(order, at, last.notionalQuote, last.feeQuote);
    const before = this.positionUnits[i];
    const grid = this.grids[i];
    const units = grid.stepsOf(sizeBase);
    const after = before + side * units;
    this.positionUnits[i] = after;
    this.positionBase[i] = after === 0 ? 0 : grid.at(after);
    if (before * side > 0) this.averageCost[i] = (Math.abs(before) * this.averageCost[i] + units * at.priceQuote) / Math.abs(after);
    else if (after * side > 0) this.averageCost[i] = at.priceQuote;
    if (before === 0) this.heldCount++;
    if (after === 0) this.heldCount--;
    const closingUnits = before * side < 0 ? Math.min(Math.abs(before), units) : 0;
    const closingBase = closingUnits === units ? sizeBase : grid.at(closingUnits);
    if (closingUnits > 0) this.close(order, fill, closingBase);
    if (closingUnits < units) this.lots[i].add(order.id, fill, closingUnits === 0 ? sizeBase : grid.at(units - closingUnits));
    if (this.baseFees !== null) this.received.set(fill, sizeBase);
  }

  /** Ends a position whose rest the venue would not take: it is kept and marked, and its entries wait for the next one. */
  toDust(instrumentIndex: number): void {
    this.dustBase[instrumentIndex] = this.positionBase[instrumentIndex];
    this.positionBase[instrumentIndex] = 0;
    this.positionUnits[instrumentIndex] = 0;
    this.heldCount--;
    this.dustCount++;
    this.isPlain = false;
  }

  /** What was left of the last position becomes part of the next. */
  private joinDust(instrumentIndex: number): void {
    const dust = this.dustBase[instrumentIndex];
    if (dust === 0) return;
    this.dustBase[instrumentIndex] = 0;
    this.positionBase[instrumentIndex] = dust;
    this.positionUnits[instrumentIndex] = this.grids[instrumentIndex].stepsOf(dust);
    this.heldCount++;
    this.dustCount--;
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
      const bought = this.baseFees === null ? this.fills.sizeBaseAt(lot.fill) : (this.received.get(lot.fill) as number);
      this.trades.push(lot.fill, fill, size, bought, multiplier);
      remaining = size === remaining ? 0 : grid.round(remaining - size);
      if (size === lot.sizeBase) lots.remove(own);
      else lot.sizeBase = grid.round(lot.sizeBase - size);
    }
  }

  /** Cash and positions at the last close of each instrument, in instrument order; never incremental, so that it does not drift. */
  equityAtCloses(): number {
    if (!this.isPlain) return this.equityInFull(true);
    let equity = this.ledger.cashQuote;
    if (this.heldCount === 0) return equity;
    const positions = this.positionBase;
    for (let i = 0; i < positions.length; i++) {
      if (positions[i] === 0) continue;
      equity += positions[i] * this.closePrice(i) * this.multipliers[i];
    }
    return equity;
  }

  /** Price of the bar that closed last. Bought at the first open of a series longer than the one that closes now, an instrument has none yet: its open. */
  closePrice(instrumentIndex: number): number {
    const { columns, index } = this.finest[instrumentIndex];
    return index < 0 ? this.lastPrice(instrumentIndex) : columns.close[index];
  }

  /** As closePrice, at a time before now: what closed later does not count. */
  closePriceAt(instrumentIndex: number, timeMs: number): number {
    const series = this.finest[instrumentIndex];
    let bar = series.index;
    while (bar >= 0 && series.closeMs(bar) > timeMs) bar--;
    return bar < 0 ? series.columns.open[0] : series.columns.close[bar];
  }

  /** The price last known: the open where the current bar has opened and not yet closed, otherwise the last close. */
  lastPrice(instrumentIndex: number): number {
    const series = this.finest[instrumentIndex];
    if (this.knownMs !== Number.POSITIVE_INFINITY) return priceKnownAt(series, this.knownMs);
    if (series.openedBar > series.index) return series.columns.open[series.openedBar];
    return series.index < 0 ? Number.NaN : series.columns.close[series.index];
  }

  /** As equityAtCloses, at the last known prices. */
  equityNow(): number {
    if (!this.isPlain) return this.equityInFull(false);
    let equity = this.ledger.cashQuote;
    for (let i = 0; i < this.positionBase.length; i++) {
      if (this.positionBase[i] !== 0) equity += this.positionBase[i] * this.lastPrice(i) * this.multipliers[i];
    }
    return equity;
  }

  /** Equity with one instrument at a price of its own: at a fill inside a bar the last known price is that bar's close. */
  equityAt(i: number, priceQuote: number): number {
    const change = priceQuote - this.lastPrice(i);
    return this.equityNow() + this.positionBase[i] * change * this.pointValue(i);
  }

  /** Notional held in all instruments at the last known prices. */
  grossNow(): number {
    let gross = 0;
    for (let i = 0; i < this.positionBase.length; i++) {
      const size = this.positionBase[i];
      if (size !== 0) gross += Math.abs(size) * this.lastPrice(i) * this.pointValue(i);
    }
    return gross;
  }

  /** Cash in all currencies, positions and dust in the account's; of contracts what they have won since they were last settled. In instrument order. */
  private equityInFull(isAtCloses: boolean): number {
    let equity = this.ledger.cashQuote;
    for (let i = 0; i < this.positionBase.length; i++) {
      const held = this.positionBase[i] + this.dustBase[i];
      if (held === 0) continue;
      let value = held * (isAtCloses ? this.closePrice(i) : this.lastPrice(i)) * this.multipliers[i];
      if (this.futures !== null) value -= this.futures[i].basisQuote(i);
      equity += this.toAccount(i, value);
    }
    return equity;
  }

  /** What a unit of the position cost on average: each addition moves it, a reduction does not; NaN when flat. */
  averagePrice(instrumentIndex: number): number {
    return this.positionUnits[instrumentIndex] === 0 ? Number.NaN : this.averageCost[instrumentIndex];
  }

  /** What the entries still open have won at a price, without fees: with the closed trades it makes up the change of equity. */
  unrealisedPnl(instrumentIndex: number, priceQuote: number): number {
    const lots = this.lots[instrumentIndex];
    let pnl = 0;
    for (let k = 0; k < lots.count; k++) {
      const lot = lots.at(k);
      pnl += this.fills.sideAt(lot.fill) * lot.sizeBase * (priceQuote - this.fills.priceQuoteAt(lot.fill));
    }
    return pnl * this.multipliers[instrumentIndex];
  }
}

/** As lastPrice, at a time before now. */
function priceKnownAt(series: FeedSeries, timeMs: number): number {
  let bar = Math.max(series.index, series.openedBar);
  while (bar >= 0 && series.openMs(bar) > timeMs) bar--;
  if (bar < 0) return Number.NaN;
  return series.closeMs(bar) > timeMs ? series.columns.open[bar] : series.columns.close[bar];
}
