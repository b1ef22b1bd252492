import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openCatalogue } from '../data/catalogue.ts';
import { importBars } from '../data/import-bars.ts';
import type { Timeframe } from '../engine/model/timeframe.ts';
import { type PreparedRun, prepareScenario } from './prepare.ts';
import { readScenario } from './read.ts';

const dayMs = 86_400_000;
const monday = Date.UTC(2018, 0, 1);
let folder: string;
let home: string;

/** Imports flat bars that open at these times as test/<symbol>. */
async function importAt(symbol: string, timeframe: Timeframe, openTimes: readonly number[]): Promise<void> {
  const path = join(folder, `${symbol}-${timeframe}.csv`);
  writeFileSync(path, `time,open,high,low,close,volume\n${openTimes.map((ms) => `${ms},10,10.5,9.5,10.1,1`).join('\n')}\n`);
  await importBars(openCatalogue(home), { path, key: { venue: 'test', symbol, timeframe } });
}

async function prepare(series: readonly string[], set: readonly string[] = []): Promise<PreparedRun> {
  const path = join(folder, 'scenario.yaml');
  const listed = series.map((one) => `{ venue: test, symbol: ${one.split(' ')[0]}, timeframe: ${one.split(' ')[1]} }`);
  writeFileSync(path, `name: prepared\ndata: { series: [${listed.join(', ')}] }\nstrategy: { use: buy-and-hold }\n`);
  return prepareScenario(readScenario(path, set), home);
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'playhead-prepare-'));
  home = join(folder, '.playhead');
  const days = Array.from({ length: 60 }, (_, i) => monday + i * dayMs);
  const weekdays = days.filter((_, i) => i % 7 < 5);
  await importAt('STOCK', '1d', weekdays);
  await importAt(
    'STOCK',
    '1w',
    days.filter((_, i) => i % 7 === 0),
  );
  await importAt('COIN', '1d', days);
  await importAt(
    'COIN',
    '3d',
    days.filter((_, i) => i % 3 === 0),
  );
  await importAt(
    'COIN',
    '1M',
    [0, 1, 2, 3].map((month) => Date.UTC(2018, month, 1)),
  );
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('returns in a year', () => {
  test.each<[string[], number]>([
    [['STOCK 1d'], 252],
    [['COIN 1d'], 365],
    [['COIN 3d'], 365 / 3],
    [['STOCK 1w'], 52],
    [['COIN 1M'], 12],
    [['STOCK 1w', 'STOCK 1d'], 252],
    [['COIN 1M', 'COIN 3d'], 365 / 3],
    [['STOCK 1d', 'COIN 1d'], 365],
    [['STOCK 1d', 'COIN 1w'], 252],
  ])('%j have %d', async (series, expected) => {
    if (series.includes('COIN 1w')) await importAt('COIN', '1w', [monday, monday + 7 * dayMs]);
    expect((await prepare(series)).resolved.metrics.periodsPerYear).toBe(expected);
  });
  test('are 365 where the weekends of a session market were filled, and as stated where they are stated', async () => {
    expect((await prepare(['STOCK 1d'], ['data.quality.gap=fill-flat'])).resolved.metrics.periodsPerYear).toBe(365);
    expect((await prepare(['STOCK 1w'], ['metrics.periodsPerYear=50'])).resolved.metrics.periodsPerYear).toBe(50);
  });
});

test('bars that fill-flat added are counted, in the report of their series and in a warning', async () => {
  const filled = await prepare(['STOCK 1d', 'COIN 1d'], ['data.quality.gap=fill-flat']);
  expect(filled.tapes.map((tape) => tape.columns.length)).toEqual([60, 60]);
  expect(filled.quality.map((report) => [report.rowCount, report.filledBarCount])).toEqual([
    [44, 16],
    [60, 0],
  ]);
  expect(filled.warnings).toEqual([
    'test STOCK 1d: 16 of 60 bars are not recorded but flat bars of no volume that fill-flat added where bars are missing, nights, weekends and holidays included',
  ]);
  const plain = await prepare(['STOCK 1d']);
  expect([plain.quality[0].filledBarCount, plain.warnings]).toEqual([0, []]);
});
