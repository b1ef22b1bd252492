import { readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readLedger } from '../../data/stores/trial-ledger.ts';
import { createDesk, type Desk } from '../desk.test.helper.ts';
import { documentOf, endedAt, idsOf, lineCountOf } from './search.test.helper.ts';

interface SweepDocument {
  readonly id: string;
  readonly trialCount: number;
  readonly sweepHash: string;
  readonly failedCount: number;
  readonly ledger: Record<string, number>;
  readonly plateau: {
    readonly best: { readonly index: number; readonly score: number; readonly count: number; readonly scoreMean: number };
    readonly smoothed: { readonly index: number };
  };
  readonly best: {
    readonly index: number;
    readonly parameters: Record<string, number>;
    readonly trialHash: string;
    readonly metrics: Record<string, number>;
    readonly failure: { code: string; message: string } | null;
  }[];
}

let desk: Desk;
const home = (): string => join(desk.path, '.playhead');

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
  constraints: [tradeCount >= 25]
`,
  );
}, 60_000);

afterAll(() => desk.remove());

function sweep(args: readonly string[] = [], scenario = 'sweep.yaml'): SweepDocument {
  return documentOf(desk, ['sweep', scenario, '--top', '100', ...args]);
}

/** Runs a sweep and does something to its process once its log holds so many trials. */
async function sweepUntil(lineCount: number, signal: NodeJS.Signals, args: readonly string[] = []): Promise<number | null> {
  const given = ['sweep', 'sweep.yaml', '-q', '--chunk', '1', '--jobs', '1', ...args] as const;
  return (await endedAt(desk, given, { log: 'trials.ndjson', lineCount, signal })).code;
}

const ids = (): string[] => idsOf(desk, 'sweeps');
const linesOf = (id: string): number => lineCountOf(desk, 'sweeps', { id, log: 'trials.ndjson' });

function logOf(id: string): string {
  return join(home(), 'sweeps', id, 'trials.ndjson');
}

describe('playhead sweep', () => {
  test('tries every set that its conditions allow, each with the trial hash of a single run', () => {
    const { trialCount, best } = sweep();
    expect(trialCount).toBe(18);
    expect(best.map(({ index }) => index).sort((a, b) => a - b)).toEqual(Array.from({ length: 18 }, (_, i) => i));
    for (const { parameters, trialHash } of [best[0], best[7], best[17]]) {
      const set = Object.entries(parameters).flatMap(([name, value]) => ['--set', `strategy.parameters.${name}=${value}`]);
      expect(desk.runJson('scenario.yaml', set).certificate.trialHash).toBe(trialHash);
    }
  });

  test('ranks by the objective, and those that break a constraint behind all others', () => {
    const { best } = sweep();
    const keeps = best.map(({ metrics }) => metrics.tradeCount >= 25);
    expect(keeps).toContain(false);
    expect(keeps.lastIndexOf(true)).toBeLessThan(keeps.indexOf(false));
    const kept = best.filter((_, i) => keeps[i]).map(({ metrics }) => metrics.returnFraction);
    expect(kept).toEqual([...kept].sort((a, b) => b - a));
  });

  test('says how many keep the constraints, that none does, and that an objective is not defined', () => {
    const notesOf = (...sets: readonly string[]) => desk.playhead(['sweep', 'sweep.yaml', '-q', '--no-report', ...sets]).out;
    const keptCount = sweep().best.filter(({ metrics }) => metrics.tradeCount >= 25).length;
    expect(notesOf()).toContain(`${keptCount} of 18 trials keep the constraints; the others rank behind them`);
    const none = notesOf('--set', 'search.constraints=["tradeCount > 1e6"]', '--set', 'data.to=2008-01-10');
    expect(none).toContain('no trial keeps the constraints: the best of these is the best of those that break one');
    expect(notesOf('--set', 'search.objective=profitFactor', '--set', 'data.to=2008-01-10')).toMatch(
      /profitFactor is not defined for \d+ trials: they rank last/,
    );
  }, 30_000);
  test('tells what the neighbours of its best reach', () => {
    const { best, plateau } = sweep();
    const [{ parameters, index, metrics }] = best;
    const slows = [20, 50, 80, 110];
    const isNear = (other: Record<string, number>): boolean =>
      Math.abs(other.fast - parameters.fast) <= 5 && Math.abs(slows.indexOf(other.slow) - slows.indexOf(parameters.slow)) <= 1;
    const near = best.filter((one) => one.index !== index && isNear(one.parameters)).map((one) => one.metrics.returnFraction);
    expect(near.length).toBeGreaterThan(2);
    expect(plateau.best).toMatchObject({ index, score: metrics.returnFraction, count: near.length });
    expect(plateau.best.scoreMean).toBeCloseTo(near.reduce((sum, value) => sum + value, 0) / near.length, 12);
    const text = desk.playhead(['sweep', 'sweep.yaml', '-q']).out;
    expect(text).toMatch(
      /^plateau: \d+ trials within 1 step of the best \(\+[\d.]+%\) reach .* \(plateau ratio 0\.\d\d\), .* of them earned$/m,
    );
    expect(desk.playhead(['overfit', '--replicates', '100']).out).toContain(/^plateau:.*$/m.exec(text)?.[0]);
  });

  test('gives one hash whatever threads, chunks and memory', () => {
    const { sweepHash } = sweep(['--jobs', '1']);
    expect(sweepHash).toMatch(/^[0-9a-f]{64}$/);
    for (const args of [
      ['--jobs', '2', '--chunk', '1'],
      ['--jobs', '8', '--chunk', '5'],
      ['--jobs', '2', '--memory', '1'],
    ])
      expect(sweep(args).sweepHash, args.join(' ')).toBe(sweepHash);
  });

  test('interrupted or killed it goes on with --resume to the same hash', async () => {
    const whole = sweep();
    expect(await sweepUntil(3, 'SIGINT')).toBe(130);
    const [interrupted] = ids().slice(-1);
    expect(linesOf(interrupted)).toBeGreaterThanOrEqual(3);
    expect(sweep(['--resume', interrupted])).toMatchObject({ id: interrupted, sweepHash: whole.sweepHash });
    for (const trialCount of [1, 8]) {
      expect(await sweepUntil(trialCount, 'SIGKILL')).toBe(null);
      const [killed] = ids().slice(-1);
      // As a kill in mid-write leaves it.
      const bytes = readFileSync(logOf(killed));
      truncateSync(logOf(killed), bytes.length - 20);
      expect(sweep(['--resume', 'last'])).toMatchObject({ id: killed, sweepHash: whole.sweepHash });
    }
  }, 60_000);

  describe('by tpe', () => {
    const tpe = ['--set', 'search.method=tpe', '--set', 'search.trials=14', '--set', 'search.batch=4', '--set', 'search.seed=3'];
    const triedBy = ({ best }: SweepDocument) =>
      [...best].sort((a, b) => a.index - b.index).map(({ parameters, trialHash }) => [parameters, trialHash]);

    test('gives one hash and the same sets whatever threads, chunks, memory, and stops', async () => {
      const whole = sweep(tpe);
      expect(whole.trialCount).toBe(14);
      expect(new Set(whole.best.map(({ parameters }) => JSON.stringify(parameters))).size).toBe(14);
      for (const args of [
        ['--jobs', '1', '--chunk', '3'],
        ['--jobs', '8', '--chunk', '1', '--memory', '1'],
      ]) {
        const other = sweep([...tpe, ...args]);
        expect(other.sweepHash, args.join(' ')).toBe(whole.sweepHash);
        expect(triedBy(other)).toEqual(triedBy(whole));
      }
      // In the middle of a batch, and between two.
      for (const [signal, trialCount] of [
        ['SIGINT', 2],
        ['SIGKILL', 9],
      ] as const) {
        await sweepUntil(trialCount, signal, tpe);
        expect(linesOf(ids().at(-1) as string)).toBeLessThan(14);
        const resumed = sweep(['--resume', 'last', ...tpe]);
        expect(resumed.sweepHash).toBe(whole.sweepHash);
        expect(triedBy(resumed)).toEqual(triedBy(whole));
      }
    }, 60_000);

    test('proposes by objective, constraints and batch, and says so of a sweep that is resumed', async () => {
      await sweepUntil(2, 'SIGKILL', tpe);
      for (const [set, change] of [
        ['search.constraints=[]', 'search.constraints from ["tradeCount >= 25"] to []'],
        ['search.batch=5', 'search.batch from 4 to 5'],
      ]) {
        const { code, error } = desk.playhead(['sweep', 'sweep.yaml', '-q', '--resume', 'last', ...tpe, '--set', set]);
        expect(code).toBe(4);
        expect(error).toContain(`cannot be resumed: search changed since it began (${change}); begin a new one`);
      }
    }, 30_000);

    test('ends once every set was tried', () => {
      const { trialCount, best } = sweep([...tpe, '--set', 'search.trials=100']);
      expect(trialCount).toBe(18);
      expect(new Set(best.map(({ parameters }) => JSON.stringify(parameters))).size).toBe(18);
      const { out } = desk.playhead(['sweep', 'sweep.yaml', '-q', ...tpe, '--set', 'search.trials=100']);
      expect(out).toContain('search.trials asks for 100, and there are no other sets: none is tried twice');
    }, 30_000);
  });

  test('resumes nothing that has changed, and says what', async () => {
    await sweepUntil(2, 'SIGKILL');
    const changed = desk.playhead(['sweep', 'sweep.yaml', '-q', '--resume', 'last', '--set', 'costs.feeRateTaker=0.001']);
    expect(changed.code).toBe(4);
    expect(changed.error).toMatch(/cannot be resumed: scenario changed since it began/);
    expect(desk.playhead(['sweep', 'sweep.yaml', '-q', '--resume', 'lsat']).error).toMatch(
      /no sweep is called "lsat"; did you mean "last"/,
    );
  }, 30_000);

  test('a trial that throws or hangs costs itself alone', () => {
    const text = `import { defineStrategy, integer } from 'playhead';
export default defineStrategy({
  name: 'fragile',
  parameters: { fast: integer(1, { min: 1, max: 9 }) },
  setup({ parameters }) {
    let bar = 0;
    return {
      onBar({ order }) {
        bar++;
        if (parameters.fast === 2 && bar === 50) throw new Error('two');
        if (parameters.fast === 4 && bar === 50) for (;;);
        if (bar === parameters.fast) order.market({ side: 1, sizeBase: 1 });
      },
    };
  },
});
`;
    const scenario = desk.writeScenario('fragile', text, 'search: { parameters: { fast: { from: 1, to: 6 } } }\n');
    const fragile = (args: readonly string[]) => sweep(['--trial-time-limit', '1', ...args], scenario);
    const found = fragile(['--jobs', '2']);
    expect(found).toMatchObject({ trialCount: 6, failedCount: 2 });
    const failures = new Map(found.best.map(({ parameters, failure }) => [parameters.fast, failure]));
    expect(failures.get(2)?.message).toMatch(/fragile\.ts:10:\d+: Error: two/);
    expect(failures.get(4)).toMatchObject({ code: 'STRATEGY_TIMEOUT' });
    expect([1, 3, 5, 6].map((fast) => failures.get(fast))).toEqual([null, null, null, null]);
    expect(fragile(['--jobs', '1', '--chunk', '6']).sweepHash).toBe(found.sweepHash);
  }, 60_000);

  test('so does one whose setup throws or hangs', () => {
    const text = `import { defineStrategy, integer } from 'playhead';
export default defineStrategy({
  name: 'unready',
  parameters: { fast: integer(1, { min: 1, max: 9 }) },
  setup({ bars, indicators, parameters }) {
    if (parameters.fast === 2) throw new Error('two');
    if (parameters.fast === 3) for (;;);
    const mean = indicators.sma(bars.close, parameters.fast);
    return { onBar: ({ order, position }) => { if (position.isFlat && bars.close.at(0) > mean.at(0)) order.market({ side: 1, sizeBase: 1 }); } };
  },
});
`;
    const scenario = desk.writeScenario('unready', text, 'search: { parameters: { fast: { from: 1, to: 4 } } }\n');
    const unready = (args: readonly string[]) => sweep(['--trial-time-limit', '1', ...args], scenario);
    const found = unready(['--jobs', '2']);
    expect(found).toMatchObject({ trialCount: 4, failedCount: 2 });
    const failures = new Map(found.best.map(({ parameters, failure }) => [parameters.fast, failure]));
    expect(failures.get(2)?.message).toMatch(/unready\.ts:6:\d+: Error: two/);
    expect(failures.get(3)).toMatchObject({ code: 'STRATEGY_TIMEOUT' });
    expect([failures.get(1), failures.get(4)]).toEqual([null, null]);
    expect(unready(['--jobs', '1', '--chunk', '4']).sweepHash).toBe(found.sweepHash);
  }, 60_000);

  test('two at once both stand in the ledger, which counts what was tried and what was tried twice', async () => {
    // Sweeps that were killed before count too.
    for (const folder of ['ledger', 'sweeps']) rmSync(join(home(), folder), { recursive: true, force: true });
    const codes = await Promise.all([sweepUntil(1_000, 'SIGKILL'), sweepUntil(1_000, 'SIGKILL')]);
    expect(codes).toEqual([0, 0]);
    const window = { markets: [{ venue: 'index', symbol: 'SP500/USD' }], fromMs: Date.UTC(2010, 0), toMs: Date.UTC(2011, 0) };
    const entries = readLedger(home(), window);
    expect(entries.map(({ head }) => head.trials.length)).toEqual([18, 18]);
    expect(entries[0].dailyQuote).toEqual(entries[1].dailyQuote);
    expect(readLedger(home(), { ...window, markets: [{ venue: 'index', symbol: 'OTHER/USD' }] })).toEqual([]);
    expect(readLedger(home(), { ...window, fromMs: Date.UTC(1990, 0), toMs: Date.UTC(1991, 0) })).toEqual([]);
    expect(sweep().ledger).toEqual({ trialCount: 54, distinctCount: 18, entryCount: 3 });
  }, 30_000);

  test('writes a report beside the sweep, which can be made again from what is stored, parameters of failed trials too', () => {
    const text = `import { defineStrategy, integer } from 'playhead';
export default defineStrategy({
  name: 'breaks-at-two',
  parameters: { fast: integer(1, { min: 1, max: 9 }) },
  setup({ parameters }) {
    return {
      onBar({ order, position }) {
        if (parameters.fast === 2) throw new Error('two');
        if (position.isFlat) order.market({ side: 1, equityFraction: 0.1 * parameters.fast });
      },
    };
  },
});
`;
    const scenario = desk.writeScenario('breaks', text, 'search: { parameters: { fast: [1, 2, 3] } }\n');
    const { code, out } = desk.playhead(['sweep', scenario, '-q']);
    expect(code).toBe(0);
    const id = /^sweep {8}(\S+)$/m.exec(out)?.[1] ?? '';
    const path = join(home(), 'sweeps', id, 'report.html');
    expect(out).toContain(`report       ${path}`);
    const html = readFileSync(path, 'utf8');
    expect(html).toContain('trial 1: fast 2');
    expect(html).toContain('index SP500/USD 1d');
    expect(html).toContain('--set strategy.parameters.fast=');
    for (const wanted of [id, 'last-sweep']) {
      rmSync(path);
      expect(JSON.parse(desk.playhead(['report', wanted, '--json']).out)).toEqual({ id, report: path });
      expect(readFileSync(path, 'utf8') === html).toBe(true);
    }
    const again = JSON.parse(desk.playhead(['sweep', scenario, '-q', '--json', '--report', 'own.html']).out);
    expect(again.report).toBe(join(desk.path, 'own.html'));
    expect(readFileSync(again.report, 'utf8')).toContain(again.id);
    const none = JSON.parse(desk.playhead(['sweep', scenario, '-q', '--json', '--no-report']).out);
    expect(none.report).toBeUndefined();
    expect(readdirSync(join(home(), 'sweeps', none.id))).not.toContain('report.html');
  }, 60_000);

  test('random and sobol sets hang on the seed alone', () => {
    const tried = (...sets: readonly string[]) =>
      sweep(['--set', 'search.trials=12', ...sets.flatMap((set) => ['--set', set])])
        .best.map(({ index, parameters }) => [index, parameters] as const)
        .sort(([a], [b]) => a - b);
    for (const method of ['random', 'sobol']) {
      const first = tried(`search.method=${method}`);
      expect(first).toHaveLength(12);
      expect(tried(`search.method=${method}`)).toEqual(first);
      expect(tried(`search.method=${method}`, 'search.seed=2')).not.toEqual(first);
      for (const [, { fast, slow }] of first) expect(fast).toBeLessThan(slow);
    }
  }, 60_000);

  test.each([
    ['search.parameters.fats=[1]', '"my-first" has no such parameter; did you mean "fast"?'],
    ['search.parameters.fast=[1]', 'was 1, expected a whole number from 2 to 500'],
    ['search.parameters.fast=[5,5]', 'was 5 twice, expected each value once'],
    ['search.parameters={}', 'expected one parameter or more to vary'],
    ['search.where=["fsat < slow"]', 'nothing is called "fsat"; did you mean "fast"?'],
    [
      'search.where=["fast * 2 < slow"]',
      'was "fast * 2", expected a name or a number; a condition compares two, and several are joined by "and"',
    ],
    ['search.where=["fast"]', 'expected two names or numbers with one of'],
    ['search.where=["fast > 1000"]', 'none of the 20 parameter sets of the grid is allowed by it'],
    ['search.constraints=["drawdwon < 1"]', 'nothing is called "drawdwon"'],
    ['search.objective=sharpe', 'expected one of'],
    ['search.method=gird', 'did you mean "grid"?'],
  ])('%s is refused', (set, message) => {
    const { code, error } = desk.playhead(['sweep', 'sweep.yaml', '-q', '--set', set]);
    expect(code).toBe(2);
    expect(error).toContain(message);
    expect(error).toContain('--set search.');
  });
});
