/**
 * Owns the prediction of what a sweep will take, from a small sample of its sets, the same each time. No metric of the sample leaves this file:
 * nothing is learnt of the strategy, so nothing goes into the trial ledger.
 */
import { wavesOf } from '../../engine/optimiser/column-waves.ts';
import { rungBars, rungCounts } from '../../engine/optimiser/halving.ts';
import type { ParameterValues } from '../../engine/parameters.ts';
import { readScenario } from '../read.ts';
import type { SearchSettings } from '../search-schema.ts';
import { playCount } from './course.ts';
import { planBlock, planChunkMax, withInputs } from './play-search.ts';
import type { PlannedColumn, SharedColumn } from './protocol.ts';
import { type Search, type SearchOptions, withSearch } from './search.ts';

/** A time with what the spread of the sample leaves open. */
export interface Span {
  readonly ms: number;
  readonly lowMs: number;
  readonly highMs: number;
}

export interface SweepEstimate {
  readonly name: string;
  readonly strategyName: string;
  readonly search: SearchSettings;
  readonly dimensions: readonly string[];
  /** Sets at most. */
  readonly setCount: number;
  /** Plays at most, in all rungs. */
  readonly trialCount: number;
  /** Of the longest series. */
  readonly barCount: number;
  readonly sampleCount: number;
  /** Of sample trials that failed, each reason once. */
  readonly failures: readonly string[];
  /** One trial over the whole window on one thread. */
  readonly trial: Span;
  /** Wall time of all of it, by threads. */
  readonly times: readonly (Span & { readonly jobs: number })[];
  /** Distinct columns that trials share; of tpe those of its first batch, of very many sets those of the first. */
  readonly columns: { readonly count: number; readonly isWhole: boolean; readonly bytesEach: number; readonly waveCount: number };
  /** Bytes: bars; columns at most at once; what is kept of every trial; the whole process at its largest. */
  readonly memory: { readonly tape: number; readonly columns: number; readonly results: number; readonly process: number };
  readonly elapsedMs: number;
}

const sampleMax = 24;
/** Takes every set of the sample in an order that is spread from its first on. */
const sampleStride = 7;
const sampleMin = 3;
const sampleMsMax = 8_000;
const warmUpMsMin = 300;
const warmUpMax = 20;
/** Errors of a mean that the spread tells. */
const errors = 2;

/** Plays the sample and predicts. Writes nothing. */
export async function estimateSweep(path: string, options: SearchOptions): Promise<SweepEstimate> {
  const started = performance.now();
  return withSearch(readScenario(path, options.set ?? []), options, async (search) => {
    const estimate = await new Estimator(search, options).predict(started);
    options.signal?.throwIfAborted();
    return estimate;
  });
}

interface Sample {
  /** One by one on a thread of its own, and with every thread at work. */
  readonly aloneMs: readonly number[];
  readonly besideMs: readonly number[];
  /** What a thread loses before it is as fast as that. */
  readonly warmUpMs: number;
  readonly failures: readonly string[];
  readonly dayCount: number;
}

class Estimator {
  private readonly search: Search;
  private readonly jobs: number;
  private readonly signal: AbortSignal | undefined;

  constructor(search: Search, { jobs, signal }: SearchOptions) {
    this.search = search;
    this.jobs = jobs;
    this.signal = signal;
  }

  async predict(started: number): Promise<SweepEstimate> {
    const { read, prepared, strategyName, settings, dimensions, proposals, threads } = this.search;
    const { columnBytes, tapeBytes, budgetBytes } = threads;
    const sets = proposals.next([]);
    const preparedMs = performance.now() - started;
    const plannedSets = sets.slice(0, planBlock);
    const { keysOf, columns } = await this.plan(plannedSets);
    const waves = wavesOf(keysOf, Math.max(1, Math.floor(budgetBytes / columnBytes)));
    const planMs = performance.now() - started - preparedMs;
    const sample = sampleOf(sets);
    const { held, columnMs } = await this.compute(sample);
    const played = await this.play(sample, held);
    const columnCount = waves.reduce((sum, { keys }) => sum + keys.length, 0);
    // Of sets that are not planned yet as much as of those that are.
    const blocks = proposals.countMax / plannedSets.length;
    const parts = { fixedMs: preparedMs + planMs * blocks, columnsMs: columnCount * columnMs * blocks, played };
    const heldMax = Math.max(0, ...waves.map(({ keys }) => keys.length)) * columnBytes;
    const trialCount = playCount(this.search);
    const results = trialCount * (played.dayCount + metricRoom) * 8;
    return {
      ...{ name: read.scenario.name, strategyName, search: settings, dimensions, setCount: proposals.countMax, trialCount },
      barCount: Math.max(...prepared.tapes.map((tape) => tape.columns.length)),
      sampleCount: played.aloneMs.length,
      failures: played.failures,
      trial: spanOf(played.aloneMs),
      times: [...new Set([1, this.jobs])].map((jobs) => ({ jobs, ...this.wall(jobs, parts) })),
      columns: {
        count: columns.size,
        isWhole: plannedSets.length === proposals.countMax,
        bytesEach: columnBytes,
        waveCount: waves.length,
      },
      memory: {
        ...{ tape: tapeBytes, columns: heldMax, results },
        process: process.memoryUsage().rss + Math.max(0, heldMax - held.length * columnBytes) + results,
      },
      elapsedMs: performance.now() - started,
    };
  }

  private async plan(sets: readonly ParameterValues[]): Promise<Plan> {
    const keysOf: (readonly string[])[] = [];
    const columns = new Map<string, PlannedColumn>();
    for (let first = 0; first < sets.length; first += planChunkMax) {
      this.signal?.throwIfAborted();
      const plan = await this.search.threads.pool.plan(sets.slice(first, first + planChunkMax));
      keysOf.push(...plan.keysOf);
      for (const column of plan.columns) columns.set(column.key, column);
    }
    return { keysOf, columns };
  }

  /** Columns that the sample reads, and how long one takes. */
  private async compute(sample: readonly ParameterValues[]): Promise<{ held: SharedColumn[]; columnMs: number }> {
    const { pool } = this.search.threads;
    const { keysOf, columns } = await this.plan(sample);
    const held = new Map<string, SharedColumn>();
    const started = performance.now();
    for (const [k, parameters] of sample.entries()) {
      const wanted = withInputs(keysOf[k], columns).filter((key) => !held.has(key));
      if (wanted.length === 0) continue;
      const { computed } = await pool.compute({ parameters, wanted, known: [...held.values()], targets: [] });
      for (const column of computed) held.set(column.key, { ...column, version: 0 });
    }
    return { held: [...held.values()], columnMs: held.size === 0 ? 0 : (performance.now() - started) / held.size };
  }

  private async play(sample: readonly ParameterValues[], columns: readonly SharedColumn[]): Promise<Sample> {
    const { pool } = this.search.threads;
    const { jobs, signal } = this;
    const failures = new Set<string>();
    let dayCount = 0;
    const timed = async (sets: readonly ParameterValues[]): Promise<number> => {
      const { trials, dayMs, elapsedMs } = await pool.playTrials(sets, { columns, window: null });
      signal?.throwIfAborted();
      for (const { error } of trials) if (error !== null) failures.add(`${error.code}: ${error.message}`);
      dayCount = Math.max(dayCount, dayMs.length);
      return elapsedMs / sets.length;
    };
    // Until a thread has compiled its loop it is several times as slow.
    const firstMs = await timed([sample[0]]);
    const warmUp = new Array<ParameterValues>(Math.max(1, Math.min(warmUpMax, Math.ceil(warmUpMsMin / firstMs)))).fill(sample[0]);
    const [coldMs] = await Promise.all(Array.from({ length: jobs }, () => timed(warmUp)));
    const started = performance.now();
    const aloneMs: number[] = [];
    for (const set of sample) {
      aloneMs.push(await timed([set]));
      if (aloneMs.length >= sampleMin && performance.now() - started > sampleMsMax) break;
    }
    const besideMs: number[] = [];
    let next = 0;
    const worker = async (): Promise<void> => {
      while (next < aloneMs.length) besideMs.push(await timed([sample[next++]]));
    };
    if (jobs > 1) await Promise.all(Array.from({ length: jobs }, worker));
    const slowMs = firstMs - aloneMs[0] + warmUp.length * (coldMs - aloneMs[0]);
    return { aloneMs, besideMs, warmUpMs: Math.max(0, slowMs), failures: [...failures], dayCount };
  }

  /** Threads share the trials, and those of one batch of tpe wait for one another. */
  private wall(jobs: number, { fixedMs, columnsMs, played }: WallParts): Span {
    const { aloneMs, besideMs, warmUpMs } = played;
    const span = spanOf(jobs > 1 && besideMs.length > 0 ? besideMs : aloneMs);
    const { settings } = this.search;
    const isBatched = settings.method === 'tpe';
    const rounds = isBatched ? (this.wholeTrials() / settings.batch) * Math.ceil(settings.batch / jobs) : this.wholeTrials() / jobs;
    const of = (trialMs: number): number => fixedMs + warmUpMs + columnsMs / jobs + rounds * trialMs;
    return { ms: of(span.ms), lowMs: of(span.lowMs), highMs: of(span.highMs) };
  }

  /** So many trials over the whole window take as long as all of it. */
  private wholeTrials(): number {
    const { proposals, settings } = this.search;
    const { halving } = settings;
    if (halving === undefined) return proposals.countMax;
    const bars = rungBars(1_000_000, halving);
    return rungCounts(proposals.countMax, halving).reduce((sum, count, k) => sum + (count * bars[k]) / 1_000_000, 0);
  }
}

interface Plan {
  readonly keysOf: readonly (readonly string[])[];
  readonly columns: ReadonlyMap<string, PlannedColumn>;
}

interface WallParts {
  readonly fixedMs: number;
  readonly columnsMs: number;
  readonly played: Sample;
}

/** Numbers kept of a trial beside its days. */
const metricRoom = 120;

function sampleOf(sets: readonly ParameterValues[]): ParameterValues[] {
  const count = Math.min(sampleMax, sets.length);
  const spread = Array.from({ length: count }, (_, k) => sets[Math.floor(((k + 0.5) * sets.length) / count)]);
  return count < sampleMax ? spread : spread.map((_, k) => spread[(k * sampleStride) % count]);
}

/** The mean, and how far it may lie from that of all. */
function spanOf(sampleMs: readonly number[]): Span {
  const mean = sampleMs.reduce((sum, ms) => sum + ms, 0) / sampleMs.length;
  const squares = sampleMs.reduce((sum, ms) => sum + (ms - mean) * (ms - mean), 0);
  const error = sampleMs.length < 2 ? mean : Math.sqrt(squares / (sampleMs.length - 1) / sampleMs.length);
  return { ms: mean, lowMs: Math.max(0, mean - errors * error), highMs: mean + errors * error };
}
