/** Owns reading a finished sweep for those who judge it: its trials that were played, in the order of its own objective. Never judges. */
import { findSweep, loadSweepHead, loadSweepTrials, type StoredTrial } from '../../data/stores/sweep-store.ts';
import { ledgerEntry } from '../../data/stores/trial-ledger.ts';
import { GateError } from '../../engine/errors.ts';
import { Ranking } from '../../engine/optimiser/ranking.ts';
import type { ParameterValues } from '../../engine/parameters.ts';
import { finishedEnd } from './sweep-report.ts';
import type { SweepDetails, SweepEnd } from './sweep-scenario.ts';

export interface StoredSweep {
  readonly id: string;
  readonly name: string;
  readonly details: SweepDetails;
  readonly end: SweepEnd;
  /** Those that were played, by index; one or more. */
  readonly played: readonly StoredTrial[];
  /** Closes of the last bar of each UTC day. */
  readonly dayMs: Float64Array;
  readonly ranking: Ranking;
  /** Place in played of the best. */
  readonly best: number;
  parametersOf(trial: StoredTrial): ParameterValues;
}

/** The sweep a user means. RUN_NOT_FOUND where there is none of that name; CHECK_FAILED where it was stopped, or none of its trials was played. */
export function loadStoredSweep(home: string, wanted: string): StoredSweep {
  const id = findSweep(home, wanted);
  const { name, details } = loadSweepHead<SweepDetails>(home, id);
  const end = finishedEnd(home, id);
  const { trials, dayMs } = loadSweepTrials(home, id);
  const played = trials.filter(({ failure }) => failure === null).sort((a, b) => a.index - b.index);
  if (played.length === 0) {
    const failure = trials[0]?.failure;
    const first = failure ? `, the first with ${failure.code}: ${failure.message}` : '';
    throw new GateError('CHECK_FAILED', `sweep ${id} has nothing to judge: all its trials failed${first}`, { sweep: id });
  }
  const ranking = new Ranking(details.search.objective, details.search.constraints);
  const parametersOf: StoredSweep['parametersOf'] = ({ trialHash }) =>
    (ledgerEntry(home, id)?.head.trials.find((trial) => trial.trialHash === trialHash)?.parameters ?? {}) as ParameterValues;
  return { id, name, details, end, played, dayMs, ranking, best: ranking.order(played)[0], parametersOf };
}
