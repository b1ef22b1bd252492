/**
 * Owns the currency that fees are paid in where it is neither bought nor sold: as long as its balance carries a fee it is taken from there, at
 * the last known rate and less its discount; what it does not carry is paid in quote, whole. A rebate goes there whole. Never converts anything
 * to fill the purse.
 */

import { decimalsOf } from '../model/instrument.ts';
import type { Conversion, ExactRate } from '../portfolio/conversion.ts';
import type { DecimalLedger } from '../portfolio/ledger.ts';
import { ratioOf, tenTo, unitsToNumber } from '../portfolio/money.ts';

export interface FeePurseRule {
  readonly currency: string;
  /** Of what the fee would be in quote. */
  readonly discountFraction: number;
}

/** One currency with what turns it into the account's; null for the account's own. */
export interface Pocket {
  readonly ledger: DecimalLedger;
  readonly conversion: Conversion | null;
}

const one: ExactRate = Object.freeze({ numerator: 1n, denominator: 1n });

export class FeePurse {
  private readonly pocket: Pocket;
  private readonly keptUnits: bigint;
  private readonly keptScale: bigint;

  constructor(pocket: Pocket, { discountFraction }: FeePurseRule) {
    const decimals = decimalsOf(discountFraction);
    this.pocket = pocket;
    this.keptScale = BigInt(tenTo(decimals));
    this.keptUnits = this.keptScale - BigInt(Math.round(discountFraction * tenTo(decimals)));
  }

  /** Takes over a fee that the quote's ledger has booked; what the fee came to in quote. */
  takeOver(quote: Pocket, fee: number | bigint): number {
    const { ledger } = quote;
    const discounted = fee > 0 ? ratioOf(fee, this.keptUnits, this.keptScale) : fee;
    const amount = this.amountOf(quote, discounted);
    const { ledger: own } = this.pocket;
    if (amount === null || own.units < amount) return unitsToNumber(fee, ledger.quoteDecimals);
    ledger.post('fees', fee === 0 ? 0 : -fee);
    own.post('fees', amount);
    return unitsToNumber(discounted, ledger.quoteDecimals);
  }

  /** Rounded half away from zero to this currency; null while a rate is not known. */
  private amountOf(quote: Pocket, discounted: number | bigint): number | bigint | null {
    const from = quote.conversion === null ? one : quote.conversion.exactRate();
    const to = this.pocket.conversion === null ? one : this.pocket.conversion.exactRate();
    if (from === null || to === null) return null;
    const shift = this.pocket.ledger.quoteDecimals - quote.ledger.quoteDecimals;
    const up = 10n ** BigInt(Math.max(0, shift));
    const down = 10n ** BigInt(Math.max(0, -shift));
    return ratioOf(discounted, from.numerator * to.denominator * up, from.denominator * to.numerator * down);
  }
}
