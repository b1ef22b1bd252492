/** Owns how a search lies in the home folder (<kind>/<id>/): its head, lines of work as it is done, its end. Never knows what was searched. */
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { ConfigError, DataError } from '../../engine/errors.ts';
import { nearest } from '../../engine/nearest.ts';
import { writeAtomically } from '../files.ts';
import { idOf, idPattern } from './store-ids.ts';

/** Where one kind of search lies, and what it is called. */
export interface SearchKind {
  readonly folder: string;
  readonly headFile: string;
  readonly logFile: string;
  /** "sweep". */
  readonly noun: string;
}

/** What a search is, written before its first work; details: plain JSON of the caller's. */
export interface SearchHead<Details> {
  readonly id: string;
  readonly createdAtMs: number;
  readonly name: string;
  /** Hash of everything that decides its results; a search that is resumed must have it still. */
  readonly specHash: string;
  readonly details: Details;
}

const endFile = 'result.json';

export function searchFolder(home: string, { folder }: SearchKind, id: string): string {
  return join(home, folder, id);
}

/** Begins a search: its head is on the disk before anything is played. Two that begin at once have folders of their own. */
export function createSearch<Details>(home: string, kind: SearchKind, search: Omit<SearchHead<Details>, 'id'>): SearchHead<Details> {
  mkdirSync(join(home, kind.folder), { recursive: true });
  for (let attempt = 1; ; attempt++) {
    const id = idOf(search.createdAtMs, search.specHash, attempt);
    try {
      mkdirSync(searchFolder(home, kind, id));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') continue;
      throw error;
    }
    const head = { ...search, id };
    writeAtomically(join(searchFolder(home, kind, id), kind.headFile), `${JSON.stringify(head, null, 2)}\n`);
    return head;
  }
}

/** Ids of all searches of a kind, oldest first; a folder without a head is what a kill has left of a search that never began. */
export function searchIds(home: string, kind: SearchKind): string[] {
  const path = join(home, kind.folder);
  return existsSync(path)
    ? readdirSync(path)
        .filter((name) => idPattern.test(name) && existsSync(join(path, name, kind.headFile)))
        .sort()
    : [];
}

/** The search a user means: "last", an id, or the start of one. RUN_NOT_FOUND where none matches. */
export function findSearch(home: string, kind: SearchKind, wanted: string): string {
  const { noun, folder } = kind;
  const ids = searchIds(home, kind);
  const matches =
    wanted === 'last' ? ids.slice(-1) : ids.filter((id) => id === wanted || id.startsWith(wanted) || id.slice(16).startsWith(wanted));
  if (matches.length === 1) return matches[0];
  if (matches.length > 1)
    throw new ConfigError('USAGE', `"${wanted}" fits ${matches.length} ${noun}s: ${matches.slice(0, 5).join(', ')}; give more of the id`);
  const hint = ids.length === 0 ? undefined : nearest(wanted, [...ids, 'last']);
  const found = ids.length === 0 ? 'it holds none' : `the latest is ${ids.at(-1)}`;
  throw new DataError(
    'RUN_NOT_FOUND',
    `no ${noun} is called "${wanted}"${hint === undefined ? '' : `; did you mean "${hint}"?`} (looked in ${join(home, folder)}; ${found})`,
    { [noun]: wanted },
  );
}

export function loadSearchHead<Details>(home: string, kind: SearchKind, id: string): SearchHead<Details> {
  return readJson(join(searchFolder(home, kind, id), kind.headFile), kind, id) as SearchHead<Details>;
}

/** Writes what came of a finished search; null is read where it has not ended. */
export function saveSearchEnd(home: string, kind: SearchKind, { id, end }: { readonly id: string; readonly end: object }): void {
  saveSearchPart(home, kind, { id, file: endFile, part: end });
}

export function loadSearchEnd<End>(home: string, kind: SearchKind, id: string): End | null {
  return loadSearchPart(home, kind, { id, file: endFile });
}

/** Writes a document beside what was searched; columns and numbers that are not finite come back as they were. */
export function saveSearchPart(
  home: string,
  kind: SearchKind,
  { id, file, part }: { readonly id: string; readonly file: string; readonly part: object },
): void {
  writeAtomically(join(searchFolder(home, kind, id), file), `${JSON.stringify(part, packed, 2)}\n`);
}

/** Null where it was not written; RUN_CORRUPT where it cannot be read. */
export function loadSearchPart<Part>(
  home: string,
  kind: SearchKind,
  { id, file }: { readonly id: string; readonly file: string },
): Part | null {
  const path = join(searchFolder(home, kind, id), file);
  return existsSync(path) ? (readJson(path, kind, id) as Part) : null;
}

/** Where a line lies in its log. */
export interface LinePlace {
  readonly offset: number;
  readonly byteCount: number;
}

export interface LineReader<Line> {
  readonly id: string;
  readonly isLine: (line: Partial<Line>) => boolean;
  readonly onLine: (line: Line, place: LinePlace) => void;
}

/**
 * Tells the lines logged of a search, the last that a kill has cut left out; RUN_CORRUPT for any other that cannot be read. Returns the bytes up
 * to the end of the last whole line.
 */
export function readSearchLines<Line>(home: string, kind: SearchKind, { id, isLine, onLine }: LineReader<Line>): number {
  const path = join(searchFolder(home, kind, id), kind.logFile);
  const bytes = existsSync(path) ? readFileSync(path) : Buffer.alloc(0);
  const validBytes = bytes.lastIndexOf(10) + 1;
  let lineCount = 0;
  // Line by line: a whole log may be longer than a text can be (half a gigabyte).
  for (let from = 0; from < validBytes; ) {
    const end = bytes.indexOf(10, from);
    const line = parsed<Line>(bytes.toString('utf8', from, end));
    if (line === undefined || !isLine(line))
      throw new DataError(
        'RUN_CORRUPT',
        `${kind.noun} ${id}: ${kind.logFile} line ${lineCount + 1} cannot be read; restore the file, or begin a new ${kind.noun}`,
        { [kind.noun]: id },
      );
    onLine(line as Line, { offset: from, byteCount: end - from });
    lineCount++;
    from = end + 1;
  }
  return validBytes;
}

/** One line again. */
export function readSearchLine<Line>(
  home: string,
  kind: SearchKind,
  { id, place: { offset, byteCount } }: { readonly id: string; readonly place: LinePlace },
): Line {
  const handle = openSync(join(searchFolder(home, kind, id), kind.logFile), 'r');
  try {
    const bytes = Buffer.allocUnsafe(byteCount);
    readSync(handle, bytes, 0, byteCount, offset);
    return JSON.parse(bytes.toString('utf8'), unpacked) as Line;
  } finally {
    closeSync(handle);
  }
}

/** Lines of work as it is done; each is on the disk before the next work is waited for. */
export class SearchLog<Line> {
  private readonly handle: number;
  private size: number;

  /** Goes on behind the last whole line: one that a kill has cut is taken off. */
  constructor(home: string, kind: SearchKind, { id, validBytes }: { readonly id: string; readonly validBytes: number }) {
    const path = join(searchFolder(home, kind, id), kind.logFile);
    if (existsSync(path)) truncateSync(path, validBytes);
    this.handle = openSync(path, 'a');
    this.size = validBytes;
  }

  /** Where each of them lies. */
  append(lines: readonly Line[]): LinePlace[] {
    const places = lines.map((line) => {
      const bytes = Buffer.from(`${JSON.stringify(line, packed)}\n`, 'utf8');
      writeFileSync(this.handle, bytes);
      const place = { offset: this.size, byteCount: bytes.length - 1 };
      this.size += bytes.length;
      return place;
    });
    fsyncSync(this.handle);
    return places;
  }

  close(): void {
    closeSync(this.handle);
  }
}

/** Doubles as their bytes, so that what is read is what was written, NaN and infinities included. */
export function toBase64(values: Float64Array): string {
  return Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString('base64');
}

export function fromBase64(text: string): Float64Array<ArrayBuffer> {
  const bytes = Uint8Array.from(Buffer.from(text, 'base64'));
  return new Float64Array(bytes.buffer);
}

/** For JSON: columns as their bytes, numbers that it has no word for as text. */
function packed(_name: string, value: unknown): unknown {
  if (value instanceof Float64Array) return { float64: toBase64(value) };
  return typeof value === 'number' && !Number.isFinite(value) ? { number: String(value) } : value;
}

function unpacked(_name: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const { float64, number } = value as { readonly float64?: unknown; readonly number?: unknown };
  if (typeof float64 === 'string') return fromBase64(float64);
  return typeof number === 'string' ? Number(number) : value;
}

function parsed<Line>(text: string): Partial<Line> | undefined {
  try {
    const line = JSON.parse(text, unpacked) as Partial<Line> | null;
    return typeof line === 'object' && line !== null ? line : undefined;
  } catch {
    return undefined;
  }
}

function readJson(path: string, { noun }: SearchKind, id: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'), unpacked);
  } catch (error) {
    throw new DataError('RUN_CORRUPT', `${noun} ${id}: ${path} cannot be read`, { [noun]: id }, error);
  }
}
