/** Owns the grids of an instrument: ticks and lots. Pure: numbers in, the nearest allowed number out. */
import { decimalsOf } from './instrument.ts';

/** The lots of one instrument; what a lot comes to is worked out once, because every order asks several times. */
export class LotGrid {
  private readonly lotSize: number;
  /** Lots in one unit where that is whole: multiplying and dividing by it is the more exact. 0 where it is not. */
  private readonly perUnit: number;
  /** For other lots, a power of ten that makes them whole, and the lot as so many of its parts. */
  private readonly scale: number;
  private readonly parts: number;

  constructor(lotSize: number) {
    const perUnit = Math.round(1 / lotSize);
    this.lotSize = lotSize;
    this.perUnit = Math.abs(perUnit * lotSize - 1) < 1e-9 ? perUnit : 0;
    this.scale = Number.isInteger(lotSize) ? 1 : Number(`1e${decimalsOf(lotSize)}`);
    this.parts = Math.round(lotSize * this.scale);
  }

  /** A whole number of lots as a base quantity, the double nearest to the decimal: 3 lots of 0.1 are 0.3. */
  sizeOf(lots: number): number {
    return this.perUnit > 0 ? lots / this.perUnit : (lots * this.parts) / this.scale;
  }

  /** Whole lots nearest to a size. */
  lotsOf(sizeBase: number): number {
    return Math.round(this.perUnit > 0 ? sizeBase * this.perUnit : sizeBase / this.lotSize);
  }

  /** The multiple of lot nearest to size: takes away what sums and differences of doubles leave behind. */
  round(sizeBase: number): number {
    return this.sizeOf(this.lotsOf(sizeBase));
  }

  /** Largest multiple of lot not above size; a size that is a multiple but for the last bits of a double counts as one. */
  floor(sizeBase: number): number {
    const lots = this.perUnit > 0 ? sizeBase * this.perUnit : sizeBase / this.lotSize;
    const nearest = Math.round(lots);
    // A few last bits of a double, never a whole lot: 20 000 units of 1e-8 must not become 20 000.00000002.
    const slack = Math.min(0.5, 1e-9 + lots * 1e-15);
    return this.sizeOf(Math.abs(lots - nearest) <= slack ? nearest : Math.floor(lots));
  }
}

/** As LotGrid.floor, for those that ask once. */
export function floorToLot(sizeBase: number, lotSize: number): number {
  return new LotGrid(lotSize).floor(sizeBase);
}

/** As LotGrid.round, for those that ask once. */
export function roundToLot(sizeBase: number, lotSize: number): number {
  return new LotGrid(lotSize).round(sizeBase);
}

/** As LotGrid.sizeOf, for those that ask once. */
export function fromLots(lots: number, lotSize: number): number {
  return new LotGrid(lotSize).sizeOf(lots);
}

/** Nearest price on the tick grid. */
export function roundToTick(price: number, tickSize: number): number {
  const perUnit = Math.round(1 / tickSize);
  if (Math.abs(perUnit * tickSize - 1) < 1e-9) return Math.round(price * perUnit) / perUnit;
  return Math.round(price / tickSize) * tickSize;
}

/** The tick grid price that hurts the taker: not below for a buy, not above for a sell. */
export function roundAgainst(price: number, tickSize: number, side: number): number {
  const perUnit = Math.round(1 / tickSize);
  const isWhole = Math.abs(perUnit * tickSize - 1) < 1e-9;
  const ticks = isWhole ? price * perUnit : price / tickSize;
  // A price that is on the grid but for the last bits of a double stays where it is.
  const slack = 1e-9 * Math.max(1, Math.abs(ticks) * 1e-6);
  const snapped = side > 0 ? Math.ceil(ticks - slack) : Math.floor(ticks + slack);
  return isWhole ? snapped / perUnit : snapped * tickSize;
}
