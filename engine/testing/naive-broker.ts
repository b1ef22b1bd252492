/**
 * Owns the naive broker: a slow second implementation that plays a program event by event. Written from engine/broker/RULES.md
 * and DESIGN §3 alone, before any comparison; where they are silent a comment "Reading" says what was taken. Never imports the engine's broker.
 */

import { decimal, textOf } from './naive-decimal.ts';
import { type BarPlace, barOf } from './naive-judging.ts';
import { matchBars, matchOpens } from './naive-matching.ts';
import {
  end,
  type NaiveFill,
  type NaiveOrder,
  type NaiveReason,
  type NaiveRun,
  type NaiveStatus,
  newOrder,
  orderOf,
  positionLots,
  send,
} from './naive-orders.ts';
import { addProtection, ageTarget } from './naive-protections.ts';
import type { Program, ProgramAction, ProgramChanges, ProgramSide } from './program.ts';

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
  /** By instrument, signed. */
  readonly positionsLots: readonly number[];
  /** Under path: those that would have been. */
  readonly ambiguousBars: readonly BarPlace[];
}

/** A cancel or an amend on its way. */
interface Message {
  readonly atMs: number;
  readonly name: string;
  readonly changes: ProgramChanges | null;
}

export function playNaively(program: Program): NaiveResult {
  const count = program.instruments.length;
  const run: NaiveRun = {
    program,
    state: {
      orders: [],
      fills: [],
      cash: decimal(program.account.cash),
      lots: Array.from({ length: count }, () => []),
      lastPrices: Array.from({ length: count }, () => Number.NaN),
      drawn: program.instruments.map(({ bars }) => bars.map(() => 0)),
      nextSequence: 0,
      nextGroup: 1,
      ambiguous: [],
    },
  };
  const messages: Message[] = [];
  let lastMs = 0;
  for (const { timeMs, opens, closes } of eventsOf(program)) {
    lastMs = timeMs;
    if (closes.length > 0) playCloses(run, closes, timeMs, messages);
    if (opens.length > 0) playOpens(run, opens, timeMs, messages);
  }
  for (const order of run.state.orders) end(run, order, 'expired', 'the tape ended', lastMs);
  return {
    fills: run.state.fills,
    orders: run.state.orders.map(({ name, instrument, status, reason, filledLots }) => ({ name, instrument, status, reason, filledLots })),
    cash: textOf(run.state.cash),
    positionsLots: program.instruments.map((_, i) => positionLots(run, i)),
    ambiguousBars: run.state.ambiguous.map((name) => {
      const [instrument, bar] = name.split(':').map(Number);
      return { instrument, bar };
    }),
  };
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

function playOpens(run: NaiveRun, batch: readonly BarPlace[], timeMs: number, messages: Message[]): void {
  for (const place of batch) run.state.lastPrices[place.instrument] = barOf(run, place).open;
  arrive(run, timeMs, messages);
  for (const order of run.state.orders)
    if (order.status === 'open' && batch.some(({ instrument }) => instrument === order.instrument)) ageTarget(order, timeMs);
  matchOpens(run, batch, timeMs);
}

/** 3.2, 3.4: what is due before the close comes before matching; what is due exactly then, after it; then the strategy. */
function playCloses(run: NaiveRun, batch: readonly BarPlace[], timeMs: number, messages: Message[]): void {
  for (const place of batch) run.state.lastPrices[place.instrument] = barOf(run, place).close;
  // Times are whole milliseconds.
  arrive(run, timeMs - 1, messages);
  matchBars(run, batch, timeMs);
  arrive(run, timeMs, messages);
  for (const action of run.program.actions)
    if (batch.some(({ instrument, bar }) => instrument === action.instrument && bar === action.bar)) act(run, action, timeMs, messages);
}

/** Expiries, cancels and amends up to a time, in the order of their times. Reading: at one time expiries come first. */
function arrive(run: NaiveRun, upToMs: number, messages: Message[]): void {
  for (;;) {
    const expiring = run.state.orders
      .filter((order) => order.status === 'open' && !order.isHeld && order.goodTillMs <= upToMs)
      .sort((a, b) => a.goodTillMs - b.goodTillMs)
      .at(0);
    const message = messages
      .filter(({ atMs }) => atMs <= upToMs)
      .sort((a, b) => a.atMs - b.atMs)
      .at(0);
    if (expiring !== undefined && (message === undefined || expiring.goodTillMs <= message.atMs)) {
      end(run, expiring, 'expired', 'good till', expiring.goodTillMs);
    } else if (message !== undefined) {
      messages.splice(messages.indexOf(message), 1);
      deliver(run, message);
    } else return;
  }
}

function deliver(run: NaiveRun, { name, changes, atMs }: Message): void {
  const order = orderOf(run, name);
  if (order === undefined) return;
  if (changes === null) end(run, order, 'cancelled', 'by request', atMs);
  else amend(run, order, changes, atMs);
}

/** 3.4. Readings: a change of a price that the order's kind does not have is refused whole; a trigger, a group and a good-till stay as they are. */
function amend(run: NaiveRun, order: NaiveOrder, changes: ProgramChanges, timeMs: number): void {
  if (order.status !== 'open') return;
  const { limitPrice, stopPrice, touchPrice, sizeLots } = changes;
  const isForeign =
    (limitPrice !== undefined && Number.isNaN(order.limitPrice)) ||
    (stopPrice !== undefined && Number.isNaN(order.stopPrice)) ||
    (touchPrice !== undefined && Number.isNaN(order.touchPrice));
  if (isForeign) return;
  const isPriced = limitPrice !== undefined || stopPrice !== undefined || touchPrice !== undefined;
  const keepsPlace = !isPriced && sizeLots !== undefined && sizeLots < order.sizeLots;
  order.limitPrice = limitPrice ?? order.limitPrice;
  order.stopPrice = stopPrice ?? order.stopPrice;
  order.touchPrice = touchPrice ?? order.touchPrice;
  order.sizeLots = sizeLots ?? order.sizeLots;
  if (order.sizeLots <= order.filledLots) end(run, order, 'filled', '', timeMs);
  if (keepsPlace || order.isHeld || order.status !== 'open') return;
  order.sequence = run.state.nextSequence++;
  order.sentMs = timeMs;
  order.liveMs = Math.max(order.liveMs, timeMs);
  order.opensSeen = 0;
  order.ahead = null;
}

function act(run: NaiveRun, action: ProgramAction, timeMs: number, messages: Message[]): void {
  const { instrument } = action;
  const position = positionLots(run, instrument);
  if (action.kind === 'place') place(run, newOrder(action.order, { instrument }), timeMs);
  if (action.kind === 'close' && position !== 0) {
    // Reading: a close is a market order of the position's size when sent, and only reduces.
    const wish = { name: action.name, kind: 'market', side: -Math.sign(position) as ProgramSide, sizeLots: Math.abs(position) } as const;
    place(run, newOrder({ ...wish, reduceOnly: true, latencyMs: action.latencyMs ?? 0 }, { instrument }), timeMs);
  }
  if (action.kind === 'cancel' || action.kind === 'amend') {
    const message = { atMs: timeMs + (action.latencyMs ?? 0), name: action.name, changes: action.kind === 'amend' ? action.changes : null };
    if (message.atMs === timeMs) deliver(run, message);
    else messages.push(message);
  }
  if (action.kind === 'oneCancelsOther') group(run, action.names, timeMs);
  if (action.kind === 'protect') protect(run, action, position, timeMs);
}

/** 4.5 */
function place(run: NaiveRun, order: NaiveOrder, timeMs: number): void {
  run.state.orders.push(order);
  const parent = order.wish.after === undefined ? undefined : orderOf(run, order.wish.after);
  if (order.wish.after === undefined || parent?.status === 'filled') send(run, order, timeMs);
  else if (parent?.status === 'open') order.isHeld = true;
  // Reading (4.5): the order before it had ended otherwise, or there is none.
  else end(run, order, 'cancelled', 'the order before it ended', timeMs);
}

/** 4.4. Reading: what had been filled or rejected before it was grouped cancels the others at once; what had ended otherwise does nothing. */
function group(run: NaiveRun, names: readonly string[], timeMs: number): void {
  const members = names.map((name) => orderOf(run, name)).filter((order) => order !== undefined);
  const id = run.state.nextGroup++;
  for (const order of members) order.group = id;
  const isOver = members.some((order) => order.filledLots > 0 || order.status === 'rejected');
  if (isOver) for (const order of members) if (order.filledLots === 0) end(run, order, 'cancelled', 'another was filled', timeMs);
}

/** 4.3. Readings: with no position it does nothing; a second one replaces the first; fractions and distances start from the average entry price. */
function protect(run: NaiveRun, action: ProgramAction & { readonly kind: 'protect' }, position: number, timeMs: number): void {
  const { instrument, protection } = action;
  if (position === 0) return;
  for (const order of run.state.orders)
    if (order.follows === 'position' && order.instrument === instrument) end(run, order, 'cancelled', 'by request', timeMs);
  const lots = run.state.lots[instrument];
  const numerator = lots.reduce((sum, lot) => sum + BigInt(lot.price) * BigInt(lot.lots), 0n);
  const average = { numerator, denominator: BigInt(Math.abs(position)) };
  const trailFrom = run.state.lastPrices[instrument];
  const side = Math.sign(position) as ProgramSide;
  addProtection(run, { wish: protection, side, average, trailFrom, timeMs, instrument, parent: '' });
}
