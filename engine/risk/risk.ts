/** Owns what may be sent and what may fill: sizes, caps, cash, the drawdown halt. Refuses in words with numbers; never cancels or sends. */
import type { FillGate } from '../broker/broker.ts';
import { LotGrid } from '../model/grid.ts';
import type { Order } from '../model/order.ts';
import type { OrderList } from '../model/order-list.ts';
import type { Portfolio } from '../portfolio/portfolio.ts';
import type { RunSettings } from '../settings.ts';
import { sizeFromRisk } from './sizing.ts';

export interface RiskInput {
  readonly settings: RunSettings;
  readonly portfolio: Portfolio;
  /** Orders sent and not ended, in sequence; kept by the run. */
  readonly openOrders: OrderList;
  /** Taker fee rate by instrument, as charged. */
  readonly takerRates: readonly number[];
}

/** The one judge of every order, at submit and at the fill. */
export class Risk implements FillGate {
  isHalted = false;
  /** Orders made smaller than their share of equity or risk asked, for want of cash, leverage or room under the maximum position. */
  clippedCount = 0;
  private readonly settings: RunSettings;
  private readonly portfolio: Portfolio;
  private readonly openOrders: OrderList;
  private readonly grids: readonly LotGrid[];
  private readonly takerRates: readonly number[];
  private readonly isSpot: boolean;
  private readonly wholeUnits: boolean;
  private readonly sizesAtFill: boolean;
  private peakQuote = Number.NaN;

  constructor({ settings, portfolio, openOrders, takerRates }: RiskInput) {
    this.settings = settings;
    this.portfolio = portfolio;
    this.openOrders = openOrders;
    this.takerRates = takerRates;
    this.isSpot = settings.account.kind === 'spot';
    this.wholeUnits = settings.semantics.grid === 'wholeUnits';
    this.grids = portfolio.instruments.map((_, i) => new LotGrid(this.lotSize(i)));
    this.sizesAtFill = settings.semantics.sizingAt === 'fill';
    this.peakQuote = settings.initialCapitalQuote;
  }

  /** Sizes the order and says why it must not be sent; '' where it may. */
  admit(order: Order): string {
    const i = order.instrumentIndex;
    const price = this.referencePrice(order);
    if (!(price > 0)) return `no price is known yet for ${this.portfolio.instruments[i].symbol}`;
    const projected = this.projectedBase(i);
    const isDerived = order.sizeRule === 'equityFraction' || order.sizeRule === 'riskFraction';
    if (this.isHalted && order.role === 'own' && projected * order.side >= 0)
      return `halted by drawdown: increases are refused to the end of the run`;
    if (isDerived && this.sizesAtFill) return '';
    let size = this.wishedSize(order, price);
    if (Number.isNaN(size)) return `stop loss ${order.stopLossPrice} is not on the losing side of the entry ${price}`;
    if (isDerived) {
      const room = Math.min(this.affordableBase(order, price, projected), this.capBase(order, price, projected));
      // A little less is what the buffer and the fee are for; only a cut that changes the plan is told.
      if (room < size * (1 - 2 * this.settings.risk.sizeBufferFraction)) this.clippedCount++;
      size = Math.min(size, room);
    }
    if (order.isReduceOnly) size = Math.min(size, projected * order.side < 0 ? Math.abs(projected) : 0);
    order.sizeBase = this.onLot(i, size);
    return order.sizeBase > 0 ? this.submitRefusal(order, price, projected, isDerived) : this.emptyRefusal(order, size);
  }

  /** Marks a bar close; true at the close at which the drawdown limit is reached for the first time. */
  observe(equityQuote: number): boolean {
    if (equityQuote > this.peakQuote) this.peakQuote = equityQuote;
    if (this.isHalted || this.peakQuote - equityQuote < this.peakQuote * this.settings.risk.drawdownHaltFraction) return false;
    this.isHalted = true;
    return true;
  }

  sizeAtFill(order: Order, priceQuote: number, unslippedQuote: number): number {
    if (Number.isNaN(order.sizeBase))
      order.sizeBase = this.onLot(order.instrumentIndex, this.sizeForFill(order, priceQuote, unslippedQuote));
    if (!order.isReduceOnly) return order.sizeBase;
    const position = this.portfolio.positionBase[order.instrumentIndex];
    return position * order.side < 0 ? Math.min(order.sizeBase, Math.abs(position)) : 0;
  }

  refusal(order: Order, priceQuote: number, sizeBase: number): string {
    const i = order.instrumentIndex;
    const position = this.portfolio.positionBase[i];
    if (!this.isSpot) return this.leverageRefusal(order, priceQuote, sizeBase);
    if (order.side < 0)
      return sizeBase > position ? `sells ${sizeBase}, the position is ${position}: a spot account cannot sell what it does not hold` : '';
    const { ledger } = this.portfolio;
    // Far from the edge a double decides; near it the exact cost does.
    const roughQuote =
      priceQuote * sizeBase * this.portfolio.instruments[i].multiplier * (1 + this.takerRates[i]) + this.settings.costs.feeFixedQuote;
    if (roughQuote * 1.000001 + 1 < ledger.cashQuote) return '';
    const costQuote = ledger.cost({ instrumentIndex: i, side: 1, priceQuote, sizeBase, isMaker: false });
    return costQuote > ledger.cashQuote ? `costs ${costQuote} with its fee, cash is ${ledger.cashQuote}` : '';
  }

  positionBase(instrumentIndex: number): number {
    return this.portfolio.positionBase[instrumentIndex];
  }

  /** Position once the market orders on their way have filled. */
  projectedBase(instrumentIndex: number): number {
    let size = this.portfolio.positionBase[instrumentIndex];
    for (let k = 0; k < this.openOrders.count; k++) {
      const order = this.openOrders.at(k);
      if (order.instrumentIndex !== instrumentIndex || order.kind !== 'market' || Number.isNaN(order.sizeBase)) continue;
      const change = order.side * order.sizeBase;
      // In whole lots: 0.3 − 0.1 leaves 0.2 to sell, not the last bits of a double less.
      const next = order.isReduceOnly && size * change < 0 && Math.abs(change) > Math.abs(size) ? 0 : size + change;
      size = this.grids[instrumentIndex].round(next);
    }
    return size;
  }

  private referencePrice(order: Order): number {
    if (order.kind === 'limit' || order.kind === 'stopLimit') return order.limitPrice;
    return order.kind === 'stop' ? order.stopPrice : this.portfolio.lastPrice(order.instrumentIndex);
  }

  private onLot(instrumentIndex: number, size: number): number {
    return this.grids[instrumentIndex].floor(size);
  }

  private lotSize(instrumentIndex: number): number {
    return this.wholeUnits ? 1 : this.portfolio.instruments[instrumentIndex].lotSize;
  }

  private wishedSize(order: Order, price: number): number {
    const { multiplier } = this.portfolio.instruments[order.instrumentIndex];
    switch (order.sizeRule) {
      case 'base':
        return order.sizeAsked;
      case 'quote':
        return order.sizeAsked / (price * multiplier);
      case 'equityFraction':
        return (order.sizeAsked * this.portfolio.equityNow()) / (price * multiplier);
      default:
        return sizeFromRisk({
          equityQuote: this.portfolio.equityNow(),
          riskFraction: order.sizeAsked,
          entryPrice: price,
          stopPrice: order.stopLossPrice,
          side: order.side,
          multiplier,
        });
    }
  }

  /** What closes the opposite position plus what the remaining cash (spot) or leverage (frictionless) carries, after buffer, fee and slippage. */
  private affordableBase(order: Order, price: number, projected: number): number {
    const closing = projected * order.side < 0 ? Math.abs(projected) : 0;
    if (this.isSpot && order.side < 0) return closing;
    const { multiplier } = this.portfolio.instruments[order.instrumentIndex];
    const keep = 1 - this.settings.risk.sizeBufferFraction;
    const unitQuote = price * multiplier * (1 + this.takerRates[order.instrumentIndex]) * (1 + this.settings.costs.slippageFraction);
    if (this.isSpot) return closing + Math.max(0, (this.projectedCash() - this.settings.costs.feeFixedQuote) * keep) / unitQuote;
    const equity = this.portfolio.equityNow() - this.settings.costs.feeFixedQuote;
    const room = equity * this.settings.account.leverage * keep - this.projectedGross(order.instrumentIndex);
    const own = projected * order.side > 0 ? Math.abs(projected) : 0;
    return closing + Math.max(0, room / unitQuote - own);
  }

  private capBase(order: Order, price: number, projected: number): number {
    const { positionFractionMax } = this.settings.risk;
    if (positionFractionMax === Number.POSITIVE_INFINITY) return Number.POSITIVE_INFINITY;
    const { multiplier } = this.portfolio.instruments[order.instrumentIndex];
    const cap = (this.portfolio.equityNow() * positionFractionMax) / (price * multiplier);
    return Math.max(0, cap - projected * order.side);
  }

  private submitRefusal(order: Order, price: number, projected: number, isDerived: boolean): string {
    const instrument = this.portfolio.instruments[order.instrumentIndex];
    const notional = order.sizeBase * price * instrument.multiplier;
    if (notional < instrument.minimumNotionalQuote)
      return `notional ${notional} is below the instrument's minimum ${instrument.minimumNotionalQuote}`;
    if (this.isSpot && order.side < 0 && order.sizeBase > projected) {
      return `sells ${order.sizeBase}, the position is ${projected} with the orders on their way: a spot account cannot sell what it does not hold`;
    }
    if (isDerived) return '';
    const cap = this.capBase(order, price, projected);
    if (order.sizeBase <= cap * (1 + 1e-12) || order.sizeBase <= -projected * order.side) return '';
    return `position would be ${order.sizeBase + projected * order.side}, the maximum position (${this.settings.risk.positionFractionMax} of equity) leaves room for ${cap}`;
  }

  private emptyRefusal(order: Order, size: number): string {
    const { lotSize, symbol } = this.portfolio.instruments[order.instrumentIndex];
    return order.isReduceOnly && size === 0
      ? `reduce-only, and ${symbol} has no position to reduce`
      : `size ${size} is below one lot of ${this.wholeUnits ? 1 : lotSize}`;
  }

  private projectedCash(): number {
    let cash = this.portfolio.ledger.cashQuote;
    for (let k = 0; k < this.openOrders.count; k++) {
      const order = this.openOrders.at(k);
      if (order.kind !== 'market' || Number.isNaN(order.sizeBase)) continue;
      const { multiplier } = this.portfolio.instruments[order.instrumentIndex];
      const notional = order.sizeBase * this.portfolio.lastPrice(order.instrumentIndex) * multiplier;
      cash -= order.side * notional + notional * this.takerRates[order.instrumentIndex];
    }
    return cash;
  }

  /** Notional held in all other instruments once market orders have filled. */
  private projectedGross(exceptIndex: number): number {
    let gross = 0;
    for (let i = 0; i < this.portfolio.instruments.length; i++) {
      if (i === exceptIndex) continue;
      const size = this.projectedBase(i);
      if (size !== 0) gross += Math.abs(size) * this.portfolio.lastPrice(i) * this.portfolio.instruments[i].multiplier;
    }
    return gross;
  }

  /** As backtesting.py sizes: a unit costs its price, its fee on the price without the spread, and the fixed fee once for the fraction asked. */
  private sizeForFill(order: Order, priceQuote: number, unslippedQuote: number): number {
    const { multiplier } = this.portfolio.instruments[order.instrumentIndex];
    if (order.sizeRule === 'riskFraction') return this.wishedSize(order, priceQuote);
    const room = this.portfolio.equityNow() * this.settings.account.leverage - this.grossNow();
    const feeQuote =
      unslippedQuote * multiplier * this.takerRates[order.instrumentIndex] + this.settings.costs.feeFixedQuote / order.sizeAsked;
    return (room * order.sizeAsked) / (priceQuote * multiplier + feeQuote);
  }

  private grossNow(): number {
    let gross = 0;
    for (let i = 0; i < this.portfolio.instruments.length; i++) {
      const size = this.portfolio.positionBase[i];
      if (size !== 0) gross += Math.abs(size) * this.portfolio.lastPrice(i) * this.portfolio.instruments[i].multiplier;
    }
    return gross;
  }

  private leverageRefusal(order: Order, priceQuote: number, sizeBase: number): string {
    const i = order.instrumentIndex;
    const position = this.portfolio.positionBase[i];
    const after = position + order.side * sizeBase;
    if (Math.abs(after) <= Math.abs(position) && after * position >= 0) return '';
    const { multiplier } = this.portfolio.instruments[i];
    const equity = this.portfolio.equityNow() + position * (priceQuote - this.portfolio.lastPrice(i)) * multiplier;
    const others = this.grossNow() - Math.abs(position) * this.portfolio.lastPrice(i) * multiplier;
    const gross = others + Math.abs(after) * priceQuote * multiplier;
    const limit = equity * this.settings.account.leverage;
    return gross > limit * (1 + 1e-9) ? `gross notional would be ${gross}, equity × leverage is ${limit}` : '';
  }
}
