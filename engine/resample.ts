/**
 * Owns making longer bars from shorter ones: open of the first, highest high, lowest low, close of the last, volumes added, exactly where they lie on a decimal grid.
 * Never makes a bar of which a part is not on the tape, and never changes its source.
 *
 * Periods lie on the UTC grid: minutes, hours and days from midnight, 3d counted from 1970-01-01, weeks from Monday, months from the 1st. A
 * period makes a bar when it holds at least one source bar, starts at or after the first source bar, and ends at or before knownThroughMs.
 * So the period in which the tape starts makes none unless it starts with it, the one in which the tape ends makes none unless it ends with
 * it, a period with some bars missing makes one of those that are there, and a period with all bars missing is missing too.
 * The bar covers its whole period, so it is seen at the period's end and not at the close of its last source bar.
 */
import { assert, ConfigError, DataError } from './errors.ts';
import { Grid as DecimalGrid, wholeMax } from './indicators/grid.ts';
import { type BarColumns, barColumnNames } from './model/bar.ts';
import { closeTimeOf, dayMs, type Timeframe, timeframeMs, timeframes } from './model/timeframe.ts';

/** A decimal grid for each number of digits that volumes are stated in. */
const volumeGrids: readonly DecimalGrid[] = Array.from({ length: 9 }, (_, decimals) => new DecimalGrid(decimals));
/** 1970-01-05, a Monday. */
const mondayMs = 4 * dayMs;

export interface ResampleOptions {
  readonly from: Timeframe;
  readonly to: Timeframe;
  /** The source is known to hold every bar that closes by then; default: the close of its last bar. */
  readonly knownThroughMs?: number | undefined;
}

/** Start of the UTC period that holds a moment. */
export function periodOpenOf(timeframe: Timeframe, timeMs: number): number {
  return startOf(gridOf(timeframe), timeMs);
}

/** The periods of a timeframe, read from its name once and not at every bar. lengthMs: 0 for months. */
interface Grid {
  readonly timeframe: Timeframe;
  readonly lengthMs: number;
  readonly originMs: number;
}

function gridOf(timeframe: Timeframe): Grid {
  return { timeframe, lengthMs: timeframe === '1M' ? 0 : timeframeMs(timeframe), originMs: timeframe === '1w' ? mondayMs : 0 };
}

function startOf({ lengthMs, originMs }: Grid, timeMs: number): number {
  if (lengthMs > 0) return Math.floor((timeMs - originMs) / lengthMs) * lengthMs + originMs;
  const date = new Date(timeMs);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1);
}

function endOf({ timeframe, lengthMs }: Grid, startMs: number): number {
  return lengthMs > 0 ? startMs + lengthMs : closeTimeOf(timeframe, startMs);
}

/** True where every period of `to` is a whole number of bars of `from`: 1m makes 5m, 3m does not, 1w makes no months. */
export function canResample(from: Timeframe, to: Timeframe): boolean {
  if (timeframeMs(from) >= timeframeMs(to)) return false;
  return timeframeMs(to === '1M' ? '1d' : to) % timeframeMs(from) === 0;
}

/** Stops with UNSUPPORTED where `from` cannot make `to`, naming what can. */
export function assertResamples(from: Timeframe, to: Timeframe): void {
  if (canResample(from, to)) return;
  const able = timeframes.filter((timeframe) => canResample(timeframe, to)).join(', ');
  throw new ConfigError(
    'UNSUPPORTED',
    `bars of ${to} cannot be made from ${from}: ${able === '' ? 'nothing shorter is stored' : `expected one of ${able}`}`,
    { from, to },
  );
}

/**
 * The longer bars, on one new SharedArrayBuffer; length 0 where no period is whole. UNSUPPORTED where the timeframes do not fit, DATA_QUALITY
 * where a source bar runs across the end of its period: a longer bar would show what happened after its close.
 */
export function resample(source: BarColumns, options: ResampleOptions): BarColumns {
  const { from, to } = options;
  assertResamples(from, to);
  if (source.length === 0) return columnsOf(0);
  const knownThroughMs = options.knownThroughMs ?? source.closeTimeMs[source.length - 1];
  const grid = gridOf(to);
  const firstBar = firstWholeBar(source, grid);
  const target = columnsOf(countPeriods(source, { grid, firstBar, knownThroughMs }));
  let bar = firstBar;
  for (let k = 0; k < target.length; k++) bar = writePeriod(source, bar, { target, k, grid });
  return target;
}

/** The bar at which the first period begins that the tape holds from its start. */
function firstWholeBar(source: BarColumns, grid: Grid): number {
  const { openTimeMs, length } = source;
  const startMs = startOf(grid, openTimeMs[0]);
  if (startMs === openTimeMs[0]) return 0;
  const endMs = endOf(grid, startMs);
  let bar = 0;
  while (bar < length && openTimeMs[bar] < endMs) bar++;
  return bar;
}

/** How many periods make a bar; looks at every source bar that one of them holds. */
function countPeriods(
  source: BarColumns,
  { grid, firstBar, knownThroughMs }: { grid: Grid; firstBar: number; knownThroughMs: number },
): number {
  const { openTimeMs, closeTimeMs, length } = source;
  let count = 0;
  let endMs = Number.NEGATIVE_INFINITY;
  for (let i = firstBar; i < length; i++) {
    if (openTimeMs[i] >= endMs) {
      endMs = endOf(grid, startOf(grid, openTimeMs[i]));
      if (endMs > knownThroughMs) break;
      count++;
    }
    if (closeTimeMs[i] > endMs) refuseCrossing(source, i, { to: grid.timeframe, endMs });
  }
  return count;
}

/**
 * Sum of a period's volumes. On a decimal grid of up to eight digits it is the double nearest to the exact sum, added in whole ticks: ten
 * volumes of 0.1 make 1. Off it, or beyond 2^53 ticks, doubles are added in time order. Looks at the period's bars alone: what comes later on
 * the tape changes nothing.
 */
function volumeSum(volume: Float64Array, first: number, end: number): number {
  let decimals = 0;
  let ticks = 0;
  for (let i = first; i < end; i++) {
    let whole = volumeGrids[decimals].wholeTicks(volume[i]);
    // Strictly: a value that is merely near the grid would lose what it lies off.
    while (whole / volumeGrids[decimals].scale !== volume[i]) {
      if (++decimals === volumeGrids.length) return plainSum(volume, first, end);
      ticks *= 10;
      whole = volumeGrids[decimals].wholeTicks(volume[i]);
    }
    ticks += whole;
    if (!(Math.abs(ticks) <= wholeMax)) return plainSum(volume, first, end);
  }
  return ticks / volumeGrids[decimals].scale;
}

function plainSum(volume: Float64Array, first: number, end: number): number {
  let sum = volume[first];
  for (let i = first + 1; i < end; i++) sum += volume[i];
  return sum;
}

/** Writes the bar of the period that begins at source bar `first`; returns the first bar of the next. */
function writePeriod(source: BarColumns, first: number, { target, k, grid }: { target: BarColumns; k: number; grid: Grid }): number {
  const { openTimeMs, open, high, low, close, length } = source;
  const startMs = startOf(grid, openTimeMs[first]);
  const endMs = endOf(grid, startMs);
  let highest = high[first];
  let lowest = low[first];
  let i = first + 1;
  for (; i < length && openTimeMs[i] < endMs; i++) {
    if (openTimeMs[i] < openTimeMs[i - 1]) assert(false, `source bar ${i} opens before bar ${i - 1}`);
    if (high[i] > highest) highest = high[i];
    if (low[i] < lowest) lowest = low[i];
  }
  target.openTimeMs[k] = startMs;
  target.closeTimeMs[k] = endMs;
  target.open[k] = open[first];
  target.high[k] = highest;
  target.low[k] = lowest;
  target.close[k] = close[i - 1];
  target.volume[k] = volumeSum(source.volume, first, i);
  return i;
}

function refuseCrossing({ openTimeMs, closeTimeMs }: BarColumns, bar: number, { to, endMs }: { to: Timeframe; endMs: number }): never {
  const text = (ms: number): string => new Date(ms).toISOString();
  throw new DataError(
    'DATA_QUALITY',
    `bar ${bar + 1} covers ${text(openTimeMs[bar])} to ${text(closeTimeMs[bar])}, across ${text(endMs)} where a bar of ${to} ends; expected bars on the UTC grid: import bars of ${to} instead`,
    { bar, openTimeMs: openTimeMs[bar], closeTimeMs: closeTimeMs[bar], periodEndMs: endMs },
  );
}

/** Zeroed columns in canonical order on one memory, so that a worker maps them without a copy. */
function columnsOf(length: number): BarColumns {
  const buffer = new SharedArrayBuffer(length * barColumnNames.length * 8);
  const view = (index: number): Float64Array => new Float64Array(buffer, index * length * 8, length);
  return Object.freeze({
    length,
    openTimeMs: view(0),
    closeTimeMs: view(1),
    open: view(2),
    high: view(3),
    low: view(4),
    close: view(5),
    volume: view(6),
  });
}
