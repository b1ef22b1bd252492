/**
 * Owns the way of staged rows into the catalogue: compared with what is there, only new rows stored, made visible by one rename of the manifest.
 * Never changes or removes a stored segment.
 */
import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DataError } from '../engine/errors.ts';
import { type SeriesKey, seriesName } from '../engine/model/bar.ts';
import { timeframeMs } from '../engine/model/timeframe.ts';
import type { Catalogue } from './catalogue.ts';
import { cacheFileOf, removeCache } from './column-cache.ts';
import { countText } from './count-text.ts';
import { type Duckdb, sqlPath, sqlText } from './duckdb.ts';
import { publish, sha256OfFile } from './files.ts';
import { type Manifest, manifestFile, manifestText, type Segment } from './manifest.ts';
import { defaultQualityPolicy, type QualityReport, rejections } from './quality.ts';
import { barName, QualityScan, timeText } from './quality-scan.ts';
import { barSelection, parquetOptions, valueColumns } from './staging.ts';

export interface CommitOptions {
  readonly key: SeriesKey;
  readonly stagedPath: string;
  readonly workshopPath: string;
  readonly source: string;
  readonly isSynthetic: boolean;
  readonly notes: readonly string[];
  /** Bars that open earlier are left out. */
  readonly fromMs?: number | undefined;
  /** Moment of the import by the wall clock. */
  readonly fetchedAt: string;
  /** Called once the rows are accepted, before anything becomes visible. */
  readonly onAccepted: () => void;
}

export interface CommitReport {
  readonly manifest: Manifest;
  readonly newRowCount: number;
  readonly knownRowCount: number;
  /** The whole series after the import. */
  readonly quality: QualityReport;
}

/** Stores the staged rows that are new; DATA_CONFLICT where one disagrees with a stored bar. */
export async function commitStaged(catalogue: Catalogue, duckdb: Duckdb, options: CommitOptions): Promise<CommitReport> {
  const { key } = options;
  const seriesPath = catalogue.seriesPath(key);
  const before = catalogue.find(key);
  if (before !== undefined && before.isSynthetic !== options.isSynthetic) {
    const kinds = before.isSynthetic ? 'synthetic bars; recorded ones' : 'recorded bars; synthetic ones';
    throw new DataError(
      'DATA_CONFLICT',
      `${seriesName(key)} holds ${kinds} need a venue of their own, so that results stay honestly labelled`,
      { ...key },
    );
  }
  const staged = `(SELECT * FROM read_parquet(${sqlPath(options.stagedPath)})${options.fromMs === undefined ? '' : ` WHERE openTimeMs >= ${options.fromMs}`})`;
  const [firstMs, lastMs, stagedCount] = (await duckdb.rows(`SELECT min(openTimeMs), max(openTimeMs), count(*) FROM ${staged}`))[0].map(
    Number,
  );
  if (stagedCount === 0) throw new DataError('DATA_FORMAT', `${options.source} has no bars from ${timeText(options.fromMs ?? 0)} on`);
  const stored = (before?.segments ?? []).filter((segment) => segment.lastOpenMs >= firstMs && segment.firstOpenMs <= lastMs);
  const storedTable = tableOf(stored.map((segment) => join(seriesPath, segment.file)));
  if (stored.length > 0) await refuseConflict(duckdb, staged, storedTable, key);
  const fresh = stored.length === 0 ? staged : `(SELECT s.* FROM ${staged} s ANTI JOIN ${storedTable} e USING (openTimeMs))`;
  const newRowCount = stored.length === 0 ? stagedCount : Number((await duckdb.rows(`SELECT count(*) FROM ${fresh}`))[0][0]);
  const isWhole = newRowCount === stagedCount && options.fromMs === undefined;
  let segmentPath = options.stagedPath;
  if (newRowCount > 0 && !isWhole) {
    segmentPath = join(options.workshopPath, 'segment.parquet');
    await duckdb.run(`COPY (SELECT * FROM ${fresh} ORDER BY openTimeMs) TO ${sqlText(segmentPath)} (${parquetOptions})`);
  }
  const paths = [...(before?.segments ?? []).map((segment) => join(seriesPath, segment.file)), ...(newRowCount > 0 ? [segmentPath] : [])];
  const quality = await scanSeries(duckdb, paths, key);
  options.onAccepted();
  if (before !== undefined && newRowCount === 0) return { manifest: before, newRowCount, knownRowCount: stagedCount, quality };
  const segment = await describeSegment(duckdb, segmentPath, options);
  publish(segmentPath, join(seriesPath, segment.file));
  const manifest = nextManifest(before, segment, quality, options);
  const manifestPath = join(options.workshopPath, manifestFile);
  writeFileSync(manifestPath, manifestText(manifest));
  publish(manifestPath, join(seriesPath, manifestFile));
  if (before !== undefined) removeCache(catalogue.cachePath, cacheFileOf(before));
  return { manifest, newRowCount, knownRowCount: stagedCount - newRowCount, quality };
}

function tableOf(paths: readonly string[]): string {
  return `read_parquet([${paths.map((path) => sqlPath(path)).join(', ')}])`;
}

async function refuseConflict(duckdb: Duckdb, staged: string, stored: string, key: SeriesKey): Promise<void> {
  const pairs = valueColumns.map((name) => `s.${name}, e.${name}`).join(', ');
  const differs = valueColumns.map((name) => `s.${name} <> e.${name}`).join(' OR ');
  const from = `FROM ${staged} s JOIN ${stored} e USING (openTimeMs) WHERE ${differs}`;
  const row = (await duckdb.rows(`SELECT openTimeMs, count(*) OVER (), ${pairs} ${from} ORDER BY openTimeMs LIMIT 1`))[0];
  if (row === undefined) return;
  const timeMs = Number(row[0]);
  const index = valueColumns.findIndex((_, i) => row[2 + 2 * i] !== row[3 + 2 * i]);
  const shift = await shiftText(duckdb, staged, stored, key);
  const [found, known] = [Number(row[2 + 2 * index]), Number(row[3 + 2 * index])];
  throw new DataError(
    'DATA_CONFLICT',
    `${seriesName(key)}: the bar of ${timeText(timeMs)} has ${valueColumns[index]} ${found} in the file and ${known} in the catalogue (${Number(row[1]) === 1 ? '1 bar disagrees' : `${row[1]} bars disagree`}); nothing was stored${shift}. "npx playhead data remove ${key.venue} ${key.symbol} ${key.timeframe}" makes room for the file, another venue name keeps both`,
    { ...key, timeMs, column: valueColumns[index], found, known, count: Number(row[1]) },
  );
}

/** Bars that disagree because one of the two was stamped at its opens and the other at its closes; '' where that is not why. */
async function shiftText(duckdb: Duckdb, staged: string, stored: string, { timeframe }: SeriesKey): Promise<string> {
  if (timeframe === '1M') return '';
  const same = valueColumns.map((name) => `s.${name} = e.${name}`).join(' AND ');
  for (const [side, shiftMs] of [
    ['later', timeframeMs(timeframe)],
    ['earlier', -timeframeMs(timeframe)],
  ] as const) {
    const sql = `SELECT count(*), count(*) FILTER (WHERE ${same}) FROM ${staged} s JOIN ${stored} e ON s.openTimeMs = e.openTimeMs + ${shiftMs}`;
    const [count, sameCount] = (await duckdb.rows(sql))[0].map(Number);
    if (count > 2 && sameCount >= 0.9 * count)
      return `: ${countText(sameCount)} bars of the file are stored bars one bar ${side}, as where one of the two is stamped at the close (--stamp)`;
  }
  return '';
}

/** The series as it will be, in time order: overlaps between old and new bars stop the import, gaps are counted. */
async function scanSeries(duckdb: Duckdb, paths: readonly string[], key: SeriesKey): Promise<QualityReport> {
  const scan = new QualityScan({ key, tickSize: 0, nameOf: barName });
  const order = paths.length > 1 ? ' ORDER BY openTimeMs' : '';
  await duckdb.scan(`SELECT ${barSelection} FROM ${tableOf(paths)}${order}`, 6, ([openTimeMs, open, high, low, close, volume], count) => {
    scan.add({ openTimeMs, open, high, low, close, volume }, count);
  });
  const report = scan.report(defaultQualityPolicy);
  const overlap = report.issues.find((issue) => issue.kind === 'overlap');
  if (overlap !== undefined) {
    throw new DataError('DATA_CONFLICT', `${seriesName(key)}: new and stored bars overlap: ${overlap.first.text}; nothing was stored`, {
      ...key,
      timeMs: overlap.first.timeMs,
    });
  }
  return report;
}

async function describeSegment(duckdb: Duckdb, path: string, options: CommitOptions): Promise<Segment> {
  const [firstOpenMs, lastOpenMs, rowCount] = (
    await duckdb.rows(`SELECT min(openTimeMs), max(openTimeMs), count(*) FROM read_parquet(${sqlPath(path)})`)
  )[0].map(Number);
  const sha256 = sha256OfFile(path);
  const stamp = (ms: number): string => new Date(ms).toISOString().slice(0, 16).replaceAll(/[-:]/g, '');
  const file = `${stamp(firstOpenMs)}-${stamp(lastOpenMs)}-${sha256.slice(0, 8)}.parquet`;
  return {
    file,
    sha256,
    byteCount: statSync(path).size,
    rowCount,
    firstOpenMs,
    lastOpenMs,
    source: options.source,
    fetchedAt: options.fetchedAt,
  };
}

function nextManifest(before: Manifest | undefined, segment: Segment, quality: QualityReport, options: CommitOptions): Manifest {
  const segments = [...(before?.segments ?? []), segment].sort(
    (left, right) => left.firstOpenMs - right.firstOpenMs || left.lastOpenMs - right.lastOpenMs,
  );
  return {
    version: 1,
    key: { venue: options.key.venue, symbol: options.key.symbol, timeframe: options.key.timeframe },
    isSynthetic: options.isSynthetic,
    rowCount: quality.rowCount,
    firstOpenMs: quality.firstOpenMs,
    lastOpenMs: quality.lastOpenMs,
    gapCount: quality.gapCount,
    missingBarCount: quality.missingBarCount,
    calendarBreakCount: quality.calendarBreakCount,
    notes: [...new Set([...(before?.notes ?? []), ...options.notes])],
    segments,
  };
}

/** What a refused import would have said: the rejected findings of a staged file, '' where it is clean. */
export function stagedRejections(scan: QualityScan): string {
  return rejections(scan.report(defaultQualityPolicy));
}
