/**
 * Owns the raw column cache <home>/cache/<sha>.columns: a header and the decoded columns as they lie in memory. It may be deleted at any time.
 *
 * A hit is checked cheaply: the key (made of this format's version and the manifest's segment hashes), the row count, the file's length, and
 * size and modification time of every segment. It hashes nothing: a segment touched since is read and hashed again, and what a changed cache
 * would play is caught by the tape hash of the run's certificate, or by verifySegments, which hashes segments and cache.
 */
import { createHash } from 'node:crypto';
import { closeSync, fstatSync, mkdirSync, openSync, readSync, renameSync, rmSync, statSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { crc32 } from 'node:zlib';
import { type BarColumns, barColumnNames } from '../engine/model/bar.ts';
import { allocateColumns } from './columns.ts';
import type { Manifest } from './manifest.ts';
import { type Piece, readAll } from './pieces.ts';

const formatVersion = 2;
const headerBytes = 4096;

interface CacheHeader {
  readonly key: string;
  readonly rowCount: number;
  /** Size and modification time of each segment when it was hashed. */
  readonly segments: string;
  /** CRC-32 of the column bytes: it lies beside them, so it tells failing disks, not forgers, and a third of the time of a SHA-256 is enough. */
  readonly crc32: number;
}

/** The cache's file name: a hash of the segment hashes, so that other bars are another file. */
export function cacheFileOf(manifest: Manifest): string {
  const parts = [formatVersion, manifest.key.timeframe, ...manifest.segments.map((segment) => segment.sha256)];
  return `${createHash('sha256').update(parts.join('\n')).digest('hex')}.columns`;
}

/** Columns from the cache, or undefined where it is absent, of other bars, of touched segments, or not whole. */
export async function readCache(path: string, manifest: Manifest, segmentPaths: readonly string[]): Promise<BarColumns | undefined> {
  let handle: number;
  try {
    handle = openSync(path, 'r');
  } catch {
    return undefined;
  }
  try {
    const header = readHeader(handle);
    const byteCount = manifest.rowCount * barColumnNames.length * 8;
    const isGood =
      header?.key === cacheFileOf(manifest) &&
      header.rowCount === manifest.rowCount &&
      header.segments === stampOf(segmentPaths) &&
      fstatSync(handle).size === headerBytes + byteCount;
    if (!isGood) return undefined;
    const { columns } = allocateColumns(manifest.rowCount);
    // One read a column, side by side: the time goes into the pages of new memory, which each thread takes for itself.
    await readAll(handle, columnPieces(columns));
    return columns;
  } catch {
    // The segments are there to be read instead.
    return undefined;
  } finally {
    closeSync(handle);
  }
}

/** Writes the cache beside its name and renames it; not flushed, since a broken cache is only a slow load. Failing to write is no error. */
export function writeCache(path: string, manifest: Manifest, segmentPaths: readonly string[], columns: BarColumns): void {
  const bytes = columnBytes(columns);
  const header: CacheHeader = {
    key: cacheFileOf(manifest),
    rowCount: manifest.rowCount,
    segments: stampOf(segmentPaths),
    crc32: crc32(bytes),
  };
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    mkdirSync(dirname(path), { recursive: true });
    const handle = openSync(temporary, 'w');
    try {
      const head = Buffer.alloc(headerBytes);
      if (head.write(JSON.stringify(header)) >= headerBytes - 1) return;
      writeSync(handle, head);
      for (let at = 0; at < bytes.length; ) at += writeSync(handle, bytes, at, bytes.length - at);
    } finally {
      closeSync(handle);
    }
    renameSync(temporary, path);
  } catch {
    rmSync(temporary, { force: true });
  }
}

export function removeCache(cachePath: string, file: string): void {
  rmSync(join(cachePath, file), { force: true });
}

/** Whether the cached bytes are still what was decoded; undefined where there is no readable cache. */
export function verifyCache(path: string, manifest: Manifest): boolean | undefined {
  let handle: number;
  try {
    handle = openSync(path, 'r');
  } catch {
    return undefined;
  }
  try {
    const header = readHeader(handle);
    if (header === undefined || header.rowCount !== manifest.rowCount) return undefined;
    const bytes = new Uint8Array(header.rowCount * barColumnNames.length * 8);
    return readWhole(handle, bytes) && crc32(bytes) === header.crc32;
  } finally {
    closeSync(handle);
  }
}

function readHeader(handle: number): CacheHeader | undefined {
  const head = Buffer.alloc(headerBytes);
  if (readSync(handle, head, 0, headerBytes, 0) < headerBytes) return undefined;
  try {
    return JSON.parse(head.toString('utf8', 0, head.indexOf(0))) as CacheHeader;
  } catch {
    return undefined;
  }
}

function readWhole(handle: number, target: Uint8Array): boolean {
  for (let at = 0; at < target.length; ) {
    const byteCount = readSync(handle, target, at, target.length - at, headerBytes + at);
    if (byteCount === 0) return false;
    at += byteCount;
  }
  return true;
}

function stampOf(segmentPaths: readonly string[]): string {
  const stamps = segmentPaths.map((path) => {
    const { size, mtimeMs } = statSync(path);
    return `${size} ${mtimeMs}`;
  });
  return createHash('sha256').update(stamps.join('\n')).digest('hex');
}

function columnPieces(columns: BarColumns): Piece[] {
  return barColumnNames.map((name, i) => {
    const { buffer, byteOffset, byteLength } = columns[name];
    return { from: headerBytes + i * byteLength, bytes: new Uint8Array(buffer, byteOffset, byteLength), isRead: byteLength === 0 };
  });
}

function columnBytes(columns: BarColumns): Uint8Array {
  const { buffer, byteOffset } = columns.openTimeMs;
  return new Uint8Array(buffer, byteOffset, columns.length * barColumnNames.length * 8);
}
