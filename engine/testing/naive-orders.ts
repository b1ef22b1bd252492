/**
 * Owns the naive broker's state and the life of its orders: sent, held, grouped, trailing, ended. Slow, plain objects that can be cloned.
 * Written from engine/broker/RULES.md alone. Never decides whether a price fills an order, never touches money.
 */
import { add, type Decimal, decimal, multiply } from './naive-decimal.ts';
import { downTo, isBelowMinimum, onLot, rulesOf, upTo } from './naive-rules.ts';
import type {
  Program,
  ProgramChanges,
  ProgramKind,
  ProgramOffset,
  ProgramOrder,
  ProgramProtection,
  ProgramSide,
  ProgramTrailStage,
} from './program.ts';

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
  | 'beyond the leverage';

export interface NaiveOrder {
  readonly name: string;
  readonly instrument: number;
  readonly kind: ProgramKind;
  readonly side: ProgramSide;
  readonly role: 'own' | 'stopLoss' | 'takeProfit' | 'trail' | 'amend';
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

/** What was sent and has not arrived. */
export type NaiveMessage = { readonly atMs: number } & (
  | { readonly kind: 'order' | 'cancel'; readonly name: string }
  | { readonly kind: 'amend'; readonly name: string; readonly changes: ProgramChanges }
  | { readonly kind: 'protect'; readonly instrument: number; readonly protection: ProgramProtection }
);

export interface NaiveState {
  /** The rules in force are those of then (10.8). */
  rulesMs: number;
  /** In the sequence of sending. */
  messages: NaiveMessage[];
  orders: NaiveOrder[];
  fills: NaiveFill[];
  cash: Decimal;
  /** By instrument, oldest first. */
  lots: NaiveLot[][];
  /** Mean price of each position in ticks, as a fraction. */
  means: { numerator: bigint; denominator: bigint }[];
  lastPrices: number[];
  /** Lots drawn from each bar, by instrument and bar. */
  drawn: number[][];
  nextSequence: number;
  /** Names of orders of which the first to fill cancels the others. */
  groups: (readonly string[])[];
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
    isOnWay: false,
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
export function projectedLots(run: NaiveRun, instrument: number, except?: NaiveOrder): number {
  let lots = positionLots(run, instrument);
  for (const order of run.state.orders) {
    if (order.instrument !== instrument || !isMarketNow(order) || order.status !== 'open' || order.isHeld || order === except) continue;
    const rest = order.follows === 'position' ? Math.abs(positionLots(run, instrument)) : order.sizeLots - order.filledLots;
    const mayOnlyReduce = order.wish.reduceOnly === true || order.follows !== 'itself';
    lots += order.side * (mayOnlyReduce ? Math.min(rest, Math.max(0, -lots * order.side)) : rest);
  }
  return lots;
}

/** What a size is judged as: price, as 10.2 has it. */
export interface NaiveSize {
  readonly lots: number;
  readonly price: number;
}

/** 2.5, 10.1, 10.2, 10.9: why it must not be sent or made this large; reduceOnly is cut. */
export function judgeSize(run: NaiveRun, order: NaiveOrder, size: NaiveSize): { readonly lots: number; readonly refusal: NaiveReason } {
  const { instrument } = order;
  const against = Math.max(0, -order.side * projectedLots(run, instrument, order));
  const lots = order.wish.reduceOnly === true ? Math.min(size.lots, against) : size.lots;
  if (lots === 0) return { lots, refusal: 'nothing to reduce' };
  const isWhole = order.wish.reduceOnly === true && lots === against;
  if (!isWhole && isBelowMinimum(run, instrument, { ...size, lots })) return { lots, refusal: 'below the minimum' };
  if (lots > (rulesOf(run, instrument).maximumLots ?? lots)) return { lots, refusal: 'above the maximum' };
  const isBeyond = run.program.account.kind === 'spot' && order.side === -1 && lots > against;
  return { lots, refusal: isBeyond ? 'beyond the position' : '' };
}

/** 3.2, 3.3, 2.4: what an order that is sent now cannot be. */
export function isAllowed({ kind, wish }: NaiveOrder, timeMs: number): boolean {
  if (typeof wish.timeInForce === 'object' && wish.timeInForce.goodTillMs <= timeMs) return false;
  const isAtOnce = wish.timeInForce === 'IOC' || wish.timeInForce === 'FOK';
  if (isAtOnce && kind !== 'market' && kind !== 'limit' && kind !== 'onOpen') return false;
  return wish.postOnly !== true || kind === 'limit';
}

/** The price that an order is judged by: its limit, or what sets it off; NaN where it has neither. */
export function costPrice({ limitPrice, stopPrice, touchPrice }: Pick<NaiveOrder, 'limitPrice' | 'stopPrice' | 'touchPrice'>): number {
  return [limitPrice, stopPrice, touchPrice].find((price) => !Number.isNaN(price)) ?? Number.NaN;
}

/** 4.2: a stop at or beyond the winning side of its entry, a target at or beyond the losing one. */
export function isMisplaced(run: NaiveRun, order: NaiveOrder): boolean {
  const { stopLoss, takeProfit } = order.wish;
  const own = costPrice(order);
  const entry = Number.isNaN(own) ? run.state.lastPrices[order.instrument] : own;
  const isStopWrong = stopLoss !== undefined && 'price' in stopLoss && (entry - stopLoss.price) * order.side <= 0;
  const isTargetWrong = takeProfit !== undefined && 'price' in takeProfit && (takeProfit.price - entry) * order.side <= 0;
  return isStopWrong || isTargetWrong;
}

/** 1.2, 3.1, 4.5, 6.3: an order of the strategy's own is sent; timeMs is that moment, price where a trailing stop starts. */
export function send(run: NaiveRun, order: NaiveOrder, timeMs: number, price: number): void {
  const { wish } = order;
  if (isMisplaced(run, order)) {
    end(run, order, 'rejected', 'wrong side', timeMs);
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
  const { orderMs } = run.program.latency;
  order.isOnWay = orderMs > 0;
  if (order.isOnWay) run.state.messages.push({ atMs: timeMs + orderMs, kind: 'order', name: order.name });
  else arriveAt(run, order, timeMs);
}

/** 10.8: the size lies on the lot, but for a whole position that only reducing closes. */
function judgeSent(run: NaiveRun, order: NaiveOrder): { readonly lots: number; readonly refusal: NaiveReason } {
  const { instrument, sizeLots } = order;
  const against = Math.max(0, -order.side * projectedLots(run, instrument, order));
  const isReducing = order.wish.reduceOnly === true;
  const asked = isReducing ? Math.min(sizeLots, against) : sizeLots;
  const lots = isReducing && asked === against ? asked : onLot(run, instrument, asked);
  if (lots === 0) return { lots, refusal: asked === 0 ? 'nothing to reduce' : 'below one lot' };
  return judgeSize(run, order, { lots, price: statedPrice(run, order) });
}

/** 10.2: the price that an order states: its limit, otherwise what sets it off; or else the last known. */
export function statedPrice(
  run: NaiveRun,
  { instrument, limitPrice, stopPrice, touchPrice }: Pick<NaiveOrder, 'instrument' | 'limitPrice' | 'stopPrice' | 'touchPrice'>,
): number {
  return [limitPrice, stopPrice, touchPrice, run.state.lastPrices[instrument]].find((price) => !Number.isNaN(price)) ?? Number.NaN;
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

/** 6.1, 6.2: activated once the best price has reached the activation; the last stage activated counts; never back; rounded away from the price. */
export function raiseTrail(run: NaiveRun, order: NaiveOrder, price: number): void {
  const sign = -order.side;
  if (Number.isNaN(order.best) || (price - order.best) * sign > 0) order.best = price;
  const active = stagesOf(order).filter((_, s) => !((order.best - order.activations[s]) * sign < 0));
  const stage = active.at(-1);
  if (stage === undefined) return;
  const level = trailLevel(run, order, stage);
  if (Number.isNaN(order.level) || (level - order.level) * sign > 0) order.level = level;
}

/** 6.2: a price, or the first tick at or beyond so far from the start on the winning side. */
function activationPrice(run: NaiveRun, order: NaiveOrder, activation: number | ProgramOffset | undefined): number {
  if (typeof activation !== 'object') return activation ?? Number.NaN;
  const exact = distant(order.start, activation, -order.side);
  return order.side === 1 ? downTo(run, order.instrument, exact) : upTo(run, order.instrument, exact);
}

function trailLevel(run: NaiveRun, order: NaiveOrder, stage: ProgramTrailStage): number {
  const exact = distant(order.best, stage, order.side);
  return order.side === 1 ? upTo(run, order.instrument, exact) : downTo(run, order.instrument, exact);
}

/** So far from a price, upwards for sign +1. */
function distant(price: number, offset: ProgramOffset, sign: number): Decimal {
  if ('distance' in offset) return decimal(price + sign * offset.distance);
  return multiply(decimal(price), add(decimal(1), multiply(decimal(sign), decimal(offset.fraction))));
}

function stagesOf(order: NaiveOrder): readonly ProgramTrailStage[] {
  return (order.role === 'own' ? order.wish.stages : order.wish.trail) ?? [];
}

/** 6.3: from the price of its entry, or the last known price when sent. */
export function startTrail(run: NaiveRun, order: NaiveOrder, price: number): void {
  order.start = price;
  order.best = price;
  order.activations = stagesOf(order).map(({ activation }) => activationPrice(run, order, activation));
  raiseTrail(run, order, price);
}
