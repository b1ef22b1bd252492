import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Timeframe } from '../engine/model/timeframe.ts';
import { withDuckdb } from './duckdb.ts';
import { type ImportOptions, importBars } from './import-bars.ts';
import { loadTape } from './load-tape.ts';
import { createScratch, csvOf, key, plainRows, rowsOf, type Scratch } from './testing/scratch.ts';

let scratch: Scratch;
beforeAll(() => {
  scratch = createScratch();
  // What the name "a[1]*.csv" would match, were it taken for a pattern.
  scratch.file('a1x.csv', 'time,open,high,low,close,volume\n1,1,1,1,1,1\n');
});
afterAll(() => scratch.remove());

// Three bars from 2024-01-31T23:58 UTC on.
const startMs = Date.UTC(2024, 0, 31, 23, 58);
const bars = [
  [startMs, 10, 12, 9, 11, 5],
  [startMs + 60_000, 11, 13, 10.5, 12.25, 6.5],
  [startMs + 120_000, 12.25, 12.5, 12, 12.125, 0],
];
const body = (times: readonly string[], separator = ','): string =>
  times.map((time, i) => [time, ...bars[i].slice(1)].join(separator)).join('\n');
const iso = ['2024-01-31T23:58:00Z', '2024-01-31T23:59:00Z', '2024-02-01T00:00:00Z'];
const local = ['2024-01-31 23:58:00', '2024-01-31 23:59:00', '2024-02-01 00:00:00'];
const header = 'time,open,high,low,close,volume\n';

const variants: readonly (readonly [string, string, string | Uint8Array, Partial<ImportOptions>?])[] = [
  ['epoch seconds', 'a.csv', header + body(bars.map(([ms]) => String(ms / 1000)))],
  ['epoch seconds with a fraction', 'a.csv', header + body(bars.map(([ms]) => `${ms / 1000}.0`))],
  ['epoch milliseconds', 'a.csv', header + body(bars.map(([ms]) => String(ms)))],
  ['epoch microseconds', 'a.csv', header + body(bars.map(([ms]) => `${ms}000`))],
  ['epoch nanoseconds', 'a.csv', header + body(bars.map(([ms]) => `${ms}000000`))],
  ['ISO with Z', 'a.csv', header + body(iso)],
  ['ISO with an offset', 'a.csv', header + body(['2024-02-01T00:58:00+01:00', '2024-02-01T00:59:00+01:00', '2024-02-01T01:00:00+01:00'])],
  ['ISO without a zone is UTC', 'a.csv', header + body(local)],
  ['ISO without seconds', 'a.csv', header + body(local.map((time) => time.slice(0, 16)))],
  [
    'local time of a zone',
    'a.csv',
    header + body(['2024-01-31 18:58', '2024-01-31 18:59', '2024-01-31 19:00']),
    { timeZone: 'America/New_York' },
  ],
  ['YYYYMMDD HH:mm', 'a.csv', header + body(['20240131 23:58', '20240131 23:59', '20240201 00:00'])],
  [
    'YYYYMMDD HHmmss without a header, semicolons',
    'a.txt',
    body(['20240131 235800', '20240131 235900', '20240201 000000'], ';'),
    { columns: ['time', 'open', 'high', 'low', 'close', 'volume'] },
  ],
  [
    'MetaTrader date and time columns',
    'a.csv',
    `<DATE>,<TIME>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<TICKVOL>\n${body(['2024.01.31,23:58', '2024.01.31,23:59', '2024.02.01,00:00'])}`,
  ],
  ['own format', 'a.csv', header + body(['31/01/2024 23h58', '31/01/2024 23h59', '01/02/2024 00h00']), { timeFormat: '%d/%m/%Y %Hh%M' }],
  ['stamped at the close', 'a.csv', header + body(bars.map(([ms]) => String(ms + 60_000))), { stamp: 'close' }],
  ['short names in another order', 'a.csv', `v,c,l,h,o,t\n${bars.map(([ms, o, h, l, c, v]) => [v, c, l, h, o, ms].join(',')).join('\n')}`],
  ['unnamed first column, as pandas writes', 'a.csv', `,Open,High,Low,Close,Volume\n${body(local)}`],
  [
    'more columns than wanted',
    'a.csv',
    `Unix Timestamp,Date,Symbol,Open,High,Low,Close,Adj Close,Volume BTC,Volume USDT\n${bars.map(([ms, o, h, l, c, v]) => [ms, 'x', 'BTCUSDT', o, h, l, c, 1, v, 2].join(',')).join('\n')}`,
  ],
  [
    'exchange klines without a header',
    'a.csv',
    bars.map(([ms, o, h, l, c, v]) => [ms, o, h, l, c, v, ms + 59_999, 0, 0].join(',')).join('\n'),
    { columns: ['open_time', 'open', 'high', 'low', 'close', 'volume', 'close_time', '-', '-'] },
  ],
  [
    'quotes, spaces, CRLF and a byte order mark',
    'a.csv',
    `\uFEFF"Time", "Open","High","Low","Close","Volume"\r\n${body(iso.map((time) => `"${time}"`)).replaceAll('\n', '\r\n')}\r\n`,
  ],
  ['comment and address lines in front', 'a.csv', `# made by hand\nhttps://www.example.org\n${header}${body(iso)}`],
  ['tabs', 'a.tsv', header.replaceAll(',', '\t') + body(iso, '\t')],
  ['pipe as delimiter', 'a.csv', header.replaceAll(',', '|') + body(iso, '|')],
  ['gzip', 'a.csv.gz', gzipSync(header + body(iso))],
  ['gzip of two members', 'a.csv.gz', Buffer.concat([gzipSync(header), gzipSync(body(iso))])],
  ['a name with a pattern in it', 'a[1]*.csv', header + body(iso)],
];

describe('one set of bars in many files', () => {
  const cases = variants.map(([name, file, content, options = {}]) => ({ name, file, content, options }));
  test.each(cases)('$name', async ({ name, file, content, options }) => {
    const symbol = `V${variants.findIndex(([other]) => other === name)}/USD`;
    const report = await importBars(scratch.catalogue, { path: scratch.file(file, content), key: key(symbol), ...options });
    expect(report).toMatchObject({ status: 'imported', newRowCount: 3, knownRowCount: 0, notes: [] });
    const { columns, isSynthetic } = await loadTape(scratch.catalogue, key(symbol));
    expect(rowsOf(columns)).toEqual(bars);
    expect(Array.from(columns.closeTimeMs)).toEqual(bars.map(([ms]) => ms + 60_000));
    expect(isSynthetic).toBe(false);
  });

  const parquets: readonly (readonly [string, string])[] = [
    ['TIMESTAMP', 'make_timestamp(ms * 1000)'],
    ['TIMESTAMP WITH TIME ZONE', "(make_timestamp(ms * 1000) AT TIME ZONE 'UTC')"],
    ['TIMESTAMP_NS', 'CAST(make_timestamp(ms * 1000) AS TIMESTAMP_NS)'],
    ['BIGINT of seconds', 'ms // 1000'],
    ['VARCHAR', "strftime(make_timestamp(ms * 1000), '%Y-%m-%dT%H:%M:%SZ')"],
  ];
  test.each(parquets)('Parquet with the time as %s', async (name, time) => {
    const path = `${scratch.path}/${name}.parquet`;
    const values = bars.map((row) => `(${row.join(', ')})`).join(', ');
    const sql = `COPY (SELECT ${time} AS "timestamp", c::FLOAT AS close, o::DECIMAL(9, 3) AS open, h::DOUBLE AS high, l::DOUBLE AS low, v::DOUBLE AS volume FROM (VALUES ${values}) t(ms, o, h, l, c, v)) TO '${path}' (FORMAT parquet)`;
    await withDuckdb(undefined, (duckdb) => duckdb.run(sql));
    const symbol = `P${parquets.findIndex(([other]) => other === name)}/USD`;
    await importBars(scratch.catalogue, { path, key: key(symbol) });
    expect(rowsOf((await loadTape(scratch.catalogue, key(symbol))).columns)).toEqual(bars);
  });
});

describe('stamps of days and months', () => {
  const months = (stamps: readonly string[]): string =>
    `date,open,high,low,close\n${stamps.map((stamp) => `${stamp},10,12,9,11`).join('\n')}\n`;
  const january = Date.UTC(2024, 0, 1);
  const february = Date.UTC(2024, 1, 1);
  const cases: readonly (readonly [string, Timeframe, 'open' | 'close', readonly string[], readonly number[]])[] = [
    ['last days of months name the month that ends', '1M', 'close', ['2024-01-31', '2024-02-29'], [january, february]],
    ['so do last trading days', '1M', 'close', ['2024-01-30', '2024-02-28'], [january, february]],
    ['and the first moment after', '1M', 'close', ['2024-02-01 00:00', '2024-03-01 00:00'], [january, february]],
    ['months stamped at their open', '1M', 'open', ['2024-01-01', '2024-02-01'], [january, february]],
    ['a day stamped at its close is that day', '1d', 'close', ['2024-01-01', '2024-01-02'], [january, january + 86_400_000]],
    [
      'a week stamped on Friday ends with Friday',
      '1w',
      'close',
      ['2024-01-05', '2024-01-12'],
      [Date.UTC(2023, 11, 30), Date.UTC(2024, 0, 6)],
    ],
  ];
  test.each(cases)('%s', async (name, timeframe, stamp, stamps, opens) => {
    const series = key(`D${cases.findIndex(([other]) => other === name)}`, timeframe);
    await importBars(scratch.catalogue, { path: scratch.file('m.csv', months(stamps)), key: series, stamp });
    expect(Array.from((await loadTape(scratch.catalogue, series)).columns.openTimeMs)).toEqual(opens);
  });
});

describe('what an import says', () => {
  test('a file without volume gets volume 0 and a note', async () => {
    const path = scratch.file('mark.csv', 'time,open,high,low,close,volume\n1706745480000,1,2,1,2,\n1706745540000,2,2,1,1,\n');
    const report = await importBars(scratch.catalogue, { path, key: key('MARK/USD') });
    expect(report.notes).toEqual(['mark.csv has no volume: it is 0']);
    expect(report.manifest.notes).toEqual(report.notes);
    expect(Array.from((await loadTape(scratch.catalogue, key('MARK/USD'))).columns.volume)).toEqual([0, 0]);
  });

  test('progress goes from reading to stored', async () => {
    const phases: string[] = [];
    const path = scratch.file('p.csv', csvOf(plainRows(50)));
    await importBars(scratch.catalogue, {
      path,
      key: key('PROGRESS/USD'),
      onProgress: ({ phase, fraction }) => phases.push(`${phase} ${fraction}`),
    });
    expect(phases.at(0)).toMatch(/^read/);
    expect(phases.at(-1)).toBe('store 1');
  });

  test('bars before --from are left out', async () => {
    const rows = plainRows(10);
    const path = scratch.file('from.csv', csvOf(rows));
    const report = await importBars(scratch.catalogue, { path, key: key('FROM/USD'), fromMs: rows[4][0] });
    expect(report.manifest).toMatchObject({ rowCount: 6, firstOpenMs: rows[4][0] });
  });

  test.each([
    ['1m', 60, 1, 'the stamps run from 2024-01-01T00:01Z to 2024-01-01T01:00Z as those of closes do'],
    ['1h', 48, 1, 'the stamps run from 2024-01-01T01:00Z to 2024-01-03T00:00Z as those of closes do'],
    ['1m', 60, 0, undefined],
    ['1m', 59, 1, undefined],
    ['1d', 60, 1, undefined],
  ] as const)('%s × %d from bar %d of a day on: stamps like those of closes are told', async (timeframe, count, from, remark) => {
    const rows = plainRows(count + 1, Date.UTC(2024, 0, 1), timeframe).slice(from, from + count);
    const path = scratch.file('stamps.csv', csvOf(rows));
    const symbol = `STAMPS${count}${from}/USD`;
    const { notes, manifest } = await importBars(scratch.catalogue, { path, key: key(symbol, timeframe) });
    expect(notes).toEqual(remark === undefined ? [] : [expect.stringContaining(remark)]);
    expect(manifest.notes).toEqual([]);
    const asCloses = await importBars(scratch.catalogue, { path, key: key(`C${symbol}`, timeframe), stamp: 'close' });
    expect(asCloses.notes).toEqual([]);
  });

  test('a tick that a few prices alone show is told, unless it was stated', async () => {
    const rows = plainRows(200).map((row, i) => (i === 7 ? [row[0], 107.125, ...row.slice(2)] : row));
    const path = scratch.file('odd.csv', csvOf(rows));
    const { notes, instrument } = await importBars(scratch.catalogue, { path, key: key('ODD/USD') });
    expect(instrument.tickSize).toBe(0.001);
    expect(notes).toEqual([
      'the tick of 0.001 shows in 1 of 800 prices, all others lie on 0.01; if that is the tick, state it with --tick 0.01',
    ]);
    const stated = await importBars(scratch.catalogue, { path, key: key('ODD2/USD'), instrument: { tickSize: 0.01 } });
    expect(stated.notes).toEqual([]);
  });

  test('the manifest tells hash, rows, range, gaps and source', async () => {
    const rows = plainRows(10).filter((_, i) => i !== 4 && i !== 5);
    const path = scratch.file('gap.csv', csvOf(rows));
    const { manifest } = await importBars(scratch.catalogue, { path, key: key('GAP/USD') });
    expect(manifest).toMatchObject({
      rowCount: 8,
      firstOpenMs: rows[0][0],
      lastOpenMs: rows[7][0],
      gapCount: 1,
      missingBarCount: 2,
      isSynthetic: false,
    });
    expect(manifest.segments).toHaveLength(1);
    expect(manifest.segments[0]).toMatchObject({ source: 'gap.csv', rowCount: 8 });
    expect(manifest.segments[0].sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(scratch.catalogue.find(key('GAP/USD'))).toEqual(manifest);
  });
});
