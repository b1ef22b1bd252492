/** Owns the bars of finer series that stand in for ambiguous ones, and which of them were looked at. Never matches anything. */
import { lowerBound } from '../../feed.ts';
import { type BarColumnName, type BarColumns, barColumnNames, type Tape } from '../../model/bar.ts';
import type { MatchBar } from './match-bar.ts';

/** Finer bars that lie in one bar: rows from ≤ row < to. */
export interface FinerSpan {
  readonly columns: BarColumns;
  readonly from: number;
  readonly to: number;
}

export class FinerBars {
  /** Of a bar at least that was looked for there were no finer ones. */
  isMissing = false;
  /** By instrument; whole series, or only bars that lie in ambiguous ones. */
  private readonly tapes: readonly (Tape | undefined)[];
  /** By instrument the rows that were looked at, as pairs from, to, in order. */
  private readonly spans: number[][];

  constructor(tapes: readonly (Tape | undefined)[]) {
    this.tapes = tapes;
    this.spans = tapes.map(() => []);
  }

  /** The finer bars in place of one; null where there are none, or where they are not the same open, high, low and close. */
  of(bar: MatchBar): FinerSpan | null {
    const columns = this.tapes[bar.instrumentIndex]?.columns;
    const from = columns === undefined ? 0 : lowerBound(columns.openTimeMs, columns.length, bar.openMs);
    const to = columns === undefined ? 0 : lowerBound(columns.closeTimeMs, columns.length, bar.series.closeMs(bar.bar) + 1);
    if (columns === undefined || from >= to) {
      this.isMissing = true;
      return null;
    }
    this.note(bar.instrumentIndex, from, to);
    let high = Number.NEGATIVE_INFINITY;
    let low = Number.POSITIVE_INFINITY;
    for (let row = from; row < to; row++) {
      high = Math.max(high, columns.high[row]);
      low = Math.min(low, columns.low[row]);
    }
    const fits = columns.open[from] === bar.open && high === bar.high && low === bar.low && columns.close[to - 1] === bar.close;
    return fits ? { columns, from, to } : null;
  }

  /** What the run rests on beside its own tapes: of each series the bars that were looked at, and no others. */
  used(): Tape[] {
    return this.tapes.flatMap((tape, i) => (tape === undefined || this.spans[i].length === 0 ? [] : [pick(tape, this.spans[i])]));
  }

  /** A bar that is played once more is looked at once. */
  private note(i: number, from: number, to: number): void {
    const spans = this.spans[i];
    if (spans.length === 0 || from >= spans[spans.length - 1]) spans.push(from, to);
  }
}

function pick(tape: Tape, spans: readonly number[]): Tape {
  let length = 0;
  for (let k = 0; k < spans.length; k += 2) length += spans[k + 1] - spans[k];
  const columns = Object.fromEntries(barColumnNames.map((name) => [name, new Float64Array(length)])) as Record<BarColumnName, Float64Array>;
  for (const name of barColumnNames) {
    for (let k = 0, at = 0; k < spans.length; at += spans[k + 1] - spans[k], k += 2)
      columns[name].set(tape.columns[name].subarray(spans[k], spans[k + 1]), at);
  }
  return { ...tape, columns: { length, ...columns } };
}
