/** Owns what every kind of search has in common: its parameter sets, its ranking, who plays them. Never judges a trial. */
import { fault, gridSets, oneBatch, type Proposals, randomSets, sobolSets } from '../../engine/optimiser/proposals.ts';
import { Ranking } from '../../engine/optimiser/ranking.ts';
import { type Dimension, SearchSpace } from '../../engine/optimiser/search-space.ts';
import { TreeParzenProposals } from '../../engine/optimiser/tree-parzen.ts';
import { placed } from '../placed.ts';
import type { PreparedRun } from '../prepare.ts';
import type { ReadScenario } from '../read.ts';
import type { SearchSettings } from '../search-schema.ts';
import { SearchPlayer, type SearchRound } from './play-search.ts';
import type { SearchPool } from './pool.ts';
import { rungStretches } from './rungs.ts';
import { type ThreadOptions, withThreads } from './threads.ts';

export interface SearchOptions extends ThreadOptions {
  /** Trials in one task at most, every thread put to work at once; default: tasks of a quarter of a second, and threads that are worth their start. */
  readonly chunkMax?: number | undefined;
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

/** Starts threads for a scenario's search, and ends them with the work. Faults of the search are told with their place in the file. */
export function withSearch<T>(read: ReadScenario, options: SearchOptions, work: (search: Search) => Promise<T>): Promise<T> {
  return withThreads(read, options, async ({ prepared, home, pool, trialTimeLimitMs, memoryBytes, tapeBytes, tapeHashTo, told }) => {
    const { name: strategyName, parameters: schema } = await pool.describe();
    const { search: settings } = read.scenario;
    const { space, proposals, ranking } = await placed(read, async () => {
      // Of a window that is too short nothing is begun.
      rungStretches(prepared, settings.halving);
      const space = new SearchSpace({ strategyName, schema, fixed: prepared.resolved.strategy.parameters, spec: settings });
      return { space, proposals: proposalsOf(space, settings), ranking: new Ranking(settings.objective, settings.constraints) };
    });
    const threads: SearchThreads = { pool, tapeBytes, columnBytes: columnBytesOf(prepared), budgetBytes: memoryBytes - tapeBytes };
    const player = new SearchPlayer({
      ...threads,
      jobs: options.jobs,
      chunkMax: options.chunkMax ?? Number.POSITIVE_INFINITY,
      isStopped: () => options.signal?.aborted === true,
    });
    const play: Search['play'] = (round, progress) => told(progress, () => player.play(round));
    return work({
      ...{ read, prepared, home, settings, strategyName, proposals, ranking, trialTimeLimitMs, tapeHashTo, threads, play },
      dimensions: space.dimensions.map(({ name }) => name),
      axes: space.dimensions,
    });
  });
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

/** The longest series decides: a column is as long as the series it follows. */
function columnBytesOf({ tapes }: PreparedRun): number {
  return Math.max(...tapes.map(({ columns }) => columns.length)) * 8;
}
