/** Owns the rules a run is played by, as resolved from a scenario. Plain frozen data: it is hashed, stored and sent to workers. */
import type { RiskSettings } from './risk-settings.ts';

/**
 * Semantics of another engine, as data. The default profile is playhead's own; a run under another cannot be promoted.
 * Each rule is read in one place of the broker or portfolio.
 */
export interface Semantics {
  readonly profile: string;
  /** A limit fills when the price goes one tick through it, or on a touch. */
  readonly limitFill: 'penetrate' | 'touch';
  /** A market order fills at the next open, or at the close at which it was sent: the price that decided. */
  readonly marketFill: 'nextOpen' | 'close';
  /** A size becomes a quantity from the last known price at submit, or from the fill price at the fill. */
  readonly sizingAt: 'submit' | 'fill';
  /** Snap prices to tick and sizes to lot; 'lots' snaps sizes alone; 'wholeUnits' floors sizes to 1 and leaves prices alone. */
  readonly grid: 'instrument' | 'lots' | 'wholeUnits';
  /** Exact decimals by the currencies' precision, or plain doubles. */
  readonly moneyDecimals: 'instrument' | 'none';
  /** Slippage on every fill, or on entries only (the spread of backtesting.py). */
  readonly slippageOn: 'allFills' | 'entries';
  /** An exit by an attached order closes the oldest entry, or the very entry it protects. */
  readonly attachedExits: 'fifo' | 'ownEntry';
  /** A stop attached to an entry that filled inside a bar: hit on that bar where touched, or, as after a gap through such an entry, not before the next bar. */
  readonly entryBarStop: 'ifTouched' | 'never';
  /** A target attached to such an entry: never hit on that bar, or only where stop entry and target lie the same way and the stop was not touched. */
  readonly entryBarTarget: 'never' | 'ifUnambiguous';
  /** What is done with open positions at the end of the window. */
  readonly endOfRun: 'keepOpen' | 'closeAtLastClose' | 'closeAtLastOpen';
}

/** What decides a bar that could fill orders in either sequence; RULES.md §5. */
export const ambiguityPolicies = ['pessimistic', 'optimistic', 'path', 'refine', 'branching'] as const;
export type AmbiguityPolicy = (typeof ambiguityPolicies)[number];

export interface RunSettings {
  /** Trading window: bars with openTimeMs ≥ fromMs and closeTimeMs ≤ toMs. */
  readonly window: { readonly fromMs: number; readonly toMs: number };
  readonly initialCapitalQuote: number;
  readonly account: { readonly kind: 'spot' | 'frictionless'; readonly leverage: number };
  readonly costs: {
    /** Fractions of the notional; null takes the instrument's own rates. */
    readonly feeRateMaker: number | null;
    readonly feeRateTaker: number | null;
    /** Added to every fill, in quote. */
    readonly feeFixedQuote: number;
    /** Worsens the price of market and stop fills by this fraction. */
    readonly slippageFraction: number;
  };
  readonly risk: RiskSettings;
  readonly ambiguity: AmbiguityPolicy;
  /** Under branching the choice for each bar in doubt, in their order; behind the last of them pessimistic. Empty for the others. */
  readonly branches: readonly ('pessimistic' | 'optimistic')[];
  readonly semantics: Semantics;
  readonly seed: number;
  readonly metrics: { readonly periodsPerYear: number; readonly riskFreeAnnual: number };
  /** 'unfiltered' calls onBar at every bar; 'dense' only where a wake condition holds (all bars if none is declared). Not hashed. */
  readonly replay: 'unfiltered' | 'dense';
}

export const playheadSemantics: Semantics = Object.freeze({
  profile: 'playhead',
  limitFill: 'penetrate',
  marketFill: 'nextOpen',
  sizingAt: 'submit',
  grid: 'instrument',
  moneyDecimals: 'instrument',
  slippageOn: 'allFills',
  attachedExits: 'fifo',
  entryBarStop: 'ifTouched',
  entryBarTarget: 'never',
  endOfRun: 'keepOpen',
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
  attachedExits: 'ownEntry',
  entryBarStop: 'never',
  entryBarTarget: 'ifUnambiguous',
  endOfRun: 'closeAtLastOpen',
});
