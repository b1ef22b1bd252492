/** Owns correlations and past days of a book, from the daily closes known now. Worked out when first asked for after a UTC day has ended. */
import { correlation } from '../metrics/covariance.ts';
import type { DailyCloses } from './daily-closes.ts';

export class BookStatistics {
  private readonly daily: DailyCloses;
  private readonly count: number;
  /** Of two instruments, i < j at i × count + j, and the edition of the closes they stand for. */
  private readonly correlations: Float64Array;
  private readonly editions: Float64Array;
  /** The columns asked for last. */
  private columns: readonly Float64Array[] = [];
  private columnsKey = '';

  constructor(daily: DailyCloses, count: number) {
    this.daily = daily;
    this.count = count;
    this.correlations = new Float64Array(count * count);
    this.editions = new Float64Array(count * count).fill(-1);
  }

  /** Takes in the days that have ended by now. */
  update(nowMs: number): void {
    this.daily.update(nowMs);
  }

  /** Correlation of daily returns over the last days that both have; NaN where fewer are known, or one never moved. */
  correlationOf(one: number, other: number, days: number): number {
    const at = Math.min(one, other) * this.count + Math.max(one, other);
    if (this.editions[at] === this.daily.edition) return this.correlations[at];
    const [left, right] = this.daily.returnsOf([Math.min(one, other), Math.max(one, other)], days);
    this.editions[at] = this.daily.edition;
    this.correlations[at] = left.length < days ? Number.NaN : correlation(left, right);
    return this.correlations[at];
  }

  /** Gain or loss of positions on the last days that all of the instruments have, oldest first; shorter where fewer are known. */
  pnlOf(instrumentIndexes: readonly number[], days: number, notionalOf: (instrumentIndex: number) => number): Float64Array {
    const key = `${this.daily.edition} ${days} ${instrumentIndexes.join(' ')}`;
    if (key !== this.columnsKey) {
      this.columns = this.daily.returnsOf(instrumentIndexes, days);
      this.columnsKey = key;
    }
    const pnl = new Float64Array(this.columns[0]?.length ?? 0);
    for (let k = 0; k < instrumentIndexes.length; k++) {
      const notional = notionalOf(instrumentIndexes[k]);
      for (let row = 0; row < pnl.length; row++) pnl[row] += notional * this.columns[k][row];
    }
    return pnl;
  }
}
