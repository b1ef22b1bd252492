/** Owns the synchronous driver: plays a recorded tape through step to its end. Never waits. */
import type { SimulatedBroker } from './broker/simulated/simulated-broker.ts';
import { endEvent } from './event.ts';
import type { Leap } from './leap.ts';
import type { RunState } from './run-state.ts';
import type { RunSettings } from './settings.ts';
import { step } from './step.ts';
import { isQuiet, playStretch } from './stretch.ts';

/** Rows between two notes of progress: rare enough to cost nothing, often enough to tell where a strategy hangs. */
export const progressRows = 1_024;
/** Rows of one call where nobody watches: calls so few that the loop over them is not worth compiling. */
const unwatchedRows = 16_384;

/** What is replayed; leap: null where every bar is played. */
export interface Replayed {
  readonly run: RunState;
  readonly broker: SimulatedBroker;
  readonly leap: Leap | null;
}

/** Plays every event of the window. progress: [rows played, rows in all], shared with whoever shows it. */
export function replay(replayed: Replayed, progress: Int32Array | null): void {
  const { run } = replayed;
  const rows = progress === null ? unwatchedRows : progressRows;
  while (playTo(replayed, run.feed.row + rows)) {
    if (progress !== null) Atomics.store(progress, 0, run.feed.row);
  }
}

/** Plays events up to a row; false where the tape ended before it. */
function playTo({ run, broker, leap }: Replayed, row: number): boolean {
  const { feed } = run;
  while (feed.row < row) {
    if (leap?.play(row)) continue;
    if (isQuiet(run)) {
      playStretch(run);
      continue;
    }
    const event = feed.next(broker.wantsOpens);
    if (event === endEvent) return false;
    step(run, event);
  }
  return true;
}

/** Ends the run as its semantics say: positions stay open, marked at the last close, or are closed there; what rests expires. */
export function finish(run: RunState, broker: SimulatedBroker, settings: RunSettings): void {
  const { feed, portfolio } = run;
  const endOfRun = run.isRuined ? 'closeAtLastClose' : settings.semantics.endOfRun;
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
    if (run.isRuined) portfolio.ledger.writeOff();
    run.held?.cut(feed.row);
    run.equityQuote.fill(portfolio.equityAtCloses(), feed.row);
  }
  const reason = run.isRuined ? 'the account was ruined' : 'the tape ended';
  for (const order of run.openOrders.toArray()) run.end(order, 'expire', reason);
  run.finishExposure();
}
