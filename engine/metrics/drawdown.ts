/** Owns how far and how long a curve lies under its own peak. A drawdown is a fraction ≥ 0 of the peak; above 1 where more than all is lost. */
import type { HeldLine, RangeIndex } from '../range-index.ts';
import { mean } from './moments.ts';

/** A curve of which parts are told by what is held through them instead of row by row. */
export interface EquityPieces {
  /** Values at ascending rows. */
  pick(rows: Int32Array): Float64Array;
  /** Plays every row, in order. */
  drawInto(pass: DrawdownPass): void;
}

export interface Curve {
  readonly timeMs: Float64Array;
  readonly equityQuote: Float64Array;
  /** Rows in use. */
  readonly length: number;
  /** The value before the first row, and when it held: a loss in the first row counts. */
  readonly startMs: number;
  readonly startQuote: number;
}

export interface DrawdownSummary {
  readonly fractionMax: number;
  /** Mean depth of the episodes; none → 0. */
  readonly fractionAverage: number;
  /** Depth at the last row. */
  readonly fractionFinal: number;
  /** From the last row at a peak to the first row at or above it again, or to the last row where it is never reached. */
  readonly msMax: number;
  readonly msAverage: number;
  /** Episodes: stretches of rows below the peak. */
  readonly count: number;
  readonly peakQuote: number;
  readonly lowestQuote: number;
}

/** Rows of one call: compiled code is entered at the next one, and never left behind a loop that has not ended before. */
const spanRows = 4_096;

/** The drawdowns of a curve in one pass, divided once an episode and never a row. No row → all 0, peak and lowest are the start. */
export function summariseDrawdowns(
  curve: Omit<Curve, 'equityQuote'> & { readonly equityQuote: Float64Array | EquityPieces },
): DrawdownSummary {
  const { equityQuote, timeMs, length, startQuote } = curve;
  const pass = new DrawdownPass(curve);
  if (equityQuote instanceof Float64Array) pass.playRows(equityQuote, 0, length);
  else equityQuote.drawInto(pass);
  if (length === 0) return pass.summary({ timeMs: curve.startMs, quote: startQuote });
  const quote = equityQuote instanceof Float64Array ? equityQuote[length - 1] : equityQuote.pick(Int32Array.of(length - 1))[0];
  return pass.summary({ timeMs: timeMs[length - 1], quote });
}

/** A fraction first: a field that has held a whole number changes shape at its first fraction. */
const none = Number.NaN;

export class DrawdownPass {
  private readonly timeMs: Float64Array;
  private readonly startMs: number;
  private peak: number;
  private lowest: number;
  private isUnder = false;
  private trough = none;
  private peakMs = none;
  private fractionMax = none;
  private fractionSum = none;
  private msMax = none;
  private msSum = none;
  private count = 0;

  constructor(curve: Pick<Curve, 'timeMs' | 'startMs' | 'startQuote'>) {
    this.timeMs = curve.timeMs;
    this.startMs = curve.startMs;
    this.peak = curve.startQuote;
    this.lowest = curve.startQuote;
    this.fractionMax = 0;
    this.fractionSum = 0;
    this.msMax = 0;
    this.msSum = 0;
  }

  playRows(equityQuote: Float64Array, from: number, to: number): void {
    for (let at = from; at < to; at += spanRows) this.playSpan(equityQuote, at, Math.min(at + spanRows, to));
  }

  /** Rows through which a line is held, of which row 0 is bar0; the same states as of its values one by one. */
  playHeld(line: HeldLine, index: RangeIndex, bar0: number, from: number, to: number): void {
    let i = from;
    while (i < to) {
      if (!this.isUnder) {
        const quote = index.worth(bar0 + i, line);
        if (quote >= this.peak) {
          this.peak = quote;
          i++;
          continue;
        }
        this.goUnder(i, quote);
      }
      i = index.firstWorthOutside(line, bar0 + i, bar0 + to, this.trough, this.peak) - bar0;
      if (i === to) return;
      this.leave(i, index.worth(bar0 + i, line));
    }
  }

  /** last: the last row, or the start where there is none. */
  summary(last: { readonly timeMs: number; readonly quote: number }): DrawdownSummary {
    const { isUnder, peak } = this;
    if (isUnder) this.endEpisode(last.timeMs);
    const { count } = this;
    return {
      fractionMax: this.fractionMax,
      fractionAverage: count === 0 ? 0 : this.fractionSum / count,
      fractionFinal: isUnder ? (peak - last.quote) / peak : 0,
      msMax: this.msMax,
      msAverage: count === 0 ? 0 : this.msSum / count,
      count,
      peakQuote: peak,
      lowestQuote: this.lowest,
    };
  }

  private playSpan(equityQuote: Float64Array, from: number, to: number): void {
    let i = from;
    while (i < to) {
      if (!this.isUnder) {
        i = this.climb(equityQuote, i, to);
        if (i === to) return;
        this.goUnder(i, equityQuote[i]);
      }
      i = firstRowOutside(equityQuote, i, to, this.trough, this.peak);
      if (i === to) return;
      this.leave(i, equityQuote[i]);
    }
  }

  /** First row below the peak, which rises with the rows before it. */
  private climb(equityQuote: Float64Array, from: number, to: number): number {
    let { peak } = this;
    let i = from;
    while (i < to && equityQuote[i] >= peak) peak = equityQuote[i++];
    this.peak = peak;
    return i;
  }

  private goUnder(row: number, quote: number): void {
    this.isUnder = true;
    this.peakMs = row === 0 ? this.startMs : this.timeMs[row - 1];
    this.trough = quote;
  }

  /** A row outside trough and peak. */
  private leave(row: number, quote: number): void {
    if (quote >= this.peak) this.endEpisode(this.timeMs[row]);
    else this.trough = quote;
  }

  private endEpisode(endMs: number): void {
    const { peak, trough } = this;
    const fraction = (peak - trough) / peak;
    const ms = endMs - this.peakMs;
    if (fraction > this.fractionMax) this.fractionMax = fraction;
    if (ms > this.msMax) this.msMax = ms;
    if (trough < this.lowest) this.lowest = trough;
    this.fractionSum += fraction;
    this.msSum += ms;
    this.count++;
    this.isUnder = false;
  }
}

/** Kept for good: with the last of its kind gone, a collection takes the code compiled for it along. */
export const blankPass = new DrawdownPass({
  timeMs: new Float64Array(0),
  startMs: 0.5,
  startQuote: 0.5,
});

/**
 * First row from i on whose value is below low or not below high; length if none. Nearly all rows of a run lie between the trough and the
 * peak and need nothing else, so they are skipped eight at a time.
 */
function firstRowOutside(values: Float64Array, i: number, length: number, low: number, high: number): number {
  const lastBlock = length - 8;
  while (i <= lastBlock) {
    if (values[i] < low || values[i] >= high) return i;
    if (values[i + 1] < low || values[i + 1] >= high) return i + 1;
    if (values[i + 2] < low || values[i + 2] >= high) return i + 2;
    if (values[i + 3] < low || values[i + 3] >= high) return i + 3;
    if (values[i + 4] < low || values[i + 4] >= high) return i + 4;
    if (values[i + 5] < low || values[i + 5] >= high) return i + 5;
    if (values[i + 6] < low || values[i + 6] >= high) return i + 6;
    if (values[i + 7] < low || values[i + 7] >= high) return i + 7;
    i += 8;
  }
  while (i < length && values[i] >= low && values[i] < high) i++;
  return i;
}

/** One stretch below the peak. recoveryMs is NaN where the peak is never reached again. */
export interface DrawdownEpisode {
  readonly peakMs: number;
  readonly troughMs: number;
  readonly recoveryMs: number;
  readonly peakQuote: number;
  readonly troughQuote: number;
  readonly drawdownFraction: number;
}

/** The episodes of a curve in time order; the first row at the lowest value is the trough. */
export function drawdownEpisodes(curve: Curve): DrawdownEpisode[] {
  const { equityQuote, timeMs, length } = curve;
  const episodes: DrawdownEpisode[] = [];
  let peak = curve.startQuote;
  let peakMs = curve.startMs;
  let trough = -1;
  for (let i = 0; i <= length; i++) {
    const isUnder = i < length && equityQuote[i] < peak;
    if (isUnder) {
      if (trough < 0 || equityQuote[i] < equityQuote[trough]) trough = i;
      continue;
    }
    if (trough >= 0) {
      const troughQuote = equityQuote[trough];
      episodes.push({
        peakMs,
        troughMs: timeMs[trough],
        recoveryMs: i < length ? timeMs[i] : Number.NaN,
        peakQuote: peak,
        troughQuote,
        drawdownFraction: (peak - troughQuote) / peak,
      });
      trough = -1;
    }
    if (i === length) break;
    peak = equityQuote[i];
    peakMs = timeMs[i];
  }
  return episodes;
}

/** Depth under the peak at each row. values[n] in quote or growth, startValue counts as a peak → target[n] of fractions ≥ 0. */
export function drawdownColumn(values: Float64Array, startValue: number, target = new Float64Array(values.length)): Float64Array {
  let peak = startValue;
  for (let i = 0; i < values.length; i++) {
    if (values[i] > peak) peak = values[i];
    target[i] = (peak - values[i]) / peak;
  }
  return target;
}

/** Root mean square of a column of depths, a fraction; empty → NaN. Source: Martin & McCann 1989, ulcer index. */
export function ulcerIndex(depths: Float64Array): number {
  let squares = 0;
  for (let i = 0; i < depths.length; i++) squares += depths[i] * depths[i];
  return Math.sqrt(squares / depths.length);
}

/** Mean of a column of depths, a fraction; empty → NaN. Source: Becker, pain index. */
export function painIndex(depths: Float64Array): number {
  return mean(depths);
}

/** Deepest drawdown of values that begin at startValue, a fraction ≥ 0; empty → NaN. */
export function drawdownMax(values: Float64Array, startValue: number): number {
  if (values.length === 0) return Number.NaN;
  let peak = startValue;
  let deepest = 0;
  for (let i = 0; i < values.length; i++) {
    if (values[i] > peak) peak = values[i];
    const drawdown = (peak - values[i]) / peak;
    if (drawdown > deepest) deepest = drawdown;
  }
  return deepest;
}
