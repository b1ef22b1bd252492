/** Owns cash and why it changed. Exact: every amount is rounded once to the currency's precision and summed as whole units. */
import { decimalsOf, type Instrument } from '../model/instrument.ts';
import type { Side } from '../model/order.ts';
import {
  addUnits,
  divideRounded,
  numberToUnits,
  roundableUnits,
  safeUnits,
  scaledProduct,
  tenTo,
  unitsToNumber,
  unitsToText,
} from './money.ts';

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

const cashSum = 0;
const purchaseSum = 1;
const saleSum = 2;
const feeSum = 3;
const fixedFeeSum = 4;

/** Decimal-exact ledger in one quote currency. Prices lie on 10^−decimals(tick), sizes on 10^−decimals(lot). */
export class DecimalLedger implements Ledger {
  cashQuote = Number.NaN;
  readonly last = new Settlement();
  private readonly quoteDecimals: number;
  private readonly quoteScale: number;
  /** Whole units by cause while each is exact as a double; behind widen() the fields below take over. */
  private readonly sums = new Float64Array(5);
  private isNarrow: boolean;
  private readonly scales: readonly Scale[];
  private readonly feeFixedUnits: number | bigint;
  private readonly depositUnits: number | bigint;
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
    this.quoteScale = tenTo(input.quoteDecimals);
    this.isNarrow = typeof this.depositUnits === 'number' && typeof this.feeFixedUnits === 'number';
    if (this.isNarrow) {
      this.sums[cashSum] = Number(this.depositUnits);
      this.sums[fixedFeeSum] = Number(this.feeFixedUnits);
    }
    this.cashQuote = unitsToNumber(this.cashUnits, this.quoteDecimals);
  }

  settle(fill: FillAmounts): void {
    if (this.isNarrow && this.settleNarrow(fill)) return;
    if (this.isNarrow) this.widen();
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

  /** The way of nearly every run: all sums are whole doubles in one typed array, nothing is allocated. False where a figure could leave 2^53. */
  private settleNarrow(fill: FillAmounts): boolean {
    const scale = this.scales[fill.instrumentIndex];
    const { sums } = this;
    const price = Math.round(fill.priceQuote * scale.priceScale);
    const size = Math.round(fill.sizeBase * scale.sizeScale);
    const product = price * size * scale.multiplierUnits;
    if (product >= safeUnits || price > roundableUnits || size > roundableUnits || !(scale.notionalDivisor > 0)) return false;
    const notional = divideRounded(product, scale.notionalDivisor);
    const feeProduct = notional * (fill.isMaker ? scale.makerUnits : scale.takerUnits);
    if (feeProduct >= safeUnits) return false;
    const fee = divideRounded(feeProduct, scale.feeDivisor) + sums[fixedFeeSum];
    const cash = sums[cashSum] - fill.side * notional - fee;
    const side = fill.side > 0 ? purchaseSum : saleSum;
    const traded = sums[side] + notional;
    const fees = sums[feeSum] + fee;
    if (traded >= safeUnits || fees >= safeUnits || cash >= safeUnits || cash <= -safeUnits) return false;
    sums[cashSum] = cash;
    sums[side] = traded;
    sums[feeSum] = fees;
    this.cashQuote = cash / this.quoteScale;
    this.last.notionalQuote = notional / this.quoteScale;
    this.last.feeQuote = fee / this.quoteScale;
    return true;
  }

  /** Goes over to sums of any size, for good. */
  private widen(): void {
    const { sums } = this;
    this.isNarrow = false;
    this.cashUnits = sums[cashSum];
    this.purchaseUnits = sums[purchaseSum];
    this.saleUnits = sums[saleSum];
    this.feeUnits = sums[feeSum];
  }

  cost(fill: FillAmounts): number {
    this.compute(fill);
    const notional = fill.side > 0 ? this.notionalNow : -this.notionalNow;
    return unitsToNumber(addUnits(notional, this.feeNow), this.quoteDecimals);
  }

  causes(): Record<CashCause, string> {
    const { isNarrow, sums } = this;
    const text = (units: number | bigint) => unitsToText(units, this.quoteDecimals);
    return {
      deposit: text(this.depositUnits),
      purchases: text(isNarrow ? sums[purchaseSum] : this.purchaseUnits),
      sales: text(isNarrow ? sums[saleSum] : this.saleUnits),
      fees: text(isNarrow ? sums[feeSum] : this.feeUnits),
    };
  }

  private compute(fill: FillAmounts): void {
    const scale = this.scales[fill.instrumentIndex];
    const price = Math.round(fill.priceQuote * scale.priceScale);
    const size = Math.round(fill.sizeBase * scale.sizeScale) * scale.multiplierUnits;
    const isWide = price > roundableUnits || size > roundableUnits;
    const notional = isWide ? scale.wideNotional(fill) : scaledProduct(price, size, scale.notionalShift);
    const fee = scaledProduct(notional, fill.isMaker ? scale.makerUnits : scale.takerUnits, scale.feeShift);
    this.notionalNow = notional;
    this.feeNow = this.feeFixedUnits === 0 ? fee : addUnits(fee, this.feeFixedUnits);
  }
}

/** The powers of ten that turn one instrument's prices, sizes and rates into whole units. */
class Scale {
  readonly priceScale: number;
  readonly sizeScale: number;
  readonly priceDecimals: number;
  readonly sizeDecimals: number;
  readonly multiplierUnits: number;
  readonly notionalShift: number;
  readonly makerUnits: number;
  readonly takerUnits: number;
  readonly feeShift: number;
  readonly notionalDivisor: number;
  readonly feeDivisor: number;
  constructor(instrument: Instrument, rates: { readonly maker: number; readonly taker: number }, quoteDecimals: number) {
    const priceDecimals = decimalsOf(instrument.tickSize);
    const sizeDecimals = decimalsOf(instrument.lotSize);
    this.priceDecimals = priceDecimals;
    this.sizeDecimals = sizeDecimals;
    const multiplierDecimals = decimalsOf(instrument.multiplier);
    this.priceScale = tenTo(priceDecimals);
    this.sizeScale = tenTo(sizeDecimals);
    this.multiplierUnits = Number(numberToUnits(instrument.multiplier, multiplierDecimals));
    this.notionalShift = priceDecimals + sizeDecimals + multiplierDecimals - quoteDecimals;
    this.feeShift = Math.max(decimalsOf(rates.maker), decimalsOf(rates.taker));
    this.notionalDivisor = this.notionalShift >= 0 ? tenTo(this.notionalShift) : Number.NaN;
    this.feeDivisor = tenTo(this.feeShift);
    this.makerUnits = Number(numberToUnits(rates.maker, this.feeShift));
    this.takerUnits = Number(numberToUnits(rates.taker, this.feeShift));
  }

  /** The notional where a price or size has more units than a product of doubles can tell. */
  wideNotional({ priceQuote, sizeBase }: FillAmounts): number | bigint {
    const size = scaledProduct(numberToUnits(sizeBase, this.sizeDecimals), this.multiplierUnits, 0);
    return scaledProduct(numberToUnits(priceQuote, this.priceDecimals), size, this.notionalShift);
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
