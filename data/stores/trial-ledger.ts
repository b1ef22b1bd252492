/**
 * Owns the trial ledger: every parameter set that was ever tried on a market, with what it returned each day, so that luck is counted from what
 * was done and never from what is told. One immutable file a sweep, written, flushed and renamed; a reader takes the union of all.
 *
 * ledger/<id>.bin: length of the head (uint32, little-endian), the head as JSON, then float64 little-endian: the days, and of each trial its
 * equity at each of them.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DataError } from '../../engine/errors.ts';
import { writeAtomically } from '../files.ts';

export interface LedgerHead {
  readonly version: 1;
  /** That of the sweep. */
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

const suffix = '.bin';

/** Adds the trials of one sweep; the same id again replaces nothing and is passed over. */
export function appendToLedger(home: string, { head, dayMs, dailyQuote }: LedgerEntry): void {
  const path = join(ledgerFolder(home), `${head.id}${suffix}`);
  if (existsSync(path)) return;
  const text = Buffer.from(JSON.stringify(head), 'utf8');
  const length = Buffer.alloc(4);
  length.writeUInt32LE(text.length);
  writeAtomically(path, Buffer.concat([length, text, bytesOf(dayMs), bytesOf(dailyQuote)]));
}

/** Entries on any of these markets whose times overlap the window, oldest first. RUN_CORRUPT names a file that cannot be read. */
export function readLedger(home: string, { markets, fromMs, toMs }: Pick<LedgerHead, 'markets' | 'fromMs' | 'toMs'>): LedgerEntry[] {
  const isMeant = (head: LedgerHead): boolean =>
    head.fromMs < toMs &&
    fromMs < head.toMs &&
    head.markets.some((one) => markets.some(({ venue, symbol }) => one.venue === venue && one.symbol === symbol));
  return ledgerIds(home)
    .map((id) => readEntry(home, id))
    .filter(({ head }) => isMeant(head));
}

/** What one sweep added; null where it has added nothing. */
export function ledgerEntry(home: string, id: string): LedgerEntry | null {
  return existsSync(join(ledgerFolder(home), `${id}${suffix}`)) ? readEntry(home, id) : null;
}

function ledgerFolder(home: string): string {
  return join(home, 'ledger');
}

function ledgerIds(home: string): string[] {
  const folder = ledgerFolder(home);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith(suffix))
    .map((name) => name.slice(0, -suffix.length))
    .sort();
}

function readEntry(home: string, id: string): LedgerEntry {
  const path = join(ledgerFolder(home), `${id}${suffix}`);
  const bytes = readFileSync(path);
  try {
    const start = 4 + bytes.readUInt32LE(0);
    const head = JSON.parse(bytes.subarray(4, start).toString('utf8')) as LedgerHead;
    const numbers = new Float64Array(Uint8Array.from(bytes.subarray(start)).buffer);
    const { dayCount, trials } = head;
    if (numbers.length !== dayCount * (trials.length + 1)) throw new Error(`holds ${numbers.length} numbers`);
    return { head, dayMs: numbers.subarray(0, dayCount), dailyQuote: numbers.subarray(dayCount) };
  } catch (error) {
    throw new DataError('RUN_CORRUPT', `the trial ledger's file ${path} cannot be read; restore it from a copy`, { file: path }, error);
  }
}

function bytesOf(values: Float64Array): Buffer {
  return Buffer.from(values.buffer, values.byteOffset, values.byteLength);
}
