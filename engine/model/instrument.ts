/** Owns what is known of a traded thing. Never changes during a run. */

/** A side of an instrument on an account that holds both at once. */
export type Leg = 'long' | 'short';

/**
 * Rules of one instrument in force during [validFromMs, validToMs). tickSize and lotSize are decimal numbers (0.01);
 * currency decimals are the ledger's precision; multiplier is quote per price unit per base unit (1 for spot).
 */
export interface Instrument {
  readonly venue: string;
  readonly symbol: string;
  readonly baseCurrency: string;
  readonly quoteCurrency: string;
  readonly tickSize: number;
  readonly lotSize: number;
  readonly minimumNotionalQuote: number;
  readonly baseDecimals: number;
  readonly quoteDecimals: number;
  readonly multiplier: number;
  readonly feeRateMaker: number;
  readonly feeRateTaker: number;
  readonly validFromMs: number;
  readonly validToMs: number;
  /** On a hedge account, which leg this is; absent elsewhere. */
  readonly leg?: Leg;
}

/** Digits after the point that write the number exactly: 0.01 → 2, 0.25 → 2, 1 → 0; at most 15. */
export function decimalsOf(value: number): number {
  for (let decimals = 0; decimals <= 15; decimals++) if (Number(value.toFixed(decimals)) === value) return decimals;
  return 15;
}
