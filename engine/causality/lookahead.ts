/**
 * Owns the look-ahead check: at sampled bars the run is played on a tape that ends there and on one that goes on otherwise. Whatever
 * changes at or before that bar knew the future. Never trusts what the strategy says of itself.
 *
 *   rows sampled at t ──► played to t on the whole tape ──┐
 *                    ├──► played to t on the tape cut at t ├──► columns, calls of onBar, orders, fills up to t must be the same
 *                    └──► played to t on another future ──┘
 */
import { assert, DataError, PlayheadError } from '../errors.ts';
import { lowerBound } from '../feed.ts';
import type { Tape } from '../model/bar.ts';
import { createRandom } from '../random.ts';
import { closedCount, cutAfter, perturbAfter } from './altered-tapes.ts';
import { type ChangedRecord, firstChangedBar, firstChangedRecord } from './first-change.ts';
import { findLeakingRead, type LeakingRead } from './leaking-read.ts';
import {
  type CheckInput,
  expectRuns,
  type Observed,
  type ObservedColumn,
  playObserved,
  type SourcePlace,
  tick,
  type Variant,
} from './observed-run.ts';

/** How the future was taken away. 'play': the run itself was refused. */
export type LeakTest = 'cut' | 'perturbed' | 'play';

export interface Leak {
  readonly kind: 'column' | 'read' | 'decision' | 'order' | 'fill';
  /** The column, or what was done otherwise. */
  readonly what: string;
  readonly test: LeakTest;
  /** The future was changed after this time; NaN where the run was refused. */
  readonly sampleMs: number;
  /** When the changed bar closed or the changed record was made. */
  readonly timeMs: number;
  /** The changed bar of the column's series, and its value; −1 and NaN for what is no column. */
  readonly bar: number;
  readonly was: number;
  readonly became: number;
  /** The first leaking read where it is known, otherwise the declaration of the column. */
  readonly place: SourcePlace | null;
  readonly isReadKnown: boolean;
  /** Of the read, or how far the value reaches; null where it depends on the length of the tape alone, or is no column. */
  readonly barsAhead: number | null;
  /** The leaking column this one is computed from; '' for a leak of its own. */
  readonly from: string;
}

export interface LookaheadReport {
  readonly check: 'lookahead';
  readonly passed: boolean;
  readonly seed: number;
  /** Bars at which the future was taken away, and their closes in time order. */
  readonly sampledBarCount: number;
  readonly sampledMs: readonly number[];
  readonly columns: readonly string[];
  readonly orderCount: number;
  /** In the order in which the columns are declared: the first is where to look. */
  readonly leaks: readonly Leak[];
}

/** Checks one strategy over its tapes. DATA_NOT_FOUND where the window holds no bar with a future. */
export function checkLookahead(input: CheckInput): LookaheadReport {
  const base = playBase(input);
  if ('leak' in base) return reportOf(input, [], null, [base.leak]);
  const sampledMs = sampleTimes(base, input);
  expectRuns(input, 1 + sampledMs.length * 3);
  tick(input);
  const columnLeaks = new Map<string, Leak>();
  let recordLeak: Leak | null = null;
  sampledMs.forEach((sampleMs, i) => {
    const window = { fromMs: input.settings.window.fromMs, toMs: sampleMs };
    const known = playObserved(input, { window, store: base.store });
    tick(input);
    for (const test of ['cut', 'perturbed'] as const) {
      const altered = (tapes: readonly Tape[]): Tape[] =>
        test === 'cut' ? cutAfter(tapes, sampleMs) : perturbAfter(tapes, sampleMs, input.seed + i);
      const { other, failure } = playOther(input, { window, tapes: altered(input.tapes), finer: altered(input.finer ?? []), sampleMs });
      tick(input);
      for (const leak of other === null ? [] : changedColumns(input, { base, other, sampleMs, test }))
        if (!columnLeaks.has(leak.what)) columnLeaks.set(leak.what, leak);
      const change = failure ?? (other === null ? null : firstChangedRecord(known, other));
      if (change !== null && (recordLeak === null || change.timeMs < recordLeak.timeMs))
        recordLeak = {
          ...noColumn,
          place: failure?.place ?? null,
          kind: change.kind,
          what: change.text,
          test,
          sampleMs,
          timeMs: change.timeMs,
        };
    }
  });
  const inOrder = base.columns.flatMap((column) => columnLeaks.get(column.label) ?? []);
  const leaks = inOrder.map((leak) => (leak.from === '' ? traced(input, base, leak) : leak));
  return reportOf(input, sampledMs, base, recordLeak === null ? leaks : [...leaks, recordLeak]);
}

const noColumn = { bar: -1, was: Number.NaN, became: Number.NaN, place: null, isReadKnown: false, barsAhead: null, from: '' } as const;

/** The run itself. One that is refused for reading past now has told its leak, and so has one that throws where the engine refuses its columns. */
function playBase(input: CheckInput): Observed | { readonly leak: Leak } {
  try {
    return playObserved(input);
  } catch (error) {
    const refusal = isRefusal(error) ? error : refusalOf(input);
    if (refusal === null) throw error;
    const place = input.locate?.(refusal) ?? null;
    const { ago, barsAhead: reach } = refusal.fields;
    const barsAhead = typeof ago === 'number' ? -ago : typeof reach === 'number' ? reach : null;
    const [sampleMs, timeMs] = [Number.NaN, Number.NaN];
    const what = refusal.message;
    return { leak: { ...noColumn, kind: 'read', what, test: 'play', sampleMs, timeMs, place, isReadKnown: true, barsAhead } };
  }
}

function isRefusal(error: unknown): error is PlayheadError {
  return error instanceof PlayheadError && error.code === 'LOOKAHEAD';
}

/** What the engine's own test, which observed kernels are kept from, says of the columns; null where it lets them pass. */
function refusalOf(input: CheckInput): PlayheadError | null {
  try {
    playObserved(input, { window: firstRow(input), keepsTest: true });
    return null;
  } catch (error) {
    return isRefusal(error) ? error : null;
  }
}

interface OtherPlay {
  /** null where setup itself came to no end. */
  readonly other: Observed | null;
  readonly failure: (ChangedRecord & { readonly place: SourcePlace | null }) | null;
}

/**
 * A play on another future. One that the strategy throws in, as it did not where the future was the recorded one, has met that future: it is
 * a finding like any other, and the columns are those of setup alone.
 */
function playOther(
  input: CheckInput,
  { sampleMs, ...variant }: Required<Pick<Variant, 'window' | 'tapes' | 'finer'>> & { readonly sampleMs: number },
): OtherPlay {
  try {
    return { other: playObserved(input, variant), failure: null };
  } catch (error) {
    if (!(error instanceof Error) || error.message.startsWith('Invariant')) throw error;
    const thrown = error instanceof PlayheadError && error.cause instanceof Error ? error.cause : error;
    const place = input.locate?.(thrown) ?? null;
    const timeMs = error instanceof PlayheadError && typeof error.fields.timeMs === 'number' ? error.fields.timeMs : sampleMs;
    const failure = { kind: 'decision', timeMs, text: `the strategy throws "${thrown.message}"`, place } as const;
    return { other: setupOnly(input, variant.tapes), failure };
  }
}

function setupOnly(input: CheckInput, tapes: readonly Tape[]): Observed | null {
  try {
    return playObserved(input, { window: firstRow(input), tapes });
  } catch {
    return null;
  }
}

/** Closes of rows of the window, drawn by seed: half of them where orders were sent, for there a leak pays. */
function sampleTimes(base: Observed, { seed, sampleCount }: CheckInput): number[] {
  assert(Number.isInteger(sampleCount) && sampleCount > 0, `sampleCount was ${sampleCount}, expected a whole number above 0`);
  const { rowTimeMs } = base;
  const rowCount = rowTimeMs.length - 1;
  if (rowCount < 1)
    throw new DataError('DATA_NOT_FOUND', `the window holds ${rowTimeMs.length} bar; a check takes the future away and needs two`);
  const random = createRandom(seed);
  const rows = new Set<number>();
  const sent = [...new Set(base.orders.map((order) => lowerBound(rowTimeMs, rowTimeMs.length, order.submittedMs)))].filter(
    (row) => row < rowCount,
  );
  for (let k = 0; k < sampleCount >> 1 && sent.length > 0; k++) rows.add(sent.splice(Math.floor(random() * sent.length), 1)[0]);
  // One in each equal share of the window, so that no stretch of it goes unseen; a bar that is drawn already gives its place to the next.
  const rest = Math.min(sampleCount, rowCount) - rows.size;
  for (let k = 0; k < rest; k++) {
    let row = Math.floor(((k + random()) * rowCount) / rest);
    while (rows.has(row)) row = (row + 1) % rowCount;
    rows.add(row);
  }
  return [...rows].sort((left, right) => left - right).map((row) => rowTimeMs[row]);
}

interface Pair {
  readonly base: Observed;
  readonly other: Observed;
  readonly sampleMs: number;
  readonly test: LeakTest;
}

function changedColumns(input: CheckInput, { base, other, sampleMs, test }: Pair): Leak[] {
  const others = new Map(other.columns.map((column) => [column.key, column]));
  const leaks: Leak[] = [];
  const changed: ObservedColumn[] = [];
  for (const column of base.columns) {
    const twin = others.get(column.key);
    // Prices may be read for the first time in a handler, and the shorter run need not have come to that.
    if (twin === undefined && column.isOfTape) continue;
    const { columns } = input.tapes[column.seriesIndex];
    const known = closedCount(input.tapes[column.seriesIndex], sampleMs);
    const bar = twin === undefined ? 0 : firstChangedBar(column, twin, known);
    if (bar < 0) continue;
    const from = changed.find((one) => column.key !== one.key && column.key.includes(one.key))?.label ?? '';
    changed.push(column);
    const [was, became] = [column.values[bar], twin?.values[bar] ?? Number.NaN];
    leaks.push({
      ...noColumn,
      kind: 'column',
      what: column.label,
      test,
      sampleMs,
      timeMs: columns.closeTimeMs[bar],
      bar,
      was,
      became,
      from,
    });
  }
  return leaks;
}

/** With the read that leaks, or, where it is none of the kernel's own source, with the declaration and how far ahead the value reaches. */
function traced(input: CheckInput, base: Observed, leak: Leak): Leak {
  const column = base.columns.find((one) => one.label === leak.what);
  assert(column !== undefined, `the column ${leak.what} was computed`);
  const read = column.kernel === null ? null : readOf(column.kernel.kernel, column.kernel.head);
  const place = read === null ? null : (input.locate?.(read.error) ?? null);
  if (read !== null)
    return { ...leak, place: place ?? declarationOf(input, column), isReadKnown: place !== null, barsAhead: read.barsAhead };
  return { ...leak, place: declarationOf(input, column), barsAhead: reachOf(input, column, leak) };
}

function declarationOf(input: CheckInput, column: ObservedColumn): SourcePlace | null {
  return column.declared === null ? null : (input.locate?.(column.declared) ?? null);
}

/** A kernel that cannot be played on a part of its column tells nothing of its reads. */
function readOf(...given: Parameters<typeof findLeakingRead>): LeakingRead | null {
  try {
    return findLeakingRead(...given);
  } catch {
    return null;
  }
}

/** How many bars past its own the value depends on: the farthest after which another future still changes it. null where none does. */
function reachOf(input: CheckInput, column: ObservedColumn, leak: Leak): number | null {
  const { closeTimeMs, length } = input.tapes[column.seriesIndex].columns;
  const ahead = length - 1 - leak.bar;
  if (ahead < 1 || !isReached(input, column, leak, closeTimeMs[leak.bar])) return null;
  // Changed with everything past bar + reached altered, and not past bar + spared.
  let reached = 0;
  let spared = 1;
  while (spared < ahead && isReached(input, column, leak, closeTimeMs[leak.bar + spared])) {
    reached = spared;
    spared = Math.min(spared * 2, ahead);
  }
  while (spared - reached > 1) {
    const middle = (reached + spared) >>> 1;
    if (isReached(input, column, leak, closeTimeMs[leak.bar + middle])) reached = middle;
    else spared = middle;
  }
  return spared;
}

/** The value of the leaking bar is another where the bars closing after timeMs are others. */
function isReached(input: CheckInput, column: ObservedColumn, leak: Leak, timeMs: number): boolean {
  const tapes = perturbAfter(input.tapes, timeMs, input.seed);
  const other = playObserved(input, { tapes, window: firstRow(input) }).columns.find((one) => one.key === column.key);
  return other === undefined || !Object.is(other.values[leak.bar], column.values[leak.bar]);
}

/** A window of one row: columns are computed whole, and next to nothing is played. */
function firstRow({ tapes, settings }: CheckInput): { fromMs: number; toMs: number } {
  const { fromMs } = settings.window;
  const closes = tapes.map(({ columns }) => columns.closeTimeMs[lowerBound(columns.openTimeMs, columns.length, fromMs)]);
  return { fromMs, toMs: Math.min(...closes.filter((closeMs) => closeMs !== undefined)) };
}

function reportOf(input: CheckInput, sampledMs: readonly number[], base: Observed | null, leaks: readonly Leak[]): LookaheadReport {
  const columns = (base?.columns ?? []).filter((column) => !column.isOfTape).map((column) => column.label);
  return {
    check: 'lookahead',
    passed: leaks.length === 0,
    seed: input.seed,
    sampledBarCount: sampledMs.length,
    sampledMs,
    columns,
    orderCount: base?.orders.length ?? 0,
    leaks,
  };
}

/** A leak in one sentence, for people. */
export function leakText(leak: Leak): string {
  if (leak.kind === 'read') return leak.what;
  const future =
    leak.test === 'cut' ? `with the bars after ${isoOf(leak.sampleMs)} cut off` : `with other bars after ${isoOf(leak.sampleMs)}`;
  if (leak.kind !== 'column') return `${future}, ${leak.what} (made at ${isoOf(leak.timeMs)})`;
  const reach = leak.barsAhead === null ? '' : `, ${barsText(leak.barsAhead)} ahead`;
  const how =
    leak.from !== ''
      ? ` (computed from ${leak.from})`
      : leak.isReadKnown
        ? `: this reads${reach.slice(1)}`
        : `: it reaches${reach.slice(1) || ' the length of the tape'}`;
  return `${leak.what}${how}; ${future}, its value at bar ${leak.bar + 1} (${isoOf(leak.timeMs)}) changes from ${leak.was} to ${leak.became}`;
}

function barsText(count: number): string {
  return count === 1 ? '1 bar' : `${count} bars`;
}

function isoOf(timeMs: number): string {
  return new Date(timeMs).toISOString();
}
