/**
 * Owns which rules of a venue the naive broker has in force, and what prices and sizes they make of what is asked.
 * Written from engine/broker/RULES.md 10.2, 10.8 and 10.9 alone. Never decides whether a price fills an order.
 */

import type { NaiveSize } from './naive-admission.ts';
import { compare, type Decimal, decimal, floored, multiply, negated } from './naive-decimal.ts';
import type { NaiveRun } from './naive-orders.ts';
import type { ProgramLevel, ProgramOrder, ProgramProtection, ProgramTrailStage } from './program.ts';
import type { ProgramRules } from './program-rules.ts';

/** 10.8: the last that were stated for the moment. */
export function rulesOf(run: NaiveRun, instrument: number): ProgramRules {
  const { rules, feeRateMaker, feeRateTaker } = run.program.instruments[instrument];
  const inForce = rules?.filter(({ fromMs }) => fromMs <= run.state.rulesMs).at(-1);
  return inForce ?? { fromMs: 0, tickStep: 1, lotStep: 1, minimumNotional: '0', feeRateMaker, feeRateTaker };
}

/** The lowest price on the tick at or above. */
export function upTo(run: NaiveRun, instrument: number, price: Decimal): number {
  return 0 - downTo(run, instrument, negated(price));
}

/** The highest price on the tick at or below. */
export function downTo(run: NaiveRun, instrument: number, price: Decimal): number {
  const { tickStep } = rulesOf(run, instrument);
  return Math.floor(floored(price) / tickStep) * tickStep;
}

/** The price on the tick that is nearest to a fraction, a half upwards. */
export function nearest(run: NaiveRun, instrument: number, numerator: bigint, denominator: bigint): number {
  const { tickStep } = rulesOf(run, instrument);
  const steps = denominator * BigInt(tickStep);
  return Number((2n * numerator + steps) / (2n * steps)) * tickStep;
}

/** The size on the lot, no larger. */
export function onLot(run: NaiveRun, instrument: number, lots: number): number {
  const { lotStep } = rulesOf(run, instrument);
  return Math.floor(lots / lotStep) * lotStep;
}

export function isBelowMinimum(run: NaiveRun, instrument: number, { lots, price }: NaiveSize): boolean {
  const { tick, lot, multiplier } = run.program.instruments[instrument];
  const notional = multiply(decimal(price), decimal(tick), decimal(lots), decimal(lot), decimal(multiplier));
  return compare(notional, decimal(rulesOf(run, instrument).minimumNotional)) < 0;
}

/** 10.9: sizes of the orders that a close goes out in, the largest first. */
export function partsOf(run: NaiveRun, instrument: number, lots: number): number[] {
  const { maximumLots } = rulesOf(run, instrument);
  const most = maximumLots === undefined ? lots : onLot(run, instrument, maximumLots);
  const parts: number[] = [];
  for (let left = lots; left > 0; left -= most) parts.push(Math.min(left, most));
  return parts;
}

/** 10.8: the prices that an order states, on the tick in force when it is asked for. */
export function pricedOnTick(run: NaiveRun, instrument: number, order: ProgramOrder): ProgramOrder {
  const { limitPrice, stopPrice, touchPrice, stages } = order;
  const onTick = (price: number): number => nearest(run, instrument, BigInt(price), 1n);
  return {
    ...order,
    ...protectionOnTick(run, instrument, order),
    ...(limitPrice === undefined ? {} : { limitPrice: onTick(limitPrice) }),
    ...(stopPrice === undefined ? {} : { stopPrice: onTick(stopPrice) }),
    ...(touchPrice === undefined ? {} : { touchPrice: onTick(touchPrice) }),
    ...(stages === undefined ? {} : { stages: stagesOnTick(run, instrument, stages) }),
  };
}

export function protectionOnTick(run: NaiveRun, instrument: number, { stopLoss, takeProfit, trail }: ProgramProtection): ProgramProtection {
  const level = (given: ProgramLevel): ProgramLevel =>
    'price' in given ? { price: nearest(run, instrument, BigInt(given.price), 1n) } : given;
  return {
    ...(stopLoss === undefined ? {} : { stopLoss: level(stopLoss) }),
    ...(takeProfit === undefined ? {} : { takeProfit: 'length' in takeProfit ? takeProfit : level(takeProfit) }),
    ...(trail === undefined ? {} : { trail: stagesOnTick(run, instrument, trail) }),
  };
}

function stagesOnTick(run: NaiveRun, instrument: number, stages: readonly ProgramTrailStage[]): ProgramTrailStage[] {
  return stages.map((stage) =>
    typeof stage.activation === 'number' ? { ...stage, activation: nearest(run, instrument, BigInt(stage.activation), 1n) } : stage,
  );
}
