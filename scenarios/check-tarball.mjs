/**
 * Owns "npm run check:tarball": packs, installs the tarball in an empty folder, makes a project there and runs it. Needs the registry (or
 * npm's cache) for the dependencies; the project itself is made and run offline.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const scratch = mkdtempSync(join(tmpdir(), 'playhead-tarball-'));

function run(cwd, command, args, env = {}) {
  const started = performance.now();
  const child = spawnSync(command, args, { cwd, encoding: 'utf8', env: { ...process.env, ...env }, shell: process.platform === 'win32' });
  process.stdout.write(`$ ${[command, ...args].join(' ')}  (${((performance.now() - started) / 1000).toFixed(1)} s)\n`);
  if (child.status === 0) return child.stdout;
  process.stdout.write(`${child.stdout}${child.stderr}\n`);
  throw new Error(`${command} ended with code ${child.status}`);
}

function assert(condition, message) {
  if (!condition) throw new Error(message);
}

try {
  const packed = JSON.parse(run(root, 'npm', ['pack', '--json', '--pack-destination', scratch]));
  const [{ filename, files, size }] = Array.isArray(packed) ? packed : Object.values(packed);
  const names = files.map((file) => file.path);
  const stray = names.filter((name) => /\.test\.|\.golden\.json$|^data\/|^engine\/|^node_modules\//.test(name));
  assert(stray.length === 0, `the tarball holds what no user needs: ${stray.slice(0, 5).join(', ')}`);
  for (const needed of [
    'dist/scenarios/cli.js',
    'dist/scenarios/playhead.d.ts',
    'scenarios/scenario.schema.json',
    'strategies/moving-average-cross.ts',
    'LICENSE',
  ]) {
    assert(names.includes(needed), `the tarball lacks ${needed}`);
  }
  process.stdout.write(`${names.length} files, ${(size / 1024).toFixed(0)} kB\n`);

  const empty = join(scratch, 'empty');
  mkdirSync(empty);
  writeFileSync(join(empty, 'package.json'), '{"name":"empty","private":true}\n');
  run(empty, 'npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', join(scratch, filename)]);
  assert(!existsSync(join(empty, 'node_modules', 'vega-datasets')), 'vega-datasets is a development dependency and was installed');

  const offline = { npm_config_offline: 'true', HTTPS_PROXY: 'http://127.0.0.1:9', HTTP_PROXY: 'http://127.0.0.1:9' };
  run(empty, 'npx', ['playhead', 'init', 'my-desk'], offline);
  const desk = join(empty, 'my-desk');
  assert(
    /SYNTHETIC/.test(readFileSync(join(desk, 'scenario.yaml'), 'utf8')),
    'without vega-datasets the scenario says that its bars are synthetic',
  );
  const summary = run(desk, 'npx', ['playhead', 'run'], offline);
  assert(/SYNTHETIC/.test(summary), 'the summary says that the bars are synthetic');
  process.stdout.write(summary);
  run(desk, 'npx', ['playhead', 'verify', 'last'], offline);
  writeFileSync(
    join(desk, 'library.mjs'),
    "import { run } from 'playhead';\nconst { result } = await run('scenario.yaml', { store: false });\nconsole.log(result.trades.length);\n",
  );
  const trades = Number(run(desk, process.execPath, ['library.mjs'], offline));
  assert(trades > 0, `the library's run() gave ${trades} trades`);
  process.stdout.write('tarball ok\n');
} catch (error) {
  process.stdout.write(`tarball failed: ${error.message}\n`);
  process.exitCode = 1;
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
