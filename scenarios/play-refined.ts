/** Owns bringing finer bars to a run whose bars in doubt they are to decide. Never decides one itself (engine/broker does). */
import { openCatalogue } from '../data/catalogue.ts';
import { loadTape } from '../data/load-tape.ts';
import { type SeriesKey, seriesName, type Tape } from '../engine/model/bar.ts';
import type { RunResult } from '../engine/result.ts';
import { type PlayOptions, playInWorker, type WorkerRun } from './play-in-worker.ts';
import type { PlayedRun } from './play-worker.ts';
import type { ResolvedScenario } from './resolve.ts';

/** Plays a run; under "refine" once more where bars were in doubt, with the finer series: without such a bar none is loaded. */
export async function playPrepared(prepared: WorkerRun, home: string, options: PlayOptions): Promise<RunResult> {
  return (await playPreparedWhole(prepared, home, options)).result;
}

/** As playPrepared, with all that is known of the run. */
export async function playPreparedWhole(prepared: WorkerRun, home: string, options: PlayOptions): Promise<PlayedRun> {
  const played = await playInWorker(prepared, options);
  return played.isFinerMissing
    ? playInWorker({ ...prepared, finer: await loadFiner(finerKeys(prepared.resolved), home) }, options)
    : played;
}

/** The finer series of each instrument; none where nothing refines. */
export function finerKeys({ series, refineWith }: Pick<ResolvedScenario, 'series' | 'refineWith'>): SeriesKey[] {
  if (refineWith === undefined) return [];
  const keys = series.map(({ venue, symbol }) => ({ venue, symbol, timeframe: refineWith }));
  return keys.filter((key, i) => keys.findIndex((one) => seriesName(one) === seriesName(key)) === i);
}

/** Whole series; of the bars in them only those in bars in doubt are looked at. */
export async function loadFiner(keys: readonly SeriesKey[], home: string): Promise<Tape[]> {
  const tapes: Tape[] = [];
  for (const key of keys) tapes.push(await loadTape(openCatalogue(home), key));
  return tapes;
}
