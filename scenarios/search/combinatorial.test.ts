import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readLedger } from '../../data/stores/trial-ledger.ts';
import { loadWalkForward } from '../../data/stores/walkforward-store.ts';
import { sharpeRatio } from '../../engine/metrics/ratios.ts';
import { dailyReturnsOf } from '../../engine/optimiser/stitched.ts';
import { createDesk, type Desk } from '../desk.test.helper.ts';
import { walkForwardSchema } from '../search-schema.ts';
import { documentOf, endedAt, idsOf } from './search.test.helper.ts';

interface Split {
  readonly tested: readonly number[];
  readonly chosen: number;
  readonly parameters: Record<string, number>;
  readonly trained: number;
  readonly testedObjective: number;
}

interface CombinatorialDocument {
  readonly id: string;
  readonly walkForwardHash: string;
  readonly trialCount: number;
  readonly dayMs: readonly number[];
  readonly groups: readonly { readonly fromDay: number; readonly toDay: number; readonly dayCount: number }[];
  readonly splits: readonly Split[];
  readonly paths: readonly { readonly splits: readonly number[]; readonly dailyReturns: readonly number[]; readonly sharpeRatio: number }[];
}

let desk: Desk;
let whole: CombinatorialDocument;
const home = () => join(desk.path, '.playhead');

beforeAll(() => {
  desk = createDesk();
  writeFileSync(
    join(desk.path, 'paths.yaml'),
    `extends: ./scenario.yaml
name: paths
data: { from: 2010-01-01, to: 2012-01-01 }
search: { parameters: { fast: [5, 10, 20], slow: [30, 60] } }
walkforward: { scheme: combinatorial, purgeDays: 5, embargoDays: 10 }
`,
  );
  whole = combined();
}, 60_000);

afterAll(() => desk.remove());

function combined(args: readonly string[] = []): CombinatorialDocument {
  return documentOf(desk, ['walkforward', 'paths.yaml', ...args]);
}

/** Daily returns of every trial, by its parameters, as the ledger has them. */
function ledgerReturns(): Map<string, Float64Array> {
  const market = { markets: [{ venue: 'index', symbol: 'SP500/USD' }], fromMs: Date.UTC(2010, 0), toMs: Date.UTC(2012, 0) };
  const entries = readLedger(home(), market).filter(({ head }) => head.id.startsWith('walkforward-') && head.trials.length === 6);
  expect(entries).toHaveLength(1);
  const [{ head, dailyQuote }] = entries;
  return new Map(
    head.trials.map(({ parameters }, k) => [
      JSON.stringify([parameters.fast, parameters.slow]),
      dailyReturnsOf(dailyQuote.subarray(k * head.dayCount, (k + 1) * head.dayCount), head.initialCapitalQuote),
    ]),
  );
}

describe('playhead walkforward, scheme combinatorial', () => {
  test('each split takes the best of its training days, and each path the days of what was chosen', () => {
    const { splits, paths, groups, dayMs } = whole;
    expect([splits.length, paths.length, groups.length]).toEqual([15, 5, 6]);
    const returns = ledgerReturns();
    const day = (ms: number): number => Math.floor((ms - 1) / 86_400_000);
    const rates = { periodsPerYear: 252, ratePerPeriod: 0 };
    for (const { tested, parameters, trained, testedObjective } of splits) {
      const blocks = tested.map((group) => [day(groups[group].fromDay), day(groups[group].toDay)] as const);
      const isTested = (ms: number): boolean => blocks.some(([first, last]) => day(ms) >= first && day(ms) <= last);
      const isFar = (ms: number): boolean => blocks.every(([first, last]) => day(ms) < first - 5 || day(ms) > last + 15);
      const over = (column: Float64Array, holds: (ms: number) => boolean): number =>
        sharpeRatio(
          column.filter((_, row) => holds(dayMs[row])),
          rates,
        );
      const best = Math.max(...[...returns.values()].map((column) => over(column, isFar)));
      expect(trained).toBeCloseTo(best, 12);
      const own = returns.get(JSON.stringify([parameters.fast, parameters.slow])) as Float64Array;
      expect(over(own, isFar)).toBeCloseTo(best, 12);
      expect(testedObjective).toBeCloseTo(over(own, isTested), 12);
    }
    for (const { splits: of, dailyReturns, sharpeRatio: told } of paths) {
      groups.forEach(({ fromDay, toDay }, group) => {
        const { fast, slow } = splits[of[group]].parameters;
        const column = returns.get(JSON.stringify([fast, slow])) as Float64Array;
        const rows = [...dayMs.keys()].filter((row) => dayMs[row] >= fromDay && dayMs[row] <= toDay);
        expect(rows.map((row) => dailyReturns[row])).toEqual(rows.map((row) => column[row]));
      });
      expect(told).toBeCloseTo(sharpeRatio(Float64Array.from(dailyReturns), rates), 12);
    }
  });

  test('one parameter set: every path is the one run', () => {
    const { paths } = combined(['--set', 'search.parameters={"fast":[10],"slow":[30]}']);
    const run = desk.runJson('paths.yaml', ['--set', 'strategy.parameters.fast=10', '--set', 'strategy.parameters.slow=30']);
    for (const { sharpeRatio: told } of paths) expect(told).toBeCloseTo(run.metrics.sharpeRatio as number, 12);
  }, 30_000);

  test('gives one hash whatever threads, killed and gone on with or not; what is stored is what was told', async () => {
    const before = new Set(idsOf(desk, 'walkforwards'));
    await endedAt(desk, ['walkforward', 'paths.yaml', '-q', '--jobs', '1'], { log: 'trials.ndjson', lineCount: 1, signal: 'SIGKILL' });
    const resumed = combined(['--resume', 'last', '--jobs', '3']);
    expect(before.has(resumed.id)).toBe(false);
    expect(resumed.walkForwardHash).toBe(whole.walkForwardHash);
    const { end, combinatorial, choices } = loadWalkForward(home(), resumed.id);
    expect([end, choices]).toEqual([null, []]);
    expect(combinatorial).toMatchObject({ walkForwardHash: whole.walkForwardHash, trialCount: 6 });
    expect(combinatorial?.splits).toEqual(whole.splits);
    expect(combinatorial?.paths.map((path) => [...path.dailyReturns])).toEqual(whole.paths.map(({ dailyReturns }) => dailyReturns));
  }, 60_000);

  test('tells the paths and how far they lie apart', () => {
    const { out } = desk.playhead(['walkforward', 'paths.yaml', '-q']);
    const shown = whole.paths.map(({ sharpeRatio: one }) => one).toSorted((a, b) => a - b);
    const text = (value: number): string => value.toFixed(2).replace('-', '−');
    expect(out).toContain(`from ${text(shown[0])} over ${text(shown[2])} to ${text(shown[4])}`);
    expect(out.match(/^path \d: Sharpe/gm)).toHaveLength(5);
    expect(out).toContain('paths share days and are not independent');
    const [, report] = /^report {7}(.+)$/m.exec(out) ?? ['', ''];
    const html = readFileSync(report, 'utf8');
    expect(html).toContain('5 paths');
    expect(JSON.parse(desk.playhead(['report', 'last-walkforward', '--json']).out).report).toBe(report);
    expect(readFileSync(report, 'utf8') === html).toBe(true);
  }, 30_000);

  test.each([
    ['walkforward.purgeDays=400', 'leave 0 to train on where 2 are tested'],
    ['search.constraints=["tradeCount > 3"]', 'days cut out of a run do not tell tradeCount'],
    ['search.objective=profitFactor', 'days cut out of a run do not tell profitFactor'],
    ['search.method=tpe', 'have seen every test'],
    ['search.halving={}', 'have seen every test'],
  ])('%s is refused with its place', (set, message) => {
    const { code, error } = desk.playhead(['walkforward', 'paths.yaml', '-q', '--set', set]);
    expect([code, error]).toEqual([2, expect.stringContaining(message)]);
    expect(error).toMatch(/paths\.yaml:5:14 walkforward|--set search\./);
  });

  test.each([
    [{ trainDays: 5 }, 'no lengths of training and test'],
    [{ positions: 'carry' }, 'there are no seams'],
    [{ testGroups: 6 }, 'testGroups was 6 of 6 groups'],
    [{ groups: 20, testGroups: 10 }, 'can be chosen in 184756 ways, expected 1000 or fewer'],
    [{ scheme: 'rolling', trainDays: 300, testDays: 100, embargoDays: 3 }, 'embargoDays is of scheme: combinatorial'],
    [{ scheme: 'anchored', trainDays: 300, testDays: 100, groups: 3 }, 'groups and testGroups are of scheme: combinatorial'],
  ])('%j is no walkforward block', (block, message) => {
    const { error } = walkForwardSchema.safeParse({ scheme: 'combinatorial', ...block });
    expect(error?.issues.map((issue) => issue.message)).toEqual([expect.stringContaining(message)]);
  });
});
