/** Owns the way of bars out of the catalogue. An export imports again bit for bit. Never overwrites a file that exists unless told to. */
import { existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { ConfigError, DataError } from '../engine/errors.ts';
import { type SeriesKey, seriesName } from '../engine/model/bar.ts';
import type { Catalogue } from './catalogue.ts';
import { sqlPath, sqlText, withDuckdb } from './duckdb.ts';
import { publish } from './files.ts';
import { verifySegments } from './load-tape.ts';
import { timeText } from './quality-scan.ts';

export interface ExportOptions {
  readonly format: 'csv' | 'parquet';
  readonly path: string;
  /** Bars that open from fromMs on and before toMs; default all. */
  readonly fromMs?: number | undefined;
  readonly toMs?: number | undefined;
  readonly overwrite?: boolean | undefined;
}

export interface ExportReport {
  readonly path: string;
  readonly rowCount: number;
  readonly byteCount: number;
}

/** Writes time (ISO 8601 UTC in CSV, TIMESTAMP ms in Parquet), open, high, low, close, volume; numbers in the fewest digits that read back exactly. */
export async function exportBars(catalogue: Catalogue, key: SeriesKey, options: ExportOptions): Promise<ExportReport> {
  const manifest = catalogue.manifest(key);
  verifySegments(catalogue, key);
  const path = resolve(options.path);
  if (existsSync(path) && options.overwrite !== true)
    throw new ConfigError('USAGE', `${path} exists; give another name or --overwrite`, { path });
  mkdirSync(dirname(path), { recursive: true });
  const folder = catalogue.seriesPath(manifest.key);
  const table = `read_parquet([${manifest.segments.map((segment) => sqlPath(join(folder, segment.file))).join(', ')}])`;
  const where = `openTimeMs >= ${options.fromMs ?? '-8640000000000000'} AND openTimeMs < ${options.toMs ?? '8640000000000001'}`;
  const time =
    options.format === 'csv'
      ? `strftime(make_timestamp(openTimeMs * 1000), '%Y-%m-%dT%H:%M:%S.%gZ')`
      : 'CAST(make_timestamp(openTimeMs * 1000) AS TIMESTAMP_MS)';
  const format = options.format === 'csv' ? 'FORMAT csv, HEADER true' : 'FORMAT parquet, COMPRESSION zstd';
  const temporary = `${path}.tmp`;
  const rowCount = await withDuckdb(`${path}.spill`, async (duckdb) => {
    const count = Number((await duckdb.rows(`SELECT count(*) FROM ${table} WHERE ${where}`))[0][0]);
    if (count === 0) {
      throw new DataError(
        'DATA_NOT_FOUND',
        `${seriesName(key)} has no bars in that range; it has ${timeText(manifest.firstOpenMs)} to ${timeText(manifest.lastOpenMs)}`,
        { ...key },
      );
    }
    await duckdb.run(
      `COPY (SELECT ${time} AS "time", open, high, low, close, volume FROM ${table} WHERE ${where} ORDER BY openTimeMs) TO ${sqlText(temporary)} (${format})`,
    );
    return count;
  });
  publish(temporary, path);
  return { path, rowCount, byteCount: statSync(path).size };
}
