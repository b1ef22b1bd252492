import { appendFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadWalkForward } from '../../data/stores/walkforward-store.ts';
import { metricsByName } from '../../engine/metrics/catalogue.ts';
import { createDesk, type Desk } from '../desk.test.helper.ts';
import { documentOf, endedAt, idsOf, lineCountOf } from './search.test.helper.ts';
import type { WalkForwardDetails } from './walkforward-spec.ts';

interface WalkForwardDocument {
  readonly id: string;
  readonly walkForwardHash: string;
  readonly folds: {
    readonly train: { fromMs: number; toMs: number };
    readonly test: { fromMs: number; toMs: number };
    readonly parameters: Record<string, number>;
    readonly trainMetrics: Record<string, number>;
    readonly testMetrics: Record<string, number>;
    readonly keepsConstraints: boolean;
    readonly runHash: string;
    readonly initialCapital: number;
  }[];
  readonly metrics: Record<string, number>;
  readonly tStatistic: number;
  readonly sharpeInterval: { low: number; high: number };
  readonly equity: { timeMs: number[]; equityQuote: number[] };
  readonly trades: Record<string, number>[];
}

let desk: Desk;
/** walk.yaml as it stands. */
let whole: WalkForwardDocument;

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
  whole = walk();
}, 60_000);

afterAll(() => desk.remove());

function walk(args: readonly string[] = []): WalkForwardDocument {
  return documentOf(desk, ['walkforward', 'walk.yaml', ...args]);
}

const home = () => join(desk.path, '.playhead');
const walkIds = (): string[] => idsOf(desk, 'walkforwards');
const foldsPath = (id: string) => join(home(), 'walkforwards', id, 'folds.ndjson');

/** Starts a walk-forward and does something to its process once so many of its folds have chosen. */
const walkUntil = (lineCount: number, signal: NodeJS.Signals) =>
  endedAt(desk, ['walkforward', 'walk.yaml', '--jobs', '1'], { log: 'folds.ndjson', lineCount, signal });

const iso = (timeMs: number) => new Date(timeMs).toISOString();

/** A window as a user would set it by hand. */
const windowSets = ({ fromMs, toMs }: { fromMs: number; toMs: number }) => [
  '--set',
  `data.from=${iso(fromMs)}`,
  '--set',
  `data.to=${iso(toMs)}`,
];

/** Figures that JSON has a number for: the others are told as text or null. */
const finiteOf = (figures: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(figures).map(([name, value]) => [name, typeof value === 'number' ? value : null]));

describe('playhead walkforward', () => {
  test('is what single runs by hand give, fold by fold: choice, hash, capital, trades, curve', () => {
    const { folds, trades, equity } = whole;
    expect(folds).toHaveLength(4);
    let capital = 10_000;
    const rows: [number, number][] = [];
    const byHand: Record<string, number>[] = [];
    for (const fold of folds) {
      const swept = desk.playhead(['sweep', 'walk.yaml', '--json', '-q', '--no-report', '--top', '1', ...windowSets(fold.train)]);
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
    const { metrics, equity, trades, folds } = whole;
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
    expect(walk(['--jobs', '1']).walkForwardHash).toBe(whole.walkForwardHash);
    expect(walk(['--jobs', '3', '--memory', '1']).walkForwardHash).toBe(whole.walkForwardHash);
  }, 60_000);

  test('stopped by Ctrl-C it says how to go on, and goes on to the same hash', async () => {
    const { code, error } = await walkUntil(1, 'SIGINT');
    expect(code).toBe(130);
    const id = walkIds().at(-1) as string;
    const [, ended] = /stopped after (\d) of 4 trainings; go on with "npx playhead walkforward --resume ([^"]+)"/.exec(error) ?? [];
    expect(Number(ended)).toBeGreaterThanOrEqual(1);
    expect(error).toContain(`--resume ${id}"`);
    expect(walk(['--resume', id])).toMatchObject({ id, walkForwardHash: whole.walkForwardHash });
  }, 60_000);

  test('killed at any fold, a line cut in two, it goes on to the same hash', async () => {
    // As a kill leaves it that comes before the head is written.
    mkdirSync(join(home(), 'walkforwards', '29991231-235959-00000000'));
    for (const foldCount of [0, 3]) {
      expect((await walkUntil(foldCount, 'SIGKILL')).code).toBe(null);
      const id = walkIds().at(-1) as string;
      const logged = lineCountOf(desk, 'walkforwards', { id, log: 'folds.ndjson' });
      appendFileSync(foldsPath(id), '{"fold":3,"trainMet');
      expect(loadWalkForward(home(), id)).toMatchObject({ choices: { length: logged }, end: null });
      expect(walk(['--resume', 'last', '--jobs', '2'])).toMatchObject({ id, walkForwardHash: whole.walkForwardHash, folds: whole.folds });
    }
  }, 60_000);

  test('one whose inputs changed cannot be resumed: what changed is named', async () => {
    await walkUntil(1, 'SIGKILL');
    const resumed = (set: string) => desk.playhead(['walkforward', 'walk.yaml', '-q', '--resume', 'last', '--set', set]);
    for (const [set, part] of [
      ['walkforward.testDays=200', 'walkforward changed since it began \\(walkforward.testDays from 250 to 200\\)'],
      ['search.objective=sharpeRatio', 'choice changed since it began \\(search.objective from "returnFraction" to "sharpeRatio"\\)'],
    ]) {
      const { code, error } = resumed(set);
      expect(code).toBe(4);
      expect(error).toMatch(new RegExp(`walk-forward \\S+ cannot be resumed: ${part}`));
    }
    expect(desk.playhead(['walkforward', 'walk.yaml', '-q', '--resume', 'lsat']).error).toMatch(
      /no walk-forward is called "lsat"; did you mean "last"/,
    );
  }, 30_000);

  test('what is stored is what was told', () => {
    const told = whole;
    const { head, choices, end } = loadWalkForward<WalkForwardDetails>(home(), told.id);
    expect(head.details).toMatchObject({ dimensions: ['fast', 'slow'], objective: 'returnFraction', strategyName: 'my-first' });
    expect(head.details.folds).toEqual(told.folds.map(({ train, test }) => ({ train, test })));
    expect(choices.map(({ parameters }) => parameters)).toEqual(told.folds.map(({ parameters }) => parameters));
    const plain = (figures: object): unknown => JSON.parse(JSON.stringify(figures));
    choices.forEach(({ fold, chosen, objectives, trainMetrics }, k) => {
      expect(fold).toBe(k);
      expect(objectives[chosen]).toBe(Math.max(...objectives));
      expect(objectives[chosen]).toBe(told.folds[k].trainMetrics.returnFraction);
      expect(plain(metricsByName(trainMetrics))).toEqual(finiteOf(told.folds[k].trainMetrics));
    });
    expect(end).toMatchObject({ walkForwardHash: told.walkForwardHash, tStatistic: told.tStatistic, sharpeInterval: told.sharpeInterval });
    expect(end?.tests.map(({ runHash }) => runHash)).toEqual(told.folds.map(({ runHash }) => runHash));
    expect(end?.daily.equityQuote.at(-1)).toBe(told.equity.equityQuote.at(-1));
    expect(plain(metricsByName(end?.metrics ?? new Float64Array(0)))).toEqual(finiteOf(told.metrics));
  }, 30_000);

  test('a fold whose trials all break the constraints says so', () => {
    const set = ['--set', 'search.constraints=["tradeCount > 3"]', '--set', 'search.parameters={"fast":[10,20],"slow":[60]}'];
    const { folds } = walk(set);
    const broken = folds.flatMap(({ keepsConstraints }, k) => (keepsConstraints ? [] : [k + 1]));
    expect(folds.map(({ keepsConstraints, trainMetrics }) => keepsConstraints === trainMetrics.tradeCount > 3)).not.toContain(false);
    expect(broken.length).toBeGreaterThan(0);
    const { out } = desk.playhead(['walkforward', 'walk.yaml', '-q', '--no-report', ...set]);
    expect(out).toMatch(new RegExp(`! no trial of folds? ${broken.join(', ')} kept the constraints`));
  }, 30_000);

  test('by tpe each training is a search of its own, the one that sweep gives of its window', () => {
    const tpe = [
      '--set',
      'search.method=tpe',
      '--set',
      'search.trials=12',
      '--set',
      'search.batch=3',
      '--set',
      'search.parameters.fast={"from":2,"to":25}',
    ];
    const { folds, walkForwardHash } = walk([...tpe, '--jobs', '1']);
    expect(walk([...tpe, '--jobs', '3', '--memory', '1']).walkForwardHash).toBe(walkForwardHash);
    for (const fold of folds.slice(0, 1)) {
      const swept = desk.playhead(['sweep', 'walk.yaml', '--json', '-q', '--top', '1', ...tpe, ...windowSets(fold.train)]);
      const [best] = (JSON.parse(swept.out) as { best: { parameters: object; metrics: object }[] }).best;
      expect(fold.parameters).toEqual(best.parameters);
      expect(fold.trainMetrics).toEqual(best.metrics);
    }
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
    [
      'walkforward={"trainDays":90,"testDays":2}',
      'the test of fold 2, 2010-04-03T00:00:00.000Z to 2010-04-05T00:00:00.000Z, holds no whole bar',
    ],
    ['walkforward={"trainDays":100,"testBars":3}', 'expected trainDays and testDays, or trainBars and testBars, and not both'],
  ])('%s is refused', (set, message) => {
    const { code, error } = desk.playhead(['walkforward', 'walk.yaml', '-q', '--set', set]);
    expect(code).toBe(2);
    expect(error).toContain(message);
  });

  test('writes a report beside the walk-forward, which can be made again from what is stored', () => {
    const { code, out } = desk.playhead(['walkforward', 'walk.yaml', '-q']);
    expect(code).toBe(0);
    const [, path] = /^report {7}(.+)$/m.exec(out) ?? ['', ''];
    const [, id] = /^walk-forward (\S+)$/m.exec(out) ?? ['', ''];
    expect(path).toBe(join(desk.path, '.playhead', 'walkforwards', id, 'report.html'));
    const html = readFileSync(path, 'utf8');
    expect(html).toContain('4 folds');
    expect(html).toContain(/^hash {9}(\S+)$/m.exec(out)?.[1] ?? 'no hash');
    for (const wanted of [id, 'last-walkforward']) {
      rmSync(path);
      expect(JSON.parse(desk.playhead(['report', wanted, '--json']).out)).toEqual({ id, report: path });
      expect(readFileSync(path, 'utf8') === html).toBe(true);
    }
  }, 60_000);

  test('a scenario without the block is told how to have one', () => {
    expect(desk.playhead(['walkforward', 'scenario.yaml', '-q']).error).toMatch(/has no walkforward block; expected one such as/);
  });
});
