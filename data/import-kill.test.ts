import { execFileSync, spawn } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createRandom } from '../engine/random.ts';
import { importBars } from './import-bars.ts';
import { loadTape, verifySegments } from './load-tape.ts';
import { createScratch, csvOf, key, plainRows, rowsOf, type Scratch } from './testing/scratch.ts';

/** Three in a test run; `PLAYHEAD_KILLS=10 npx vitest run data/import-kill.test.ts` for more. */
const kills = Number(process.env.PLAYHEAD_KILLS ?? 3);
const root = resolve(import.meta.dirname, '..');
// Inside node_modules, so that the compiled files find their packages.
const compiled = join(root, 'node_modules', '.cache', `playhead-kill-${process.pid}`);
const rows = plainRows(120_000);
let scratch: Scratch;

beforeAll(() => {
  scratch = createScratch();
  mkdirSync(compiled, { recursive: true });
  const compilerOptions = { rootDir: root, outDir: compiled, declaration: false, noCheck: true };
  writeFileSync(
    join(compiled, 'tsconfig.json'),
    JSON.stringify({ extends: join(root, 'tsconfig.json'), compilerOptions, include: [], files: [join(root, 'data/import-bars.ts')] }),
  );
  writeFileSync(join(compiled, 'package.json'), '{"type":"module"}');
  execFileSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', compiled]);
  writeFileSync(
    join(compiled, 'child.js'),
    `import { openCatalogue } from './data/catalogue.js';
     import { importBars } from './data/import-bars.js';
     const [home, path] = process.argv.slice(2);
     process.stdout.write('ready\\n');
     await importBars(openCatalogue(home), { path, key: ${JSON.stringify(key())} });
     process.stdout.write('done\\n');`,
  );
});
afterAll(() => {
  scratch.remove();
  rmSync(compiled, { recursive: true, force: true });
});

/** Runs an import in a process of its own and kills it delayMs after it began; how long it ran where it was faster. */
function importAndKill(path: string, delayMs: number): Promise<{ isKilled: boolean; ranMs: number }> {
  return new Promise((resolved, rejected) => {
    const child = spawn(process.execPath, [join(compiled, 'child.js'), scratch.catalogue.homePath, path], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let startMs = 0;
    let errors = '';
    child.stderr.on('data', (text: Buffer) => {
      errors += text.toString();
    });
    child.stdout.once('data', () => {
      startMs = performance.now();
      setTimeout(() => child.kill('SIGKILL'), delayMs);
    });
    child.on('exit', (code, signal) => {
      if (code !== 0 && signal !== 'SIGKILL') rejected(new Error(errors));
      else resolved({ isKilled: signal === 'SIGKILL', ranMs: performance.now() - startMs });
    });
  });
}

describe(`kill -9 in mid-import, ${kills} times`, () => {
  test('leaves the catalogue as it was, or with the whole import; the next import is complete', { timeout: 300_000 }, async () => {
    const { catalogue } = scratch;
    await importBars(catalogue, { path: scratch.file('old.csv', csvOf(rows.slice(0, 1_000))), key: key() });
    const before = JSON.stringify(catalogue.manifest(key()));
    const manifestPath = join(catalogue.seriesPath(key()), 'manifest.json');
    const first = readFileSync(manifestPath);
    const path = scratch.file('new.csv', csvOf(rows));
    const { ranMs } = await importAndKill(path, 60_000);
    expect(catalogue.manifest(key()).rowCount).toBe(120_000);

    const random = createRandom(Date.UTC(2024, 0, 1));
    const outcomes: string[] = [];
    const killedCount = () => outcomes.filter((outcome) => outcome.startsWith('killed')).length;
    // An import that was faster than its kill is no kill; a machine on which nearly all are is told below.
    for (let i = 0; killedCount() < kills && i < 4 * kills; i++) {
      writeFileSync(manifestPath, first);
      // Every other kill in the last third, where segments and manifest are published.
      const { isKilled } = await importAndKill(path, ranMs * (i % 2 === 0 ? random() : 0.66 + 0.34 * random()));
      const after = catalogue.manifest(key());
      const isWhole = after.rowCount === 120_000;
      outcomes.push(isKilled ? (isWhole ? 'killed after the commit' : 'killed before the commit') : 'faster than the kill');
      if (!isWhole) expect(JSON.stringify(after)).toBe(before);
      expect(verifySegments(catalogue, key())).toBe(after.segments.length);
      expect(rowsOf((await loadTape(catalogue, key())).columns)).toEqual(isWhole ? rows : rows.slice(0, 1_000));
    }
    if (process.env.PLAYHEAD_KILLS !== undefined) appendFileSync(process.stderr.fd, `${outcomes.join('\n')}\n`);
    expect(killedCount()).toBe(kills);

    writeFileSync(manifestPath, first);
    expect(await importBars(catalogue, { path, key: key() })).toMatchObject({ status: 'imported', newRowCount: 119_000 });
    expect(rowsOf((await loadTape(catalogue, key())).columns)).toEqual(rows);
    const folder = catalogue.seriesPath(key());
    expect(readdirSync(folder).sort()).toEqual(
      [...catalogue.manifest(key()).segments.map((segment) => segment.file), 'manifest.json'].sort(),
    );
    expect(existsSync(join(folder, '.import'))).toBe(false);
  });
});
