import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { importBars } from './import-bars.ts';
import { importColumns } from './import-columns.ts';
import { instrumentOf, readInstruments } from './instruments.ts';
import { loadTape } from './load-tape.ts';
import { columnsOf, createScratch, csvOf, key, plainRows, rowsOf, type Scratch } from './testing/scratch.ts';

let scratch: Scratch;
beforeEach(() => {
  scratch = createScratch();
});
afterEach(() => scratch.remove());

const rows = plainRows(100);
const importRows = (part: readonly (readonly number[])[]): ReturnType<typeof importBars> =>
  importBars(scratch.catalogue, { path: scratch.file('bars.csv', csvOf(part)), key: key() });
const loaded = async (): Promise<number[][]> => rowsOf((await loadTape(scratch.catalogue, key())).columns);

describe('importing again', () => {
  test('the same file changes nothing and says so', async () => {
    const first = await importRows(rows);
    const files = scratch.files();
    const bytes = files.map((file) => readFileSync(join(scratch.catalogue.homePath, file)));
    const second = await importRows(rows);
    expect(second).toMatchObject({ status: 'unchanged', newRowCount: 0, knownRowCount: 100 });
    expect(second.manifest).toEqual(first.manifest);
    expect(scratch.files()).toEqual(files);
    expect(files.map((file) => readFileSync(join(scratch.catalogue.homePath, file)))).toEqual(bytes);
  });

  test('an overlap that agrees adds only what is new, before and after', async () => {
    await importRows(rows.slice(30, 60));
    expect(await importRows(rows.slice(50, 80))).toMatchObject({ status: 'imported', newRowCount: 20, knownRowCount: 10 });
    expect(await importRows(rows.slice(10, 40))).toMatchObject({ newRowCount: 20, knownRowCount: 10 });
    expect(scratch.catalogue.manifest(key())).toMatchObject({ rowCount: 70, gapCount: 0 });
    expect(scratch.catalogue.manifest(key()).segments).toHaveLength(3);
    expect(await loaded()).toEqual(rows.slice(10, 80));
  });

  test('bars that fill gaps interleave and load in time order', async () => {
    const odd = rows.filter((_, i) => i % 2 === 1);
    const even = rows.filter((_, i) => i % 2 === 0);
    await importBars(scratch.catalogue, { path: scratch.file('odd.csv', csvOf(odd.slice(0, 9))), key: key() });
    expect(scratch.catalogue.manifest(key())).toMatchObject({ gapCount: 8, missingBarCount: 8 });
    await importRows(even.slice(0, 9));
    expect(scratch.catalogue.manifest(key())).toMatchObject({ rowCount: 18, gapCount: 0, missingBarCount: 0 });
    expect(await loaded()).toEqual(rows.slice(0, 18));
  });

  test('the same bars stamped otherwise are told from bars that disagree, with the way to replace what is stored', async () => {
    await importRows(rows);
    const error = await importBars(scratch.catalogue, {
      path: scratch.file('closes.csv', csvOf(rows)),
      key: key(),
      stamp: 'close',
    }).catch((error: unknown) => error);
    expect(error).toMatchObject({
      code: 'DATA_CONFLICT',
      message: expect.stringContaining(
        ': 100 bars of the file are stored bars one bar earlier, as where one of the two is stamped at the close (--stamp). "npx playhead data remove test BTC/USDT 1m" makes room for the file, another venue name keeps both',
      ),
    });
  });

  test('an overlap that disagrees is refused with time, column and both values', async () => {
    await importRows(rows.slice(0, 50));
    const before = scratch.files();
    const wrong = rows.slice(40, 60).map((row) => [...row]);
    wrong[3][4] = 143.25;
    wrong[5][5] = 99;
    const error = await importBars(scratch.catalogue, {
      path: scratch.file('w.csv', csvOf(wrong)),
      key: key(),
      instrument: { tickSize: 0.5 },
    }).catch((reason: unknown) => reason);
    expect(error).toMatchObject({
      code: 'DATA_CONFLICT',
      fields: { column: 'close', found: 143.25, known: 143.75, timeMs: rows[43][0], count: 2 },
    });
    expect((error as Error).message).toBe(
      'test BTC/USDT 1m: the bar of 2024-01-01T00:43Z has close 143.25 in the file and 143.75 in the catalogue (2 bars disagree); nothing was stored. "npx playhead data remove test BTC/USDT 1m" makes room for the file, another venue name keeps both',
    );
    expect(scratch.files()).toEqual(before);
    expect(await loaded()).toEqual(rows.slice(0, 50));
    expect(instrumentOf(scratch.catalogue, 'test', 'BTC/USDT', rows[0][0]).tickSize).toBe(0.01);
  });

  test('a single bar that disagrees is told in the singular', async () => {
    await importRows(rows.slice(0, 5));
    const wrong = rows.slice(4, 6).map((row) => [...row]);
    wrong[0][4] = 104.25;
    await expect(importRows(wrong)).rejects.toThrow('(1 bar disagrees)');
  });

  test('new bars that lie across stored ones are refused', async () => {
    await importRows(rows.slice(0, 10));
    const shifted = rows.slice(3, 5).map(([ms, ...values]) => [ms + 30_000, ...values]);
    await expect(importRows(shifted)).rejects.toMatchObject({ code: 'DATA_CONFLICT' });
    expect(await loaded()).toEqual(rows.slice(0, 10));
  });

  test('synthetic and recorded bars never share a series', async () => {
    await importRows(rows);
    const synthetic = importColumns(scratch.catalogue, {
      key: key(),
      columns: columnsOf(plainRows(5, rows[99][0] + 60_000)),
      source: 's',
      isSynthetic: true,
    });
    await expect(synthetic).rejects.toMatchObject({ code: 'DATA_CONFLICT' });
  });

  test('two symbols of one folder name are kept apart', async () => {
    await importRows(rows);
    expect(scratch.catalogue.find(key('BTC-USDT'))).toBeUndefined();
    await expect(importBars(scratch.catalogue, { path: scratch.file('b.csv', csvOf(rows)), key: key('BTC-USDT') })).rejects.toMatchObject({
      code: 'DATA_CONFLICT',
    });
    expect(await loaded()).toEqual(rows);
  });

  test('stated rules replace inferred ones at any import', async () => {
    await importRows(rows);
    expect(readInstruments(scratch.catalogue, 'test', 'BTC/USDT')[0].isInferred).toContain('tickSize');
    await importBars(scratch.catalogue, { path: scratch.file('bars.csv', csvOf(rows)), key: key(), instrument: { tickSize: 0.25 } });
    const [record] = readInstruments(scratch.catalogue, 'test', 'BTC/USDT');
    expect(record.tickSize).toBe(0.25);
    expect(record.isInferred).not.toContain('tickSize');
    // And an import that states nothing keeps them.
    await importRows(plainRows(101));
    expect(readInstruments(scratch.catalogue, 'test', 'BTC/USDT')).toEqual([record]);
  });
});

describe('what a killed import left', () => {
  const folder = (): string => scratch.catalogue.seriesPath(key());

  test('is not seen, and is thrown away by the next import', async () => {
    await importRows(rows.slice(0, 50));
    const before = scratch.catalogue.manifest(key());
    mkdirSync(join(folder(), '.import'));
    writeFileSync(join(folder(), '.import', 'owner'), '999999999');
    writeFileSync(join(folder(), '.import', 'staged.parquet'), 'half a file');
    mkdirSync(join(folder(), '.import-999999998'));
    writeFileSync(join(folder(), '20240101T0000-20240101T0100-deadbeef.parquet'), 'published, but no manifest names it');
    writeFileSync(join(folder(), 'manifest.json.0a.tmp'), '{');
    expect(scratch.catalogue.manifest(key())).toEqual(before);
    expect(await loaded()).toEqual(rows.slice(0, 50));
    await importRows(rows);
    expect(await loaded()).toEqual(rows);
    expect(scratch.files().filter((file) => /\.tmp$|deadbeef|\.import/.test(file))).toEqual([]);
    expect(existsSync(join(folder(), '.import'))).toBe(false);
  });

  test('a living import is not disturbed', async () => {
    mkdirSync(join(folder(), '.import'), { recursive: true });
    writeFileSync(join(folder(), '.import', 'owner'), String(process.ppid));
    await expect(importRows(rows)).rejects.toMatchObject({ code: 'DATA_BUSY', fields: { process: process.ppid } });
    expect(readFileSync(join(folder(), '.import', 'owner'), 'utf8')).toBe(String(process.ppid));
  });
});
