/**
 * Owns cash in several currencies: one exact ledger for each, and what they are worth together in the account's. Never converts unless the
 * policy says so: none leaves every currency to itself; atFill brings what a fill lacks of its currency from the account's, at the last known
 * rate, for a stated cost in the account's currency.
 */
import type { FeePurse } from '../costs/fee-purse.ts';
import { assert } from '../errors.ts';
import { decimalsOf } from '../model/instrument.ts';
import type { Conversion } from './conversion.ts';
import { type CashByCause, type DecimalLedger, type FillAmounts, type Ledger, Settlement } from './ledger.ts';
import { addUnits, numberToUnits, ratioOf, unitsToNumber } from './money.ts';

/** One currency of the account. conversion: null for the account's own, which stands first. */
export interface CurrencyAccount {
  readonly currency: string;
  readonly ledger: DecimalLedger;
  readonly conversion: Conversion | null;
}

export interface CurrencyLedgersInput {
  readonly accounts: readonly CurrencyAccount[];
  /** Place of each instrument's quote currency among the accounts. */
  readonly accountOf: readonly number[];
  readonly convertsAtFill: boolean;
  /** What fees are paid from before quote is; null for nothing. */
  readonly feePurse: FeePurse | null;
  /** Of what is paid for a conversion, in the account's currency. */
  readonly conversionCostFraction: number;
  /** Told of each conversion. */
  readonly onConverted: (note: { currency: string; boughtQuote: number; paidQuote: number; costQuote: number }) => void;
}

export class CurrencyLedgers implements Ledger {
  readonly last = new Settlement();
  readonly accounts: readonly CurrencyAccount[];
  /** Other currencies that a fill left below 0. */
  readonly owed = new Set<string>();
  private readonly accountOf: readonly number[];
  private readonly input: CurrencyLedgersInput;
  private readonly costUnits: bigint;
  private readonly costScale: bigint;

  constructor(input: CurrencyLedgersInput) {
    assert(input.accounts[0].conversion === null, "the first currency is the account's own");
    this.input = input;
    this.accounts = input.accounts;
    this.accountOf = input.accountOf;
    const decimals = decimalsOf(input.conversionCostFraction);
    this.costUnits = BigInt(numberToUnits(input.conversionCostFraction, decimals));
    this.costScale = 10n ** BigInt(decimals);
  }

  takeRates(instrumentIndex: number): void {
    for (const { ledger } of this.accounts) ledger.takeRates(instrumentIndex);
  }

  /** All cash at the last known rates, in the account's currency. */
  get cashQuote(): number {
    let cash = this.accounts[0].ledger.cashQuote;
    for (let c = 1; c < this.accounts.length; c++) {
      const { ledger, conversion } = this.accounts[c];
      if (ledger.cashQuote !== 0) cash += ledger.cashQuote * (conversion as Conversion).rate;
    }
    return cash;
  }

  /** What one unit of an instrument's quote currency is worth in the account's; NaN while no rate is known. */
  rateOf(instrumentIndex: number): number {
    return this.accounts[this.accountOf[instrumentIndex]].conversion?.rate ?? 1;
  }

  /** As rateOf, at a time before now. */
  rateAt(instrumentIndex: number, timeMs: number): number {
    return this.accounts[this.accountOf[instrumentIndex]].conversion?.rateAt(timeMs) ?? 1;
  }

  /** Why an order of this instrument cannot be judged in the account's currency; '' where it can. */
  rateRefusal(instrumentIndex: number): string {
    if (!Number.isNaN(this.rateOf(instrumentIndex))) return '';
    return `no rate is known yet from ${this.currencyOf(instrumentIndex)} to ${this.accounts[0].currency}`;
  }

  currencyOf(instrumentIndex: number): string {
    return this.accounts[this.accountOf[instrumentIndex]].currency;
  }

  /** The ledger of an instrument's quote currency. */
  ledgerOf(instrumentIndex: number): DecimalLedger {
    return this.accounts[this.accountOf[instrumentIndex]].ledger;
  }

  settle(fill: FillAmounts): void {
    const place = this.accountOf[fill.instrumentIndex];
    const { ledger, currency } = this.accounts[place];
    const { feePurse, convertsAtFill } = this.input;
    const fee = feePurse === null ? 0 : ledger.chargeUnits(fill);
    ledger.settle(fill);
    this.last.notionalQuote = ledger.last.notionalQuote;
    this.last.feeQuote = feePurse === null ? ledger.last.feeQuote : feePurse.takeOver(this.accounts[place], fee);
    if (place === 0 || !(ledger.units < 0)) return;
    if (convertsAtFill) this.cover(place);
    else this.owed.add(currency);
  }

  cost(fill: FillAmounts): number {
    return this.ledgerOf(fill.instrumentIndex).cost(fill);
  }

  payableQuote(instrumentIndex: number): number {
    const place = this.accountOf[instrumentIndex];
    const { ledger, conversion } = this.accounts[place];
    if (conversion === null || !this.input.convertsAtFill) return ledger.cashQuote;
    const spare = Math.max(0, this.accounts[0].ledger.cashQuote) / (1 + this.input.conversionCostFraction);
    return ledger.cashQuote + spare / conversion.rate;
  }

  shortage(fill: FillAmounts): string {
    const place = this.accountOf[fill.instrumentIndex];
    const { ledger, currency } = this.accounts[place];
    if (place === 0) return ledger.shortage(fill);
    const lacking = addUnits(ledger.costUnits(fill), -ledger.units);
    if (lacking <= 0) return '';
    if (!this.input.convertsAtFill) {
      const words = ledger.shortage(fill);
      return `${words} ${currency}, and account.conversion is none`;
    }
    const price = this.priceOf(place, lacking);
    const home = this.accounts[0];
    if (price === null) return this.rateRefusal(fill.instrumentIndex);
    const asked = addUnits(price.paid, price.cost);
    if (asked <= home.ledger.units) return '';
    const lackingQuote = unitsToNumber(lacking, ledger.quoteDecimals);
    const askedQuote = unitsToNumber(asked, home.ledger.quoteDecimals);
    return `lacks ${lackingQuote} ${currency}, which cost ${askedQuote} ${home.currency}; cash is ${home.ledger.cashQuote} ${home.currency}`;
  }

  writeOff(): void {
    for (const { ledger } of this.accounts) ledger.writeOff();
  }

  /** Of the account's own currency. */
  causes(): CashByCause {
    return this.accounts[0].ledger.causes();
  }

  /** Of all others, by currency. */
  otherCauses(): Readonly<Record<string, CashByCause>> {
    return Object.fromEntries(this.accounts.slice(1).map(({ currency, ledger }) => [currency, ledger.causes()]));
  }

  assertBalanced(): void {
    for (const { ledger } of this.accounts) ledger.assertBalanced();
  }

  /** What an amount of another currency costs in the account's, and the cost of converting beside it. */
  private priceOf(place: number, units: number | bigint): { paid: number | bigint; cost: number | bigint } | null {
    const { ledger, conversion } = this.accounts[place];
    const rate = (conversion as Conversion).exactRate();
    if (rate === null) return null;
    const shift = this.accounts[0].ledger.quoteDecimals - ledger.quoteDecimals;
    const up = 10n ** BigInt(Math.max(0, shift));
    const down = 10n ** BigInt(Math.max(0, -shift));
    const paid = ratioOf(units, rate.numerator * up, rate.denominator * down);
    return { paid, cost: ratioOf(paid, this.costUnits, this.costScale) };
  }

  /** Buys what a currency lacks. */
  private cover(place: number): void {
    const { ledger, currency } = this.accounts[place];
    const lacking = -ledger.units;
    const price = this.priceOf(place, lacking);
    assert(price !== null, `${currency} was spent before a rate was known`);
    const home = this.accounts[0].ledger;
    ledger.post('conversion', lacking);
    home.post('conversion', -price.paid);
    if (price.cost !== 0) home.post('conversionCosts', price.cost);
    this.input.onConverted({
      currency,
      boughtQuote: unitsToNumber(lacking, ledger.quoteDecimals),
      paidQuote: unitsToNumber(price.paid, home.quoteDecimals),
      costQuote: unitsToNumber(price.cost, home.quoteDecimals),
    });
  }
}
