/**
 * Owns the trial ledger: every parameter set that was ever tried on a market, with what it returned each day, so that luck is counted from what
 * was done and never from what is told. One immutable file a sweep, a fold or a run, written, flushed and renamed; a reader takes the union of all, and of
 * what searches have logged that have not ended.
 *
 * ledger/<id>.bin: length of the head (uint32, little-endian), the head as JSON, then float64 little-endian: the days, and of each trial its
 * equity at each of them.
 */
import { closeSync, existsSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { DataError } from '../../engine/errors.ts';
import { writePiecesAtomically } from '../files.ts';
import { type OpenEntry, openEntries } from './open-searches.ts';

export interface LedgerHead {
  readonly version: 1;
  /** That of the sweep, or what tells a fold or a run. */
  readonly id: string;
  readonly createdAtMs: number;
  /** Markets the trials were played on: venue and symbol. */
  readonly markets: readonly { readonly venue: string; readonly symbol: string }[];
  readonly fromMs: number;
  readonly toMs: number;
  readonly strategyName: string;
  readonly strategyHash: string;
  /** Of each trial in order: its hash and what it was. Failed trials are not here: they returned nothing. */
  readonly trials: readonly { readonly trialHash: string; readonly parameters: Readonly<Record<string, unknown>> }[];
  readonly dayCount: number;
  readonly initialCapitalQuote: number;
}

export interface LedgerEntry {
  readonly head: LedgerHead;
  readonly dayMs: Float64Array;
  /** Trial after trial, dayCount each. */
  readonly dailyQuote: Float64Array;
}

/** What is added: of each trial of the head in order its equity at each of the days, asked for when it is written. */
export interface LedgerAddition extends Pick<LedgerEntry, 'head' | 'dayMs'> {
  readonly trialDays: Iterable<Float64Array>;
}

const suffix = '.bin';

/** Adds the trials of one sweep; the same id again replaces nothing and is passed over. */
export function appendToLedger(home: string, { head, dayMs, trialDays }: LedgerAddition): void {
  const path = ledgerFile(home, head.id);
  if (existsSync(path)) return;
  writePiecesAtomically(path, piecesOf({ head, dayMs, trialDays }));
}

function* piecesOf({ head, dayMs, trialDays }: LedgerAddition): Generator<Uint8Array> {
  const text = Buffer.from(JSON.stringify(head), 'utf8');
  const length = Buffer.alloc(4);
  length.writeUInt32LE(text.length);
  yield length;
  yield text;
  yield bytesOf(dayMs);
  for (const days of trialDays) yield bytesOf(days);
}

/** Where trials are looked for: on any of these markets, at any of these times. */
export type LedgerMarket = Pick<LedgerHead, 'markets' | 'fromMs' | 'toMs'>;

/** Heads of the entries on any of the markets whose times overlap the window, by id; behind them of searches that have not ended. RUN_CORRUPT names a file that cannot be read. */
export function ledgerHeads(home: string, market: LedgerMarket): LedgerHead[] {
  return foundEntries(home, market).map(({ head }) => head);
}

/** As ledgerHeads(), with what the trials returned. */
export function readLedger(home: string, market: LedgerMarket): LedgerEntry[] {
  return foundEntries(home, market).map((entry) => entry.read());
}

function foundEntries(home: string, { markets, fromMs, toMs }: LedgerMarket): OpenEntry[] {
  const written = ledgerIds(home).map((id) => ({ head: readHead(home, id).head, read: () => readEntry(home, id) }));
  return [...written, ...openOnes(home)].filter(
    ({ head }) =>
      head.fromMs < toMs &&
      fromMs < head.toMs &&
      head.markets.some((one) => markets.some(({ venue, symbol }) => one.venue === venue && one.symbol === symbol)),
  );
}

/** A search that ends enters the ledger first and is told to have ended then: in between it is not counted twice. */
function openOnes(home: string): OpenEntry[] {
  return openEntries(home).filter(({ head }) => !existsSync(ledgerFile(home, head.id)));
}

/** What one sweep added; null where it has added nothing. */
export function ledgerEntry(home: string, id: string): LedgerEntry | null {
  return existsSync(ledgerFile(home, id)) ? readEntry(home, id) : null;
}

function ledgerFolder(home: string): string {
  return join(home, 'ledger');
}

function ledgerFile(home: string, id: string): string {
  return join(ledgerFolder(home), `${id}${suffix}`);
}

function ledgerIds(home: string): string[] {
  const folder = ledgerFolder(home);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith(suffix))
    .map((name) => name.slice(0, -suffix.length))
    .sort();
}

/** The head alone: of a year's sweeps that is a hundredth of what they hold. end: where the numbers begin. */
function readHead(home: string, id: string): { readonly head: LedgerHead; readonly end: number } {
  return orCorrupt(home, id, () => {
    const handle = openSync(ledgerFile(home, id), 'r');
    try {
      const length = Buffer.alloc(4);
      readSync(handle, length, 0, 4, 0);
      const text = Buffer.alloc(length.readUInt32LE());
      readSync(handle, text, 0, text.length, 4);
      return { head: JSON.parse(text.toString('utf8')) as LedgerHead, end: 4 + text.length };
    } finally {
      closeSync(handle);
    }
  });
}

function readEntry(home: string, id: string): LedgerEntry {
  const { head, end } = readHead(home, id);
  return orCorrupt(home, id, () => {
    const numbers = new Float64Array(Uint8Array.from(readFileSync(ledgerFile(home, id)).subarray(end)).buffer);
    const { dayCount, trials } = head;
    if (numbers.length !== dayCount * (trials.length + 1)) throw new Error(`holds ${numbers.length} numbers`);
    return { head, dayMs: numbers.subarray(0, dayCount), dailyQuote: numbers.subarray(dayCount) };
  });
}

function orCorrupt<T>(home: string, id: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    const file = ledgerFile(home, id);
    throw new DataError('RUN_CORRUPT', `the trial ledger's file ${file} cannot be read; restore it from a copy`, { file }, error);
  }
}

function bytesOf(values: Float64Array): Buffer {
  return Buffer.from(values.buffer, values.byteOffset, values.byteLength);
}
