/** Owns where sweeps lie in the home folder (sweeps/<id>/), their checkpoints and their ends. Never plays or judges a trial. */
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigError, DataError } from '../../engine/errors.ts';
import { nearest } from '../../engine/nearest.ts';
import { writeAtomically } from '../files.ts';
import { idOf, idPattern } from './store-ids.ts';

/** One trial that has ended; a failed one says why and has no figures. */
export interface StoredTrial {
  readonly index: number;
  readonly trialHash: string;
  readonly metrics: Float64Array;
  readonly dailyQuote: Float64Array;
  readonly ambiguousBarCount: number;
  /** Code and message; null where the trial was played. */
  readonly failure: { readonly code: string; readonly message: string } | null;
}

/** What a sweep is, written before its first trial; details: plain JSON of the caller's. */
export interface SweepHead<Details> {
  readonly id: string;
  readonly createdAtMs: number;
  readonly name: string;
  /** Hash of everything that decides its trials; a sweep that is resumed must have it still. */
  readonly specHash: string;
  readonly details: Details;
}

const headFile = 'sweep.json';
const trialsFile = 'trials.ndjson';
const endFile = 'result.json';

export function sweepFolder(home: string, id: string): string {
  return join(home, 'sweeps', id);
}

/** Begins a sweep: its head is on the disk before anything is played. Two that begin at once have folders of their own. */
export function createSweep<Details>(home: string, sweep: Omit<SweepHead<Details>, 'id'>): SweepHead<Details> {
  mkdirSync(join(home, 'sweeps'), { recursive: true });
  for (let attempt = 1; ; attempt++) {
    const id = idOf(sweep.createdAtMs, sweep.specHash, attempt);
    try {
      mkdirSync(sweepFolder(home, id));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') continue;
      throw error;
    }
    const head = { ...sweep, id };
    writeAtomically(join(sweepFolder(home, id), headFile), `${JSON.stringify(head, null, 2)}\n`);
    return head;
  }
}

/** Ids of all sweeps, oldest first. */
export function sweepIds(home: string): string[] {
  const folder = join(home, 'sweeps');
  return existsSync(folder)
    ? readdirSync(folder)
        .filter((name) => idPattern.test(name))
        .sort()
    : [];
}

/** The sweep a user means: "last", an id, or the start of one. RUN_NOT_FOUND where none matches. */
export function findSweep(home: string, wanted: string): string {
  const ids = sweepIds(home);
  const matches =
    wanted === 'last' ? ids.slice(-1) : ids.filter((id) => id === wanted || id.startsWith(wanted) || id.slice(16).startsWith(wanted));
  if (matches.length === 1) return matches[0];
  if (matches.length > 1)
    throw new ConfigError('USAGE', `"${wanted}" fits ${matches.length} sweeps: ${matches.slice(0, 5).join(', ')}; give more of the id`);
  const hint = nearest(wanted, [...ids, 'last']);
  const found = ids.length === 0 ? 'it holds none' : `the latest is ${ids.at(-1)}`;
  throw new ConfigError(
    'RUN_NOT_FOUND',
    `no sweep is called "${wanted}"${hint === undefined ? '' : `; did you mean "${hint}"?`} (looked in ${join(home, 'sweeps')}; ${found})`,
    { sweep: wanted },
  );
}

export function loadSweepHead<Details>(home: string, id: string): SweepHead<Details> {
  return readJson(join(sweepFolder(home, id), headFile), id) as SweepHead<Details>;
}

/** Writes what came of a finished sweep; null is read where it has not ended. */
export function saveSweepEnd(home: string, id: string, end: object): void {
  writeAtomically(join(sweepFolder(home, id), endFile), `${JSON.stringify(end, null, 2)}\n`);
}

export function loadSweepEnd<End>(home: string, id: string): End | null {
  const path = join(sweepFolder(home, id), endFile);
  return existsSync(path) ? (readJson(path, id) as End) : null;
}

/** In the order in which they ended; dayMs: closes of the last bar of each UTC day, the same for all. */
export interface LoggedTrials {
  readonly trials: readonly StoredTrial[];
  readonly dayMs: Float64Array;
}

/** Trials as they end, in whatever order; each line is on the disk before the next task is waited for. */
export class SweepLog {
  private readonly handle: number;
  private hasDays: boolean;

  private constructor(path: string, hasDays: boolean) {
    this.hasDays = hasDays;
    this.handle = openSync(path, 'a');
  }

  /** Goes on with what was logged before: a last line that a kill has cut is taken off. */
  static open(home: string, id: string): LoggedTrials & { readonly log: SweepLog } {
    const path = join(sweepFolder(home, id), trialsFile);
    const { validBytes, ...logged } = readTrials(home, id);
    if (existsSync(path)) truncateSync(path, validBytes);
    return { log: new SweepLog(path, logged.dayMs.length > 0), ...logged };
  }

  /** dayMs: the same for all trials, and told once. */
  append(trials: readonly StoredTrial[], dayMs: Float64Array): void {
    const lines = trials.map((trial) => {
      const days = this.hasDays ? '' : toBase64(dayMs);
      this.hasDays = days !== '' || this.hasDays;
      return `${JSON.stringify(encodeTrial(trial, days))}\n`;
    });
    writeFileSync(this.handle, lines.join(''));
    fsyncSync(this.handle);
  }

  close(): void {
    closeSync(this.handle);
  }
}

interface TrialLine {
  readonly i: number;
  readonly hash: string;
  readonly metrics: string;
  readonly daily: string;
  readonly days: string;
  readonly ambiguous: number;
  readonly failure: StoredTrial['failure'];
}

function encodeTrial({ index, trialHash, metrics, dailyQuote, ambiguousBarCount, failure }: StoredTrial, days: string): TrialLine {
  return {
    i: index,
    hash: trialHash,
    metrics: toBase64(metrics),
    daily: toBase64(dailyQuote),
    days,
    ambiguous: ambiguousBarCount,
    failure,
  };
}

/** What was logged of a sweep, each trial once, the last line that a kill has cut left out; RUN_CORRUPT for any other that cannot be read. */
export function loadSweepTrials(home: string, id: string): LoggedTrials {
  const { trials, dayMs } = readTrials(home, id);
  return { trials, dayMs };
}

function readTrials(home: string, id: string): LoggedTrials & { readonly validBytes: number } {
  const path = join(sweepFolder(home, id), trialsFile);
  const bytes = existsSync(path) ? readFileSync(path) : Buffer.alloc(0);
  const validBytes = bytes.lastIndexOf(10) + 1;
  const lines = bytes.subarray(0, validBytes).toString('utf8').split('\n').slice(0, -1);
  const trials = new Map<number, StoredTrial>();
  let dayMs = new Float64Array(0);
  lines.forEach((text, n) => {
    const line = parsed(text);
    if (line === undefined)
      throw new DataError('RUN_CORRUPT', `sweep ${id}: ${trialsFile} line ${n + 1} cannot be read; restore the file, or sweep again`, {
        sweep: id,
      });
    if (line.days !== '') dayMs = fromBase64(line.days);
    const { i: index, hash: trialHash, ambiguous: ambiguousBarCount, failure } = line;
    trials.set(index, {
      index,
      trialHash,
      metrics: fromBase64(line.metrics),
      dailyQuote: fromBase64(line.daily),
      ambiguousBarCount,
      failure,
    });
  });
  return { trials: [...trials.values()], dayMs, validBytes };
}

function parsed(text: string): TrialLine | undefined {
  try {
    const line = JSON.parse(text) as TrialLine;
    return typeof line.i === 'number' && typeof line.metrics === 'string' ? line : undefined;
  } catch {
    return undefined;
  }
}

function toBase64(values: Float64Array): string {
  return Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString('base64');
}

function fromBase64(text: string): Float64Array<ArrayBuffer> {
  const bytes = Uint8Array.from(Buffer.from(text, 'base64'));
  return new Float64Array(bytes.buffer);
}

function readJson(path: string, id: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new DataError('RUN_CORRUPT', `sweep ${id}: ${path} cannot be read`, { sweep: id }, error);
  }
}
