/** Owns what an interval is played with: which finer series refine it. Never plays (engine/interval does). */
import { type Catalogue, openCatalogue } from '../data/catalogue.ts';
import { type Timeframe, timeframeMs, timeframes } from '../engine/model/timeframe.ts';
import { intervalInWorker, type PlayOptions } from './play-in-worker.ts';
import { finerKeys, loadFiner } from './play-refined.ts';
import type { PlayedInterval } from './play-worker.ts';
import type { PreparedRun } from './prepare.ts';
import type { ResolvedScenario } from './resolve.ts';

/** The run and what each policy for ambiguous bars makes of it. */
export async function playPreparedInterval(prepared: PreparedRun, home: string, options: PlayOptions): Promise<PlayedInterval> {
  const refineWith = finerTimeframe(prepared.resolved, openCatalogue(home));
  const keys = refineWith === undefined ? [] : finerKeys({ ...prepared.resolved, refineWith });
  return intervalInWorker({ ...prepared, finer: await loadFiner(keys, home) }, options);
}

/**
 * What the scenario refines with; otherwise the shortest bars that are stored of every instrument, inside the window and shorter than those of
 * every series. The shortest leave the fewest bars in doubt, and only those in ambiguous bars are played.
 */
function finerTimeframe({ series, window, refineWith }: ResolvedScenario, catalogue: Catalogue): Timeframe | undefined {
  if (refineWith !== undefined) return refineWith;
  const shortestMs = Math.min(...series.map(({ timeframe }) => timeframeMs(timeframe)));
  return timeframes.find(
    (timeframe) =>
      timeframeMs(timeframe) < shortestMs &&
      series.every(({ venue, symbol }) => {
        const manifest = catalogue.find({ venue, symbol, timeframe });
        return manifest !== undefined && manifest.firstOpenMs < window.toMs && manifest.lastOpenMs >= window.fromMs;
      }),
  );
}
