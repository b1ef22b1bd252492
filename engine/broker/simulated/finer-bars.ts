/** Owns the bars of finer series that stand in for ambiguous ones. Never matches anything. */
import { lowerBound } from '../../feed.ts';
import type { BarColumns, Tape } from '../../model/bar.ts';
import type { MatchBar } from './match-bar.ts';

/** Finer bars that lie in one bar: rows from ≤ row < to. */
export interface FinerSpan {
  readonly columns: BarColumns;
  readonly from: number;
  readonly to: number;
}

export class FinerBars {
  /** By instrument; sparse: only bars that lie in ambiguous ones need be there. */
  private readonly tapes: readonly (Tape | undefined)[];

  constructor(tapes: readonly (Tape | undefined)[]) {
    this.tapes = tapes;
  }

  /** The finer bars in place of one; 'missing' where there are none, 'misfit' where they are not the same open, high, low and close. */
  of(bar: MatchBar): FinerSpan | 'missing' | 'misfit' {
    const columns = this.tapes[bar.instrumentIndex]?.columns;
    if (columns === undefined) return 'missing';
    const from = lowerBound(columns.openTimeMs, columns.length, bar.openMs);
    const to = lowerBound(columns.closeTimeMs, columns.length, bar.series.closeMs(bar.bar) + 1);
    if (from >= to) return 'missing';
    let high = Number.NEGATIVE_INFINITY;
    let low = Number.POSITIVE_INFINITY;
    for (let row = from; row < to; row++) {
      high = Math.max(high, columns.high[row]);
      low = Math.min(low, columns.low[row]);
    }
    const fits = columns.open[from] === bar.open && high === bar.high && low === bar.low && columns.close[to - 1] === bar.close;
    return fits ? { columns, from, to } : 'misfit';
  }
}
