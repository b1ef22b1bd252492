import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ledgerEntry } from '../../data/stores/trial-ledger.ts';
import { createDesk, type Desk } from '../desk.test.helper.ts';
import { documentOf, endedAt, setsOf } from './search.test.helper.ts';

interface SweepDocument {
  readonly id: string;
  readonly trialCount: number;
  readonly failedCount: number;
  readonly sweepHash: string;
  readonly best: { readonly index: number; readonly parameters: Record<string, number>; readonly trialHash: string }[];
  readonly notes: readonly string[];
  readonly shorterRungs: { readonly fromMs: number; readonly toMs: number; readonly trialCount: number; readonly failedCount: number }[];
}

let desk: Desk;
const home = (): string => join(desk.path, '.playhead');
const halving = 'search.halving={"eta":3,"rungs":3}';

beforeAll(() => {
  desk = createDesk();
  writeFileSync(
    join(desk.path, 'sweep.yaml'),
    `extends: ./scenario.yaml
name: sweep
search:
  parameters:
    fast: { from: 5, to: 25, step: 5 }
    slow: [20, 50, 80, 110]
  where: [fast < slow]
  objective: returnFraction
  constraints: [tradeCount >= 6]
`,
  );
}, 60_000);

afterAll(() => desk.remove());

function sweep(
  sets: readonly string[],
  { args = [], scenario = 'sweep.yaml' }: { args?: readonly string[]; scenario?: string } = {},
): SweepDocument {
  return documentOf(desk, ['sweep', scenario, '--top', '100', ...setsOf(sets), ...args]);
}

describe('a sweep by halving', () => {
  test('plays what sweeps of the longer and longer windows by hand leave, its constraints asked of the whole alone, and enters every trial into the ledger with its own', () => {
    const halved = sweep([halving]);
    expect(halved.trialCount).toBe(18 + 6 + 2);
    expect(halved.shorterRungs.map(({ trialCount }) => trialCount)).toEqual([18, 6]);
    expect(halved.best).toHaveLength(2);

    let left: number[] = [];
    halved.shorterRungs.forEach(({ toMs, fromMs, trialCount }, k) => {
      const { best } = sweep([`data.to=${new Date(toMs).toISOString()}`, 'search.constraints=[]']);
      const ranked = k === 0 ? best : best.filter(({ index }) => left.includes(index));
      left = ranked.slice(0, [6, 2][k]).map(({ index }) => index);
      const entry = ledgerEntry(home(), `${halved.id}-rung-${k + 1}`)?.head;
      expect(entry).toMatchObject({ fromMs, toMs });
      expect(entry?.trials).toHaveLength(trialCount);
      expect(new Set(entry?.trials.map(({ trialHash }) => trialHash))).toEqual(new Set(ranked.map(({ trialHash }) => trialHash)));
    });
    expect(halved.best.map(({ index }) => index).sort()).toEqual(left.sort());
    const { best } = sweep([]);
    expect(halved.best.map(({ trialHash }) => trialHash)).toEqual(
      best.filter(({ index }) => left.includes(index)).map(({ trialHash }) => trialHash),
    );
    expect(halved.notes).toContain('constraints are asked of the whole window alone: on parts of it the objective ranks by itself');
    // A ninth of the bars, a third, all: the cut is where a bar opens.
    const { metrics: whole } = desk.runJson('scenario.yaml', []);
    const { metrics: first } = desk.runJson('scenario.yaml', ['--set', `data.to=${new Date(halved.shorterRungs[0].toMs).toISOString()}`]);
    expect(first.rowCount).toBe(Math.ceil(Number(whole.rowCount) / 9));
  }, 60_000);

  test('gives one hash whatever threads, chunks and stops', async () => {
    const { sweepHash } = sweep([halving], { args: ['--jobs', '2'] });
    expect(sweep([halving], { args: ['--jobs', '1', '--chunk', '4', '--memory', '1'] }).sweepHash).toBe(sweepHash);
    // Within the first rung, and within the second.
    for (const [log, lineCount] of [
      ['rung-1.ndjson', 5],
      ['rung-2.ndjson', 2],
    ] as const) {
      await endedAt(desk, ['sweep', 'sweep.yaml', '-q', '--chunk', '1', '--jobs', '1', '--set', halving], {
        log,
        lineCount,
        signal: 'SIGKILL',
      });
      const resumed = sweep([halving], { args: ['--resume', 'last'] });
      expect(resumed.sweepHash).toBe(sweepHash);
    }
    expect(sweep(['search.halving={"eta":2,"rungs":3}']).sweepHash).not.toBe(sweepHash);
    expect(sweep([halving, 'search.constraints=[]'])).toMatchObject({ sweepHash, notes: [expect.stringMatching(/^halving: /)] });
  }, 60_000);

  test('drops what fails, says so, and of sets that all fail leaves none', () => {
    const text = `import { defineStrategy, integer } from 'playhead';
export default defineStrategy({
  name: 'fragile',
  parameters: { fast: integer(1, { min: 1, max: 9 }) },
  setup({ parameters }) {
    let bar = 0;
    return {
      onBar({ order }) {
        bar++;
        if (parameters.fast < 8 && bar === 50) throw new Error('early');
        if (bar === parameters.fast) order.market({ side: 1, sizeBase: 1 });
      },
    };
  },
});
`;
    const scenario = desk.writeScenario(
      'fragile',
      text,
      `search: { parameters: { fast: { from: 1, to: 9 } }, halving: { eta: 2, rungs: 2 } }\n`,
    );
    const { shorterRungs, best, failedCount } = sweep([], { scenario });
    expect(shorterRungs).toMatchObject([{ trialCount: 9, failedCount: 7 }]);
    expect(best.map(({ parameters }) => parameters.fast).sort()).toEqual([8, 9]);
    expect(failedCount).toBe(7);
    const { out } = desk.playhead(['sweep', scenario, '-q', '--set', 'search.parameters.fast=[1,2]']);
    expect(out).toMatch(/halving: 2 up to \d{4}-\d\d-\d\d, 0 on the whole window/);
    expect(out).toMatch(/2 × STRATEGY_THREW: .*early.*first trial 0: fast=1/);
    const judged = desk.playhead(['overfit', 'last', '-q']);
    expect(judged).toMatchObject({ code: 4 });
    expect(judged.error).toContain('has nothing to judge: all its trials failed');
  }, 60_000);

  test('is judged by what it can be: never as proven, and from all that it tried', () => {
    const { id } = sweep([halving]);
    const { out } = desk.playhead(['overfit', id, '-q', '--json', '--replicates', '100']);
    const { report } = JSON.parse(out) as { report: { verdict: string; reasons: string[]; trialCount: number; trialCountAll: number } };
    expect(report.verdict).not.toBe('holds');
    expect(report.trialCount).toBe(2);
    expect(report.trialCountAll).toBeGreaterThanOrEqual(26);
    expect(report.reasons.at(-1)).toContain('halving dropped the other sets');
  }, 30_000);

  test('in a walk-forward halves each training, as a sweep of its window does', () => {
    const sets = ['data.from=2010-01-01', 'data.to=2013-01-01', 'walkforward={"trainDays":365,"testDays":365}', halving];
    const { out, code } = desk.playhead(['walkforward', 'sweep.yaml', '--json', '-q', ...sets.flatMap((set) => ['--set', set])]);
    expect(code).toBe(0);
    const { folds } = JSON.parse(out) as { folds: { train: { fromMs: number; toMs: number }; parameters: object }[] };
    const [{ train, parameters }] = folds;
    const window = [`data.from=${new Date(train.fromMs).toISOString()}`, `data.to=${new Date(train.toMs).toISOString()}`];
    expect(sweep([halving, ...window]).best[0].parameters).toEqual(parameters);
  }, 30_000);

  test.each([
    ['search.halving={"eta":3,"rungs":8}', /the first of 8 rungs has \d of the window's \d+ bars, expected 10 or more/],
    ['search.halving={"eta":1}', /search\.halving\.eta/],
    ['search={"method":"tpe","halving":{},"parameters":{"fast":[5]}}', /tpe, which learns from figures of the whole window/],
  ])('%s is refused before anything is played', (set, message) => {
    const before = readdirSync(join(home(), 'sweeps')).length;
    const { code, error } = desk.playhead(['sweep', 'sweep.yaml', '-q', '--set', set]);
    expect(code).toBe(2);
    expect(error).toMatch(message);
    expect(error).toContain('--set search');
    expect(readdirSync(join(home(), 'sweeps'))).toHaveLength(before);
  });
});
