/** Owns the course of a search over a window: batch after batch, each proposed on what came of the ones before. Never judges, and never stores. */
import type { LoggedTrials, StoredTrial } from '../../data/stores/sweep-store.ts';
import type { ParameterValues } from '../../engine/parameters.ts';
import type { NumberedSet } from './play-search.ts';
import type { TrialAnswer, TrialWindow } from './protocol.ts';
import type { Search } from './search.ts';

/** A trial that has ended, with what it was. */
export interface SearchTrial extends StoredTrial {
  readonly parameters: ParameterValues;
}

export interface CourseInput {
  /** Null for the whole of the scenario's. */
  readonly window: TrialWindow | null;
  /** What was played before the search was stopped. */
  readonly before?: LoggedTrials;
  /** Called as tasks come back, in whatever order. */
  readonly onTrials?: (trials: readonly StoredTrial[], dayMs: Float64Array) => void;
  readonly progress: { readonly before: number; readonly total: number };
}

export interface Course {
  /** By index; of one that was stopped those that have ended. */
  readonly trials: readonly SearchTrial[];
  /** Closes of the last bar of each UTC day. */
  readonly dayMs: Float64Array;
  /** Nothing is left to try. */
  readonly isWhole: boolean;
}

/** Plays every set that the search proposes. The batches are the same whatever was played before, by how many threads and in which order. */
export async function playCourse(search: Search, { window, before, onTrials, progress }: CourseInput): Promise<Course> {
  const known = new Map(before?.trials.map((trial) => [trial.index, trial]));
  let dayMs: Float64Array = before?.dayMs ?? new Float64Array(0);
  const trials: SearchTrial[] = [];
  for (;;) {
    const sets = nextSets(search, trials);
    if (sets.length === 0) return { trials, dayMs, isWhole: true };
    await search.play(
      {
        sets: sets.filter(({ index }) => !known.has(index)),
        window,
        onTrials: (ended, days) => {
          if (days.length > 0) dayMs = days;
          const stored = ended.map(({ index, answer }) => storedTrial(index, answer));
          for (const trial of stored) known.set(trial.index, trial);
          onTrials?.(stored, dayMs);
        },
      },
      progress,
    );
    const endedBefore = trials.length;
    for (const { index, parameters } of sets) {
      const trial = known.get(index);
      if (trial !== undefined) trials.push({ ...trial, parameters });
    }
    if (trials.length < endedBefore + sets.length) return { trials, dayMs, isWhole: false };
  }
}

function nextSets({ proposals, ranking }: Search, trials: readonly SearchTrial[]): NumberedSet[] {
  const ended = trials.map(({ parameters, metrics }) => ({
    parameters,
    score: ranking.scoreOf(metrics),
    keepsConstraints: ranking.keepsConstraints(metrics),
  }));
  return proposals.next(ended).map((parameters, k) => ({ index: trials.length + k, parameters }));
}

function storedTrial(index: number, { trialHash, metrics, dailyQuote, ambiguousBarCount, error }: TrialAnswer): StoredTrial {
  const failure = error === null ? null : { code: error.code === '' ? 'INTERNAL' : error.code, message: error.message };
  return { index, trialHash, metrics, dailyQuote, ambiguousBarCount, failure };
}

/** A trial's part of a search's hash: its own, or the code it failed with. */
export function outcomeText({ trialHash, failure }: StoredTrial): string {
  return failure === null ? trialHash : `failed ${failure.code}`;
}
