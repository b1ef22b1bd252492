/** Owns the synchronous driver: plays a recorded tape through step to its end. Never waits. */
import type { SimulatedBroker } from './broker/simulated/simulated-broker.ts';
import { endEvent } from './event.ts';
import type { RunState } from './run-state.ts';
import type { RunSettings } from './settings.ts';
import { step } from './step.ts';

/** Rows between two notes of progress: rare enough to cost nothing, often enough to tell where a strategy hangs. */
export const progressRows = 1_024;

/** Plays every event of the window. progress: [rows played, rows in all], shared with whoever shows it. */
export function replay(run: RunState, broker: SimulatedBroker, progress: Int32Array | null): void {
  const { feed } = run;
  let nextNote = progress === null ? Number.POSITIVE_INFINITY : 0;
  for (;;) {
    const event = feed.next(broker.wantsOpens);
    if (event === endEvent) return;
    step(run, event);
    if (feed.row < nextNote) continue;
    Atomics.store(progress as Int32Array, 0, feed.row);
    nextNote = feed.row + progressRows;
  }
}

/** Ends the run as its semantics say: positions stay open, marked at the last close, or are closed there; what rests expires. */
export function finish(run: RunState, broker: SimulatedBroker, settings: RunSettings): void {
  const { endOfRun } = settings.semantics;
  const { feed, portfolio } = run;
  if (endOfRun !== 'keepOpen' && feed.row >= 0) {
    for (let i = 0; i < portfolio.positionBase.length; i++) {
      if (portfolio.positionBase[i] === 0) continue;
      const order = run.draftClosing(i, 'endOfRun');
      order.sizeBase = order.sizeAsked;
      run.openOrders.add(order);
    }
    // Each goes before all others, so the last goes first: they stand in instrument order.
    for (const order of run.openOrders.toArray().reverse()) if (order.role === 'endOfRun') broker.submitFirst(order);
    if (endOfRun === 'closeAtLastOpen') broker.replayLastBar();
    else broker.closeAtLastClose();
    run.equityQuote[feed.row] = portfolio.equityAtCloses();
  }
  for (const order of run.openOrders.toArray()) run.end(order, 'expired', 'the tape ended');
  run.finishExposure();
}
