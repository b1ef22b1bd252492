/**
 * Owns the warm-up check: from which bar on a value no longer depends on where the tape starts. Columns are computed again on tapes that
 * start later, and orders made again with less and less history before the window. Never judges how much history is enough to trade on.
 */
import { assert, DataError } from '../errors.ts';
import { lowerBound } from '../feed.ts';
import type { Tape } from '../model/bar.ts';
import { createRandom } from '../random.ts';
import { closedCount, startFrom } from './altered-tapes.ts';
import { firstChangedRecord, isClose, scaleOf } from './first-change.ts';
import { type CheckInput, expectRuns, type Observed, playObserved, type SourcePlace, tick } from './observed-run.ts';

export interface WarmupColumn {
  readonly what: string;
  /** Bars before its first value, on the whole tape. */
  readonly leadingCount: number;
  /** Bars of its series after a later start from which all values are those of the whole tape, bit for bit; null where that never comes. */
  readonly exactBars: number | null;
  /** The same to a relative 1e-9. */
  readonly closeBars: number | null;
  readonly declared: SourcePlace | null;
}

export interface WarmupReport {
  readonly check: 'warmup';
  /** Every column settles to 1e-9, and so do the orders. */
  readonly passed: boolean;
  readonly seed: number;
  /** Later starts that were tried. */
  readonly startCount: number;
  readonly startsMs: readonly number[];
  readonly columns: readonly WarmupColumn[];
  /** Trading starts here, one after the other, in the runs that compare orders. */
  readonly orderStartsMs: readonly number[];
  /** Bars of the first series before that, from which the orders are those of the whole history; null where all of it less one bar gives others. */
  readonly orderBars: number | null;
  readonly orderBarsAvailable: number;
  readonly orderCount: number;
}

/** Starts of trading from which orders are compared: each plays a run to the end for every length of history that is tried. */
const orderStartsMax = 6;

export function checkWarmup(input: CheckInput): WarmupReport {
  const base = playObserved(input);
  const startsMs = startTimes(input, base);
  expectRuns(input, startsMs.length + 2);
  tick(input);
  const settling = base.columns.map(() => ({ exact: 0, close: 0 }));
  for (const startMs of startsMs) {
    compareFrom(input, { base, settling, startMs });
    tick(input);
  }
  const columns = base.columns
    .map((column, i) => ({ column, ...settling[i] }))
    .filter(({ column }) => !column.isOfTape)
    .map(({ column, exact, close }) => ({
      what: column.label,
      leadingCount: column.leadingCount,
      exactBars: finiteOf(exact),
      closeBars: finiteOf(close),
      declared: column.declared === null ? null : (input.locate?.(column.declared) ?? null),
    }));
  const orders = orderHistory(input, base);
  tick(input);
  const passed = orders.orderBars !== null && columns.every((column) => column.closeBars !== null);
  const { length: orderCount } = base.orders;
  return { check: 'warmup', passed, seed: input.seed, startCount: startsMs.length, startsMs, columns, ...orders, orderCount };
}

function finiteOf(bars: number): number | null {
  return Number.isFinite(bars) ? bars : null;
}

/**
 * Opens of bars of the first series in the first half of what all series share, so that as much lies behind each as before it, and early enough
 * for every column to come to a value again: one that has none after a start tells nothing.
 */
function startTimes({ tapes, seed, sampleCount }: CheckInput, base: Observed): number[] {
  assert(Number.isInteger(sampleCount) && sampleCount > 0, `sampleCount was ${sampleCount}, expected a whole number above 0`);
  const { openTimeMs, length } = tapes[0].columns;
  const sharedMs = Math.max(...tapes.map(({ columns }) => columns.openTimeMs[0]));
  const first = lowerBound(openTimeMs, length, sharedMs) + 1;
  const half = Math.floor((length - first) / 2);
  if (half < 1)
    throw new DataError(
      'DATA_NOT_FOUND',
      `the series share ${Math.max(0, length - first + 1)} bars; the warm-up check starts the tape later and needs three`,
    );
  const latest = latestStart(tapes, base);
  const choices = Math.min(half, lowerBound(openTimeMs, length, latest.timeMs + 1) - first);
  if (choices < 1)
    throw new DataError(
      'DATA_NOT_FOUND',
      `${latest.what} has its first value after ${latest.leadingCount} of ${latest.barCount} bars, and none where the tape starts later; take a longer tape`,
    );
  const random = createRandom(seed);
  const rows = new Set<number>();
  const count = Math.min(sampleCount, choices);
  for (let k = 0; k < count; k++) rows.add(first + Math.floor(((k + random()) * choices) / count));
  return [...rows].map((row) => openTimeMs[row]);
}

/** The last start after which every column still has a value, and the column that it is for. */
function latestStart(
  tapes: readonly Tape[],
  { columns }: Observed,
): { timeMs: number; what: string; leadingCount: number; barCount: number } {
  let latest = { timeMs: Number.POSITIVE_INFINITY, what: '', leadingCount: 0, barCount: 0 };
  for (const { isOfTape, seriesIndex, leadingCount, label } of columns) {
    const { openTimeMs, length: barCount } = tapes[seriesIndex].columns;
    // One without any value has none to compare wherever the tape starts.
    if (isOfTape || leadingCount >= barCount) continue;
    const timeMs = openTimeMs[barCount - 1 - leadingCount];
    if (timeMs < latest.timeMs) latest = { timeMs, what: label, leadingCount, barCount };
  }
  return latest;
}

/** Raises, for each column, the bars after which the run that starts later agrees to its end. */
function compareFrom(
  input: CheckInput,
  { base, settling, startMs }: { base: Observed; settling: { exact: number; close: number }[]; startMs: number },
): void {
  const tapes = startFrom(input.tapes, startMs);
  const others = new Map(playObserved(input, { tapes, window: lastRow(input) }).columns.map((column) => [column.key, column]));
  base.columns.forEach((column, i) => {
    if (column.isOfTape) return;
    const other = others.get(column.key);
    assert(other !== undefined, `the column ${column.label} is declared whatever the tape`);
    const skipped = column.values.length - other.values.length;
    const scale = scaleOf(column.values);
    let [exact, close] = [0, 0];
    for (let bar = 0; bar < other.values.length; bar++) {
      const [left, right] = [column.values[skipped + bar], other.values[bar]];
      if (left === right || (Number.isNaN(left) && Number.isNaN(right))) continue;
      exact = bar + 1;
      if (!isClose(left, right, scale)) close = bar + 1;
    }
    // A column that differs to the end has shown no agreement anywhere.
    const settled = (bars: number): number => (bars < other.values.length ? bars : Number.POSITIVE_INFINITY);
    settling[i].exact = Math.max(settling[i].exact, settled(exact));
    settling[i].close = Math.max(settling[i].close, settled(close));
  });
}

/** A window of one row: columns are computed whole, and next to nothing is played. */
function lastRow({ tapes }: CheckInput): { fromMs: number; toMs: number } {
  const latest = tapes.map(({ columns }) => ({
    openMs: columns.openTimeMs[columns.length - 1],
    closeMs: columns.closeTimeMs[columns.length - 1],
  }));
  const last = latest.reduce((best, one) => (one.closeMs > best.closeMs ? one : best));
  return { fromMs: last.openMs, toMs: last.closeMs };
}

type OrderHistory = Pick<WarmupReport, 'orderStartsMs' | 'orderBars' | 'orderBarsAvailable'>;

/**
 * The least history before the start of trading that gives the orders all of it gives, whatever the sampled start: halved while it does,
 * then narrowed down. From above, since with too little history orders may agree by chance.
 */
function orderHistory(input: CheckInput, base: Observed): OrderHistory {
  const { openTimeMs } = input.tapes[0].columns;
  const starts = tradingStarts(input, base).map((bar) => {
    const window = { fromMs: openTimeMs[bar], toMs: input.settings.window.toMs };
    return { bar, window, whole: playObserved(input, { window }) };
  });
  const agrees = (bars: number): boolean =>
    starts.every(({ bar, window, whole }) => {
      const tapes = startFrom(input.tapes, openTimeMs[bar - bars]);
      return firstChangedRecord(whole, playObserved(input, { window, tapes }), true) === null;
    });
  const available = Math.min(...starts.map(({ bar }) => bar));
  const found = { orderStartsMs: starts.map(({ window }) => window.fromMs), orderBarsAvailable: available };
  let enough = available - 1;
  if (enough < 0 || !agrees(enough)) return { ...found, orderBars: null };
  let short = Math.floor(enough / 2);
  while (enough > 0 && agrees(short)) {
    enough = short;
    short = Math.floor(enough / 2);
  }
  while (enough - short > 1) {
    const middle = (short + enough) >>> 1;
    if (agrees(middle)) enough = middle;
    else short = middle;
  }
  return { ...found, orderBars: enough };
}

/** Bars of the first series at whose close orders were sent, in the later half of what is traded: there too little history shows. Its middle where there are none. */
function tradingStarts({ tapes, settings, seed, sampleCount }: CheckInput, base: Observed): number[] {
  const { columns } = tapes[0];
  const first = lowerBound(columns.openTimeMs, columns.length, settings.window.fromMs);
  const middle = Math.floor((first + closedCount(tapes[0], settings.window.toMs)) / 2);
  const bars = base.orders.map((order) => lowerBound(columns.closeTimeMs, columns.length, order.submittedMs));
  const choices = [...new Set(bars)].filter((bar) => bar >= middle && bar < columns.length);
  const random = createRandom(seed);
  const drawn: number[] = [];
  while (drawn.length < Math.min(sampleCount, orderStartsMax) && choices.length > 0)
    drawn.push(choices.splice(Math.floor(random() * choices.length), 1)[0]);
  return drawn.length > 0 ? drawn.sort((left, right) => left - right) : [middle];
}
