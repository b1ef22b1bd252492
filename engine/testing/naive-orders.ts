/**
 * Owns the naive broker's state and the life of its orders: sent, held, grouped, ended. Slow, plain objects that can be cloned.
 * Written from engine/broker/RULES.md alone. Never decides whether a price fills an order, never touches money.
 */

import type { Latencies } from '../costs/latency.ts';
import { isMisplaced, judgeSent, statedPrice } from './naive-admission.ts';
import type { Decimal } from './naive-decimal.ts';
import { startTrail } from './naive-trails.ts';
import type { Program, ProgramChanges, ProgramKind, ProgramLeg, ProgramOrder, ProgramProtection, ProgramSide } from './program.ts';

export const dayMs = 86_400_000;

export type NaiveStatus = 'open' | 'filled' | 'cancelled' | 'expired' | 'rejected';
export type NaiveReason =
  | ''
  | 'by request'
  | 'immediate or cancel'
  | 'fill or kill'
  | 'nothing left to reduce'
  | 'nothing to reduce'
  | 'below one lot'
  | 'below the minimum'
  | 'above the maximum'
  | 'nothing to protect'
  | 'replaced'
  | 'ended'
  | 'held'
  | 'no such price'
  | 'no price'
  | 'another was filled'
  | 'the order before it ended'
  | 'nothing left to protect'
  | 'good till'
  | 'the tape ended'
  | 'would take'
  | 'not allowed'
  | 'wrong side'
  | 'short of cash'
  | 'beyond the position'
  | 'beyond the leverage'
  | 'beyond the margin'
  | 'margin call';

export interface NaiveOrder {
  readonly name: string;
  readonly instrument: number;
  /** The position it belongs to: of the instrument, or of one of its legs. */
  readonly slot: number;
  readonly kind: ProgramKind;
  readonly side: ProgramSide;
  readonly role: 'own' | 'stopLoss' | 'takeProfit' | 'trail' | 'amend' | 'liquidation';
  /** Whose size it follows: of an entry (its name in parent), of the position, or its own. */
  readonly follows: 'itself' | 'entry' | 'position';
  readonly parent: string;
  readonly wish: ProgramOrder;
  sizeLots: number;
  filledLots: number;
  limitPrice: number;
  stopPrice: number;
  touchPrice: number;
  sentMs: number;
  liveMs: number;
  goodTillMs: number;
  sequence: number;
  isHeld: boolean;
  /** Sent and not yet there. */
  isOnWay: boolean;
  /** When it was sent, or sent anew by an amend, without delay; NaN before. */
  atOnceMs: number;
  isTriggered: boolean;
  /** Its price was reached, and there was no volume left. */
  isReached: boolean;
  /** Events it has taken part in since it was sent or amended. */
  eventsSeen: number;
  /** When it came to rest as a limit; NaN before. */
  restMs: number;
  /** Lots ahead of a limit at rest; null before a bar has been judged. */
  ahead: Decimal | null;
  start: number;
  best: number;
  level: number;
  /** Of each stage of a trail the price that activates it; NaN for none. */
  activations: readonly number[];
  /** A target that moves with the age of its entry. */
  entryPrice: { readonly numerator: bigint; readonly denominator: bigint };
  entryTimeMs: number;
  /** The step that its price was made for; −1 before the first. */
  step: number;
  status: NaiveStatus;
  reason: NaiveReason;
}

/** What is left of one entry. */
export interface NaiveLot {
  readonly entry: string;
  readonly side: ProgramSide;
  readonly price: number;
  lots: number;
}

export interface NaiveFill {
  readonly order: string;
  readonly slot: number;
  readonly instrument: number;
  readonly timeMs: number;
  readonly openTimeMs: number;
  readonly side: ProgramSide;
  readonly price: number;
  readonly sizeLots: number;
  readonly notional: string;
  readonly fee: string;
  /** Ticks lost to slippage, ≥ 0. */
  readonly slippageTicks: number;
  readonly isMaker: boolean;
  /** Cash and position after it. */
  cash: string;
  readonly positionLots: number;
}

/** What was sent and has not arrived. */
export type NaiveMessage = { readonly atMs: number } & (
  | { readonly kind: 'order' | 'cancel'; readonly name: string }
  | { readonly kind: 'amend'; readonly name: string; readonly changes: ProgramChanges }
  | { readonly kind: 'protect'; readonly slot: number; readonly protection: ProgramProtection }
);

export interface NaiveState {
  /** The rules in force are those of then (10.8). */
  rulesMs: number;
  /** In the sequence of sending. */
  messages: NaiveMessage[];
  orders: NaiveOrder[];
  fills: NaiveFill[];
  /** How many fills the strategy has been told of, and how many protections of whole positions it has asked for. */
  toldCount: number;
  protectCount: number;
  cash: Decimal;
  /** Charged so far, and up to when; NaN before the first event. */
  interest: Decimal;
  borrowFees: Decimal;
  liquidationFees: Decimal;
  accruedToMs: number;
  /** A margin call stands. */
  isCalled: boolean;
  /** Of the currency that fees are paid in. */
  purse: Decimal;
  /** By slot, oldest first. */
  lots: NaiveLot[][];
  /** As lots, but closed first in, first out, whatever an exit protects (12.8). */
  entries: NaiveLot[][];
  /** Mean price of each position in ticks, as a fraction. */
  means: { numerator: bigint; denominator: bigint }[];
  lastPrices: number[];
  /** NaN before the first. */
  lastCloses: number[];
  /** Lots drawn from each bar, by instrument and bar; and from finer ones. */
  drawn: number[][];
  drawnFiner: number[][];
  nextSequence: number;
  /** Names of orders of which the first to fill cancels the others. */
  groups: (readonly string[])[];
  /** Under refine, inside a bar that finer ones replace: the orders that take part in it; null elsewhere. */
  among: string[] | null;
  /** "instrument:bar": in doubt, decided by a walk or by finer bars, in doubt without them, taken optimistically by choice. */
  ambiguous: string[];
  decided: string[];
  notRefined: string[];
  chosen: string[];
  choiceCount: number;
}

export interface NaiveRun {
  readonly program: Program;
  /** How late messages are by their number: draws are given, what they delay is judged here. */
  readonly latencies: Latencies;
  state: NaiveState;
}

/** 12.9: a position an instrument, or the long ones and then the short ones. */
export function slotOf(program: Program, instrument: number, leg: ProgramLeg | undefined): number {
  return leg === 'short' ? program.instruments.length + instrument : instrument;
}
export function slotsOf({ account, instruments }: Program): number[] {
  return Array.from({ length: instruments.length * (account.positions === 'hedge' ? 2 : 1) }, (_, slot) => slot);
}
export function instrumentOfSlot({ program }: NaiveRun, slot: number): number {
  return slot % program.instruments.length;
}
/** 12.9: against its leg: it closes at most what that holds. */
export function isAgainstLeg({ wish, side }: NaiveOrder): boolean {
  return wish.leg !== undefined && side === (wish.leg === 'long' ? -1 : 1);
}

export function positionLots(run: NaiveRun, slot: number): number {
  return run.state.lots[slot].reduce((sum, lot) => sum + lot.side * lot.lots, 0);
}

export function orderOf(run: NaiveRun, name: string): NaiveOrder | undefined {
  return run.state.orders.find((order) => order.name === name);
}

export function newOrder(
  wish: ProgramOrder,
  fields: Partial<NaiveOrder> & { readonly instrument: number; readonly slot: number },
): NaiveOrder {
  return {
    name: wish.name,
    kind: wish.kind,
    side: wish.side,
    role: 'own',
    follows: 'itself',
    parent: '',
    wish,
    sizeLots: wish.sizeLots,
    filledLots: 0,
    limitPrice: wish.limitPrice ?? Number.NaN,
    stopPrice: wish.stopPrice ?? Number.NaN,
    touchPrice: wish.touchPrice ?? Number.NaN,
    sentMs: Number.NaN,
    liveMs: Number.POSITIVE_INFINITY,
    goodTillMs: Number.POSITIVE_INFINITY,
    sequence: -1,
    isHeld: false,
    isOnWay: false,
    atOnceMs: Number.NaN,
    isTriggered: false,
    isReached: false,
    eventsSeen: 0,
    restMs: Number.NaN,
    ahead: null,
    start: Number.NaN,
    best: Number.NaN,
    level: Number.NaN,
    activations: [],
    entryPrice: { numerator: 0n, denominator: 1n },
    entryTimeMs: Number.NaN,
    step: -1,
    status: 'open',
    reason: '',
    ...fields,
  };
}

export function isLimitNow(order: NaiveOrder): boolean {
  return order.kind === 'limit' || order.isTriggered;
}

/** 7.2: what has filled in part, or would have with more volume, takes the next price there is, but for limits. */
export function isMarketNow(order: NaiveOrder): boolean {
  if (order.kind === 'market') return true;
  return (order.filledLots > 0 || order.isReached) && !isLimitNow(order) && order.kind !== 'stopLimit' && order.kind !== 'limitIfTouched';
}

/** The position once the market orders on their way, but for this one, have filled; what may only reduce goes no further than flat. */
export function projectedLots(run: NaiveRun, slot: number, except?: NaiveOrder): number {
  let lots = positionLots(run, slot);
  for (const order of run.state.orders) {
    if (order.slot !== slot || !isMarketNow(order) || order.status !== 'open' || order.isHeld || order === except) continue;
    const rest = order.follows === 'position' ? Math.abs(positionLots(run, slot)) : order.sizeLots - order.filledLots;
    const mayOnlyReduce = order.wish.reduceOnly === true || order.follows !== 'itself';
    lots += order.side * (mayOnlyReduce ? Math.min(rest, Math.max(0, -lots * order.side)) : rest);
  }
  return lots;
}

/** 1.2, 3.1, 4.5, 6.3: an order of the strategy's own is sent; timeMs is that moment, price where a trailing stop starts. */
export function send(run: NaiveRun, order: NaiveOrder, timeMs: number, price: number): void {
  const { wish } = order;
  const unsent = Number.isNaN(statedPrice(run, order)) ? 'no price' : isMisplaced(run, order) ? 'wrong side' : '';
  if (unsent !== '') {
    end(run, order, 'rejected', unsent, timeMs);
    return;
  }
  const { lots, refusal } = judgeSent(run, order);
  order.sizeLots = lots;
  if (refusal !== '') {
    end(run, order, 'rejected', refusal, timeMs);
    return;
  }
  order.isHeld = false;
  order.sentMs = timeMs;
  const life = wish.timeInForce ?? 'GTC';
  if (life === 'DAY') order.goodTillMs = (Math.floor(timeMs / dayMs) + 1) * dayMs;
  if (typeof life === 'object') order.goodTillMs = life.goodTillMs;
  order.start = price;
  const orderMs = run.latencies.orderMs(idOf(run, order));
  order.isOnWay = orderMs > 0;
  if (order.isOnWay) run.state.messages.push({ atMs: timeMs + orderMs, kind: 'order', name: order.name });
  else {
    order.atOnceMs = timeMs;
    arriveAt(run, order, timeMs);
  }
}

/** 9.1: orders are numbered as they are made, those that are refused and those that protect among them. */
export function idOf(run: NaiveRun, order: NaiveOrder): number {
  return run.state.orders.indexOf(order);
}

/** 9.1: orders stand in the sequence in which they arrive. */
export function arriveAt(run: NaiveRun, order: NaiveOrder, timeMs: number): void {
  order.isOnWay = false;
  // 6.3, 10.8: it starts at the price of its sending, on the tick of its arrival.
  if (order.kind === 'trailingStop') startTrail(run, order, order.start);
  order.liveMs = timeMs;
  order.sequence = run.state.nextSequence++;
  rest(order, timeMs);
}

/** 7.3: it comes to rest, or anew. */
export function rest(order: NaiveOrder, timeMs: number): void {
  order.restMs = timeMs;
  order.ahead = null;
}

/** Ends an order and what hangs on it: held orders (4.5) and, after a rejection, its group (4.4). */
export function end(run: NaiveRun, order: NaiveOrder, status: NaiveStatus, reason: NaiveReason, timeMs: number): void {
  if (order.status !== 'open') return;
  // 7.2: what is left of a part is cancelled, and never rejected.
  order.status = status === 'rejected' && order.filledLots > 0 ? 'cancelled' : status;
  order.reason = reason;
  if (status === 'filled') return;
  if (order.status === 'rejected') cancelGroup(run, order, timeMs);
  for (const held of heldBy(run, order)) end(run, held, 'cancelled', 'the order before it ended', timeMs);
}

/** 4.5: it has filled completely; price: of that fill. */
export function releaseHeld(run: NaiveRun, order: NaiveOrder, timeMs: number, price: number): void {
  for (const held of heldBy(run, order))
    send(run, held, timeMs, held.instrument === order.instrument ? price : run.state.lastPrices[held.instrument]);
}

function heldBy(run: NaiveRun, order: NaiveOrder): NaiveOrder[] {
  return run.state.orders.filter((held) => held.isHeld && held.status === 'open' && held.wish.after === order.name);
}

/** 4.4: of all groups it is in; each acts once. */
export function cancelGroup(run: NaiveRun, order: NaiveOrder, timeMs: number): void {
  const groups = run.state.groups.filter((names) => names.includes(order.name));
  run.state.groups = run.state.groups.filter((names) => !groups.includes(names));
  for (const name of groups.flat()) {
    const other = orderOf(run, name);
    if (other !== undefined && other !== order) end(run, other, 'cancelled', 'another was filled', timeMs);
  }
}
