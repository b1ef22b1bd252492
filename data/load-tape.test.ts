import { createHash } from 'node:crypto';
import { closeSync, existsSync, mkdirSync, openSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MessageChannel, receiveMessageOnPort } from 'node:worker_threads';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type BarColumns, barColumnNames } from '../engine/model/bar.ts';
import { createRandom } from '../engine/random.ts';
import { toArrowTable } from './arrow-table.ts';
import { allocateColumns, shareColumns, tapeFromTransfer, tapeTransfer } from './columns.ts';
import { withDuckdb } from './duckdb.ts';
import { exportBars } from './export-bars.ts';
import { fillFlat } from './fill-flat.ts';
import { importBars } from './import-bars.ts';
import { importColumns } from './import-columns.ts';
import { areSameColumns, loadTape, verifySegments } from './load-tape.ts';
import { convertTimes, planPages } from './parquet-pages.ts';
import { readAndHash } from './pieces.ts';
import { columnsOf, createScratch, csvOf, key, plainRows, rowsOf, type Scratch } from './testing/scratch.ts';

let scratch: Scratch;
beforeEach(() => {
  scratch = createScratch();
});
afterEach(() => scratch.remove());

const rows = plainRows(5_000);
const importRows = (part = rows): ReturnType<typeof importBars> =>
  importBars(scratch.catalogue, { path: scratch.file('bars.csv', csvOf(part)), key: key() });
const load = (useCache = true): ReturnType<typeof loadTape> => loadTape(scratch.catalogue, key(), { useCache });
const segmentPath = (): string => join(scratch.catalogue.seriesPath(key()), scratch.catalogue.manifest(key()).segments[0].file);
const cacheFiles = (): string[] => (existsSync(scratch.catalogue.cachePath) ? readdirSync(scratch.catalogue.cachePath) : []);
const cachePath = (): string => join(scratch.catalogue.cachePath, cacheFiles()[0]);

/** The SHA-256 of a Parquet file that was read the fast way; undefined where it is none for that. */
async function readFast(path: string, columns: BarColumns): Promise<string | undefined> {
  const target = { columns, at: 0, rowCount: columns.length };
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

/** Changes one byte and puts the old modification time back, as a failing disk would. */
function flipByte(path: string, at: number): void {
  const { atime, mtime } = statSync(path);
  const bytes = readFileSync(path);
  bytes[at] ^= 1;
  writeFileSync(path, bytes);
  utimesSync(path, atime, mtime);
}

describe('loading', () => {
  test('gives every column on one SharedArrayBuffer in canonical order', async () => {
    await importRows();
    const { columns } = await load();
    expect(rowsOf(columns)).toEqual(rows);
    const buffers = new Set(barColumnNames.map((name) => columns[name].buffer));
    expect(buffers.size).toBe(1);
    expect([...buffers][0]).toBeInstanceOf(SharedArrayBuffer);
    expect(barColumnNames.map((name) => columns[name].byteOffset)).toEqual(barColumnNames.map((_, i) => i * 5_000 * 8));
  });

  test('throughMs keeps the bars that have closed by then, always from the first', async () => {
    await importRows();
    const length = async (throughMs: number): Promise<number> => (await loadTape(scratch.catalogue, key(), { throughMs })).columns.length;
    expect(await length(rows[100][0])).toBe(100);
    expect(await length(rows[100][0] - 1)).toBe(99);
    expect(await length(rows[0][0])).toBe(0);
    expect(await length(rows[4_999][0] + 60_000)).toBe(5_000);
    const { columns } = await loadTape(scratch.catalogue, key(), { throughMs: rows[7][0] });
    expect(rowsOf(columns)).toEqual(rows.slice(0, 7));
  });

  test('an unknown series names the nearest', async () => {
    await importRows();
    await expect(loadTape(scratch.catalogue, key('BTC/USDC'))).rejects.toMatchObject({
      code: 'DATA_NOT_FOUND',
      message: `the catalogue has no series test BTC/USDC 1m; did you mean "test BTC/USDT 1m"? (looked in ${scratch.catalogue.homePath})`,
    });
  });
});

test('an empty home is named, and one that does not exist', async () => {
  await expect(loadTape(scratch.catalogue, key())).rejects.toThrow(
    `the home folder does not exist; name another with --home, or import bars with "npx playhead data import" (looked in ${scratch.catalogue.homePath})`,
  );
  mkdirSync(scratch.catalogue.homePath);
  await expect(loadTape(scratch.catalogue, key())).rejects.toThrow(`it is empty; import bars`);
});

describe('the column cache', () => {
  test('is written by the first load and read by the next', async () => {
    await importRows();
    const first = await load();
    expect(cacheFiles()).toHaveLength(1);
    const { mtimeMs } = statSync(cachePath());
    const second = await load();
    expect(areSameColumns(first.columns, second.columns)).toBe(true);
    expect(statSync(cachePath()).mtimeMs).toBe(mtimeMs);
  });

  test('is what a hit reads: a changed cache is played, and found by verifySegments', async () => {
    await importRows();
    await load();
    // The first price of the open column: header, then two time columns.
    flipByte(cachePath(), 4096 + 2 * 5_000 * 8);
    expect((await load()).columns.open[0]).not.toBe(rows[0][1]);
    expect((await load(false)).columns.open[0]).toBe(rows[0][1]);
    expect(() => verifySegments(scratch.catalogue, key())).toThrow(/column cache did not match its own hash/);
    expect(cacheFiles()).toEqual([]);
    expect(rowsOf((await load()).columns)).toEqual(rows);
  });

  test.each([
    ['cut short', (bytes: Buffer) => bytes.subarray(0, bytes.length - 8)],
    ['too long', (bytes: Buffer) => Buffer.concat([bytes, Buffer.alloc(8)])],
    ['with a broken header', (bytes: Buffer) => Buffer.concat([Buffer.from('{"key'), bytes.subarray(5)])],
    [
      'of other bars',
      (bytes: Buffer) =>
        Buffer.concat([Buffer.from(bytes.toString('latin1', 0, 4096).replace(/"key":"../, '"key":"zz'), 'latin1'), bytes.subarray(4096)]),
    ],
    ['empty', () => Buffer.alloc(0)],
  ])('%s is built anew', async (_name, change) => {
    await importRows();
    await load();
    const good = readFileSync(cachePath());
    writeFileSync(cachePath(), change(good));
    expect(rowsOf((await load()).columns)).toEqual(rows);
    expect(readFileSync(cachePath()).equals(good)).toBe(true);
  });

  test('an import of more bars leaves no old cache', async () => {
    await importRows(rows.slice(0, 100));
    await load();
    const old = cacheFiles();
    await importRows(rows.slice(0, 200));
    expect(cacheFiles()).toEqual([]);
    expect((await load()).columns.length).toBe(200);
    expect(cacheFiles()).not.toEqual(old);
  });
});

describe('a changed segment', () => {
  test('is refused with both hashes, its name, and what to do', async () => {
    const { manifest } = await importRows();
    flipByte(segmentPath(), 30_000);
    const error = await load().catch((reason: unknown) => reason);
    expect(error).toMatchObject({
      code: 'DATA_CORRUPT',
      fields: { segment: manifest.segments[0].file, expected: manifest.segments[0].sha256 },
    });
    const { found } = (error as { fields: { found: string } }).fields;
    expect((error as Error).message).toContain(`has SHA-256 ${found}, its manifest says ${manifest.segments[0].sha256}`);
    expect(cacheFiles()).toEqual([]);
  });

  test('is refused wherever in the file the change is', async () => {
    await importRows(rows.slice(0, 100));
    const good = readFileSync(segmentPath());
    const seen = new Set<string>();
    for (const at of good.keys()) {
      // Every byte of the magic words, headers and footer, and some of the values.
      if (at > 64 && at < good.length - 1_200 && at % 37 !== 0) continue;
      flipByte(segmentPath(), at);
      const error = await load(false).catch((reason: unknown) => reason);
      seen.add(`${(error as { code?: string }).code}`);
      writeFileSync(segmentPath(), good);
    }
    for (const cut of [good.subarray(0, -1), good.subarray(0, 7), Buffer.concat([good, Buffer.alloc(1)]), Buffer.alloc(0)]) {
      writeFileSync(segmentPath(), cut);
      const error = await load(false).catch((reason: unknown) => reason);
      seen.add(`${(error as { code?: string }).code}`);
    }
    expect([...seen]).toEqual(['DATA_CORRUPT']);
  });

  test('is found by a load although a cache stands, unless its times were put back; then by verifySegments', async () => {
    await importRows();
    // Whole seconds, which can be put back exactly.
    utimesSync(segmentPath(), 1_700_000_000, 1_700_000_000);
    await load();
    flipByte(segmentPath(), 30_000);
    expect(rowsOf((await load()).columns)).toEqual(rows);
    expect(() => verifySegments(scratch.catalogue, key())).toThrow(/SHA-256/);
    utimesSync(segmentPath(), new Date(), new Date());
    await expect(load()).rejects.toMatchObject({ code: 'DATA_CORRUPT' });
  });

  test('missing is told', async () => {
    await importRows();
    const path = segmentPath();
    writeFileSync(`${path}.moved`, readFileSync(path));
    const { rmSync } = await import('node:fs');
    rmSync(path);
    await expect(load()).rejects.toThrow(/is missing; restore it/);
    expect(() => verifySegments(scratch.catalogue, key())).toThrow(/is missing/);
  });

  test('verifySegments counts what is sound', async () => {
    await importRows(rows.slice(0, 100));
    await importRows(rows.slice(0, 200));
    expect(verifySegments(scratch.catalogue, key())).toBe(2);
    await load();
    expect(verifySegments(scratch.catalogue, key())).toBe(2);
    expect(cacheFiles()).toHaveLength(1);
  });
});

describe('sharing without copying', () => {
  test('an Arrow table stands on the same memory', async () => {
    await importRows();
    const tape = await load();
    const table = toArrowTable(tape);
    expect(table.numRows).toBe(5_000);
    expect(table.schema.fields.map((field) => field.name)).toEqual([...barColumnNames]);
    for (const name of barColumnNames) {
      const data = table.getChild(name)?.data[0].values as Float64Array;
      expect(data.buffer).toBe(tape.columns[name].buffer);
      expect(data.byteOffset).toBe(tape.columns[name].byteOffset);
    }
    expect(table.getChild('close')?.get(42)).toBe(rows[42][4]);
    expect(table.schema.metadata.get('symbol')).toBe('BTC/USDT');
  });

  test('what is posted to a worker is the memory by reference', async () => {
    await importRows();
    const tape = await loadTape(scratch.catalogue, key(), { throughMs: rows[1_000][0] });
    const { port1, port2 } = new MessageChannel();
    port1.postMessage(tapeTransfer(tape));
    const there = tapeFromTransfer(receiveMessageOnPort(port2)?.message);
    port1.close();
    expect(there.key).toEqual(tape.key);
    expect(areSameColumns(there.columns, tape.columns)).toBe(true);
    // Written here, seen there: one memory.
    tape.columns.volume[3] = 777;
    expect(there.columns.volume[3]).toBe(777);
  });

  test('columns that are not shared yet are copied once', () => {
    const plain = columnsOf(plainRows(10));
    const own = { ...plain, open: Float64Array.from(plain.open) };
    const there = tapeFromTransfer(tapeTransfer({ key: key(), columns: own, isSynthetic: true }));
    expect(areSameColumns(there.columns, plain)).toBe(true);
    expect(there.isSynthetic).toBe(true);
    expect(areSameColumns(shareColumns(own), plain)).toBe(true);
  });
});

describe('the fast way through Parquet', () => {
  test('gives what DuckDB gives, over several row groups', async () => {
    const random = createRandom(11);
    const long = plainRows(150_000).map(([ms]) => [ms, 1 + random(), 3 + random(), 0.5 + random() / 2, 1 + random(), random() * 1e9]);
    const report = await importColumns(scratch.catalogue, { key: key(), columns: columnsOf(long), source: 'test', isSynthetic: true });
    const { columns } = allocateColumns(150_000);
    expect(await readFast(segmentPath(), columns)).toBe(createHash('sha256').update(readFileSync(segmentPath())).digest('hex'));
    const slow = allocateColumns(150_000).columns;
    let at = 0;
    await withDuckdb(undefined, (duckdb) =>
      duckdb.scan(
        `SELECT CAST(openTimeMs AS DOUBLE), open, high, low, close, volume FROM read_parquet('${segmentPath()}')`,
        6,
        (views, count) => {
          for (const [i, name] of (['openTimeMs', 'open', 'high', 'low', 'close', 'volume'] as const).entries())
            slow[name].set(views[i], at);
          at += count;
        },
      ),
    );
    expect(at).toBe(report.manifest.rowCount);
    expect(areSameColumns(columns, slow)).toBe(true);
  });

  test.each([
    ['compressed', 'i', 'COMPRESSION zstd, DICTIONARY_SIZE_LIMIT 1'],
    ['with dictionaries', '(i % 5)', 'COMPRESSION uncompressed'],
    ['of version 2', 'i', 'COMPRESSION uncompressed, PARQUET_VERSION V2, DICTIONARY_SIZE_LIMIT 1'],
  ])('leaves a file %s to DuckDB', async (_name, value, options) => {
    const path = `${scratch.path}/other.parquet`;
    await withDuckdb(undefined, (duckdb) =>
      duckdb.run(
        `COPY (SELECT i::BIGINT AS openTimeMs, ${['open', 'high', 'low', 'close', 'volume'].map((name) => `${value}::DOUBLE AS ${name}`).join(', ')} FROM range(1000) t(i)) TO '${path}' (FORMAT parquet, ${options})`,
      ),
    );
    expect(await readFast(path, allocateColumns(1_000).columns)).toBeUndefined();
  });

  test('leaves NULLs and bytes that are no Parquet alone', async () => {
    const path = `${scratch.path}/null.parquet`;
    await withDuckdb(undefined, (duckdb) =>
      duckdb.run(
        `COPY (SELECT i::BIGINT AS openTimeMs, CASE WHEN i <> 500 THEN i::DOUBLE END AS open, i::DOUBLE AS high, i::DOUBLE AS low, i::DOUBLE AS close, i::DOUBLE AS volume FROM range(1000) t(i)) TO '${path}' (FORMAT parquet, COMPRESSION uncompressed, DICTIONARY_SIZE_LIMIT 1)`,
      ),
    );
    const { columns } = allocateColumns(1_000);
    expect(await readFast(path, columns)).toBeUndefined();
    expect(await readFast(scratch.file('none.parquet', 'no parquet here'), columns)).toBeUndefined();
    expect(await readFast(scratch.file('empty.parquet', ''), columns)).toBeUndefined();
  });
});

test('import(export(x)) = x, bit for bit, through CSV and Parquet', { timeout: 120_000 }, async () => {
  const price = fc.double({ min: 1e-9, max: 1e12, noNaN: true });
  const bar = fc.record({
    skip: fc.nat(3),
    prices: fc.tuple(price, price, price, price),
    volume: fc.oneof(fc.constant(0), fc.double({ min: 0, max: 1e15, noNaN: true })),
  });
  let run = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(bar, { minLength: 1, maxLength: 40 }),
      fc.integer({ min: -1_000_000, max: 30_000_000 }),
      async (list, startMinute) => {
        let minute = startMinute;
        const made = list.map(({ skip, prices, volume }) => {
          minute += 1 + skip;
          const high = Math.max(...prices);
          return [minute * 60_000, prices[0], high, Math.min(...prices), prices[3], volume];
        });
        run++;
        const original = key(`A${run}/USD`);
        await importColumns(scratch.catalogue, { key: original, columns: columnsOf(made), source: 'x', isSynthetic: false });
        const { columns } = await loadTape(scratch.catalogue, original, { useCache: false });
        expect(rowsOf(columns)).toEqual(made);
        for (const format of ['csv', 'parquet'] as const) {
          const path = `${scratch.path}/x.${format}`;
          await exportBars(scratch.catalogue, original, { format, path, overwrite: true });
          const again = key(`B${run}${format}/USD`);
          await importBars(scratch.catalogue, { path, key: again });
          expect(areSameColumns((await loadTape(scratch.catalogue, again, { useCache: false })).columns, columns)).toBe(true);
        }
      },
    ),
    { numRuns: 8, seed: 20_260_101, endOnFailure: true },
  );
});

describe('exporting', () => {
  test('cuts by open time and never overwrites unasked', async () => {
    await importRows();
    const path = `${scratch.path}/part.csv`;
    const options = { format: 'csv', path, fromMs: rows[10][0], toMs: rows[13][0] } as const;
    expect(await exportBars(scratch.catalogue, key(), options)).toMatchObject({ rowCount: 3 });
    expect(readFileSync(path, 'utf8').split('\n').slice(0, 2)).toEqual([
      'time,open,high,low,close,volume',
      '2024-01-01T00:10:00.000Z,110.0,111.5,109.25,110.75,20.0',
    ]);
    await expect(exportBars(scratch.catalogue, key(), options)).rejects.toMatchObject({ code: 'USAGE' });
    await expect(exportBars(scratch.catalogue, key(), { format: 'csv', path: `${path}2`, fromMs: 0, toMs: 1 })).rejects.toMatchObject({
      code: 'DATA_NOT_FOUND',
    });
    expect(readdirSync(scratch.path).filter((name) => /tmp|spill|csv2/.test(name))).toEqual([]);
  });
});

test('fill-flat adds flat bars of zero volume at the close before, in memory only', async () => {
  const part = rows.slice(0, 10).filter((_, i) => i < 3 || i > 5);
  await importRows(part);
  const tape = await load();
  const { tape: filled, filledBarCount } = fillFlat(tape);
  expect(filledBarCount).toBe(3);
  expect(rowsOf(filled.columns).slice(2, 7)).toEqual([
    rows[2],
    ...[3, 4, 5].map((i) => [rows[i][0], 102.75, 102.75, 102.75, 102.75, 0]),
    rows[6],
  ]);
  expect(filled.columns.closeTimeMs[5]).toBe(rows[6][0]);
  expect(fillFlat(filled).filledBarCount).toBe(0);
  expect((await load()).columns.length).toBe(7);
});
