/** Owns the wake check: a strategy called at every bar must send what it sends when only its wake conditions call it. Never samples: both runs are whole. */
import { type ChangedRecord, firstChangedRecord } from './first-change.ts';
import { type CheckInput, expectRuns, playObserved, tick } from './observed-run.ts';

export interface WakeReport {
  readonly check: 'wake';
  readonly passed: boolean;
  /** Calls of onBar without and with wake conditions; equal where none is declared. */
  readonly unfilteredCallCount: number;
  readonly denseCallCount: number;
  readonly orderCount: number;
  /** The first order or fill that depends on who calls; null where none does. Its words tell the change from unfiltered to dense. */
  readonly change: ChangedRecord | null;
}

export function checkWake(input: CheckInput): WakeReport {
  expectRuns(input, 2);
  const unfiltered = playObserved(input, { replay: 'unfiltered' });
  tick(input);
  const dense = playObserved(input, { replay: 'dense' });
  tick(input);
  const change = firstChangedRecord(unfiltered, dense, true);
  return {
    check: 'wake',
    passed: change === null,
    unfilteredCallCount: unfiltered.callsMs.length,
    denseCallCount: dense.callsMs.length,
    orderCount: unfiltered.orders.length,
    change,
  };
}
