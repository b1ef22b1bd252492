/** Owns what an order may be asked for beyond kind, size and price. Plain frozen data: an order without any of it has no terms at all. */
import type { Offset, TrailStage } from './trail.ts';

export const timesInForce = ['GTC', 'GTD', 'DAY', 'IOC', 'FOK'] as const;
/** Good till cancelled, till a date, till the end of the UTC day; immediate or cancel, fill or kill. */
export type TimeInForce = (typeof timesInForce)[number];

/** A target that moves with time: from afterMs behind the entry's fill on it lies this fraction above (below) the entry's price. */
export interface TargetStep {
  readonly afterMs: number;
  readonly fraction: number;
}

/** What is attached to an entry, or protects a position, in words that need its price. */
export interface AttachedTerms {
  readonly stopLoss: Offset | undefined;
  readonly takeProfit: Offset | readonly TargetStep[] | undefined;
  readonly trail: readonly TrailStage[] | undefined;
}

export interface OrderTerms extends AttachedTerms {
  readonly timeInForce: TimeInForce;
  /** Of GTD; NaN for the others. */
  readonly goodTillMs: number;
  readonly isPostOnly: boolean;
  /** The order whose fill this one waits for; −1 for none. */
  readonly afterId: number;
}

export const plainTerms: OrderTerms = Object.freeze({
  timeInForce: 'GTC',
  goodTillMs: Number.NaN,
  isPostOnly: false,
  afterId: -1,
  stopLoss: undefined,
  takeProfit: undefined,
  trail: undefined,
});
