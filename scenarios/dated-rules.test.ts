/** Rules that change inside a scenario's window: from "data instrument --since" to the run, its stored inputs and their verification. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Catalogue, openCatalogue } from '../data/catalogue.ts';
import { importBars } from '../data/import-bars.ts';
import { setInstrument } from '../data/instruments.ts';
import { prepareScenario } from './prepare.ts';
import { readScenario } from './read.ts';
import { runScenario } from './run-scenario.ts';
import { verifyRun } from './verify.ts';

const dayMs = 86_400_000;
const startMs = Date.UTC(2024, 0, 2);
const changeMs = startMs + 3 * dayMs;
let folder: string;
let home: string;
let catalogue: Catalogue;
let path: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'playhead-dated-'));
  home = join(folder, '.playhead');
  catalogue = openCatalogue(home);
  const bars = join(folder, 'bars.csv');
  const closes = [100.1, 100.2, 100.3, 100.125, 100.25, 100.375];
  const rows = closes.map((close, i) => `${startMs + i * dayMs},${close},${close},${close},${close},1`);
  writeFileSync(bars, `time,open,high,low,close,volume\n${rows.join('\n')}\n`);
  await importBars(catalogue, {
    path: bars,
    key: { venue: 'desk', symbol: 'A/USD', timeframe: '1d' },
    instrument: { tickSize: 0.1, lotSize: 0.1, feeRateMaker: 0, feeRateTaker: 0 },
  });
  writeFileSync(
    join(folder, 'mine.ts'),
    `import { defineStrategy } from 'playhead';
export default defineStrategy({
  name: 'mine', parameters: {},
  setup: ({ bars }) => ({ onBar({ order }) { order.market({ side: 1, sizeBase: 1.23 }); } }),
});
`,
  );
  path = join(folder, 's.yaml');
  writeFileSync(path, 'name: s\ndata: { series: [{ venue: desk, symbol: A/USD, timeframe: 1d }] }\nstrategy: { file: ./mine.ts }\n');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const prepared = async () => (await prepareScenario(readScenario(path, []), home)).resolved;

test('a scenario plays the rules of each date, keeps them with the run, and verifies by them', async () => {
  const rules = { tickSize: 0.1, lotSize: 0.1, minimumNotionalQuote: 0, feeRateMaker: 0, feeRateTaker: 0 };
  expect((await prepared()).instruments[0]).not.toHaveProperty('changes');
  setInstrument(catalogue, 'desk', 'A/USD', { tickSize: 0.125, lotSize: 1, maximumQuantityBase: 3 }, changeMs);
  const resolved = await prepared();
  const changed = { ...rules, fromMs: changeMs, tickSize: 0.125, lotSize: 1, maximumQuantityBase: 3 };
  expect(resolved.instruments).toMatchObject([{ ...rules, changes: [changed] }]);
  // What was bought by tenths may not be sold by ones.
  expect(resolved.account.dust).toBe('keep');
  const { result, id } = await runScenario(path, { home });
  // The close of the third bar is the moment of the change: what is sent on it is of the new rules.
  expect(result.fills.map(({ sizeBase, priceQuote }) => [sizeBase, priceQuote])).toEqual([
    [1.2, 100.2],
    [1.2, 100.3],
    [1, 100.125],
    [1, 100.25],
    [1, 100.375],
  ]);
  expect(result.instruments[0].changes).toEqual([changed]);
  const { quality } = await prepareScenario(readScenario(path, []), home);
  expect(quality[0].issues.map(({ kind }) => kind)).not.toContain('offTick');
  // Rules stated later are of later runs.
  setInstrument(catalogue, 'desk', 'A/USD', { lotSize: 0.5 }, changeMs + dayMs);
  expect(await verifyRun(home, id, { timeLimitMs: 60_000 })).toMatchObject({ findings: [], isReplayed: true });
  const again = await runScenario(path, { home, store: false });
  expect(again.result.certificate.scenarioHash).not.toBe(result.certificate.scenarioHash);
  expect(again.result.fills.map(({ sizeBase }) => sizeBase)).toEqual([1.2, 1.2, 1, 1, 1]);
});

test('a window over another multiplier is refused, and says where to end it', async () => {
  setInstrument(catalogue, 'desk', 'A/USD', { multiplier: 10 }, changeMs + 2 * dayMs);
  await expect(prepared()).rejects.toThrow('multiplier of desk A/USD changes from 1 to 10 at 2024-01-07T00:00Z, inside the window');
});
