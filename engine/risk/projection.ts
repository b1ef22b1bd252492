/** Owns what the account will be once all that takes the next price, as market orders do, has filled at the last prices. Never judges an order. */
import type { CostReserve } from '../costs/reserve.ts';
import type { Grid } from '../model/grid.ts';
import { isMarketNow, type Order } from '../model/order.ts';
import type { OrderList } from '../model/order-list.ts';
import type { Portfolio } from '../portfolio/portfolio.ts';
import type { RunSettings } from '../settings.ts';
import type { Margin } from './margin.ts';

export interface ProjectionInput {
  readonly settings: RunSettings;
  readonly portfolio: Portfolio;
  readonly openOrders: OrderList;
  readonly reserve: CostReserve;
  readonly margin: Margin | null;
}

export class Projection {
  private readonly settings: RunSettings;
  private readonly portfolio: Portfolio;
  private readonly openOrders: OrderList;
  private readonly reserve: CostReserve;
  private readonly margin: Margin | null;
  private readonly sizes: readonly Grid[];

  constructor({ settings, portfolio, openOrders, reserve, margin }: ProjectionInput) {
    this.sizes = portfolio.inForce.sizes;
    this.settings = settings;
    this.portfolio = portfolio;
    this.openOrders = openOrders;
    this.reserve = reserve;
    this.margin = margin;
  }

  /** Signed position; except: an order that is left out. */
  baseOf(instrumentIndex: number, except?: Order): number {
    let size = this.portfolio.positionBase[instrumentIndex];
    for (let k = 0; k < this.openOrders.count; k++) {
      const order = this.openOrders.at(k);
      if (order.instrumentIndex !== instrumentIndex || order === except || !isOnItsWay(order)) continue;
      const against = -size * order.side;
      const rest = this.restOf(order);
      // What may only reduce goes no further than flat.
      const change = order.isReduceOnly && rest > against ? Math.max(0, against) : rest;
      // In whole lots: 0.3 − 0.1 leaves 0.2 to sell, not the last bits of a double less.
      const next = size + order.side * change;
      size = this.portfolio.gridOf(instrumentIndex).round(next);
    }
    return size;
  }

  /** What an order could be paid with before what the orders on their way cost; in the account's currency. */
  cash(instrumentIndex: number): number {
    const { ledger, currencies } = this.portfolio;
    let cash = this.portfolio.toAccount(instrumentIndex, ledger.payableQuote(instrumentIndex));
    const isShared = currencies === null || this.settings.account.conversion.policy === 'atFill';
    for (let k = 0; k < this.openOrders.count; k++) {
      const order = this.openOrders.at(k);
      if (!isOnItsWay(order)) continue;
      if (isShared || currencies.currencyOf(order.instrumentIndex) === currencies.currencyOf(instrumentIndex))
        cash -= order.side * this.notionalOf(order);
    }
    return cash;
  }

  /** Fees and slippage of the market orders on their way. */
  costs(): number {
    let costs = 0;
    for (let k = 0; k < this.openOrders.count; k++) {
      const order = this.openOrders.at(k);
      if (!isOnItsWay(order)) continue;
      const i = order.instrumentIndex;
      const reserved = { order, priceQuote: this.portfolio.lastPrice(i), sizeBase: this.restOf(order) };
      costs += this.notionalOf(order) * this.reserve.costRate(reserved);
      costs += this.portfolio.toAccount(i, this.reserve.feeQuote(reserved));
    }
    return costs;
  }

  /** Notional held in all other instruments once market orders have filled. */
  gross(exceptIndex: number): number {
    let gross = 0;
    for (let i = 0; i < this.portfolio.instruments.length; i++) {
      if (i === exceptIndex) continue;
      const size = this.baseOf(i);
      if (size !== 0) gross += Math.abs(size) * this.portfolio.lastPrice(i) * this.portfolio.pointValue(i);
    }
    return gross;
  }

  /** Initial margin of all other instruments once market orders have filled. */
  initial(exceptIndex: number): number {
    const { margin, portfolio } = this;
    let sum = 0;
    for (let i = 0; margin !== null && i < portfolio.instruments.length; i++) {
      const size = i === exceptIndex ? 0 : this.baseOf(i);
      if (size !== 0) sum += margin.initial(i, size, portfolio.lastPrice(i));
    }
    return sum;
  }

  private notionalOf(order: Order): number {
    const i = order.instrumentIndex;
    return this.restOf(order) * this.portfolio.lastPrice(i) * this.portfolio.pointValue(i);
  }

  /** What of an order, or of what its size would be, has not filled. */
  restOf(order: Order, sizeBase = order.sizeBase): number {
    return order.filledBase === 0 ? sizeBase : this.sizes[order.instrumentIndex].round(sizeBase - order.filledBase);
  }
}

/** It takes the next price there is, and its size is known. */
function isOnItsWay(order: Order): boolean {
  return isMarketNow(order) && !Number.isNaN(order.sizeBase);
}
