import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openCatalogue } from '../data/catalogue.ts';
import { importSynthetic } from '../data/import-columns.ts';
import { importVegaSp500 } from '../data/import-vega-sp500.ts';
import { resampleSeries } from '../data/resample-series.ts';
import { createDesk, type Desk, strategy } from './desk.test.helper.ts';
import { explain, run } from './playhead.ts';

const scenario = fileURLToPath(new URL('moving-average-cross.yaml', import.meta.url));
let home: string;

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'playhead-explain-'));
  await importVegaSp500(openCatalogue(home));
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

describe('the S&P 500 explained', () => {
  test.each(['playhead', 'backtesting.py'] as const)(
    'against %s both ends are the runs of that name, and the switches lead from one to the other',
    async (against) => {
      const own = await run(scenario, { home, store: false });
      const other = await run(scenario, { home, store: false, set: [`semantics=${against}`] });
      const explanation = await explain(scenario, { home, against });
      expect([explanation.runHash, explanation.runHashAfter]).toEqual([own.result.certificate.runHash, other.result.certificate.runHash]);
      expect(explanation.equityQuoteFinal).toBe(own.result.metrics.equityQuoteFinal);
      expect(explanation.rules.at(-1)?.equityQuoteFinal ?? explanation.equityQuoteFinal).toBe(other.result.metrics.equityQuoteFinal);
      const differing = explanation.trades.length + explanation.restoredCount;
      expect(explanation.rules.reduce((sum, rule) => sum + rule.firstChangedCount, 0)).toBe(differing);
      if (against === 'playhead') expect(explanation.rules).toEqual([]);
    },
  );

  test('fills at the close that decides belong to marketFill, with entry and exit before and after', async () => {
    const { trades, rules } = await explain(scenario, { home, against: 'vectorbt' });
    expect(trades).toHaveLength(15);
    expect(trades.every((trade) => trade.rule === 'marketFill')).toBe(true);
    expect(rules[1]).toMatchObject({ rule: 'marketFill', from: 'nextOpen', to: 'close', changedCount: 15, firstChangedCount: 15 });
    const [first] = trades;
    expect((first.before?.entryMs ?? 0) - (first.after?.entryMs ?? 0)).toBeGreaterThanOrEqual(0);
    expect(first.before?.entryPriceQuote).not.toBe(first.after?.entryPriceQuote);
  });

  test('a stored run is explained as it was played, and as its scenario is', async () => {
    const stored = await run(scenario, { home, set: ['strategy.parameters.fast=30', 'expect={}'] });
    const byRun = await explain(stored.id, { home, against: 'backtrader' });
    const byScenario = await explain(scenario, { home, against: 'backtrader', set: ['strategy.parameters.fast=30', 'expect={}'] });
    expect({ ...byRun, name: '' }).toEqual({ ...byScenario, name: '' });
    expect(byRun.runHash).toBe(stored.result.certificate.runHash);
    await expect(explain(stored.id, { home, against: 'backtrader', set: ['seed=2'] })).rejects.toMatchObject({ code: 'USAGE' });
  });

  test('a rule left out stays as it is, and the others are explained without it', async () => {
    const options = { home, set: ['account.initialCapital=100'], against: 'backtesting.py' } as const;
    const all = await explain(scenario, options);
    const emptied = all.rules.findIndex(({ rule }) => rule === 'grid');
    expect(all.rules[emptied - 1].tradeCount).toBeGreaterThan(10);
    expect(all.rules.slice(emptied).map(({ tradeCount, changedCount }) => [tradeCount, changedCount > 0])).toEqual(
      all.rules.slice(emptied).map(({ rule }) => [0, rule === 'grid']),
    );
    const rest = await explain(scenario, { ...options, without: ['grid'] });
    expect(rest.rules.map(({ rule }) => rule)).toEqual(all.rules.map(({ rule }) => rule).filter((rule) => rule !== 'grid'));
    expect(rest.rules.at(-1)?.tradeCount).toBeGreaterThan(10);
  });

  test('what the scenario states of fills goes with its own side alone', async () => {
    const stated = await explain(scenario, { home, against: 'backtrader', set: ['fills.market=close'] });
    expect(stated.rules.map((rule) => rule.rule)).toEqual(['limitFill', 'marketFill', 'protectsFrom', 'trailFollows']);
  });
});

describe('brackets that finer bars decide', () => {
  const path = (): string => join(home, 'tight.yaml');
  beforeAll(async () => {
    const catalogue = openCatalogue(home);
    const market = { seed: 7, symbol: 'SYN/USD', bars: 6_000, startMs: Date.UTC(2024, 0, 1), startPrice: 1_000, tick: 0.01 };
    await importSynthetic(catalogue, market);
    await resampleSeries(catalogue, { symbol: 'SYN/USD', from: '1m', to: '1h' });
    const body = `if (position.isFlat && position.pendingOrderCount === 0) order.market({ side: 1, sizeBase: 1, stopLoss: { fraction: 0.002 }, takeProfit: { fraction: 0.002 } });`;
    writeFileSync(join(home, 'tight.ts'), strategy(body));
    writeFileSync(
      path(),
      'name: tight\ndata: { series: [{ venue: synthetic, symbol: SYN/USD, timeframe: 1h }] }\nstrategy: { file: ./tight.ts }\naccount: { kind: frictionless }\nfills: { ambiguous: refine, refineWith: 1m }\n',
    );
  });

  test('are decided by them in every run, as in runs of their own', async () => {
    const own = await run(path(), { home, store: false });
    const other = await run(path(), { home, store: false, set: ['semantics=backtrader'] });
    expect(own.result.decidedBarCount).toBeGreaterThan(3);
    const explanation = await explain(path(), { home, against: 'backtrader' });
    expect([explanation.runHash, explanation.runHashAfter]).toEqual([own.result.certificate.runHash, other.result.certificate.runHash]);
    const protects = explanation.rules.find((rule) => rule.rule === 'protectsFrom');
    expect(protects?.changedCount).toBeGreaterThan(5);
  });

  test('what the strategy throws under one rule alone names the rule and the line', async () => {
    writeFileSync(
      join(home, 'tight.ts'),
      strategy(`if (calls === 1) order.market({ side: 1, sizeBase: 1, stopLoss: { fraction: 0.00001 } });
        if (calls === 2 && !position.isFlat) throw new Error('still held');`),
    );
    const thrown = explain(path(), { home, against: 'backtrader' });
    await expect(thrown).rejects.toMatchObject({
      code: 'STRATEGY_THREW',
      message: expect.stringMatching(/tight\.ts:\d+:\d+: Error: still held.* under protectsFrom: nextBar/s),
    });
  });
});

describe('the command', () => {
  let desk: Desk;
  beforeAll(() => {
    desk = createDesk();
  });
  afterAll(() => desk.remove());

  test('prints the table of rules, then the trades; --json the whole document', () => {
    const { code, out } = desk.playhead(['explain', 'scenario.yaml', '--against', 'vectorbt', '-q']);
    expect(code).toBe(0);
    expect(out).toMatch(/^rule +switched +equity in USD +difference +trades +first$/m);
    expect(out).toMatch(/^marketFill +nextOpen → close +[\d.,]+ +[−+][\d.,]+ +\d+ +\d+$/m);
    expect(out).toMatch(/^trades: 15 trades before, 15 after, 15 differ$/m);
    expect(out).toMatch(/ marketFill \(entry\)/);
    expect(out).toContain('Attributed in this order');
    const against = desk.playhead(['explain', 'scenario.yaml', '--against', 'backtrader', '-q', '--json']);
    const document = JSON.parse(against.out) as { rules: { rule: string }[]; trades: unknown[] };
    expect(document.rules.map((rule) => rule.rule)).toEqual(['limitFill', 'protectsFrom', 'trailFollows']);
    expect(document.trades).toEqual([]);
  });

  test('says which switch left no trade, and how to leave it out; its progress is a number', () => {
    const args = ['explain', 'scenario.yaml', '--against', 'backtesting.py', '--set', 'account.initialCapital=100'];
    const { code, out, error } = desk.playhead(args);
    expect(code).toBe(0);
    expect(error).not.toContain('NaN');
    expect(out).toContain('No trade is left behind grid (sizes are whole units and prices are taken as they are)');
    expect(out).toContain('"--without grid" leaves that rule as it is');
    const rest = desk.playhead([...args, '-q', '--without', 'grid']).out;
    expect(rest).toMatch(/^desk: the rules of playhead against those of backtesting\.py without grid, one at a time/);
    expect(rest).not.toContain('No trade is left');
  });

  test.each([
    [['scenario.yaml', '--against', 'backtesting.py', '--without', 'gird'], /--without: was "gird", .*; did you mean "grid"\?/],
    [['scenario.yaml', '--against', 'backtradr'], /was "backtradr", expected one of playhead, .*; did you mean "backtrader"\?/],
    [['scenario.yaml'], /required option '--against <profile>' not specified/],
    [['nothing-there.yaml', '--against', 'backtrader'], /SCENARIO_NOT_FOUND/],
    [['nothing-there', '--against', 'backtrader'], /RUN_NOT_FOUND/],
  ])('%j is refused', (args, message) => {
    const { code, error } = desk.playhead(['explain', ...args]);
    expect(error).toMatch(message);
    expect(code).toBeGreaterThan(1);
  });
});
