/** Owns the order of work of a search: waves of trials whose columns fit in memory, columns before trials, chunks of trials to threads. */
import { wavesOf } from '../../engine/optimiser/column-waves.ts';
import type { ParameterValues } from '../../engine/parameters.ts';
import type { PlayedTrials, SearchPool } from './pool.ts';
import type { PlanAnswer, PlannedColumn, SharedColumn, TrialAnswer, TrialWindow } from './protocol.ts';

/** A trial with its number in the search. */
export interface NumberedSet {
  readonly index: number;
  readonly parameters: ParameterValues;
}

export interface SearchPlayerInput {
  readonly pool: SearchPool;
  readonly jobs: number;
  /** Bytes of one column. */
  readonly columnBytes: number;
  readonly budgetBytes: number;
  /** Trials in one task at most, all threads put to work at once; infinity for as many as take a quarter of a second, and as many as are worth it. */
  readonly chunkMax: number;
  readonly isStopped: () => boolean;
}

export interface SearchRound {
  readonly sets: readonly NumberedSet[];
  /** Null for the whole of the scenario's. */
  readonly window: TrialWindow | null;
  /** Called as tasks come back, in whatever order. */
  readonly onTrials: (trials: readonly { readonly index: number; readonly answer: TrialAnswer }[], dayMs: Float64Array) => void;
}

const targetMs = 250;
/** Sets × bars from which on every thread is put to work at once. */
const workLarge = 50_000_000;
/** What a thread costs before it plays as fast as the others; less work than this is done sooner without it. */
const threadWorthMs = 500;
/** By so much the first trials of a thread are slower, because their code is compiled on the way. */
const warmUpMs = 200;
/** Sets whose columns are known at once. */
export const planBlock = 5_000;
/** Sets that one task plans. */
export const planChunkMax = 500;

/** Plays rounds of trials; columns that the next round reads too are kept. Results depend on none of jobs, chunks and budget. */
export class SearchPlayer {
  private readonly input: SearchPlayerInput;
  private held = new Map<string, SharedColumn>();
  private readonly free = new FreeMemory();
  private version = 0;
  private trialMs = Number.NaN;
  /** Threads put to work so far: a few short trials are played sooner by one alone. */
  private threadCount: number;
  private planned: { readonly sets: readonly ParameterValues[]; readonly plan: PlanAnswer } | null = null;

  constructor(input: SearchPlayerInput) {
    this.input = input;
    this.threadCount = input.chunkMax === Number.POSITIVE_INFINITY ? 1 : input.jobs;
  }

  /** Plays every set once, block after block: of very many sets the first are played before the last are planned. */
  async play(round: SearchRound): Promise<void> {
    const { sets } = round;
    const { columnBytes, isStopped, jobs } = this.input;
    if ((sets.length * columnBytes) / 8 >= workLarge) this.threadCount = jobs;
    for (let first = 0; first < sets.length && !isStopped(); first += planBlock)
      await this.playBlock({ ...round, sets: sets.slice(first, first + planBlock) });
  }

  private async playBlock(round: SearchRound): Promise<void> {
    const { sets } = round;
    const { budgetBytes, columnBytes, isStopped } = this.input;
    const { keysOf, columns } = await this.planOf(sets.map(({ parameters }) => parameters));
    const planned = new Map(columns.map((column) => [column.key, column]));
    for (const wave of wavesOf(keysOf, Math.max(1, Math.floor(budgetBytes / columnBytes)))) {
      if (isStopped()) return;
      const { held } = this;
      this.held = new Map(wave.keys.flatMap((key) => (held.has(key) ? [[key, held.get(key) as SharedColumn] as const] : [])));
      // Every trial that read the others has ended: their memory is the next ones'.
      for (const { key, values } of held.values()) if (!this.held.has(key)) this.free.add(values);
      const places = Array.from({ length: wave.last - wave.first }, (_, k) => wave.first + k);
      await this.computeMissing(sets, { places, keysOf, planned });
      await this.playPlaces(round, { places, keysOf });
    }
  }

  /** Which columns trials declare hangs on their parameters alone: of the sets it was asked of last it is not asked again. */
  private async planOf(sets: readonly ParameterValues[]): Promise<PlanAnswer> {
    const known = this.planned;
    if (known !== null && known.sets.length === sets.length && known.sets.every((set, i) => set === sets[i])) return known.plan;
    const { pool } = this.input;
    const chunkLength = Math.min(planChunkMax, Math.ceil(sets.length / this.threadCount));
    const chunks = Array.from({ length: Math.ceil(sets.length / chunkLength) }, (_, k) =>
      sets.slice(k * chunkLength, (k + 1) * chunkLength),
    );
    const answers = new Array<PlanAnswer>(chunks.length);
    await inParallel(
      this.threadCount,
      chunks.map((_, k) => k),
      async (k) => {
        answers[k] = await pool.plan(chunks[k]);
      },
    );
    const columns = new Map(answers.flatMap((answer) => answer.columns.map((column) => [column.key, column] as const)));
    const plan = { keysOf: answers.flatMap(({ keysOf }) => keysOf), columns: [...columns.values()] };
    this.planned = { sets, plan };
    return plan;
  }

  /** Each column that is missing is computed once, by way of the first trial that declares it. */
  private async computeMissing(
    sets: readonly NumberedSet[],
    { places, keysOf, planned }: WavePlaces & { readonly planned: ReadonlyMap<string, PlannedColumn> },
  ): Promise<void> {
    const { held, free } = this;
    const { pool } = this.input;
    const known = [...held.values()];
    const begun = new Set<string>();
    const tasks = places.flatMap((place) => {
      const own = keysOf[place].filter((key) => !held.has(key) && !begun.has(key));
      for (const key of own) begun.add(key);
      return own.length === 0 ? [] : [{ parameters: sets[place].parameters, wanted: withInputs(own, planned) }];
    });
    await inParallel(this.threadCount, tasks, async ({ parameters, wanted }) => {
      const missing = wanted.filter((key) => !held.has(key));
      const { computed, unused } = await pool.compute({ parameters, wanted: missing, known, targets: free.take(missing.length) });
      for (const values of unused) free.add(values);
      for (const column of computed) {
        if (held.has(column.key)) free.add(column.values);
        else held.set(column.key, { ...column, version: this.version++ });
      }
    });
  }

  private async playPlaces({ sets, window, onTrials }: SearchRound, { places, keysOf }: WavePlaces): Promise<void> {
    const { held } = this;
    const { pool, jobs, isStopped } = this.input;
    const waiting: (() => void)[] = [];
    let next = 0;
    const begin = (): TaskUnderWay | null => {
      if (next >= places.length || isStopped()) return null;
      const chunk = places.slice(next, next + this.chunkSize(places.length - next));
      next += chunk.length;
      const keys = new Set(chunk.flatMap((place) => keysOf[place]));
      const columns = [...keys].flatMap((key) => held.get(key) ?? []);
      const played = pool.playTrials(
        chunk.map((place) => sets[place].parameters),
        { columns, window },
      );
      // Where another thread's task fails first nobody waits for this one.
      played.catch(() => {});
      return { chunk, startedMs: performance.now(), played };
    };
    const playOn = async (): Promise<void> => {
      let task = begin();
      for (let isFirst = true; task !== null; isFirst = false) {
        const { chunk, startedMs, played } = task;
        const { trials, dayMs } = await played;
        this.trialMs = (performance.now() - startedMs) / chunk.length;
        // The thread plays on while what it has played is written down.
        task = begin();
        onTrials(
          trials.map((answer, k) => ({ index: sets[chunk[k]].index, answer })),
          dayMs,
        );
        const leftMs = (places.length - next) * Math.max(0, this.trialMs - (isFirst ? warmUpMs / chunk.length : 0));
        if (this.threadCount < jobs && leftMs > threadWorthMs) {
          this.threadCount++;
          waiting.shift()?.();
        }
      }
    };
    const worker = async (thread: number): Promise<void> => {
      if (thread >= this.threadCount) await new Promise<void>((resolve) => waiting.push(resolve));
      try {
        await playOn();
      } finally {
        for (const release of waiting.splice(0)) release();
      }
    };
    await Promise.all(Array.from({ length: jobs }, (_, thread) => worker(thread)));
  }

  /** As many as take a quarter of a second, and towards the end no more than leaves every thread at work some. */
  private chunkSize(leftCount: number): number {
    const fair = Math.ceil(leftCount / (2 * this.threadCount));
    const timely = Number.isNaN(this.trialMs) ? 1 : Math.ceil(targetMs / this.trialMs);
    return Math.max(1, Math.min(fair, timely, this.input.chunkMax));
  }
}

interface TaskUnderWay {
  readonly chunk: readonly number[];
  readonly startedMs: number;
  readonly played: Promise<PlayedTrials>;
}

/** Memory of columns that nobody reads any more. Left to a collector it would pile up: shared memory weighs nothing to the threads that hold it. */
class FreeMemory {
  private readonly byLength = new Map<number, Float64Array[]>();

  add(values: Float64Array): void {
    const known = this.byLength.get(values.length);
    if (known === undefined) this.byLength.set(values.length, [values]);
    else known.push(values);
  }

  /** As many columns at most of each length that there is. */
  take(count: number): Float64Array[] {
    return [...this.byLength.values()].flatMap((columns) => columns.splice(Math.max(0, columns.length - count)));
  }
}

interface WavePlaces {
  readonly places: readonly number[];
  readonly keysOf: readonly (readonly string[])[];
}

/** These columns and those they are computed from. */
export function withInputs(keys: readonly string[], planned: ReadonlyMap<string, PlannedColumn>): string[] {
  const all = new Set<string>();
  const add = (key: string): void => {
    const column = planned.get(key);
    if (column === undefined || all.has(key)) return;
    all.add(key);
    column.inputs.forEach(add);
  };
  keys.forEach(add);
  return [...all];
}

async function inParallel<Item>(jobs: number, items: readonly Item[], work: (item: Item) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < items.length) await work(items[next++]);
  };
  await Promise.all(Array.from({ length: Math.min(jobs, items.length) }, worker));
}
