/**
 * Owns the staged file of an import: every row converted, unreadable cells as NaN, nothing decided. Never in the catalogue itself.
 * Rows keep the file's order, so that a finding in the staged file names a line of the user's file.
 */
import { ConfigError, DataError, type PlayheadError } from '../engine/errors.ts';
import type { SeriesKey } from '../engine/model/bar.ts';
import { type BarSource, firstLine, type ValueColumn } from './bar-source.ts';
import { countText } from './count-text.ts';
import { type Duckdb, sqlPath, sqlText } from './duckdb.ts';
import { PriceDecimals } from './price-decimals.ts';
import { QualityScan } from './quality-scan.ts';
import { unreadableTime } from './time-format.ts';

export const valueColumns: readonly ValueColumn[] = ['open', 'high', 'low', 'close', 'volume'];
/** Plain pages without dictionaries: they are copied at load, not decoded. */
export const parquetOptions =
  'FORMAT parquet, COMPRESSION uncompressed, PARQUET_VERSION V1, DICTIONARY_SIZE_LIMIT 1, ROW_GROUP_SIZE 122880';
/** The columns of a staged or stored file as DOUBLEs. */
export const barSelection = 'CAST(openTimeMs AS DOUBLE), open, high, low, close, volume';

/** Writes the source's rows to a staged Parquet file; streaming, so that memory stays flat. */
export async function stageSource(duckdb: Duckdb, source: BarSource, path: string, onProgress: (fraction: number) => void): Promise<void> {
  const value = (name: ValueColumn): string => {
    const raw = source.raw[name];
    return `${raw === undefined ? '0::DOUBLE' : `coalesce(try_cast(${raw} AS DOUBLE), 'NaN'::DOUBLE)`} AS ${name}`;
  };
  const select = `SELECT coalesce(${source.openTimeMs}, ${unreadableTime})::BIGINT AS openTimeMs, ${valueColumns.map(value).join(', ')} FROM ${source.table}`;
  try {
    await duckdb.run(`COPY (${select}) TO ${sqlText(path)} (${parquetOptions})`, onProgress);
  } catch (cause) {
    throw readError(cause, source);
  }
}

/** The source without its volume where every row leaves it empty, as mark prices do; empty in some rows it is an error like any other. */
export async function withoutEmptyVolume(duckdb: Duckdb, source: BarSource): Promise<BarSource> {
  const raw = source.raw.volume;
  if (raw === undefined) return source;
  const text = `coalesce(trim(CAST(${raw} AS VARCHAR)), '')`;
  try {
    const first = await duckdb.rows(`SELECT ${text} FROM ${source.table} LIMIT 1`);
    if (first[0]?.[0] !== '') return source;
    const filled = await duckdb.rows(`SELECT 1 FROM ${source.table} WHERE ${text} <> '' LIMIT 1`);
    return filled.length > 0 ? source : { ...source, raw: { ...source.raw, volume: undefined } };
  } catch (cause) {
    throw readError(cause, source);
  }
}

export interface StagedRows {
  readonly scan: QualityScan;
  readonly decimals: PriceDecimals;
}

/** Looks at every staged row; stops with DATA_FORMAT where one could not be read, naming line, column, value and what was expected of the first, and how many more there are. */
export async function scanStaged(duckdb: Duckdb, path: string, source: BarSource | undefined, key: SeriesKey): Promise<StagedRows> {
  const scan = new QualityScan({ key, tickSize: 0, nameOf: source?.nameOf ?? ((row) => `row ${row + 1}`) });
  const decimals = new PriceDecimals();
  const unreadable = Number(unreadableTime);
  let badRow = -1;
  let badCount = 0;
  let seen = 0;
  await duckdb.scan(`SELECT ${barSelection} FROM read_parquet(${sqlPath(path)})`, 6, (columns, count) => {
    const [openTimeMs, open, high, low, close, volumes] = columns;
    for (let i = 0; i < count; i++) {
      const sum = open[i] + high[i] + low[i] + close[i] + volumes[i];
      if (openTimeMs[i] !== unreadable && sum * 0 === 0) continue;
      if (badCount === 0) badRow = seen + i;
      badCount++;
    }
    seen += count;
    if (badCount > 0) return;
    scan.add({ openTimeMs, open, high, low, close, volume: volumes }, count);
    for (const prices of [open, high, low, close]) decimals.see(prices, count);
  });
  if (badCount > 0 && source !== undefined) throw await rowError(duckdb, source, badRow, badCount - 1);
  if (seen === 0) throw new DataError('DATA_FORMAT', `${source?.file ?? 'the input'} has no bars`);
  return { scan, decimals };
}

async function rowError(duckdb: Duckdb, source: BarSource, row: number, moreCount: number): Promise<DataError> {
  const raws = valueColumns.map((name) => (source.raw[name] === undefined ? "'0'" : `CAST(${source.raw[name]} AS VARCHAR)`));
  const sql = `SELECT ${source.stampText}, (${source.openTimeMs}) IS NULL, ${raws.join(', ')}, ${valueColumns
    .map((name) => (source.raw[name] === undefined ? 'true' : `coalesce(isfinite(try_cast(${source.raw[name]} AS DOUBLE)), false)`))
    .join(', ')} FROM ${source.table} LIMIT 1 OFFSET ${row}`;
  const cells = (await duckdb.rows(sql))[0];
  const found = (index: number): string => (cells[index] === null || cells[index] === '' ? 'empty' : `"${String(cells[index])}"`);
  const more = moreCount === 0 ? '' : ` (and ${countText(moreCount)} more ${moreCount === 1 ? 'row' : 'rows'} cannot be read)`;
  const fail = (column: string, value: string, expected: string): DataError =>
    new DataError('DATA_FORMAT', `${source.file}: ${source.nameOf(row)}, column ${column}: found ${value}, expected ${expected}${more}`, {
      // The number that the text says: a line of a text file, a row of Parquet.
      row: Number(/\d+/.exec(source.nameOf(row))?.[0] ?? row + 1),
      column,
      found: value,
      moreCount,
    });
  if (cells[1] === true) return fail('time', found(0), expectedTime(source, String(cells[0] ?? ''), row));
  const index = valueColumns.findIndex((_, i) => cells[7 + i] === false);
  const name = valueColumns[Math.max(index, 0)];
  const hint = /^\s*-?\d{1,3}([.\s]\d{3})*,\d+\s*$|^\s*\d{1,3}(,\d{3})+(\.\d+)?\s*$/.test(String(cells[2 + index]))
    ? ' (with a decimal point and without separators of thousands)'
    : '';
  return fail(name, found(2 + index), `a finite number${hint}`);
}

function expectedTime(source: BarSource, found: string, row: number): string {
  const digits = /^-?\d+(\.\d+)?$/.test(found.trim());
  if (source.timeText.startsWith('epoch') && digits)
    return `${source.timeText} of whole milliseconds as in ${source.nameOf(0)}: the unit of time changes within the file`;
  if (source.openTimeMs.includes('date_trunc') && row === 0)
    return `the first moment of a UTC month (for months stamped at their end give --stamp close)`;
  return `${source.timeText}${row === 0 ? '' : `, as in ${source.nameOf(0)}`}`;
}

/** DuckDB's refusal in our words; its line numbers are those of the file. */
function readError(cause: unknown, source: BarSource): PlayheadError {
  const text = cause instanceof Error ? cause.message : String(cause);
  const line = /on Line: (\d+)/i.exec(text)?.[1];
  const counts = /Expected Number of Columns: (\d+) Found: (\d+)/.exec(text);
  const at = line === undefined ? source.file : `${source.file}: line ${line}`;
  const fields = line === undefined ? {} : { line: Number(line) };
  if (counts !== null)
    return new DataError('DATA_FORMAT', `${at}: found ${counts[2]} columns, expected ${counts[1]} as in the first line`, fields, cause);
  if (/utf-?8|unicode/i.test(text))
    return new DataError('DATA_FORMAT', `${at}: found bytes that are not UTF-8; save the file as UTF-8`, fields, cause);
  if (/quote/i.test(text) || /invalid state/i.test(text))
    return new DataError('DATA_FORMAT', `${at}: a quoted value is not closed, or the file breaks off inside one`, fields, cause);
  if (/Failed to parse format specifier/i.test(text)) return new ConfigError('USAGE', `--time-format: ${firstLine(cause)}`, fields, cause);
  return new DataError('DATA_FORMAT', `${at}: ${firstLine(cause)}`, fields, cause);
}
