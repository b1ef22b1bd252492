import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { PlayheadError } from '../engine/errors.ts';
import { compileStrategy } from './evaluate.ts';
import { isShippedStrategy, shippedStrategies } from './index.ts';
import { bundlerVersion, bundleStrategy } from './loader.ts';
import { locateFile, locateShipped } from './locate.ts';

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

function project(files: Record<string, string>): string {
  const root = mkdtempSync(join(tmpdir(), 'playhead-loader-'));
  folders.push(root);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

const simple =
  "import { defineStrategy } from 'playhead';\nexport default defineStrategy({ name: 'mine', parameters: {}, setup: () => ({}) });\n";

async function failure(files: Record<string, string>, path = 'mine.ts'): Promise<PlayheadError> {
  const error: unknown = await bundleStrategy(path, { root: project(files) }).catch((thrown: unknown) => thrown);
  if (!(error instanceof PlayheadError)) throw new Error(`expected a coded error, was ${String(error)}`);
  return error;
}

describe('bundling', () => {
  test('makes one text that compiles to the strategy', async () => {
    const bundle = await bundleStrategy('mine.ts', { root: project({ 'mine.ts': simple }) });
    expect(bundle.entry).toBe('mine.ts');
    expect(bundle.code).not.toMatch(/\bimport\b/);
    expect(compileStrategy(bundle.code)().name).toBe('mine');
  });

  test('says which bundler does it', async () => {
    expect(await bundlerVersion()).toMatch(/^\d+\.\d+\.\d+$/);
  });

  test('every shipped strategy loads by name, with a schema whose name is the file’s', async () => {
    for (const name of Object.keys(shippedStrategies)) {
      const { path, root } = locateShipped(name);
      const bundle = await bundleStrategy(path, { root });
      expect(bundle.sources.map((source) => source.path)).toEqual([`strategies/${name}.ts`]);
      expect(compileStrategy(bundle.code)().name).toBe(name);
    }
    expect(isShippedStrategy('toString')).toBe(false);
  });

  test('lists the closure: helpers and data files, not the engine, not types', async () => {
    const root = project({
      'strategies/mine.ts':
        "import { defineStrategy, type Column } from 'playhead';\nimport type { T } from './types.ts';\nimport { help } from '../lib/help.js';\nimport data from './data.json' with { type: 'json' };\nexport default defineStrategy({ name: help(data.name), parameters: {}, setup: () => ({}) });\nexport type { Column, T };\n",
      'strategies/types.ts': 'export interface T { a: 1 }',
      'strategies/data.json': '{ "name": "from-json" }',
      'lib/help.ts': 'export const help = (text: string): string => text;',
    });
    const bundle = await bundleStrategy('strategies/mine.ts', { root });
    expect(bundle.sources.map((source) => source.path)).toEqual(['lib/help.ts', 'strategies/data.json', 'strategies/mine.ts']);
    expect(bundle.packages).toEqual([]);
    expect(compileStrategy(bundle.code)().name).toBe('from-json');
  });

  test('records npm packages with the lock’s integrity, and hashes their files where no lock names them', async () => {
    const files = {
      'mine.ts': simple
        .replace("'mine'", 'two + three')
        .replace('import', "import { two } from 'two';\nimport { three } from '@scope/three';\nimport"),
      'node_modules/two/package.json': '{ "name": "two", "version": "2.0.1", "main": "index.js" }',
      'node_modules/two/index.js': "exports.two = 'two';",
      'node_modules/@scope/three/package.json': '{ "name": "@scope/three", "version": "3.1.0", "type": "module", "exports": "./main.js" }',
      'node_modules/@scope/three/main.js': "export const three = 'three';",
      'package-lock.json': '{ "packages": { "node_modules/two": { "version": "2.0.1", "integrity": "sha512-abc" } } }',
    };
    const bundle = await bundleStrategy('mine.ts', { root: project(files) });
    expect(bundle.sources.map((source) => source.path)).toEqual(['mine.ts']);
    expect(bundle.packages).toEqual([
      { name: '@scope/three', version: '3.1.0', integrity: expect.stringMatching(/^files:[0-9a-f]{64}$/) },
      { name: 'two', version: '2.0.1', integrity: 'sha512-abc' },
    ]);
    expect(compileStrategy(bundle.code)().name).toBe('twothree');
    const changed = await bundleStrategy('mine.ts', {
      root: project({ ...files, 'node_modules/@scope/three/main.js': "export const three = 'drei';" }),
    });
    expect(changed.strategyHash).not.toBe(bundle.strategyHash);
    const otherLock = await bundleStrategy('mine.ts', {
      root: project({ ...files, 'package-lock.json': files['package-lock.json'].replace('abc', 'abd') }),
    });
    expect(otherLock.strategyHash).not.toBe(bundle.strategyHash);
  });
});

describe('the strategy hash', () => {
  const hashOf = async (text: string, root?: string) =>
    (await bundleStrategy('mine.ts', { root: root ?? project({ 'mine.ts': text }) })).strategyHash;

  test('is the same in two folders, through a symbolic link, and with CRLF line ends', async () => {
    const hash = await hashOf(simple);
    expect(hash).toMatch(/^[0-9a-f]{64}$/);
    expect(await hashOf(simple)).toBe(hash);
    expect(await hashOf(simple.replaceAll('\n', '\r\n'))).toBe(hash);
    const link = join(project({}), 'link');
    symlinkSync(project({ 'mine.ts': simple }), link);
    expect(await hashOf('', link)).toBe(hash);
  });

  test('is the same where the root is itself an installed package', async () => {
    const files = { 'node_modules/desk/mine.ts': simple, 'node_modules/desk/package.json': '{ "name": "desk", "version": "1.0.0" }' };
    const bundle = await bundleStrategy('mine.ts', { root: join(project(files), 'node_modules/desk') });
    expect(bundle.sources.map((source) => source.path)).toEqual(['mine.ts']);
    expect(bundle.strategyHash).toBe(await hashOf(simple));
  });

  test('changes with one byte of the strategy, be it in a comment', async () => {
    expect(await hashOf(`${simple}//`)).not.toBe(await hashOf(simple));
  });

  test('and the code ignore a tsconfig beside the strategy', async () => {
    const text = `${simple}export class Counter { count = 0; }`;
    const tsconfig = '{ "compilerOptions": { "target": "es5", "useDefineForClassFields": false, "verbatimModuleSyntax": true } }';
    const plain = await bundleStrategy('mine.ts', { root: project({ 'mine.ts': text }) });
    const beside = await bundleStrategy('mine.ts', { root: project({ 'mine.ts': text, 'tsconfig.json': tsconfig }) });
    expect(beside).toEqual(plain);
  });
});

describe('what cannot be loaded', () => {
  test('a syntax error names file, line, column and shows the line', async () => {
    const error = await failure({ 'mine.ts': 'const a = 1;\nconst größe = ;\n' });
    expect(error.code).toBe('STRATEGY_INVALID');
    expect(error.exitCode).toBe(2);
    expect(error.message).toBe('mine.ts:2:15: Unexpected ";"\n  const größe = ;\n                ^');
    expect(error.fields).toEqual({ file: 'mine.ts', line: 2, column: 15 });
  });

  test.each(['node:fs', 'fs', 'fs/promises', 'node:worker_threads'])('import of Node’s %s is refused with its place', async (name) => {
    const error = await failure({
      'lib/read.ts': `export { default } from '${name}';`,
      'mine.ts': `import it from './lib/read.ts';\n${simple}console.log(it);`,
    });
    expect(error.code).toBe('STRATEGY_FORBIDDEN');
    expect(error.exitCode).toBe(5);
    expect(error.message).toContain(`lib/read.ts:1:25: import of Node's "${name}" is forbidden`);
  });

  test('require and dynamic import of Node’s modules are refused alike', async () => {
    expect((await failure({ 'mine.ts': `${simple}export const a = () => require('fs');` })).code).toBe('STRATEGY_FORBIDDEN');
    expect((await failure({ 'mine.ts': `${simple}export const a = () => import('node:os');` })).code).toBe('STRATEGY_FORBIDDEN');
  });

  test('a direct eval is refused', async () => {
    const error = await failure({ 'mine.ts': `${simple}export const a = () => eval('1');` });
    expect([error.code, error.message.split('\n')[0]]).toEqual([
      'STRATEGY_FORBIDDEN',
      'mine.ts:3:24: eval() is forbidden in a strategy; write the code out',
    ]);
  });

  test('a name that playhead does not offer brings the nearest', async () => {
    const error = await failure({
      'mine.ts':
        "import { defineStrategy, crosedAbove } from 'playhead';\nexport default defineStrategy({ name: 'a', parameters: {}, setup: () => ({ onBar: crosedAbove }) });",
    });
    expect(error.code).toBe('STRATEGY_INVALID');
    expect(error.message).toContain('mine.ts:1:26: "playhead" has no "crosedAbove" for strategies; did you mean "crossedAbove"?');
  });

  test('a missing import, a top-level await, a strange file and an inner entry of playhead are invalid', async () => {
    expect((await failure({ 'mine.ts': `import { a } from './gone.ts';\n${simple}console.log(a)` })).message).toMatch(
      /^mine\.ts:1:19: Could not resolve "\.\/gone\.ts"/,
    );
    expect((await failure({ 'mine.ts': `${simple}await 1;` })).message).toMatch(/^mine\.ts:3:1: Top-level await/);
    expect((await failure({ 'mine.ts': `import './a.css';\n${simple}`, 'a.css': 'a {}' })).message).toContain(
      'a strategy may import .ts, .js and .json files, was .css',
    );
    expect((await failure({ 'mine.ts': `import 'playhead/engine';\n${simple}` })).message).toContain(
      '"playhead/engine" is no entry of playhead',
    );
  });

  test('a file that is not there brings the nearest file, or the nearest shipped name', async () => {
    const root = project({ 'strategies/my-first.ts': simple });
    const message = (path: string) => {
      try {
        return locateFile(path, root).path;
      } catch (error) {
        return (error as PlayheadError).message;
      }
    };
    expect(message('strategies/my-frist.ts')).toBe(
      'the strategy file strategies/my-frist.ts does not exist; did you mean "strategies/my-first.ts"?',
    );
    expect(message('ichimoko.ts')).toBe('the strategy file ichimoko.ts does not exist; did you mean the shipped strategy "ichimoku"?');
    expect(message('elsewhere/x.ts')).toBe('the strategy file elsewhere/x.ts does not exist (nor does its folder)');
    expect(message('strategies')).toBe('the strategy strategies is not a file; name a .ts or .js file, or a shipped strategy');
    expect(() => locateShipped('rotations')).toThrow(
      expect.objectContaining({ code: 'STRATEGY_NOT_FOUND', message: expect.stringContaining('did you mean "rotation"?') }),
    );
  });
});
