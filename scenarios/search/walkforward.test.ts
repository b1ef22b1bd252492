import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createDesk, type Desk } from '../desk.test.helper.ts';

interface WalkForwardDocument {
  readonly walkForwardHash: string;
  readonly folds: {
    readonly train: { fromMs: number; toMs: number };
    readonly test: { fromMs: number; toMs: number };
    readonly parameters: Record<string, number>;
    readonly trainMetrics: Record<string, number>;
    readonly testMetrics: Record<string, number>;
    readonly runHash: string;
    readonly initialCapital: number;
  }[];
  readonly metrics: Record<string, number>;
  readonly equity: { timeMs: number[]; equityQuote: number[] };
  readonly trades: Record<string, number>[];
}

let desk: Desk;

beforeAll(() => {
  desk = createDesk();
  writeFileSync(
    join(desk.path, 'walk.yaml'),
    `extends: ./scenario.yaml
name: walk
data: { from: 2010-01-01, to: 2014-01-01 }
search:
  parameters: { fast: [5, 10, 20], slow: [30, 60] }
  objective: returnFraction
walkforward: { trainDays: 365, testDays: 250 }
`,
  );
}, 60_000);

afterAll(() => desk.remove());

function walk(args: readonly string[] = []): WalkForwardDocument {
  const { code, out, error } = desk.playhead(['walkforward', 'walk.yaml', '--json', '-q', ...args]);
  if (code !== 0 || error !== '') throw new Error(`walkforward ended with ${code}: ${error}${out}`);
  return JSON.parse(out) as WalkForwardDocument;
}

const iso = (timeMs: number) => new Date(timeMs).toISOString();

/** A window as a user would set it by hand. */
const windowSets = ({ fromMs, toMs }: { fromMs: number; toMs: number }) => [
  '--set',
  `data.from=${iso(fromMs)}`,
  '--set',
  `data.to=${iso(toMs)}`,
];

describe('playhead walkforward', () => {
  test('is what single runs by hand give, fold by fold: choice, hash, capital, trades, curve', () => {
    const { folds, trades, equity } = walk();
    expect(folds).toHaveLength(4);
    let capital = 10_000;
    const rows: [number, number][] = [];
    const byHand: Record<string, number>[] = [];
    for (const fold of folds) {
      const swept = desk.playhead(['sweep', 'walk.yaml', '--json', '-q', '--top', '1', ...windowSets(fold.train)]);
      const [best] = (JSON.parse(swept.out) as { best: { parameters: object; metrics: object }[] }).best;
      expect(fold.parameters).toEqual(best.parameters);
      expect(fold.trainMetrics).toEqual(best.metrics);
      const sets = Object.entries(fold.parameters).flatMap(([name, value]) => ['--set', `strategy.parameters.${name}=${value}`]);
      const more = ['--set', `account.initialCapital=${capital}`, '--set', 'endOfRun=closeAtLastClose'];
      const run = desk.runJson('walk.yaml', [...windowSets(fold.test), ...sets, ...more]);
      expect(fold.runHash).toBe(run.certificate.runHash);
      expect(fold.initialCapital).toBe(capital);
      expect(fold.testMetrics).toEqual(run.metrics);
      capital = Number(run.metrics.equityQuoteFinal);
      byHand.push({ tradeCount: Number(run.metrics.tradeCount), pnl: Number(run.metrics.tradePnlQuoteTotal) });
      rows.push([fold.test.toMs, capital]);
    }
    expect(trades).toHaveLength(byHand.reduce((sum, { tradeCount }) => sum + tradeCount, 0));
    // Of daily bars none closes at the window's end on a weekend: the last at or before it ends the fold.
    for (const [toMs, quote] of rows) {
      const last = equity.timeMs.findLastIndex((timeMs) => timeMs <= toMs);
      expect(equity.equityQuote[last]).toBe(quote);
    }
    expect(equity.timeMs).toEqual([...equity.timeMs].sort((a, b) => a - b));
  }, 120_000);

  test('the figures of the whole are those of its one curve', () => {
    const { metrics, equity, trades, folds } = walk();
    expect(metrics.returnFraction).toBeCloseTo((equity.equityQuote.at(-1) as number) / 10_000 - 1, 14);
    expect(metrics.tradePnlQuoteTotal).toBeCloseTo(
      trades.reduce((sum, { pnlQuote }) => sum + pnlQuote, 0),
      8,
    );
    // Nothing is left open, so trades and fees are all there is.
    expect((equity.equityQuote.at(-1) as number) - 10_000).toBeCloseTo(metrics.tradePnlQuoteTotal, 6);
    const grown = folds.reduce((product, { testMetrics }) => product * (1 + testMetrics.returnFraction), 1);
    expect(metrics.returnFraction).toBeCloseTo(grown - 1, 12);
    let peak = 10_000;
    let deepest = 0;
    for (const quote of equity.equityQuote) {
      peak = Math.max(peak, quote);
      deepest = Math.max(deepest, (peak - quote) / peak);
    }
    expect(metrics.drawdownFractionMax).toBeCloseTo(deepest, 14);
  }, 30_000);

  test('gives one hash whatever threads and memory', () => {
    const { walkForwardHash } = walk(['--jobs', '1']);
    expect(walk(['--jobs', '3', '--memory', '1']).walkForwardHash).toBe(walkForwardHash);
  }, 60_000);

  test('anchored training begins where the window does; a purge lies between training and test', () => {
    const { folds } = walk(['--set', 'walkforward.scheme=anchored', '--set', 'walkforward.purgeDays=10']);
    for (const { train, test } of folds) {
      expect(iso(train.fromMs)).toBe('2010-01-01T00:00:00.000Z');
      expect(test.fromMs - train.toMs).toBe(10 * 86_400_000);
    }
    expect(folds.slice(1).map(({ test }) => test.fromMs)).toEqual(folds.slice(0, -1).map(({ test }) => test.toMs));
  }, 30_000);

  test('in bars of the first series', () => {
    const { folds } = walk(['--set', 'walkforward={"trainBars":250,"testBars":300}']);
    expect(folds.map(({ testMetrics }) => testMetrics.rowCount)).toEqual([300, 300, 156]);
    expect(folds[0].trainMetrics.rowCount).toBe(250);
  }, 30_000);

  test.each([
    ['walkforward={"trainDays":3000,"testDays":100}', 'the window has 1461 days; training, purge and half a test take 3050'],
    ['walkforward={"trainBars":2000,"testBars":100}', 'training, purge and half a test take 2050'],
    ['walkforward={"trainDays":3000}', 'expected trainDays and testDays, or trainBars and testBars, and not both'],
    ['walkforward={"trainDays":100,"testBars":3}', 'expected trainDays and testDays, or trainBars and testBars, and not both'],
  ])('%s is refused', (set, message) => {
    const { code, error } = desk.playhead(['walkforward', 'walk.yaml', '-q', '--set', set]);
    expect(code).toBe(2);
    expect(error).toContain(message);
  });

  test('a scenario without the block is told how to have one', () => {
    expect(desk.playhead(['walkforward', 'scenario.yaml', '-q']).error).toMatch(/has no walkforward block; expected one such as/);
  });
});
