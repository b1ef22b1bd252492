/**
 * Owns the short way through risk of most orders of most runs: a market order of a stated size that nothing can object to. Says yes where it
 * is sure, and never no: whatever is not sure is judged in full by risk.ts. sure-orders.property.test.ts holds the two ways equal.
 */
import type { Execution } from '../broker/broker.ts';
import type { CostReserve } from '../costs/reserve.ts';
import type { Grid } from '../model/grid.ts';
import { hasAttached, type Order } from '../model/order.ts';
import type { OrderList } from '../model/order-list.ts';
import type { Portfolio } from '../portfolio/portfolio.ts';
import type { RunSettings } from '../settings.ts';

export interface SureOrdersInput {
  readonly settings: RunSettings;
  readonly portfolio: Portfolio;
  readonly openOrders: OrderList;
  readonly reserve: CostReserve;
}

export class SureOrders {
  private readonly portfolio: Portfolio;
  private readonly openOrders: OrderList;
  private readonly reserve: CostReserve;
  /** Lots in force. */
  private readonly lots: readonly Grid[];
  private readonly mostBases: readonly number[];
  private readonly isSpot: boolean;

  private constructor({ settings, portfolio, openOrders, reserve }: SureOrdersInput) {
    this.portfolio = portfolio;
    this.openOrders = openOrders;
    this.reserve = reserve;
    this.lots = portfolio.inForce.lots;
    this.mostBases = portfolio.inForce.mostBase;
    this.isSpot = settings.account.kind === 'spot';
  }

  /** Null where cash is not one sum in one currency, or may cut a fill, and where a position may be no whole lots. */
  static of(input: SureOrdersInput): SureOrders | null {
    const { settings, portfolio } = input;
    const isCut = settings.semantics.buyingPower === 'cash';
    const hasRests = settings.costs.feeCurrency === 'base' || portfolio.inForce.leaveRests;
    return portfolio.currencies !== null || hasRests || isCut ? null : new SureOrders(input);
  }

  /** Sizes an order that may surely be sent. */
  admits(order: Order): boolean {
    if (order.kind !== 'market' || order.sizeRule !== 'base' || hasAttached(order) || this.openOrders.count > 0) return false;
    const i = order.instrumentIndex;
    const { instruments, positionBase } = this.portfolio;
    const reducible = -positionBase[i] * order.side;
    const wished = order.isReduceOnly && order.sizeAsked > reducible ? reducible : order.sizeAsked;
    const sizeBase = this.lots[i].floor(wished);
    const { multiplier, minimumNotionalQuote } = instruments[i];
    // By a hair below is judged in full.
    if (!(sizeBase > 0 && sizeBase * this.portfolio.lastPrice(i) * multiplier >= minimumNotionalQuote)) return false;
    if (sizeBase > this.mostBases[i] || (this.isSpot && order.side < 0 && sizeBase > reducible)) return false;
    order.sizeBase = sizeBase;
    return true;
  }

  /** Sizes the fill of an order that surely fills whole at the price of the fill. */
  fills(order: Order, fill: Execution): boolean {
    if (order.sizeRule !== 'base' || order.filledBase > 0) return false;
    const { ledger, positionBase } = this.portfolio;
    const { sizeBase, side } = order;
    const isReducing = sizeBase <= -positionBase[order.instrumentIndex] * side;
    if (!isReducing && (order.isReduceOnly || !this.isSpot || side < 0)) return false;
    fill.sizeBase = sizeBase;
    return !this.isSpot || this.reserve.surelyPays(fill, ledger.cashQuote);
  }
}
