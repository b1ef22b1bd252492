/** Owns the shape of an interval: what the policies for ambiguous bars make of one run, side by side. Never plays. */
import type { Timeframe } from '../model/timeframe.ts';
import type { AmbiguityPolicy } from '../settings.ts';

/** In the order in which they are told. refineOptimistic takes optimistically what finer bars leave in doubt, where refine is pessimistic. */
export const intervalPolicies = ['pessimistic', 'optimistic', 'path', 'refine', 'refineOptimistic'] as const satisfies AmbiguityPolicy[];
export type IntervalPolicy = (typeof intervalPolicies)[number];

/** Metrics of which an interval tells the range, by their names in the catalogue. */
export const intervalFigures = ['equityQuoteFinal', 'returnFraction', 'sharpeRatio', 'drawdownFractionMax', 'tradeCount'] as const;
export type IntervalFigure = (typeof intervalFigures)[number];

/** null where a figure is undefined. */
export type IntervalFigures = Readonly<Record<IntervalFigure, number | null>>;
/** Over those for which a figure is defined; null where it is for none. */
export type IntervalRanges = Readonly<Record<IntervalFigure, { readonly lowest: number | null; readonly highest: number | null }>>;

/** The run as one policy decides its ambiguous bars. */
export interface PolicyOutcome {
  readonly policy: IntervalPolicy;
  readonly figures: IntervalFigures;
  readonly ambiguousBarCount: number;
  readonly decidedBarCount: number;
  readonly notRefinedBarCount: number;
  /** That of a run of its own under the policy. */
  readonly trialHash: string;
}

/** Every combination of both outcomes of each bar in doubt; a branch may meet bars that others do not. */
export interface Branches {
  readonly leafCount: number;
  /** Of the leaves, those whose fills differ. */
  readonly outcomeCount: number;
  /** False where leavesMax were played and more were left. */
  readonly isWhole: boolean;
  /** Ambiguous bars of one leaf, the most of any, that were assumed all the same: nothing foresaw their doubt. */
  readonly assumedBarCount: number;
  readonly ranges: IntervalRanges;
}

/** What finer bars make of the range between pessimistic and optimistic. */
export interface Refinement {
  readonly with: Timeframe;
  /** Bars that are ambiguous still, and of those the ones whose finer bars are missing or not the same bar. */
  readonly ambiguousBarCount: number;
  readonly notRefinedBarCount: number;
  readonly before: IntervalRanges;
  readonly after: IntervalRanges;
}

/** The lowest and highest equity of all policies and the run's own, at some of its rows: those at which they lie farthest out. */
export interface EquityBand {
  readonly timeMs: readonly number[];
  readonly lowestQuote: readonly number[];
  readonly highestQuote: readonly number[];
  readonly runQuote: readonly number[];
}

/** Plain JSON: it is kept with the run, beside its certificate. */
export interface Interval {
  /** The run's own. */
  readonly policy: IntervalPolicy;
  readonly policies: readonly PolicyOutcome[];
  /** Lowest and highest of each figure over the policies: a range of what was played, no bound of what could have been. */
  readonly envelope: IntervalRanges;
  /** null where more than ambiguousBarsMax bars are ambiguous. */
  readonly branches: Branches | null;
  /** null where the instruments have no finer bars. */
  readonly refinement: Refinement | null;
  readonly equity: EquityBand;
}

/** With more ambiguous bars than these nothing is branched over. */
export const ambiguousBarsMax = 12;
/** Branches end here, 2 to the power of 12. */
export const leavesMax = 4_096;

export function figuresOf(metrics: Readonly<Record<string, number>>): IntervalFigures {
  const pairs = intervalFigures.map((name) => [name, Number.isFinite(metrics[name]) ? metrics[name] : null]);
  return Object.fromEntries(pairs) as Record<IntervalFigure, number | null>;
}

export function rangesOf(all: readonly IntervalFigures[]): IntervalRanges {
  const pairs = intervalFigures.map((name) => {
    const values = all.flatMap((figures) => figures[name] ?? []);
    return [name, values.length === 0 ? { lowest: null, highest: null } : { lowest: Math.min(...values), highest: Math.max(...values) }];
  });
  return Object.fromEntries(pairs) as IntervalRanges;
}
