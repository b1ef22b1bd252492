import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openCatalogue } from '../data/catalogue.ts';
import { importBars } from '../data/import-bars.ts';
import { importSynthetic } from '../data/import-columns.ts';
import { resampleSeries } from '../data/resample-series.ts';
import { loadRun } from '../data/stores/run-store.ts';
import { checkScenario } from './check-scenario.ts';
import { createDesk, type Desk } from './desk.test.helper.ts';
import { readScenario } from './read.ts';
import { type FinishedRun, runScenario } from './run-scenario.ts';
import { verifyRun } from './verify.ts';

const startMs = Date.UTC(2024, 0, 1);
const key = 'venue: synthetic, symbol: SYN/USD, timeframe: 1h';
let folder: string;
let home: string;

/** A bracket so tight that many hours hold both its stop and its target. */
const strategy = `import { defineStrategy } from 'playhead';
export default defineStrategy({
  name: 'tight',
  parameters: {},
  setup: () => ({
    onBar({ order, position }) {
      if (position.isFlat && position.pendingOrderCount === 0)
        order.market({ side: 1, sizeBase: 1, stopLoss: { fraction: 0.002 }, takeProfit: { fraction: 0.002 } });
    },
  }),
});
`;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'playhead-refine-'));
  home = join(folder, '.playhead');
  const catalogue = openCatalogue(home);
  await importSynthetic(catalogue, { seed: 7, symbol: 'SYN/USD', bars: 12_000, startMs, startPrice: 1_000, tick: 0.01 });
  await resampleSeries(catalogue, { symbol: 'SYN/USD', from: '1m', to: '1h' });
  writeFileSync(join(folder, 'tight.ts'), strategy);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function scenario(series: string, fills: string): string {
  const path = join(folder, 's.yaml');
  writeFileSync(
    path,
    `name: s\ndata: { series: [{ ${series} }] }\nstrategy: { file: ./tight.ts }\naccount: { kind: frictionless }\nfills: ${fills}\n`,
  );
  return path;
}
const play = (fills: string): Promise<FinishedRun> => runScenario(scenario(key, fills), { home });
const exits = ({ result }: FinishedRun) => result.trades.map((trade) => trade.exitRole);

describe('ambiguous: refine', () => {
  test('decides ambiguous hours by their minutes: as if the minutes had been matched', async () => {
    const pessimistic = await play('{ ambiguous: pessimistic }');
    expect(pessimistic.result.ambiguousBarCount).toBeGreaterThan(5);
    const refined = await play('{ ambiguous: refine, refineWith: 1m }');
    expect(refined.result.decidedBarCount).toBeGreaterThan(5);
    expect(refined.result.ambiguousBarCount).toBeLessThan(pessimistic.result.ambiguousBarCount / 4);
    expect(refined.result.notRefinedBarCount).toBe(0);
    // Decided on the hour and matched on the minute throughout, the same orders fill; minutes that gap through a price fill beyond it.
    const path = join(folder, 'minutes.yaml');
    writeFileSync(
      path,
      `name: m\ndata: { series: [{ ${key} }, { ${key.replace('1h', '1m')} }] }\nstrategy: { file: ./tight.ts }\naccount: { kind: frictionless }\n`,
    );
    const minutes = await runScenario(path, { home });
    expect(exits(refined)).toEqual(exits(minutes));
    expect(exits(pessimistic)).not.toEqual(exits(minutes));
  });

  test('the run is stored, and verify finds it again with its finer bars; other finer bars it names', async () => {
    const refined = await play('{ ambiguous: refine, refineWith: 1m }');
    expect((await verifyRun(home, refined.id, { timeLimitMs: 60_000 })).findings).toEqual([]);
    const { result } = loadRun(home, refined.id);
    expect([result.decidedBarCount, result.orders[0].terms]).toEqual([refined.result.decidedBarCount, refined.result.orders[0].terms]);
    const plain = await play('{ ambiguous: pessimistic }');
    expect(refined.result.certificate.tapeHash).not.toBe(plain.result.certificate.tapeHash);
    expect(refined.result.certificate.scenarioHash).not.toBe(plain.result.certificate.scenarioHash);
  });

  test('the checks play it with its finer bars', async () => {
    const path = join(folder, 'cautious.yaml');
    writeFileSync(
      join(folder, 'cautious.ts'),
      strategy.replace(
        'onBar({ order, position }) {',
        'onBar({ order, position, account }) {\n      if (account.equityQuote < 9_970) return;',
      ),
    );
    writeFileSync(
      path,
      readFileSync(scenario(key, '{ ambiguous: refine, refineWith: 1m }'), 'utf8').replace('./tight.ts', './cautious.ts'),
    );
    const request = { check: 'lookahead', sampleCount: 5, seed: 1 } as const;
    const options = { home, timeLimitMs: 60_000 };
    const ordersOf = async (set: string[]): Promise<number> => (await runScenario(path, { home, store: false, set })).result.orders.length;
    const report = await checkScenario(path, request, { ...options, set: [] });
    expect(report).toMatchObject({ passed: true, orderCount: await ordersOf([]) });
    expect(await ordersOf(['fills={ ambiguous: pessimistic }'])).not.toBe(await ordersOf([]));
  });

  test('hours whose minutes are not those they are said to be stay pessimistic, and are counted', async () => {
    const catalogue = openCatalogue(home);
    const path = join(folder, 'bars.csv');
    const hour = (i: number, row: string) => `${startMs + i * 3_600_000},${row},1`;
    writeFileSync(path, `time,open,high,low,close,volume\n${[0, 1, 2].map((i) => hour(i, '100.01,101,99,100.01')).join('\n')}\n`);
    await importBars(catalogue, { path, key: { venue: 'test', symbol: 'ODD/USD', timeframe: '1h' } });
    const minutes = Array.from({ length: 180 }, (_, i) => `${startMs + i * 60_000},100,100,100,100,1`);
    writeFileSync(path, `time,open,high,low,close,volume\n${minutes.join('\n')}\n`);
    await importBars(catalogue, { path, key: { venue: 'test', symbol: 'ODD/USD', timeframe: '1m' } });
    const odd = await runScenario(scenario('venue: test, symbol: ODD/USD, timeframe: 1h', '{ ambiguous: refine, refineWith: 1m }'), {
      home,
    });
    expect([odd.result.ambiguousBarCount, odd.result.notRefinedBarCount]).toEqual([2, 2]);
    expect(odd.result.warnings.join('\n')).toContain(
      '2 ambiguous bars taken pessimistically: finer bars are missing there, or are not the same bar',
    );
  });

  test('a finer series that is not stored is told before anything is played', async () => {
    const path = scenario(key, '{ ambiguous: refine, refineWith: 5m }');
    await expect(runScenario(path, { home })).rejects.toMatchObject({ code: 'DATA_NOT_FOUND' });
  });

  test.each([
    [
      '{ ambiguous: refine }',
      /fills\.refineWith: was missing, expected the timeframe of finer bars in the catalogue beside ambiguous: refine, such as 1m/,
    ],
    ['{ refineWith: 1m }', /fills\.refineWith: was "1m", expected ambiguous: refine beside it/],
    ['{ ambiguous: refine, refineWith: 1d }', /expected bars shorter than those of every series; SYN\/USD has 1h/],
  ])('%s is refused', (fills, message) => {
    expect(() => readScenario(scenario(key, fills))).toThrow(message);
  });
});

describe('fills.market: close', () => {
  let desk: Desk;
  beforeAll(() => {
    desk = createDesk();
  });
  afterAll(() => desk.remove());

  test('is marked in the summary, the document, the report and the stored run', () => {
    const path = scenario(key, '{ market: close }');
    const summary = desk.playhead(['run', path, '--home', home, '--report', join(folder, 'report.html')], { cwd: folder });
    const words = 'optimistic: market orders filled at the close that decided';
    expect(summary.out).toContain(words);
    expect(
      JSON.parse(desk.playhead(['run', path, '--home', home, '--json', '-q', '--no-report'], { cwd: folder }).out).warnings.join(),
    ).toContain(words);
    expect(desk.playhead(['runs', 'show', 'last', '--home', home], { cwd: folder }).out).toContain(words);
  });
});
