/**
 * Owns the course of a search over a window: rungs over ever longer parts of it, and batches, each proposed on what came of the ones before.
 * Never judges, and never stores.
 */
import type { LoggedTrials, StoredTrial } from '../../data/stores/sweep-store.ts';
import { rungCounts } from '../../engine/optimiser/halving.ts';
import type { ParameterValues } from '../../engine/parameters.ts';
import { placed } from '../placed.ts';
import type { NumberedSet } from './play-search.ts';
import type { TrialAnswer, TrialWindow } from './protocol.ts';
import { rungStretches, type Stretch } from './rungs.ts';
import type { Search } from './search.ts';

/** A trial that has ended, with what it was. */
export interface SearchTrial extends StoredTrial {
  readonly parameters: ParameterValues;
}

/** A trial with its parameters; its days stay where they are until somebody asks for them. */
export function triedWith(parameters: ParameterValues, trial: StoredTrial): SearchTrial {
  const { index, trialHash, metrics, ambiguousBarCount, failure } = trial;
  return {
    ...{ index, parameters, trialHash, metrics, ambiguousBarCount, failure },
    get dailyQuote() {
      return trial.dailyQuote;
    },
  };
}

/** What was played on one part of the window. */
export interface Rung {
  readonly window: Stretch;
  /** By index; of one that was stopped those that have ended. */
  readonly trials: readonly SearchTrial[];
  /** Closes of the last bar of each UTC day. */
  readonly dayMs: Float64Array;
}

export interface CourseInput {
  /** Null for the whole of the scenario's. */
  readonly window: TrialWindow | null;
  /** By rung what was played before the search was stopped. */
  readonly before?: (rung: number) => LoggedTrials;
  /** Called as tasks come back, in whatever order; what it returns is kept in their place. */
  readonly onTrials?: (rung: number, trials: readonly StoredTrial[], dayMs: Float64Array) => readonly StoredTrial[];
  readonly progress: { readonly before: number; readonly total: number };
}

export interface Course {
  /** Rungs that played parts of the window; none without halving. */
  readonly shorter: readonly Rung[];
  /** The rung that played the whole of it. */
  readonly whole: Rung;
  /** Nothing is left to try. */
  readonly isEnded: boolean;
}

/** Plays of one course at most. */
export function playCount({ proposals: { countMax }, settings: { halving } }: Search): number {
  return halving === undefined ? countMax : rungCounts(countMax, halving).reduce((sum, count) => sum + count, 0);
}

/** Plays every set that the search proposes. Batches and rungs are the same whatever was played before, by how many threads and in which order. */
export async function playCourse(search: Search, input: CourseInput): Promise<Course> {
  const { prepared, read, settings, proposals, tapeHashTo } = search;
  const { halving } = settings;
  const stretches = await placed(read, async () => rungStretches(prepared, halving, input.window ?? prepared.resolved.window));
  const rungs: Rung[] = [];
  let isEnded = true;
  for (const [k, stretch] of stretches.entries()) {
    const isWhole = k === stretches.length - 1;
    const window = isWhole ? input.window : { ...stretch, tapeHash: tapeHashTo(stretch.toMs) };
    const last = rungs.at(-1);
    const counts = halving === undefined ? [] : rungCounts(rungs[0]?.trials.length ?? proposals.countMax, halving);
    const next = (trials: readonly SearchTrial[]): readonly NumberedSet[] => {
      if (last === undefined) return nextBatch(search, trials);
      return trials.length === 0 ? promoted(search, last.trials, counts[k]) : [];
    };
    const played: PlayedRung = isEnded ? await playRung(search, { ...input, rung: k, window, next }) : nothingPlayed;
    rungs.push({ window: stretch, trials: played.trials, dayMs: played.dayMs });
    isEnded = played.isEnded;
  }
  return { shorter: rungs.slice(0, -1), whole: rungs[rungs.length - 1], isEnded };
}

interface PlayedRung extends Omit<Rung, 'window'> {
  readonly isEnded: boolean;
}

const nothingPlayed: PlayedRung = { trials: [], dayMs: new Float64Array(0), isEnded: false };

interface RungInput extends CourseInput {
  readonly rung: number;
  /** What is played after these; nothing where they were all. */
  readonly next: (trials: readonly SearchTrial[]) => readonly NumberedSet[];
}

async function playRung(search: Search, { rung, window, before, onTrials, progress, next }: RungInput): Promise<PlayedRung> {
  const logged = before?.(rung);
  const known = new Map(logged?.trials.map((trial) => [trial.index, trial]));
  let dayMs: Float64Array = logged?.dayMs ?? new Float64Array(0);
  const trials: SearchTrial[] = [];
  for (let sets = next(trials); sets.length > 0; sets = next(trials)) {
    await search.play(
      {
        sets: sets.filter(({ index }) => !known.has(index)),
        window,
        onTrials: (ended, days) => {
          if (days.length > 0) dayMs = days;
          const stored = ended.map(({ index, answer }) => storedTrial(index, answer));
          for (const trial of onTrials?.(rung, stored, dayMs) ?? stored) known.set(trial.index, trial);
        },
      },
      progress,
    );
    const endedBefore = trials.length;
    for (const { index, parameters } of sets) {
      const trial = known.get(index);
      if (trial !== undefined) trials.push(triedWith(parameters, trial));
    }
    if (trials.length < endedBefore + sets.length) return { trials, dayMs, isEnded: false };
  }
  return { trials, dayMs, isEnded: true };
}

function nextBatch({ proposals, ranking }: Search, trials: readonly SearchTrial[]): NumberedSet[] {
  const ended = trials.map(({ parameters, metrics }) => ({
    parameters,
    score: ranking.scoreOf(metrics),
    keepsConstraints: ranking.keepsConstraints(metrics),
  }));
  return proposals.next(ended).map((parameters, k) => ({ index: trials.length + k, parameters }));
}

/** The best of a rung by the objective alone, as many as the next has room for: constraints are of the whole window. What has failed on a part of the window would fail on a longer one. */
function promoted({ ranking }: Search, trials: readonly SearchTrial[], count: number): NumberedSet[] {
  const best = ranking.withoutConstraints.order(trials).filter((place) => trials[place].failure === null);
  return best
    .slice(0, count)
    .sort((a, b) => a - b)
    .map((place) => trials[place]);
}

function storedTrial(index: number, { trialHash, metrics, dailyQuote, ambiguousBarCount, error }: TrialAnswer): StoredTrial {
  const failure = error === null ? null : { code: error.code === '' ? 'INTERNAL' : error.code, message: error.message };
  return { index, trialHash, metrics, dailyQuote, ambiguousBarCount, failure };
}

/** A trial's part of a search's hash: its own, or the code it failed with. */
export function outcomeText({ trialHash, failure }: StoredTrial): string {
  return failure === null ? trialHash : `failed ${failure.code}`;
}
