/** Owns how far and how long a curve lies under its own peak. A drawdown is a fraction ≥ 0 of the peak; above 1 where more than all is lost. */
import { mean } from './moments.ts';

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

/** The drawdowns of a curve in one pass, divided once an episode and never a row. No row → all 0, peak and lowest are the start. */
export function summariseDrawdowns(curve: Curve): DrawdownSummary {
  const { equityQuote, timeMs, length } = curve;
  let peak = curve.startQuote;
  let lowest = peak;
  let fractionMax = 0;
  let fractionSum = 0;
  let fractionFinal = 0;
  let msMax = 0;
  let msSum = 0;
  let count = 0;
  let i = 0;
  while (i < length) {
    if (equityQuote[i] >= peak) {
      peak = equityQuote[i++];
      continue;
    }
    const peakMs = i === 0 ? curve.startMs : timeMs[i - 1];
    let trough = equityQuote[i];
    while (i < length) {
      i = firstRowOutside(equityQuote, i, length, trough, peak);
      if (i === length || equityQuote[i] >= peak) break;
      trough = equityQuote[i];
    }
    const fraction = (peak - trough) / peak;
    const ms = timeMs[i < length ? i : length - 1] - peakMs;
    if (i === length) fractionFinal = (peak - equityQuote[length - 1]) / peak;
    if (fraction > fractionMax) fractionMax = fraction;
    if (ms > msMax) msMax = ms;
    if (trough < lowest) lowest = trough;
    fractionSum += fraction;
    msSum += ms;
    count++;
  }
  return {
    fractionMax,
    fractionAverage: count === 0 ? 0 : fractionSum / count,
    fractionFinal,
    msMax,
    msAverage: count === 0 ? 0 : msSum / count,
    count,
    peakQuote: peak,
    lowestQuote: lowest,
  };
}

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
