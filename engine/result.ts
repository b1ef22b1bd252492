/** Owns the shape of what a run yields. Never computes. */
import type { SeriesKey } from './model/bar.ts';
import type { Fill, Trade } from './model/fill.ts';
import type { Instrument } from './model/instrument.ts';
import type { Order } from './model/order.ts';
import type { RiskEvent } from './risk-event.ts';

/**
 * A position still open at the end, marked at the last close and outside trade statistics. sizeBase is signed. averagePriceQuote is what a unit
 * cost on average; unrealisedPnlQuote that of the entries still open, so that with the trades it makes up the change of equity.
 */
export interface OpenPosition {
  readonly instrumentIndex: number;
  readonly sizeBase: number;
  readonly averagePriceQuote: number;
  readonly markPriceQuote: number;
  readonly unrealisedPnlQuote: number;
}

/** Something that changed the account and was no order's doing, with its numbers; amounts in the currency or the quote currency of the symbol beside them. */
export interface AccountEvent {
  readonly timeMs: number;
  readonly kind: 'interest' | 'borrowFee' | 'settlement' | 'conversion' | 'marginCall' | 'marginRestored' | 'liquidation' | 'ruin' | 'dust';
  readonly figures: Readonly<Record<string, number | string>>;
}

/** Less than the venue takes of an instrument, left of a position that has ended. sizeBase is signed. */
export interface Dust {
  readonly instrumentIndex: number;
  readonly sizeBase: number;
  readonly markPriceQuote: number;
}

/** Equity per row, one row for each distinct closeTimeMs of the finest series inside the window. */
export interface EquityColumns {
  readonly timeMs: Float64Array;
  readonly equityQuote: Float64Array;
}

/** Every figure by its name in engine/metrics/catalogue.ts, where unit and convention stand. NaN where undefined. */
export type Metrics = Readonly<Record<string, number>>;

/** What was played: each series with the rows and times that lie inside the window. */
export interface PlayedSeries {
  readonly key: SeriesKey;
  readonly rowCount: number;
  readonly firstOpenMs: number;
  readonly lastCloseMs: number;
  readonly isSynthetic: boolean;
  /** True where orders of the instrument are matched on this series. */
  readonly isFinest: boolean;
}

/** The hashes of a run, hex SHA-256: inputs → outputs. See engine/certificate.ts for what each covers. */
export interface Certificate {
  readonly tapeHash: string;
  readonly strategyHash: string;
  readonly scenarioHash: string;
  readonly engineHash: string;
  readonly seed: number;
  readonly ordersHash: string;
  readonly fillsHash: string;
  readonly equityHash: string;
  readonly dailyHash: string;
  readonly metricsHash: string;
  readonly trialHash: string;
  readonly runHash: string;
}

/** All that a run yields; a program may JSON it after turning the columns into arrays. */
export interface RunResult {
  readonly strategyName: string;
  readonly parameters: Readonly<Record<string, number | string | boolean>>;
  readonly instruments: readonly Instrument[];
  readonly series: readonly PlayedSeries[];
  /** The currency of equity and metrics: the account's. */
  readonly quoteCurrency: string;
  readonly initialCapitalQuote: number;
  readonly orders: readonly Order[];
  readonly fills: readonly Fill[];
  readonly trades: readonly Trade[];
  readonly openPositions: readonly OpenPosition[];
  readonly equity: EquityColumns;
  /** Last equity of each UTC day that has a bar. */
  readonly daily: EquityColumns;
  /** Equity of buying the first instrument with all capital at the first tradable open and holding it; same rows as equity. */
  readonly buyAndHold: Float64Array;
  /** Bars that could have filled orders in either sequence, where one was assumed. */
  readonly ambiguousBarCount: number;
  /** Bars that would have been ambiguous, and were decided: by the walk along them, or by finer bars. */
  readonly decidedBarCount: number;
  /** Of the ambiguous ones, those that finer bars were to decide and could not: missing, or not the same bar. */
  readonly notRefinedBarCount: number;
  /** Changes of the account's state, pauses of entries and sizes made smaller, each with its numbers, in their order. */
  readonly riskEvents: readonly RiskEvent[];
  /** Change of cash by cause (purchases, sales, fees, …) in the account's currency, as exact decimals. */
  readonly ledger: Readonly<Record<string, string>>;
  /** As ledger, of each other currency the account holds. */
  readonly otherLedgers: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly accountEvents: readonly AccountEvent[];
  readonly dust: readonly Dust[];
  readonly metrics: Metrics;
  readonly certificate: Certificate;
  /** Anything a reader must know before believing the result, in words. */
  readonly warnings: readonly string[];
}
