/**
 * Owns whether opens are opens: a source without them writes the close before instead. Counted for each UTC year, since sources mend their ways:
 * the S&P 500 of vega-datasets has no opens of its own before 2008. Never says that such bars are wrong: where trading never pauses,
 * many an open does equal the close before.
 */
import { countText } from './count-text.ts';
import type { QualityIssue } from './quality.ts';

const yearBarsMin = 20;

interface YearTally {
  readonly year: number;
  readonly firstBar: number;
  readonly firstMs: number;
  barCount: number;
  staleCount: number;
}

/** Fed by the scan's loop, which calls it once a year and once for each stale open, not once a bar. */
export class StaleOpenScan {
  readonly #years: YearTally[] = [];
  count = 0;
  /** End of the UTC year that is being counted: a bar from here on needs begin(). */
  yearEndMs = Number.NEGATIVE_INFINITY;

  /** The first bar of another year. */
  begin(timeMs: number, bar: number): void {
    this.end(bar);
    const year = Number.isFinite(timeMs) && Math.abs(timeMs) <= 8.64e15 ? new Date(timeMs).getUTCFullYear() : 0;
    this.yearEndMs = Date.UTC(year + 1, 0, 1);
    this.#years.push({ year, firstBar: bar, firstMs: timeMs, barCount: 0, staleCount: 0 });
  }

  /** An open that equals the close before. */
  see(): void {
    this.count++;
    this.#years[this.#years.length - 1].staleCount++;
  }

  /** The bar behind the last one seen so far. */
  end(bar: number): void {
    const last = this.#years.at(-1);
    if (last !== undefined) last.barCount = bar - last.firstBar;
  }

  /** The years of at least 20 bars in which more than half of the opens repeat the close before. */
  finding(): Pick<QualityIssue, 'count' | 'first'> | undefined {
    const stale = this.#years.filter((tally) => tally.barCount >= yearBarsMin && tally.staleCount * 2 > tally.barCount);
    if (stale.length === 0) return undefined;
    const count = stale.reduce((sum, tally) => sum + tally.staleCount, 0);
    const barCount = stale.reduce((sum, tally) => sum + tally.barCount, 0);
    const years =
      stale.length === 1 ? String(stale[0].year) : `${stale.length} years from ${stale[0].year} to ${stale[stale.length - 1].year}`;
    const text = `in ${years} ${countText(count)} of ${countText(barCount)} opens repeat the close before`;
    return { count, first: { bar: stale[0].firstBar, timeMs: stale[0].firstMs, text } };
  }
}
