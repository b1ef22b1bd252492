/**
 * Owns what the naive broker's margin accounts set aside, owe and close: initial margin, interest, fees of borrowing, margin calls.
 * Written from engine/broker/RULES.md alone. Never matches.
 */
import { absolute, add, compare, type Decimal, decimal, divided, multiply, negated, rounded, subtract, zero } from './naive-decimal.ts';
import { feeOf, notionalOf } from './naive-ledger.ts';
import {
  dayMs,
  end,
  instrumentOfSlot,
  type NaiveOrder,
  type NaiveReason,
  type NaiveRun,
  newOrder,
  positionLots,
  projectedLots,
  slotsOf,
} from './naive-orders.ts';
import { isBelowMinimum, partsOf } from './naive-rules.ts';
import type { ProgramMargin, ProgramSide } from './program.ts';

/** 12.2 */
export function marginOf({ program, state }: NaiveRun, slot: number, lots: number, which: 'initial' | 'maintenance', at?: number): Decimal {
  const { margin } = program.account;
  if (margin === undefined || lots === 0) return zero;
  const instrument = slot % program.instruments.length;
  if (margin.per === 'contract')
    return multiply(decimal(Math.abs(lots)), decimal(program.instruments[instrument].lot), decimal(margin[which]));
  const price = at ?? state.lastPrices[instrument];
  return multiply(absolute(notionalOf(program, instrument, price, lots)), decimal(margin[which]));
}

/** 12.7: at the last known prices; as a bar closes, at the last closes. */
export function equityOf(run: NaiveRun, prices: readonly number[] = run.state.lastPrices): Decimal {
  return slotsOf(run.program).reduce((sum, slot) => {
    const held = positionLots(run, slot);
    const instrument = instrumentOfSlot(run, slot);
    return held === 0 ? sum : add(sum, notionalOf(run.program, instrument, prices[instrument], held));
  }, run.state.cash);
}

/** 10.7: with all positions and, as it is sent, the market orders on their way. before: what this order finds of its own. */
export interface MarginDeal {
  readonly before: number;
  readonly lots: number;
  readonly price: number;
  /** Equity behind its fee. */
  readonly left: Decimal;
  readonly isAtFill: boolean;
}
export function marginRefusal(run: NaiveRun, order: NaiveOrder, { before, lots, price, left, isAtFill }: MarginDeal): NaiveReason {
  const { slot, side } = order;
  if (run.program.account.margin === undefined) return '';
  const after = before + side * lots;
  if (before * side < 0 && after * side <= 0) return '';
  if (run.state.isCalled) return 'margin call';
  const needed = slotsOf(run.program).reduce((sum, one) => {
    const held = isAtFill ? positionLots(run, one) : projectedLots(run, one, order);
    return add(sum, one === slot ? marginOf(run, one, held + side * lots, 'initial', price) : marginOf(run, one, held, 'initial'));
  }, zero);
  return compare(needed, left) > 0 ? 'beyond the margin' : '';
}

/** 12.3: periods that have ended by a time, each on what stands then. */
export function accrue(run: NaiveRun, upToMs: number): void {
  const { margin } = run.program.account;
  if (margin === undefined) return;
  const periodMs = margin.accrual === 'day' ? dayMs : dayMs / 24;
  const { state } = run;
  if (Number.isNaN(state.accruedToMs)) state.accruedToMs = Math.floor(upToMs / periodMs) * periodMs;
  while (state.accruedToMs + periodMs <= upToMs) {
    state.accruedToMs += periodMs;
    charge(run, margin);
  }
}

function charge(run: NaiveRun, margin: ProgramMargin): void {
  const { state, program } = run;
  const forPeriod = (amount: Decimal, rate: string): Decimal =>
    divided(multiply(amount, decimal(rate)), decimal(margin.accrual === 'day' ? 365 : 365 * 24), program.account.quoteDecimals);
  if (compare(state.cash, zero) < 0) {
    const interest = forPeriod(negated(state.cash), margin.interest);
    state.cash = subtract(state.cash, interest);
    state.interest = add(state.interest, interest);
  }
  for (const slot of slotsOf(program)) {
    const held = positionLots(run, slot);
    const instrument = instrumentOfSlot(run, slot);
    if (held >= 0) continue;
    const fee = forPeriod(notionalOf(program, instrument, state.lastCloses[instrument], -held), margin.borrow);
    state.cash = subtract(state.cash, fee);
    state.borrowFees = add(state.borrowFees, fee);
  }
}

/** 12.5, as a bar closes. */
export function callMargin(run: NaiveRun, timeMs: number): void {
  const { margin } = run.program.account;
  if (margin === undefined) return;
  const slots = slotsOf(run.program).filter((slot) => positionLots(run, slot) !== 0);
  const { lastPrices, lastCloses } = run.state;
  // Before the first close, the open.
  const closes = lastCloses.map((close, i) => (Number.isNaN(close) ? lastPrices[i] : close));
  const closeOf = (slot: number): number => closes[instrumentOfSlot(run, slot)];
  const maintained = (some: readonly number[]): Decimal =>
    some.reduce((sum, slot) => add(sum, marginOf(run, slot, positionLots(run, slot), 'maintenance', closeOf(slot))), zero);
  const equity = equityOf(run, closes);
  run.state.isCalled = (slots.length > 0 || run.state.isCalled) && compare(equity, maintained(slots)) < 0;
  if (!run.state.isCalled) return;
  for (const order of run.state.orders.slice()) if (isIncreasing(run, order)) end(run, order, 'cancelled', 'margin call', timeMs);
  // What market orders on their way close counts as closed.
  const isClosing = (slot: number): boolean => projectedLots(run, slot) * positionLots(run, slot) <= 0;
  const byLoss = slots.toSorted((a, b) => compare(unrealised(run, a, closeOf(a)), unrealised(run, b, closeOf(b))) || a - b);
  const inTurn = [...byLoss.filter(isClosing), ...byLoss.filter((slot) => !isClosing(slot))];
  let left = equity;
  for (const [i, slot] of inTurn.entries()) {
    const isRestored = margin.rule === 'largestLossFirst' && compare(maintained(inTurn.slice(i)), left) <= 0;
    if (isRestored && !isClosing(slot)) return;
    const lots = Math.abs(positionLots(run, slot));
    const instrument = instrumentOfSlot(run, slot);
    const notional = notionalOf(run.program, instrument, closeOf(slot), lots);
    const fee = feeOf(run, instrument, { notional: rounded(notional, run.program.account.quoteDecimals), lots, isMaker: false });
    left = subtract(left, add(fee, liquidationFee(run, notional)));
    if (!isClosing(slot)) liquidate(run, slot, timeMs);
  }
}

export function liquidationFee({ program: { account } }: NaiveRun, notional: Decimal): Decimal {
  return account.margin === undefined ? zero : rounded(multiply(notional, decimal(account.margin.liquidationFee)), account.quoteDecimals);
}

/** 10.9: in as many orders as the maximum quantity takes, of which the venue may find each too small (10.2). */
function liquidate(run: NaiveRun, slot: number, timeMs: number): void {
  const held = positionLots(run, slot);
  const instrument = instrumentOfSlot(run, slot);
  const stem = `liquidation.${slot}`;
  const left = Math.min(Math.abs(held), projectedLots(run, slot) * Math.sign(held));
  for (const sizeLots of partsOf(run, instrument, left)) {
    const count = run.state.orders.filter(({ name }) => name === stem || name.startsWith(`${stem}.`)).length;
    const name = count === 0 ? stem : `${stem}.${count + 1}`;
    const wish = { name, kind: 'market', side: -Math.sign(held) as ProgramSide, sizeLots, reduceOnly: true } as const;
    const sequence = run.state.nextSequence++;
    const isLast = sizeLots === projectedLots(run, slot) * Math.sign(held);
    const order = newOrder(wish, { instrument, slot, role: 'liquidation', sentMs: timeMs, liveMs: timeMs, sequence });
    run.state.orders.push(order);
    const price = run.state.lastPrices[instrument];
    if (!isLast && isBelowMinimum(run, instrument, { lots: sizeLots, price })) end(run, order, 'rejected', 'below the minimum', timeMs);
  }
}

/** It would open, add to or turn the position held now. */
function isIncreasing(run: NaiveRun, { status, isHeld, role, wish, slot, side, sizeLots, filledLots }: NaiveOrder): boolean {
  // What is held is judged when it is sent.
  if (status !== 'open' || isHeld || role !== 'own' || wish.reduceOnly === true) return false;
  const held = positionLots(run, slot);
  return held * side >= 0 || sizeLots - filledLots > Math.abs(held);
}

/** 12.8: of the entries still open, first in, first out; in ticks and lots of the instrument's size. */
function unrealised(run: NaiveRun, slot: number, close: number): Decimal {
  const instrument = instrumentOfSlot(run, slot);
  return run.state.entries[slot].reduce(
    (sum, { side, price, lots }) => add(sum, multiply(decimal(side), notionalOf(run.program, instrument, close - price, lots))),
    zero,
  );
}
