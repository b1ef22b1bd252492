/**
 * Owns what is known of the rest of a bar in which an entry filled inside. Never fills anything.
 *
 * From a limit entry the price must pass the entry to reach the stop beyond; a close beyond the stop settles it too. A stop or target on the
 * wrong side of its entry, and a stop at its very price, is passed at once: it fills where the entry did, not at a price of its own.
 */
import { isLimitReached, type LimitRule } from './fill-rules.ts';
import type { MatchBar } from './match-bar.ts';

export interface EntryFacts {
  readonly side: number;
  readonly price: number;
  /** The price came to the entry from its worse side, as to a limit. */
  readonly comesAsLimit: boolean;
  /** NaN where there is none. */
  readonly stopPrice: number;
  readonly targetPrice: number;
}

export interface RestOfBar {
  readonly isStopReached: boolean;
  readonly isStopCertain: boolean;
  /** Where the stop, and the target, fill on this bar if they do. */
  readonly stopFill: number;
  readonly isTargetReached: boolean;
  readonly isTargetCertain: boolean;
  readonly targetFill: number;
  /** Something may have come before the entry or after it. */
  readonly isDoubtful: boolean;
}

export function restOfBar({ side, price, comesAsLimit, stopPrice, targetPrice }: EntryFacts, bar: MatchBar, rule: LimitRule): RestOfBar {
  const isStopReached = side > 0 ? bar.low <= stopPrice : bar.high >= stopPrice;
  const isStopPassed = side * (stopPrice - price) >= 0;
  const isStopCertain = isStopReached && (comesAsLimit || isStopPassed || side * (stopPrice - bar.close) >= 0);
  const isTargetReached = isLimitReached(-side, side > 0 ? bar.high : bar.low, targetPrice, rule);
  const isTargetPassed = isLimitReached(-side, price, targetPrice, rule);
  const isTargetCertain = isTargetReached && (!comesAsLimit || isTargetPassed) && !isStopReached;
  return {
    isStopReached,
    isStopCertain,
    stopFill: isStopPassed ? price : stopPrice,
    isTargetReached,
    isTargetCertain,
    targetFill: isTargetPassed ? price : targetPrice,
    isDoubtful: (isStopReached && !isStopCertain) || (isTargetReached && !isTargetCertain),
  };
}
