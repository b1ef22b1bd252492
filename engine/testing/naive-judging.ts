/**
 * Owns at which price an order of the naive broker fills or triggers: at an open, inside a bar, in a queue.
 * Written from engine/broker/RULES.md alone. Never fills: engine/testing/naive-matching.ts says in which sequence.
 */
import { compare, decimal, floored, multiply, subtract, zero } from './naive-decimal.ts';
import { dayMs, isLimitNow, isMarketNow, type NaiveOrder, type NaiveRun, positionLots, rest } from './naive-orders.ts';
import { onLot } from './naive-rules.ts';
import { raiseTrail } from './naive-trails.ts';
import type { ProgramBar } from './program.ts';

/** A bar; or, of those that lie in it, a finer one. */
export interface BarPlace {
  readonly instrument: number;
  readonly bar: number;
  readonly finer?: number;
}

/** What a price did to an order: a fill at market, or only a trigger. */
export interface Judgement {
  readonly market: number;
  readonly isMaker: boolean;
  readonly isSlipped: boolean;
  readonly worst: number;
  readonly lotsMax: number;
}

export type Stage = 'stop' | 'entry' | 'target';
export const stagesInOrder = { pessimistic: ['stop', 'entry', 'target'], optimistic: ['target', 'entry', 'stop'] } as const;

export function barOf(run: NaiveRun, { instrument, bar, finer }: BarPlace): ProgramBar {
  const { bars, finer: finerBars = [] } = run.program.instruments[instrument];
  return finer === undefined ? bars[bar] : finerBars[finer];
}

export function nameOf({ instrument, bar }: BarPlace): string {
  return `${instrument}:${bar}`;
}

/** 5.6, 5.7: the sequence in which a bar, or a finer one in it, is taken. */
export function sequenceAt(run: NaiveRun, place: BarPlace): 'pessimistic' | 'optimistic' {
  if (run.program.policy === 'optimistic') return 'optimistic';
  return run.program.policy === 'branching' && run.state.chosen.includes(nameOf(place)) ? 'optimistic' : 'pessimistic';
}

/** 1.5 */
function dayOf(bar: ProgramBar): number {
  return Math.floor((bar.closeTimeMs - 1) / dayMs);
}

/** Has a price gone to or beyond the stop? */
export function isReached(order: NaiveOrder, stop: number, price: number): boolean {
  return (price - stop) * order.side >= 0;
}

/** Does a price lie at the limit or better; strictly better? */
export function isTouched(order: NaiveOrder, limit: number, price: number): boolean {
  return (limit - price) * order.side >= 0;
}
export function isBetter(order: NaiveOrder, limit: number, price: number): boolean {
  return (limit - price) * order.side > 0;
}

/** 2.1 */
export function keepsLimitRule(run: NaiveRun, order: NaiveOrder, price: number): boolean {
  // Reading (2.1, 7.3): with a queue, an open at the limit itself fills nobody.
  const isStrict = run.program.limitRule === 'penetrate' || run.program.liquidity.queue !== undefined;
  return isStrict ? isBetter(order, order.limitPrice, price) : isTouched(order, order.limitPrice, price);
}

/** The bar's extreme that a stop, or a limit, of this side looks at. */
export function stopExtreme(order: NaiveOrder, bar: ProgramBar): number {
  return order.side === 1 ? bar.high : bar.low;
}
export function limitExtreme(order: NaiveOrder, bar: ProgramBar): number {
  return order.side === 1 ? bar.low : bar.high;
}

export function taken(market: number, worst = Number.NaN): Judgement {
  return { market, isMaker: false, isSlipped: true, worst, lotsMax: Number.POSITIVE_INFINITY };
}
export function passed(order: NaiveOrder, market: number): Judgement {
  return { market, isMaker: order.wish.postOnly === true, isSlipped: false, worst: Number.NaN, lotsMax: Number.POSITIVE_INFINITY };
}
export function rested(order: NaiveOrder, lotsMax = Number.POSITIVE_INFINITY): Judgement {
  return { market: order.limitPrice, isMaker: true, isSlipped: false, worst: Number.NaN, lotsMax };
}

/** 2.2, 7.3: from now on it is a limit order. */
export function trigger(order: NaiveOrder, timeMs: number): void {
  order.isTriggered = true;
  rest(order, timeMs);
}

/** Section 2, column "at the open". Marks triggers; null where nothing fills. */
export function judgeOpen(run: NaiveRun, order: NaiveOrder, bar: ProgramBar): Judgement | null {
  const { open } = bar;
  if (isMarketNow(order)) return taken(open);
  if (isLimitNow(order)) return keepsLimitRule(run, order, open) ? passed(order, open) : null;
  switch (order.kind) {
    case 'stop':
      return isReached(order, order.stopPrice, open) ? taken(open) : null;
    case 'stopLimit':
      if (isReached(order, order.stopPrice, open)) trigger(order, bar.openTimeMs);
      // Reading (2.3, 2.6): what a stop-limit's trigger fills is taker and slipped, at most to its limit.
      return order.isTriggered && isTouched(order, order.limitPrice, open) ? taken(open, order.limitPrice) : null;
    case 'marketIfTouched':
      return isTouched(order, order.touchPrice, open) ? taken(open) : null;
    case 'limitIfTouched':
      if (isTouched(order, order.touchPrice, open)) trigger(order, bar.openTimeMs);
      return order.isTriggered && keepsLimitRule(run, order, open) ? passed(order, open) : null;
    case 'trailingStop':
      if (isReached(order, order.level, open)) return taken(open);
      // Reading (6.1, 6.4): the open is known first, so the level "of before" is the one that this open has raised.
      raiseTrail(run, order, open);
      // A finer tick may bring the level up to the open itself.
      return isReached(order, order.level, open) ? taken(open) : null;
    case 'onOpen':
      return dayOf(bar) > Math.floor((order.sentMs - 1) / dayMs) ? taken(open) : null;
    default:
      return null;
  }
}

/**
 * Section 2, column "inside the bar". Reading: reference is the price at which the order became live (the open, or the price of the entry that made it):
 * an order that this price had passed fills there, as at an open.
 */
export function judgeInside(run: NaiveRun, order: NaiveOrder, bar: ProgramBar, at: BarPlace, reference: number): Judgement | null {
  if (isLimitNow(order)) return judgeLimitInside(run, order, bar, at, reference);
  switch (order.kind) {
    case 'stop':
      return isReached(order, order.stopPrice, stopExtreme(order, bar)) ? taken(worse(order, order.stopPrice, reference)) : null;
    case 'stopLimit': {
      if (isReached(order, order.stopPrice, stopExtreme(order, bar))) trigger(order, bar.closeTimeMs);
      const price = worse(order, order.stopPrice, reference);
      return order.isTriggered && isTouched(order, order.limitPrice, price) ? taken(price, order.limitPrice) : null;
    }
    case 'marketIfTouched':
      return isTouched(order, order.touchPrice, limitExtreme(order, bar)) ? taken(better(order, order.touchPrice, reference)) : null;
    case 'limitIfTouched':
      if (isTouched(order, order.touchPrice, limitExtreme(order, bar))) trigger(order, bar.closeTimeMs);
      return null;
    case 'trailingStop':
      return judgeTrailInside(run, order, at, reference);
    default:
      return null;
  }
}

/** 2.1, 2.3, 7.3. */
function judgeLimitInside(run: NaiveRun, order: NaiveOrder, bar: ProgramBar, at: BarPlace, reference: number): Judgement | null {
  const extreme = limitExtreme(order, bar);
  if (isBetter(order, order.limitPrice, reference)) return passed(order, reference);
  if (isBetter(order, order.limitPrice, extreme)) return rested(order);
  if (!isTouched(order, order.limitPrice, extreme)) return null;
  if (run.program.liquidity.queue === undefined) return run.program.limitRule === 'touch' ? rested(order) : null;
  return judgeQueue(run, order, at);
}

/** 7.3: a touch lowers what lies ahead by the bar's volume and fills what is beyond. */
export function judgeQueue(run: NaiveRun, order: NaiveOrder, at: BarPlace): Judgement | null {
  // It came to rest inside this bar, on a walk: of that bar nobody knows what traded behind it.
  if (order.ahead === null) return null;
  order.ahead = subtract(order.ahead, decimal(barOf(run, at).volume));
  if (compare(order.ahead, zero) >= 0) return null;
  const beyond = onLot(run, order.instrument, floored(multiply(order.ahead, decimal(-1))));
  order.ahead = zero;
  return beyond > 0 ? rested(order, beyond) : null;
}

/** 7.3: behind a share of the volume of the bar that had closed last when it came to rest. */
export function comeToRest(run: NaiveRun, order: NaiveOrder): void {
  const { queue } = run.program.liquidity;
  if (queue === undefined || order.ahead !== null) return;
  const before = run.program.instruments[order.instrument].bars.filter(({ closeTimeMs }) => closeTimeMs <= order.restMs).at(-1);
  order.ahead = multiply(decimal(queue), decimal(before?.volume ?? 0));
}

/** The level as it would stand after that price. */
export function raisedLevel(run: NaiveRun, order: NaiveOrder, price: number): number {
  const copy = { ...order };
  raiseTrail(run, copy, price);
  return copy.level;
}

/** 6.4. The level of before is judged first in both policies. Path walks and does not come here. */
function judgeTrailInside(run: NaiveRun, order: NaiveOrder, at: BarPlace, reference: number): Judgement | null {
  const bar = barOf(run, at);
  const extreme = stopExtreme(order, bar);
  if (isReached(order, order.level, extreme)) return taken(worse(order, order.level, reference));
  const raised = raisedLevel(run, order, limitExtremeOfTrail(order, bar));
  const decider = sequenceAt(run, at) === 'optimistic' ? bar.close : extreme;
  return isReached(order, raised, decider) ? taken(raised) : null;
}

/** A selling trail is raised by the high, a buying one lowered by the low. */
export function limitExtremeOfTrail(order: NaiveOrder, bar: ProgramBar): number {
  return order.side === 1 ? bar.low : bar.high;
}

/** 5.1: what an order is, as the bar's fills begin. */
export function stageOf(run: NaiveRun, order: NaiveOrder): Stage {
  const isAgainst = positionLots(run, order.slot) * order.side < 0;
  if (!isAgainst && order.wish.reduceOnly !== true && order.follows === 'itself') return 'entry';
  return isLimitNow(order) || order.kind === 'marketIfTouched' || order.kind === 'limitIfTouched' ? 'target' : 'stop';
}

/** 4.2: a stop beside a nearer trail that works takes no part. */
export function isOutdone(run: NaiveRun, stop: NaiveOrder): boolean {
  if (stop.role !== 'stopLoss' || isMarketNow(stop)) return false;
  return run.state.orders.some(
    (trail) =>
      trail.role === 'trail' &&
      trail.status === 'open' &&
      trail.slot === stop.slot &&
      trail.follows === stop.follows &&
      trail.parent === stop.parent &&
      (trail.level - stop.stopPrice) * stop.side < 0,
  );
}

/** Section 2, onClose. Reading: the last bar of the tape is the last of its day only where it ends at midnight. */
export function isLastOfDay(run: NaiveRun, place: BarPlace): boolean {
  const { instrument, bar: index, finer } = place;
  const bar = barOf(run, { instrument, bar: index });
  if (finer !== undefined && barOf(run, place).closeTimeMs < bar.closeTimeMs) return false;
  const next = barOf(run, { instrument, bar: index + 1 });
  return bar.closeTimeMs % dayMs === 0 || (next !== undefined && dayOf(next) !== dayOf(bar));
}

/** The better of two prices for this order's side. */
export function better(order: NaiveOrder, a: number, b: number): number {
  return order.side === 1 ? Math.min(a, b) : Math.max(a, b);
}
/** The worse of two prices for this order's side. */
export function worse(order: NaiveOrder, a: number, b: number): number {
  return order.side === 1 ? Math.max(a, b) : Math.min(a, b);
}
