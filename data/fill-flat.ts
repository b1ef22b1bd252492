/** Owns the quality policy fill-flat: bars for gaps, made in memory when asked for by name. Never stored in the catalogue. */
import type { BarColumns, Tape } from '../engine/model/bar.ts';
import { closeTimeOf } from '../engine/model/timeframe.ts';
import { allocateColumns } from './columns.ts';

export interface FilledTape {
  readonly tape: Tape;
  readonly filledBarCount: number;
}

/** The tape with every missing bar in it, flat at the close before and of zero volume; calendar breaks are filled too. The bars must be in order. */
export function fillFlat(tape: Tape): FilledTape {
  const { columns, key } = tape;
  const { openTimeMs } = columns;
  let filledBarCount = 0;
  for (let i = 1; i < columns.length; i++) {
    for (let ms = columns.closeTimeMs[i - 1]; ms < openTimeMs[i]; ms = closeTimeOf(key.timeframe, ms)) filledBarCount++;
  }
  if (filledBarCount === 0) return { tape, filledBarCount };
  const target = allocateColumns(columns.length + filledBarCount).columns;
  let at = 0;
  for (let i = 0; i < columns.length; i++) {
    if (i > 0) {
      for (let ms = columns.closeTimeMs[i - 1]; ms < openTimeMs[i]; ms = closeTimeOf(key.timeframe, ms)) {
        // A flat bar ends where the next recorded one begins, even off the grid.
        writeFlat(target, at++, ms, Math.min(closeTimeOf(key.timeframe, ms), openTimeMs[i]), columns.close[i - 1]);
      }
    }
    target.openTimeMs[at] = openTimeMs[i];
    target.closeTimeMs[at] = columns.closeTimeMs[i];
    target.open[at] = columns.open[i];
    target.high[at] = columns.high[i];
    target.low[at] = columns.low[i];
    target.close[at] = columns.close[i];
    target.volume[at++] = columns.volume[i];
  }
  return { tape: { ...tape, columns: target }, filledBarCount };
}

function writeFlat(target: BarColumns, at: number, openMs: number, closeMs: number, price: number): void {
  target.openTimeMs[at] = openMs;
  target.closeTimeMs[at] = closeMs;
  target.open[at] = price;
  target.high[at] = price;
  target.low[at] = price;
  target.close[at] = price;
}
