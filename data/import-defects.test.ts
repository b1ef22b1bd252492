import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DataError } from '../engine/errors.ts';
import type { Timeframe } from '../engine/model/timeframe.ts';
import { withDuckdb } from './duckdb.ts';
import { type ImportOptions, importBars } from './import-bars.ts';
import { createScratch, csvOf, key, plainRows, type Scratch } from './testing/scratch.ts';

let scratch: Scratch;
beforeAll(() => {
  scratch = createScratch();
});
afterAll(() => scratch.remove());

type Options = Partial<ImportOptions> & { readonly timeframe?: Timeframe };
const good = plainRows(12);
const header = 'time,open,high,low,close,volume\n';
/** Good rows with one line replaced; row counts from 1. */
const withRow = (row: number, line: string): string =>
  csvOf(good)
    .split('\n')
    .map((old, i) => (i === row ? line : old))
    .join('\n');
const t = (i: number): number => good[i][0];

const defects: readonly (readonly [string, string, string | Uint8Array, string, string, Options?])[] = [
  [
    'unreadable number',
    'a.csv',
    withRow(4, `${t(3)},103,104.5,abc,103.75,13`),
    'DATA_FORMAT',
    'a.csv: line 5, column low: found "abc", expected a finite number',
  ],
  [
    'decimal comma',
    'a.csv',
    `${header.replaceAll(',', ';')}${t(0)};1,5;2;1;2;1`,
    'DATA_FORMAT',
    'a.csv: line 2, column open: found "1,5", expected a finite number (with a decimal point and without separators of thousands)',
  ],
  [
    'missing value',
    'a.csv',
    withRow(5, `${t(4)},104,105.5,103.25,,14`),
    'DATA_FORMAT',
    'a.csv: line 6, column close: found empty, expected a finite number',
  ],
  ['NaN', 'a.csv', withRow(2, `${t(1)},nan,2,1,2,1`), 'DATA_FORMAT', 'a.csv: line 3, column open: found "nan", expected a finite number'],
  [
    'infinity',
    'a.csv',
    withRow(2, `${t(1)},1,inf,1,1,1`),
    'DATA_FORMAT',
    'a.csv: line 3, column high: found "inf", expected a finite number',
  ],
  [
    'volume missing in some rows',
    'a.csv',
    withRow(3, `${t(2)},102,103.5,101.25,102.75,`),
    'DATA_FORMAT',
    'a.csv: line 4, column volume: found empty, expected a finite number',
  ],
  [
    'unreadable time',
    'a.csv',
    withRow(3, 'yesterday,102,103.5,101.25,102.75,1'),
    'DATA_FORMAT',
    'a.csv: line 4, column time: found "yesterday", expected epoch ms, as in line 2',
  ],
  [
    'empty time',
    'a.csv',
    withRow(3, ',102,103.5,101.25,102.75,1'),
    'DATA_FORMAT',
    'a.csv: line 4, column time: found empty, expected epoch ms, as in line 2',
  ],
  [
    'mixed units of time',
    'a.csv',
    withRow(6, `${t(5) / 1000},105,106.5,104.25,105.75,1`),
    'DATA_FORMAT',
    `a.csv: line 7, column time: found "${t(5) / 1000}", expected epoch ms of whole milliseconds as in line 2: the unit of time changes within the file`,
  ],
  [
    'a zone in a later row only',
    'a.csv',
    `${header}2024-01-01 00:00:00,1,2,1,2,1\n2024-01-01 00:01:00+02:00,1,2,1,2,1`,
    'DATA_FORMAT',
    'a.csv: line 3, column time: found "2024-01-01 00:01:00+02:00", expected ISO 8601 without a zone, as in line 2',
  ],
  [
    'a day that does not exist',
    'a.csv',
    `${header}2024-02-28,1,2,1,2,1\n2024-02-30,1,2,1,2,1`,
    'DATA_FORMAT',
    'a.csv: line 3, column time: found "2024-02-30", expected a time like %Y-%m-%d, as in line 2',
    { timeframe: '1d' },
  ],
  [
    'a date that can be read in two ways',
    'a.csv',
    `${header}1/3/2017,1,2,1,2,1`,
    'DATA_FORMAT',
    'a.csv: line 2, column time: "1/3/2017" is no time that can be read without doubt',
    { timeframe: '1d' },
  ],
  [
    'a month stamped at its end, read as open',
    'a.csv',
    `${header}2012-01-31,1,2,1,2,1`,
    'DATA_FORMAT',
    'a.csv: line 2, column time: found "2012-01-31", expected the first moment of a UTC month (for months stamped at their end give --stamp close)',
    { timeframe: '1M' },
  ],
  [
    'missing column',
    'a.csv',
    'time,open,high,low,volume\n1,2,3,4,5',
    'DATA_FORMAT',
    'a.csv: no column for close. Read: "time" as time, "open" as open, "high" as high, "low" as low, "volume" as volume; not read: none. Name the columns with --columns',
  ],
  [
    'mistyped column',
    'a.csv',
    'time,open,high,low,clsoe,volume\n1,2,3,4,5,6',
    'DATA_FORMAT',
    'no column for close; did you mean "clsoe"? Read: "time"',
  ],
  [
    'two columns that nobody knows',
    'a.csv',
    'epoch,o,top,bottom,last,qty\n1,2,3,4,5,6',
    'DATA_FORMAT',
    'a.csv: no column for high, low. Read: "epoch" as time, "o" as open, "last" as close, "qty" as volume; not read: "top", "bottom". Name',
  ],
  [
    'two rows that cannot be read',
    'a.csv',
    withRow(9, `${t(8)},1,2,x,2,1`).replace(String(t(4)), 'noon'),
    'DATA_FORMAT',
    'a.csv: line 6, column time: found "noon", expected epoch ms, as in line 2 (and 1 more row cannot be read)',
  ],
  [
    'a fault behind empty lines',
    'a.csv',
    withRow(4, `${t(3)},103,104.5,abc,103.75,13`).replace(`\n${t(1)}`, `\n\n\n${t(1)}`),
    'DATA_FORMAT',
    'a.csv: line 7, column low: found "abc", expected a finite number',
  ],
  [
    'a fault in lines that end as on Windows',
    'a.csv',
    withRow(4, `${t(3)},103,104.5,abc,103.75,13`).replaceAll('\n', '\r\n'),
    'DATA_FORMAT',
    'a.csv: line 5, column low: found "abc", expected a finite number',
  ],
  [
    'duplicate header',
    'a.csv',
    'time,open,high,low,close,Close\n1,2,3,4,5,6',
    'DATA_FORMAT',
    'a.csv: header has "Close" twice, in columns 5 and 6',
  ],
  [
    'too few columns in a row',
    'a.csv',
    withRow(4, `${t(3)},103,104.5,102.25`),
    'DATA_FORMAT',
    'a.csv: line 5: found 4 columns, expected 6 as in the first line',
  ],
  [
    'too many columns in a row',
    'a.csv',
    withRow(7, `${t(6)},1,2,1,2,1,1`),
    'DATA_FORMAT',
    'a.csv: line 8: found 7 columns, expected 6 as in the first line',
  ],
  [
    'no header',
    'a.csv',
    `${t(0)},1,2,1,2,1\n`,
    'DATA_FORMAT',
    'a.csv has no header line (its first line is "1704067200000,1,2,1,2,1"); name its 6 columns, for example --columns time,open,high,low,close,volume',
  ],
  [
    'wrong number of names',
    'a.csv',
    `${t(0)},1,2,1,2,1\n`,
    'DATA_FORMAT',
    'a.csv has 6 columns, --columns names 5',
    { columns: ['time', 'open', 'high', 'low', 'close'] },
  ],
  ['empty file', 'a.csv', '', 'DATA_FORMAT', 'a.csv is empty (0 bytes)'],
  ['blank file', 'a.csv', '\n\n  \n', 'DATA_FORMAT', 'a.csv is empty; expected a header line and at least one bar'],
  ['header only', 'a.csv', header, 'DATA_FORMAT', 'a.csv has a header and no bars'],
  [
    'a web page',
    'a.csv',
    '<!DOCTYPE html>\n<html><body>403</body></html>',
    'DATA_FORMAT',
    'a.csv is a web page (it starts with "<!DOCTYPE html>"), not CSV: the download gave an error page',
  ],
  ['JSON', 'a.csv', '{"error": "limit"}', 'DATA_FORMAT', 'a.csv is JSON, not CSV'],
  ['UTF-16', 'a.csv', Buffer.from(`\uFEFF${csvOf(good)}`, 'utf16le'), 'DATA_FORMAT', 'a.csv is UTF-16 text; save it as UTF-8'],
  [
    'bytes that are not UTF-8',
    'a.csv',
    Buffer.concat([Buffer.from(csvOf(good)), Buffer.from([0x31, 0x2c, 0xff, 0xfe, 0x0a])]),
    'DATA_FORMAT',
    'a.csv',
  ],
  ['gzip without its ending', 'a.csv', gzipSync(csvOf(good)), 'DATA_FORMAT', 'a.csv is gzip; give it the ending .csv.gz'],
  [
    'truncated gzip',
    'a.csv.gz',
    gzipSync(csvOf(plainRows(5000))).subarray(0, 3000),
    'DATA_FORMAT',
    'a.csv.gz: it ends too early (a broken download?); get it again',
  ],
  ['no gzip at all', 'a.csv.gz', csvOf(good), 'DATA_FORMAT', 'a.csv.gz: it cannot be unpacked (incorrect header check); get it again'],
  ['a quote that is not closed', 'a.csv', `${csvOf(good)}"${t(11) + 60_000},1,2,1,2,1\n`, 'DATA_FORMAT', 'a.csv'],
  ['no Parquet', 'a.parquet', csvOf(good), 'DATA_FORMAT', 'a.parquet is no readable Parquet file'],
  [
    'unknown kind of file',
    'a.xlsx',
    'x',
    'USAGE',
    'a.xlsx: unknown kind of file; expected .csv, .tsv, .txt (each also with .gz) or .parquet',
  ],
  ['unknown time zone', 'a.csv', csvOf(good), 'USAGE', 'time zone "Mars/Olympus" is unknown', { timeZone: 'Mars/Olympus' }],
  ['a format without fields', 'a.csv', csvOf(good), 'USAGE', '--time-format "YYYY" has no field', { timeFormat: 'YYYY' }],
  ['an unknown letter in a format', 'a.csv', csvOf(good), 'USAGE', '--time-format:', { timeFormat: '%Q %H' }],
  [
    'duplicate bar',
    'a.csv',
    csvOf([...good.slice(0, 5), good[4], ...good.slice(5)]),
    'DATA_QUALITY',
    'a.csv as test BAD/USD 1m: duplicate: line 6 and line 7 both open at 2024-01-01T00:04Z. Nothing was stored: correct the file and import it again',
  ],
  [
    'disorder',
    'a.csv',
    csvOf([...good.slice(0, 5), good[7], good[6], ...good.slice(8)]),
    'DATA_QUALITY',
    'disorder: line 8 opens at 2024-01-01T00:06Z, before line 7 at 2024-01-01T00:07Z. Nothing was stored: sort the file by time and import it again',
  ],
  [
    'high below low',
    'a.csv',
    withRow(3, `${t(2)},102,101,103,102,1`),
    'DATA_QUALITY',
    'highBelowLow: line 4 (2024-01-01T00:02Z): high 101 is below low 103',
  ],
  ['zero price', 'a.csv', withRow(3, `${t(2)},102,103,0,102,1`), 'DATA_QUALITY', 'zero: line 4 (2024-01-01T00:02Z): low is zero'],
  [
    'negative price',
    'a.csv',
    withRow(3, `${t(2)},102,103,-1,102,1`),
    'DATA_QUALITY',
    'negative: line 4 (2024-01-01T00:02Z): low -1 is negative',
  ],
  [
    'negative volume',
    'a.csv',
    withRow(3, `${t(2)},102,103,101,102,-7`),
    'DATA_QUALITY',
    'negative: line 4 (2024-01-01T00:02Z): volume -7 is negative',
  ],
  [
    'too long a timeframe',
    'a.csv',
    csvOf(good),
    'DATA_QUALITY',
    '; the smallest step is 1m: is it --timeframe 1m? Nothing was stored',
    { timeframe: '5m' },
  ],
  [
    'too short a timeframe',
    'a.csv',
    csvOf(plainRows(12, t(0), '5m')),
    'DATA_QUALITY',
    'no two bars are 1m apart, the smallest step is 5m; is it --timeframe 5m? Nothing was stored',
  ],
  [
    'too short a timeframe for three bars',
    'a.csv',
    csvOf(plainRows(3, t(0), '1h')),
    'DATA_QUALITY',
    'no two bars are 1m apart, the smallest step is 1h; is it --timeframe 1h? Nothing was stored',
  ],
];

describe('a refused file', () => {
  const cases = defects.map(([name, file, content, code, message, options = {}]) => ({ name, file, content, code, message, options }));
  test.each(cases)('$name', async ({ file, content, code, message, options }) => {
    const { timeframe = '1m', ...rest } = options;
    const path = scratch.file(file, content);
    const error = await importBars(scratch.catalogue, { path, key: key('BAD/USD', timeframe), ...rest }).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).toMatchObject({ code });
    expect((error as Error).message).toContain(message);
    if (code.startsWith('DATA_')) expect((error as Error).message.match(/Nothing was stored/g)).toHaveLength(1);
    expect((error as Error).message).not.toMatch(/auto_detect|Possible fixes|ignore_errors/);
    expect(scratch.files()).toEqual([]);
    expect(existsSync(join(scratch.catalogue.path, 'test'))).toBe(false);
    expect(scratch.catalogue.list()).toEqual([]);
  });

  test('a file that does not exist is told by its path', async () => {
    await expect(importBars(scratch.catalogue, { path: '/nowhere/x.csv', key: key() })).rejects.toMatchObject({
      code: 'DATA_FORMAT',
      message: 'no file /nowhere/x.csv; check the path. Nothing was stored',
    });
  });

  test('NULL in Parquet is named', async () => {
    const path = `${scratch.path}/null.parquet`;
    await withDuckdb(undefined, (duckdb) =>
      duckdb.run(
        `COPY (SELECT 1704067200000 + 60000 * i AS time, 1.0 AS open, 1.0 AS high, CASE WHEN i <> 2 THEN 1.0 END AS low, 1.0 AS close FROM range(5) t(i)) TO '${path}' (FORMAT parquet)`,
      ),
    );
    await expect(importBars(scratch.catalogue, { path, key: key('BAD/USD') })).rejects.toThrow(
      'null.parquet: row 3, column low: found empty, expected a finite number',
    );
    expect(scratch.files()).toEqual([]);
  });

  test('a row late in a long file is named, and the error carries its place', async () => {
    const rows = plainRows(30_000);
    const lines = csvOf(rows).split('\n');
    lines[29_000] = `${rows[28_999][0]},1,2,x,1,1`;
    const path = scratch.file('long.csv', lines.join('\n'));
    const error = await importBars(scratch.catalogue, { path, key: key('BAD/USD') }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(DataError);
    expect(error).toMatchObject({
      // The path as it was given, and the number that the text says.
      message: `${path}: line 29001, column low: found "x", expected a finite number. Nothing was stored`,
      fields: { row: 29_001, column: 'low', moreCount: 0 },
      exitCode: 3,
    });
  });
});

describe('names that would leave the catalogue', () => {
  test.each([
    ['../x', 'BTC'],
    ['binance', '../../x'],
    ['binance', ''],
    ['', 'BTC'],
    ['binance', 'a\\b'],
  ])('venue "%s", symbol "%s" are refused', async (venue, symbol) => {
    await expect(
      importBars(scratch.catalogue, { path: scratch.file('g.csv', csvOf(good)), key: { venue, symbol, timeframe: '1m' } }),
    ).rejects.toMatchObject({ code: 'USAGE' });
  });
});
