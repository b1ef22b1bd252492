/** Owns dated rules of a program's venue. Never says what they do to an order. */

/** What a venue asks of orders from fromMs on: steps of so many ticks and lots, bounds of a size, and its fees. */
export interface ProgramRules {
  readonly fromMs: number;
  readonly tickStep: number;
  readonly lotStep: number;
  /** In quote; "0" for none. */
  readonly minimumNotional: string;
  readonly maximumLots?: number;
  readonly feeRateMaker: string;
  readonly feeRateTaker: string;
}
