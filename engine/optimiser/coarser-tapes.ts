/** Owns bringing the coarser series of an instrument in line with a finest one that was altered. Pure; never alters a finest series. */
import { lowerBound } from '../feed.ts';
import type { BarColumns, Tape } from '../model/bar.ts';
import { timeframeMs } from '../model/timeframe.ts';

/** For each tape the place of the finest one of its instrument; of two equal ones the first. */
export function finestPlaces(tapes: readonly Tape[]): number[] {
  const isSame = (a: Tape, b: Tape): boolean => a.key.venue === b.key.venue && a.key.symbol === b.key.symbol;
  return tapes.map((tape) => {
    const own = tapes.flatMap((other, place) => (isSame(tape, other) ? [{ place, ms: timeframeMs(other.key.timeframe) }] : []));
    return own.reduce((best, one) => (one.ms < best.ms ? one : best)).place;
  });
}

/** The tapes with those finest ones that were altered, and every coarser bar made anew from the finest bars in it; one that holds none stays. */
export function withFinest(tapes: readonly Tape[], altered: ReadonlyMap<number, BarColumns>): Tape[] {
  const finest = finestPlaces(tapes);
  return tapes.map((tape, place) => {
    const columns = altered.get(finest[place]);
    if (columns === undefined) return tape;
    return { ...tape, columns: finest[place] === place ? columns : remade(tape.columns, columns) };
  });
}

function remade(coarse: BarColumns, fine: BarColumns): BarColumns {
  const open = coarse.open.slice();
  const high = coarse.high.slice();
  const low = coarse.low.slice();
  const close = coarse.close.slice();
  const volume = coarse.volume.slice();
  let bar = coarse.length === 0 ? 0 : lowerBound(fine.openTimeMs, fine.length, coarse.openTimeMs[0]);
  for (let i = 0; i < coarse.length; i++) {
    while (bar < fine.length && fine.openTimeMs[bar] < coarse.openTimeMs[i]) bar++;
    const first = bar;
    let volumeSum = 0;
    for (; bar < fine.length && fine.closeTimeMs[bar] <= coarse.closeTimeMs[i]; bar++) {
      if (bar === first) {
        open[i] = fine.open[bar];
        high[i] = fine.high[bar];
        low[i] = fine.low[bar];
      }
      if (fine.high[bar] > high[i]) high[i] = fine.high[bar];
      if (fine.low[bar] < low[i]) low[i] = fine.low[bar];
      close[i] = fine.close[bar];
      volumeSum += fine.volume[bar];
    }
    if (bar > first) volume[i] = volumeSum;
  }
  return { length: coarse.length, openTimeMs: coarse.openTimeMs, closeTimeMs: coarse.closeTimeMs, open, high, low, close, volume };
}
