/** Owns how one instrument's prices, sizes and rates become whole units. Never books anything. */
import { decimalsOf, type Instrument, lotStepOf, tickStepOf } from '../model/instrument.ts';
import type { FeeRates } from '../rules-in-force.ts';
import type { FillAmounts } from './ledger.ts';
import { numberToUnits, scaledProduct, tenTo } from './money.ts';

/** The powers of ten that turn one instrument's prices, sizes and rates into whole units. */
export class Scale {
  readonly priceScale: number;
  readonly sizeScale: number;
  readonly priceDecimals: number;
  readonly sizeDecimals: number;
  readonly multiplierUnits: number;
  readonly notionalShift: number;
  /** A price times a size, both in units, times the one and divided by the other: the notional in units. NaN beyond what a double can tell. */
  readonly notionalFactor: number;
  readonly notionalDivisor: number;
  makerUnits = 0;
  takerUnits = 0;
  feeShift = 0;
  feeDivisor = 1;
  constructor(instrument: Instrument, rates: FeeRates, quoteDecimals: number) {
    const priceDecimals = decimalsOf(tickStepOf(instrument));
    const sizeDecimals = decimalsOf(lotStepOf(instrument));
    this.priceDecimals = priceDecimals;
    this.sizeDecimals = sizeDecimals;
    const multiplierDecimals = decimalsOf(instrument.multiplier);
    this.priceScale = tenTo(priceDecimals);
    this.sizeScale = tenTo(sizeDecimals);
    this.multiplierUnits = Number(numberToUnits(instrument.multiplier, multiplierDecimals));
    this.notionalShift = priceDecimals + sizeDecimals + multiplierDecimals - quoteDecimals;
    this.notionalDivisor = tenTo(Math.max(0, this.notionalShift));
    this.notionalFactor = Number.isNaN(this.notionalDivisor) ? Number.NaN : this.multiplierUnits * tenTo(Math.max(0, -this.notionalShift));
    this.takeRates(rates);
  }

  takeRates(rates: FeeRates): void {
    this.feeShift = Math.max(decimalsOf(rates.maker), decimalsOf(rates.taker));
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
