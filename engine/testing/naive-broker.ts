/**
 * Owns the naive broker: a slow second implementation that plays a program event by event. Written from engine/broker/RULES.md
 * and DESIGN §3 alone, before any comparison; what comparisons have changed on either side since stands in DECISIONS.md. Never imports the engine's broker.
 */

import { Latencies } from '../costs/latency.ts';
import { costPrice, isAllowed, isMisplaced, judgeSize, statedPrice } from './naive-admission.ts';
import { decimal, textOf, zero } from './naive-decimal.ts';
import { type BarPlace, barOf } from './naive-judging.ts';
import { accrue, callMargin } from './naive-margin.ts';
import { matchAfterClose, matchBars, matchOpens } from './naive-matching.ts';
import {
  arriveAt,
  end,
  idOf,
  instrumentOfSlot,
  type NaiveFill,
  type NaiveMessage,
  type NaiveOrder,
  type NaiveReason,
  type NaiveRun,
  type NaiveStatus,
  newOrder,
  orderOf,
  positionLots,
  projectedLots,
  releaseHeld,
  rest,
  send,
  slotOf,
  slotsOf,
} from './naive-orders.ts';
import { addProtection, ageTarget } from './naive-protections.ts';
import { nearest, onLot, partsOf, pricedOnTick, protectionOnTick } from './naive-rules.ts';
import type { Program, ProgramAction, ProgramChanges, ProgramLeg, ProgramProtection, ProgramSide } from './program.ts';

export interface NaiveResult {
  readonly fills: readonly NaiveFill[];
  readonly orders: readonly {
    readonly name: string;
    readonly instrument: number;
    readonly status: NaiveStatus;
    readonly reason: NaiveReason;
    readonly filledLots: number;
  }[];
  readonly cash: string;
  /** Of the currency that fees are paid in; 0 where there is none. */
  readonly purse: string;
  readonly interest: string;
  readonly borrowFees: string;
  readonly liquidationFees: string;
  /** By instrument, or on a hedge account by long legs and then short ones; signed. */
  readonly positionsLots: readonly number[];
  readonly ambiguousBars: readonly BarPlace[];
  /** Those that would have been, but for a walk or for finer bars. */
  readonly decidedBars: readonly BarPlace[];
  readonly notRefinedBars: readonly BarPlace[];
}

export function playNaively(program: Program): NaiveResult {
  const slots = slotsOf(program);
  const run: NaiveRun = {
    program,
    latencies: new Latencies(program.latency, program.seed),
    state: {
      rulesMs: Number.NEGATIVE_INFINITY,
      orders: [],
      fills: [],
      toldCount: 0,
      protectCount: 0,
      cash: decimal(program.account.cash),
      purse: program.feeFrom.kind === 'purse' ? decimal(program.feeFrom.balance) : zero,
      interest: zero,
      borrowFees: zero,
      liquidationFees: zero,
      accruedToMs: Number.NaN,
      isCalled: false,
      lots: slots.map(() => []),
      entries: slots.map(() => []),
      means: slots.map(() => ({ numerator: 0n, denominator: 1n })),
      lastPrices: program.instruments.map(() => Number.NaN),
      lastCloses: program.instruments.map(() => Number.NaN),
      drawn: program.instruments.map(({ bars }) => bars.map(() => 0)),
      nextSequence: 0,
      groups: [],
      messages: [],
      drawnFiner: program.instruments.map(({ finer = [] }) => finer.map(() => 0)),
      among: null,
      ambiguous: [],
      decided: [],
      notRefined: [],
      chosen: [],
      choiceCount: 0,
    },
  };
  for (const { timeMs, opens, closes } of eventsOf(program)) {
    if (closes.length > 0) playCloses(run, closes, timeMs);
    if (opens.length > 0) playOpens(run, opens, timeMs);
  }
  for (const order of run.state.orders.filter(({ status }) => status === 'open')) {
    order.status = 'expired';
    order.reason = 'the tape ended';
  }
  return {
    fills: run.state.fills,
    orders: run.state.orders.map(({ name, instrument, status, reason, filledLots }) => ({ name, instrument, status, reason, filledLots })),
    cash: textOf(run.state.cash),
    purse: textOf(run.state.purse),
    interest: textOf(run.state.interest),
    borrowFees: textOf(run.state.borrowFees),
    liquidationFees: textOf(run.state.liquidationFees),
    positionsLots: slots.map((slot) => positionLots(run, slot)),
    ambiguousBars: placesOf(run.state.ambiguous),
    decidedBars: placesOf(run.state.decided),
    notRefinedBars: placesOf(run.state.notRefined),
  };
}

function placesOf(names: readonly string[]): BarPlace[] {
  return names.map((name) => {
    const [instrument, bar] = name.split(':').map(Number);
    return { instrument, bar };
  });
}

interface Moment {
  readonly timeMs: number;
  readonly opens: BarPlace[];
  readonly closes: BarPlace[];
}

/** 1.1: at equal times all closes come before all opens. */
function eventsOf(program: Program): Moment[] {
  const moments: Moment[] = [];
  const at = (timeMs: number): Moment => {
    const known = moments.find((moment) => moment.timeMs === timeMs);
    if (known !== undefined) return known;
    const moment = { timeMs, opens: [], closes: [] };
    moments.push(moment);
    return moment;
  };
  program.instruments.forEach(({ bars }, instrument) => {
    bars.forEach((bar, index) => {
      at(bar.openTimeMs).opens.push({ instrument, bar: index });
      at(bar.closeTimeMs).closes.push({ instrument, bar: index });
    });
  });
  return moments.sort((a, b) => a.timeMs - b.timeMs);
}

function playOpens(run: NaiveRun, batch: readonly BarPlace[], timeMs: number): void {
  accrue(run, timeMs);
  arrive(run, timeMs - 1);
  for (const place of batch) run.state.lastPrices[place.instrument] = barOf(run, place).open;
  arrive(run, timeMs);
  run.state.rulesMs = timeMs;
  for (const order of run.state.orders)
    if (order.status === 'open' && batch.some(({ instrument }) => instrument === order.instrument)) ageTarget(run, order, timeMs);
  matchOpens(run, batch, timeMs);
  tell(run, timeMs);
}

/** 3.2, 3.4, 10.8: what is due before the close comes before matching; what is due exactly then, after it; then the strategy. */
function playCloses(run: NaiveRun, batch: readonly BarPlace[], timeMs: number): void {
  // Times are whole milliseconds. 9.1: by what was known before this close.
  accrue(run, timeMs - 1);
  arrive(run, timeMs - 1);
  for (const place of batch) {
    run.state.lastPrices[place.instrument] = barOf(run, place).close;
    run.state.lastCloses[place.instrument] = barOf(run, place).close;
  }
  run.state.rulesMs = timeMs - 1;
  matchBars(run, batch, timeMs);
  arrive(run, timeMs);
  accrue(run, timeMs);
  run.state.rulesMs = timeMs;
  callMargin(run, timeMs);
  tell(run, timeMs);
  for (const action of run.program.actions)
    if ('bar' in action && batch.some(({ instrument, bar }) => instrument === action.instrument && bar === action.bar))
      act(run, action, timeMs);
  if (run.program.marketFill !== 'close') return;
  // 2.8: behind the strategy's call.
  matchAfterClose(run, batch, timeMs);
  tell(run, timeMs);
}

/** What the strategy does as it is told of fills, which is behind the event that made them. */
function tell(run: NaiveRun, timeMs: number): void {
  const { fills, toldCount } = run.state;
  const last = fills.at(-1);
  if (last === undefined || toldCount === fills.length) return;
  run.state.toldCount = fills.length;
  // What it sees then is what the account holds then.
  last.cash = textOf(run.state.cash);
  fills.slice(toldCount).forEach(({ order }, i) => {
    if (fills.slice(0, toldCount + i).some((earlier) => earlier.order === order)) return;
    for (const action of run.program.actions) if ('fillOf' in action && action.fillOf === order) act(run, action, timeMs);
  });
}

/** Expiries and what arrives up to a time, in the order of their times; at one time expiries come first. */
function arrive(run: NaiveRun, upToMs: number): void {
  for (;;) {
    const expiring = run.state.orders
      .filter((order) => order.status === 'open' && !order.isOnWay && order.goodTillMs <= upToMs)
      .sort((a, b) => a.goodTillMs - b.goodTillMs)
      .at(0);
    const message = run.state.messages
      .filter(({ atMs }) => atMs <= upToMs)
      .sort((a, b) => a.atMs - b.atMs)
      .at(0);
    if (expiring !== undefined && (message === undefined || expiring.goodTillMs <= message.atMs)) {
      end(run, expiring, 'expired', 'good till', expiring.goodTillMs);
    } else if (message !== undefined) {
      run.state.messages.splice(run.state.messages.indexOf(message), 1);
      deliver(run, message);
    } else return;
  }
}

function deliver(run: NaiveRun, message: NaiveMessage): void {
  const { atMs } = message;
  run.state.rulesMs = atMs;
  if (message.kind === 'protect') {
    protect(run, message.slot, message.protection, atMs);
    return;
  }
  const order = orderOf(run, message.name);
  if (order === undefined) return;
  if (message.kind === 'order' && order.status === 'open') arriveAt(run, order, atMs);
  if (message.kind === 'cancel') end(run, order, 'cancelled', 'by request', atMs);
  if (message.kind !== 'amend') return;
  const refusal = amend(run, order, message.changes, atMs);
  if (refusal !== '') refuse(run, order.slot, `${message.name}.amend`, refusal);
}

/** 9.1: what is held is cancelled at once. */
function post(run: NaiveRun, message: NaiveMessage, timeMs: number): void {
  const isAtOnce = message.atMs === timeMs || (message.kind === 'cancel' && orderOf(run, message.name)?.isHeld === true);
  if (isAtOnce) deliver(run, { ...message, atMs: timeMs });
  else run.state.messages.push(message);
}

/** 3.4, 4.3: an order of its own in the result says what could not be done. */
function refuse(run: NaiveRun, slot: number, stem: string, reason: NaiveReason): void {
  const count = run.state.orders.filter(({ name }) => name === stem || name.startsWith(`${stem}.`)).length;
  const wish = { name: count === 0 ? stem : `${stem}.${count + 1}`, kind: 'market', side: 1, sizeLots: 0 } as const;
  run.state.orders.push(newOrder(wish, { instrument: instrumentOfSlot(run, slot), slot, role: 'amend', status: 'rejected', reason }));
}

/** 3.4: why it is refused, whole; '' where it is done. A trigger, a group, a good-till and the day of an on-open order stay as they are. */
function amend(run: NaiveRun, order: NaiveOrder, changes: ProgramChanges, timeMs: number): NaiveReason {
  if (order.status !== 'open') return 'ended';
  const { limitPrice, stopPrice, touchPrice, sizeLots } = changes;
  const isForeign =
    (limitPrice !== undefined && Number.isNaN(order.limitPrice)) ||
    (stopPrice !== undefined && Number.isNaN(order.stopPrice)) ||
    (touchPrice !== undefined && Number.isNaN(order.touchPrice));
  if (isForeign) return 'no such price';
  if (sizeLots !== undefined && order.isHeld) return 'held';
  const isPriced = limitPrice !== undefined || stopPrice !== undefined || touchPrice !== undefined;
  if (sizeLots === 0 && order.filledLots === 0) return 'below one lot';
  if (isPriced && !order.isHeld && order.role === 'own' && isMisplaced(run, { ...order, ...changes })) return 'wrong side';
  const left = (sizeLots ?? order.sizeLots) - order.filledLots;
  const against = -order.side * projectedLots(run, order.slot, order);
  const isDearer = costPrice({ ...order, ...changes }) > costPrice(order) && order.wish.reduceOnly !== true && left > against;
  if (!order.isHeld && left > 0 && (isDearer || (sizeLots ?? 0) > order.sizeLots)) {
    const { refusal } = judgeSize(run, order, { lots: left, price: statedPrice(run, { ...order, ...changes }) });
    if (refusal !== '') return refusal;
  }
  const keepsPlace = !isPriced && sizeLots !== undefined && sizeLots < order.sizeLots;
  order.limitPrice = limitPrice ?? order.limitPrice;
  order.stopPrice = stopPrice ?? order.stopPrice;
  order.touchPrice = touchPrice ?? order.touchPrice;
  order.sizeLots = sizeLots ?? order.sizeLots;
  if (order.filledLots > 0 && order.sizeLots <= order.filledLots) {
    end(run, order, 'filled', '', timeMs);
    releaseHeld(run, order, timeMs, run.state.lastPrices[order.instrument]);
  }
  if (keepsPlace || order.isHeld || order.status !== 'open') return '';
  order.sequence = run.state.nextSequence++;
  if (run.latencies.orderMs(idOf(run, order)) === 0) order.atOnceMs = timeMs;
  order.liveMs = Math.max(order.liveMs, timeMs);
  order.eventsSeen = 0;
  rest(order, order.liveMs);
  return '';
}

function act(run: NaiveRun, action: ProgramAction, timeMs: number): void {
  const { instrument } = action;
  const slot = slotOf(run.program, instrument, legOf(action));
  const position = projectedLots(run, slot);
  if (action.kind === 'place') place(run, newOrder(pricedOnTick(run, instrument, action.order), { instrument, slot }), timeMs);
  // 10.1, 10.9: a close is a market order of the size that the position will have, and only reduces; or several that come to it.
  const parts = action.kind === 'close' ? partsOf(run, instrument, Math.abs(position)) : [];
  const leg = legOf(action);
  for (const [k, sizeLots] of parts.entries()) {
    const name = k === parts.length - 1 ? nameOf(action) : `${nameOf(action)}.part${k + 1}`;
    const wish = { name, kind: 'market', side: -Math.sign(position) as ProgramSide, sizeLots, reduceOnly: true } as const;
    place(run, newOrder({ ...wish, ...(leg && { leg }) }, { instrument, slot }), timeMs);
  }
  if (action.kind === 'oneCancelsOther') group(run, action.names, timeMs);
  if (action.kind === 'protect') {
    const atMs = timeMs + run.latencies.protectionMs(run.state.protectCount++);
    post(run, { atMs, kind: 'protect', slot, protection: protectionOnTick(run, instrument, action.protection) }, timeMs);
  }
  if (action.kind !== 'cancel' && action.kind !== 'amend') return;
  const { name } = action;
  const order = orderOf(run, name);
  if (order === undefined) return;
  const id = idOf(run, order);
  if (action.kind === 'cancel') post(run, { atMs: timeMs + run.latencies.cancelMs(id), kind: 'cancel', name }, timeMs);
  else post(run, { atMs: timeMs + run.latencies.orderMs(id), kind: 'amend', name, changes: changesOnGrid(run, action) }, timeMs);
}

function legOf(action: ProgramAction): ProgramLeg | undefined {
  return action.kind === 'place' ? action.order.leg : 'leg' in action ? action.leg : undefined;
}

function nameOf(action: ProgramAction): string {
  return 'name' in action ? action.name : '';
}

/** 10.8: an amend's prices and size lie on the tick and lot in force when it is asked for. */
function changesOnGrid(run: NaiveRun, { name, changes }: ProgramAction & { readonly kind: 'amend' }): ProgramChanges {
  const instrument = orderOf(run, name)?.instrument ?? 0;
  const { sizeLots, ...prices } = changes;
  const onTick = Object.entries(prices).map(([which, price]) => [which, nearest(run, instrument, BigInt(price), 1n)]);
  return { ...Object.fromEntries(onTick), ...(sizeLots === undefined ? {} : { sizeLots: onLot(run, instrument, sizeLots) }) };
}

/** 4.5; 3.4: a wish that names an order that was never sent is none. */
function place(run: NaiveRun, order: NaiveOrder, timeMs: number): void {
  if (order.wish.after !== undefined && orderOf(run, order.wish.after) === undefined) return;
  run.state.orders.push(order);
  if (!isAllowed(order, timeMs)) end(run, order, 'rejected', 'not allowed', timeMs);
  else if (order.wish.after === undefined) send(run, order, timeMs, run.state.lastPrices[order.instrument]);
  else if (orderOf(run, order.wish.after)?.status === 'open') {
    order.isHeld = true;
    if (typeof order.wish.timeInForce === 'object') order.goodTillMs = order.wish.timeInForce.goodTillMs;
  } else end(run, order, 'rejected', 'the order before it ended', timeMs);
}

/** 4.4: where one of them has ended already, the others are cancelled at once. */
function group(run: NaiveRun, names: readonly string[], timeMs: number): void {
  const members = names.map((name) => orderOf(run, name)).filter((order) => order !== undefined);
  if (members.some(({ status }) => status !== 'open')) {
    for (const order of members) end(run, order, 'cancelled', 'another was filled', timeMs);
    return;
  }
  run.state.groups.push(members.map(({ name }) => name));
}

/** 4.3 */
function protect(run: NaiveRun, slot: number, protection: ProgramProtection, timeMs: number): void {
  const position = positionLots(run, slot);
  if (position === 0) {
    const role = protection.stopLoss !== undefined ? 'stopLoss' : protection.takeProfit !== undefined ? 'takeProfit' : 'trail';
    refuse(run, slot, `protect.${slot}.${role}`, 'nothing to protect');
    return;
  }
  for (const order of run.state.orders)
    if (order.follows === 'position' && order.slot === slot) end(run, order, 'cancelled', 'replaced', timeMs);
  const average = run.state.means[slot];
  const trailFrom = run.state.lastPrices[instrumentOfSlot(run, slot)];
  const side = Math.sign(position) as ProgramSide;
  addProtection(run, { wish: protection, side, average, trailFrom, timeMs, stampMs: timeMs, slot, parent: '' });
}
