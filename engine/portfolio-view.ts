/** Owns what a reader of a portfolio sees: strategies through account.portfolio, library users through PortfolioManager. Read-only. */
import type { BookPosition, Exposure } from './risk/exposure.ts';
import type { RiskCalculator } from './risk/risk-calculator.ts';
import type { RiskState } from './risk-event.ts';

/** A position as of now; sizeBase and notionalQuote are signed. priceQuote is the last known price; multiplier, notional and profit are in the account's currency. */
export interface PositionLine extends Required<BookPosition> {
  readonly instrumentIndex: number;
  readonly averagePriceQuote: number;
  readonly notionalQuote: number;
  /** Of equity, signed. */
  readonly equityFraction: number;
  readonly unrealisedPnlQuote: number;
}

/** The book as of now, at the last known prices. */
export interface PortfolioView {
  readonly initialCapitalQuote: number;
  readonly riskPerTrade: number;
  readonly cashQuote: number;
  readonly equityQuote: number;
  /** Highest equity of any bar close so far, at least the initial capital. */
  readonly peakQuote: number;
  /** Equity now below the peak, a fraction ≥ 0. */
  readonly drawdownFraction: number;
  readonly state: RiskState;
  /** Open positions in the scenario's order of instruments. */
  positions(): PositionLine[];
  exposure(): Exposure;
  /**
   * Value at risk, correlations and contributions of the book, from the closes of the last UTC days that have ended: those on which all
   * instruments held had a bar. Fewer days than asked for where fewer are known: dailyPnlQuote().length tells.
   */
  calculator(question: { readonly days: number }): RiskCalculator;
}
