import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadStudy } from '../../data/stores/sweep-studies.ts';
import { createDesk, type Desk } from '../desk.test.helper.ts';
import { documentOf, type Robustness } from './robustness-scenario.ts';

interface Spread {
  readonly low: number;
  readonly median: number;
  readonly high: number;
}

interface RobustnessDocument {
  readonly sweep: { readonly id: string; readonly index: number } | null;
  readonly parameters: Record<string, number>;
  readonly report: {
    readonly base: Record<string, number>;
    readonly verdict: string;
    readonly shocks: readonly {
      readonly name: string;
      readonly replicateCount: number;
      readonly profitableFraction: number;
      readonly figures: Record<string, Spread>;
    }[];
  };
  readonly paths: {
    readonly pathCount: number;
    readonly returnFraction: readonly number[];
    readonly drawdownFractionMax: readonly number[];
  };
  readonly trades: { readonly tradeCount: number; readonly bootstrapped: { readonly equityFinal: readonly number[] } };
}

let desk: Desk;
const home = (): string => join(desk.path, '.playhead');
const few = ['--replicates', '3', '--paths', '3', '--orders', '200'];
let found: RobustnessDocument;

beforeAll(() => {
  desk = createDesk();
  writeFileSync(
    join(desk.path, 'sweep.yaml'),
    'extends: ./scenario.yaml\nname: sweep\nsearch: { parameters: { fast: [10, 20], slow: [50, 100] }, objective: returnFraction }\n',
  );
}, 60_000);

afterAll(() => desk.remove());

function robustness(...args: readonly string[]): RobustnessDocument {
  const { code, out, error } = desk.playhead(['robustness', ...args, ...few, '--json', '-q', '--no-report']);
  if (code !== 0 || error !== '') throw new Error(`robustness ended with ${code}: ${error}`);
  return JSON.parse(out) as RobustnessDocument;
}

/** What lies beside the sweep, as it would be printed. */
const kept = (id = '') => JSON.parse(JSON.stringify(documentOf(loadStudy<Robustness>(home(), id, 'robustness') as Robustness)));

const shockOf = ({ report }: RobustnessDocument, name: string) => report.shocks.find((one) => one.name === name);
const ledgerSize = (): number => readdirSync(join(home(), 'ledger')).length;

describe('playhead robustness', () => {
  test('plays the best of a sweep as the single run does, and again under shocks that hand could give', () => {
    desk.playhead(['sweep', 'sweep.yaml', '-q', '--no-report', '--set', 'costs.slippage=0.0001']);
    const before = ledgerSize();
    found = robustness('last', '--jobs', '3');
    expect(ledgerSize()).toBe(before);
    const set = [
      '--set',
      'costs.slippage=0.0001',
      ...Object.entries(found.parameters).flatMap(([name, value]) => ['--set', `strategy.parameters.${name}=${value}`]),
    ];
    const { metrics } = desk.runJson('scenario.yaml', set);
    for (const [name, value] of Object.entries(found.report.base)) expect(value).toBe(metrics[name]);
    const doubled = desk.runJson('scenario.yaml', [
      ...set,
      '--set',
      'costs.feeRateTaker=0.001',
      '--set',
      'costs.feeRateMaker=0.001',
      '--set',
      'costs.slippage=0.0002',
    ]);
    expect(shockOf(found, 'costs × 2')?.figures.returnFraction.median).toBe(doubled.metrics.returnFraction);
    const noisy = shockOf(found, "noise of 10% of a bar's range");
    expect(noisy).toMatchObject({ replicateCount: 3 });
    expect(noisy?.figures.returnFraction.low).toBeLessThan(noisy?.figures.returnFraction.high as number);
    expect(found.trades.tradeCount).toBe(metrics.tradeCount);
    expect(found.paths.returnFraction).toHaveLength(3);
  }, 60_000);

  test('finds the same whatever threads, another with another seed, and keeps the last beside the sweep', () => {
    expect(kept(found.sweep?.id)).toEqual(found);
    expect(robustness('last', '--jobs', '1')).toEqual(found);
    const other = robustness('last', '--seed', '2');
    expect(other.report.base).toEqual(found.report.base);
    expect(other.paths).not.toEqual(found.paths);
    expect(kept(found.sweep?.id)).toEqual(other);
  }, 60_000);

  test('writes its report beside the sweep, of a scenario only where it is asked for', () => {
    const { out } = desk.playhead(['robustness', 'last', ...few, '-q']);
    const [, path] = /^report {7}(.+)$/m.exec(out) ?? ['', ''];
    expect(path).toMatch(/sweeps[/\\].+[/\\]robustness\.html$/);
    expect(readFileSync(path, 'utf8')).toContain(
      out.split('\n').find((line) => /^(ROBUST|FRAGILE|NOTHING TO BREAK): /.test(line)) ?? 'no verdict',
    );
    expect(desk.playhead(['robustness', 'scenario.yaml', ...few, '-q']).out).not.toContain('report  ');
    const own = JSON.parse(desk.playhead(['robustness', 'scenario.yaml', ...few, '-q', '--json', '--report', 'own.html']).out);
    expect(own.reportPath).toBe(join(desk.path, 'own.html'));
    expect(existsSync(own.reportPath)).toBe(true);
  }, 60_000);

  test('plays any trial of the sweep', () => {
    const second = robustness('last', '--trial', '2');
    expect(second).toMatchObject({ sweep: { index: 2 }, parameters: { fast: 20, slow: 50 } });
    const missing = desk.playhead(['robustness', 'last', '--trial', '99']);
    expect(missing.code).toBe(2);
    expect(missing.error).toMatch(/--trial: sweep \S+ has played no trial 99/);
  }, 60_000);

  test('of a scenario it plays its own parameters, and prints verdict, table and limits', () => {
    const { out, code } = desk.playhead(['robustness', 'scenario.yaml', ...few, '-q']);
    expect(code).toBe(0);
    expect(out).toContain('desk · as the scenario has it: fast=20 slow=100\n');
    expect(out).toMatch(/^(ROBUST|FRAGILE): /m);
    expect(out).toMatch(/^ {2}(passed|broken): costs × 2: [\d.]+% of the return is left \(mark 50%\)$/m);
    expect(out).toMatch(/^orders 5 bars late +1 .* not judged$/m);
    expect(out).toMatch(/^return on other paths of prices( +[+−][\d.]+%){5}$/m);
    expect(out).toContain('none of it says how much of the choice is luck ("playhead overfit")');
  }, 60_000);

  test('refuses a sweep whose scenario has changed since', () => {
    const path = join(desk.path, 'sweep.yaml');
    const text = readFileSync(path, 'utf8');
    writeFileSync(path, `${text}account: { initialCapital: 5000 }\n`);
    try {
      const { code, error } = desk.playhead(['robustness', 'last', ...few]);
      expect(code).toBe(4);
      expect(error).toMatch(/VERIFY_FAILED: sweep \S+ cannot be played again: scenario changed since it began; begin a new one/);
    } finally {
      writeFileSync(path, text);
    }
  }, 60_000);

  test('stopped by a signal it leaves nothing behind', async () => {
    const { spawn } = await import('node:child_process');
    const { cli } = await import('../desk.test.helper.ts');
    desk.playhead(['sweep', 'sweep.yaml', '-q', '--no-report']);
    const child = spawn(process.execPath, [cli, 'robustness', 'last', '--paths', '100000', '--jobs', '2'], { cwd: desk.path });
    await new Promise<void>((resolve) => child.stderr.once('data', () => resolve()));
    child.kill('SIGINT');
    const code = await new Promise((resolve) => child.once('exit', resolve));
    expect(code).toBe(130);
    const id = readdirSync(join(home(), 'sweeps')).sort().at(-1) as string;
    expect(existsSync(join(home(), 'sweeps', id, 'robustness.json'))).toBe(false);
  }, 60_000);
});
