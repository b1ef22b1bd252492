/**
 * Owns what may be sent and what may fill: sizes, caps, cash, the drawdown halt. Refuses in words with numbers; never cancels or sends.
 *
 * The maximum position is judged twice. At submit an order counts on top of the position and the market orders on their way, at its own price.
 * At the fill it may make the position it was admitted for, whatever price and equity have done since; where other fills have made it more,
 * it must lie under the cap at the price of the fill.
 */
import type { FillGate } from '../broker/broker.ts';
import { Grid } from '../model/grid.ts';
import type { Order } from '../model/order.ts';
import type { OrderList } from '../model/order-list.ts';
import { offsetPrice } from '../model/trail.ts';
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
  private readonly grids: readonly Grid[];
  private readonly takerRates: readonly number[];
  private readonly isSpot: boolean;
  private readonly wholeUnits: boolean;
  private readonly sizesAtFill: boolean;
  private readonly hasCap: boolean;
  /** By order id, the position in the order's direction that it was admitted for; kept only where there is a maximum position. */
  private admittedBase = new Float64Array(64);
  private peakQuote = Number.NaN;

  constructor({ settings, portfolio, openOrders, takerRates }: RiskInput) {
    this.settings = settings;
    this.portfolio = portfolio;
    this.openOrders = openOrders;
    this.takerRates = takerRates;
    this.isSpot = settings.account.kind === 'spot';
    this.wholeUnits = settings.semantics.grid === 'wholeUnits';
    this.grids = portfolio.instruments.map((_, i) => new Grid(this.lotSize(i)));
    this.sizesAtFill = settings.semantics.sizingAt === 'fill';
    this.hasCap = settings.risk.positionFractionMax !== Number.POSITIVE_INFINITY;
    this.peakQuote = settings.initialCapitalQuote;
  }

  /** Sizes the order and says why it must not be sent; '' where it may. */
  admit(order: Order): string {
    const i = order.instrumentIndex;
    const price = this.referencePrice(order);
    if (!(price > 0)) return `no price is known yet for ${this.portfolio.instruments[i].symbol}`;
    const projected = this.projectedBase(i);
    const isDerived = order.sizeRule === 'equityFraction' || order.sizeRule === 'riskFraction';
    if (this.isHalted && order.role === 'own' && projected * order.side >= 0) return haltedText;
    if (isDerived && this.sizesAtFill) {
      this.noteAdmitted(order, 0);
      return '';
    }
    let size = this.wishedSize(order, price);
    if (Number.isNaN(size)) return `stop loss ${stopPriceOf(order, price)} is not on the losing side of the entry ${price}`;
    if (isDerived) {
      const room = Math.min(this.affordableBase(order, price, projected), this.capBase(order, price, projected));
      // A little less is what the buffer and the fee are for; only a cut that changes the plan is told.
      if (room < size * (1 - 2 * this.settings.risk.sizeBufferFraction)) this.clippedCount++;
      size = Math.min(size, room);
    }
    if (order.isReduceOnly) size = Math.min(size, projected * order.side < 0 ? Math.abs(projected) : 0);
    order.sizeBase = this.onLot(i, size);
    this.noteAdmitted(order, projected * order.side + order.sizeBase);
    return order.sizeBase > 0
      ? this.submitRefusal(order, { sizeBase: order.sizeBase, price, projected, isDerived })
      : this.emptyRefusal(order, size);
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
    const rest = this.restOf(order);
    if (!order.isReduceOnly) return rest;
    const position = this.portfolio.positionBase[order.instrumentIndex];
    return position * order.side < 0 ? Math.min(rest, Math.abs(position)) : 0;
  }

  refusal(order: Order, priceQuote: number, sizeBase: number): string {
    const i = order.instrumentIndex;
    if (this.hasCap) {
      const reason = this.capRefusal(order, priceQuote, sizeBase);
      if (reason !== '') return reason;
    }
    if (!this.isSpot) return this.leverageRefusal(order, priceQuote, sizeBase);
    if (order.side < 0) return this.saleRefusal(i, priceQuote, sizeBase);
    const { ledger } = this.portfolio;
    // Far from the edge a double decides; near it the exact cost does.
    const roughQuote =
      priceQuote * sizeBase * this.portfolio.instruments[i].multiplier * (1 + this.takerRates[i]) + this.settings.costs.feeFixedQuote;
    if (roughQuote * 1.000001 + 1 < ledger.cashQuote) return '';
    const costQuote = ledger.cost({ instrumentIndex: i, side: 1, priceQuote, sizeBase, isMaker: false });
    return costQuote > ledger.cashQuote ? `costs ${costQuote} with its fee, cash is ${ledger.cashQuote}` : '';
  }

  amendRefusal(order: Order, sizeBase: number): string {
    const i = order.instrumentIndex;
    const projected = this.projectedBase(i);
    if (this.isHalted && projected * order.side >= 0) return haltedText;
    const refusal = this.submitRefusal(order, { sizeBase, price: this.referencePrice(order), projected, isDerived: false });
    if (refusal === '') this.noteAdmitted(order, projected * order.side + sizeBase);
    return refusal;
  }

  lastPrice(instrumentIndex: number): number {
    return this.portfolio.lastPrice(instrumentIndex);
  }

  averagePrice(instrumentIndex: number): number {
    return this.portfolio.averagePrice(instrumentIndex);
  }

  /** A position is held, nothing on its way closes it, and the account could pay for closing it at the last price. */
  canClose(instrumentIndex: number): boolean {
    const held = this.projectedBase(instrumentIndex);
    if (held === 0) return false;
    return !this.isSpot || this.saleRefusal(instrumentIndex, this.portfolio.lastPrice(instrumentIndex), held) === '';
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
      const change = order.side * this.restOf(order);
      // In whole lots: 0.3 − 0.1 leaves 0.2 to sell, not the last bits of a double less.
      const next = order.isReduceOnly && size * change < 0 && Math.abs(change) > Math.abs(size) ? 0 : size + change;
      size = this.grids[instrumentIndex].round(next);
    }
    return size;
  }

  private referencePrice(order: Order): number {
    if (!Number.isNaN(order.limitPrice)) return order.limitPrice;
    if (order.kind === 'stop' || order.kind === 'marketIfTouched') return order.stopPrice;
    return this.portfolio.lastPrice(order.instrumentIndex);
  }

  /** The largest size on the lot that is no larger. */
  onLot(instrumentIndex: number, size: number): number {
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
          stopPrice: stopPriceOf(order, price),
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
    const paid = this.settings.costs.feeFixedQuote + this.pendingCosts();
    if (this.isSpot) return closing + Math.max(0, (this.projectedCash() - paid) * keep) / unitQuote;
    const equity = this.portfolio.equityNow() - paid;
    const room = equity * this.settings.account.leverage * keep - this.projectedGross(order.instrumentIndex);
    const own = projected * order.side > 0 ? Math.abs(projected) : 0;
    return closing + Math.max(0, room / unitQuote - own);
  }

  private capBase(order: Order, price: number, projected: number): number {
    if (!this.hasCap) return Number.POSITIVE_INFINITY;
    return Math.max(0, this.capOf(order.instrumentIndex, this.portfolio.equityNow(), price) - projected * order.side);
  }

  /** The maximum position as a base quantity. */
  private capOf(instrumentIndex: number, equityQuote: number, price: number): number {
    return (equityQuote * this.settings.risk.positionFractionMax) / (price * this.portfolio.instruments[instrumentIndex].multiplier);
  }

  private submitRefusal(
    order: Order,
    { sizeBase, price, projected, isDerived }: { sizeBase: number; price: number; projected: number; isDerived: boolean },
  ): string {
    const instrument = this.portfolio.instruments[order.instrumentIndex];
    const notional = sizeBase * price * instrument.multiplier;
    // What closes a whole position is let through: a halt must not be kept in the market by what is left of it.
    const isWholeClose = order.isReduceOnly && sizeBase === Math.abs(projected);
    if (notional < instrument.minimumNotionalQuote && !isWholeClose)
      return `notional ${notional} is below the instrument's minimum ${instrument.minimumNotionalQuote}`;
    if (this.isSpot && order.side < 0 && sizeBase > projected) {
      return `sells ${sizeBase}, the position is ${projected} with the orders on their way: a spot account cannot sell what it does not hold`;
    }
    if (isDerived) return '';
    const cap = this.capBase(order, price, projected);
    if (sizeBase <= cap * (1 + 1e-12) || sizeBase <= -projected * order.side) return '';
    return `position would be ${sizeBase + projected * order.side}, the maximum position (${this.settings.risk.positionFractionMax} of equity) leaves room for ${cap}`;
  }

  private emptyRefusal(order: Order, size: number): string {
    const { lotSize, symbol } = this.portfolio.instruments[order.instrumentIndex];
    return order.isReduceOnly && size === 0
      ? `reduce-only, and ${symbol} has no position to reduce`
      : `size ${size} is below one lot of ${this.wholeUnits ? 1 : lotSize}`;
  }

  /** Cash once the market orders on their way have filled at the last prices, before what that costs. */
  private projectedCash(): number {
    let cash = this.portfolio.ledger.cashQuote;
    for (let k = 0; k < this.openOrders.count; k++) {
      const order = this.openOrders.at(k);
      if (order.kind === 'market' && !Number.isNaN(order.sizeBase)) cash -= order.side * this.notionalOf(order);
    }
    return cash;
  }

  /** Fees and slippage of the market orders on their way. */
  private pendingCosts(): number {
    const { feeFixedQuote, slippageFraction } = this.settings.costs;
    let costs = 0;
    for (let k = 0; k < this.openOrders.count; k++) {
      const order = this.openOrders.at(k);
      if (order.kind !== 'market' || Number.isNaN(order.sizeBase)) continue;
      const notional = this.notionalOf(order);
      costs += notional * (slippageFraction + (1 + slippageFraction) * this.takerRates[order.instrumentIndex]) + feeFixedQuote;
    }
    return costs;
  }

  private notionalOf(order: Order): number {
    const i = order.instrumentIndex;
    return this.restOf(order) * this.portfolio.lastPrice(i) * this.portfolio.instruments[i].multiplier;
  }

  /** What of an order has not filled. */
  private restOf(order: Order): number {
    return order.filledBase === 0 ? order.sizeBase : this.grids[order.instrumentIndex].round(order.sizeBase - order.filledBase);
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

  private sizeForFill(order: Order, priceQuote: number, unslippedQuote: number): number {
    const i = order.instrumentIndex;
    const cap = this.hasCap
      ? Math.max(0, this.capOf(i, this.equityAt(i, priceQuote), priceQuote) - this.portfolio.positionBase[i] * order.side)
      : Number.POSITIVE_INFINITY;
    const size =
      order.sizeRule === 'riskFraction' ? this.wishedSize(order, priceQuote) : this.fractionForFill(order, priceQuote, unslippedQuote);
    if (cap < size * (1 - 2 * this.settings.risk.sizeBufferFraction)) this.clippedCount++;
    return Math.min(size, cap);
  }

  /** As backtesting.py sizes: a unit costs its price, its fee on the price without the spread, and the fixed fee once for the fraction asked. */
  private fractionForFill(order: Order, priceQuote: number, unslippedQuote: number): number {
    const { multiplier } = this.portfolio.instruments[order.instrumentIndex];
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

  private noteAdmitted(order: Order, positionBase: number): void {
    if (!this.hasCap) return;
    if (order.id >= this.admittedBase.length) {
      const wider = new Float64Array(order.id * 4);
      wider.set(this.admittedBase);
      this.admittedBase = wider;
    }
    this.admittedBase[order.id] = positionBase;
  }

  /** The header's rule at the fill; what goes no further than flat passes. */
  private capRefusal(order: Order, priceQuote: number, sizeBase: number): string {
    const i = order.instrumentIndex;
    const position = this.portfolio.positionBase[i];
    const after = position * order.side + sizeBase;
    if (after <= 0) return '';
    if (after <= this.admittedBase[order.id] * (1 + 1e-9)) return '';
    const cap = this.capOf(i, this.equityAt(i, priceQuote), priceQuote);
    if (after <= cap * (1 + 1e-9)) return '';
    return `position would be ${this.grids[i].round(after)} at ${priceQuote}, the maximum position (${this.settings.risk.positionFractionMax} of equity) is ${cap}`;
  }

  /** On a spot account: only what is held can be sold, and cash must carry a fee above the proceeds. */
  private saleRefusal(i: number, priceQuote: number, sizeBase: number): string {
    const position = this.portfolio.positionBase[i];
    if (sizeBase > position) return `sells ${sizeBase}, the position is ${position}: a spot account cannot sell what it does not hold`;
    const { ledger } = this.portfolio;
    const roughQuote = priceQuote * sizeBase * this.portfolio.instruments[i].multiplier * (1 - this.takerRates[i]);
    if (roughQuote * 0.999999 + ledger.cashQuote - 1 > this.settings.costs.feeFixedQuote) return '';
    const costQuote = ledger.cost({ instrumentIndex: i, side: -1, priceQuote, sizeBase, isMaker: false });
    return costQuote > ledger.cashQuote ? `brings ${costQuote} less than its fee, cash is ${ledger.cashQuote}` : '';
  }

  /** Equity with one instrument at a price of its own: at a fill inside a bar the last known price is that bar's close. */
  private equityAt(i: number, priceQuote: number): number {
    const { multiplier } = this.portfolio.instruments[i];
    return this.portfolio.equityNow() + this.portfolio.positionBase[i] * (priceQuote - this.portfolio.lastPrice(i)) * multiplier;
  }

  private leverageRefusal(order: Order, priceQuote: number, sizeBase: number): string {
    const i = order.instrumentIndex;
    const position = this.portfolio.positionBase[i];
    const after = position + order.side * sizeBase;
    if (Math.abs(after) <= Math.abs(position) && after * position >= 0) return '';
    const { multiplier } = this.portfolio.instruments[i];
    const equity = this.equityAt(i, priceQuote);
    const others = this.grossNow() - Math.abs(position) * this.portfolio.lastPrice(i) * multiplier;
    const gross = others + Math.abs(after) * priceQuote * multiplier;
    const limit = equity * this.settings.account.leverage;
    return gross > limit * (1 + 1e-9) ? `gross notional would be ${gross}, equity × leverage is ${limit}` : '';
  }
}

const haltedText = 'halted by drawdown: increases are refused to the end of the run';

/** The stop that an order risks its size to, told as a price from its entry. */
function stopPriceOf(order: Order, entryPrice: number): number {
  const offset = order.terms?.stopLoss;
  return offset === undefined ? order.stopLossPrice : offsetPrice(offset, entryPrice, -order.side);
}
