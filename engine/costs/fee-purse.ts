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
  /** The part of a fee that is left behind the discount. */
  private readonly kept: ExactRate;

  constructor(pocket: Pocket, { discountFraction }: FeePurseRule) {
    const decimals = decimalsOf(discountFraction);
    const denominator = BigInt(tenTo(decimals));
    this.pocket = pocket;
    this.kept = { numerator: denominator - BigInt(Math.round(discountFraction * tenTo(decimals))), denominator };
  }

  /** Takes over a fee that the quote's ledger has booked; what the fee came to in quote. */
  takeOver(quote: Pocket, fee: number | bigint): number {
    const { ledger } = quote;
    // The discount is on what is owed: a rebate is paid whole.
    const kept = fee > 0 ? this.kept : one;
    const amount = this.amountOf(quote, fee, kept);
    const { ledger: own } = this.pocket;
    if (amount === null || own.units < amount) return unitsToNumber(fee, ledger.quoteDecimals);
    ledger.post('fees', fee === 0 ? 0 : -fee);
    own.post('fees', amount);
    return unitsToNumber(ratioOf(fee, kept.numerator, kept.denominator), ledger.quoteDecimals);
  }

  /** As much of the fee as is kept, rounded once, half away from zero, to this currency; null while a rate is not known. */
  private amountOf(quote: Pocket, fee: number | bigint, kept: ExactRate): number | bigint | null {
    const from = quote.conversion === null ? one : quote.conversion.exactRate();
    const to = this.pocket.conversion === null ? one : this.pocket.conversion.exactRate();
    if (from === null || to === null) return null;
    const shift = this.pocket.ledger.quoteDecimals - quote.ledger.quoteDecimals;
    const up = 10n ** BigInt(Math.max(0, shift));
    const down = 10n ** BigInt(Math.max(0, -shift));
    const numerator = kept.numerator * from.numerator * to.denominator * up;
    return ratioOf(fee, numerator, kept.denominator * from.denominator * to.numerator * down);
  }
}
