import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadRun } from '../../data/stores/run-store.ts';
import { loadWalkForward } from '../../data/stores/walkforward-store.ts';
import type { Trade } from '../../engine/model/fill.ts';
import { oraclesPath } from '../../engine/testing/tapes.ts';
import { createDesk, type Desk } from '../desk.test.helper.ts';
import { documentOf } from './search.test.helper.ts';

interface Fold {
  readonly train: { readonly fromMs: number; readonly toMs: number };
  readonly test: { readonly fromMs: number; readonly toMs: number };
  readonly parameters: Record<string, number>;
  readonly testMetrics: Record<string, number>;
  readonly runHash: string;
  readonly tookOverMs: number | null;
  readonly initialCapital: number;
  readonly leftOpen: number;
}

interface WalkDocument {
  readonly id: string;
  readonly walkForwardHash: string;
  readonly folds: readonly Fold[];
  readonly metrics: Record<string, number>;
  readonly equity: { readonly timeMs: readonly number[]; readonly equityQuote: readonly number[] };
  readonly trades: readonly Trade[];
}

const iso = (timeMs: number) => new Date(timeMs).toISOString();
const windowSets = (fromMs: number, toMs: number) => ['--set', `data.from=${iso(fromMs)}`, '--set', `data.to=${iso(toMs)}`];
const parameterSets = (parameters: Record<string, number>) =>
  Object.entries(parameters).flatMap(([name, value]) => ['--set', `strategy.parameters.${name}=${value}`]);

let desk: Desk;
const home = () => join(desk.path, '.playhead');

beforeAll(() => {
  desk = createDesk();
  writeFileSync(
    join(desk.path, 'walk.yaml'),
    `extends: ./scenario.yaml
name: walk
data: { from: 2010-01-01, to: 2014-01-01 }
search: { parameters: { fast: [5, 10, 20], slow: [30, 60] }, objective: returnFraction }
walkforward: { trainDays: 365, testDays: 250 }
`,
  );
}, 60_000);

afterAll(() => desk.remove());

function walk(scenario: string, args: readonly string[] = []): WalkDocument {
  return documentOf(desk, ['walkforward', scenario, ...args]);
}

/** The stored run's trades, as JSON has them. */
function runByHand(scenario: string, args: readonly string[]) {
  const run = desk.runJson(scenario, args);
  const { result } = loadRun(home(), run.id);
  return { ...run, equity: [...result.equity.equityQuote], trades: JSON.parse(JSON.stringify(result.trades)) as Trade[] };
}

describe('positions at the seams', () => {
  test('one parameter set handed over is one run over all tests, whatever the seams', () => {
    const one = ['--set', 'search.parameters={"fast":[10],"slow":[30]}', '--set', 'walkforward.positions=handOver'];
    const { folds, trades, equity, metrics } = walk('walk.yaml', one);
    const span = windowSets(folds[0].test.fromMs, folds.at(-1)?.test.toMs as number);
    const byHand = runByHand('walk.yaml', [...span, ...parameterSets({ fast: 10, slow: 30 })]);
    expect(trades).toEqual(byHand.trades);
    expect(equity.equityQuote).toEqual(byHand.equity);
    expect(metrics).toEqual(byHand.metrics);
    // A position is on its way through a seam: otherwise this shows nothing.
    const isCrossing = ({ entryMs, exitMs }: Trade) => folds.some(({ test: { fromMs } }) => entryMs < fromMs && exitMs > fromMs);
    expect(trades.some(isCrossing)).toBe(true);
    expect(folds.reduce((count, { testMetrics }) => count + testMetrics.tradeCount, 0)).toBe(trades.length);
  }, 30_000);

  test('the account goes on through the seams: each fold begins with what the one before it ended with', () => {
    for (const positions of ['handOver', 'carry']) {
      const { id, folds, trades, metrics } = walk('walk.yaml', ['--set', `walkforward.positions=${positions}`]);
      expect(new Set(folds.map(({ runHash }) => runHash)).size).toBe(1);
      folds.slice(1).forEach(({ initialCapital }, k) => {
        expect(initialCapital).toBe(folds[k].testMetrics.equityQuoteFinal);
      });
      const grown = folds.reduce((product, { testMetrics }) => product * (1 + testMetrics.returnFraction), 1);
      expect(grown - 1).toBeCloseTo(metrics.returnFraction, 12);
      expect(folds.reduce((count, { testMetrics }) => count + testMetrics.tradeCount, 0)).toBe(trades.length);
      for (const { test: span, tookOverMs } of folds.slice(1)) {
        // Of daily bars the last close at or before the seam may lie days before it.
        if (positions === 'handOver') expect(span.fromMs - (tookOverMs ?? 0)).toBeLessThan(4 * 86_400_000);
        expect(tookOverMs === null || tookOverMs < span.toMs).toBe(true);
      }
      const { end } = loadWalkForward(home(), id);
      expect(end?.tests.map(({ tookOverMs }) => (Number.isNaN(tookOverMs) ? null : tookOverMs))).toEqual(
        folds.map(({ tookOverMs }) => tookOverMs),
      );
    }
  }, 60_000);

  test('parameters that never decided are named', () => {
    // Held from the first bar to the last: nothing is ever flat.
    desk.writeScenario(
      'holder',
      `import { defineStrategy, integer } from 'playhead';
export default defineStrategy({
  name: 'holder',
  parameters: { length: integer(3, { min: 2, max: 9 }) },
  setup() { return { onBar({ order, position }) { if (position.isFlat) order.market({ side: 1, equityFraction: 0.5 }); } }; },
});
`,
      'search: { parameters: { length: [2, 3] } }\nwalkforward: { trainDays: 3000, testDays: 500, positions: carry }\n',
    );
    const { out } = desk.playhead(['walkforward', 'holder.yaml', '-q', '--no-report']);
    expect(out).toMatch(/! the parameters of folds 2, 3(, \d)* never decided: a position of earlier ones lasted longer than the test/);
  }, 30_000);

  test('what a test cannot close as too small to be sold is worth its last close in the next', () => {
    const { folds } = walk('walk.yaml', ['--set', 'costs.feeIn=base', '--set', 'account.dust=sell']);
    expect(folds.some(({ leftOpen }) => leftOpen > 0 && leftOpen < 0.01)).toBe(true);
    folds.slice(1).forEach(({ initialCapital }, k) => {
      expect(initialCapital).toBe(folds[k].testMetrics.equityQuoteFinal);
    });
    const { out } = desk.playhead([
      'walkforward',
      'walk.yaml',
      '-q',
      '--no-report',
      '--set',
      'costs.feeIn=base',
      '--set',
      'account.dust=sell',
    ]);
    expect(out).toMatch(/! folds? [\d, ]+ ended with less than an order may sell: the next test begins with its worth at the last close/);
  }, 30_000);

  test('accounts of several currencies are refused before anything is played, with their place', () => {
    const set = ['--set', 'walkforward.positions=carry', '--set', 'account.balances={"EUR":5}'];
    const { code, error } = desk.playhead(['walkforward', 'walk.yaml', '-q', ...set]);
    expect([code, error]).toEqual([
      2,
      expect.stringMatching(/--set walkforward\.positions.*account of several currencies.*expected flatten/s),
    ]);
  });
});

const minutes = join(oraclesPath, 'nautilus', 'btc-perp-20211231-20220201_1m.csv');
const hasMinutes = existsSync(minutes);

describe.skipIf(!hasMinutes)(`real minutes: Bitcoin, January 2022${hasMinutes ? '' : ' (skipped: ../shared/oracles is absent)'}`, () => {
  beforeAll(() => {
    const stated = ['--venue', 'binance', '--symbol', 'BTC/USDT', '--timeframe', '1m', '--stamp', 'close', '--lot', '0.00001'];
    const { code, error } = desk.playhead(['data', 'import', minutes, ...stated]);
    if (code !== 0) throw new Error(error);
    writeFileSync(
      join(desk.path, 'minutes.yaml'),
      `extends: ./scenario.yaml
name: minutes
data: { series: [{ venue: binance, symbol: BTC/USDT, timeframe: 1m }], from: 2022-01-01, to: 2022-02-01 }
search: { parameters: { fast: [30, 60], slow: [240, 480] }, objective: returnFraction }
walkforward: { trainDays: 7, testDays: 7 }
`,
    );
    expect(readFileSync(minutes, 'utf8').split('\n').length).toBeGreaterThan(45_000);
  }, 60_000);

  test('the stitched curve is a sequence of sweeps and runs by hand, trade for trade and minute for minute', () => {
    const { folds, trades, equity } = walk('minutes.yaml');
    expect(folds).toHaveLength(3);
    let capital = 10_000;
    const byHand: { trades: Trade[]; equity: number[] } = { trades: [], equity: [] };
    for (const fold of folds) {
      const swept = desk.playhead([
        'sweep',
        'minutes.yaml',
        '--json',
        '-q',
        '--top',
        '1',
        ...windowSets(fold.train.fromMs, fold.train.toMs),
      ]);
      const [best] = (JSON.parse(swept.out) as { best: { parameters: Record<string, number> }[] }).best;
      const more = ['--set', `account.initialCapital=${capital}`, '--set', 'endOfRun=closeAtLastClose'];
      const window = windowSets(fold.test.fromMs, fold.test.toMs);
      const run = runByHand('minutes.yaml', [...window, ...parameterSets(best.parameters), ...more]);
      expect(run.certificate.runHash).toBe(fold.runHash);
      byHand.trades.push(...run.trades);
      byHand.equity.push(...run.equity);
      capital = Number(run.metrics.equityQuoteFinal);
    }
    expect(trades.length).toBeGreaterThan(40);
    expect(trades).toEqual(byHand.trades);
    expect(equity.equityQuote).toEqual(byHand.equity);
  }, 120_000);
});
