/** Owns the order of work of a search: waves of trials whose columns fit in memory, columns before trials, chunks of trials to threads. */

import { wavesOf } from '../../engine/optimiser/column-waves.ts';
import type { ParameterValues } from '../../engine/parameters.ts';
import type { SearchPool } from './pool.ts';
import type { PlannedColumn, SharedColumn, TrialAnswer } from './protocol.ts';

/** A trial with its number in the search. */
export interface NumberedSet {
  readonly index: number;
  readonly parameters: ParameterValues;
}

export interface PlaySearchInput {
  readonly pool: SearchPool;
  readonly sets: readonly NumberedSet[];
  readonly jobs: number;
  /** Bytes of one column. */
  readonly columnBytes: number;
  readonly budgetBytes: number;
  /** Trials in one task at most; default as many as take a quarter of a second. */
  readonly chunkMax: number;
  /** Called as tasks come back, in whatever order. */
  readonly onTrials: (trials: readonly { readonly index: number; readonly answer: TrialAnswer }[], dayMs: Float64Array) => void;
  readonly isStopped: () => boolean;
}

const targetMs = 250;

/** Plays every set once. Results depend on none of jobs, chunks and budget. */
export async function playSearch(input: PlaySearchInput): Promise<void> {
  const { pool, sets, columnBytes, budgetBytes } = input;
  if (sets.length === 0) return;
  const { keysOf, columns } = await pool.plan(sets.map(({ parameters }) => parameters));
  const planned = new Map(columns.map((column) => [column.key, column]));
  const pace = { trialMs: Number.NaN };
  let held = new Map<string, SharedColumn>();
  for (const wave of wavesOf(keysOf, Math.max(1, Math.floor(budgetBytes / columnBytes)))) {
    if (input.isStopped()) return;
    held = new Map(wave.keys.flatMap((key) => (held.has(key) ? [[key, held.get(key) as SharedColumn] as const] : [])));
    const places = Array.from({ length: wave.last - wave.first }, (_, k) => wave.first + k);
    await computeMissing({ input, places, keysOf, planned, held });
    await playPlaces({ input, places, keysOf, held, pace });
  }
}

interface WaveInput {
  readonly input: PlaySearchInput;
  readonly places: readonly number[];
  readonly keysOf: readonly (readonly string[])[];
  readonly held: Map<string, SharedColumn>;
}

/** Each column that is missing is computed once, by way of the first trial that declares it. */
async function computeMissing({
  input,
  places,
  keysOf,
  planned,
  held,
}: WaveInput & { readonly planned: ReadonlyMap<string, PlannedColumn> }): Promise<void> {
  const { pool, sets } = input;
  const known = [...held.values()];
  const begun = new Set<string>();
  const tasks = places.flatMap((place) => {
    const own = keysOf[place].filter((key) => !held.has(key) && !begun.has(key));
    for (const key of own) begun.add(key);
    return own.length === 0 ? [] : [{ parameters: sets[place].parameters, wanted: withInputs(own, planned) }];
  });
  await inParallel(input.jobs, tasks, async ({ parameters, wanted }) => {
    const missing = wanted.filter((key) => !held.has(key));
    for (const column of await pool.compute({ parameters, wanted: missing, known }))
      if (!held.has(column.key)) held.set(column.key, column);
  });
}

function withInputs(keys: readonly string[], planned: ReadonlyMap<string, PlannedColumn>): string[] {
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

async function playPlaces({ input, places, keysOf, held, pace }: WaveInput & { readonly pace: { trialMs: number } }): Promise<void> {
  const { pool, sets, jobs, chunkMax, onTrials, isStopped } = input;
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < places.length && !isStopped()) {
      const fair = Math.ceil((places.length - next) / (2 * jobs));
      const timely = Number.isNaN(pace.trialMs) ? 1 : Math.ceil(targetMs / pace.trialMs);
      const chunk = places.slice(next, next + Math.max(1, Math.min(fair, timely, chunkMax)));
      next += chunk.length;
      const keys = new Set(chunk.flatMap((place) => keysOf[place]));
      const columns = [...keys].flatMap((key) => held.get(key) ?? []);
      const started = performance.now();
      const { trials, dayMs } = await pool.playTrials(
        chunk.map((place) => sets[place].parameters),
        columns,
      );
      pace.trialMs = (performance.now() - started) / chunk.length;
      onTrials(
        trials.map((answer, k) => ({ index: sets[chunk[k]].index, answer })),
        dayMs,
      );
    }
  };
  await Promise.all(Array.from({ length: jobs }, worker));
}

async function inParallel<Item>(jobs: number, items: readonly Item[], work: (item: Item) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < items.length) await work(items[next++]);
  };
  await Promise.all(Array.from({ length: Math.min(jobs, items.length) }, worker));
}
