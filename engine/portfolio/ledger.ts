/** Owns cash and why it changed. Exact: every amount is rounded once to the currency's precision and summed as whole units. */
import { decimalsOf, type Instrument } from '../model/instrument.ts';
import type { Side } from '../model/order.ts';
import { addUnits, numberToUnits, scaledProduct, tenTo, unitsToNumber, unitsToText } from './money.ts';

/** Why cash changes. purchases and fees lower it, sales raise it; amounts are kept positive by cause. */
export type CashCause = 'deposit' | 'purchases' | 'sales' | 'fees';

export interface LedgerInput {
  readonly instruments: readonly Instrument[];
  readonly initialCapitalQuote: number;
  readonly quoteDecimals: number;
  readonly feeRates: readonly { readonly maker: number; readonly taker: number }[];
  readonly feeFixedQuote: number;
}

/** What one settlement came to; the object belongs to the ledger and is reused. */
export class Settlement {
  // NaN first: a field that has once held a whole number changes shape at its first fraction, and compiled code with it.
  notionalQuote = Number.NaN;
  feeQuote = Number.NaN;
}

export interface Ledger {
  /** The double nearest to the exact cash. */
  readonly cashQuote: number;
  readonly last: Settlement;
  /** Books a fill: notional and fee rounded half away from zero, the fee from the rounded notional, cash by their exact sum. */
  settle(fill: { instrumentIndex: number; side: Side; priceQuote: number; sizeBase: number; isMaker: boolean }): void;
  /** What a fill would take from cash (negative where it would add), without booking it. */
  cost(fill: { instrumentIndex: number; side: Side; priceQuote: number; sizeBase: number; isMaker: boolean }): number;
  /** Sum by cause as exact decimals; deposit + sales − purchases − fees = cash. */
  causes(): Record<CashCause, string>;
}

type FillAmounts = Parameters<Ledger['settle']>[0];

/** Decimal-exact ledger in one quote currency. Prices lie on 10^−decimals(tick), sizes on 10^−decimals(lot). */
export class DecimalLedger implements Ledger {
  cashQuote = Number.NaN;
  readonly last = new Settlement();
  private readonly quoteDecimals: number;
  private readonly scales: readonly Scale[];
  private readonly feeFixedUnits: number;
  private readonly depositUnits: number;
  private cashUnits: number | bigint;
  private purchaseUnits: number | bigint = 0;
  private saleUnits: number | bigint = 0;
  private feeUnits: number | bigint = 0;
  private notionalNow: number | bigint = 0;
  private feeNow: number | bigint = 0;

  constructor(input: LedgerInput) {
    this.quoteDecimals = input.quoteDecimals;
    this.scales = input.instruments.map((instrument, i) => new Scale(instrument, input.feeRates[i], input.quoteDecimals));
    this.feeFixedUnits = numberToUnits(input.feeFixedQuote, input.quoteDecimals);
    this.depositUnits = numberToUnits(input.initialCapitalQuote, input.quoteDecimals);
    this.cashUnits = this.depositUnits;
    this.cashQuote = unitsToNumber(this.cashUnits, this.quoteDecimals);
  }

  settle(fill: FillAmounts): void {
    this.compute(fill);
    const notional = this.notionalNow;
    const fee = this.feeNow;
    const isBuy = fill.side > 0;
    if (isBuy) this.purchaseUnits = addUnits(this.purchaseUnits, notional);
    else this.saleUnits = addUnits(this.saleUnits, notional);
    this.feeUnits = addUnits(this.feeUnits, fee);
    this.cashUnits = addUnits(addUnits(this.cashUnits, isBuy ? -notional : notional), -fee);
    this.cashQuote = unitsToNumber(this.cashUnits, this.quoteDecimals);
    this.last.notionalQuote = unitsToNumber(notional, this.quoteDecimals);
    this.last.feeQuote = unitsToNumber(fee, this.quoteDecimals);
  }

  cost(fill: FillAmounts): number {
    this.compute(fill);
    const notional = fill.side > 0 ? this.notionalNow : -this.notionalNow;
    return unitsToNumber(addUnits(notional, this.feeNow), this.quoteDecimals);
  }

  causes(): Record<CashCause, string> {
    const text = (units: number | bigint) => unitsToText(units, this.quoteDecimals);
    return { deposit: text(this.depositUnits), purchases: text(this.purchaseUnits), sales: text(this.saleUnits), fees: text(this.feeUnits) };
  }

  private compute(fill: FillAmounts): void {
    const scale = this.scales[fill.instrumentIndex];
    const price = Math.round(fill.priceQuote * scale.priceScale);
    const size = Math.round(fill.sizeBase * scale.sizeScale) * scale.multiplierUnits;
    const notional = scaledProduct(price, size, scale.notionalShift);
    const rate = fill.isMaker ? scale.makerUnits : scale.takerUnits;
    const fee = typeof notional === 'number' ? scaledProduct(notional, rate, scale.feeShift) : wideFee(notional, rate, scale.feeShift);
    this.notionalNow = notional;
    this.feeNow = this.feeFixedUnits === 0 ? fee : addUnits(fee, this.feeFixedUnits);
  }
}

function wideFee(notional: bigint, rateUnits: number, shift: number): bigint {
  const divisor = 10n ** BigInt(shift);
  return (notional * BigInt(rateUnits) * 2n + divisor) / (divisor * 2n);
}

/** The powers of ten that turn one instrument's prices, sizes and rates into whole units. */
class Scale {
  readonly priceScale: number;
  readonly sizeScale: number;
  readonly multiplierUnits: number;
  readonly notionalShift: number;
  readonly makerUnits: number;
  readonly takerUnits: number;
  readonly feeShift: number;
  constructor(instrument: Instrument, rates: { readonly maker: number; readonly taker: number }, quoteDecimals: number) {
    const priceDecimals = decimalsOf(instrument.tickSize);
    const sizeDecimals = decimalsOf(instrument.lotSize);
    const multiplierDecimals = decimalsOf(instrument.multiplier);
    this.priceScale = tenTo(priceDecimals);
    this.sizeScale = tenTo(sizeDecimals);
    this.multiplierUnits = numberToUnits(instrument.multiplier, multiplierDecimals);
    this.notionalShift = priceDecimals + sizeDecimals + multiplierDecimals - quoteDecimals;
    this.feeShift = Math.max(decimalsOf(rates.maker), decimalsOf(rates.taker));
    this.makerUnits = numberToUnits(rates.maker, this.feeShift);
    this.takerUnits = numberToUnits(rates.taker, this.feeShift);
  }
}

/** Plain doubles without rounding, for semantics profiles of engines that keep cash so. */
export class FloatLedger implements Ledger {
  cashQuote: number;
  readonly last = new Settlement();
  private readonly input: LedgerInput;
  private purchases = 0;
  private sales = 0;
  private fees = 0;

  constructor(input: LedgerInput) {
    this.input = input;
    this.cashQuote = input.initialCapitalQuote;
  }

  settle(fill: FillAmounts): void {
    const { notionalQuote, feeQuote } = this.amounts(fill);
    if (fill.side > 0) this.purchases += notionalQuote;
    else this.sales += notionalQuote;
    this.fees += feeQuote;
    this.cashQuote -= fill.side * notionalQuote + feeQuote;
    this.last.notionalQuote = notionalQuote;
    this.last.feeQuote = feeQuote;
  }

  cost(fill: FillAmounts): number {
    const { notionalQuote, feeQuote } = this.amounts(fill);
    return fill.side * notionalQuote + feeQuote;
  }

  causes(): Record<CashCause, string> {
    return { deposit: `${this.input.initialCapitalQuote}`, purchases: `${this.purchases}`, sales: `${this.sales}`, fees: `${this.fees}` };
  }

  private amounts(fill: FillAmounts): { notionalQuote: number; feeQuote: number } {
    const notionalQuote = fill.priceQuote * fill.sizeBase * this.input.instruments[fill.instrumentIndex].multiplier;
    const rates = this.input.feeRates[fill.instrumentIndex];
    return { notionalQuote, feeQuote: notionalQuote * (fill.isMaker ? rates.maker : rates.taker) + this.input.feeFixedQuote };
  }
}
