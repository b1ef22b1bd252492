/**
 * Owns the naive broker's state and the life of its orders: sent, held, grouped, trailing, ended. Slow, plain objects that can be cloned.
 * Written from engine/broker/RULES.md alone. Never decides whether a price fills an order, never touches money.
 */
import { add, ceiled, type Decimal, decimal, floored, multiply } from './naive-decimal.ts';
import type { Program, ProgramKind, ProgramOrder, ProgramSide, ProgramTrailStage } from './program.ts';

export const dayMs = 86_400_000;

export type NaiveStatus = 'open' | 'filled' | 'cancelled' | 'expired' | 'rejected';
export type NaiveReason =
  | ''
  | 'by request'
  | 'immediate or cancel'
  | 'fill or kill'
  | 'nothing left to reduce'
  | 'another was filled'
  | 'the order before it ended'
  | 'nothing left to protect'
  | 'good till'
  | 'the tape ended'
  | 'would take'
  | 'not allowed'
  | 'short of cash'
  | 'beyond the position'
  | 'beyond the leverage';

export interface NaiveOrder {
  readonly name: string;
  readonly instrument: number;
  readonly kind: ProgramKind;
  readonly side: ProgramSide;
  readonly role: 'own' | 'stopLoss' | 'takeProfit' | 'trail';
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
  isTriggered: boolean;
  opensSeen: number;
  /** Lots ahead of a limit at rest; null before it came to rest. */
  ahead: Decimal | null;
  best: number;
  level: number;
  /** A target that moves with the age of its entry. */
  entryPrice: number;
  entryTimeMs: number;
  group: number;
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
  readonly cash: string;
  readonly positionLots: number;
}

export interface NaiveState {
  orders: NaiveOrder[];
  fills: NaiveFill[];
  cash: Decimal;
  /** By instrument, oldest first. */
  lots: NaiveLot[][];
  lastPrices: number[];
  /** Lots drawn from each bar, by instrument and bar. */
  drawn: number[][];
  nextSequence: number;
  nextGroup: number;
  /** "instrument:bar". */
  ambiguous: string[];
}

export interface NaiveRun {
  readonly program: Program;
  state: NaiveState;
}

export function positionLots(run: NaiveRun, instrument: number): number {
  return run.state.lots[instrument].reduce((sum, lot) => sum + lot.side * lot.lots, 0);
}

export function orderOf(run: NaiveRun, name: string): NaiveOrder | undefined {
  return run.state.orders.find((order) => order.name === name);
}

export function newOrder(wish: ProgramOrder, fields: Partial<NaiveOrder> & { readonly instrument: number }): NaiveOrder {
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
    isTriggered: false,
    opensSeen: 0,
    ahead: null,
    best: Number.NaN,
    level: Number.NaN,
    entryPrice: Number.NaN,
    entryTimeMs: Number.NaN,
    group: 0,
    status: 'open',
    reason: '',
    ...fields,
  };
}

/** 1.2, 3.1, 3.3, 4.5, 6.3: an order of the strategy's own is sent; timeMs is that moment. */
export function send(run: NaiveRun, order: NaiveOrder, timeMs: number): void {
  const { wish } = order;
  order.isHeld = false;
  order.sentMs = timeMs;
  order.liveMs = timeMs + (wish.latencyMs ?? 0);
  order.sequence = run.state.nextSequence++;
  const life = wish.timeInForce ?? 'GTC';
  if (life === 'DAY') order.goodTillMs = (Math.floor(timeMs / dayMs) + 1) * dayMs;
  if (typeof life === 'object') order.goodTillMs = life.goodTillMs;
  if (order.kind === 'trailingStop') startTrail(order, run.state.lastPrices[order.instrument]);
  const isAtOnce = life === 'IOC' || life === 'FOK';
  const isAllowed = order.kind === 'market' || order.kind === 'limit' || order.kind === 'onOpen';
  if ((isAtOnce && !isAllowed) || (wish.postOnly === true && order.kind !== 'limit')) end(run, order, 'rejected', 'not allowed', timeMs);
}

/** Ends an order and what hangs on it: held orders (4.5) and, after a rejection, its group (4.4). */
export function end(run: NaiveRun, order: NaiveOrder, status: NaiveStatus, reason: NaiveReason, timeMs: number): void {
  if (order.status !== 'open') return;
  order.status = status;
  order.reason = reason;
  if (status === 'rejected') cancelGroup(run, order, timeMs);
  for (const held of run.state.orders) {
    if (!held.isHeld || held.status !== 'open' || held.wish.after !== order.name) continue;
    if (status === 'filled') send(run, held, timeMs);
    else end(run, held, 'cancelled', 'the order before it ended', timeMs);
  }
}

export function cancelGroup(run: NaiveRun, order: NaiveOrder, timeMs: number): void {
  if (order.group === 0) return;
  for (const other of run.state.orders)
    if (other !== order && other.group === order.group) end(run, other, 'cancelled', 'another was filled', timeMs);
}

/** 6.1, 6.2: activated once the best price has reached the activation; the last stage activated counts; never back; rounded away from the price. */
export function raiseTrail(order: NaiveOrder, price: number): void {
  const sign = -order.side;
  if (Number.isNaN(order.best) || (price - order.best) * sign > 0) order.best = price;
  const active = stagesOf(order).filter(({ activation }) => activation === undefined || (order.best - activation) * sign >= 0);
  const stage = active.at(-1);
  if (stage === undefined) return;
  const level = trailLevel(order, stage);
  if (Number.isNaN(order.level) || (level - order.level) * sign > 0) order.level = level;
}

function trailLevel(order: NaiveOrder, stage: ProgramTrailStage): number {
  if ('distance' in stage) return order.best + order.side * stage.distance;
  const factor = add(decimal(1), multiply(decimal(order.side), decimal(stage.fraction)));
  const exact = multiply(decimal(order.best), factor);
  return order.side === 1 ? ceiled(exact) : floored(exact);
}

function stagesOf(order: NaiveOrder): readonly ProgramTrailStage[] {
  return (order.role === 'own' ? order.wish.stages : order.wish.trail) ?? [];
}

/** 6.3: from the price of its entry, or the last known price when sent. */
export function startTrail(order: NaiveOrder, price: number): void {
  order.best = price;
  raiseTrail(order, price);
}
