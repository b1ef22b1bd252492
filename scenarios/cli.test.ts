import { spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cli, createDesk, type Desk, root, round, strategy } from './desk.test.helper.ts';

let made: Desk;
let desk: string;
let scratch: string;
let playhead: Desk['playhead'];
let writeScenario: Desk['writeScenario'];
let runJson: Desk['runJson'];

beforeAll(() => {
  made = createDesk();
  ({ path: desk, scratch, playhead, writeScenario, runJson } = made);
}, 120_000);

afterAll(() => made.remove());

describe('init', () => {
  test('makes a folder whose scenario runs at once, is stored, and verifies', () => {
    expect(existsSync(join(desk, 'node_modules', 'playhead', 'package.json'))).toBe(true);
    const ran = playhead(['run', '--quiet']);
    expect([ran.code, ran.error]).toEqual([0, '']);
    expect(ran.out).toMatch(/Ambiguous bars +\d/);
    expect(ran.out).toMatch(/\nreport +.*report\.html\n/);
    const verified = playhead(['verify', 'last', '--quiet']);
    expect([verified.code, verified.error]).toEqual([0, '']);
    expect(verified.out).toContain('inputs, engine and outputs are the same');
  });
  test('overwrites nothing', () => {
    const again = playhead(['init', desk]);
    expect(again.code).toBe(2);
    expect(again.error).toMatch(/^error USAGE: .*scenario\.yaml exists already/m);
  });
  test('its strategy keeps its types, and may print', () => {
    const printing = strategy("console.log('bar', calls); console.table([1]);");
    writeFileSync(join(desk, 'strategies', 'typed.ts'), printing);
    const checked = spawnSync(process.execPath, [join(root, 'node_modules', 'typescript', 'bin', 'tsc'), '-p', desk], { encoding: 'utf8' });
    expect([checked.status, checked.stdout]).toEqual([0, '']);
  });
});

describe('exit codes', () => {
  test('0 for help, version, schema, doctor, runs and completion', () => {
    for (const args of [
      ['--help'],
      ['run', '--help'],
      ['--version'],
      ['schema'],
      ['doctor'],
      ['runs', 'list'],
      ['completion', 'fish'],
      [],
    ]) {
      const { code, out, error } = playhead(args);
      expect([args, code, error]).toEqual([args, 0, '']);
      expect(out.length).toBeGreaterThan(4);
    }
  });
  test('2 for usage and invalid scenarios, with what was meant', () => {
    writeFileSync(join(desk, 'bad.yaml'), 'name: bad\ndata: { serie: [] }\n');
    expect(playhead(['rn'])).toEqual({ code: 2, out: '', error: 'error USAGE: unknown command \'rn\'; did you mean "run"?; see --help\n' });
    expect(playhead(['runn']).error).toBe('error USAGE: unknown command \'runn\'; did you mean "run" or "runs"?; see --help\n');
    expect(playhead(['run', '--sett', 'a=1'])).toMatchObject({
      code: 2,
      error: 'error USAGE: unknown option \'--sett\'; did you mean "--set"?; see --help\n',
    });
    expect(playhead(['run', 'none.yaml'])).toMatchObject({
      code: 2,
      error: expect.stringContaining('error SCENARIO_NOT_FOUND: none.yaml'),
    });
    expect(playhead(['run', 'bad.yaml'])).toMatchObject({
      code: 2,
      error: expect.stringContaining('bad.yaml:2:9 data.serie: was an unknown key; did you mean "series"?'),
    });
    expect(playhead(['run', '--set', 'strategy.parameters.fsat=1'])).toMatchObject({
      code: 2,
      error: expect.stringMatching(
        /^error STRATEGY_PARAMETER: --set strategy\.parameters\.fsat=1: "my-first" has no such parameter; did you mean "fast"\?/,
      ),
    });
    expect(playhead(['run', '--time-limit', 'soon'])).toMatchObject({
      code: 2,
      error: expect.stringContaining('--time-limit: was "soon", expected seconds'),
    });
  });
  test('a parameter out of range names the line of the scenario', () => {
    writeFileSync(join(desk, 'range.yaml'), readFileSync(join(desk, 'scenario.yaml'), 'utf8').replace('fast: 20', 'fast: 1'));
    expect(playhead(['run', 'range.yaml'])).toMatchObject({
      code: 2,
      error: expect.stringMatching(
        /^error STRATEGY_PARAMETER: range\.yaml:9:23 strategy\.parameters\.fast: was 1, expected a whole number from 2/,
      ),
    });
  });
  test('every parameter that is wrong is told at once, each with its place', () => {
    writeFileSync(
      join(desk, 'many.yaml'),
      readFileSync(join(desk, 'scenario.yaml'), 'utf8').replace('fast: 20, slow: 100', 'fast: 1, slow: abc'),
    );
    expect(playhead(['run', 'many.yaml', '--set', 'strategy.parameters.lwo=3']).error.trim().split('\n')).toEqual([
      expect.stringMatching(/^error STRATEGY_PARAMETER: --set strategy\.parameters\.lwo=3: "my-first" has no such parameter/),
      'many.yaml:9:23 strategy.parameters.fast: was 1, expected a whole number from 2 to 500',
      'many.yaml:9:32 strategy.parameters.slow: was "abc", expected a whole number from 3 to 2000',
    ]);
  });
  test('a strategy without a default export is told by its file', () => {
    expect(playhead(['run', writeScenario('bare', 'export const strategy = 1;\n')])).toMatchObject({
      code: 2,
      error: expect.stringMatching(/^error STRATEGY_INVALID: strategies\/bare\.ts: the strategy file has no default export/),
    });
  });
  test('3 for data and runs that are not there', () => {
    expect(playhead(['run', '--set', 'data.series.0.symbol=SP50/USD'])).toMatchObject({
      code: 3,
      error: expect.stringContaining('DATA_NOT_FOUND'),
    });
    expect(playhead(['verify', '20990101'])).toMatchObject({ code: 3, error: expect.stringContaining('RUN_NOT_FOUND') });
  });
  test('4 where an expectation fails, and the run is stored all the same', () => {
    const before = JSON.parse(playhead(['runs', 'list', '--json']).out).length;
    const failed = playhead(['run', '--no-report', '-q', '--set', 'expect={ trades: { max: 0 }, ambiguousBars: { max: 0 } }']);
    expect([failed.code, failed.error]).toEqual([
      4,
      expect.stringMatching(/^error EXPECTATION_FAILED: expect\.trades: was \d+, expected at most 0\n$/),
    ]);
    expect(failed.out).toContain('expectations 1 of 2 hold');
    expect(JSON.parse(playhead(['runs', 'list', '--json']).out)).toHaveLength(before + 1);
  });
  test('4 where an expectation fails with --json: one document that holds result and failure', () => {
    const { code, out, error } = playhead(['run', '--no-report', '--json', '-q', '--set', 'expect={ trades: { max: 0 } }']);
    expect([code, error]).toEqual([4, '']);
    expect(JSON.parse(out)).toMatchObject({
      certificate: { runHash: expect.any(String) },
      error: { code: 'EXPECTATION_FAILED', exitCode: 4, message: expect.stringMatching(/^expect\.trades: was \d+/) },
    });
  });
  test('4 where a check of doctor fails', () => {
    const folder = join(desk, '.playhead', 'catalogue', 'index', 'SP500-USD', '1d');
    const path = join(folder, readdirSync(folder).find((name) => name.endsWith('.parquet')) as string);
    const bytes = readFileSync(path);
    writeFileSync(path, Buffer.concat([bytes, Buffer.of(1)]));
    const { code, out } = playhead(['doctor']);
    writeFileSync(path, bytes);
    expect([code, out]).toEqual([4, expect.stringMatching(/^fail +catalogue +segment /m)]);
  });
  test('5 where the strategy throws, with its line', () => {
    const threw = playhead(['run', '-q', writeScenario('throws', strategy("if (calls === 7) throw new Error('seven');"))]);
    expect([threw.code, threw.error]).toEqual([
      5,
      expect.stringMatching(/^error STRATEGY_THREW: strategies\/throws\.ts:8:\d+: Error: seven/),
    ]);
  });
  test('5 where it asks for the clock, even while loading', () => {
    expect(playhead(['run', '-q', writeScenario('clock', strategy('Date.now();'))])).toMatchObject({
      code: 5,
      error: expect.stringMatching(/^error STRATEGY_FORBIDDEN: strategies\/clock\.ts:8:/),
    });
    expect(playhead(['run', '-q', writeScenario('clock2', strategy('', 'const born = Math.random();\nexport { born };'))])).toMatchObject({
      code: 5,
      error: expect.stringMatching(/STRATEGY_FORBIDDEN: strategies\/clock2\.ts:2:/),
    });
  });
  test('5 where it never comes back, in a handler or while loading, and the bar is named', () => {
    const looping = playhead(['run', writeScenario('loops', strategy('while (true);')), '--time-limit', '1']);
    expect([looping.code, looping.error]).toEqual([
      5,
      expect.stringMatching(
        /^error STRATEGY_TIMEOUT: strategies\/loops\.ts:8:\d+: the run was ended after 1 s, between bar 1 and bar 1,024 of 3,095; this line was being run/m,
      ),
    ]);
    const loading = playhead(['run', writeScenario('loops2', strategy('', 'while (true);')), '--time-limit', '1']);
    expect([loading.code, loading.error]).toEqual([
      5,
      expect.stringMatching(/strategies\/loops2\.ts:2:\d+: the run was ended after 1 s, before the first bar/),
    ]);
  });
  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('%s ends a run with %i and stores nothing', async (signal, code) => {
    const stored = (): string => playhead(['runs', 'list', '--json']).out;
    const before = stored();
    const child = spawn(process.execPath, [cli, 'run', writeScenario('waits', strategy('while (true);'))], {
      cwd: desk,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    // The first line of progress: by then the strategy loops.
    await new Promise((resolve) => child.stderr.once('data', resolve));
    child.kill(signal);
    expect(await new Promise((resolve) => child.once('exit', resolve))).toBe(code);
    expect(stored()).toEqual(before);
  });
  test('--json prints errors as one document on stdout', () => {
    const { code, out, error } = playhead(['run', 'none.yaml', '--json']);
    expect([code, error, JSON.parse(out).error]).toMatchObject([2, '', { code: 'SCENARIO_NOT_FOUND', exitCode: 2 }]);
  });
});

test('what a strategy prints does not reach stdout', () => {
  const { out } = playhead([
    'run',
    writeScenario('prints', strategy(`${round} if (calls === 1 && typeof console !== 'undefined') console.log('hello');`)),
    '--json',
    '--no-report',
  ]);
  expect(JSON.parse(out).counts.trades).toBeGreaterThan(0);
});

test('one certificate in two time zones, two locales, two folders', () => {
  const scenario = writeScenario('same', strategy(round));
  const here = runJson(scenario, [], { env: { TZ: 'America/New_York', LANG: 'C' } });
  const moved = join(scratch, 'moved desk');
  cpSync(desk, moved, { recursive: true, filter: (path) => !path.includes('node_modules') });
  const there = runJson(join(moved, scenario), ['--home', join(moved, '.playhead')], {
    cwd: scratch,
    env: { TZ: 'Asia/Kathmandu', LANG: 'tr_TR.UTF-8', LC_ALL: 'tr_TR.UTF-8' },
  });
  expect(there.certificate).toEqual(here.certificate);
  expect(here.counts.trades).toBeGreaterThan(10);
  expect(playhead(['verify', here.id, '--home', join(moved, '.playhead')], { cwd: scratch })).toMatchObject({ code: 0, error: '' });
});

test('--help loads no package, and a handful of files', () => {
  const seen = new Set<string>();
  const packages = new Set<string>();
  const visit = (path: string): void => {
    if (seen.has(path)) return;
    seen.add(path);
    for (const [, target] of readFileSync(path, 'utf8').matchAll(/(?:^(?:import|export)\b[^;]*?\bfrom |require\()['"]([^'"]+)['"]/gm)) {
      if (target.startsWith('.')) visit(join(path, '..', target));
      else if (!target.startsWith('node:')) packages.add(target);
    }
  };
  visit(cli);
  expect([...packages]).toEqual([]);
  // The engine's files are not copied: what runs is what its hash is taken of, and an error's class exists once.
  expect([...seen]).toContain(join(root, 'dist', 'engine', 'errors.js'));
  expect(seen.size).toBeLessThan(15);
  // commander is in the file itself, with its licence.
  expect(readFileSync(cli, 'utf8')).toContain('TJ Holowaychuk');
});

test('an error keeps its exit code where nobody reads stderr any more', async () => {
  const child = spawn(process.execPath, [cli, 'run', 'nothing.yaml'], { cwd: desk, stdio: ['ignore', 'ignore', 'pipe'] });
  child.stderr.destroy();
  expect(await new Promise((resolve) => child.once('exit', resolve))).toBe(2);
});
