/** Owns what the threads of a search tell one another. Columns and counters travel as shared memory, everything else is small. */
import type { ColumnValues } from '../../engine/columns.ts';
import type { Alteration } from '../../engine/optimiser/alteration.ts';
import type { ParameterSchema, ParameterValues } from '../../engine/parameters.ts';
import type { WorkerTask } from '../play-worker.ts';
import type { SentError } from '../sent-error.ts';

/** What every worker of a pool is given once. */
export interface SearchWorkerData extends Omit<WorkerTask, 'progress' | 'isMute'> {
  /** Hash of the bars, where no finer ones stand in for any. */
  readonly tapeHash: string;
  /** [1 once the search is to stop, trials ended]. */
  readonly control: Int32Array;
}

/** A column under its key, over shared memory. */
export interface SharedColumn extends ColumnValues {
  readonly key: string;
  /** Of this computing of it: its memory may be another's by the next. */
  readonly version: number;
}

/** Columns that were computed, and memory that was brought and not used. */
export interface ComputedColumns {
  readonly computed: readonly Omit<SharedColumn, 'version'>[];
  readonly unused: readonly Float64Array[];
}

/** A part of the scenario's window that trials are played in, and the hash of the bars up to its end. */
export interface TrialWindow {
  readonly fromMs: number;
  readonly toMs: number;
  readonly tapeHash: string;
}

/** slot: [place in sets of the set under way, 1 + sets ended once the task has begun]: what a thread that died was at. */
export type SearchTask =
  /** Name and parameters of the strategy. */
  | { readonly kind: 'describe' }
  /** Columns that trials of these parameter sets share. */
  | { readonly kind: 'plan'; readonly sets: readonly ParameterValues[]; readonly slot: Int32Array }
  | {
      readonly kind: 'columns';
      readonly slot: Int32Array;
      readonly parameters: ParameterValues;
      readonly wanted: readonly string[];
      readonly known: readonly SharedColumn[];
      /** Memory of columns that nobody reads any more. */
      readonly targets: readonly Float64Array[];
    }
  | {
      readonly kind: 'trials';
      readonly sets: readonly ParameterValues[];
      /** Null for the whole of the scenario's. */
      readonly window: TrialWindow | null;
      readonly columns: readonly SharedColumn[];
      readonly slot: Int32Array;
    }
  | AlteredTask
  /** What each trade of a run made of the account. */
  | { readonly kind: 'trades'; readonly parameters: ParameterValues };

/** Parameter sets to be played under an alteration of the run, all in one thread. */
export interface AlteredTask {
  readonly kind: 'altered';
  readonly sets: readonly ParameterValues[];
  readonly alteration: Alteration;
  readonly seed: number;
  /** Memory for columns that the sets share on altered bars. */
  readonly memoryBytes: number;
  readonly slot: Int32Array;
}

/** One for each set, by metricNames, or why it failed; fewer where the work was stopped. */
export interface AlteredAnswer {
  readonly altered: readonly (Float64Array | SentError)[];
}

export interface StrategyFacts {
  readonly name: string;
  readonly parameters: ParameterSchema;
}

/** A column that trials share, without its values. */
export interface PlannedColumn {
  readonly key: string;
  readonly inputs: readonly string[];
}

/** One trial as it comes back: a failed one has an error, and none of the rest. */
export interface TrialAnswer {
  readonly trialHash: string;
  /** By metricNames. */
  readonly metrics: Float64Array;
  readonly dailyQuote: Float64Array;
  readonly ambiguousBarCount: number;
  readonly error: SentError | null;
}

/** What a trial that failed has instead of results. */
export function failedTrial(error: SentError): TrialAnswer {
  return { trialHash: '', metrics: new Float64Array(0), dailyQuote: new Float64Array(0), ambiguousBarCount: 0, error };
}

export interface TrialsAnswer {
  readonly trials: readonly TrialAnswer[];
  /** Closes of the last bar of each UTC day. */
  readonly dayMs: Float64Array;
  /** Time that all of them took, as their thread saw it. */
  readonly elapsedMs: number;
}

/** By place of the set, the keys of its columns; and each of these columns once. */
export interface PlanAnswer {
  readonly keysOf: readonly (readonly string[])[];
  readonly columns: readonly PlannedColumn[];
}

export type SearchAnswer =
  | { readonly strategy: StrategyFacts }
  | PlanAnswer
  | ComputedColumns
  | TrialsAnswer
  | AlteredAnswer
  | { readonly tradeReturns: Float64Array }
  | { readonly error: SentError };
