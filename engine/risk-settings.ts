/** Owns what a scenario may say of risk, as the engine reads it. Plain frozen data: hashed, stored and sent to workers. */
import type { TailQuestion } from './risk/tail.ts';

/** How large an order is that states no size. */
export type Sizing =
  | { readonly by: 'fixedBase'; readonly sizeBase: number }
  | { readonly by: 'fixedQuote'; readonly sizeQuote: number }
  | { readonly by: 'fraction'; readonly equityFraction: number }
  /** The order's stop loses this fraction of equity. */
  | { readonly by: 'riskPerTrade'; readonly riskFraction: number }
  | {
      readonly by: 'volatilityTarget';
      /** A year, of a position of this size, as a fraction of equity. */
      readonly volatilityAnnual: number;
      /** Returns of the decision series that the instrument's volatility is measured on. */
      readonly lookbackBars: number;
      /** Notional as a fraction of equity is never more. */
      readonly leverageMax: number;
      /** Bars of the decision series in a year; null: those of its timeframe in the days of metrics.periodsPerYear. */
      readonly barsPerYear: number | null;
    }
  | {
      readonly by: 'kelly';
      /** Part of the Kelly fraction that is staked: 0.5 is half-Kelly. */
      readonly factor: number;
      readonly equityFractionMax: number;
      /** Closed trades that the Kelly fraction needs; before them equityFractionBefore is staked. */
      readonly tradeCountMin: number;
      readonly equityFractionBefore: number;
    };

/** Limits of the whole book, judged when an order is sent. Fractions of equity; Infinity for none. */
export interface BookCaps {
  readonly grossFractionMax: number;
  readonly netFractionMax: number;
  readonly positionCountMax: number;
  /** Positions that move with the order's: their gross together. */
  readonly correlation: { readonly days: number; readonly above: number; readonly exposureFractionMax: number } | null;
  readonly valueAtRisk: (Required<TailQuestion> & { readonly days: number; readonly lossFractionMax: number }) | null;
}

/** Whether a limit closes everything or lets only reductions through, and for how long; Infinity to the end of the run. */
export interface Consequence {
  readonly state: 'HALTED' | 'REDUCING';
  readonly forMs: number;
}

/** Whom a pause of entries concerns. */
export type PauseScope = 'account' | 'instrument';

/** Watches over closed trades, equity and orders in tape time; null where not asked for. */
export interface ProtectionSettings {
  /** What drawdownHaltFraction does; null halts to the end. */
  readonly drawdown: Consequence | null;
  /** Loss since the last bar close of the UTC day before, as a fraction of the equity then; lasts to the end of the day. */
  readonly dailyLoss: { readonly fractionMax: number; readonly state: Consequence['state'] } | null;
  /** No entry into an instrument after its position was closed: for so many bars of its decision series, or so long. */
  readonly cooldown: { readonly bars: number } | { readonly forMs: number } | null;
  readonly stopLossGuard: {
    readonly stopCount: number;
    readonly withinMs: number;
    readonly forMs: number;
    readonly scope: PauseScope;
  } | null;
  readonly lossStreak: { readonly lossCount: number; readonly forMs: number; readonly scope: PauseScope } | null;
  /** Orders sent in any minute or hour of tape time; Infinity for none. */
  readonly orderRate: { readonly perMinute: number; readonly perHour: number } | null;
}

export interface RiskSettings {
  /** Fraction of equity lost if the stop is hit: the size of an order that states a stop and no size, where sizing says nothing else. */
  readonly riskPerTrade: number;
  /** Cap of one position's notional, as a fraction of equity; Infinity for none. */
  readonly positionFractionMax: number;
  /** Fall from the equity peak at a bar close that halts the run: cancel, close at the next open, refuse increases; 1 for never. */
  readonly drawdownHaltFraction: number;
  /** Share of cash kept back when a size is clipped to what cash buys. */
  readonly sizeBufferFraction: number;
  /** What a scenario says nothing of is left out: a run without it pays nothing for it. */
  readonly sizing?: Sizing;
  readonly caps?: BookCaps;
  readonly protections?: ProtectionSettings;
}
