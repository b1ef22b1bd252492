/**
 * Owns what positions set aside: initial margin to open one, maintenance margin to keep it. Never cancels or sends.
 *
 * An order that increases passes where all positions with it need no more initial margin than the equity left after its fee; it is judged when
 * it is sent, with the market orders on their way, and again at its fill. What goes no further than flat always passes.
 */

import type { CostReserve } from '../costs/reserve.ts';
import { assert } from '../errors.ts';
import { figureText } from '../figure-text.ts';
import type { Order } from '../model/order.ts';
import type { Portfolio } from '../portfolio/portfolio.ts';
import type { AccountSettings, MarginRates } from '../settings.ts';

/** Margin is compared a few last bits of a double apart. */
const slack = 1 + 1e-9;

export interface MarginInput {
  readonly account: AccountSettings;
  readonly portfolio: Portfolio;
  readonly reserve: CostReserve;
}

export class Margin {
  private readonly portfolio: Portfolio;
  private readonly reserve: CostReserve;
  private readonly rates: readonly MarginRates[];

  constructor({ account, portfolio, reserve }: MarginInput) {
    this.portfolio = portfolio;
    this.reserve = reserve;
    this.rates = portfolio.instruments.map(({ symbol }) => marginRatesOf(account, symbol));
  }

  /** Initial margin of a quantity at a price, in the account's currency. */
  initial(instrumentIndex: number, sizeBase: number, price: number): number {
    return this.rates[instrumentIndex].initial * this.measured(instrumentIndex, sizeBase, price);
  }

  /** Maintenance margin of a quantity at a price, in the account's currency. */
  maintenance(instrumentIndex: number, sizeBase: number, price: number): number {
    return this.rates[instrumentIndex].maintenance * this.measured(instrumentIndex, sizeBase, price);
  }

  /** Initial margin of all positions at the last known prices. */
  initialInUse(): number {
    const { positionBase } = this.portfolio;
    let sum = 0;
    for (let i = 0; i < positionBase.length; i++) {
      if (positionBase[i] !== 0) sum += this.initial(i, positionBase[i], this.portfolio.lastPrice(i));
    }
    return sum;
  }

  /** Maintenance margin of all positions at the last closes. */
  maintenanceAtCloses(): number {
    const { positionBase } = this.portfolio;
    let sum = 0;
    for (let i = 0; i < positionBase.length; i++) {
      if (positionBase[i] !== 0) sum += this.maintenance(i, positionBase[i], this.portfolio.closePrice(i));
    }
    return sum;
  }

  /** Base quantity that a sum in the account's currency opens: its margin, its fee and its slippage. */
  affordableBase(instrumentIndex: number, price: number, room: { quote: number; slippageFraction: number }): number {
    const marginUnit = this.initial(instrumentIndex, 1, price);
    const notionalUnit = price * this.portfolio.pointValue(instrumentIndex);
    const slipped = 1 + room.slippageFraction;
    // A worse price costs what it is worse by, and sets more aside where margin goes by notional.
    const unit = marginUnit * slipped + notionalUnit * (room.slippageFraction + slipped * this.reserve.feeRate(instrumentIndex, price));
    return Math.max(0, room.quote / unit);
  }

  /**
   * Why an order may not make this position of what is held (or projected); '' where it may.
   * inUse: initial margin of all others; equityQuote: at the price asked about.
   */
  refusal(
    order: Order,
    {
      heldBase,
      sizeBase,
      priceQuote,
      equityQuote,
      inUse,
    }: Readonly<Record<'heldBase' | 'sizeBase' | 'priceQuote' | 'equityQuote' | 'inUse', number>>,
  ): string {
    const i = order.instrumentIndex;
    const after = heldBase + order.side * sizeBase;
    if (Math.abs(after) <= Math.abs(heldBase) && after * heldBase >= 0) return '';
    const needed = inUse + this.initial(i, after, priceQuote);
    const point = this.portfolio.pointValue(i);
    const beside = this.portfolio.toAccount(i, this.reserve.feeQuote({ order, priceQuote, sizeBase }));
    const free = equityQuote - sizeBase * priceQuote * point * this.reserve.feeRate(i, priceQuote) - beside;
    return needed > free * slack
      ? `initial margin would be ${figureText(needed, free)}, equity after its fee is ${figureText(free, needed)}`
      : '';
  }

  /** As refusal, at a fill: on top of what is held, all others at their last known prices. */
  fillRefusal(order: Order, fill: Readonly<Record<'sizeBase' | 'priceQuote' | 'equityQuote', number>>): string {
    const i = order.instrumentIndex;
    const heldBase = this.portfolio.positionBase[i];
    const own = heldBase === 0 ? 0 : this.initial(i, heldBase, this.portfolio.lastPrice(i));
    return this.refusal(order, { ...fill, heldBase, inUse: this.initialInUse() - own });
  }

  /** What the rates are counted in: contracts, or notional; in the account's currency. */
  private measured(instrumentIndex: number, sizeBase: number, price: number): number {
    const size = Math.abs(sizeBase);
    if (this.rates[instrumentIndex].per === 'notional') return size * price * this.portfolio.pointValue(instrumentIndex);
    return this.portfolio.toAccount(instrumentIndex, size);
  }
}

/** The line that names the symbol, otherwise the first that names none. */
function marginRatesOf({ margins }: AccountSettings, symbol: string): MarginRates {
  const line = margins.find((one) => one.symbol === symbol) ?? margins.find((one) => one.symbol === null);
  assert(line !== undefined, `the account states no margins for ${symbol}`);
  return line;
}
