/**
 * Owns the sequence in which the naive broker fills: opens, stages inside bars, the path through a bar, and which bars are ambiguous.
 * Written from engine/broker/RULES.md alone. Never touches money: engine/testing/naive-ledger.ts books.
 */
import {
  type BarPlace,
  barOf,
  better,
  comeToRest,
  isBetter,
  isLastOfDay,
  isLimitNow,
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
  type Stage,
  stageOf,
  stagesInOrder,
  stopExtreme,
  taken,
  worse,
} from './naive-judging.ts';
import { fill } from './naive-ledger.ts';
import { end, type NaiveOrder, type NaiveRun, positionLots, raiseTrail } from './naive-orders.ts';
import { followPosition } from './naive-protections.ts';
import type { ProgramBar } from './program.ts';

/** All opens of one time: by sequence across instruments (DESIGN §3.1). */
export function matchOpens(run: NaiveRun, batch: readonly BarPlace[], timeMs: number): void {
  followPosition(run);
  const orders = run.state.orders.filter((order) => order.liveMs <= timeMs).sort((a, b) => a.sequence - b.sequence);
  for (const order of orders) {
    const place = batch.find(({ instrument }) => instrument === order.instrument);
    if (place === undefined || order.status !== 'open' || order.isHeld) continue;
    order.opensSeen++;
    const judged = judgeOpen(run, order, barOf(run, place));
    if (judged !== null && order.wish.postOnly === true && order.opensSeen === 1) {
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
  return order.status === 'open' && !order.isHeld && order.liveMs <= bar.openTimeMs;
}

/** All bars that close at one time. */
export function matchBars(run: NaiveRun, batch: readonly BarPlace[], timeMs: number): void {
  followPosition(run);
  for (const order of restingIn(run, batch)) if (isLimitNow(order)) comeToRest(run, order, placeOf(order, batch));
  const { policy } = run.program;
  if (policy === 'path') {
    // 5.5: no bar is ambiguous; what would have been is counted on a copy that is played pessimistically.
    const copy = copyOf(run, 'pessimistic');
    matchBars(copy, batch, timeMs);
    run.state.ambiguous.push(...copy.state.ambiguous);
    // Reading (5.5): instruments are walked one after the other, in their order.
    for (const place of batch) walk(run, place, timeMs);
    return;
  }
  for (const place of batch) if (isAmbiguousAtStart(run, place, timeMs)) markAmbiguous(run, place);
  const resting = restingIn(run, batch).map((order) => ({ order, stage: stageOf(run, order) }));
  for (const stage of stagesInOrder[policy])
    for (const entry of resting)
      if (entry.stage === stage && entry.order.kind !== 'onClose') judgeAndFill(run, entry.order, batch, timeMs, true);
  for (const { order } of resting) if (order.kind === 'onClose') fillOnClose(run, order, batch, timeMs);
  for (const { order } of resting)
    if (order.kind === 'trailingStop' && order.status === 'open')
      raiseTrail(order, limitExtremeOfTrail(order, barOf(run, placeOf(order, batch))));
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

function judgeAndFill(run: NaiveRun, order: NaiveOrder, batch: readonly BarPlace[], timeMs: number, doesFollow: boolean): void {
  if (order.status !== 'open') return;
  const place = placeOf(order, batch);
  const bar = barOf(run, place);
  const wasLimit = isLimitNow(order) || order.kind === 'marketIfTouched';
  const judged = judgeInside(run, order, bar, place, bar.open);
  if (judged === null) return;
  const known = run.state.orders.length;
  const isFilled = fill(run, order, { ...judged, timeMs, openTimeMs: bar.openTimeMs, volumeBar: place.bar });
  if (isFilled && doesFollow) judgeChildren(run, { entry: order, wasLimit, price: judged.market, place, timeMs }, known);
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

/** 5.2, 5.3: what an entry inside the bar made, at once after it. known: how many orders there were before it. */
function judgeChildren(run: NaiveRun, inside: EntryInside, known: number): void {
  const { entry, wasLimit, price, place, timeMs } = inside;
  const bar = barOf(run, place);
  const children = run.state.orders.slice(known).filter(({ follows, parent }) => follows === 'entry' && parent === entry.name);
  const stop = children.find(({ role }) => role !== 'takeProfit');
  const target = children.find(({ role }) => role === 'takeProfit');
  const level = stop === undefined ? Number.NaN : stop.kind === 'stop' ? stop.stopPrice : stop.level;
  const reaches = (at: number): boolean => stop !== undefined && isReached(stop, level, at);
  const isStopReached = reaches(price) || (stop !== undefined && reaches(stopExtreme(stop, bar)));
  const isStopCertain = isStopReached && (wasLimit || reaches(price) || reaches(bar.close));
  const isTargetPassed = target !== undefined && keepsLimitRule(run, target, price);
  // Reading (5.2): "touched" is what 2.1 says of a limit.
  const isTargetReached = isTargetPassed || (target !== undefined && keepsLimitRule(run, target, limitExtreme(target, bar)));
  const isTargetCertain = isTargetReached && !isStopReached && (!wasLimit || isTargetPassed);
  if ((isStopReached && !isStopCertain) || (isTargetReached && !isTargetCertain)) markAmbiguous(run, place);

  const give = (order: NaiveOrder, judged: Judgement): boolean =>
    fill(run, order, { ...judged, timeMs, openTimeMs: bar.openTimeMs, volumeBar: place.bar });
  const isPessimistic = run.program.policy === 'pessimistic';
  if (!isPessimistic && target !== undefined && isTargetReached)
    give(target, isTargetPassed ? passed(target, better(target, target.limitPrice, price)) : rested(target));
  if (stop === undefined || stop.status !== 'open') return;
  if (isPessimistic ? isStopReached : isStopCertain) give(stop, taken(worse(stop, level, price)));
  // 6.4: only under optimistic does this bar's extreme raise the level of a trail made inside it.
  if (isPessimistic || stop.kind !== 'trailingStop' || stop.status !== 'open') return;
  raiseTrail(stop, limitExtremeOfTrail(stop, bar));
  if (isReached(stop, stop.level, bar.close)) give(stop, taken(stop.level));
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

/**
 * 5.4 and 6.4, on copies: two orders of one instrument, one reached by rising and one by falling from the open, that end differently when
 * the one or the other is first (what they make is left out: 5.2 marks that); or a trail whose raised level the low has reached and the close has not.
 */
function isAmbiguousAtStart(run: NaiveRun, place: BarPlace, timeMs: number): boolean {
  const bar = barOf(run, place);
  const resting = restingIn(run, [place]).filter(({ kind }) => kind !== 'onClose');
  for (const order of resting) {
    if (order.kind !== 'trailingStop' || isReached(order, order.level, stopExtreme(order, bar))) continue;
    const raised = raisedLevel(order, limitExtremeOfTrail(order, bar));
    if (isReached(order, raised, stopExtreme(order, bar)) && !isReached(order, raised, bar.close)) return true;
  }
  const isUpward = (order: NaiveOrder): boolean =>
    (order.side === 1) === (!isLimitNow(order) && (order.kind === 'stop' || order.kind === 'stopLimit' || order.kind === 'trailingStop'));
  const asPessimist: NaiveRun = { program: { ...run.program, policy: 'pessimistic' }, state: run.state };
  const hit = resting.filter((order) => judgeInside(asPessimist, structuredClone(order), bar, place, bar.open) !== null);
  return hit.some((a) =>
    hit.some((b) => isUpward(a) && !isUpward(b) && outcome(run, place, timeMs, [a, b]) !== outcome(run, place, timeMs, [b, a])),
  );
}

/** What these orders, filled in this sequence and alone, leave behind. */
function outcome(run: NaiveRun, place: BarPlace, timeMs: number, sequence: readonly NaiveOrder[]): string {
  const copy = copyOf(run, 'pessimistic');
  const known = copy.state.fills.length;
  for (const { name } of sequence) {
    const order = copy.state.orders.find((other) => other.name === name);
    if (order !== undefined) judgeAndFill(copy, order, [place], timeMs, false);
  }
  const fills = copy.state.fills.slice(known).map(({ order, price, sizeLots, fee }) => `${order} ${price} ${sizeLots} ${fee}`);
  const orders = copy.state.orders
    .filter(({ status, follows }) => status === 'open' || follows === 'itself')
    .map(({ name, status, sizeLots, filledLots }) => `${name} ${status} ${sizeLots - filledLots}`);
  return [...fills.sort(), ...orders.sort(), positionLots(copy, place.instrument)].join('; ');
}

/** 5.5: tick by tick from the open to the nearer extreme, the other, the close. */
function walk(run: NaiveRun, place: BarPlace, timeMs: number): void {
  const bar = barOf(run, place);
  const isLowFirst = bar.open - bar.low <= bar.high - bar.open;
  const corners = [isLowFirst ? bar.low : bar.high, isLowFirst ? bar.high : bar.low, bar.close];
  const live = restingIn(run, [place]).filter(({ kind }) => kind !== 'onClose');
  const onClose = restingIn(run, [place]).filter(({ kind }) => kind === 'onClose');
  const stages = new Map(live.map((order) => [order.name, stageOf(run, order)]));
  const tried = new Set<string>();
  let price = bar.open;
  for (const corner of corners)
    for (;;) {
      fillAlong({ run, place, timeMs, live, stages, tried }, price, corner);
      if (price === corner) break;
      price += Math.sign(corner - price);
    }
  for (const order of onClose) fillOnClose(run, order, [place], timeMs);
}

interface Walk {
  readonly run: NaiveRun;
  readonly place: BarPlace;
  readonly timeMs: number;
  readonly live: NaiveOrder[];
  readonly stages: Map<string, Stage>;
  readonly tried: Set<string>;
}

/** All that fills while the price is here, on its way to the corner: by stage, then sequence; each order once a bar. */
function fillAlong(walking: Walk, price: number, corner: number): void {
  const { run, place, timeMs, live, stages, tried } = walking;
  const bar = barOf(run, place);
  for (const order of live) if (order.kind === 'trailingStop' && order.status === 'open') raiseTrail(order, price);
  for (;;) {
    const rank = (order: NaiveOrder): number => stagesInOrder.pessimistic.indexOf(stages.get(order.name) ?? 'entry');
    const next = live
      .filter((order) => order.status === 'open' && !tried.has(order.name) && isHit(run, order, bar, { price, corner }))
      .sort((a, b) => rank(a) - rank(b) || a.sequence - b.sequence)
      .at(0);
    if (next === undefined) return;
    tried.add(next.name);
    const known = run.state.orders.length;
    const judged = judgeAlong(run, next, place, price);
    if (judged !== null) fill(run, next, { ...judged, timeMs, openTimeMs: bar.openTimeMs, volumeBar: place.bar });
    // Reading (5.5, 1.3): "what a fill makes" is its stop and target; held orders are sent as of the close.
    for (const made of run.state.orders.slice(known).filter(({ follows }) => follows === 'entry')) {
      live.push(made);
      stages.set(made.name, made.role === 'takeProfit' ? 'target' : 'stop');
    }
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

/** 2.2 holds along the path too: a trigger fills no further on its bar. */
function judgeAlong(run: NaiveRun, order: NaiveOrder, place: BarPlace, price: number): Judgement | null {
  if (isLimitNow(order)) {
    if (isBetter(order, order.limitPrice, price)) return passed(order, price);
    const isBeyond = isBetter(order, order.limitPrice, limitExtreme(order, barOf(run, place)));
    return isBeyond || run.program.liquidity.queue === undefined ? rested(order) : judgeQueue(run, order, place);
  }
  if (order.kind !== 'stopLimit' && order.kind !== 'limitIfTouched') return taken(price);
  order.isTriggered = true;
  return order.kind === 'stopLimit' && isTouched(order, order.limitPrice, price) ? taken(price, order.limitPrice) : null;
}
