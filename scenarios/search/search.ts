/** Owns what every kind of search has in common: a scenario prepared, its parameter sets, threads that live as long as the work. Never judges a trial. */
import { tapeTransfer } from '../../data/columns.ts';
import { hashTape } from '../../engine/certificate.ts';
import { fault, gridSets, oneBatch, type Proposals, randomSets, sobolSets } from '../../engine/optimiser/proposals.ts';
import { Ranking } from '../../engine/optimiser/ranking.ts';
import { type Dimension, SearchSpace } from '../../engine/optimiser/search-space.ts';
import { TreeParzenProposals } from '../../engine/optimiser/tree-parzen.ts';
import { homeFolder } from '../home.ts';
import { placed } from '../placed.ts';
import { finerKeys, loadFiner } from '../play-refined.ts';
import { type PreparedRun, prepareScenario } from '../prepare.ts';
import type { ReadScenario } from '../read.ts';
import type { SearchSettings } from '../search-schema.ts';
import { SearchPlayer, type SearchRound } from './play-search.ts';
import { SearchPool } from './pool.ts';
import type { SearchWorkerData } from './protocol.ts';
import { rungStretches } from './rungs.ts';

export interface SearchOptions {
  readonly home?: string | undefined;
  readonly set?: readonly string[] | undefined;
  readonly jobs: number;
  /** Default 600,000. */
  readonly trialTimeLimitMs?: number | undefined;
  /** Memory for what trials share, bars and indicator columns; default 256 MiB. */
  readonly memoryBytes?: number | undefined;
  /** Trials in one task at most, every thread put to work at once; default: tasks of a quarter of a second, and threads that are worth their start. */
  readonly chunkMax?: number | undefined;
  readonly onProgress?: ((endedCount: number, totalCount: number) => void) | undefined;
  /** Called before threads are started; what it throws of the scenario is told with its place. */
  readonly onPrepared?: ((prepared: PreparedRun) => void) | undefined;
  /** Once it is aborted, trials under way are played to their end and no others begin. */
  readonly signal?: AbortSignal | undefined;
}

/** A search that is ready to be played. */
export interface Search {
  readonly read: ReadScenario;
  readonly prepared: PreparedRun;
  readonly home: string;
  readonly settings: SearchSettings;
  readonly strategyName: string;
  /** Names of the parameters that vary. */
  readonly dimensions: readonly string[];
  /** What they vary over. */
  readonly axes: readonly Dimension[];
  readonly proposals: Proposals;
  readonly ranking: Ranking;
  readonly trialTimeLimitMs: number;
  /** Hash of the bars up to a time, where no finer ones stand in for any. */
  tapeHashTo(toMs: number): string;
  readonly threads: SearchThreads;
  /** Plays a round; progress is told in trials ended in this search beside those of before, of so many in all. */
  play(round: SearchRound, progress: { readonly before: number; readonly total: number }): Promise<void>;
}

/** Who plays, and the memory they share. */
export interface SearchThreads {
  readonly pool: SearchPool;
  readonly tapeBytes: number;
  /** Of one column, and of all that may be held at once. */
  readonly columnBytes: number;
  readonly budgetBytes: number;
}

const progressEveryMs = 100;
const defaultMemoryBytes = 256 * 1024 * 1024;

/** Prepares a scenario, starts threads for its search, and ends them with the work. Faults of the search are told with their place in the file. */
export async function withSearch<T>(read: ReadScenario, options: SearchOptions, work: (search: Search) => Promise<T>): Promise<T> {
  const home = homeFolder(options.home);
  const prepared = await placed(read, async () => {
    const prepared = await prepareScenario(read, home);
    options.onPrepared?.(prepared);
    return prepared;
  });
  const { resolved, tapes, conversions } = prepared;
  const hashed = [...tapes, ...conversions.map(({ tape }) => tape)];
  const tapeHashTo = (toMs: number): string => hashTape(hashed, toMs);
  const data = await poolDataOf(prepared, { home, tapeHash: tapeHashTo(resolved.window.toMs) });
  const { jobs, signal, trialTimeLimitMs = 600_000 } = options;
  const pool = new SearchPool(data, { jobs, trialTimeLimitMs });
  const stop = (): void => pool.stop();
  signal?.addEventListener('abort', stop, { once: true });
  try {
    const { name: strategyName, parameters: schema } = await pool.describe();
    const { search: settings } = read.scenario;
    const { space, proposals, ranking } = await placed(read, async () => {
      // Of a window that is too short nothing is begun.
      rungStretches(prepared, settings.halving);
      const space = new SearchSpace({ strategyName, schema, fixed: resolved.strategy.parameters, spec: settings });
      return { space, proposals: proposalsOf(space, settings), ranking: new Ranking(settings.objective, settings.constraints) };
    });
    const tapeBytes = tapeBytesOf(data);
    const budgetBytes = (options.memoryBytes ?? defaultMemoryBytes) - tapeBytes;
    const threads: SearchThreads = { pool, tapeBytes, columnBytes: columnBytesOf(prepared), budgetBytes };
    const player = new SearchPlayer({
      ...threads,
      jobs,
      chunkMax: options.chunkMax ?? Number.POSITIVE_INFINITY,
      isStopped: () => signal?.aborted === true,
    });
    const play: Search['play'] = async (round, { before, total }) => {
      const report = (): void => options.onProgress?.(before + Atomics.load(data.control, 1), total);
      report();
      const ticker = setInterval(report, progressEveryMs);
      try {
        await player.play(round);
        report();
      } finally {
        clearInterval(ticker);
      }
    };
    return await work({
      ...{ read, prepared, home, settings, strategyName, proposals, ranking, trialTimeLimitMs, tapeHashTo, threads, play },
      dimensions: space.dimensions.map(({ name }) => name),
      axes: space.dimensions,
    });
  } finally {
    signal?.removeEventListener('abort', stop);
    await pool.close();
  }
}

/** Bars, rules and strategy as threads want them; bars travel as shared memory. */
export async function poolDataOf(
  prepared: PreparedRun,
  { home, tapeHash }: { readonly home: string; readonly tapeHash: string },
): Promise<SearchWorkerData> {
  const { resolved, bundle, instruments } = prepared;
  const finer = await loadFiner(finerKeys(resolved), home);
  return {
    tapes: prepared.tapes.map(tapeTransfer),
    finer: finer.map(tapeTransfer),
    instruments,
    conversions: prepared.conversions.map((one) => ({ ...one, tape: tapeTransfer(one.tape) })),
    resolved,
    code: bundle.code,
    sourceMap: bundle.sourceMap,
    strategyHash: bundle.strategyHash,
    entry: bundle.entry,
    tapeHash,
    control: new Int32Array(new SharedArrayBuffer(8)),
  };
}

export function proposalsOf(
  space: SearchSpace,
  { method, trials: trialCount, seed, batch: batchSize, halving }: SearchSettings,
): Proposals {
  switch (method) {
    case 'grid':
      return oneBatch(gridSets(space));
    case 'random':
      return oneBatch(randomSets(space, { trialCount, seed }));
    case 'sobol':
      return oneBatch(sobolSets(space, { trialCount, seed }));
    default:
      if (halving !== undefined)
        throw fault(
          'search.halving',
          'was given with method: tpe, which learns from figures of the whole window; expected grid, random or sobol, or no halving',
        );
      return new TreeParzenProposals(space, { trialCount, seed, batchSize });
  }
}

/** What decides the sets that a search tries, as it is hashed: nothing that its method does not ask. */
export function specOf({ method, trials, seed, batch, halving, parameters, where, objective, constraints }: SearchSettings): object {
  const drawn = method === 'grid' ? {} : { trials, seed };
  const modelled = method === 'tpe' ? { batch, objective, constraints } : {};
  // Constraints decide on none of the rungs that play parts of the window.
  const halved = halving === undefined ? {} : { halving, promotedBy: objective };
  return { method, ...drawn, ...modelled, ...halved, parameters, where };
}

function tapeBytesOf({ tapes, finer = [], conversions }: SearchWorkerData): number {
  const transfers = [...tapes, ...finer, ...conversions.map(({ tape }) => tape)];
  return transfers.reduce((sum, { buffer }) => sum + buffer.byteLength, 0);
}

/** The longest series decides: a column is as long as the series it follows. */
function columnBytesOf({ tapes }: PreparedRun): number {
  return Math.max(...tapes.map(({ columns }) => columns.length)) * 8;
}
