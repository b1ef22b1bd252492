/** Owns the one pass over bars that finds what is wrong with them. Never decides what is done about it. */
import type { BarColumns, SeriesKey } from '../engine/model/bar.ts';
import { closeTimeOf, timeframeMs } from '../engine/model/timeframe.ts';
import { GapScan } from './gaps.ts';
import { type QualityIssue, type QualityKind, type QualityPolicy, type QualityReport, qualityKinds } from './quality.ts';
import { StaleOpenScan } from './stale-opens.ts';

/** The columns the scan reads; closeTimeMs follows from the timeframe. */
export type ScannedColumns = Pick<BarColumns, 'openTimeMs' | 'open' | 'high' | 'low' | 'close' | 'volume'>;

interface Finding {
  count: number;
  readonly first: QualityIssue['first'];
}

export interface ScanOptions {
  readonly key: SeriesKey;
  /** 0 for no check of the grid. */
  readonly tickSize: number;
  /** What a message calls the bar of this index: see barName, and BarSource for the lines of a file. */
  readonly nameOf: (index: number) => string;
}

/** Bars count from 1 where people read of them. */
export function barName(index: number): string {
  return `bar ${index + 1}`;
}

const dayMs = 86_400_000;

/** ISO time without needless digits: "2020-01-01T00:16Z". */
export function timeText(timeMs: number): string {
  if (!(Math.abs(timeMs) <= 8.64e15)) return String(timeMs);
  return new Date(timeMs).toISOString().replace(/(:00)?\.000Z$/, 'Z');
}

/** Fed with pieces of one series in file order; report() at the end. */
export class QualityScan {
  readonly #options: ScanOptions;
  readonly #gaps: GapScan;
  readonly #findings = new Map<QualityKind, Finding>();
  readonly #stepMs: number;
  readonly #gridMs: number;
  #rowCount = 0;
  #firstMs = Number.NaN;
  #previousMs = Number.NaN;
  #previousClose = Number.NaN;
  #smallestStepMs = Number.POSITIVE_INFINITY;
  #dayStartMs = Number.NaN;
  #regularUntilMs = Number.NEGATIVE_INFINITY;
  readonly #staleOpens = new StaleOpenScan();

  constructor(options: ScanOptions) {
    this.#options = options;
    this.#gaps = new GapScan(options.key.timeframe);
    this.#stepMs = timeframeMs(options.key.timeframe);
    // Daily bars may open with a session and weeks on any day: only what divides a day has a grid.
    this.#gridMs = this.#stepMs < dayMs ? this.#stepMs : 0;
  }

  get rowCount(): number {
    return this.#rowCount;
  }
  /** Open of the first bar and of the last; NaN of none. */
  get firstMs(): number {
    return this.#firstMs;
  }
  get lastMs(): number {
    return this.#previousMs;
  }
  /** Infinity where there are fewer than two bars. */
  get smallestStepMs(): number {
    return this.#smallestStepMs;
  }

  add(columns: ScannedColumns, count: number): void {
    this.#checkTimes(columns.openTimeMs, columns.open, columns.close, count);
    this.#checkValues(columns, count);
    if (this.#options.tickSize > 0) this.#checkTicks(columns, count);
    this.#rowCount += count;
  }

  #checkTimes(times: Float64Array, opens: Float64Array, closes: Float64Array, count: number): void {
    // A month has no one length: each of its bars is looked at.
    const regularMs = this.#options.key.timeframe === '1M' ? Number.NaN : this.#stepMs;
    const stale = this.#staleOpens;
    let previousMs = this.#previousMs;
    let previousClose = this.#previousClose;
    let regularUntilMs = this.#regularUntilMs;
    let irregularCount = 0;
    for (let i = 0; i < count; i++) {
      const timeMs = times[i];
      if (timeMs !== previousMs + regularMs || !(timeMs < regularUntilMs)) {
        regularUntilMs = this.#lookAtTime(i, previousMs, timeMs);
        irregularCount++;
      }
      if (opens[i] === previousClose) stale.see();
      previousMs = timeMs;
      previousClose = closes[i];
    }
    stale.end(this.#rowCount + count);
    if (irregularCount < count && regularMs < this.#smallestStepMs) this.#smallestStepMs = regularMs;
    if (Number.isNaN(this.#firstMs) && count > 0) this.#firstMs = times[0];
    this.#previousMs = previousMs;
    this.#previousClose = previousClose;
    this.#regularUntilMs = regularUntilMs;
  }

  /** A bar that begins a day, or does not stand where it is expected, or follows one off the grid. Returns until when bars one step apart need no look. */
  #lookAtTime(i: number, previousMs: number, timeMs: number): number {
    const { timeframe } = this.#options.key;
    const stale = this.#staleOpens;
    const isMonth = timeframe === '1M' && previousMs > Number.NEGATIVE_INFINITY;
    const expectedMs = isMonth ? closeTimeOf(timeframe, previousMs) : previousMs + this.#stepMs;
    // NaN in front of the first bar: nothing is equal to it, and nothing compares.
    if (timeMs !== expectedMs && !Number.isNaN(previousMs)) this.#noteStep(i, previousMs, timeMs, expectedMs);
    if (!(timeMs >= this.#dayStartMs && timeMs < this.#dayStartMs + dayMs)) {
      this.#dayStartMs = Math.floor(timeMs / dayMs) * dayMs;
      this.#gaps.seeDay(timeMs);
      if (!(timeMs < stale.yearEndMs)) stale.begin(timeMs, this.#rowCount + i);
    }
    const step = timeMs - previousMs;
    if (step > 0 && step < this.#smallestStepMs) this.#smallestStepMs = step;
    if (this.#gridMs > 0 && timeMs % this.#gridMs !== 0) {
      this.#noteGrid(i, timeMs);
      return Number.NEGATIVE_INFINITY;
    }
    return this.#dayStartMs + dayMs;
  }

  #noteGrid(i: number, timeMs: number): void {
    this.#note('offTimeGrid', i, timeMs, () => `opens at ${timeText(timeMs)}, off the UTC grid of ${this.#options.key.timeframe}`);
  }

  #noteStep(i: number, previousMs: number, timeMs: number, expectedMs: number): void {
    const both = `${this.#name(i - 1)} and ${this.#name(i)}`;
    if (timeMs === previousMs) this.#note('duplicate', i, timeMs, () => `${both} both open at ${timeText(timeMs)}`);
    else if (timeMs < previousMs) {
      this.#note(
        'disorder',
        i,
        timeMs,
        () => `${this.#name(i)} opens at ${timeText(timeMs)}, before ${this.#name(i - 1)} at ${timeText(previousMs)}`,
      );
    } else if (timeMs < expectedMs) {
      this.#note(
        'overlap',
        i,
        timeMs,
        () => `${this.#name(i)} opens at ${timeText(timeMs)}, before ${this.#name(i - 1)} closes at ${timeText(expectedMs)}`,
      );
    } else if (timeMs > expectedMs) this.#gaps.note(previousMs, timeMs, this.#rowCount + i - 1);
  }

  #checkValues(columns: ScannedColumns, count: number): void {
    const { openTimeMs, open, high, low, close, volume } = columns;
    for (let i = 0; i < count; i++) {
      const o = open[i];
      const h = high[i];
      const l = low[i];
      const c = close[i];
      const v = volume[i];
      // NaN makes every comparison false; ±Infinity fails an upper or lower bound: one test clears the ordinary bar.
      if (
        l > 0 &&
        l <= o &&
        l <= c &&
        h >= o &&
        h >= c &&
        h < Number.POSITIVE_INFINITY &&
        v >= 0 &&
        v < Number.POSITIVE_INFINITY &&
        openTimeMs[i] * 0 === 0
      )
        continue;
      this.#noteValues(i, openTimeMs[i], [o, h, l, c, v]);
    }
  }

  #noteValues(i: number, timeMs: number, values: readonly number[]): void {
    const [open, high, low, close] = values;
    const at = `${this.#name(i)} (${timeText(timeMs)})`;
    const bad = values.findIndex((value) => !Number.isFinite(value));
    if (bad >= 0 || !Number.isFinite(timeMs)) {
      const what = bad >= 0 ? `${columnNames[bad]} ${values[bad]}` : `time ${timeMs}`;
      this.#note('nonFinite', i, timeMs, () => `${at}: ${what} is no finite number`);
      return;
    }
    const negative = values.findIndex((value) => value < 0);
    if (negative >= 0) this.#note('negative', i, timeMs, () => `${at}: ${columnNames[negative]} ${values[negative]} is negative`);
    const zero = values.slice(0, 4).indexOf(0);
    if (zero >= 0) this.#note('zero', i, timeMs, () => `${at}: ${columnNames[zero]} is zero`);
    if (high < low) this.#note('highBelowLow', i, timeMs, () => `${at}: high ${high} is below low ${low}`);
    else if (open > high || open < low) this.#note('outsideRange', i, timeMs, () => `${at}: open ${open} lies outside [${low}, ${high}]`);
    else if (close > high || close < low)
      this.#note('outsideRange', i, timeMs, () => `${at}: close ${close} lies outside [${low}, ${high}]`);
  }

  #checkTicks(columns: ScannedColumns, count: number): void {
    const { openTimeMs, open, high, low, close } = columns;
    const { tickSize } = this.#options;
    const perTick = 1 / tickSize;
    for (let i = 0; i < count; i++) {
      if (isOnGrid(open[i] * perTick) && isOnGrid(high[i] * perTick) && isOnGrid(low[i] * perTick) && isOnGrid(close[i] * perTick))
        continue;
      const prices = [open[i], high[i], low[i], close[i]];
      const bad = prices.findIndex((price) => !isOnGrid(price * perTick));
      this.#note(
        'offTick',
        i,
        openTimeMs[i],
        () => `${this.#name(i)} (${timeText(openTimeMs[i])}): ${columnNames[bad]} ${prices[bad]} is no multiple of ${tickSize}`,
      );
    }
  }

  report(policy: QualityPolicy): QualityReport {
    const { isSessionMarket, gaps, calendar } = this.#gaps.report(this.#previousMs);
    const issues: QualityIssue[] = [];
    for (const kind of Object.keys(qualityKinds) as QualityKind[]) {
      const finding = this.#findings.get(kind);
      if (finding !== undefined) issues.push({ kind, policy: policy[kind], count: finding.count, first: finding.first });
    }
    for (const [kind, tally] of [
      ['gap', gaps],
      ['irregularCalendar', calendar],
    ] as const) {
      if (tally.count === 0) continue;
      const range = tally.ranges[0];
      const text = `${range.missingBarCount} missing from ${timeText(range.fromMs)} to ${timeText(range.toMs)}`;
      const first = { bar: range.afterBar, timeMs: range.fromMs, text };
      // A calendar is information, never a reason to stop.
      issues.push({ kind, policy: kind === 'gap' ? policy.gap : 'flag', count: tally.count, first });
    }
    const stale = this.#staleOpens.finding();
    // Where trading never pauses, the next bar of less than a day opens where the last one closed: nothing to remark.
    const isContinuous = this.#gridMs > 0 && !isSessionMarket;
    if (stale !== undefined && !isContinuous) issues.push({ kind: 'staleOpen', policy: policy.staleOpen, ...stale });
    return {
      rowCount: this.#rowCount,
      firstOpenMs: this.#firstMs,
      lastOpenMs: this.#previousMs,
      isSessionMarket,
      gapCount: gaps.count,
      missingBarCount: gaps.missingBarCount,
      gaps: gaps.ranges,
      calendarBreakCount: calendar.count,
      calendarMissingBarCount: calendar.missingBarCount,
      staleOpenCount: this.#staleOpens.count,
      issues,
    };
  }

  #note(kind: QualityKind, i: number, timeMs: number, text: () => string): void {
    const finding = this.#findings.get(kind);
    if (finding === undefined) this.#findings.set(kind, { count: 1, first: this.#place(i, timeMs, text()) });
    else finding.count++;
  }

  #place(i: number, timeMs: number, text: string): QualityIssue['first'] {
    return { bar: this.#rowCount + i, timeMs, text };
  }

  #name(i: number): string {
    return this.#options.nameOf(this.#rowCount + i);
  }
}

/** A price of a decimal grid is within a few ulps of a whole number of ticks; a NaN is not off the grid, it is told elsewhere. */
function isOnGrid(ticks: number): boolean {
  return !(Math.abs(ticks - Math.floor(ticks + 0.5)) > Math.abs(ticks) * 2e-15);
}

const columnNames = ['open', 'high', 'low', 'close', 'volume'];
