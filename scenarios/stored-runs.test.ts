import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createDesk, type Desk, type PlayheadOptions, root, round, strategy } from './desk.test.helper.ts';

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

test('runs are shown and exported', () => {
  const { id, counts } = runJson('scenario.yaml', ['--set', 'strategy.parameters.fast=12']);
  expect(JSON.parse(playhead(['runs', 'show', id, '--json']).out)).toMatchObject({ id, details: { resolved: { name: 'desk' } } });
  const shown = playhead(['runs', 'show', 'last']).out;
  expect(shown).toMatch(/^scenario +desk \(scenario\.yaml\)$/m);
  expect(shown).toMatch(/^ {2}Sharpe ratio +−?\d\.\d{3}$/m);
  expect(shown).not.toMatch(/sharpeRatio|durationMs|\d\.\d{9}/);
  expect(shown).toContain('runHash');
  const listed = playhead(['runs', 'list']).out;
  expect(listed).toMatch(new RegExp(`^${id} +desk +my-first +fast=12 \\S* +SP500/USD 1d index +[+−]`, 'm'));
  expect(Math.max(...listed.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100);
  expect(playhead(['runs', 'export', id, '-o', 'out']).code).toBe(0);
  expect(readFileSync(join(desk, 'out', 'trades.csv'), 'utf8').split('\n')[0]).toMatch(
    /^venue,symbol,.*,entryMs,entryTime,exitMs,exitTime,/,
  );
  expect(
    readFileSync(join(desk, 'out', 'fills.csv'), 'utf8')
      .trim()
      .split('\n'),
  ).toHaveLength(counts.fills + 1);
  expect(playhead(['report', id, '-o', 'again.html']).code).toBe(0);
  expect(readFileSync(join(desk, 'again.html'), 'utf8')).toContain(id);
});

test('an export replaces files of another only when told to, and leaves none of them behind', () => {
  const first = runJson('scenario.yaml').id;
  const second = runJson('scenario.yaml', ['--set', 'strategy.parameters.fast=11']).id;
  const orders = join(desk, 'twice', 'orders.csv');
  const export_ = (id: string, ...args: string[]) => playhead(['runs', 'export', id, '-o', 'twice', ...args]);
  expect(export_(first).code).toBe(0);
  const before = readFileSync(orders, 'utf8');
  expect(export_(first).code).toBe(0);
  writeFileSync(join(desk, 'twice', 'interval.csv'), 'of another run\n');
  writeFileSync(join(desk, 'twice', 'mine.csv'), 'kept\n');
  expect(export_(second)).toMatchObject({
    code: 2,
    out: '',
    error: expect.stringMatching(
      /^error USAGE: replace orders\.csv, .*interval\.csv in twice\? Nobody can be asked here: give --yes to have it done; nothing was written$/m,
    ),
  });
  expect(readFileSync(orders, 'utf8')).toBe(before);
  expect(export_(second, '--yes').code).toBe(0);
  expect(readFileSync(orders, 'utf8')).not.toBe(before);
  expect(readdirSync(join(desk, 'twice')).sort()).toEqual(
    ['accountEvents', 'equity', 'fills', 'metrics', 'mine', 'orders', 'riskEvents', 'trades'].map((name) => `${name}.csv`),
  );
});

test('"last" says which run it is, since one that failed is not stored', () => {
  const home = join(scratch, 'last');
  cpSync(join(desk, '.playhead', 'catalogue'), join(home, 'catalogue'), { recursive: true });
  const { id } = runJson('scenario.yaml', ['--home', home]);
  const failing = writeScenario('failing', strategy("throw new Error('no');"));
  expect(playhead(['run', failing, '--home', home, '-q']).code).toBe(5);
  const said = new RegExp(`^last is ${id} \\(desk\\), played \\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d(:\\d\\d)? UTC$`, 'm');
  for (const args of [['verify'], ['runs', 'show'], ['report'], ['runs', 'export', '-o', join(scratch, 'last-out')]]) {
    expect(playhead([...args, 'last', '--home', home]).error, args[0]).toMatch(said);
    expect(playhead([...args, id, '--home', home]).error, args[0]).toBe('');
  }
});

test('prune keeps the newest, and removes nothing unasked', () => {
  const home = join(scratch, 'pruned');
  cpSync(join(desk, '.playhead', 'catalogue'), join(home, 'catalogue'), { recursive: true });
  const ids = [11, 12, 13].map((fast) => runJson('scenario.yaml', ['--set', `strategy.parameters.fast=${fast}`, '--home', home]).id);
  const stored = (): string[] => readdirSync(join(home, 'runs')).sort();
  const prune = (...args: string[]) => playhead(['runs', 'prune', '--home', home, ...args]);
  expect(prune('--keep', '1')).toMatchObject({
    code: 2,
    error: expect.stringMatching(/^error USAGE: remove 2 runs, .* nothing was removed$/m),
  });
  expect(prune('--keep', 'none').error).toContain('--keep: was "none", expected a whole number above 0');
  expect(stored()).toEqual([...ids].sort());
  const newest = JSON.parse(playhead(['runs', 'list', '--json', '--home', home]).out)[0].id;
  expect(playhead(['runs', 'list', '-n', '1', '--home', home]).out).toContain(
    '… and 2 more; --limit shows them, "npx playhead runs prune --keep 1" removes them',
  );
  expect(JSON.parse(prune('--keep', '1', '--yes', '--json').out).removed).toHaveLength(2);
  expect(stored()).toEqual([newest]);
  expect(prune('--keep', '1').out).toBe('removed 0 runs\n');
});

test('a run with a changed byte is shown nowhere as good', () => {
  const { id } = runJson(writeScenario('tampered', strategy(round)));
  const path = join(desk, '.playhead', 'runs', id, 'fills.ndjson');
  const bytes = readFileSync(path);
  writeFileSync(path, bytes.toString('utf8').replace(/"feeQuote":0/, '"feeQuote":1'));
  for (const args of [
    ['runs', 'show', id],
    ['runs', 'export', id, '-o', 'tampered-out'],
    ['report', id],
  ]) {
    const { code, out, error } = playhead(args);
    expect([args[0], code, out, error]).toEqual([
      args[0],
      3,
      '',
      expect.stringMatching(/^error RUN_CORRUPT: run \S+: fills\.ndjson was changed after it was stored; /),
    ]);
  }
  expect(existsSync(join(desk, 'tampered-out'))).toBe(false);
  const listed = playhead(['runs', 'list']);
  expect([listed.code, listed.out]).toEqual([0, expect.stringMatching(`${id} +CORRUPT: fills.ndjson was changed after it was stored\n`)]);
  rmSync(join(desk, '.playhead', 'runs', id), { recursive: true });
});

describe('verify tells apart', () => {
  let id: string;
  let home: string;
  const verify = (options: PlayheadOptions = {}) => {
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
