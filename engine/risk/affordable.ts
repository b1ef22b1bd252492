/** Owns how much of an order the account can carry, before it is sent. Never judges one. */
import type { CostReserve } from '../costs/reserve.ts';
import type { Order } from '../model/order.ts';
import type { Portfolio } from '../portfolio/portfolio.ts';
import type { RunSettings } from '../settings.ts';
import type { Margin } from './margin.ts';
import type { Projection } from './projection.ts';

export interface AffordableInput {
  readonly settings: RunSettings;
  readonly portfolio: Portfolio;
  readonly reserve: CostReserve;
  readonly margin: Margin | null;
  readonly projection: Projection;
}

export class Affordable {
  private readonly input: AffordableInput;
  private readonly isSpot: boolean;

  constructor(input: AffordableInput) {
    this.input = input;
    this.isSpot = input.settings.account.kind === 'spot';
  }

  /** What closes the opposite position plus what the remaining cash (spot) or leverage (frictionless) carries, after buffer, fee and slippage. projected: position with the orders on their way; size: what was asked for. */
  base(order: Order, { price, projected, size }: { readonly price: number; readonly projected: number; readonly size: number }): number {
    const { settings, portfolio, reserve, margin, projection } = this.input;
    const i = order.instrumentIndex;
    const closing = projected * order.side < 0 ? Math.abs(projected) : 0;
    const keep = 1 - settings.risk.sizeBufferFraction;
    const wish = { order, priceQuote: price, sizeBase: size };
    const slippageFraction = reserve.slippageRate(wish);
    const unitQuote = price * portfolio.pointValue(i) * (1 + reserve.feeRate(i, price)) * (1 + slippageFraction);
    const paid = portfolio.toAccount(i, reserve.feeQuote(wish)) + projection.costs();
    if (this.isSpot) return closing + Math.max(0, (projection.cash(i) - paid) * keep) / unitQuote;
    const equity = portfolio.equityNow() - paid;
    const own = projected * order.side > 0 ? Math.abs(projected) : 0;
    if (margin !== null) {
      const quote = equity * keep - projection.initial(i) - margin.initial(i, own, price);
      return closing + margin.affordableBase(i, price, { quote, slippageFraction });
    }
    const room = equity * settings.account.leverage * keep - projection.gross(i);
    return closing + Math.max(0, room / unitQuote - own);
  }
}
