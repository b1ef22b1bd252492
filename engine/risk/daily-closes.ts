/**
 * Owns the closes of the UTC days that have ended, by instrument. Reads each day once, when somebody asks; never a bar that has not closed.
 * A bar belongs to the day of closeTimeMs − 1, and a day's close is that of its last bar.
 */
import { type FeedSeries, lowerBound } from '../feed.ts';
import { dayMs } from '../model/timeframe.ts';

class DaysOfInstrument {
  readonly days: number[] = [];
  readonly closes: number[] = [];
  /** First bar that belongs to no day read so far. */
  nextBar = 0;
}

export class DailyCloses {
  /** Goes up when a day has ended: what was worked out from the closes before is old then. */
  edition = 0;
  private readonly finest: readonly FeedSeries[];
  private readonly known: readonly DaysOfInstrument[];
  private day = Number.NEGATIVE_INFINITY;

  constructor(finest: readonly FeedSeries[]) {
    this.finest = finest;
    this.known = finest.map(() => new DaysOfInstrument());
  }

  /** Takes in the days that have ended by now. */
  update(nowMs: number): void {
    const day = Math.floor(nowMs / dayMs);
    if (day === this.day) return;
    this.day = day;
    this.edition++;
    for (let i = 0; i < this.known.length; i++) readDays(this.known[i], this.finest[i], day);
  }

  /**
   * Simple returns of instruments over the last days on which all of them had a bar, oldest first: at most count, fewer where fewer are
   * known. Row i of each is the same day.
   */
  returnsOf(instrumentIndexes: readonly number[], count: number): Float64Array[] {
    const all = instrumentIndexes.map((i) => this.known[i]);
    const places = commonPlaces(all, count + 1);
    const length = Math.max(0, (places[0]?.length ?? 0) - 1);
    return all.map(({ closes }, k) => {
      const returns = new Float64Array(length);
      for (let row = 0; row < length; row++) returns[row] = closes[places[k][row + 1]] / closes[places[k][row]] - 1;
      return returns;
    });
  }
}

/** Reads the days before the given one that have closed bars; each is found by halving, so that its bars are not gone through. */
function readDays(known: DaysOfInstrument, { columns, index }: FeedSeries, beforeDay: number): void {
  const closedCount = index + 1;
  while (known.nextBar < closedCount) {
    const day = Math.floor((columns.closeTimeMs[known.nextBar] - 1) / dayMs);
    if (day >= beforeDay) return;
    const next = lowerBound(columns.closeTimeMs, closedCount, (day + 1) * dayMs + 1);
    known.days.push(day);
    known.closes.push(columns.close[next - 1]);
    known.nextBar = next;
  }
}

/** For each instrument the places of its last days that all of them share, oldest first, at most count. */
function commonPlaces(all: readonly DaysOfInstrument[], count: number): number[][] {
  const at = all.map(({ days }) => days.length - 1);
  const places = all.map((): number[] => []);
  while (places.length > 0 && places[0].length < count && at.every((place) => place >= 0)) {
    const earliest = Math.min(...at.map((place, k) => all[k].days[place]));
    if (at.every((place, k) => all[k].days[place] === earliest)) {
      for (let k = 0; k < at.length; k++) places[k].push(at[k]--);
      continue;
    }
    for (let k = 0; k < at.length; k++) if (all[k].days[at[k]] > earliest) at[k]--;
  }
  for (const list of places) list.reverse();
  return places;
}
