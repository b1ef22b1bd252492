import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseSync } from 'oxc-parser';
import { describe, expect, test } from 'vitest';
import { codeRules, strayFolders } from './testing/code-rules.ts';
import { engineBuiltins, engineLayers, importDirection, thirdParties, topFolders } from './testing/import-rules.ts';
import { type Rule, type SourceFile, sourceFile } from './testing/source.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const rules: Readonly<Record<string, Rule>> = { importDirection, engineLayers, thirdParties, engineBuiltins, ...codeRules };

/** Lines that open a test or a group of them, or a row of a table of tests. */
const titles = /^ *(?:(?:test|describe)\b.*|\]?\))\(['"`].*$|^ *\[?'\d+\.\d+ .*$/gm;

function parsed(path: string, text: string): SourceFile {
  const { program, errors } = parseSync(path, text);
  if (errors.length > 0) throw new Error(`${path}: ${errors[0].message}`);
  return sourceFile(path, text, program);
}

function sourcesOfTree(): SourceFile[] {
  const paths = topFolders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((path) => /\.m?ts$/.test(path) && !path.endsWith('.d.ts'))
      .map((path) => `${folder}/${path.replaceAll('\\', '/')}`),
  );
  return paths
    .filter((path) => !/(^|\/)(node_modules|\.[^/]+)\//.test(path))
    .map((path) => parsed(path, readFileSync(join(root, path), 'utf8')));
}

describe('the tree', () => {
  const files = sourcesOfTree();

  test('is read: engine and its tests among it', () => {
    const paths = files.map((file) => file.path);
    expect(paths).toEqual(expect.arrayContaining(['engine/errors.ts', 'engine/tidy.test.ts', 'engine/model/bar.ts']));
  });

  test.each(Object.keys(rules))('keeps the rule %s', (name) => {
    expect(files.flatMap((file) => rules[name](file))).toEqual([]);
  });

  test('has no sixth top-level folder', () => {
    const folders = readdirSync(root, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    expect(
      strayFolders(
        folders.map((entry) => entry.name),
        topFolders,
      ),
    ).toEqual([]);
  });
});

test('every rule of the broker is cited by a test', () => {
  const rulebook = readFileSync(join(root, 'engine/broker/RULES.md'), 'utf8');
  const numbers = Array.from(rulebook.matchAll(/^(\d+\.\d+) /gm), ([, number]) => number);
  const cited = new Set(
    topFolders
      .flatMap((folder) => readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((path) => join(root, folder, path)))
      .filter((path) => path.endsWith('.test.ts'))
      .flatMap((path) => Array.from(readFileSync(path, 'utf8').matchAll(titles), ([title]) => title))
      .flatMap((title) => title.match(/(?<![\d.])\d+\.\d+(?![\d.])/g) ?? []),
  );
  expect(numbers.length).toBeGreaterThan(70);
  expect(numbers.filter((number) => !cited.has(number))).toEqual([]);
});

interface Case {
  readonly rule: string;
  readonly path: string;
  readonly text: string;
  /** Part of what is said; '' where the text keeps the rule. */
  readonly says: string;
}

const engineHeader = '/** Owns a thing. Never more. */\n';
const lines = (count: number) => 'x;\n'.repeat(count);
const bad = (rule: string, path: string, text: string, says: string): Case => ({ rule, path, text, says });
const good = (rule: string, path: string, text: string): Case => ({ rule, path, text, says: '' });

const cases: Case[] = [
  bad(
    'importDirection',
    'engine/a.ts',
    "import { b } from '../data/b.ts';",
    'engine/a.ts:1: engine imports data/b.ts; it may import engine only',
  ),
  bad(
    'importDirection',
    'engine/deep/a.ts',
    "\nexport * from '../../scenarios/b.ts';",
    'engine/deep/a.ts:2: engine imports scenarios/b.ts',
  ),
  bad('importDirection', 'data/a.ts', "import type { B } from '../strategies/b.ts';", 'data imports strategies/b.ts'),
  bad('importDirection', 'strategies/a.ts', "const b = () => import('../reports/b.ts');", 'strategies imports reports/b.ts'),
  bad('importDirection', 'reports/a.ts', "type B = import('../data/b.ts').B;", 'reports imports data/b.ts'),
  bad('importDirection', 'reports/a.test.ts', "import { b } from '../scenarios/b.ts';", 'reports imports scenarios/b.ts'),
  bad('importDirection', 'strategies/a.ts', "import { b } from 'playhead';", 'imports the package "playhead" from inside it'),
  good('importDirection', 'data/deep/a.ts', "import { b } from '../../engine/b.ts';\nimport { c } from '../c.ts';"),
  good('importDirection', 'scenarios/commands/a.ts', "import { b } from '../../data/b.ts';\nimport { c } from '../../reports/c.ts';"),

  bad('engineLayers', 'engine/model/a.ts', "import { b } from '../math.ts';", 'model imports engine/math.ts'),
  bad('engineLayers', 'engine/feed.ts', "import type { Risk } from './risk/risk.ts';", 'feed imports risk, which stands above it'),
  bad('engineLayers', 'engine/risk/risk.ts', "import { step } from '../step.ts';", 'risk imports step'),
  bad('engineLayers', 'engine/step.ts', "import { replay } from './replay.ts';", 'step imports replay'),
  bad('engineLayers', 'engine/replay.ts', "import { live } from './live.ts';", 'side by side'),
  bad('engineLayers', 'engine/broker/simulated/a.ts', "import { b } from '../ccxt/b.ts';", 'side by side'),
  bad('engineLayers', 'engine/broker/ccxt/a.ts', "import { b } from '../simulated/b.ts';", 'side by side'),
  bad('engineLayers', 'engine/play.ts', "import { b } from './testing/tapes.ts';", 'testing is for tests'),
  good('engineLayers', 'engine/model/a.ts', "import { b } from './b.ts';\nimport { assert } from '../errors.ts';"),
  good('engineLayers', 'engine/step.ts', "import { b } from './portfolio/portfolio.ts';\nimport { c } from './run-state.ts';"),

  bad('thirdParties', 'scenarios/a.ts', "import { DuckDBInstance } from '@duckdb/node-api';", 'imports "@duckdb/node-api", whose place is'),
  bad('thirdParties', 'data/a.ts', "import { z } from 'zod';", 'imports "zod"'),
  bad('thirdParties', 'data/a.ts', "import x from 'left-pad/inner';", 'imports "left-pad", which has no place yet'),
  bad('thirdParties', 'reports/a.ts', "import { parseSync } from 'oxc-parser';", 'imports "oxc-parser"'),
  bad('thirdParties', 'data/ccxt-history.ts', "import ccxt from 'ccxt';", 'load it by import()'),
  bad('thirdParties', 'engine/a.ts', "import { test } from 'vitest';", 'imports "vitest"'),
  good('thirdParties', 'data/ccxt-history.ts', "const ccxt = () => import('ccxt');\nimport type { Exchange } from 'ccxt';"),
  good('thirdParties', 'scenarios/a.ts', "import { z } from 'zod';\nimport { readFileSync } from 'node:fs';"),

  bad('engineBuiltins', 'engine/a.ts', "import { readFileSync } from 'node:fs';", 'imports node:fs'),
  good('engineBuiltins', 'engine/certificate.ts', "import { createHash } from 'node:crypto';"),
  good('engineBuiltins', 'engine/broker/ccxt/a.ts', "import { readFileSync } from 'node:fs';"),

  ...[
    'Date.now()',
    "Date['now']()",
    'globalThis.Date.now()',
    'const { now } = { now: Date.now }',
    'new Date()',
    'new Date',
    'Date()',
    'new Date(2020, 1)',
  ].map((code) => bad('bannedCalls', 'engine/a.ts', code, 'engine/a.ts:1: ')),
  ...[
    'performance.now()',
    'Math.random()',
    'const f = Math.random',
    'setTimeout(f, 1)',
    'setInterval(f, 1)',
    'setImmediate(f)',
    'queueMicrotask(f)',
  ].map((code) => bad('bannedCalls', 'engine/a.ts', code, 'engine/a.ts:1: ')),
  ...[
    'process.env.HOME',
    'process.exit()',
    'async function f() {}',
    'const f = async () => 1',
    'class A { async b() {} }',
    'await x',
    'export {}; for await (const a of b) c(a)',
  ].map((code) => bad('bannedCalls', 'engine/a.ts', code, 'engine/a.ts:1: ')),
  ...[
    'a.toLocaleString()',
    "a.b.localeCompare('x')",
    'new Intl.NumberFormat()',
    'a.toLocaleUpperCase()',
    'new Date(1).getHours()',
    'date.getTimezoneOffset()',
    'Promise.all([])',
    'new Promise(f)',
    'fetch(x)',
  ].map((code) => bad('bannedCalls', 'engine/a.ts', code, 'engine/a.ts:1: ')),
  good(
    'bannedCalls',
    'engine/a.ts',
    "new Date(5).getUTCHours(); Date.UTC(2020, 1); Math.floor(1); 'Date.now()'; // Date.now()\nconst a = { process: 1 }; a.process;",
  ),
  good('bannedCalls', 'engine/testing/a.ts', 'await Date.now();'),
  good('bannedCalls', 'engine/a.test.helper.ts', 'Date.now();'),
  good('bannedCalls', 'engine/live.ts', 'setTimeout(f, Date.now());'),
  good('bannedCalls', 'engine/broker/ccxt/a.ts', 'async function f() { await process.env; }'),
  good('bannedCalls', 'data/a.ts', 'Date.now();'),

  ...[
    'Math.exp(1)',
    'Math.log(1)',
    'Math.pow(1, 2)',
    'Math.sin(1)',
    'Math.hypot(1)',
    "Math['cbrt'](1)",
    'const f = Math.log2',
    '2 ** 3',
    'x **= 2',
    'const { exp } = Math',
  ].map((code) => bad('bannedNatives', 'reports/a.ts', code, 'reports/a.ts:1: ')),
  good('bannedNatives', 'reports/a.ts', 'Math.sqrt(2) + Math.max(1, Math.PI) + Math.LN2;'),
  good('bannedNatives', 'engine/a.ts', '10n ** BigInt(a) * b ** 2n;'),
  good('bannedNatives', 'engine/math.ts', 'export const exp = Math.exp;'),
  good('bannedNatives', 'data/a.test.ts', 'Math.exp(1) ** 2;'),

  bad('fileLength', 'data/a.ts', lines(401), 'data/a.ts:401: has 401 lines, the limit is 400'),
  bad('fileLength', 'engine/step.ts', lines(121), 'has 121 lines, the limit is 120'),
  good('fileLength', 'data/a.ts', lines(400)),

  bad('functionLength', 'data/a.ts', `function f() {\n${lines(69)}}`, 'data/a.ts:1: a function of 71 lines'),
  bad('functionLength', 'data/a.ts', `class A {\n  b = () => {\n${lines(69)}};\n}`, 'data/a.ts:2: a function of 71 lines'),
  bad('functionLength', 'data/a.ts', `class A {\n  b() {\n${lines(69)}}\n}`, 'data/a.ts:2: a function of 71 lines'),
  good('functionLength', 'data/a.ts', `function f() {\n${lines(68)}}`),
  good('functionLength', 'data/a.test.ts', `describe('a', () => {\n${lines(200)}});`),

  bad('bannedTypes', 'data/a.ts', 'function f(a: any): void {}', 'data/a.ts:1: any; use unknown'),
  bad('bannedTypes', 'data/a.test.ts', 'const a = b as any;', 'any; use unknown'),
  bad('bannedTypes', 'data/a.ts', 'enum A { B }', 'enum; use a union'),
  good('bannedTypes', 'data/a.ts', "const any = 'any'; // any"),

  bad('kebabNames', 'data/runStore.ts', '', '"runStore.ts" is not kebab-case'),
  bad('kebabNames', 'data/My-folder/a.ts', '', '"My-folder" is not kebab-case'),
  bad('kebabNames', 'data/run_store.ts', '', 'is not kebab-case'),
  good('kebabNames', 'data/run-store.golden.test.ts', ''),

  bad('engineHeader', 'engine/a.ts', 'export const a = 1;\n/** Owns it. */', 'does not open with a comment'),
  bad('engineHeader', 'engine/a.ts', '/** Helpers. */', 'does not open with a comment'),
  good('engineHeader', 'engine/a.ts', engineHeader),
  good('engineHeader', 'data/a.ts', 'export const a = 1;'),

  bad('testNames', 'data/a.test.ts', "test('should add', () => {});", 'a test called "should add"'),
  bad('testNames', 'data/a.test.ts', "test.each([1])('it Should add %s', () => {});", 'state the fact'),
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a source in a text, with a template of its own
  bad('testNames', 'data/a.test.ts', 'describe.skipIf(true)(`a ${b} should c`, () => {});', 'state the fact'),
  good('testNames', 'data/a.test.ts', "test('adds', () => { should('should'); });"),
];

describe('each rule', () => {
  test.each(
    cases.map(
      (each) => [each.rule, each.says === '' ? 'passes' : 'turns red on', each.text.slice(0, 60).replaceAll('\n', ' '), each] as const,
    ),
  )('%s %s %s', (_rule, _verb, _text, { rule, path, text, says }) => {
    const faults = rules[rule](parsed(path, text));
    if (says === '') expect(faults).toEqual([]);
    else expect(faults.join('\n')).toContain(says);
  });

  test('is broken by a case here, and kept by another', () => {
    const names = Object.keys(rules).sort();
    expect([...new Set(cases.filter((each) => each.says !== '').map((each) => each.rule))].sort()).toEqual(names);
    expect([...new Set(cases.filter((each) => each.says === '').map((each) => each.rule))].sort()).toEqual(names);
  });

  test('strayFolders turns red on a sixth folder', () => {
    expect(strayFolders(['engine', 'live', '.git', 'dist'], topFolders)).toEqual([
      'live/: a sixth top-level folder; everything has a home in engine, strategies, data, reports, scenarios',
    ]);
  });
});
