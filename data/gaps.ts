/**
 * Owns which bars are missing. Never changes a bar.
 *
 * A market without a single bar on a UTC Saturday, seen over a week or more, keeps sessions. There a break is its calendar (weekend, night,
 * holiday: reported, not counted as a gap) when at most 4 weekdays are missing from daily bars, or when shorter bars pause for at least an
 * hour and at most 5 days. Everywhere else every missing bar is a gap. Bars of 3d, 1w and 1M have no calendar.
 */
import { closeTimeOf, type Timeframe, timeframeMs } from '../engine/model/timeframe.ts';

const dayMs = 86_400_000;
const rangesKept = 10;

/** Bars missing in [fromMs, toMs). */
export interface GapRange {
  readonly afterBar: number;
  readonly fromMs: number;
  readonly toMs: number;
  readonly missingBarCount: number;
}

export interface GapTally {
  count: number;
  missingBarCount: number;
  /** The first ten. */
  readonly ranges: GapRange[];
}

/** What was missing, under the calendar that the bars show. */
export interface GapReport {
  readonly isSessionMarket: boolean;
  readonly gaps: GapTally;
  readonly calendar: GapTally;
}

const emptyTally = (): GapTally => ({ count: 0, missingBarCount: 0, ranges: [] });

/** Collects the breaks of one series in time order; the calendar is decided at the end, so both readings are kept. */
export class GapScan {
  readonly #timeframe: Timeframe;
  readonly #stepMs: number;
  readonly #all = emptyTally();
  readonly #gaps = emptyTally();
  readonly #calendar = emptyTally();
  #hasSaturday = false;
  #firstMs = Number.NaN;

  constructor(timeframe: Timeframe) {
    this.#timeframe = timeframe;
    this.#stepMs = timeframeMs(timeframe);
  }

  /** A bar's open on another UTC day than the bar before; 1970-01-01 was a Thursday, so day 2 of the week counted from it is a Saturday. */
  seeDay(timeMs: number): void {
    if (Number.isNaN(this.#firstMs)) this.#firstMs = timeMs;
    if (weekdayOf(timeMs) === 2) this.#hasSaturday = true;
  }

  /** A break before the bar at nextMs. */
  note(previousMs: number, nextMs: number, afterBar: number): void {
    const fromMs = closeTimeOf(this.#timeframe, previousMs);
    const missingBarCount =
      this.#timeframe === '1M' ? monthsBetween(fromMs, nextMs) : Math.max(1, Math.round((nextMs - fromMs) / this.#stepMs));
    const range = { afterBar, fromMs, toMs: nextMs, missingBarCount };
    add(this.#all, range);
    add(this.#isCalendar(fromMs, nextMs) ? this.#calendar : this.#gaps, range);
  }

  /** lastMs: the open of the last bar. */
  report(lastMs: number): GapReport {
    const isSessionMarket = this.#stepMs <= dayMs && !this.#hasSaturday && lastMs - this.#firstMs >= 7 * dayMs;
    return isSessionMarket
      ? { isSessionMarket, gaps: this.#gaps, calendar: this.#calendar }
      : { isSessionMarket, gaps: this.#all, calendar: emptyTally() };
  }

  #isCalendar(fromMs: number, toMs: number): boolean {
    if (this.#stepMs < dayMs) return toMs - fromMs >= 3_600_000 && toMs - fromMs <= 5 * dayMs;
    if (toMs - fromMs > 10 * dayMs) return false;
    let weekdays = 0;
    for (let ms = fromMs; ms < toMs; ms += dayMs) if (weekdayOf(ms) !== 2 && weekdayOf(ms) !== 3) weekdays++;
    return weekdays <= 4;
  }
}

/** Days since Thursday: 2 is Saturday, 3 is Sunday. */
function weekdayOf(timeMs: number): number {
  const day = Math.floor(timeMs / dayMs) % 7;
  return day < 0 ? day + 7 : day;
}

function monthsBetween(fromMs: number, toMs: number): number {
  const from = new Date(fromMs);
  const to = new Date(toMs);
  return Math.max(1, (to.getUTCFullYear() - from.getUTCFullYear()) * 12 + to.getUTCMonth() - from.getUTCMonth());
}

function add(tally: GapTally, range: GapRange): void {
  tally.count++;
  tally.missingBarCount += range.missingBarCount;
  if (tally.ranges.length < rangesKept) tally.ranges.push(range);
}
