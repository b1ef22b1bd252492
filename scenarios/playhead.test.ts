import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openCatalogue } from '../data/catalogue.ts';
import { importSynthetic } from '../data/import-columns.ts';
import { importVegaSp500 } from '../data/import-vega-sp500.ts';
import { surface } from '../strategies/surface.ts';
import * as library from './playhead.ts';
import { readScenario } from './read.ts';

const { run } = library;
const folder = fileURLToPath(new URL('.', import.meta.url));
const shipped = readdirSync(folder).filter((name) => name.endsWith('.yaml'));
let home: string;

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'playhead-library-'));
  const catalogue = openCatalogue(home);
  await importVegaSp500(catalogue);
  const market = { venue: 'synthetic', seed: 1, bars: 10_000, startMs: Date.UTC(2024, 0, 1), startPrice: 100, tick: 0.01 };
  for (const symbol of ['ALPHA/USD', 'BETA/USD', 'GAMMA/USD']) await importSynthetic(catalogue, { ...market, symbol });
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

test('exports every value that a strategy may import, so that editors know what the loader gives', () => {
  const exported = new Map<string, unknown>(Object.entries(library));
  for (const [name, value] of Object.entries(surface)) expect([name, exported.get(name)]).toEqual([name, value]);
});

describe('the shipped scenarios', () => {
  test('there are six', () => expect(shipped).toHaveLength(6));

  test.each(shipped)('%s runs, with one certificate, sparse, dense and unfiltered', async (name) => {
    const path = join(folder, name);
    const finished = await run(path, { home });
    const { result } = finished;
    for (const replay of ['dense', 'unfiltered'] as const) {
      const again = await run(path, { home, replay, store: false });
      expect(again.result.certificate).toEqual(result.certificate);
      expect(again.id).toBe('');
    }
    expect(result.equity.timeMs.length).toBeGreaterThan(3000);
    expect(result.fills.length).toBeGreaterThan(0);
    expect(result.series.every((series) => series.isSynthetic)).toBe(name === 'rotation.yaml' || name === 'synthetic-minutes.yaml');
    expect(finished.name).toBe(basename(name, '.yaml'));
  });

  test.each(shipped)('%s names the schema for editors', (name) => {
    const { scenario } = readScenario(join(folder, name));
    expect(scenario.description).toBeTruthy();
  });
});

test('bars imported later change nothing: the columns and the window are pinned', async () => {
  const catalogue = openCatalogue(home);
  const market = { venue: 'synthetic', symbol: 'LATER/USD', seed: 3, startPrice: 100, tick: 0.01 };
  const path = join(home, 'later.yaml');
  writeFileSync(
    path,
    'name: later\ndata: { series: [{ venue: synthetic, symbol: LATER/USD, timeframe: 1m }], to: 2024-01-01T15:00Z }\nstrategy: { use: moving-average-cross, parameters: { fast: 5, slow: 20 } }\n',
  );
  await importSynthetic(catalogue, { ...market, bars: 1000, startMs: Date.UTC(2024, 0, 1) });
  const before = await run(path, { home, store: false });
  await importSynthetic(catalogue, { ...market, bars: 500, startMs: Date.UTC(2024, 1, 1) });
  const after = await run(path, { home, store: false });
  expect(after.result.certificate).toEqual(before.result.certificate);
});

test('a portfolio manager is made of what a scenario says of its account and instruments', async () => {
  const path = join(folder, 'rotation.yaml');
  const made = await library.scenarioSettings(path, {
    home,
    set: ['risk.sizing={ by: fraction, fraction: 0.25 }', 'account.initialCapital=5000'],
  });
  const manager = new library.PortfolioManager(made);
  manager.mark(Date.UTC(2024, 0, 1), { 'ALPHA/USD': 50 });
  expect(manager.equityQuote).toBe(5000);
  expect(manager.admit({ symbol: 'ALPHA/USD', side: 1 }).sizeBase).toBe(25);
});

test('onProgress is told the rows, and an abort ends the run', async () => {
  const told: number[] = [];
  const path = join(folder, 'buy-and-hold.yaml');
  await run(path, { home, store: false, onProgress: (played, total) => told.push(played, total) });
  expect(told.slice(-2)).toEqual([3095, 3095]);
  await expect(run(path, { home, store: false, signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow('enough');
});

test.each([Number.POSITIVE_INFINITY, 2 ** 31, 1e15])('a time limit of %d ms lets a run end', async (timeLimitMs) => {
  const { result } = await run(join(folder, 'buy-and-hold.yaml'), { home, store: false, timeLimitMs });
  expect(result.fills).toHaveLength(1);
});
