/**
 * Owns what protects an entry or a position in the naive broker: made from the entry's wish, as large as what is left of it.
 * Written from engine/broker/RULES.md alone. Never decides whether a price fills an order.
 */
import { add, decimal, multiply } from './naive-decimal.ts';
import { end, instrumentOfSlot, type NaiveOrder, type NaiveRun, newOrder, positionLots, rest } from './naive-orders.ts';
import { nearest } from './naive-rules.ts';
import { startTrail } from './naive-trails.ts';
import type { ProgramKind, ProgramLevel, ProgramOrder, ProgramProtection, ProgramSide } from './program.ts';

/** 4.1, 4.2: made at the first fill that opens; a later part only raises them. Reading: their prices stay those of the fill that made them. */
export function attach(
  run: NaiveRun,
  entry: NaiveOrder,
  { price, timeMs, stampMs }: { readonly price: number; readonly timeMs: number; readonly stampMs: number },
): void {
  const isProtected = run.state.orders.some((order) => order.follows === 'entry' && order.parent === entry.name && order.status === 'open');
  if (isProtected) return;
  const average = { numerator: BigInt(price), denominator: 1n };
  addProtection(run, {
    wish: entry.wish,
    side: entry.side,
    average,
    timeMs,
    stampMs,
    slot: entry.slot,
    parent: entry.name,
    trailFrom: price,
  });
}

export interface ProtectionMade {
  readonly wish: ProgramProtection;
  /** Of the position protected. */
  readonly side: ProgramSide;
  /** The price that fractions and distances start from. */
  readonly average: { readonly numerator: bigint; readonly denominator: bigint };
  readonly trailFrom: number;
  readonly timeMs: number;
  /** What its fill, or the request, is stamped with. */
  readonly stampMs: number;
  readonly slot: number;
  /** The entry; '' for the whole position. */
  readonly parent: string;
}

/** A stop (or trail) and a target, in this order. Reading: judged at its making, the step of age 0 is in force. */
export function addProtection(run: NaiveRun, made: ProtectionMade): void {
  const { wish, average, timeMs, slot, parent } = made;
  const side = -made.side as ProgramSide;
  const protection = (role: 'stopLoss' | 'trail' | 'takeProfit', kind: ProgramKind, fields: Partial<NaiveOrder>): NaiveOrder => {
    const stem = parent === '' ? `protect.${slot}` : parent;
    const count = run.state.orders.filter((order) => order.name.startsWith(`${stem}.${role}`)).length;
    const name = `${stem}.${role}${count === 0 ? '' : `.${count + 1}`}`;
    const follows = parent === '' ? 'position' : 'entry';
    const inner: ProgramOrder = {
      name,
      kind,
      side,
      sizeLots: 0,
      ...(role === 'trail' && wish.trail !== undefined ? { trail: wish.trail } : {}),
      ...(role === 'takeProfit' && wish.takeProfit !== undefined ? { takeProfit: wish.takeProfit } : {}),
    };
    const sequence = run.state.nextSequence++;
    const order = newOrder(inner, {
      instrument: instrumentOfSlot(run, slot),
      slot,
      role,
      follows,
      parent,
      sentMs: timeMs,
      liveMs: timeMs,
      restMs: timeMs,
      sequence,
      ...fields,
    });
    run.state.orders.push(order);
    return order;
  };
  if (wish.stopLoss !== undefined)
    protection('stopLoss', 'stop', { stopPrice: levelPrice(run, instrumentOfSlot(run, slot), wish.stopLoss, { average, sign: side }) });
  if (wish.trail !== undefined) startTrail(run, protection('trail', 'trailingStop', {}), made.trailFrom);
  if (wish.takeProfit !== undefined) {
    const target = protection('takeProfit', 'limit', { entryPrice: average, entryTimeMs: made.stampMs });
    if ('length' in wish.takeProfit) ageTarget(run, target, timeMs);
    else target.limitPrice = levelPrice(run, instrumentOfSlot(run, slot), wish.takeProfit, { average, sign: -side });
  }
  followSizes(run, slot, timeMs);
}

/** A fraction or distance towards sign; 4.2, 10.8: rounded to the nearest tick in force, a half upwards. */
function levelPrice(
  run: NaiveRun,
  instrument: number,
  level: ProgramLevel,
  { average, sign }: { readonly average: ProtectionMade['average']; readonly sign: number },
): number {
  if ('price' in level) return level.price;
  const { numerator, denominator } = average;
  if ('distance' in level) return nearest(run, instrument, numerator + BigInt(sign * level.distance) * denominator, denominator);
  const factor = add(decimal(1), multiply(decimal(sign), decimal(level.fraction)));
  return nearest(run, instrument, numerator * factor.units, denominator * 10n ** BigInt(factor.scale));
}

/** 4.2: the last step whose afterMs has passed since the entry's fill; none: no price yet. */
export function ageTarget(run: NaiveRun, target: NaiveOrder, timeMs: number): void {
  const steps = target.wish.takeProfit;
  if (target.role !== 'takeProfit' || steps === undefined || !('length' in steps)) return;
  const step = steps.filter(({ afterMs }) => Math.max(0, timeMs - target.entryTimeMs) >= afterMs).length - 1;
  // Reading (4.2, 10.8): a step's price is made once, as it comes into force.
  if (step === target.step) return;
  const before = target.limitPrice;
  target.step = step;
  target.limitPrice = levelPrice(
    run,
    target.instrument,
    { fraction: steps[step].fraction },
    { average: target.entryPrice, sign: -target.side },
  );
  // Reading (7.3): at another price it comes to rest anew.
  if (target.limitPrice !== before) rest(target, timeMs);
}

/** 4.1, 4.3: attached orders follow what is left of their entry; those of the position end when it is flat or turns, and shrink with it. */
export function followSizes(run: NaiveRun, slot: number, timeMs: number): void {
  for (const order of run.state.orders) {
    if (order.slot !== slot || order.follows === 'itself' || order.status !== 'open') continue;
    const lots = run.state.lots[slot].filter((lot) => lot.side === -order.side);
    const left = lots.filter((lot) => order.follows === 'position' || lot.entry === order.parent).reduce((sum, lot) => sum + lot.lots, 0);
    if (left === 0) end(run, order, 'cancelled', 'nothing left to protect', timeMs);
    else if (order.follows === 'entry') order.sizeLots = order.filledLots + left;
  }
}

/** 4.3: at every event the size is the position's. */
export function followPosition(run: NaiveRun): void {
  for (const order of run.state.orders)
    if (order.follows === 'position' && order.status === 'open')
      order.sizeLots = order.filledLots + Math.abs(positionLots(run, order.slot));
}
