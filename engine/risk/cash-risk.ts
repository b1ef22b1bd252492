/** Owns what may fill where cash alone counts: a buy is cut to what cash pays for, a sale has no limit. Never looks at leverage. */
import { figureText } from '../figure-text.ts';
import type { Order } from '../model/order.ts';
import type { FillAmounts } from '../portfolio/ledger.ts';
import { Risk } from './risk.ts';

export class CashRisk extends Risk {
  override sizeAtFill(order: Order, priceQuote: number, unslippedQuote: number): number {
    const size = super.sizeAtFill(order, priceQuote, unslippedQuote);
    return order.side < 0 ? size : this.onLot(order.instrumentIndex, this.payableBase(order, size, priceQuote));
  }

  /** What a sale brings must carry its fee, and all or nothing is nothing where its size was cut. */
  protected override accountRefusal(order: Order, fill: FillAmounts): string {
    const { priceQuote, sizeBase } = fill;
    const asked = this.projection.restOf(order);
    if (order.terms?.timeInForce === 'FOK' && sizeBase < asked)
      return `${figureText(sizeBase, asked)} of ${figureText(asked, sizeBase)} can be had at ${figureText(priceQuote)}: fill or kill`;
    if (order.side > 0) return '';
    const costQuote = this.portfolio.ledger.cost(fill);
    if (costQuote > 0) return `brings ${figureText(costQuote)} less than its fee`;
    return this.isSpot ? this.cashRefusal(fill) : '';
  }

  /** As much of a buy as cash pays for with the taker's fee; whole where only the last bits of a double are short. */
  private payableBase(order: Order, sizeBase: number, priceQuote: number): number {
    const { ledger, multipliers } = this.portfolio;
    const i = order.instrumentIndex;
    const unitQuote = priceQuote * multipliers[i] * (1 + this.reserve.feeRate(i, priceQuote));
    const sparedQuote = ledger.payableQuote(i) - this.reserve.feeQuote({ order, priceQuote, sizeBase });
    if (unitQuote * sizeBase <= sparedQuote * (1 + 1e-12)) return sizeBase;
    return Math.max(0, sparedQuote / unitQuote);
  }
}
