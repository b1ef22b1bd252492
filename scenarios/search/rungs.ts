/** Owns which parts of a window the rungs of a search play. Never plays one. */
import { lowerBound } from '../../engine/feed.ts';
import { type Halving, rungBars } from '../../engine/optimiser/halving.ts';
import { fault } from '../../engine/optimiser/proposals.ts';
import type { PreparedRun } from '../prepare.ts';

export interface Stretch {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Fewer tell no good set from a bad one. */
const barsMin = 10;

/** Ever longer beginnings of a window, the last of them the whole, cut on bars of the first series. USAGE where the first has next to no bars. */
export function rungStretches(
  { resolved, tapes }: PreparedRun,
  halving: Halving | undefined,
  { fromMs, toMs }: Stretch = resolved.window,
): Stretch[] {
  if (halving === undefined) return [{ fromMs, toMs }];
  const { openTimeMs, length } = tapes[0].columns;
  const firstBar = lowerBound(openTimeMs, length, fromMs);
  const barCount = lowerBound(openTimeMs, length, toMs) - firstBar;
  const counts = rungBars(barCount, halving);
  if (counts[0] < barsMin)
    throw fault(
      'search.halving',
      `the first of ${halving.rungs} rungs has ${counts[0]} of the window's ${barCount} bars, expected ${barsMin} or more; lower eta or rungs`,
    );
  return counts.map((count) => ({ fromMs, toMs: count === barCount ? toMs : openTimeMs[firstBar + count] }));
}
