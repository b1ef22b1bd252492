/**
 * Owns the path through a bar, tick by tick, and what comes at its close.
 * Written from engine/broker/RULES.md alone. Never touches money.
 */
import { restingIn } from './naive-doubts.ts';
import {
  type BarPlace,
  barOf,
  isBetter,
  isLastOfDay,
  isReached,
  isTouched,
  type Judgement,
  judgeQueue,
  keepsLimitRule,
  limitExtreme,
  passed,
  rested,
  stageOf,
  stagesInOrder,
  taken,
  trigger,
} from './naive-judging.ts';
import { fill } from './naive-ledger.ts';
import { end, isLimitNow, type NaiveOrder, type NaiveRun } from './naive-orders.ts';
import { raiseTrail } from './naive-trails.ts';
import type { ProgramBar } from './program.ts';

/** 5.5: tick by tick from the open to the nearer extreme, the other, the close; of several instruments leg by leg. */
export function walk(run: NaiveRun, batch: readonly BarPlace[], timeMs: number): void {
  const walks = batch.map((place) => {
    const { open, high, low, close } = barOf(run, place);
    const resting = restingIn(run, [place]);
    const live = resting.filter(({ kind }) => kind !== 'onClose');
    const corners = open - low <= high - open ? [open, low, high, close] : [open, high, low, close];
    return { run, place, timeMs, live, corners, tried: new Set<string>() };
  });
  for (let leg = 0; leg < 3; leg++)
    for (const walking of walks) {
      const [from, to] = walking.corners.slice(leg);
      for (let price = from; ; price += Math.sign(to - from)) {
        fillAlong(walking, price, to);
        if (price === to) break;
      }
      // 5.5: a trail follows a leg by its end.
      for (const order of walking.live) if (order.kind === 'trailingStop' && order.status === 'open') raiseTrail(run, order, to);
    }
  const onClose = restingIn(run, batch).filter(({ kind }) => kind === 'onClose');
  for (const order of onClose) fillOnClose(run, order, batch, timeMs);
}

interface Walk {
  readonly run: NaiveRun;
  readonly place: BarPlace;
  readonly timeMs: number;
  readonly live: NaiveOrder[];
  readonly tried: Set<string>;
}

/** All that fills while the price is here, on its way to the corner: by stage, then sequence; each order once a bar. */
function fillAlong(walking: Walk, price: number, corner: number): void {
  const { run, place, timeMs, live, tried } = walking;
  const bar = barOf(run, place);
  for (;;) {
    const rank = (order: NaiveOrder): number => stagesInOrder.pessimistic.indexOf(stageOf(run, order));
    const next = live
      .filter((order) => order.status === 'open' && !tried.has(order.name) && isHit(run, order, bar, { price, corner }))
      .sort((a, b) => rank(a) - rank(b) || a.sequence - b.sequence)
      .at(0);
    if (next === undefined) return;
    tried.add(next.name);
    const known = run.state.orders.length;
    if (isTakingInside(run, next, bar)) {
      end(run, next, 'rejected', 'would take', timeMs);
      continue;
    }
    const wasLimit = isLimitNow(next);
    const judged = judgeAlong(run, next, place, price);
    // What was triggered is live on the rest of the walk.
    if (judged === null && isLimitNow(next) && !wasLimit) tried.delete(next.name);
    if (judged !== null) fill(run, next, { ...judged, timeMs, place, isAtOpen: false });
    // 1.4, 4.5: a held order is sent as of the close.
    live.push(...run.state.orders.slice(known).filter(({ follows }) => follows === 'entry'));
  }
}

/** Does an order fill or trigger at this price of the walk? A limit fills in the sequence of its own price where the leg goes on beyond it. */
function isHit(run: NaiveRun, order: NaiveOrder, bar: ProgramBar, { price, corner }: { price: number; corner: number }): boolean {
  if (isLimitNow(order)) {
    if (isBetter(order, order.limitPrice, price)) return true;
    if (price !== order.limitPrice) return false;
    if (isBetter(order, order.limitPrice, corner)) return true;
    if (run.program.liquidity.queue !== undefined) return limitExtreme(order, bar) === price;
    return run.program.limitRule === 'touch';
  }
  if (order.kind === 'stop' || order.kind === 'stopLimit') return isReached(order, order.stopPrice, price);
  if (order.kind === 'marketIfTouched' || order.kind === 'limitIfTouched') return isTouched(order, order.touchPrice, price);
  return order.kind === 'trailingStop' && isReached(order, order.level, price);
}

function judgeAlong(run: NaiveRun, order: NaiveOrder, place: BarPlace, price: number): Judgement | null {
  if (isLimitNow(order)) {
    if (isBetter(order, order.limitPrice, price)) return passed(order, price);
    const isBeyond = isBetter(order, order.limitPrice, limitExtreme(order, barOf(run, place)));
    return isBeyond || run.program.liquidity.queue === undefined ? rested(order) : judgeQueue(run, order, place);
  }
  if (order.kind !== 'stopLimit' && order.kind !== 'limitIfTouched') return taken(price);
  trigger(order, barOf(run, place).closeTimeMs);
  return order.kind === 'stopLimit' && isTouched(order, order.limitPrice, price) ? taken(price, order.limitPrice) : null;
}
/** 2.4: sent when that open filled another, it is judged by that open inside the bar. */
export function isTakingInside(run: NaiveRun, order: NaiveOrder, bar: ProgramBar): boolean {
  return order.wish.postOnly === true && order.eventsSeen === 0 && keepsLimitRule(run, order, bar.open);
}

/** Reading (2, 5.1): the close comes last in its bar, so on-close orders come after all stages; what they open is not protected on that bar. */
export function fillOnClose(run: NaiveRun, order: NaiveOrder, batch: readonly BarPlace[], timeMs: number): void {
  const place = placeOf(order, batch);
  const bar = barOf(run, place);
  if (order.status !== 'open' || !isLastOfDay(run, place)) return;
  fill(run, order, { ...taken(bar.close), timeMs, place, isAtOpen: false });
}

export function placeOf(order: NaiveOrder, batch: readonly BarPlace[]): BarPlace {
  const place = batch.find(({ instrument }) => instrument === order.instrument);
  if (place === undefined) throw new Error(`${order.name} has no bar in this batch`);
  return place;
}
