/**
 * Owns the sequence in which the naive broker fills: opens, stages inside bars, the path through a bar, and which bars are ambiguous.
 * Written from engine/broker/RULES.md alone. Never touches money: engine/testing/naive-ledger.ts books.
 */
import {
  type BarPlace,
  barOf,
  comeToRest,
  isBetter,
  isLastOfDay,
  isOutdone,
  isReached,
  isTouched,
  type Judgement,
  judgeInside,
  judgeOpen,
  judgeQueue,
  keepsLimitRule,
  limitExtreme,
  limitExtremeOfTrail,
  passed,
  raisedLevel,
  rested,
  stageOf,
  stagesInOrder,
  stopExtreme,
  taken,
  trigger,
  worse,
} from './naive-judging.ts';
import { fill, limited, slipped } from './naive-ledger.ts';
import { end, isLimitNow, isMarketNow, type NaiveOrder, type NaiveRun, positionLots, raiseTrail } from './naive-orders.ts';
import { attach, followPosition } from './naive-protections.ts';
import type { ProgramBar } from './program.ts';

/** All opens of one time: by sequence across instruments (DESIGN §3.1). */
export function matchOpens(run: NaiveRun, batch: readonly BarPlace[], timeMs: number): void {
  followPosition(run);
  const orders = run.state.orders.filter((order) => order.liveMs <= timeMs).sort((a, b) => a.sequence - b.sequence);
  for (const order of orders) {
    const place = batch.find(({ instrument }) => instrument === order.instrument);
    if (place === undefined || order.status !== 'open' || order.isHeld || isOutdone(run, order)) continue;
    order.eventsSeen++;
    const judged = judgeOpen(run, order, barOf(run, place));
    if (judged !== null && order.wish.postOnly === true && order.eventsSeen === 1) {
      end(run, order, 'rejected', 'would take', timeMs);
      continue;
    }
    // 7.1: at an open, the volume of the bar that closed before it; before the first there is none.
    if (judged !== null) fill(run, order, { ...judged, timeMs, openTimeMs: timeMs, volumeBar: place.bar - 1 });
    const life = order.wish.timeInForce;
    // Reading (3.3): an on-open order's one open is the first at which it may fill by its day.
    if (order.kind === 'onOpen' && judged === null) continue;
    if (life === 'IOC') end(run, order, 'cancelled', 'immediate or cancel', timeMs);
    if (life === 'FOK') end(run, order, 'cancelled', 'fill or kill', timeMs);
  }
}

/** 1.2, 1.3: live when the bar opened. */
function takesPart(order: NaiveOrder, bar: ProgramBar): boolean {
  const isOfOpens = order.wish.timeInForce === 'IOC' || order.wish.timeInForce === 'FOK';
  return order.status === 'open' && !order.isHeld && !isOfOpens && !isMarketNow(order) && order.liveMs <= bar.openTimeMs;
}

/** All bars that close at one time. */
export function matchBars(run: NaiveRun, batch: readonly BarPlace[], timeMs: number): void {
  followPosition(run);
  for (const order of restingIn(run, batch)) if (isLimitNow(order)) comeToRest(run, order);
  const { policy } = run.program;
  if (policy === 'path') {
    // 5.5: no bar is ambiguous; what would have been is judged before the walk, as in 5.6.
    for (const place of batch) {
      const isDoubtful = restingIn(run, [place]).some((order) => isDoubtfulEntry(run, order, place, timeMs));
      if (isDoubtful || isAmbiguousAtStart(run, place)) markAmbiguous(run, place);
    }
    const walked = restingIn(run, batch);
    walk(run, batch, timeMs);
    for (const order of walked) order.eventsSeen++;
    return;
  }
  for (const place of batch) if (isAmbiguousAtStart(run, place)) markAmbiguous(run, place);
  const resting = restingIn(run, batch).map((order) => ({ order, stage: stageOf(run, order) }));
  for (const stage of stagesInOrder[policy])
    for (const entry of resting) if (entry.stage === stage && entry.order.kind !== 'onClose') judgeAndFill(run, entry.order, batch, timeMs);
  for (const { order } of resting) if (order.kind === 'onClose') fillOnClose(run, order, batch, timeMs);
  for (const { order } of resting) order.eventsSeen++;
  for (const { order } of resting)
    if (order.kind === 'trailingStop' && order.status === 'open')
      raiseTrail(run, order, limitExtremeOfTrail(order, barOf(run, placeOf(order, batch))));
}

/** Orders that take part in bars of this batch, by sequence. */
function restingIn(run: NaiveRun, batch: readonly BarPlace[]): NaiveOrder[] {
  return run.state.orders
    .filter((order) => batch.some((place) => place.instrument === order.instrument && takesPart(order, barOf(run, place))))
    .sort((a, b) => a.sequence - b.sequence);
}

function placeOf(order: NaiveOrder, batch: readonly BarPlace[]): BarPlace {
  const place = batch.find(({ instrument }) => instrument === order.instrument);
  if (place === undefined) throw new Error(`${order.name} has no bar in this batch`);
  return place;
}

function judgeAndFill(run: NaiveRun, order: NaiveOrder, batch: readonly BarPlace[], timeMs: number): void {
  if (order.status !== 'open') return;
  const place = placeOf(order, batch);
  const bar = barOf(run, place);
  if (isOutdone(run, order)) return;
  if (isTakingInside(run, order, bar)) {
    end(run, order, 'rejected', 'would take', timeMs);
    return;
  }
  const wasLimit = isLimitNow(order) || order.kind === 'marketIfTouched';
  const judged = judgeInside(run, order, bar, place, bar.open);
  if (judged === null) return;
  const known = run.state.orders.length;
  const isFilled = fill(run, order, { ...judged, timeMs, openTimeMs: bar.openTimeMs, volumeBar: place.bar });
  if (isFilled) judgeChildren(run, { entry: order, wasLimit, price: judged.market, place, timeMs }, known);
}

/** 2.4: sent when that open filled another, it is judged by that open inside the bar. */
function isTakingInside(run: NaiveRun, order: NaiveOrder, bar: ProgramBar): boolean {
  return order.wish.postOnly === true && order.eventsSeen === 0 && keepsLimitRule(run, order, bar.open);
}

/** Reading (2, 5.1): the close comes last in its bar, so on-close orders come after all stages; what they open is not protected on that bar. */
function fillOnClose(run: NaiveRun, order: NaiveOrder, batch: readonly BarPlace[], timeMs: number): void {
  const place = placeOf(order, batch);
  const bar = barOf(run, place);
  if (order.status !== 'open' || !isLastOfDay(run, place)) return;
  fill(run, order, { ...taken(bar.close), timeMs, openTimeMs: bar.openTimeMs, volumeBar: place.bar });
}

interface EntryInside {
  readonly entry: NaiveOrder;
  readonly wasLimit: boolean;
  readonly price: number;
  readonly place: BarPlace;
  readonly timeMs: number;
}

interface RestOfBar {
  readonly stop: NaiveOrder | undefined;
  readonly trail: NaiveOrder | undefined;
  readonly target: NaiveOrder | undefined;
  readonly level: number;
  readonly isStopReached: boolean;
  readonly isStopCertain: boolean;
  readonly isTargetPassed: boolean;
  readonly isTargetReached: boolean;
  readonly isDoubtful: boolean;
}

/** 5.2, 5.3: what is known of the bar after an entry inside it. known: how many orders there were before it. */
function restOfBar(run: NaiveRun, { entry, wasLimit, price, place }: EntryInside, known: number): RestOfBar {
  const bar = barOf(run, place);
  const children = run.state.orders.slice(known).filter(({ follows, parent }) => follows === 'entry' && parent === entry.name);
  const trail = children.find(({ role }) => role === 'trail');
  const target = children.find(({ role }) => role === 'takeProfit');
  // 4.2: of a stop and a trail the nearer comes first.
  const stop = children
    .filter((child) => child !== target && !Number.isNaN(levelOf(child)))
    .sort((a, b) => (levelOf(a) - levelOf(b)) * a.side)
    .at(0);
  const level = stop === undefined ? Number.NaN : levelOf(stop);
  const reaches = (at: number): boolean => stop !== undefined && isReached(stop, level, at);
  const isStopReached = reaches(price) || (stop !== undefined && reaches(stopExtreme(stop, bar)));
  const isStopCertain = isStopReached && (wasLimit || reaches(price) || reaches(bar.close));
  const isTargetPassed = target !== undefined && keepsLimitRule(run, target, price);
  // Reading (5.2): "touched" is what 2.1 says of a limit.
  const isTargetReached = isTargetPassed || (target !== undefined && keepsLimitRule(run, target, limitExtreme(target, bar)));
  const isTargetCertain = isTargetReached && !isStopReached && (!wasLimit || isTargetPassed);
  const isDoubtful = (isStopReached && !isStopCertain) || (isTargetReached && !isTargetCertain);
  return { stop, trail, target, level, isStopReached, isStopCertain, isTargetPassed, isTargetReached, isDoubtful };
}

function levelOf(order: NaiveOrder): number {
  return order.kind === 'stop' ? order.stopPrice : order.level;
}

/** 5.2: at once after the entry, before later ones. */
function judgeChildren(run: NaiveRun, inside: EntryInside, known: number): void {
  const { price, place, timeMs } = inside;
  const bar = barOf(run, place);
  const { stop, trail, target, level, ...rest } = restOfBar(run, inside, known);
  if (rest.isDoubtful) markAmbiguous(run, place);

  const give = (order: NaiveOrder, judged: Judgement): boolean =>
    fill(run, order, { ...judged, timeMs, openTimeMs: bar.openTimeMs, volumeBar: place.bar });
  const isPessimistic = run.program.policy === 'pessimistic';
  if (!isPessimistic && target !== undefined && rest.isTargetReached)
    give(target, isBetter(target, target.limitPrice, price) ? passed(target, price) : rested(target));
  if (stop?.status === 'open' && (isPessimistic ? rest.isStopReached : rest.isStopCertain)) give(stop, taken(worse(stop, level, price)));
  // 6.4: only under optimistic does this bar's extreme raise the level of a trail made inside it.
  if (isPessimistic || trail === undefined || trail.status !== 'open') return;
  raiseTrail(run, trail, limitExtremeOfTrail(trail, bar));
  if (isReached(trail, trail.level, bar.close)) give(trail, taken(trail.level));
}

/** 5.6: an entry as if it filled, whatever the account says. */
function isDoubtfulEntry(run: NaiveRun, order: NaiveOrder, place: BarPlace, timeMs: number): boolean {
  const position = positionLots(run, order.instrument);
  const opens = order.wish.reduceOnly !== true && (position * order.side >= 0 || order.sizeLots > Math.abs(position));
  if (order.follows !== 'itself' || !opens) return false;
  const copy = copyOf(run, 'pessimistic');
  const entry = copy.state.orders.find(({ name }) => name === order.name) ?? order;
  const wasLimit = isLimitNow(entry) || entry.kind === 'marketIfTouched';
  const judged = judgeInside(copy, entry, barOf(run, place), place, barOf(run, place).open);
  if (judged === null) return false;
  const price = judged.isSlipped ? slipped(copy, entry, judged) : limited(copy, entry, judged.market);
  copy.state.lots[order.instrument] = [{ entry: order.name, side: order.side, price, lots: order.sizeLots }];
  const known = copy.state.orders.length;
  attach(copy, entry, price, timeMs);
  return restOfBar(copy, { entry, wasLimit, price: judged.market, place, timeMs }, known).isDoubtful;
}

function markAmbiguous(run: NaiveRun, { instrument, bar }: BarPlace): void {
  const name = `${instrument}:${bar}`;
  if (!run.state.ambiguous.includes(name)) run.state.ambiguous.push(name);
}

function copyOf(run: NaiveRun, policy: 'pessimistic'): NaiveRun {
  const state = structuredClone(run.state);
  state.ambiguous = [];
  return { program: { ...run.program, policy }, state };
}

/** 5.4 and 6.4: one order that the price reaches as it rises from the open, and one as it falls; or a trail whose raised level the low has reached and the close has not. */
function isAmbiguousAtStart(run: NaiveRun, place: BarPlace): boolean {
  const bar = barOf(run, place);
  const resting = restingIn(run, [place]).filter(({ kind }) => kind !== 'onClose');
  for (const order of resting) {
    if (order.kind !== 'trailingStop' || isReached(order, order.level, stopExtreme(order, bar))) continue;
    const raised = raisedLevel(run, order, limitExtremeOfTrail(order, bar));
    if (isReached(order, raised, stopExtreme(order, bar)) && !isReached(order, raised, bar.close)) return true;
  }
  const asPessimist: NaiveRun = { program: { ...run.program, policy: 'pessimistic' }, state: run.state };
  const ways = resting
    .filter((order) => judgeInside(asPessimist, structuredClone(order), bar, place, bar.open) !== null)
    .map((order) => wayTo(order, bar));
  return ways.includes(1) && ways.includes(-1);
}

/** +1 where the price must rise from the open to reach it, −1 where it must fall, 0 where the open has passed it: then it comes first. */
function wayTo(order: NaiveOrder, { open }: ProgramBar): number {
  if (isLimitNow(order)) return isBetter(order, order.limitPrice, open) ? 0 : -order.side;
  if (order.kind === 'marketIfTouched') return isBetter(order, order.touchPrice, open) ? 0 : -order.side;
  return isReached(order, order.kind === 'trailingStop' ? order.level : order.stopPrice, open) ? 0 : order.side;
}

/** 5.5: tick by tick from the open to the nearer extreme, the other, the close; of several instruments leg by leg. */
function walk(run: NaiveRun, batch: readonly BarPlace[], timeMs: number): void {
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
    if (judged !== null) fill(run, next, { ...judged, timeMs, openTimeMs: bar.openTimeMs, volumeBar: place.bar });
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
