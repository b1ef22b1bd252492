/**
 * Owns the machines that tell when trading has gone wrong: fed with closed positions, equity and orders, in tape time alone, so that they say
 * the same in a backtest and live. Pure state: none of them cancels, refuses or asks a clock.
 */

import { dayMs } from '../model/timeframe.ts';
import type { PauseScope, ProtectionSettings } from '../risk-settings.ts';

/** A position from its first entry to flat, or to the turn to the other side. */
export interface RoundTrip {
  readonly instrumentIndex: number;
  readonly timeMs: number;
  /** Of all its trades, fees taken off. */
  readonly pnlQuote: number;
  /** It was closed by a stop, attached or the strategy's own. */
  readonly isStop: boolean;
}

/** Fall of equity from its peak, at bar closes. */
export class DrawdownLimit {
  readonly fractionMax: number;
  peakQuote: number;

  constructor(fractionMax: number, initialCapitalQuote: number) {
    this.fractionMax = fractionMax;
    this.peakQuote = initialCapitalQuote;
  }

  /** True where the limit is reached. */
  observe(equityQuote: number): boolean {
    if (equityQuote > this.peakQuote) this.peakQuote = equityQuote;
    return this.peakQuote - equityQuote >= this.peakQuote * this.fractionMax;
  }
}

/** Loss of one UTC day. A bar close belongs to the day of its time − 1; the day starts with the last equity of the days before. */
export class DailyLossLimit {
  dayStartQuote: number;
  private readonly fractionMax: number;
  private day = Number.NEGATIVE_INFINITY;
  private lastQuote: number;

  constructor(fractionMax: number, initialCapitalQuote: number) {
    this.fractionMax = fractionMax;
    this.dayStartQuote = initialCapitalQuote;
    this.lastQuote = initialCapitalQuote;
  }

  /** True where the limit is reached. */
  observe(equityQuote: number, timeMs: number): boolean {
    const day = Math.floor((timeMs - 1) / dayMs);
    if (day !== this.day) {
      this.day = day;
      this.dayStartQuote = this.lastQuote;
    }
    this.lastQuote = equityQuote;
    return this.dayStartQuote - equityQuote >= this.dayStartQuote * this.fractionMax;
  }

  /** First moment after the day that was observed last; a close at midnight still belongs to it. */
  get dayEndMs(): number {
    return (this.day + 1) * dayMs + 1;
  }
}

/** Losing stop exits within a window. One closed in profit (a trailing stop, a stop at break-even) is no failure and does not count. */
export class StopLossGuard {
  /** Stops inside the window at the last round trip. */
  countNow = 0;
  private readonly stopCount: number;
  private readonly withinMs: number;
  private readonly scope: PauseScope;
  private readonly timesMs: number[][] = [];

  constructor({ stopCount, withinMs, scope }: NonNullable<ProtectionSettings['stopLossGuard']>) {
    this.stopCount = stopCount;
    this.withinMs = withinMs;
    this.scope = scope;
  }

  /** True where this is the n-th stop within the window, or one more after it. */
  isReachedBy({ instrumentIndex, timeMs, pnlQuote, isStop }: RoundTrip): boolean {
    if (!isStop || !(pnlQuote < 0)) return false;
    const key = this.scope === 'account' ? 0 : instrumentIndex;
    this.timesMs[key] ??= [];
    const times = this.timesMs[key];
    times.push(timeMs);
    while (times[0] <= timeMs - this.withinMs) times.shift();
    this.countNow = times.length;
    return times.length >= this.stopCount;
  }
}

/** Losing round trips in a row. One that loses nothing ends the row; so does the pause that it brings. */
export class LossStreak {
  private readonly lossCount: number;
  private readonly scope: PauseScope;
  private readonly streaks: number[] = [];

  constructor({ lossCount, scope }: NonNullable<ProtectionSettings['lossStreak']>) {
    this.lossCount = lossCount;
    this.scope = scope;
  }

  isReachedBy({ instrumentIndex, pnlQuote }: RoundTrip): boolean {
    const key = this.scope === 'account' ? 0 : instrumentIndex;
    const streak = pnlQuote < 0 ? (this.streaks[key] ?? 0) + 1 : 0;
    const isReached = streak >= this.lossCount;
    this.streaks[key] = isReached ? 0 : streak;
    return isReached;
  }
}

/** Orders sent within a sliding window of tape time. */
export class OrderRate {
  readonly max: number;
  readonly withinMs: number;
  /** Times of the last max orders; the oldest stands where the next will. */
  private readonly sentMs: Float64Array;
  private next = 0;

  constructor(max: number, withinMs: number) {
    this.max = max;
    this.withinMs = withinMs;
    this.sentMs = new Float64Array(max).fill(Number.NEGATIVE_INFINITY);
  }

  /** As many orders as are allowed were sent in the window that ends now. */
  isFull(timeMs: number): boolean {
    return this.sentMs[this.next] > timeMs - this.withinMs;
  }

  note(timeMs: number): void {
    this.sentMs[this.next] = timeMs;
    this.next = this.next + 1 === this.max ? 0 : this.next + 1;
  }
}
