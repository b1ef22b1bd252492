/**
 * Owns what a program is: tapes, rules of a market and a list of orders to send at which bar, as plain objects that any broker can play.
 * Never says what comes of a program.
 */
import type { LatencyRules } from '../costs/latency.ts';
import type { ProgramRules } from './program-rules.ts';

/** Prices in whole ticks, volume in whole lots, whatever steps the venue allows orders. */
export interface ProgramBar {
  readonly openTimeMs: number;
  readonly closeTimeMs: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
}

/** Quantities are decimals as text: "0.001". */
export interface ProgramInstrument {
  readonly timeframe: '1h' | '4h' | '12h' | '1d';
  readonly tick: string;
  readonly lot: string;
  readonly multiplier: string;
  readonly feeRateMaker: string;
  readonly feeRateTaker: string;
  /** In order of time, the first from 0 on; left out where every tick and lot is allowed and nothing changes. */
  readonly rules?: readonly ProgramRules[];
  readonly bars: readonly ProgramBar[];
  /** What refine looks into: bars of this length, which may be missing or not fit those that they lie in. */
  readonly finerTimeframe?: '15m' | '1h' | '4h';
  readonly finer?: readonly ProgramBar[];
}

export const programKinds = [
  'market',
  'limit',
  'stop',
  'stopLimit',
  'marketIfTouched',
  'limitIfTouched',
  'trailingStop',
  'onOpen',
  'onClose',
] as const;
export type ProgramKind = (typeof programKinds)[number];
export type ProgramSide = 1 | -1;
export type ProgramLeg = 'long' | 'short';

/** A price in ticks, or how far from the entry's fill price: a fraction of it, or ticks. */
export type ProgramLevel = { readonly price: number } | ProgramOffset;
/** From afterMs after the entry on, the target lies at this fraction. */
export interface ProgramStep {
  readonly afterMs: number;
  readonly fraction: string;
}
/** A fraction of a price, or ticks. */
export type ProgramOffset = { readonly fraction: string } | { readonly distance: number };
/** One stage of a trail: how far it stays behind the best price, and what activates it: a price in ticks, or so far from the start on the winning side. */
export type ProgramTrailStage = ProgramOffset & { readonly activation?: number | ProgramOffset };

/** What protects an entry or a position. */
export interface ProgramProtection {
  readonly stopLoss?: ProgramLevel;
  readonly takeProfit?: ProgramLevel | readonly ProgramStep[];
  readonly trail?: readonly ProgramTrailStage[];
}

/** Names are the program's own; a runner maps them to ids. Of protection the entry's stop and target are made. */
export interface ProgramOrder extends ProgramProtection {
  readonly name: string;
  readonly kind: ProgramKind;
  readonly side: ProgramSide;
  readonly sizeLots: number;
  readonly limitPrice?: number;
  readonly stopPrice?: number;
  readonly touchPrice?: number;
  /** Of a trailingStop. */
  readonly stages?: readonly ProgramTrailStage[];
  readonly timeInForce?: 'GTC' | 'DAY' | 'IOC' | 'FOK' | { readonly goodTillMs: number };
  readonly postOnly?: boolean;
  readonly reduceOnly?: boolean;
  /** The order that must be filled completely before this one is sent. */
  readonly after?: string;
  /** On a hedge account, and only there. */
  readonly leg?: ProgramLeg;
}

export interface ProgramChanges {
  readonly limitPrice?: number;
  readonly stopPrice?: number;
  readonly touchPrice?: number;
  readonly sizeLots?: number;
}

/** As the instrument's bar of that index closes, or as the strategy is told of the first fill of that order. */
export type ProgramMoment = { readonly bar: number } | { readonly fillOf: string };
/** All of one moment in the order of the list. Names may be of any instrument's orders. */
export type ProgramAction = { readonly instrument: number } & ProgramMoment &
  (
    | { readonly kind: 'place'; readonly order: ProgramOrder }
    | { readonly kind: 'cancel'; readonly name: string }
    | { readonly kind: 'amend'; readonly name: string; readonly changes: ProgramChanges }
    | { readonly kind: 'oneCancelsOther'; readonly names: readonly string[] }
    | { readonly kind: 'protect'; readonly protection: ProgramProtection; readonly leg?: ProgramLeg }
    | { readonly kind: 'close'; readonly name: string; readonly leg?: ProgramLeg }
  );

export type ProgramSlippage =
  | { readonly kind: 'none' }
  | { readonly kind: 'fixed'; readonly fraction: string }
  | { readonly kind: 'spread'; readonly ticks: number }
  | { readonly kind: 'spread'; readonly fraction: string }
  | { readonly kind: 'volumeShare' | 'squareRoot'; readonly impact: string };

/** rate: the instrument's own; fixed: so much a fill; perUnit: so much a base unit, within bounds a fill. */
export type ProgramFee =
  | { readonly kind: 'rate' }
  | { readonly kind: 'fixed'; readonly amount: string }
  | { readonly kind: 'perUnit'; readonly amount: string; readonly minimum: string; readonly maximum?: string };

/** What a fee is taken from: the quote, the base that was bought (whole lots of it), or a purse of another currency with its price in quote, bar by bar. */
export type ProgramFeeSource =
  | { readonly kind: 'quote' | 'base' }
  | {
      readonly kind: 'purse';
      readonly balance: string;
      readonly decimals: number;
      readonly discount: string;
      readonly rates: readonly { readonly openTimeMs: number; readonly closeTimeMs: number; readonly close: string }[];
    };

/** What a position sets aside, what borrowing costs a year, what a margin call closes and for how much. */
export interface ProgramMargin {
  readonly per: 'notional' | 'contract';
  readonly initial: string;
  readonly maintenance: string;
  readonly interest: string;
  readonly borrow: string;
  readonly accrual: 'day' | 'hour';
  readonly rule: 'largestLossFirst' | 'all';
  readonly liquidationFee: string;
}

export interface Program {
  readonly seed: number;
  readonly instruments: readonly ProgramInstrument[];
  readonly account: {
    readonly kind: 'spot' | 'frictionless' | 'margin';
    readonly cash: string;
    readonly leverage: string;
    readonly positions: 'net' | 'hedge';
    /** Of margin accounts, and of them alone. */
    readonly margin?: ProgramMargin;
    readonly quoteDecimals: number;
  };
  readonly policy: 'pessimistic' | 'optimistic' | 'path' | 'refine' | 'branching';
  /** Of branching: what is taken for each bar in doubt, in their order; behind the last of them the pessimistic sequence. */
  readonly branches: readonly ('pessimistic' | 'optimistic')[];
  readonly limitRule: 'penetrate' | 'touch';
  readonly marketFill: 'nextOpen' | 'close';
  readonly slippage: ProgramSlippage;
  readonly fee: ProgramFee;
  readonly feeFrom: ProgramFeeSource;
  /** Shares of a bar's volume: what may be drawn from it, and what lies ahead of a limit that comes to rest. */
  readonly liquidity: { readonly volumeShare?: string; readonly queue?: string };
  /** Of every order, amend and protection, of every cancel, and of what the strategy knows. Draws are by the seed. */
  readonly latency: LatencyRules;
  readonly actions: readonly ProgramAction[];
}
