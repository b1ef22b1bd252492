/** Owns what a book of positions amounts to beside its equity. Pure: never asks a portfolio or a clock. */

/** One position: signed base quantity, price and multiplier tell its notional, signed, in quote. */
export interface BookPosition {
  readonly symbol: string;
  readonly sizeBase: number;
  readonly priceQuote: number;
  /** Quote per price unit per base unit; default 1. */
  readonly multiplier?: number;
}

/** Notionals in quote, ≥ 0 but for net, which is long less short; fractions are of equity: grossFraction is the leverage of the book. */
export interface Exposure {
  readonly longQuote: number;
  readonly shortQuote: number;
  readonly grossQuote: number;
  readonly netQuote: number;
  readonly grossFraction: number;
  readonly netFraction: number;
  /** Of the largest position, long or short. */
  readonly largestFraction: number;
  readonly positionCount: number;
}

export function notionalOf({ sizeBase, priceQuote, multiplier = 1 }: BookPosition): number {
  return sizeBase * priceQuote * multiplier;
}

export function exposureOf(positions: readonly BookPosition[], equityQuote: number): Exposure {
  let longQuote = 0;
  let shortQuote = 0;
  let largestQuote = 0;
  let positionCount = 0;
  for (const position of positions) {
    const notional = notionalOf(position);
    if (notional > 0) longQuote += notional;
    else shortQuote -= notional;
    if (Math.abs(notional) > largestQuote) largestQuote = Math.abs(notional);
    if (position.sizeBase !== 0) positionCount++;
  }
  const grossQuote = longQuote + shortQuote;
  const netQuote = longQuote - shortQuote;
  return {
    longQuote,
    shortQuote,
    grossQuote,
    netQuote,
    grossFraction: grossQuote / equityQuote,
    netFraction: netQuote / equityQuote,
    largestFraction: largestQuote / equityQuote,
    positionCount,
  };
}
