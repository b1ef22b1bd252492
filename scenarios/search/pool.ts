/** Owns the threads of a search: tasks in, answers out, and what a trial that hangs or runs out of memory costs: itself. Never decides what is tried. */
import type { Worker } from 'node:worker_threads';
import { Piscina } from 'piscina';
import type { ParameterValues } from '../../engine/parameters.ts';
import { receivedError, type SentError } from '../sent-error.ts';
import {
  type AlteredAnswer,
  type AlteredTask,
  type ComputedColumns,
  failedTrial,
  type PlanAnswer,
  type SearchAnswer,
  type SearchTask,
  type SearchWorkerData,
  type SharedColumn,
  type StrategyFacts,
  type TrialAnswer,
  type TrialWindow,
} from './protocol.ts';

/** A worker is a built file also where this one runs from its source: Node 20 reads no TypeScript. */
const workerUrl = new URL(import.meta.url.endsWith('.ts') ? '../../dist/scenarios/search/worker.js' : './worker.js', import.meta.url);
const lookEveryMs = 200;

export interface SearchPoolOptions {
  readonly jobs: number;
  /** For each trial; a trial that takes longer has failed. Infinity for none. */
  readonly trialTimeLimitMs: number;
}

export interface PlayedTrials {
  /** One for each set; fewer where the search was stopped. */
  readonly trials: readonly TrialAnswer[];
  readonly dayMs: Float64Array;
  readonly elapsedMs: number;
}

export class SearchPool {
  private readonly pool: Piscina<SearchTask, SearchAnswer>;
  private readonly trialTimeLimitMs: number;
  private readonly control: Int32Array;
  /** By thread, that it has begun to work or has ended. */
  private readonly begun = new WeakMap<Worker, Promise<void>>();

  constructor(data: SearchWorkerData, { jobs, trialTimeLimitMs }: SearchPoolOptions) {
    this.trialTimeLimitMs = trialTimeLimitMs;
    this.control = data.control;
    this.pool = new Piscina({
      filename: workerUrl.href,
      // The others start with the first task that finds none free, and stay.
      minThreads: 1,
      maxThreads: jobs,
      idleTimeout: Number.POSITIVE_INFINITY,
      // Trials leave little behind; a larger nursery would only be filled before it is swept. DECISIONS has the figures.
      resourceLimits: { maxYoungGenerationSizeMb: 16 },
      // Keys and tokens of the environment are nothing a strategy needs.
      env: {},
      workerData: data,
      recordTiming: false,
    });
    this.noteThreads();
  }

  async describe(): Promise<StrategyFacts> {
    const answer = await this.ask({ kind: 'describe' });
    return (answer as { readonly strategy: StrategyFacts }).strategy;
  }

  /** Columns that the sets share; none of a set that does not come back, or dies, in its setup: it does so again where it is played. */
  async plan(sets: readonly ParameterValues[]): Promise<PlanAnswer> {
    const { answer, place } = await this.askWatched<PlanAnswer>((slot) => ({ kind: 'plan', sets, slot }));
    if (answer !== null) return answer;
    const before = place === 0 ? nothingPlanned : await this.plan(sets.slice(0, place));
    const after = place === sets.length - 1 ? nothingPlanned : await this.plan(sets.slice(place + 1));
    return { keysOf: [...before.keysOf, [], ...after.keysOf], columns: [...before.columns, ...after.columns] };
  }

  /** None where computing them does not come back, or dies. */
  async compute(task: Omit<Extract<SearchTask, { kind: 'columns' }>, 'kind' | 'slot'>): Promise<ComputedColumns> {
    const { answer } = await this.askWatched<ComputedColumns>((slot) => ({
      kind: 'columns',
      ...task,
      slot,
    }));
    return answer ?? { computed: [], unused: [] };
  }

  /** Plays the sets in one thread. A thread that dies, or is ended because a trial does not come back, takes that trial alone with it. */
  async playTrials(
    sets: readonly ParameterValues[],
    { columns, window }: { readonly columns: readonly SharedColumn[]; readonly window: TrialWindow | null },
  ): Promise<PlayedTrials> {
    const given = { columns, window };
    const { answer, failure, place } = await this.askWatched<PlayedTrials>((slot) => ({ kind: 'trials', sets, ...given, slot }));
    if (answer !== null) return answer;
    const before = place === 0 ? none : await this.playTrials(sets.slice(0, place), given);
    const after = place === sets.length - 1 ? none : await this.playTrials(sets.slice(place + 1), given);
    if (before.trials.length < place) return before;
    return {
      trials: [...before.trials, failedTrial(failure), ...after.trials],
      dayMs: before.dayMs.length > 0 ? before.dayMs : after.dayMs,
      elapsedMs: before.elapsedMs + after.elapsedMs,
    };
  }

  /** Plays sets under an alteration in one thread. STRATEGY_TIMEOUT where one of them does not come back. */
  async playAltered(task: Omit<AlteredTask, 'kind' | 'slot'>): Promise<AlteredAnswer['altered']> {
    const { answer, failure } = await this.askWatched<AlteredAnswer>((slot) => ({ kind: 'altered', ...task, slot }));
    if (answer === null) throw receivedError(failure);
    return answer.altered;
  }

  async tradeReturns(parameters: ParameterValues): Promise<Float64Array> {
    return ((await this.ask({ kind: 'trades', parameters })) as { readonly tradeReturns: Float64Array }).tradeReturns;
  }

  /** Trials under way are played to their end, and no other begins. */
  stop(): void {
    Atomics.store(this.control, 0, 1);
  }

  /** A thread that is ended while it still loads its code takes the whole process along (Node 20): each is let begin first. */
  async close(): Promise<void> {
    await Promise.all(this.noteThreads());
    await this.pool.destroy();
  }

  private noteThreads(): Promise<void>[] {
    return this.pool.threads.map((thread) => {
      const known = this.begun.get(thread);
      if (known !== undefined) return known;
      const begins = new Promise<void>((resolve) => {
        // Its first message says that it is ready.
        thread.once('message', () => resolve());
        thread.once('exit', () => resolve());
      });
      this.begun.set(thread, begins);
      return begins;
    });
  }

  private watch(slot: Int32Array, limit: AbortController): NodeJS.Timeout {
    let ended = -1;
    let sinceMs = performance.now();
    return setInterval(() => {
      const now = Atomics.load(slot, 1);
      // A task that waits for a thread has not begun its first trial.
      if (now !== ended) sinceMs = performance.now();
      ended = now;
      if (now > 0 && performance.now() - sinceMs > this.trialTimeLimitMs) limit.abort();
    }, lookEveryMs);
  }

  /** Asks with a limit on each set of the task; what is no set's doing is thrown. */
  private async askWatched<Answer extends SearchAnswer>(taskOf: (slot: Int32Array) => SearchTask): Promise<Watched<Answer>> {
    const slot = new Int32Array(new SharedArrayBuffer(8));
    const limit = new AbortController();
    const watch = this.watch(slot, limit);
    try {
      const answer = (await this.ask(taskOf(slot), limit.signal)) as Answer;
      return { answer, failure: null, place: -1 };
    } catch (error) {
      const failure = limit.signal.aborted ? timedOut(this.trialTimeLimitMs) : threadFailure(error);
      if (failure === undefined) throw error;
      // Another thread has taken its place.
      this.noteThreads();
      return { answer: null, failure, place: Atomics.load(slot, 0) };
    } finally {
      clearInterval(watch);
    }
  }

  private async ask(task: SearchTask, signal: AbortSignal | null = null): Promise<SearchAnswer> {
    const running = this.pool.run(task, { signal });
    // It may have started a thread.
    this.noteThreads();
    const answer = await running;
    if ('error' in answer) throw receivedError(answer.error);
    return answer;
  }
}

/** What came of a task: its answer, or what ended its thread at which of its sets. */
type Watched<Answer> =
  | { readonly answer: Answer; readonly failure: null; readonly place: -1 }
  | { readonly answer: null; readonly failure: SentError; readonly place: number };

const nothingPlanned: PlanAnswer = { keysOf: [], columns: [] };
const none: PlayedTrials = { trials: [], dayMs: new Float64Array(0), elapsedMs: 0 };

function timedOut(limitMs: number): SentError {
  const message = `the trial did not come back within ${limitMs / 1000} s; look for an endless loop, or raise --trial-time-limit`;
  return { name: 'StrategyError', code: 'STRATEGY_TIMEOUT', message, fields: { timeLimitMs: limitMs }, stack: '' };
}

/** What ended the thread is the trial's doing; undefined where it is not. */
function threadFailure(error: unknown): SentError | undefined {
  if ((error as NodeJS.ErrnoException).code !== 'ERR_WORKER_OUT_OF_MEMORY') return undefined;
  const message = 'the trial ran out of memory; look for a list that grows at every bar';
  return { name: 'StrategyError', code: 'STRATEGY_THREW', message, fields: {}, stack: '' };
}
