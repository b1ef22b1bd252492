/**
 * Owns which orders take part in a bar, and what of it cannot be known: which bars are ambiguous, and how they are counted.
 * Written from engine/broker/RULES.md alone. Never fills.
 */
import {
  type BarPlace,
  barOf,
  isBetter,
  isReached,
  judgeInside,
  keepsLimitRule,
  limitExtreme,
  limitExtremeOfTrail,
  nameOf,
  raisedLevel,
  stopExtreme,
} from './naive-judging.ts';
import { limited, slipped } from './naive-ledger.ts';
import { isLimitNow, isMarketNow, type NaiveOrder, type NaiveRun, positionLots } from './naive-orders.ts';
import { attach } from './naive-protections.ts';
import type { ProgramBar } from './program.ts';

/** Finer bars are for what takes part in the bar that they replace, and for what that makes. Reading (1.3): what arrives inside it waits for the next open. */
export function isAmong({ state }: NaiveRun, { name }: NaiveOrder): boolean {
  return state.among === null || state.among.includes(name);
}

/** 1.2, 1.3: live when the bar opened. */
function takesPart(run: NaiveRun, order: NaiveOrder, bar: ProgramBar): boolean {
  if (!isAmong(run, order)) return false;
  const isOfOpens = order.wish.timeInForce === 'IOC' || order.wish.timeInForce === 'FOK';
  return order.status === 'open' && !order.isHeld && !isOfOpens && !isMarketNow(order) && order.liveMs <= bar.openTimeMs;
}

/** Orders that take part in bars of this batch, by sequence. */
export function restingIn(run: NaiveRun, batch: readonly BarPlace[]): NaiveOrder[] {
  return run.state.orders
    .filter((order) => batch.some((place) => place.instrument === order.instrument && takesPart(run, order, barOf(run, place))))
    .sort((a, b) => a.sequence - b.sequence);
}

export interface EntryInside {
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
export function restOfBar(run: NaiveRun, { entry, wasLimit, price, place }: EntryInside, known: number): RestOfBar {
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

/** 5.6: judged before its fills begin. */
export function isInDoubt(run: NaiveRun, place: BarPlace, timeMs: number): boolean {
  return isAmbiguousAtStart(run, place) || restingIn(run, [place]).some((order) => isDoubtfulEntry(run, order, place, timeMs));
}

/** 5.6: an entry as if it filled, whatever the account says. */
function isDoubtfulEntry(run: NaiveRun, order: NaiveOrder, place: BarPlace, timeMs: number): boolean {
  const position = positionLots(run, order.slot);
  const opens = order.wish.reduceOnly !== true && (position * order.side >= 0 || order.sizeLots > Math.abs(position));
  const { stopLoss, takeProfit, trail } = order.wish;
  const attachesNothing = stopLoss === undefined && takeProfit === undefined && trail === undefined;
  if (order.follows !== 'itself' || !opens || attachesNothing) return false;
  const copy = copyOf(run, order.name);
  const entry = copy.state.orders.find(({ name }) => name === order.name) ?? order;
  const wasLimit = isLimitNow(entry) || entry.kind === 'marketIfTouched';
  const judged = judgeInside(copy, entry, barOf(run, place), place, barOf(run, place).open);
  if (judged === null) return false;
  const lots = entry.sizeLots - entry.filledLots;
  const price = judged.isSlipped ? slipped(copy, entry, { ...judged, place, isAtOpen: false }, lots) : limited(copy, entry, judged.market);
  copy.state.lots[order.slot] = [{ entry: order.name, side: order.side, price, lots: order.sizeLots }];
  const known = copy.state.orders.length;
  attach(copy, entry, { price, timeMs, stampMs: timeMs });
  return restOfBar(copy, { entry, wasLimit, price: judged.market, place, timeMs }, known).isDoubtful;
}

export function markAmbiguous(run: NaiveRun, place: BarPlace): void {
  const name = nameOf(place);
  if (!run.state.ambiguous.includes(name)) run.state.ambiguous.push(name);
}

/** What may be done to this order, and to what it has attached, without a trace. */
function copyOf(run: NaiveRun, name: string): NaiveRun {
  const orders = run.state.orders.filter((order) => order.name === name || order.parent === name).map((order) => ({ ...order }));
  return { ...run, program: { ...run.program, policy: 'pessimistic' }, state: { ...run.state, orders, lots: run.state.lots.slice() } };
}

/** 5.4 and 6.4: one order that the price reaches as it rises from the open, and one as it falls; or a trail whose raised level the low has reached and the close has not. */
export function isAmbiguousAtStart(run: NaiveRun, place: BarPlace): boolean {
  const bar = barOf(run, place);
  const resting = restingIn(run, [place]).filter(({ kind }) => kind !== 'onClose');
  for (const order of resting) {
    if (order.kind !== 'trailingStop' || isReached(order, order.level, stopExtreme(order, bar))) continue;
    const raised = raisedLevel(run, order, limitExtremeOfTrail(order, bar));
    if (isReached(order, raised, stopExtreme(order, bar)) && !isReached(order, raised, bar.close)) return true;
  }
  const asPessimist: NaiveRun = { ...run, program: { ...run.program, policy: 'pessimistic' } };
  const ways = resting
    .filter((order) => judgeInside(asPessimist, { ...order }, bar, place, bar.open) !== null)
    .map((order) => wayTo(order, bar));
  return ways.includes(1) && ways.includes(-1);
}

/** +1 where the price must rise from the open to reach it, −1 where it must fall, 0 where the open has passed it: then it comes first. */
function wayTo(order: NaiveOrder, { open }: ProgramBar): number {
  if (isLimitNow(order)) return isBetter(order, order.limitPrice, open) ? 0 : -order.side;
  if (order.kind === 'marketIfTouched') return isBetter(order, order.touchPrice, open) ? 0 : -order.side;
  return isReached(order, order.kind === 'trailingStop' ? order.level : order.stopPrice, open) ? 0 : order.side;
}
