/** Owns what somebody meets who follows the README: each command line, what it says, how it ends. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createDesk, type Desk, round, strategy } from './desk.test.helper.ts';

let made: Desk;
let desk: string;
let playhead: Desk['playhead'];
let writeScenario: Desk['writeScenario'];

beforeAll(() => {
  made = createDesk();
  ({ path: desk, playhead, writeScenario } = made);
}, 120_000);
afterAll(() => made.remove());

const runIds = (): string[] => readdirSync(join(desk, '.playhead', 'runs')).filter((name) => /^\d/.test(name));

describe("a strategy's console", () => {
  const talking = (): string =>
    writeScenario('talks', strategy(`${round} if (calls <= 2 || calls > 3093) console.log('bar', calls, { a: 1 });`));
  test('arrives whole and in order, -q or not', () => {
    expect(playhead(['run', talking(), '-q', '--no-report']).error).toBe(
      'bar 1 { a: 1 }\nbar 2 { a: 1 }\nbar 3094 { a: 1 }\nbar 3095 { a: 1 }\n',
    );
  });
  test('arrives before the error of the bar it died at, and out of an endless loop', () => {
    const thrown = playhead([
      'run',
      writeScenario('dies', strategy("console.log('bar', calls); if (calls === 3) throw new Error('three');")),
      // A slow machine would show progress between.
      '-q',
    ]);
    expect(thrown.error).toMatch(
      /^bar 1\nbar 2\nbar 3\nerror STRATEGY_THREW: strategies\/dies\.ts:8:\d+: Error: three \(in bar 3 at 2008-01-0/,
    );
    const looping = playhead([
      'run',
      writeScenario('spins', strategy("console.log('bar', calls); while (calls === 2);")),
      '--time-limit',
      '1',
      '-q',
    ]);
    expect(looping.error).toMatch(/^bar 1\nbar 2\n/);
  });
  test('is mute in check, verify and the checks of run --checked', () => {
    const scenario = talking();
    const checked = playhead(['run', scenario, '--checked', '-q', '--no-report']).error;
    expect(checked.trim().split('\n')).toHaveLength(4);
    expect(playhead(['verify', 'last', '-q']).error).toBe('');
    expect(playhead(['check', 'wake', scenario, '-q']).error).toBe('');
  });
});

describe('what cannot be written', () => {
  const refused = (args: readonly string[]): string => {
    const before = runIds().length;
    const { code, out, error } = playhead(args);
    expect([code, out, runIds().length]).toEqual([2, '', before]);
    return error;
  };
  test('is refused before the run plays; folders that are missing are made', () => {
    mkdirSync(join(desk, 'folder'), { recursive: true });
    playhead(['run', '-q', '--no-report']);
    expect(refused(['run', '--report', 'folder'])).toContain(
      'error USAGE: --report: was "folder", which is a folder, expected the name of a file',
    );
    expect(refused(['run', '--report', 'package.json/r.html'])).toMatch(
      /--report: was "package\.json\/r\.html", but .*package\.json is a file/,
    );
    expect(refused(['run', '--set', 'output.report=folder'])).toMatch(/--set output\.report=folder: was "folder", which is a folder/);
    expect(refused(['report', 'last', '-o', 'folder'])).toContain('--output: was "folder", which is a folder');
    expect(refused(['runs', 'export', 'last', '-o', 'package.json'])).toContain(
      '--output: was "package.json", which is a file, expected a folder',
    );
    expect(playhead(['run', '-q', '--report', 'out/sub/r.html']).code).toBe(0);
    expect(existsSync(join(desk, 'out', 'sub', 'r.html'))).toBe(true);
    expect(playhead(['report', 'last', '-o', 'out/other/r.html']).code).toBe(0);
  });
});

describe('the home folder', () => {
  test('is found from a folder inside the project, and --home names another', () => {
    const inner = join(desk, 'notes', 'deep');
    mkdirSync(inner, { recursive: true });
    expect(playhead(['data', 'list'], { cwd: inner }).out).toContain('SP500/USD');
    expect(playhead(['data', 'list', '--home', 'nowhere'], { cwd: inner }).out).toContain(`no series in ${join(inner, 'nowhere')}`);
    expect(existsSync(join(inner, '.playhead'))).toBe(false);
  });
  test('that is wrong is named', () => {
    const wrong = playhead(['run', '--home', 'nowhere']);
    expect([wrong.code, wrong.error]).toEqual([3, expect.stringContaining(`the home folder does not exist; name another with --home`)]);
    expect(wrong.error).toContain(join(desk, 'nowhere'));
    expect(playhead(['verify', '20990101']).error).toContain(`(looked in ${join(desk, '.playhead')})`);
  });
});

test('the command that a summary ends with works where another home was named', () => {
  const { out } = playhead(['run', '-q', '--home', '.playhead', '--no-report', join(desk, 'scenario.yaml')]);
  expect(out).toMatch(/npx playhead verify \S+$/m);
  const elsewhere = playhead(['run', '-q', '--home', join(desk, '.playhead'), '--no-report', join(desk, 'scenario.yaml')], {
    cwd: made.scratch,
  });
  const words = /npx playhead (verify \S+ --home desk\/\.playhead)$/m.exec(elsewhere.out)?.[1].split(' ') ?? [];
  expect(playhead(words, { cwd: made.scratch })).toMatchObject({ code: 0, error: '' });
});

describe('faults of the command line', () => {
  test.each([
    [['run', '--replay', 'sometimes'], 'error USAGE: --replay: was "sometimes", expected sparse, dense or unfiltered'],
    [
      ['run', '--set', 'strategy.use=nobody'],
      'error STRATEGY_NOT_FOUND: --set strategy.use=nobody: no shipped strategy is called "nobody"',
    ],
    [['help', 'data', 'imprt'], 'error USAGE: data has no command "imprt", expected one of import, list'],
    [['runs', 'remove', 'last'], 'Nobody can be asked here: give --yes'],
  ])('%j ends with 2', (args, message) => {
    playhead(['run', '-q', '--no-report']);
    const { code, error } = playhead(args);
    expect([code, error]).toEqual([2, expect.stringContaining(message)]);
  });
  test('every faulty --set is told at once', () => {
    const { code, error } = playhead([
      'run',
      '--set',
      'oops',
      '--set',
      'risk.nope=1',
      '--set',
      'seed=-1',
      '--set',
      'data.from=2030-01-01',
      '--set',
      'data.to=2020-01-01',
    ]);
    expect([code, error.trim().split('\n')]).toEqual([
      2,
      [
        'error SCENARIO_INVALID: --set oops: was no assignment, expected path=value, as in strategy.parameters.fast=12',
        expect.stringMatching(/^--set risk\.nope=1: was an unknown key/),
        '--set data.from=2030-01-01: data.to: was "2020-01-01", expected a moment later than from, which is "2030-01-01"',
        '--set seed=-1: was -1, expected at least 0',
      ],
    ]);
  });
  test('a run id that fits several is one of them', () => {
    playhead(['run', '-q', '--no-report']);
    playhead(['run', '-q', '--no-report', '--set', 'seed=5']);
    const { code, error } = playhead(['verify', '20']);
    expect([code, error]).toEqual([3, expect.any(String)]);
    const several = playhead(['verify', runIds()[0].slice(0, 4)]);
    expect([several.code, several.error]).toEqual([2, expect.stringMatching(/^error USAGE: "\d{4}" fits \d+ runs: /)]);
  });
  test('init says nothing of bars where it refuses', () => {
    expect(playhead(['init', '.'])).toMatchObject({
      code: 2,
      error: expect.stringMatching(/^error USAGE: .*scenario\.yaml exists already/),
    });
  });
});

describe('messages', () => {
  test('a misspelt series is told with its place', () => {
    writeFileSync(join(desk, 'typo.yaml'), readFileSync(join(desk, 'scenario.yaml'), 'utf8').replace('SP500/USD', 'SP50/USD'));
    const { code, error } = playhead(['run', 'typo.yaml']);
    expect([code, error]).toEqual([
      3,
      expect.stringMatching(
        /^error DATA_NOT_FOUND: typo\.yaml:\d+:\d+ data\.series\[0\]: the catalogue has no series index SP50\/USD 1d; did you mean/,
      ),
    ]);
  });
  test('a method that is not there is told with the one that was meant', () => {
    const { error } = playhead(['run', '-q', writeScenario('meant', strategy('(order as any).markt({ side: 1 });'))]);
    expect(error).toContain('TypeError: order.markt is not a function; did you mean "market"? (in bar 1 at ');
  });
  test('the mark under a syntax error stands under it, tabs and all', () => {
    const { error } = playhead(['run', '-q', writeScenario('syntax', 'const a = 1;\n\tconst\tb = 3 +;\n')]);
    const [, line, mark] = error.split('\n');
    expect(line).toBe('  \tconst\tb = 3 +;');
    expect(mark).toBe(`  \t     \t${' '.repeat('b = 3 +'.length)}^`);
  });
  test('a kernel that reads ahead is told with a date and the check that finds the line', () => {
    const text = strategy('').replace(
      'setup() {',
      "setup({ bars, indicators }) { indicators.batch('x', bars.close, (s, t) => { for (let i = 0; i < t.length; i++) t[i] = s[i + 1]; });",
    );
    const { code, error } = playhead(['run', '-q', writeScenario('leaks', text)]);
    expect([code, error]).toEqual([
      5,
      expect.stringMatching(/its value at bar \d+, closed \d{4}-\d\d-\d\dT.* "npx playhead check lookahead leaks\.yaml" names the place/),
    ]);
  });
  test('few days under annualised figures are counted in summary and report', () => {
    const short = playhead(['run', '-q', '--report', 'short.html', '--set', 'data.from=2020-03-02']);
    expect(short.out.replaceAll(/\s+/g, ' ')).toMatch(
      /! CAGR, volatility, Sharpe and the other annualised figures stand on \d\d days alone: the standard error of the Sharpe ratio is about 2\.\d/,
    );
    expect(readFileSync(join(desk, 'short.html'), 'utf8')).toMatch(/annualised figures stand on \d\d days alone/);
    expect(playhead(['run', '-q', '--no-report']).out).not.toContain('days alone');
  });
  test('the report shows the parameters as they were played', () => {
    playhead([
      'run',
      '-q',
      '--report',
      'resolved.html',
      writeScenario('plain', readFileSync(join(desk, 'strategies', 'my-first.ts'), 'utf8')),
    ]);
    const section = /<section id="scenario">[\s\S]*?<\/section>/.exec(readFileSync(join(desk, 'resolved.html'), 'utf8'))?.[0] ?? '';
    expect(section.replaceAll('&quot;', '"')).toMatch(/"fast": 20,\s+"slow": 100/);
  });
});

test('help goes down to the command asked for', () => {
  expect(playhead(['help', 'data', 'import']).out).toBe(playhead(['data', 'import', '--help']).out);
  expect(playhead(['help']).out).toBe(playhead(['--help']).out);
  expect(playhead(['data', 'synthesise', '--help']).out).toMatch(/--start <time>.*\(default: 2024-01-01\)/s);
});

test('completion offers --help, short options and the shells', () => {
  const { out } = playhead(['completion', 'bash']);
  for (const prefix of ['', 'run']) expect(out).toMatch(new RegExp(`"${prefix}"\\) words=".* -q --quiet.* -h --help"`));
  expect(out).toMatch(/"completion"\) words="bash zsh fish /);
  expect(playhead(['completion', 'fish']).out).toMatch(/-s q -l quiet[\s\S]*completion' -f -a 'bash zsh fish'/);
});

test('a run that is removed is gone, and the others stay', () => {
  playhead(['run', '-q', '--no-report']);
  const before = runIds();
  const id = playhead(['run', '-q', '--no-report', '--json', '--set', 'seed=9']).out.match(/"id": "(.*)"/)?.[1] ?? '';
  expect(playhead(['runs', 'remove', id, '--yes'])).toEqual({ code: 0, out: `removed run ${id}\n`, error: '' });
  expect(readdirSync(join(desk, '.playhead', 'runs')).sort()).toEqual(before.sort());
});
