import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ConfigError } from '../engine/errors.ts';
import { readScenario } from './read.ts';

const start = process.cwd();
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'playhead-read-'));
  process.chdir(folder);
});

afterAll(() => {
  process.chdir(start);
  rmSync(folder, { recursive: true, force: true });
});

function write(path: string, text: string): string {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
  return path;
}

/** The message of the refusal of this text. */
function refusal(text: string, sets: readonly string[] = [], name = 's.yaml'): string {
  return refusalOf(write(name, text), sets);
}

function refusalOf(path: string, sets: readonly string[] = []): string {
  try {
    readScenario(path, sets);
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return `${(error as ConfigError).code} ${(error as ConfigError).message}`;
  }
  return 'no refusal';
}

const good = `name: good
data:
  series:
    - { venue: binance, symbol: BTC/USDT, timeframe: 1h }
strategy:
  use: moving-average-cross
  parameters: { fast: 5, slow: 20 }
`;

describe('malformed scenarios', () => {
  const line = (text: string, sets: readonly string[] = []) => refusal(text, sets);

  test('1 unknown keys are refused with the nearest name', () => {
    expect(line(`${good}acount: { initialCapital: 5 }\n`)).toMatchInlineSnapshot(
      `"SCENARIO_INVALID s.yaml:8:1 acount: was an unknown key; did you mean "account"?"`,
    );
  });
  test('2 a wrong type says what was found', () => {
    expect(line(`${good}costs: { slippage: "0.1" }\n`)).toMatchInlineSnapshot(
      `"SCENARIO_INVALID s.yaml:8:20 costs.slippage: was "0.1", expected a number, a block of keys"`,
    );
  });
  test('3 a value out of range says the bound', () => {
    expect(line(`${good}risk:\n  drawdownHalt: 1.5\n`)).toMatchInlineSnapshot(
      `"SCENARIO_INVALID s.yaml:9:17 risk.drawdownHalt: was 1.5, expected at most 1"`,
    );
  });
  test('4 a timeframe that does not exist', () => {
    expect(line(good.replace('1h', '1x'))).toMatchInlineSnapshot(
      `"SCENARIO_INVALID s.yaml:4:54 data.series[0].timeframe: was "1x", expected one of 1m, 3m, 5m, 15m, 30m, 1h, 2h, 4h, 6h, 8h, 12h, 1d, 3d, 1w, 1M; did you mean "1m"?"`,
    );
  });
  test('5 a date that no calendar has', () => {
    expect(line(good.replace('strategy:', '  from: 2023-02-29\nstrategy:'))).toMatchInlineSnapshot(
      `"SCENARIO_INVALID s.yaml:5:9 data.from: was "2023-02-29", expected a UTC date like 2024-01-31 or 2024-01-31T09:30:00Z"`,
    );
  });
  test('6 a window that ends before it starts', () => {
    expect(line(good.replace('strategy:', '  from: 2024-02-01\n  to: 2024-01-01\nstrategy:'))).toMatchInlineSnapshot(
      `"SCENARIO_INVALID s.yaml:6:7 data.to: was "2024-01-01", expected a moment later than from, which is "2024-02-01""`,
    );
  });
  test('7 missing blocks are named at the block that lacks them', () => {
    expect(line('name: bare\ndata: {}\n')).toMatchInlineSnapshot(`
      "SCENARIO_INVALID s.yaml:1:1 strategy: is missing, expected a block of keys
      s.yaml:2:7 data.series: is missing, expected a list"
    `);
  });
  test('8 duplicate keys', () => {
    expect(line(`${good}seed: 1\nseed: 2\n`)).toMatchInlineSnapshot(
      `"SCENARIO_INVALID s.yaml:9:1 (top): was a key that stands twice in one block, expected it once"`,
    );
  });
  test('9 both use and file', () => {
    expect(line(good.replace('  use:', '  file: ./a.ts\n  use:'))).toMatchInlineSnapshot(
      `"SCENARIO_INVALID s.yaml:6:3 strategy: expected either use (a shipped strategy) or file (your own), and not both"`,
    );
  });
  test('10 leverage on a spot account', () => {
    expect(line(`${good}account: { leverage: 3 }\n`)).toMatchInlineSnapshot(
      `"SCENARIO_INVALID s.yaml:8:22 account.leverage: was 3, expected 1 for a spot account; use kind: margin, which borrows for interest, or frictionless, which does not"`,
    );
  });
  test('11 an unknown metric, and bounds that are none', () => {
    expect(line(`${good}expect:\n  metrics: { sharpe: { min: 1 }, sortinoRatio: {} }\n`)).toMatchInlineSnapshot(`
      "SCENARIO_INVALID s.yaml:9:14 expect.metrics.sharpe: was an unknown key; did you mean "sharpeRatio"?
      s.yaml:9:48 expect.metrics.sortinoRatio: expected min, max or both"
    `);
  });
  test('12 hostile keys', () => {
    expect(line(`${good}__proto__: { polluted: 1 }\nconstructor: 1\n`)).toMatchInlineSnapshot(`
      "SCENARIO_INVALID s.yaml:8:1 __proto__: was a reserved name, expected another key
      s.yaml:9:1 constructor: was a reserved name, expected another key"
    `);
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
  });
  test('13 tags, aliases to nowhere, aliases to themselves', () => {
    expect(line('name: !secret x\n')).toMatchInlineSnapshot(
      `"SCENARIO_INVALID s.yaml:1:7 (top): was not readable: Unresolved tag: !secret"`,
    );
    expect(line('name: *nobody\ndata: &a [*a]\n')).toMatchInlineSnapshot(`
      "SCENARIO_INVALID s.yaml:1:7 name: was *nobody, expected an anchor &nobody earlier in the file
      s.yaml:2:11 data[0]: was *a, which contains itself; expected an alias to a finished value"
    `);
  });
  test('14 broken syntax, several documents, no block, an empty file', () => {
    expect(line('name: "x\n')).toMatchInlineSnapshot(`"SCENARIO_INVALID s.yaml:2:1 (top): was not readable: Missing closing "quote"`);
    expect(line('name: x\n---\nname: y\n')).toMatchInlineSnapshot(
      `"SCENARIO_INVALID s.yaml:2:1 (top): was more than one document, expected one"`,
    );
    expect(line('- a\n')).toMatchInlineSnapshot(
      `"SCENARIO_INVALID s.yaml:1:1 (top): was no block of keys, expected a scenario: name, data, strategy"`,
    );
    expect(line('')).toMatchInlineSnapshot(
      `"SCENARIO_INVALID s.yaml:1:1 (top): was no block of keys, expected a scenario: name, data, strategy"`,
    );
  });
  test('15 one series twice', () => {
    expect(line(good.replace('strategy:', '    - { venue: binance, symbol: BTC/USDT, timeframe: 1h }\nstrategy:'))).toMatchInlineSnapshot(
      `"SCENARIO_INVALID s.yaml:4:5 data.series: expected each series once"`,
    );
  });
  test('the first twenty faults are shown and the rest counted', () => {
    const message = line(`${good}${Array.from({ length: 25 }, (_, i) => `unknown${i}: 1`).join('\n')}\n`);
    expect(message.split('\n')).toHaveLength(21);
    expect(message).toMatch(/… and 5 more$/);
  });
  test('a file that is not there, a folder, bytes that are no text', () => {
    expect(refusalOf('none.yaml')).toContain('SCENARIO_NOT_FOUND none.yaml');
    mkdirSync(join(folder, 'folder.yaml'), { recursive: true });
    expect(refusalOf('folder.yaml')).toContain('was no regular file');
    writeFileSync(join(folder, 'binary.yaml'), Buffer.from([0xff, 0xfe, 0x00, 0x80]));
    expect(refusalOf('binary.yaml')).toContain('was not UTF-8 text');
  });
});

describe('bombs are refused within two seconds', () => {
  const lol = [
    'a: &a [x, x, x, x, x, x, x, x, x]',
    ...['b', 'c', 'd', 'e', 'f', 'g'].map((name, i) => `${name}: &${name} [${Array(9).fill(`*${'abcdefg'[i]}`).join(', ')}]`),
  ].join('\n');
  const cases: readonly (readonly [string, string, string])[] = [
    ['aliases that multiply', lol, 'once its aliases are expanded'],
    ['flow nesting', '['.repeat(500_000), 'nested deeper than 48 levels'],
    ['block nesting', '- '.repeat(300_000), 'nested deeper than 48 levels'],
    ['indentation', Array.from({ length: 1000 }, (_, i) => `${' '.repeat(i)}a:`).join('\n'), 'indented by more than 200 spaces'],
    [
      'many keys',
      Array.from({ length: 100_000 }, (_, i) => `k${i}: 1`)
        .join('\n')
        .slice(0, 1_000_000),
      'more than 20000 tokens',
    ],
    [
      'many anchors',
      Array.from({ length: 50_000 }, (_, i) => `k${i}: &a${i} 1`)
        .join('\n')
        .slice(0, 1_000_000),
      'more than 20000 tokens',
    ],
    ['size', `name: ${'x'.repeat(1_100_000)}`, 'expected at most 1 MB'],
  ];
  test.each(cases)('%s', (_name, text, expected) => {
    const started = performance.now();
    expect(refusal(text)).toContain(expected);
    expect(performance.now() - started).toBeLessThan(2000);
  });
});

describe('extends', () => {
  test('blocks are merged, lists replaced, the later file wins', () => {
    write('base.yaml', `${good}costs: { slippage: 0.001, feeFixed: 1 }\naccount: { initialCapital: 500 }\n`);
    const path = write(
      'child.yaml',
      'extends: base.yaml\nname: child\ncosts: { slippage: 0.002 }\ndata:\n  series: [{ venue: a, symbol: B/C, timeframe: 1d }]\n',
    );
    const { scenario } = readScenario(path);
    expect(scenario.costs).toMatchObject({ slippage: 0.002, feeFixed: 1 });
    expect(scenario.data.series).toEqual([{ venue: 'a', symbol: 'B/C', timeframe: '1d' }]);
    expect([scenario.name, scenario.account.initialCapital, scenario.strategy.parameters.fast]).toEqual(['child', 500, 5]);
  });
  test('another strategy starts without the parameters of the one it replaces', () => {
    write('base.yaml', good);
    expect(readScenario(write('child.yaml', 'extends: base.yaml\nstrategy: { use: buy-and-hold }\n')).scenario.strategy).toEqual({
      use: 'buy-and-hold',
      parameters: {},
    });
  });
  test("a fault of the base is told with the base's name and line", () => {
    write('base.yaml', `${good}seed: -1\n`);
    expect(refusal('extends: base.yaml\n', [], 'child.yaml')).toBe('SCENARIO_INVALID base.yaml:8:7 seed: was -1, expected at least 0');
  });
  test('circles are refused', () => {
    write('one.yaml', 'extends: two.yaml\n');
    write('two.yaml', 'extends: one.yaml\n');
    expect(refusalOf('one.yaml')).toBe(
      'SCENARIO_INVALID two.yaml:1:10 extends: was "one.yaml", which leads back to one.yaml; expected no circle',
    );
  });
  test('long chains are refused', () => {
    for (let i = 0; i < 12; i++) write(`chain${i}.yaml`, `extends: chain${i + 1}.yaml\n`);
    expect(refusalOf('chain0.yaml')).toContain('expected at most 7 in a row');
  });
});

describe('paths stay inside the project', () => {
  test.each(['/etc/passwd', '../../outside.yaml', 'file:///etc/passwd'])('extends: %s is refused', (path) => {
    expect(refusal(`extends: ${path}\n`)).toMatch(/expected a (relative path|path inside it)/);
  });
  test('a link that leads out is refused', () => {
    const outside = mkdtempSync(join(tmpdir(), 'playhead-outside-'));
    writeFileSync(join(outside, 'base.yaml'), good);
    symlinkSync(join(outside, 'base.yaml'), join(folder, 'link.yaml'));
    expect(refusal('extends: link.yaml\n')).toContain('which leaves the project folder');
    rmSync(outside, { recursive: true });
  });
  test('one folder up is fine inside a project, and refused without one', () => {
    const text = good.replace('use: moving-average-cross', 'file: ../strategies/mine.ts');
    write('project/scenarios/a.yaml', text);
    expect(refusalOf('project/scenarios/a.yaml')).toContain('strategy.file: was "../strategies/mine.ts", which leaves the project folder');
    write('project/package.json', '{}');
    const read = readScenario('project/scenarios/a.yaml');
    expect(read.strategyPath?.endsWith(join('project', 'strategies', 'mine.ts'))).toBe(true);
    expect(read.root.endsWith('project')).toBe(true);
  });
});

describe('--set', () => {
  test('replaces one value, in lists too, and takes blocks and text', () => {
    const sets = [
      'strategy.parameters.fast=12',
      'data.series.0.symbol=ETH/USDT',
      'data.series[0].timeframe=5m',
      'risk={ drawdownHalt: 0.3 }',
      'data.from=2024-01-01',
      'name=other',
    ];
    const { scenario } = readScenario(write('s.yaml', good), sets);
    expect(scenario.strategy.parameters).toEqual({ fast: 12, slow: 20 });
    expect(scenario.data.series).toEqual([{ venue: 'binance', symbol: 'ETH/USDT', timeframe: '5m' }]);
    expect([scenario.risk.drawdownHalt, scenario.data.from, scenario.name]).toEqual([0.3, '2024-01-01', 'other']);
  });
  test.each([
    ['costs.slipage=1', 'SCENARIO_INVALID --set costs.slipage=1: was an unknown key; did you mean "slippage"?'],
    ['costs.slippage=2', 'SCENARIO_INVALID --set costs.slippage=2: was 2, expected at most 1'],
    [
      'data.series.3.symbol=X',
      'SCENARIO_INVALID --set data.series.3.symbol=X: data.series[3]: was entry 3 of a list of 1, expected 0 to 0',
    ],
    ['slippage', 'SCENARIO_INVALID --set slippage: was no assignment, expected path=value, as in strategy.parameters.fast=12'],
    ['__proto__.x=1', 'SCENARIO_INVALID --set __proto__.x=1: was no path of a scenario, expected names joined by dots'],
    ['risk={ drawdownHalt: 3 }', 'SCENARIO_INVALID --set risk={ drawdownHalt: 3 }: risk.drawdownHalt: was 3, expected at most 1'],
    ['risk.riskPerTrade=0', 'SCENARIO_INVALID --set risk.riskPerTrade=0: was 0, expected more than 0'],
    [
      'search.objective=sharpRatio',
      'SCENARIO_INVALID --set search.objective=sharpRatio: was "sharpRatio"; did you mean "sharpeRatio"? expected one of 144 names (see "npx playhead schema")',
    ],
    ['seed=[1', 'SCENARIO_INVALID --set seed=[1: was not readable: Flow sequence must end with a ]'],
  ])('%s is refused', (set, message) => {
    expect(refusal(good, [set])).toBe(message);
  });
  test('what is wrong with a block for a value that --set has given is told of the --set', () => {
    const read = readScenario(write('s.yaml', `${good}search: { parameters: { fast: { from: 5, to: 15 } } }\n`), [
      'search.parameters.fast.from=45',
      'search.trials=9',
    ]);
    expect(read.placeOf(['search', 'parameters', 'fast'])).toBe('--set search.parameters.fast.from=45');
    expect(read.placeOf(['search', 'parameters'])).toBe('--set search.parameters.fast.from=45');
    expect(read.placeOf(['search'])).toMatch(/^s\.yaml:/);
  });
  test('a shipped strategy replaces a file, without its parameters', () => {
    const path = write('s.yaml', good.replace('use: moving-average-cross', 'file: ./mine.ts'));
    const read = readScenario(path, ['strategy.use=buy-and-hold']);
    expect([read.scenario.strategy, read.strategyPath]).toEqual([{ use: 'buy-and-hold', parameters: {} }, undefined]);
  });
});

test('text in a block scalar may begin with anything and be long', () => {
  const text = `description: |\n    ${'- [ '.repeat(100)}\n    ${'['.repeat(100)}\n`;
  expect(readScenario(write('s.yaml', good + text)).scenario.description).toHaveLength(400 + 100 + 2);
});

test('JSON is read as well, tabs and all, and places are those of the file', () => {
  const json = JSON.stringify(
    { name: 'j', data: { series: [{ venue: 'a', symbol: 'B', timeframe: '1d' }] }, strategy: { use: 'x' } },
    null,
    '\t',
  );
  expect(readScenario(write('s.json', json)).scenario.name).toBe('j');
  expect(refusal(json.replace('"1d"', '1'), [], 's.json')).toContain('s.json:8:18 data.series[0].timeframe: was 1, expected one of');
});

test('a scenario without the optional blocks gets every default', () => {
  const { scenario, placeOf } = readScenario(write('s.yaml', good));
  expect(scenario).toMatchObject({
    account: { initialCapital: 10_000, kind: 'spot', leverage: 1 },
    costs: { feeRateMaker: null, feeRateTaker: null, feeFixed: 0, slippage: 0 },
    risk: { riskPerTrade: 0.01, positionMax: null, drawdownHalt: 1, sizeBuffer: 0.01 },
    fills: { ambiguous: 'pessimistic' },
    semantics: 'playhead',
    seed: 1,
    replay: 'sparse',
    metrics: { periodsPerYear: null, riskFree: 0 },
    expect: { metrics: {} },
  });
  expect(placeOf(['strategy', 'parameters', 'slow'])).toBe('s.yaml:7:32');
});
