/** Owns threads that play parameter sets of one scenario under alterations of the run. Never judges what comes of it. */
import type { Alteration } from '../../engine/optimiser/alteration.ts';
import type { ParameterValues } from '../../engine/parameters.ts';
import type { PreparedRun } from '../prepare.ts';
import type { ReadScenario } from '../read.ts';
import type { SentError } from '../sent-error.ts';
import type { StrategyFacts } from './protocol.ts';
import { type SpecParts, specPartsOf } from './search-spec.ts';
import { type ThreadOptions, withThreads } from './threads.ts';

export interface AlteredRunsOptions extends ThreadOptions {
  /** Of every draw. */
  readonly seed: number;
}

/** What one parameter set came to under one alteration: metrics by metricNames, or why it failed. */
export type AlteredOutcome = Float64Array | SentError;

/** What is tried under one alteration: the sets that come next, on what came of all before; none once all were. */
export type NextSets = (before: readonly AlteredOutcome[]) => readonly ParameterValues[];

export interface AlteredSearch {
  /** Asked anew for each alteration. */
  readonly begin: () => NextSets;
  /** Sets at most, of one alteration. */
  readonly setCountMax: number;
}

/** Threads that are ready. */
export interface AlteredRuns {
  readonly prepared: PreparedRun;
  readonly home: string;
  /** What decides a search's trials, as the scenario is now. */
  readonly parts: SpecParts;
  readonly strategy: StrategyFacts;
  /** Plays under each alteration all that comes: one list for each, in their order; undefined where it was stopped before. */
  play(alterations: readonly Alteration[], search: AlteredSearch): Promise<(readonly AlteredOutcome[] | undefined)[]>;
  tradeReturns(parameters: ParameterValues): Promise<Float64Array>;
}

/** Starts threads, and ends them with the work. Which of them plays what reaches no result. */
export function withAlteredRuns<T>(read: ReadScenario, options: AlteredRunsOptions, work: (runs: AlteredRuns) => Promise<T>): Promise<T> {
  const { jobs, signal, seed } = options;
  return withThreads(read, options, async ({ prepared, home, pool, memoryBytes, tapeHashTo, endedCount, told }) => {
    const share = { seed, memoryBytes: Math.floor(memoryBytes / jobs) };
    const playOne = async (alteration: Alteration, next: NextSets): Promise<readonly AlteredOutcome[] | undefined> => {
      const outcomes: AlteredOutcome[] = [];
      for (;;) {
        const sets = next(outcomes);
        if (sets.length === 0) return outcomes;
        const altered = await pool.playAltered({ sets, alteration, ...share });
        if (altered.length < sets.length) return undefined;
        for (const outcome of altered) outcomes.push(outcome);
      }
    };
    const play: AlteredRuns['play'] = async (alterations, { begin, setCountMax }) => {
      const outcomes = new Array<readonly AlteredOutcome[] | undefined>(alterations.length).fill(undefined);
      let next = 0;
      const worker = async (): Promise<void> => {
        while (next < alterations.length && signal?.aborted !== true) {
          const place = next++;
          outcomes[place] = await playOne(alterations[place], begin());
        }
      };
      const progress = { before: -endedCount(), total: setCountMax * alterations.length };
      await told(progress, () => Promise.all(Array.from({ length: jobs }, worker)));
      return outcomes;
    };
    const strategy = await pool.describe();
    const parts = specPartsOf({ prepared, settings: read.scenario.search, tapeHashTo });
    return work({ prepared, home, parts, strategy, play, tradeReturns: (parameters) => pool.tradeReturns(parameters) });
  });
}

/** Sets that hang on no outcome. */
export function fixedSets(sets: readonly ParameterValues[]): AlteredSearch {
  return { begin: () => (before) => (before.length === 0 ? sets : []), setCountMax: sets.length };
}
