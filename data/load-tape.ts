/** Owns the way from the catalogue into memory: every segment's hash tested, columns on one SharedArrayBuffer. Never looks at quality. */
import { closeSync, existsSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { DataError } from '../engine/errors.ts';
import { type BarColumns, barColumnNames, type SeriesKey, seriesName, type Tape } from '../engine/model/bar.ts';
import { closeTimeOf } from '../engine/model/timeframe.ts';
import type { Catalogue } from './catalogue.ts';
import { cacheFileOf, readCache, removeCache, verifyCache, writeCache } from './column-cache.ts';
import { allocateColumns, countClosedBars, cutColumns } from './columns.ts';
import { openDuckdb, sqlPath } from './duckdb.ts';
import { sha256OfFile } from './files.ts';
import type { Manifest, Segment } from './manifest.ts';
import { convertTimes, type PageTarget, planPages } from './parquet-pages.ts';
import { readAndHash } from './pieces.ts';
import { barSelection } from './staging.ts';

export interface LoadOptions {
  /** Bars that close later are cut off; columns always start at the first bar in the catalogue. */
  readonly throughMs?: number | undefined;
  /** false reads and hashes the segments and leaves the cache alone; default true. */
  readonly useCache?: boolean | undefined;
}

/** Loads a series. DATA_NOT_FOUND where there is none, DATA_CORRUPT where a segment is not what its manifest says. */
export async function loadTape(catalogue: Catalogue, key: SeriesKey, options: LoadOptions = {}): Promise<Tape> {
  const manifest = catalogue.manifest(key);
  const columns = await loadColumns(catalogue, manifest, options.useCache ?? true);
  const length = options.throughMs === undefined ? columns.length : countClosedBars(columns, options.throughMs);
  return { key: manifest.key, columns: cutColumns(columns, length), isSynthetic: manifest.isSynthetic };
}

/** Hashes every segment, and the cache if there is one; DATA_CORRUPT names the first that differs and both hashes. Returns how many segments are sound. */
export function verifySegments(catalogue: Catalogue, key: SeriesKey): number {
  const manifest = catalogue.manifest(key);
  const cachePath = join(catalogue.cachePath, cacheFileOf(manifest));
  const paths = segmentPathsOf(catalogue, manifest);
  for (const [i, segment] of manifest.segments.entries()) assertHash(manifest, segment, sha256OfFile(paths[i]));
  if (verifyCache(cachePath, manifest) === false) {
    removeCache(catalogue.cachePath, cacheFileOf(manifest));
    throw new DataError(
      'DATA_CORRUPT',
      `${seriesName(key)}: the column cache did not match its own hash; it has been removed, the segments are sound. Runs made from it have another tape hash`,
      { ...key },
    );
  }
  return manifest.segments.length;
}

async function loadColumns(catalogue: Catalogue, manifest: Manifest, useCache: boolean): Promise<BarColumns> {
  const paths = segmentPathsOf(catalogue, manifest);
  const cachePath = join(catalogue.cachePath, cacheFileOf(manifest));
  const cached = useCache ? await readCache(cachePath, manifest, paths) : undefined;
  if (cached !== undefined) return cached;
  const columns = (await copySegments(manifest, paths)) ?? (await decode(manifest, paths));
  if (useCache) writeCache(cachePath, manifest, paths, columns);
  return columns;
}

function segmentPathsOf(catalogue: Catalogue, manifest: Manifest): string[] {
  const folder = catalogue.seriesPath(manifest.key);
  return manifest.segments.map((segment) => {
    const path = join(folder, segment.file);
    if (existsSync(path)) return path;
    throw new DataError(
      'DATA_CORRUPT',
      `segment ${segment.file} of ${seriesName(manifest.key)} is missing; restore it, or delete ${folder} and import again`,
      {
        segment: segment.file,
      },
    );
  });
}

function assertHash(manifest: Manifest, segment: Segment, found: string): void {
  if (found === segment.sha256) return;
  throw new DataError(
    'DATA_CORRUPT',
    `segment ${segment.file} of ${seriesName(manifest.key)} has SHA-256 ${found}, its manifest says ${segment.sha256}; restore it, or delete the series' folder and import again`,
    { segment: segment.file, found, expected: segment.sha256 },
  );
}

/** The bytes that are hashed are the bytes that are read. Undefined where a segment is not of our writer's shape or segments interleave. */
async function copySegments(manifest: Manifest, paths: readonly string[]): Promise<BarColumns | undefined> {
  const { columns } = allocateColumns(manifest.rowCount);
  let at = 0;
  let isCopied = true;
  for (const [i, segment] of manifest.segments.entries()) {
    const { rowCount } = segment;
    const isAfter = i === 0 || manifest.segments[i - 1].lastOpenMs < segment.firstOpenMs;
    const isFit: boolean = isCopied && isAfter && at + rowCount <= manifest.rowCount;
    const sha256: string | undefined = isFit ? await copySegment(paths[i], { columns, at, rowCount }) : undefined;
    assertHash(manifest, segment, sha256 ?? sha256OfFile(paths[i]));
    isCopied = sha256 !== undefined;
    at += rowCount;
  }
  if (!isCopied || at !== manifest.rowCount) return undefined;
  fillCloseTimes(columns, manifest.key);
  return columns;
}

/** SHA-256 of the whole file, whose bars are now in the columns; undefined where it is not of our writer's shape. */
async function copySegment(path: string, target: PageTarget): Promise<string | undefined> {
  const handle = openSync(path, 'r');
  try {
    const pieces = planPages(handle, target);
    if (pieces === undefined) return undefined;
    const sha256 = await readAndHash(handle, pieces);
    convertTimes(target);
    return sha256;
  } finally {
    closeSync(handle);
  }
}

/** Through DuckDB: any Parquet, and interleaved segments sorted by time. Hashes were tested just before. */
async function decode(manifest: Manifest, paths: readonly string[]): Promise<BarColumns> {
  const { columns } = allocateColumns(manifest.rowCount);
  const { segments } = manifest;
  const isInOrder = segments.every((segment, i) => i === 0 || segments[i - 1].lastOpenMs < segment.firstOpenMs);
  const duckdb = await openDuckdb();
  let at = 0;
  try {
    const sql = `SELECT ${barSelection} FROM read_parquet([${paths.map((path) => sqlPath(path)).join(', ')}])${isInOrder ? '' : ' ORDER BY openTimeMs'}`;
    await duckdb.scan(sql, 6, ([openTimeMs, open, high, low, close, volume], count) => {
      columns.openTimeMs.set(openTimeMs, at);
      columns.open.set(open, at);
      columns.high.set(high, at);
      columns.low.set(low, at);
      columns.close.set(close, at);
      columns.volume.set(volume, at);
      at += count;
    });
  } finally {
    duckdb.close();
  }
  if (at !== manifest.rowCount) {
    throw new DataError(
      'DATA_CORRUPT',
      `${seriesName(manifest.key)} has ${at} rows in its segments, its manifest says ${manifest.rowCount}`,
      { found: at },
    );
  }
  fillCloseTimes(columns, manifest.key);
  return columns;
}

/** The close of every bar, from its open and the timeframe. */
export function fillCloseTimes(columns: BarColumns, key: Pick<SeriesKey, 'timeframe'>): void {
  const { openTimeMs, closeTimeMs } = columns;
  const { timeframe } = key;
  if (timeframe === '1M') for (let i = 0; i < columns.length; i++) closeTimeMs[i] = closeTimeOf(timeframe, openTimeMs[i]);
  else {
    const length = closeTimeOf(timeframe, 0);
    for (let i = 0; i < columns.length; i++) closeTimeMs[i] = openTimeMs[i] + length;
  }
}

/** True where both hold the same bars, bit for bit. */
export function areSameColumns(left: BarColumns, right: BarColumns): boolean {
  if (left.length !== right.length) return false;
  return barColumnNames.every((name) => {
    const a = left[name];
    const b = right[name];
    for (let i = 0; i < a.length; i++) if (!Object.is(a[i], b[i])) return false;
    return true;
  });
}
