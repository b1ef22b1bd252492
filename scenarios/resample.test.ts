import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Catalogue, openCatalogue } from '../data/catalogue.ts';
import { importBars } from '../data/import-bars.ts';
import { importSynthetic } from '../data/import-columns.ts';
import { areSameColumns } from '../data/load-tape.ts';
import { resampleSeries } from '../data/resample-series.ts';
import type { Timeframe } from '../engine/model/timeframe.ts';
import { loadTapes, type PreparedRun, prepareScenario } from './prepare.ts';
import { readScenario } from './read.ts';
import { type FinishedRun, runScenario } from './run-scenario.ts';
import { verifyRun } from './verify.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const startMs = Date.UTC(2024, 0, 1);
let folder: string;
let home: string;
let catalogue: Catalogue;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'playhead-resample-'));
  home = join(folder, '.playhead');
  catalogue = openCatalogue(home);
  await importSynthetic(catalogue, { seed: 7, symbol: 'SYN/USD', bars: 7_000, startMs, startPrice: 1_000, tick: 0.01 });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A scenario over these series, written as in a file. */
function scenario(series: readonly string[], text = 'strategy: { use: moving-average-cross, parameters: { fast: 3, slow: 8 } }'): string {
  const path = join(folder, 's.yaml');
  writeFileSync(path, `name: s\ndata:\n  series:\n${series.map((one) => `    - { ${one} }`).join('\n')}\n${text}\n`);
  return path;
}
const prepare = (series: readonly string[], set: readonly string[] = []): Promise<PreparedRun> =>
  prepareScenario(readScenario(scenario(series), set), home);
const play = (series: readonly string[], set: readonly string[] = []): Promise<FinishedRun> => runScenario(scenario(series), { home, set });

/** Imports flat bars that open at these minutes after the start. */
async function importAt(symbol: string, timeframe: Timeframe, openMinutes: readonly number[]): Promise<void> {
  const path = join(folder, 'bars.csv');
  const rows = openMinutes.map((minute) => `${startMs + minute * minuteMs},${10 + minute},${11 + minute},${9 + minute},${10.5 + minute},1`);
  writeFileSync(path, `time,open,high,low,close,volume\n${rows.join('\n')}\n`);
  await importBars(catalogue, { path, key: { venue: 'test', symbol, timeframe } });
}
const from = (first: number, end: number): number[] => Array.from({ length: end - first }, (_, i) => first + i);

const syn = 'venue: synthetic, symbol: SYN/USD';
const hourFrom = `${syn}, timeframe: 1h, from: 1m`;
const minute = `${syn}, timeframe: 1m`;

describe('a series made from a shorter one', () => {
  test('has the bars that "data resample" stores, so that both play to the same tape and the same fills', async () => {
    const atLoad = await play([hourFrom]);
    const report = await resampleSeries(catalogue, { symbol: 'SYN/USD', from: '1m', to: '1h' });
    // 7,000 minutes are 116 hours and 40 minutes: the 40 minutes make none.
    expect([report.newRowCount, report.manifest.isSynthetic]).toEqual([116, true]);
    expect(report.manifest.segments[0].source).toMatch(/^resampled from 1m, 7000 bars, sha256 [0-9a-f]{8}$/);
    const stored = await play([`${syn}, timeframe: 1h`]);
    expect(atLoad.result.fills.length).toBeGreaterThan(5);
    expect(atLoad.result.certificate.tapeHash).toBe(stored.result.certificate.tapeHash);
    expect(atLoad.result.certificate.fillsHash).toBe(stored.result.certificate.fillsHash);
    expect(atLoad.result.series[0]).toMatchObject({ rowCount: 116, isSynthetic: true, isFinest: true });
    expect((await resampleSeries(catalogue, { symbol: 'SYN/USD', from: '1m', to: '1h' })).status).toBe('unchanged');
  });

  test('decides while the minutes beside it match: the same decisions, filled at the next minute; and verifies', async () => {
    const hours = await play([hourFrom]);
    const both = await play([hourFrom, minute]);
    expect(both.result.series.map(({ key, isFinest, rowCount }) => [key.timeframe, isFinest, rowCount])).toEqual([
      ['1h', false, 116],
      ['1m', true, 7_000],
    ]);
    // The open of the next hour is the open of the next minute: market orders find the same price.
    const briefOf = ({ result }: FinishedRun): number[][] => result.fills.map(({ timeMs, side, priceQuote }) => [timeMs, side, priceQuote]);
    expect(briefOf(both)).toEqual(briefOf(hours));
    for (const fill of both.result.fills) expect(fill.timeMs % hourMs).toBe(0);
    expect(both.result.equity.timeMs.length).toBe(7_000);
    // Four hours are stored nowhere: their source is what is verified.
    const unstored = await play([`${syn}, timeframe: 4h, from: 1m`]);
    for (const { id } of [hours, both, unstored]) expect((await verifyRun(home, id, { timeLimitMs: 60_000 })).findings).toEqual([]);
  });

  test('is resolved to where its source starts and through when it is known, whatever is imported later', async () => {
    await importAt('LATER/USD', '1m', from(3, 130));
    await importAt('OTHER/USD', '1m', from(0, 400));
    const other = 'venue: test, symbol: OTHER/USD, timeframe: 1m';
    const before = await prepare(['venue: test, symbol: LATER/USD, timeframe: 1h, from: 1m', other]);
    expect(before.resolved.series[0]).toMatchObject({ timeframe: '1h', from: '1m', columnsFromMs: startMs + 3 * minuteMs });
    expect(before.resolved.series[0].knownThroughMs).toBe(startMs + 130 * minuteMs);
    // The first hour is not whole, nor is the third.
    expect([...before.tapes[0].columns.openTimeMs]).toEqual([startMs + hourMs]);
    await importAt('LATER/USD', '1m', [...from(0, 3), ...from(420, 430)]);
    const after = await loadTapes(catalogue, before.resolved);
    expect(after.tapes.map(({ columns }, i) => areSameColumns(columns, before.tapes[i].columns))).toEqual([true, true]);
    // Resolved anew, the tape is known to have gone on: the first hour is whole, and the third ended with what there was of it.
    const anew = await prepare(['venue: test, symbol: LATER/USD, timeframe: 1h, from: 1m', other]);
    expect([...anew.tapes[0].columns.openTimeMs]).toEqual([0, 1, 2].map((hour) => startMs + hour * hourMs));
  });

  test('ends at the window: a bar of which a part lies beyond is not made', async () => {
    const { tapes } = await prepare([hourFrom], ['data.to=2024-01-01T05:30']);
    expect(tapes[0].columns.length).toBe(5);
  });

  test('reports the gaps of its source, once where several series stand on it', async () => {
    await importAt('GAPS/USD', '1m', [...from(0, 100), ...from(103, 300)]);
    const gaps = 'venue: test, symbol: GAPS/USD, timeframe:';
    const countsOf = async (series: readonly string[]): Promise<number[]> =>
      (await prepare(series)).quality.map((report) => report.missingBarCount);
    expect(await countsOf([`${gaps} 1h, from: 1m`])).toEqual([3]);
    expect(await countsOf([`${gaps} 1h, from: 1m`, `${gaps} 1m`, `${gaps} 5m, from: 1m`])).toEqual([0, 3, 0]);
    // Three minutes are missing from one bar of five: it is made of the other two.
    const { tapes } = await prepare([`${gaps} 5m, from: 1m`]);
    expect([tapes[0].columns.length, tapes[0].columns.volume[20]]).toEqual([60, 2]);
    const filled = await prepare([`${gaps} 5m, from: 1m`, `${gaps} 1m`], ['data.quality.gap=fill-flat']);
    expect([filled.tapes[0].columns.open[20], filled.warnings.length, filled.tapes[1].columns.length]).toEqual([109.5, 1, 300]);
  });
});

describe('is refused with what to do', () => {
  test.each<[string, string, RegExp]>([
    [
      'a source that does not fit',
      `${syn}, timeframe: 5m, from: 3m`,
      /s\.yaml:4:\d+ data\.series\[0\]\.from: was "3m", expected one of 1m, which make whole bars of 5m/,
    ],
    ['a source that is longer', `${syn}, timeframe: 1m, from: 1h`, /expected no from: nothing shorter makes 1m/],
    ['a source that is not there', `${syn}, timeframe: 1h, from: 15m`, /no series synthetic SYN\/USD 15m/],
    [
      'a series that could be made',
      `${syn}, timeframe: 4h`,
      /it has 1m, 1h: use that, say "from: 1h" beside the timeframe in the scenario to have it made/,
    ],
    ['a tape shorter than a bar', `${syn}, timeframe: 1w, from: 1m`, /synthetic SYN\/USD 1m holds no whole bar of 1w/],
  ])('%s', async (_, series, message) => {
    await resampleSeries(catalogue, { symbol: 'SYN/USD', from: '1m', to: '1h' });
    await expect(async () => prepare([series])).rejects.toThrow(message);
  });
  test('bars off the UTC grid, since the longer bar would show what came after its close', async () => {
    await importAt('OFF/USD', '30m', [15, 45, 75, 105, 135]);
    await expect(prepare(['venue: test, symbol: OFF/USD, timeframe: 1h, from: 30m'])).rejects.toMatchObject({
      code: 'DATA_QUALITY',
      message: expect.stringMatching(/^test OFF\/USD 30m: bar \d covers .* where a bar of 1h ends/),
    });
  });
  test('a symbol of several venues without --venue, and one that is nowhere', async () => {
    await importAt('SYN/USD', '1m', from(0, 120));
    await expect(resampleSeries(catalogue, { symbol: 'SYN/USD', from: '1m', to: '1h' })).rejects.toThrow(
      'SYN/USD 1m is stored for several venues: synthetic, test; say which with --venue',
    );
    expect((await resampleSeries(catalogue, { venue: 'test', symbol: 'SYN/USD', from: '1m', to: '1h' })).newRowCount).toBe(2);
    await expect(resampleSeries(catalogue, { symbol: 'NONE/USD', from: '1m', to: '1h' })).rejects.toMatchObject({ code: 'DATA_NOT_FOUND' });
    await expect(resampleSeries(catalogue, { symbol: 'SYN/USD', from: '3m', to: '5m' })).rejects.toMatchObject({ code: 'UNSUPPORTED' });
  });
});
