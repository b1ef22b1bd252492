/** Owns the playhead: which bar of each series has closed. Moves forward only; nothing reads past it. */
import { assert } from './errors.ts';
import { barEvent, type EventKind, endEvent, openEvent } from './event.ts';
import { type BarColumns, type SeriesKey, seriesName, type Tape } from './model/bar.ts';
import { timeframeMs } from './model/timeframe.ts';

/** One series under the playhead. */
export class FeedSeries {
  readonly key: SeriesKey;
  readonly isSynthetic: boolean;
  readonly instrumentIndex: number;
  /** Orders of the instrument are matched on this series; only it makes opens. */
  readonly isFinest: boolean;
  readonly columns: BarColumns;
  /** Bars firstBar ≤ i < endBar lie in the window; earlier ones are history. */
  readonly firstBar: number;
  readonly endBar: number;
  /** The first bar that is no event any more: endBar, unless the run was stopped before. */
  stopBar: number;
  /** The bar that had closed when the window starts. Bars between it and firstBar run across the start: they close as events, but nothing trades on them. */
  readonly startIndex: number;
  /** The bar that closed last; before the first −1. */
  index: number;
  /** The bar whose open was the last to be an event (or to be passed over). */
  openedBar: number;
  /** A strategy that reads this series is called when its bars close. */
  isDeclared: boolean;
  /** Length of every bar where each opens as the one before it closes; 0 where some do not. */
  private readonly stepMs: number;
  private readonly originMs: number;
  constructor(tape: Tape, instrumentIndex: number, isFinest: boolean, window: Window) {
    this.key = tape.key;
    this.isSynthetic = tape.isSynthetic;
    this.instrumentIndex = instrumentIndex;
    this.isFinest = isFinest;
    this.columns = tape.columns;
    this.firstBar = lowerBound(tape.columns.openTimeMs, tape.columns.length, window.fromMs);
    this.endBar = lowerBound(tape.columns.closeTimeMs, tape.columns.length, window.toMs + 1);
    this.stopBar = this.endBar;
    this.startIndex = lowerBound(tape.columns.closeTimeMs, this.firstBar, window.fromMs + 1) - 1;
    this.index = this.startIndex;
    this.openedBar = this.firstBar - 1;
    this.isDeclared = false;
    this.stepMs = stepOf(tape.columns);
    this.originMs = tape.columns.openTimeMs[0];
  }

  /** Bars inside the window. */
  get barCount(): number {
    return Math.max(0, this.endBar - this.firstBar);
  }

  /** Open time of a bar. Bars without gaps tell it by arithmetic: a lone look into a column is a miss of every cache. */
  openMs(bar: number): number {
    return this.stepMs > 0 ? this.originMs + bar * this.stepMs : this.columns.openTimeMs[bar];
  }

  /** Close time of a bar. */
  closeMs(bar: number): number {
    return this.stepMs > 0 ? this.originMs + (bar + 1) * this.stepMs : this.columns.closeTimeMs[bar];
  }
}

export interface Window {
  readonly fromMs: number;
  readonly toMs: number;
}

export interface FeedInput {
  readonly tapes: readonly Tape[];
  /** For each tape the index of its instrument. */
  readonly instrumentIndexes: readonly number[];
  readonly instrumentCount: number;
  /** Each instrument counts twice: a hedge account's long legs, then its short ones. */
  readonly hasLegs?: boolean;
  readonly window: Window;
}

/** Merges several series into batches of events in total order. */
export class Feed {
  readonly series: readonly FeedSeries[];
  /** The finest series of each instrument (of each leg, where there are legs), in their order. */
  readonly finest: readonly FeedSeries[];
  /** The first series of each instrument in the scenario: the one to decide on. */
  readonly decision: readonly FeedSeries[];
  /** closeTimeMs of each equity row: the distinct closes of the finest series inside the window. */
  readonly rowTimeMs: Float64Array;
  /** Series of the current batch, in the order of declaration; the first batchCount entries count. */
  readonly batch: FeedSeries[];
  batchCount: number;
  /** Equity row of the current bar batch; −1 before the first. */
  row: number;
  /** The current bar batch has a finest series, so it has an equity row. */
  isRow: boolean;
  /** The one series, where there is only one: then nothing is to be merged. */
  readonly only: FeedSeries | null;
  /** Time of the current batch of several series; one series is asked itself, and only when somebody wants to know. */
  private batchMs: number;
  private isOpen: boolean;

  constructor(input: FeedInput) {
    const finestTape = finestTapes(input);
    this.series = input.tapes.map((tape, i) => {
      const instrumentIndex = input.instrumentIndexes[i];
      return new FeedSeries(tape, instrumentIndex, finestTape[instrumentIndex] === i, input.window);
    });
    const finest = finestTape.map((i) => this.series[i]);
    this.finest = input.hasLegs === true ? [...finest, ...finest] : finest;
    const decision = finestTape.map((_, i) => this.series.find((one) => one.instrumentIndex === i) as FeedSeries);
    this.decision = input.hasLegs === true ? [...decision, ...decision] : decision;
    this.rowTimeMs = rowTimes(finest);
    this.batch = this.series.slice();
    this.only = this.series.length === 1 ? this.series[0] : null;
    // Alone, a bar across the start has closed by the first event: nothing is between them.
    if (this.only !== null) this.only.index = this.only.firstBar - 1;
    this.batchCount = 0;
    this.batchMs = Number.NEGATIVE_INFINITY;
    this.isOpen = false;
    this.row = -1;
    this.isRow = false;
  }

  /** Time of the current event; before the first −Infinity. */
  get timeMs(): number {
    const { only } = this;
    if (only === null) return this.batchMs;
    if (this.isOpen) return only.openMs(only.openedBar);
    return this.row < 0 ? Number.NEGATIVE_INFINITY : only.closeMs(only.index);
  }

  /** Moves to the next batch. wantsOpens: something rests that an open could fill; without it opens are passed over. */
  next(wantsOpens: boolean): EventKind {
    const only = this.only;
    if (only === null) return this.nextOfMany(wantsOpens);
    const bar = only.index + 1;
    if (bar >= only.stopBar) return endEvent;
    this.batchCount = 1;
    if (wantsOpens && this.opens(only, bar)) return openEvent;
    only.index = bar;
    this.isOpen = false;
    this.row++;
    this.isRow = true;
    return barEvent;
  }

  /** The series' next bar opens now. */
  isOpening(series: FeedSeries): boolean {
    if (this.only !== null) return this.isOpen;
    return series.openedBar === series.index + 1 && series.openMs(series.openedBar) === this.batchMs;
  }

  /** Bars of the one series are about to close with nothing between them; whoever says so moves its index and the row along. */
  enterStretch(): void {
    this.batchCount = 1;
    this.isOpen = false;
    this.isRow = true;
  }

  /** Passes over all batches up to the close of a bar of the one finest series: whoever says so knows that nothing happens at them. */
  leapTo(bar: number): void {
    const [finest] = this.finest;
    this.enterStretch();
    finest.index = bar;
    this.row = bar - finest.firstBar;
    if (this.only !== null) return;
    this.batch[0] = finest;
    this.batchMs = finest.closeMs(bar);
    for (const one of this.series) {
      if (one !== finest) one.index = Math.max(one.index, lowerBound(one.columns.closeTimeMs, one.endBar, this.batchMs + 1) - 1);
    }
  }

  /** Moves to the open of the next bar, once. Of bars that overlap (days of 23 hours) it lies before now and is passed over: time never goes back. */
  private opens(only: FeedSeries, bar: number): boolean {
    if (only.openedBar >= bar || only.openMs(bar) < this.timeMs) return false;
    only.openedBar = bar;
    this.isOpen = true;
    return true;
  }

  /** Nothing comes after what is now. */
  stop(): void {
    for (const one of this.series) one.stopBar = one.index + 1;
  }

  /** Puts the playhead back before the window's first bar. */
  rewind(): void {
    for (const series of this.series) {
      series.index = series.startIndex;
      series.stopBar = series.endBar;
      series.openedBar = series.firstBar - 1;
    }
    if (this.only !== null) this.only.index = this.only.firstBar - 1;
    this.batchCount = 0;
    this.batchMs = Number.NEGATIVE_INFINITY;
    this.isOpen = false;
    this.row = -1;
    this.isRow = false;
  }

  private nextOfMany(wantsOpens: boolean): EventKind {
    const { series } = this;
    let barMs = Number.POSITIVE_INFINITY;
    let openMs = Number.POSITIVE_INFINITY;
    for (let k = 0; k < series.length; k++) {
      const one = series[k];
      const bar = one.index + 1;
      if (bar >= one.stopBar) continue;
      const closeMs = one.columns.closeTimeMs[bar];
      if (closeMs < barMs) barMs = closeMs;
      if (!wantsOpens || !one.isFinest || one.openedBar >= bar) continue;
      const opensMs = one.columns.openTimeMs[bar];
      // An open passed over while nothing rested lies in the past now: it must not fill what was made after it.
      if (opensMs < this.batchMs) one.openedBar = bar;
      else if (opensMs < openMs) openMs = opensMs;
    }
    if (openMs < barMs) return this.openBatch(openMs);
    return barMs === Number.POSITIVE_INFINITY ? endEvent : this.barBatch(barMs);
  }

  private openBatch(timeMs: number): EventKind {
    this.batchMs = timeMs;
    let count = 0;
    for (let k = 0; k < this.series.length; k++) {
      const one = this.series[k];
      const bar = one.index + 1;
      if (!one.isFinest || bar >= one.stopBar || one.openedBar >= bar || one.columns.openTimeMs[bar] !== timeMs) continue;
      one.openedBar = bar;
      this.batch[count++] = one;
    }
    this.batchCount = count;
    return openEvent;
  }

  private barBatch(timeMs: number): EventKind {
    this.batchMs = timeMs;
    this.isRow = false;
    let count = 0;
    for (let k = 0; k < this.series.length; k++) {
      const one = this.series[k];
      const bar = one.index + 1;
      if (bar >= one.stopBar) continue;
      if (one.columns.closeTimeMs[bar] !== timeMs) {
        // It has opened meanwhile, told by an event or not: from here on its open is the last known price.
        if (one.isFinest && one.openedBar < bar && one.columns.openTimeMs[bar] < timeMs) one.openedBar = bar;
        continue;
      }
      one.index = bar;
      this.batch[count++] = one;
      if (one.isFinest && bar >= one.firstBar) this.isRow = true;
    }
    this.batchCount = count;
    if (this.isRow) this.row++;
    return barEvent;
  }
}

/** First i with sorted[i] ≥ value; length where there is none. */
export function lowerBound(sorted: Float64Array, length: number, value: number): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle] < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** For each instrument the tape with the shortest bars; of two equal ones the first. */
function finestTapes({ tapes, instrumentIndexes, instrumentCount }: FeedInput): number[] {
  const finest = new Array<number>(instrumentCount).fill(-1);
  tapes.forEach((tape, i) => {
    const best = finest[instrumentIndexes[i]];
    if (best < 0 || timeframeMs(tape.key.timeframe) < timeframeMs(tapes[best].key.timeframe)) finest[instrumentIndexes[i]] = i;
  });
  for (let k = 0; k < finest.length; k++) assert(finest[k] >= 0, `instrument ${k} has no series`);
  return finest;
}

/** Distinct closes of the series inside the window, ascending; a view of the tape where there is one series. */
function rowTimes(finest: readonly FeedSeries[]): Float64Array {
  if (finest.length === 1) return finest[0].columns.closeTimeMs.subarray(finest[0].firstBar, finest[0].firstBar + finest[0].barCount);
  const all = new Float64Array(finest.reduce((sum, one) => sum + one.barCount, 0));
  let count = 0;
  for (const one of finest) {
    all.set(one.columns.closeTimeMs.subarray(one.firstBar, one.firstBar + one.barCount), count);
    count += one.barCount;
  }
  all.sort();
  let distinct = 0;
  for (let i = 0; i < all.length; i++) if (i === 0 || all[i] !== all[i - 1]) all[distinct++] = all[i];
  return all.subarray(0, distinct);
}

const steps = new WeakMap<BarColumns, number>();

/** Length of the bars where all are of one length and each opens as the one before it closes, otherwise 0; looked at once a tape. */
function stepOf(columns: BarColumns): number {
  const known = steps.get(columns);
  if (known !== undefined) return known;
  const { openTimeMs, closeTimeMs, length } = columns;
  let stepMs = length === 0 ? 0 : closeTimeMs[0] - openTimeMs[0];
  for (let i = 0; i < length; i++) {
    const openMs = openTimeMs[0] + i * stepMs;
    if (openTimeMs[i] === openMs && closeTimeMs[i] === openMs + stepMs) continue;
    stepMs = 0;
    break;
  }
  steps.set(columns, stepMs);
  return stepMs;
}

const orderedTapes = new WeakSet<BarColumns>();

/** Refuses bars that are not in time order, once a tape; the quality check says more, this only keeps the feed from going astray. */
export function assertOrdered(tape: Tape): void {
  if (orderedTapes.has(tape.columns)) return;
  const { closeTimeMs, openTimeMs, length } = tape.columns;
  for (let i = 1; i < length; i++) {
    if (closeTimeMs[i] > closeTimeMs[i - 1] && openTimeMs[i] >= openTimeMs[i - 1]) continue;
    assert(false, `${seriesName(tape.key)} bar ${i} is not after bar ${i - 1}`);
  }
  orderedTapes.add(tape.columns);
}
