/** Owns the rules a run is played by, as resolved from a scenario. Plain frozen data: it is hashed, stored and sent to workers. */

import type { FeePurseRule } from './costs/fee-purse.ts';
import type { FeeRule } from './costs/fees.ts';
import type { LatencyRules } from './costs/latency.ts';
import type { SlippageRule } from './costs/slippage.ts';
import type { RiskSettings } from './risk-settings.ts';

/**
 * Semantics of another engine, as data. The default profile is playhead's own; a run under another cannot be promoted.
 * Each rule is read in one place of the broker or portfolio.
 */
export interface Semantics {
  readonly profile: string;
  /** A limit fills when the price goes through it, or on a touch. */
  readonly limitFill: 'penetrate' | 'touch';
  /** A market order fills at the next open, or at the close at which it was sent: the price that decided. */
  readonly marketFill: 'nextOpen' | 'close';
  /** A size becomes a quantity from the last known price at submit, or from the fill price at the fill. */
  readonly sizingAt: 'submit' | 'fill';
  /** Snap prices to tick and sizes to lot; 'lots' snaps sizes alone; 'wholeUnits' floors sizes to 1 and leaves prices alone. */
  readonly grid: 'instrument' | 'lots' | 'wholeUnits';
  /** Exact decimals by the currencies' precision, or plain doubles. */
  readonly moneyDecimals: 'instrument' | 'none';
  /** Slippage on every taker fill, on entries only (the spread of backtesting.py), or on all but what protects: a stop then gets its own price. */
  readonly slippageOn: 'allFills' | 'entries' | 'ownOrders';
  /** An order fills as the kind of account allows and is otherwise rejected whole, or by cash alone: a buy is cut to what cash pays for, a sale has no limit. */
  readonly buyingPower: 'account' | 'cash';
  /**
   * A stop or limit at rest that an open has passed fills at that open; or at its own price, which that bar may never have offered; or at it
   * where the bar holds it, otherwise a stop at the open, a limit at the nearest price that the bar holds.
   */
  readonly gapFill: 'open' | 'ownPrice' | 'ownPriceInBar';
  /** What would open or add to a position, and was sent behind the open before the last, fills on the last bar as on any other, or never. */
  readonly lastBarEntry: 'fill' | 'never';
  /** What an entry attaches protects from its fill on, or from the bar after it on. */
  readonly protectsFrom: 'fill' | 'nextBar';
  /** A stop that enters fills at its price, or, reached at any time of a bar, at that bar's open: it looks ahead. */
  readonly stopEntryFill: 'stop' | 'barOpen';
  /** A trailing stop follows the open and the inside of a bar, or its inside alone, or moves behind each bar only: by its extreme, or by its close. */
  readonly trailFollows: 'everyPrice' | 'inside' | 'barExtreme' | 'barClose';
  /** Inside a bar, against what comes at once: stops before targets, or stops, targets, and then the trailing stops that have moved. */
  readonly exitOrder: 'stopsTargets' | 'stopsTargetsTrails';
  /** A fraction of profit is the price's distance from the entry, or what the trade earns after the fees of both sides. */
  readonly profitFraction: 'ofPrice' | 'afterFees';
  /** What takes a profit fills, and an activation counts, by the rules of limits and touches, or only beyond the profit. */
  readonly profitReached: 'asLimit' | 'beyond';
  /** Steps of a target count from the fill of the entry, or from the open of the first bar that the entry took part in. */
  readonly targetStepsFrom: 'fill' | 'firstBar';
  /** An exit by an attached order closes the oldest entry, or the very entry it protects. */
  readonly attachedExits: 'fifo' | 'ownEntry';
  /** A stop attached to an entry that filled inside a bar: hit on that bar where touched, or, as after a gap through such an entry, not before the next bar. */
  readonly entryBarStop: 'ifTouched' | 'never';
  /**
   * A target attached to such an entry: never hit on that bar; or only where stop entry and target lie the same way and the stop was not
   * touched; or where reached, unless the bar closed short of it and of its open, from whose losing side the entry bought.
   */
  readonly entryBarTarget: 'never' | 'ifUnambiguous' | 'unlessGivenBack';
  /**
   * A trailing stop that its entry's bar raises and reaches: at the level that the extreme makes, not behind an entry inside; or behind any
   * entry where it would lie had the price gone from the open only as far as the trail takes to count.
   */
  readonly entryBarTrail: 'byExtreme' | 'leastRise';
  /** What is done with open positions at the end of the window. */
  readonly endOfRun: 'keepOpen' | 'closeAtLastClose' | 'closeAtLastOpen';
  /** Equity of 0 or less at a bar close: nothing special, or everything is closed there and the account is worth 0 to the end. */
  readonly ruin: 'none' | 'closeAll';
}

/** What one position sets aside: an amount a contract in quote, or a fraction of its notional. */
export interface MarginRates {
  /** The instrument's symbol; null for all that have no line of their own. */
  readonly symbol: string | null;
  readonly per: 'contract' | 'notional';
  readonly initial: number;
  readonly maintenance: number;
}

/** The account that trades. What a kind does not use stands at its default and changes nothing. */
export interface AccountSettings {
  /**
   * spot sells only what it holds; frictionless goes short without borrowing; margin buys on borrowed quote and sells borrowed base, for
   * interest and fees; futures holds contracts, which cost nothing but their fee and are settled in cash each UTC day.
   */
  readonly kind: 'spot' | 'frictionless' | 'margin' | 'futures';
  /** Gross positions reach equity × leverage: frictionless only; a margin account states it as margins. */
  readonly leverage: number;
  /** margin and futures: the line that names the instrument counts, otherwise the first that names none. */
  readonly margins: readonly MarginRates[];
  /** A year, on cash below 0, in each currency. */
  readonly interestRateAnnual: number;
  /** A year, on what is sold short, at the last close. */
  readonly borrowRateAnnual: number;
  readonly accrual: 'day' | 'hour';
  readonly liquidation: {
    /** Which positions a margin call closes: the one that lost most first, until the margin is restored, or all. */
    readonly rule: 'largestLossFirst' | 'all';
    /** Of the notional closed. */
    readonly feeFraction: number;
  };
  /** Equity, risk and metrics are told in it; null for the one currency in which all instruments quote. */
  readonly currency: string | null;
  /** Cash at the start in other currencies, beside the initial capital. */
  readonly balances: Readonly<Record<string, number>>;
  /** What is done where a fill lacks its currency, and what converting costs as a fraction. */
  readonly conversion: { readonly policy: 'none' | 'atFill'; readonly costFraction: number };
  /** One position an instrument, or a long and a short leg side by side (not on spot). */
  readonly positions: 'net' | 'hedge';
  /** A rest of a position that the venue would not take: sold all the same, or kept as dust. */
  readonly dust: 'sell' | 'keep';
}

/** An account without borrowing, in one currency. */
export const plainAccount: AccountSettings = Object.freeze({
  kind: 'spot',
  leverage: 1,
  margins: Object.freeze([]),
  interestRateAnnual: 0,
  borrowRateAnnual: 0,
  accrual: 'day',
  liquidation: Object.freeze({ rule: 'largestLossFirst', feeFraction: 0 }),
  currency: null,
  balances: Object.freeze({}),
  conversion: Object.freeze({ policy: 'none', costFraction: 0 }),
  positions: 'net',
  dust: 'sell',
});

/** What decides a bar that could fill orders in either sequence; RULES.md §5. The last two are the interval's, and no scenario's. */
export type AmbiguityPolicy = 'pessimistic' | 'optimistic' | 'path' | 'refine' | 'refineOptimistic' | 'branching';

export interface RunSettings {
  /** Trading window: bars with openTimeMs ≥ fromMs and closeTimeMs ≤ toMs. */
  readonly window: { readonly fromMs: number; readonly toMs: number };
  readonly initialCapitalQuote: number;
  readonly account: AccountSettings;
  readonly costs: {
    /** Fractions of the notional; null takes the instrument's own rates. */
    readonly feeRateMaker: number | null;
    readonly feeRateTaker: number | null;
    /** Added to every fill, in quote. */
    readonly feeFixedQuote: number;
    /** What a fee is paid in: quote; on buys the base that was bought, so that less is received; or a currency of its own. */
    readonly feeCurrency: 'quote' | 'base' | FeePurseRule;
    /** What is charged: the rates above, or a model in their place. */
    readonly fees: FeeRule;
    /** Worsens the price of market and stop fills by this fraction. */
    readonly slippageFraction: number;
    /** A model in place of the fraction; null for none. */
    readonly slippage: SlippageRule | null;
  };
  readonly liquidity: {
    /** Share of a bar's volume that all fills together may take; null: an order fills whole. */
    readonly volumeShare: number | null;
    /** Share of a bar's volume that lies ahead of a limit when it comes to rest; null: the rule for limits decides alone. */
    readonly queue: number | null;
  };
  readonly latency: LatencyRules;
  readonly risk: RiskSettings;
  readonly ambiguity: AmbiguityPolicy;
  /** Under branching the choice for each bar in doubt, in their order; behind the last of them pessimistic. Empty for the others. */
  readonly branches: readonly ('pessimistic' | 'optimistic')[];
  readonly semantics: Semantics;
  readonly seed: number;
  readonly metrics: { readonly periodsPerYear: number; readonly riskFreeAnnual: number };
  readonly replay: ReplayMode;
  /** This share of entries is refused, drawn by replicate and order; the robustness check's, and no scenario's. */
  readonly skippedEntries?: { readonly fraction: number; readonly replicate: number; readonly seed: number };
}

/**
 * 'unfiltered' calls onBar at every bar; 'dense' only where a wake condition holds (all bars if none is declared); 'sparse' as dense, and leaps over
 * bars on which nothing can happen. Not hashed: what differs is speed, and from unfiltered to the others what "check wake" checks.
 */
export type ReplayMode = 'unfiltered' | 'dense' | 'sparse';

/** The instruments' own rates and nothing else. */
export const plainCosts: RunSettings['costs'] = Object.freeze({
  feeRateMaker: null,
  feeRateTaker: null,
  feeFixedQuote: 0,
  feeCurrency: 'quote',
  fees: Object.freeze({ kind: 'rate' }),
  slippageFraction: 0,
  slippage: null,
});

/** Orders fill whole. */
export const unlimitedLiquidity: RunSettings['liquidity'] = Object.freeze({ volumeShare: null, queue: null });

export const playheadSemantics: Semantics = Object.freeze({
  profile: 'playhead',
  limitFill: 'penetrate',
  marketFill: 'nextOpen',
  sizingAt: 'submit',
  grid: 'instrument',
  moneyDecimals: 'instrument',
  slippageOn: 'allFills',
  buyingPower: 'account',
  gapFill: 'open',
  lastBarEntry: 'fill',
  protectsFrom: 'fill',
  stopEntryFill: 'stop',
  trailFollows: 'everyPrice',
  exitOrder: 'stopsTargets',
  profitFraction: 'ofPrice',
  profitReached: 'asLimit',
  targetStepsFrom: 'fill',
  attachedExits: 'fifo',
  entryBarStop: 'ifTouched',
  entryBarTarget: 'never',
  entryBarTrail: 'byExtreme',
  endOfRun: 'keepOpen',
  ruin: 'none',
});

/** kernc/backtesting.py 0.6: whole units sized at the fill, spread on entry only, limit on touch, closing at the last open. */
export const backtestingPySemantics: Semantics = Object.freeze({
  profile: 'backtesting.py',
  limitFill: 'touch',
  marketFill: 'nextOpen',
  sizingAt: 'fill',
  grid: 'wholeUnits',
  moneyDecimals: 'none',
  slippageOn: 'entries',
  buyingPower: 'account',
  gapFill: 'open',
  lastBarEntry: 'fill',
  protectsFrom: 'fill',
  stopEntryFill: 'stop',
  trailFollows: 'everyPrice',
  exitOrder: 'stopsTargets',
  profitFraction: 'ofPrice',
  profitReached: 'asLimit',
  targetStepsFrom: 'fill',
  attachedExits: 'ownEntry',
  entryBarStop: 'never',
  entryBarTarget: 'ifUnambiguous',
  entryBarTrail: 'byExtreme',
  endOfRun: 'closeAtLastOpen',
  ruin: 'closeAll',
});

/** mementum/backtrader 1.9: brackets and trailing stops from the next bar on, the level of the latter from closes. */
export const backtraderSemantics: Semantics = Object.freeze({
  ...playheadSemantics,
  profile: 'backtrader',
  limitFill: 'touch',
  protectsFrom: 'nextBar',
  trailFollows: 'barClose',
});

/** polakowo/vectorbt 0.2x: fills at the close that decides, as much as cash pays for; stops at their own price without slippage. */
export const vectorbtSemantics: Semantics = Object.freeze({
  ...playheadSemantics,
  profile: 'vectorbt',
  limitFill: 'touch',
  marketFill: 'close',
  grid: 'lots',
  moneyDecimals: 'none',
  slippageOn: 'ownOrders',
  buyingPower: 'cash',
  trailFollows: 'barExtreme',
});

/** Grademark 1.x: stops and targets at their own price even through a gap, from the bar after the entry on; stop entries at the open before them. */
export const grademarkSemantics: Semantics = Object.freeze({
  ...playheadSemantics,
  profile: 'grademark',
  limitFill: 'touch',
  grid: 'lots',
  moneyDecimals: 'none',
  gapFill: 'ownPrice',
  protectsFrom: 'nextBar',
  stopEntryFill: 'barOpen',
  trailFollows: 'barClose',
  endOfRun: 'closeAtLastClose',
});

/**
 * freqtrade 2024.10: an order is judged by its whole bar and fills at its own price; stops, then targets, then stops that have moved; profits
 * after fees; no entry on the last bar, at whose open all is closed.
 */
export const freqtradeSemantics: Semantics = Object.freeze({
  ...playheadSemantics,
  profile: 'freqtrade',
  limitFill: 'touch',
  sizingAt: 'fill',
  grid: 'lots',
  moneyDecimals: 'none',
  gapFill: 'ownPriceInBar',
  lastBarEntry: 'never',
  trailFollows: 'inside',
  exitOrder: 'stopsTargetsTrails',
  profitFraction: 'afterFees',
  profitReached: 'beyond',
  targetStepsFrom: 'firstBar',
  attachedExits: 'ownEntry',
  entryBarTarget: 'unlessGivenBack',
  entryBarTrail: 'leastRise',
  endOfRun: 'closeAtLastOpen',
});

/** Every profile by the name that a scenario's "semantics" gives. */
export const semanticsProfiles = Object.freeze({
  playhead: playheadSemantics,
  'backtesting.py': backtestingPySemantics,
  backtrader: backtraderSemantics,
  vectorbt: vectorbtSemantics,
  grademark: grademarkSemantics,
  freqtrade: freqtradeSemantics,
});
export type SemanticsProfile = keyof typeof semanticsProfiles;
