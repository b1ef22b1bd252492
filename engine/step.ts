/**
 * Owns THE flow: one event, next state. Every driver (replay, live) runs it unchanged; it never waits and never reads the clock.
 *
 *   feed.next ──► event ──► broker.advance ──► portfolio ──► mark ──► strategy ──► risk ──► broker.submit ──► record
 *    (clock)      open      fills, cancels,    cash, lots,   equity    onOrder      sizes,    rests until
 *                 bar       rejections          trades        row      onFill       refuses   a later event
 *                                                                      onBar
 *   where market orders fill at the close that decided: ──► broker.advance(after close) ──► equity row again ──► onOrder, onFill
 *
 * An order is never filled in the call that created it: advance comes first, and what the strategy sends rests until the next advance.
 */
import { afterCloseEvent, barEvent, type EventKind } from './event.ts';
import type { Order } from './model/order.ts';
import type { RunState } from './run-state.ts';

/** Plays the event the feed has just moved to. */
export function step(run: RunState, event: EventKind): void {
  if (run.retired.count > 0) run.recycle();
  if (run.keeper !== null) run.keeper.beforeEvent(event);
  run.broker.advance(event);
  if (event !== barEvent) {
    if (run.hasNews) run.deliverNews();
    return;
  }
  // What is sent on this close is of the rules that it brings.
  if (run.dated !== null) run.dated.moveTo(run.feed.timeMs);
  if (run.keeper !== null) run.keeper.afterMatching();
  if (run.feed.isRow) mark(run);
  if (run.hasNews) run.deliverNews();
  if (run.handlers.onBar !== undefined && isOnBarDue(run)) {
    run.handlers.onBar(run.context);
    if (run.hasNews) run.deliverNews();
  }
  if (run.fillsAtClose) afterClose(run);
}

/** What was sent at this close fills at it, and the equity row tells the cash and positions behind it. */
function afterClose(run: RunState): void {
  run.broker.advance(afterCloseEvent);
  if (run.feed.isRow) run.equityQuote[run.feed.row] = run.portfolio.equityAtCloses();
  if (run.hasNews) run.deliverNews();
}

function mark(run: RunState): void {
  const equityQuote = run.portfolio.equityAtCloses();
  run.equityQuote[run.feed.row] = equityQuote;
  if (run.keeper !== null) run.keeper.afterMarking(equityQuote);
  if (!run.canHalt) return;
  if (run.risk.observe(equityQuote, run.feed.timeMs)) enforce(run);
  else if (run.risk.isHalted && run.portfolio.heldCount > 0) closeLeftOpen(run);
}

/** Does what the account's new state wants: HALTED leaves nothing at rest and nothing held, REDUCING nothing at rest that adds to a position. */
export function enforce(run: RunState): void {
  const { isHalted } = run.risk;
  const reason = run.risk.restriction;
  for (const order of run.openOrders.toArray()) {
    if (isHalted || isEntry(run, order)) run.broker.cancel(order.id, reason);
  }
  if (!isHalted) return;
  for (let i = 0; i < run.portfolio.positionBase.length; i++) {
    if (run.portfolio.positionBase[i] !== 0) run.sendClosing(i, 'halt');
  }
}

/** Filled, it would add to the position held now, or open one. */
function isEntry(run: RunState, order: Order): boolean {
  return order.role === 'own' && !order.isReduceOnly && run.portfolio.positionBase[order.instrumentIndex] * order.side >= 0;
}

/** A closing that the account could not pay for is sent again when it can. */
function closeLeftOpen(run: RunState): void {
  for (let i = 0; i < run.portfolio.positionBase.length; i++) {
    if (run.risk.canClose(i)) run.sendClosing(i, 'halt');
  }
}

/** Once every declared column is defined: at each batch in which a declared series closed, unless wake conditions say otherwise. */
function isOnBarDue(run: RunState): boolean {
  if (!run.isReady) {
    if (!run.isWarm()) return false;
    run.isReady = true;
  }
  if (run.isAwake !== null && !run.isAwake()) return false;
  if (run.readsEverySeries) return true;
  const { batch, batchCount } = run.feed;
  for (let k = 0; k < batchCount; k++) if (batch[k].isDeclared) return true;
  return false;
}
