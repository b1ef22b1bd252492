/**
 * Owns how a trailing stop of the naive broker follows the price. Written from engine/broker/RULES.md alone. Never decides whether a price fills it.
 */
import { add, type Decimal, decimal, multiply } from './naive-decimal.ts';
import type { NaiveOrder, NaiveRun } from './naive-orders.ts';
import { downTo, upTo } from './naive-rules.ts';
import type { ProgramOffset, ProgramTrailStage } from './program.ts';

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
