/** Owns the cash of a spot account whose buy fees are taken in kind: less of the base is received, and the quote pays the notional alone. Never keeps positions. */
import { decimalsOf } from '../model/instrument.ts';
import { DecimalLedger, type FillAmounts, type LedgerInput } from './ledger.ts';
import { addUnits, numberToUnits, ratioOf, unitsToNumber } from './money.ts';

export class BaseFeeLedger extends DecimalLedger {
  private readonly input: LedgerInput;
  private readonly fixedUnits: number | bigint;

  constructor(input: LedgerInput) {
    super(input);
    this.input = input;
    this.fixedUnits = numberToUnits(input.feeFixedQuote, input.quoteDecimals);
  }

  override settle(fill: FillAmounts): void {
    if (fill.side < 0) {
      super.settle(fill);
      return;
    }
    this.compute(fill);
    const notional = this.notionalNow;
    this.post('purchases', notional);
    this.post('fees', this.fixedUnits);
    const inKind = this.notionalUnits(fill.instrumentIndex, fill.priceQuote, this.feeBase(fill));
    this.last.notionalQuote = unitsToNumber(notional, this.quoteDecimals);
    this.last.feeQuote = unitsToNumber(addUnits(inKind, this.fixedUnits), this.quoteDecimals);
  }

  override costUnits(fill: FillAmounts): number | bigint {
    if (fill.side < 0) return super.costUnits(fill);
    this.compute(fill);
    return addUnits(this.notionalNow, this.fixedUnits);
  }

  /** The fee of a buy, rounded half away from zero to the base currency. */
  feeBase({ instrumentIndex, sizeBase, isMaker }: FillAmounts): number {
    const { baseDecimals } = this.input.instruments[instrumentIndex];
    const rates = this.input.feeRates[instrumentIndex];
    const rate = isMaker ? rates.maker : rates.taker;
    const decimals = decimalsOf(rate);
    const units = ratioOf(numberToUnits(sizeBase, baseDecimals), BigInt(numberToUnits(rate, decimals)), 10n ** BigInt(decimals));
    return unitsToNumber(units, baseDecimals);
  }
}
