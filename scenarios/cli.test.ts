import { spawn, spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const cli = join(root, 'dist', 'scenarios', 'cli.js');
let desk: string;
let scratch: string;

interface Answer {
  readonly code: number | null;
  readonly out: string;
  readonly error: string;
}

function playhead(args: readonly string[], options: { cwd?: string; env?: NodeJS.ProcessEnv; cli?: string } = {}): Answer {
  const child = spawnSync(process.execPath, [options.cli ?? cli, ...args], {
    cwd: options.cwd ?? desk,
    encoding: 'utf8',
    env: { ...process.env, ...options.env },
  });
  return { code: child.status, out: child.stdout, error: child.stderr };
}

const strategy = (body: string, top = ''): string => `import { defineStrategy } from 'playhead';
${top}
export default defineStrategy({
  name: 'made',
  parameters: {},
  setup() {
    let calls = 0;
    return { onBar({ order, position }) { calls++; ${body} } };
  },
});
`;

const round =
  'if (calls % 50 === 1 && position.isFlat) order.market({ side: 1, equityFraction: 0.5 }); else if (calls % 50 === 26) order.close();';

function writeScenario(name: string, strategyText: string, extra = ''): string {
  writeFileSync(join(desk, 'strategies', `${name}.ts`), strategyText);
  writeFileSync(
    join(desk, `${name}.yaml`),
    `name: ${name}\ndata: { series: [{ venue: index, symbol: SP500/USD, timeframe: 1d }] }\nstrategy: { file: ./strategies/${name}.ts }\n${extra}`,
  );
  return `${name}.yaml`;
}

/** Plays a scenario and returns its JSON document. */
function runJson(scenario: string, args: readonly string[] = [], options: Parameters<typeof playhead>[1] = {}) {
  const { code, out, error } = playhead(['run', scenario, '--json', '-q', '--no-report', ...args], options);
  expect([code, error]).toEqual([0, '']);
  return JSON.parse(out) as {
    id: string;
    certificate: Record<string, string>;
    counts: Record<string, number>;
    metrics: Record<string, number | null>;
  };
}

beforeAll(() => {
  const built = spawnSync(process.execPath, [join(root, 'scenarios', 'setup.mjs')], { encoding: 'utf8' });
  expect([built.status, built.stderr.includes('error')]).toEqual([0, false]);
  scratch = mkdtempSync(join(tmpdir(), 'playhead-cli-'));
  desk = join(scratch, 'desk');
  expect(playhead(['init', desk], { cwd: scratch }).code).toBe(0);
}, 120_000);

afterAll(() => rmSync(scratch, { recursive: true, force: true }));

describe('init', () => {
  test('makes a folder whose scenario runs at once, is stored, and verifies', () => {
    expect(existsSync(join(desk, 'node_modules', 'playhead', 'package.json'))).toBe(true);
    const ran = playhead(['run', '--quiet']);
    expect([ran.code, ran.error]).toEqual([0, '']);
    expect(ran.out).toMatch(/Ambiguous bars +\d/);
    expect(ran.out).toMatch(/\nreport +.*report\.html\n/);
    const verified = playhead(['verify', 'last']);
    expect([verified.code, verified.error]).toEqual([0, '']);
    expect(verified.out).toContain('inputs, engine and outputs are the same');
  });
  test('overwrites nothing', () => {
    const again = playhead(['init', desk]);
    expect(again.code).toBe(2);
    expect(again.error).toMatch(/^error USAGE: .*scenario\.yaml exists already/m);
  });
  test('its strategy keeps its types', () => {
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
      error: expect.stringContaining('has no such parameter; did you mean "fast"?'),
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
      expect.stringMatching(/^error STRATEGY_TIMEOUT: the run was ended after 1 s, after bar \d+ of 3095; /m),
    ]);
    const loading = playhead(['run', writeScenario('loops2', strategy('', 'while (true);')), '--time-limit', '1']);
    expect([loading.code, loading.error]).toEqual([5, expect.stringContaining('before the first bar')]);
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

test('runs are shown and exported', () => {
  const { id, counts } = runJson('scenario.yaml');
  expect(JSON.parse(playhead(['runs', 'show', id, '--json']).out)).toMatchObject({ id, details: { resolved: { name: 'desk' } } });
  expect(playhead(['runs', 'show', 'last']).out).toContain('runHash');
  expect(playhead(['runs', 'export', id, '-o', 'out']).code).toBe(0);
  expect(
    readFileSync(join(desk, 'out', 'fills.csv'), 'utf8')
      .trim()
      .split('\n'),
  ).toHaveLength(counts.fills + 1);
  expect(playhead(['report', id, '-o', 'again.html']).code).toBe(0);
  expect(readFileSync(join(desk, 'again.html'), 'utf8')).toContain(id);
});

describe('verify tells apart', () => {
  let id: string;
  let home: string;
  const verify = (options: Parameters<typeof playhead>[1] = {}) => {
    const { code, out } = playhead(['verify', id, '--json', '--home', home], options);
    return { code, message: (JSON.parse(out).error?.message ?? 'verified') as string };
  };
  /** Changes the file, verifies, and puts it back. */
  const withChange = (path: string, change: (bytes: Buffer) => Buffer, task: () => void): void => {
    const bytes = readFileSync(path);
    writeFileSync(path, change(Buffer.from(bytes)));
    try {
      task();
    } finally {
      writeFileSync(path, bytes);
    }
  };

  beforeAll(() => {
    home = join(desk, '.playhead');
    id = runJson(writeScenario('verified', strategy(round))).id;
  });

  test('nothing, where nothing was changed', () => expect(verify()).toEqual({ code: 0, message: 'verified' }));

  test('one byte of a stored fill: the record and the field are named', () => {
    const path = join(home, 'runs', id, 'fills.ndjson');
    const flip = (bytes: Buffer): Buffer => {
      const lines = bytes.toString('utf8').split('\n');
      lines[4] = lines[4].replace(
        /("priceQuote":\d+\.\d*?)(\d)([,}])/,
        (_all, before, digit, after) => `${before}${(Number(digit) + 1) % 10}${after}`,
      );
      return Buffer.from(lines.join('\n'));
    };
    withChange(path, flip, () => {
      const { code, message } = verify();
      expect(code).toBe(4);
      expect(message).toContain('differing outputs:\n  fills.ndjson was changed after it was stored\n  stored fills: hash is ');
      expect(message).toMatch(/played again, fill 5: priceQuote was [\d.]+ as stored, is [\d.]+ now/);
      expect(message).not.toContain('differing inputs');
    });
  });

  test('one byte of a tape segment: the series is named and nothing is played', () => {
    const folder = join(home, 'catalogue', 'index', 'SP500-USD', '1d');
    const segment = readdirSync(folder).find((name) => name.endsWith('.parquet')) as string;
    const flip = (bytes: Buffer): Buffer => {
      bytes[bytes.length >> 1] ^= 1;
      return bytes;
    };
    withChange(join(folder, segment), flip, () => {
      const { code, message } = verify();
      expect([code, message]).toEqual([
        4,
        expect.stringMatching(/differing inputs:\n {2}tape index SP500\/USD 1d: .*\nthe run was not played again/),
      ]);
    });
  });

  test('the strategy: its file is named, and the first record that follows from it', () => {
    const path = join(desk, 'strategies', 'verified.ts');
    withChange(
      path,
      (bytes) => Buffer.from(bytes.toString('utf8').replace('=== 26', '=== 27')),
      () => {
        const { code, message } = verify();
        expect([code, message]).toEqual([
          4,
          expect.stringMatching(
            /differing inputs:\n {2}strategy source strategies\/verified\.ts was changed: [^\n]*\ndiffering outputs:\n {2}played again, order \d+: /,
          ),
        ]);
      },
    );
    renameSync(path, `${path}.away`);
    expect(verify().message).toMatch(/differing inputs:\n {2}strategy: the strategy file .* does not exist/);
    renameSync(`${path}.away`, path);
  });

  test('the stored scenario', () => {
    withChange(
      join(home, 'runs', id, 'run.json'),
      (bytes) => Buffer.from(bytes.toString('utf8').replace('"initialCapital": 10000,', '"initialCapital": 10001,')),
      () => {
        expect(verify().message).toMatch(/differing inputs:\n {2}stored scenario: hash is /);
      },
    );
  });

  test('the engine, where its build differs and what comes out does not', () => {
    const copy = join(scratch, 'other-build');
    mkdirSync(copy);
    for (const part of ['dist', 'strategies', 'package.json']) cpSync(join(root, part), join(copy, part), { recursive: true });
    symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
    writeFileSync(
      join(copy, 'dist', 'engine', 'step.js'),
      `${readFileSync(join(copy, 'dist', 'engine', 'step.js'), 'utf8')}\n// another build\n`,
    );
    const { code, message } = verify({ cli: join(copy, 'dist', 'scenarios', 'cli.js') });
    expect([code, message]).toEqual([
      4,
      expect.stringMatching(/could not be reproduced\ndiffering engine:\n {2}engine build is \w{12}, was \w{12} \(playhead [^\n]*\)$/),
    ]);
  });

  test('a stored record that cannot be read', () => {
    withChange(
      join(home, 'runs', id, 'orders.ndjson'),
      (bytes) => bytes.subarray(1),
      () => {
        expect(verify()).toEqual({
          code: 4,
          message: expect.stringMatching(/orders\.ndjson was changed after it was stored\n {2}orders\.ndjson line 1 is not readable/),
        });
      },
    );
  });
});

test('--help loads commander and nothing else that is not ours', () => {
  const seen = new Set<string>();
  const packages = new Set<string>();
  const visit = (path: string): void => {
    if (seen.has(path)) return;
    seen.add(path);
    for (const [, target] of readFileSync(path, 'utf8').matchAll(/^(?:import|export)\b[^;]*?\bfrom '([^']+)'/gm)) {
      if (target.startsWith('.')) visit(join(path, '..', target));
      else if (!target.startsWith('node:')) packages.add(target);
    }
  };
  visit(cli);
  expect([...packages]).toEqual(['commander']);
  expect(seen.size).toBeLessThan(30);
});
