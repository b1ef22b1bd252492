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
import type { FillAmounts } from '../portfolio/ledger.ts';
import type { Portfolio } from '../portfolio/portfolio.ts';
import type { AccountSettings, MarginRates } from '../settings.ts';

/** Margin is compared a few last bits of a double apart. */
const slack = 1e-9;

/** Equity is less than a margin: the last bits of doubles make no margin call. */
export function fallsShort(equityQuote: number, marginQuote: number): boolean {
  return marginQuote - equityQuote > slack * Math.abs(marginQuote);
}

export interface MarginInput {
  readonly account: AccountSettings;
  readonly portfolio: Portfolio;
  readonly reserve: CostReserve;
}

export class Margin {
  /** A margin call stands: nothing is increased until a close shows the margin restored. */
  isCalled = false;
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

  /** Why an order must wait until the margin is restored; '' where no margin call stands, or it goes no further than flat. positionBase: what it finds. */
  callRefusal({ side }: Order, positionBase: number, sizeBase: number): string {
    if (!this.isCalled || sizeBase <= Math.max(0, -positionBase * side)) return '';
    return `a margin call stands: the order finds a position of ${figureText(positionBase)}, and nothing is increased until the margin is restored`;
  }

  /**
   * Why an order that is sent may not make this position of what is projected; '' where it may. Its fee is what a size keeps back for it.
   * inUse: initial margin of all others; equityQuote: at the last known prices.
   */
  refusal(order: Order, figures: MarginFigures): string {
    if (passes(order, figures)) return '';
    return shortfall(this.needed(order, figures), figures.equityQuote - this.keptQuote(order, figures));
  }

  /** As refusal, at a fill: on top of what is held, all others at their last known prices, with the very fee of the fill. */
  fillRefusal(order: Order, fill: FillAmounts, equityQuote: number): string {
    const i = order.instrumentIndex;
    const heldBase = this.portfolio.positionBase[i];
    const { priceQuote, sizeBase } = fill;
    const called = this.callRefusal(order, heldBase, sizeBase);
    if (called !== '') return called;
    const own = heldBase === 0 ? 0 : this.initial(i, heldBase, this.portfolio.lastPrice(i));
    const figures = { heldBase, sizeBase, priceQuote, equityQuote, inUse: this.initialInUse() - own };
    if (passes(order, figures)) return '';
    const needed = this.needed(order, figures);
    // Far from the edge a double decides.
    if (needed * 1.000001 + 1 < equityQuote - this.keptQuote(order, figures)) return '';
    return shortfall(needed, equityQuote - this.portfolio.feeQuote(fill));
  }

  private needed({ instrumentIndex, side }: Order, { inUse, heldBase, sizeBase, priceQuote }: MarginFigures): number {
    return inUse + this.initial(instrumentIndex, heldBase + side * sizeBase, priceQuote);
  }

  private keptQuote(order: Order, { priceQuote, sizeBase }: MarginFigures): number {
    const i = order.instrumentIndex;
    const beside = this.portfolio.toAccount(i, this.reserve.feeQuote({ order, priceQuote, sizeBase }));
    return sizeBase * priceQuote * this.portfolio.pointValue(i) * this.reserve.feeRate(i, priceQuote) + beside;
  }

  /** What the rates are counted in: contracts, or notional; in the account's currency. */
  private measured(instrumentIndex: number, sizeBase: number, price: number): number {
    const size = Math.abs(sizeBase);
    if (this.rates[instrumentIndex].per === 'notional') return size * price * this.portfolio.pointValue(instrumentIndex);
    return this.portfolio.toAccount(instrumentIndex, size);
  }
}

interface MarginFigures {
  readonly heldBase: number;
  readonly sizeBase: number;
  readonly priceQuote: number;
  readonly equityQuote: number;
  readonly inUse: number;
}

/** It goes no further than flat. */
function passes({ side }: Order, { heldBase, sizeBase }: MarginFigures): boolean {
  const after = heldBase + side * sizeBase;
  return Math.abs(after) <= Math.abs(heldBase) && after * heldBase >= 0;
}

function shortfall(neededQuote: number, freeQuote: number): string {
  return fallsShort(freeQuote, neededQuote)
    ? `initial margin would be ${figureText(neededQuote, freeQuote)}, equity after its fee is ${figureText(freeQuote, neededQuote)}`
    : '';
}

/** The line that names the symbol, otherwise the first that names none. */
function marginRatesOf({ margins }: AccountSettings, symbol: string): MarginRates {
  const line = margins.find((one) => one.symbol === symbol) ?? margins.find((one) => one.symbol === null);
  assert(line !== undefined, `the account states no margins for ${symbol}`);
  return line;
}
