/** Owns cash and why it changed. Exact: every amount is rounded once to the currency's precision and summed as whole units. */

import { type ChargedFill, type FeeModel, StrategyFees } from '../costs/fees.ts';
import { assert } from '../errors.ts';
import { figureText } from '../figure-text.ts';
import type { Instrument } from '../model/instrument.ts';
import type { FeeRates } from '../rules-in-force.ts';
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
import { Scale } from './scale.ts';

/**
 * Why cash changes, and in which direction an amount of that cause changes it. Amounts are ≥ 0 but for settlement (what a futures position
 * won), conversion (what came in from another currency) and writeOff (what brings a ruined account to 0), which may be either.
 */
export const cashCauses = Object.freeze({
  deposit: 1,
  purchases: -1,
  sales: 1,
  fees: -1,
  interest: -1,
  borrowFees: -1,
  settlement: 1,
  conversion: 1,
  conversionCosts: -1,
  liquidationFees: -1,
  writeOff: 1,
} as const);
export type CashCause = keyof typeof cashCauses;

/** Sums by cause as exact decimals: the first four always, others where they are not 0. */
export type CashByCause = Readonly<Partial<Record<CashCause, string>>>;

export interface LedgerInput {
  readonly instruments: readonly Instrument[];
  readonly initialCapitalQuote: number;
  readonly quoteDecimals: number;
  /** As in force now. */
  readonly feeRates: readonly FeeRates[];
  readonly feeFixedQuote: number;
  /** Charged in place of the rates; left out where they are all there is. */
  readonly feeModel?: FeeModel | null;
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
  settle(fill: FillAmounts): void;
  /** What a fill would take from cash (negative where it would add), without booking it, in the instrument's quote currency. */
  cost(fill: FillAmounts): number;
  /** What an order of this instrument could be paid with, in its quote currency. */
  payableQuote(instrumentIndex: number): number;
  /** '' where cash carries the fill, otherwise what it costs and what there is. */
  shortage(fill: FillAmounts): string;
  /** Brings cash to 0. */
  writeOff(): void;
  /** The instrument's fee rates have changed. */
  takeRates(instrumentIndex: number): void;
  /** Sums by cause; by the directions of cashCauses they come to the cash there is. */
  causes(): CashByCause;
  /** Stops at once where the causes do not sum to the cash. */
  assertBalanced(): void;
}

export type FillAmounts = ChargedFill;

const cashSum = 0;
const purchaseSum = 1;
const saleSum = 2;
const feeSum = 3;
const fixedFeeSum = 4;

/** Decimal-exact ledger in one quote currency. Prices lie on 10^−decimals of the step of all ticks, sizes of all lots. */
export class DecimalLedger implements Ledger {
  cashQuote = Number.NaN;
  readonly last = new Settlement();
  readonly quoteDecimals: number;
  protected notionalNow: number | bigint = 0;
  protected feeNow: number | bigint = 0;
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
  private readonly feeModel: FeeModel | null;
  private readonly feeRates: readonly FeeRates[];
  /** Of the fee, what the model asks. */
  private chargedNow: number | bigint = 0;
  /** What was booked by post(), beside what the fills came to. */
  private readonly posted = new Map<CashCause, number | bigint>();

  constructor(input: LedgerInput) {
    this.quoteDecimals = input.quoteDecimals;
    this.feeRates = input.feeRates;
    this.scales = input.instruments.map((instrument, i) => new Scale(instrument, input.feeRates[i], input.quoteDecimals));
    this.feeFixedUnits = numberToUnits(input.feeFixedQuote, input.quoteDecimals);
    this.depositUnits = numberToUnits(input.initialCapitalQuote, input.quoteDecimals);
    this.cashUnits = this.depositUnits;
    this.quoteScale = tenTo(input.quoteDecimals);
    this.feeModel = input.feeModel ?? null;
    this.isNarrow = this.feeModel === null && typeof this.depositUnits === 'number' && typeof this.feeFixedUnits === 'number';
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
    this.noteFee(fill);
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
    const product = price * size * scale.notionalFactor;
    // So written that a product which is no number is refused too.
    if (!(product < safeUnits) || price > roundableUnits || size > roundableUnits) return false;
    const notional = divideRounded(product, scale.notionalDivisor);
    const feeProduct = notional * (fill.isMaker ? scale.makerUnits : scale.takerUnits);
    if (feeProduct >= safeUnits || feeProduct <= -safeUnits) return false;
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
    return unitsToNumber(this.costUnits(fill), this.quoteDecimals);
  }

  /** What a fill would take from cash, in whole units. */
  costUnits(fill: FillAmounts): number | bigint {
    this.compute(fill);
    return addUnits(fill.side > 0 ? this.notionalNow : -this.notionalNow, this.feeNow);
  }

  /** What a fill would be charged, in whole units. */
  chargeUnits(fill: FillAmounts): number | bigint {
    this.compute(fill);
    return this.feeNow;
  }

  payableQuote(_instrumentIndex: number): number {
    return this.cashQuote;
  }

  shortage(fill: FillAmounts): string {
    return shortageText(fill, this.cost(fill), this.cashQuote);
  }

  takeRates(instrumentIndex: number): void {
    this.scales[instrumentIndex].takeRates(this.feeRates[instrumentIndex]);
  }

  /** Cash in whole units. */
  get units(): number | bigint {
    return this.isNarrow ? this.sums[cashSum] : this.cashUnits;
  }

  /** Books an amount in whole units under a cause that is not a fill's. */
  post(cause: CashCause, units: number | bigint): void {
    this.posted.set(cause, addUnits(this.posted.get(cause) ?? 0, units));
    const cash = addUnits(this.units, cashCauses[cause] > 0 ? units : -units);
    if (this.isNarrow && typeof cash === 'bigint') this.widen();
    if (this.isNarrow) this.sums[cashSum] = Number(cash);
    this.cashUnits = cash;
    this.cashQuote = unitsToNumber(cash, this.quoteDecimals);
  }

  writeOff(): void {
    this.post('writeOff', -this.units);
  }

  causes(): CashByCause {
    const found: Partial<Record<CashCause, string>> = {};
    for (const cause of Object.keys(cashCauses) as CashCause[]) {
      const units = this.unitsOf(cause);
      if (units !== 0 || alwaysTold.has(cause)) found[cause] = unitsToText(units, this.quoteDecimals);
    }
    return found;
  }

  assertBalanced(): void {
    let sum: number | bigint = 0;
    for (const cause of Object.keys(cashCauses) as CashCause[]) {
      const units = this.unitsOf(cause);
      sum = addUnits(sum, cashCauses[cause] > 0 ? units : -units);
    }
    assert(sum === this.units, `the causes of cash sum to ${sum} units, cash is ${this.units}`);
  }

  private unitsOf(cause: CashCause): number | bigint {
    const posted = this.posted.get(cause) ?? 0;
    const { isNarrow, sums } = this;
    if (cause === 'deposit') return addUnits(this.depositUnits, posted);
    if (cause === 'purchases') return addUnits(isNarrow ? sums[purchaseSum] : this.purchaseUnits, posted);
    if (cause === 'sales') return addUnits(isNarrow ? sums[saleSum] : this.saleUnits, posted);
    return cause === 'fees' ? addUnits(isNarrow ? sums[feeSum] : this.feeUnits, posted) : posted;
  }

  /** A quantity at a price, rounded to the currency, in whole units ≥ 0. */
  notionalUnits(instrumentIndex: number, priceQuote: number, sizeBase: number): number | bigint {
    return this.notionalOf({ instrumentIndex, side: 1, priceQuote, sizeBase, isMaker: false });
  }

  /** The fill just computed is booked: what it was charged for counts from now on. */
  protected noteFee(fill: FillAmounts): void {
    if (this.feeModel !== null) this.feeModel.note(fill, this.notionalNow, this.chargedNow);
  }

  protected compute(fill: FillAmounts): void {
    const notional = this.notionalOf(fill);
    const scale = this.scales[fill.instrumentIndex];
    const fee =
      this.feeModel === null
        ? scaledProduct(notional, fill.isMaker ? scale.makerUnits : scale.takerUnits, scale.feeShift)
        : this.feeModel.feeUnits(fill, notional);
    this.notionalNow = notional;
    this.chargedNow = fee;
    this.feeNow = this.feeFixedUnits === 0 ? fee : addUnits(fee, this.feeFixedUnits);
  }

  private notionalOf(fill: FillAmounts): number | bigint {
    const scale = this.scales[fill.instrumentIndex];
    const price = Math.round(fill.priceQuote * scale.priceScale);
    const size = Math.round(fill.sizeBase * scale.sizeScale) * scale.multiplierUnits;
    const isWide = price > roundableUnits || size > roundableUnits;
    return isWide ? scale.wideNotional(fill) : scaledProduct(price, size, scale.notionalShift);
  }
}

const alwaysTold: ReadonlySet<CashCause> = new Set<CashCause>(['deposit', 'purchases', 'sales', 'fees']);

function shortageText({ side }: FillAmounts, costQuote: number, cashQuote: number): string {
  if (costQuote <= cashQuote) return '';
  const [cost, cash] = [figureText(costQuote, cashQuote), figureText(cashQuote, costQuote)];
  return side > 0 ? `costs ${cost} with its fee, cash is ${cash}` : `brings ${cost} less than its fee, cash is ${cash}`;
}

/** Plain doubles without rounding, for semantics profiles of engines that keep cash so. */
export class FloatLedger implements Ledger {
  cashQuote: number;
  readonly last = new Settlement();
  private readonly input: LedgerInput;
  private readonly feeModel: StrategyFees | null;
  private purchases = 0;
  private sales = 0;
  private fees = 0;
  private written = 0;
  /** How much went in and out, and how often: sums of doubles come as near the cash as these let them. */
  private turnover: number;
  private settledCount = 0;

  constructor(input: LedgerInput) {
    this.input = input;
    this.turnover = Math.abs(input.initialCapitalQuote);
    const feeModel = input.feeModel ?? null;
    assert(feeModel === null || feeModel instanceof StrategyFees, 'plain doubles know rates and functions alone');
    this.feeModel = feeModel;
    this.cashQuote = input.initialCapitalQuote;
  }

  settle(fill: FillAmounts): void {
    const { notionalQuote, feeQuote } = this.amounts(fill);
    if (fill.side > 0) this.purchases += notionalQuote;
    else this.sales += notionalQuote;
    this.fees += feeQuote;
    this.cashQuote -= fill.side * notionalQuote + feeQuote;
    this.turnover += notionalQuote + Math.abs(feeQuote);
    this.settledCount++;
    this.last.notionalQuote = notionalQuote;
    this.last.feeQuote = feeQuote;
  }

  cost(fill: FillAmounts): number {
    const { notionalQuote, feeQuote } = this.amounts(fill);
    return fill.side * notionalQuote + feeQuote;
  }

  payableQuote(_instrumentIndex: number): number {
    return this.cashQuote;
  }

  shortage(fill: FillAmounts): string {
    return shortageText(fill, this.cost(fill), this.cashQuote);
  }

  writeOff(): void {
    this.written -= this.cashQuote;
    this.cashQuote = 0;
  }

  /** They are read at each fill. */
  takeRates(): void {}

  causes(): CashByCause {
    const { initialCapitalQuote } = this.input;
    const written = this.written === 0 ? {} : { writeOff: `${this.written}` };
    return { deposit: `${initialCapitalQuote}`, purchases: `${this.purchases}`, sales: `${this.sales}`, fees: `${this.fees}`, ...written };
  }

  assertBalanced(): void {
    const sum = this.input.initialCapitalQuote - this.purchases + this.sales - this.fees + this.written;
    // Each of a fill's sums is off by half a last bit of the turnover at most; of a fill there are four.
    const tolerance = 2 * (this.settledCount + 2) * Number.EPSILON * this.turnover;
    const isNear = Math.abs(sum - this.cashQuote) <= tolerance;
    if (!isNear) assert(false, `causes of cash sum to ${sum}, not to the cash ${this.cashQuote}, with a tolerance of ${tolerance}`);
  }

  private amounts(fill: FillAmounts): { notionalQuote: number; feeQuote: number } {
    const notionalQuote = fill.priceQuote * fill.sizeBase * this.input.instruments[fill.instrumentIndex].multiplier;
    const rates = this.input.feeRates[fill.instrumentIndex];
    const charged =
      this.feeModel === null ? notionalQuote * (fill.isMaker ? rates.maker : rates.taker) : this.feeModel.feeQuote(fill, notionalQuote);
    return { notionalQuote, feeQuote: charged + this.input.feeFixedQuote };
  }
}
