/** Owns how one file is read as bars: the table it is to DuckDB and the expression of each column. Never keeps rows in memory. */
import { createReadStream, createWriteStream, existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { ConfigError, DataError } from '../engine/errors.ts';
import { type CsvHead, readCsvHead } from './csv-head.ts';
import { type Duckdb, sqlName, sqlPath, sqlText } from './duckdb.ts';
import { type FileColumns, findColumns } from './file-columns.ts';
import { lineOfRow } from './row-lines.ts';
import {
  assertTimeZone,
  detectTimeFormat,
  openTimeSql,
  patternFormat,
  type StampRules,
  type TimeFormat,
  timeFormatText,
  timestampSql,
} from './time-format.ts';

export interface SourceOptions extends StampRules {
  readonly path: string;
  /** Names for a file without a header; "-" leaves a column out. */
  readonly columns?: readonly string[] | undefined;
  readonly delimiter?: string | undefined;
  /** strptime format of the stamps. */
  readonly timeFormat?: string | undefined;
}

export type ValueColumn = 'open' | 'high' | 'low' | 'close' | 'volume';

export interface BarSource {
  /** The file as the user named it, for messages. */
  readonly file: string;
  /** What stands after FROM. */
  readonly table: string;
  /** Expression of the stamp as the file has it, for messages. */
  readonly stampText: string;
  readonly timeText: string;
  /** BIGINT open time, NULL where unreadable. */
  readonly openTimeMs: string;
  /** Expression of each column as the file has it; undefined for a volume that is not there. */
  readonly raw: Readonly<Record<ValueColumn, string | undefined>>;
  /** What a message calls a row, counted from 0: the line of a text file, or the row of Parquet, from 1 as people count. */
  nameOf(row: number): string;
}

/** Opens a .csv, .tsv, .txt (each also .gz) or .parquet file. temporaryPath: where a .gz is unpacked, so that its checksum is tested first. */
export async function openBarSource(duckdb: Duckdb, options: SourceOptions, temporaryPath: string): Promise<BarSource> {
  const file = options.path;
  if (!existsSync(options.path)) throw new DataError('DATA_FORMAT', `no file ${options.path}; check the path`, { path: options.path });
  if (!statSync(options.path).isFile()) throw new DataError('DATA_FORMAT', `${options.path} is no file`, { path: options.path });
  assertTimeZone(options.timeZone);
  if (/\.(parquet|pq)$/i.test(file)) return openParquet(duckdb, options, file);
  if (!/\.(csv|tsv|txt)(\.gz)?$/i.test(file)) {
    throw new ConfigError('USAGE', `${file}: unknown kind of file; expected .csv, .tsv, .txt (each also with .gz) or .parquet`, { file });
  }
  const path = /\.gz$/i.test(file) ? await unpack(options.path, file, temporaryPath) : options.path;
  return openCsv({ ...options, path }, file);
}

async function unpack(path: string, file: string, temporaryPath: string): Promise<string> {
  const unpacked = join(temporaryPath, 'unpacked.csv');
  try {
    await pipeline(createReadStream(path), createGunzip(), createWriteStream(unpacked));
  } catch (cause) {
    const why =
      cause instanceof Error && cause.message.includes('unexpected end')
        ? 'it ends too early (a broken download?)'
        : `it cannot be unpacked (${(cause as Error).message})`;
    throw new DataError('DATA_FORMAT', `${file}: ${why}; get it again`, { file }, cause);
  }
  return unpacked;
}

function openCsv(options: SourceOptions, file: string): BarSource {
  const head = readCsvHead(options.path, file, options.delimiter ?? (/\.tsv(\.gz)?$/i.test(file) ? '\t' : undefined));
  const columns = findColumns(columnNames(head, options, file), head.firstRow, file);
  const cell = (index: number): string => `c${index}`;
  const stamp =
    columns.time.length === 1 ? cell(columns.time[0]) : `concat(trim(${cell(columns.time[0])}), ' ', trim(${cell(columns.time[1])}))`;
  const sample = columns.time.map((index) => head.firstRow[index] ?? '').join(' ');
  const format = timeFormat(options, columns, sample, `${file}: line ${head.firstRowLine}`);
  const types = Array.from({ length: head.columnCount }, (_, i) => `'c${i}': 'VARCHAR'`).join(', ');
  const table =
    `read_csv(${sqlPath(options.path)}, auto_detect = false, header = false, skip = ${head.skippedLineCount}, delim = ${sqlText(head.delimiter)}, ` +
    `quote = '"', escape = '"', nullstr = '', columns = {${types}})`;
  return {
    file,
    table,
    stampText: stamp,
    timeText: timeFormatText(format),
    openTimeMs: openTimeSql(stamp, format, options),
    raw: {
      open: cell(columns.open),
      high: cell(columns.high),
      low: cell(columns.low),
      close: cell(columns.close),
      volume: columns.volume < 0 ? undefined : cell(columns.volume),
    },
    nameOf: (row) => `line ${lineOfRow(options.path, head.skippedLineCount, row)}`,
  };
}

function columnNames(head: CsvHead, options: SourceOptions, file: string): readonly string[] {
  if (options.columns === undefined) {
    if (head.header !== undefined) return head.header;
    throw new DataError(
      'DATA_FORMAT',
      `${file} has no header line (its first line is "${head.firstRow.join(head.delimiter).slice(0, 80)}"); name its ${head.columnCount} columns, for example --columns time,open,high,low,close,volume ("-" leaves one out)`,
      { file, columnCount: head.columnCount },
    );
  }
  if (options.columns.length !== head.columnCount) {
    throw new DataError('DATA_FORMAT', `${file} has ${head.columnCount} columns, --columns names ${options.columns.length}`, {
      file,
      columnCount: head.columnCount,
    });
  }
  return options.columns;
}

function timeFormat(options: SourceOptions, columns: FileColumns, sample: string, place: string): TimeFormat {
  if (options.timeFormat !== undefined) return patternFormat(options.timeFormat);
  const format = detectTimeFormat(sample, columns.timeUnit);
  if (format !== undefined) return format;
  throw new DataError(
    'DATA_FORMAT',
    `${place}, column time: "${sample}" is no time that can be read without doubt; expected epoch s, ms or µs, ISO 8601 or YYYYMMDD HH:mm; for others give --time-format, such as "%m/%d/%Y"`,
    { found: sample },
  );
}

async function openParquet(duckdb: Duckdb, options: SourceOptions, file: string): Promise<BarSource> {
  const table = `read_parquet(${sqlPath(options.path)})`;
  let described: (string | number | boolean | null)[][];
  try {
    described = await duckdb.rows(`DESCRIBE SELECT * FROM ${table}`);
  } catch (cause) {
    throw new DataError('DATA_FORMAT', `${file} is no readable Parquet file (${firstLine(cause)}); get it again`, { file }, cause);
  }
  const found = described.map(([name]) => String(name));
  const names = options.columns ?? found;
  const first = (
    await duckdb.rows(`SELECT ${found.map((name) => `CAST(${sqlName(name)} AS VARCHAR)`).join(', ')} FROM ${table} LIMIT 1`)
  )[0];
  if (first === undefined) throw new DataError('DATA_FORMAT', `${file} has columns and no bars`, { file });
  const columns = findColumns(names, first.map(String), file);
  const cell = (index: number): string => sqlName(found[index]);
  const time = columns.time[0];
  const type = String(described[time][1]);
  const isText = !/^(TIMESTAMP|DATE)/.test(type);
  const text = `CAST(${cell(time)} AS VARCHAR)`;
  const format = isText ? timeFormat(options, columns, String(first[time]), `${file}: row 1`) : undefined;
  return {
    file,
    table,
    stampText: text,
    timeText: format === undefined ? type : timeFormatText(format),
    openTimeMs: format === undefined ? timestampSql(cell(time), type, options) : openTimeSql(text, format, options),
    raw: {
      open: cell(columns.open),
      high: cell(columns.high),
      low: cell(columns.low),
      close: cell(columns.close),
      volume: columns.volume < 0 ? undefined : cell(columns.volume),
    },
    nameOf: (row) => `row ${row + 1}`,
  };
}

export function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0].trim();
}
