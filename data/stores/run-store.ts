/** Owns where runs lie in the home folder (runs/<id>/) and how they are written and found. Never plays or judges one. */
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { ConfigError, DataError, type PlayheadError } from '../../engine/errors.ts';
import { nearest } from '../../engine/nearest.ts';
import type { RunResult } from '../../engine/result.ts';
import { decodeRun, encodeRun, type RunHead, runFiles, sumsFile, sumsText } from './run-files.ts';
import { idOf, idPattern } from './store-ids.ts';

/** A stored run. Details is what the caller keeps beside the result: plain JSON, never looked into. */
export interface StoredRun<Details> {
  readonly id: string;
  readonly createdAtMs: number;
  readonly name: string;
  readonly result: RunResult;
  readonly details: Details;
}

/** What a list shows of a run; problem is '' where its head can be read and, once checkedSummary() has looked, its files are as stored. */
export interface RunSummary {
  readonly id: string;
  readonly createdAtMs: number;
  readonly name: string;
  readonly strategyName: string;
  readonly parameters: Readonly<Record<string, number | string | boolean>>;
  readonly series: readonly string[];
  readonly isSynthetic: boolean;
  readonly runHash: string;
  readonly metrics: Readonly<Record<string, number>>;
  readonly problem: string;
}

const temporaryPrefix = '.tmp-';

/** Writes a run as a whole or not at all: into a temporary folder, flushed, then renamed. Returns its id. */
export function saveRun<Details>(home: string, run: Omit<StoredRun<Details>, 'id'>): string {
  const folder = runsFolder(home);
  mkdirSync(folder, { recursive: true });
  removeLeftovers(folder);
  const temporary = join(folder, `${temporaryPrefix}${process.pid}-${run.createdAtMs}-${run.result.certificate.runHash.slice(0, 8)}`);
  rmSync(temporary, { recursive: true, force: true });
  mkdirSync(temporary);
  for (let attempt = 1; ; attempt++) {
    const id = idOf(run.createdAtMs, run.result.certificate.runHash, attempt);
    if (existsSync(join(folder, id))) continue;
    const files = encodeRun({ ...run, id });
    for (const [name, content] of files) writeFlushed(join(temporary, name), content);
    writeFlushed(join(temporary, sumsFile), sumsText(files));
    flushFolder(temporary);
    renameSync(temporary, join(folder, id));
    flushFolder(folder);
    return id;
  }
}

/** Removes a run: renamed first, so that one that is being removed is never found half; what a kill leaves goes with the next run stored. */
export function removeRun(home: string, id: string): void {
  const folder = runsFolder(home);
  const temporary = join(folder, `${temporaryPrefix}${process.pid}-${id}`);
  renameSync(join(folder, id), temporary);
  flushFolder(folder);
  rmSync(temporary, { recursive: true, force: true });
}

/** Every run, newest first. A run whose head cannot be read is listed with its problem. */
export function listRuns(home: string): RunSummary[] {
  const summaries = runIds(home).map((id) => runSummary(home, id));
  return summaries.sort((left, right) => right.createdAtMs - left.createdAtMs || (left.id < right.id ? 1 : -1));
}

/** What a list shows of a run; its head is read, its files are not looked at. */
export function runSummary(home: string, id: string): RunSummary {
  const stampMs = Date.UTC(+id.slice(0, 4), +id.slice(4, 6) - 1, +id.slice(6, 8), +id.slice(9, 11), +id.slice(11, 13), +id.slice(13, 15));
  const unreadable = {
    id,
    createdAtMs: stampMs,
    name: '',
    strategyName: '',
    parameters: {},
    series: [],
    isSynthetic: false,
    runHash: '',
    metrics: {},
  };
  try {
    const head = JSON.parse(readFileSync(join(runFolder(home, id), 'run.json'), 'utf8')) as RunHead<unknown>;
    const { result } = head;
    return {
      id,
      createdAtMs: head.createdAtMs,
      name: head.name,
      strategyName: result.strategyName,
      parameters: result.parameters,
      series: result.series.map(({ key }) => `${key.venue} ${key.symbol} ${key.timeframe}`),
      isSynthetic: result.series.some((series) => series.isSynthetic),
      runHash: result.certificate.runHash,
      metrics: Object.fromEntries(Object.entries(result.metrics).map(([name, value]) => [name, Number(value)])),
      problem: '',
    };
  } catch (error) {
    return { ...unreadable, problem: error instanceof Error ? error.message : String(error) };
  }
}

/** The summary with what is wrong with the run's files, each of which is read and hashed. */
export function checkedSummary(home: string, summary: RunSummary): RunSummary {
  if (summary.problem !== '') return summary;
  return { ...summary, problem: changedFiles(home, summary.id).map(textOfChange).join(', ') };
}

/** The id a user means: "last", an id, the start of one, or the start of a run hash. RUN_NOT_FOUND where none matches, USAGE where several do. */
export function findRun(home: string, wanted: string): string {
  const ids = runIds(home);
  if (ids.length === 0) throw notFound(`${join(home, 'runs')} holds no runs; play one with "npx playhead run"`, wanted);
  if (ids.includes(wanted)) return wanted;
  if (wanted === 'last') return listRuns(home)[0].id;
  const matches = /^[0-9a-f-]{3,64}$/.test(wanted)
    ? ids.filter((id) => id.startsWith(wanted) || id.slice(16).startsWith(wanted.slice(0, 8)))
    : [];
  if (matches.length === 1) return matches[0];
  if (matches.length > 1)
    throw new ConfigError(
      'USAGE',
      `"${wanted}" fits ${matches.length} runs: ${matches.slice(0, 5).join(', ')}${matches.length > 5 ? ', …' : ''}; give more of the id`,
      { run: wanted },
    );
  const hint = nearest(wanted, [...ids, 'last']);
  throw notFound(
    `no stored run is called "${wanted}"${hint ? `; did you mean "${hint}"?` : ''}; see "npx playhead runs list" (looked in ${home})`,
    wanted,
  );
}

/** Reads a run back whose every file is as it was stored; RUN_CORRUPT names those that are not. */
export function loadRun<Details>(home: string, id: string): StoredRun<Details> {
  const changes = changedFiles(home, id);
  if (changes.length === 0) return loadUnchecked<Details>(home, id);
  const texts = changes.map(textOfChange).join(', ');
  throw new DataError(
    'RUN_CORRUPT',
    `run ${id}: ${texts}; "npx playhead verify ${id}" tells what differs. Restore the file from a copy, or play the scenario again`,
    { run: id, file: changes[0].file },
  );
}

/** As loadRun(), without the hashes, for whoever checks them itself. RUN_CORRUPT names the file, and the line, that cannot be read. */
export function loadUnchecked<Details>(home: string, id: string): StoredRun<Details> {
  return decodeRun<Details>(runFolder(home, id), id);
}

/** Names of the run's files whose bytes are not those that were stored, with what is wrong. */
export function changedFiles(home: string, id: string): { readonly file: string; readonly text: string }[] {
  const folder = runFolder(home, id);
  if (!existsSync(join(folder, sumsFile))) return [{ file: sumsFile, text: 'is missing' }];
  const stored = readFileSync(join(folder, sumsFile), 'utf8');
  const present = runFiles.filter((name) => existsSync(join(folder, name)));
  const missing = runFiles.filter((name) => !present.includes(name)).map((file) => ({ file, text: 'is missing' }));
  const actual = sumsText(new Map(present.map((name) => [name, readFileSync(join(folder, name))])));
  const known = new Set(stored.split('\n'));
  const changed = actual.split('\n').filter((line) => line !== '' && !known.has(line));
  return [...missing, ...changed.map((line) => ({ file: line.slice(66), text: 'was changed after it was stored' }))];
}

function textOfChange({ file, text }: { readonly file: string; readonly text: string }): string {
  return `${file} ${text}`;
}

export function runFolder(home: string, id: string): string {
  return join(runsFolder(home), id);
}

function runsFolder(home: string): string {
  return join(home, 'runs');
}

export function runIds(home: string): string[] {
  const folder = runsFolder(home);
  return existsSync(folder) ? readdirSync(folder).filter((name) => idPattern.test(name)) : [];
}

/** Temporary folders of processes that are gone. */
function removeLeftovers(folder: string): void {
  for (const name of readdirSync(folder)) {
    if (!name.startsWith(temporaryPrefix)) continue;
    const pid = Number(name.slice(temporaryPrefix.length).split('-')[0]);
    const isOld = Date.now() - (statSync(join(folder, name), { throwIfNoEntry: false })?.mtimeMs ?? 0) > 3_600_000;
    if (isOld || !isAlive(pid)) rmSync(join(folder, name), { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function writeFlushed(path: string, content: string | Uint8Array): void {
  const file = openSync(path, 'w');
  try {
    const bytes = typeof content === 'string' ? Buffer.from(content, 'utf8') : content;
    for (let offset = 0; offset < bytes.length; ) offset += writeSync(file, bytes, offset);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** A rename is safe on disk once its folder is; Windows offers no such call and needs none. */
function flushFolder(path: string): void {
  if (process.platform === 'win32') return;
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

function notFound(message: string, wanted: string): PlayheadError {
  return new DataError('RUN_NOT_FOUND', message, { run: wanted });
}
