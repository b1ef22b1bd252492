/**
 * Owns getting a fresh clone ready: installs when node_modules is missing or older than the lock file, builds when dist is not that of the sources.
 * Never needs anything but Node itself to begin with. With --check it changes nothing, and ends with code 1 where dist is not that of the sources.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const folders = ['engine', 'strategies', 'data', 'reports', 'scenarios'];
const stampName = '.sources.sha256';

/** Runs a program with its output on stderr: stdout belongs to the command that is set up for. */
function run(command, args) {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: ['ignore', 2, 2], shell: process.platform === 'win32' });
  if (error) throw error;
  if (status !== 0) throw new CommandError(`${[command, ...args].join(' ')} ended with code ${status}`, status ?? 1);
}

class CommandError extends Error {
  constructor(message, exitCode) {
    super(message);
    this.exitCode = exitCode;
  }
}

function isInstalled() {
  const installed = join(root, 'node_modules', '.package-lock.json');
  return existsSync(installed) && statSync(installed).mtimeMs >= statSync(join(root, 'package-lock.json')).mtimeMs;
}

/** SHA-256 over every source that the build reads; a file touched but not changed rebuilds nothing. */
function hashOfSources() {
  const hash = createHash('sha256');
  const paths = ['tsconfig.json', 'tsconfig.build.json', 'package-lock.json', 'scenarios/setup.mjs'];
  for (const folder of folders) {
    for (const path of readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })) {
      if (path.endsWith('.ts') && !path.endsWith('.test.ts')) paths.push(join(folder, path).replaceAll('\\', '/'));
    }
  }
  for (const path of paths.sort()) {
    const bytes = readFileSync(join(root, path));
    hash.update(`${path}\n${bytes.length}\n`).update(bytes);
  }
  return hash.digest('hex');
}

/**
 * Puts commander, the program and its commands into the one file that "playhead" starts with: resolving and opening twenty small modules took
 * more than half of what --help takes beyond Node itself. Everything else stays the file it is, and is imported from there: no class and no
 * state of a module exists twice, the engine that runs is the one that is hashed, and what a command alone needs is loaded by that command.
 */
async function bundleCommandLine(scenarios) {
  const { build: bundle } = await import('esbuild');
  const entry = join(scenarios, 'cli.js');
  const isInlined = (path) => path === join(scenarios, 'program.js') || dirname(path) === join(scenarios, 'commands');
  const fromEntry = (path) => {
    const way = relative(scenarios, path).replaceAll('\\', '/');
    return way.startsWith('.') ? way : `./${way}`;
  };
  const borders = {
    name: 'borders',
    setup({ onResolve }) {
      onResolve({ filter: /^\./ }, ({ path, kind, importer }) => {
        const file = resolve(dirname(importer), path);
        if (!file.startsWith(dirname(scenarios) + sep)) return undefined;
        return kind === 'import-statement' && isInlined(file) ? { path: file } : { path: fromEntry(file), external: true };
      });
    },
  };
  const license = readFileSync(join(root, 'node_modules', 'commander', 'LICENSE'), 'utf8').trim();
  await bundle({
    entryPoints: [entry],
    outfile: entry,
    allowOverwrite: true,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    logLevel: 'warning',
    plugins: [borders],
    // commander is written for require().
    banner: {
      js: `/* Contains commander:\n${license}\n*/\nimport { createRequire as requireFrom } from 'node:module';\nconst require = requireFrom(import.meta.url);`,
    },
  });
}

/** Builds beside dist and swaps, so that no stale file survives and a build that fails leaves the old one. */
async function build(stamp) {
  const next = join(root, `dist.${process.pid}`);
  rmSync(next, { recursive: true, force: true });
  process.stderr.write('setup: building …\n');
  try {
    run(process.execPath, [join('node_modules', 'typescript', 'bin', 'tsc'), '-p', 'tsconfig.build.json', '--outDir', next]);
    await bundleCommandLine(join(next, 'scenarios'));
    chmodSync(join(next, 'scenarios', 'cli.js'), 0o755);
    writeFileSync(join(next, stampName), `${stamp}\n`);
    rmSync(join(root, 'dist'), { recursive: true, force: true });
    renameSync(next, join(root, 'dist'));
  } finally {
    rmSync(next, { recursive: true, force: true });
  }
}

/** dist was built from these sources. */
function isBuilt(stamp) {
  const path = join(root, 'dist', stampName);
  return existsSync(path) && readFileSync(path, 'utf8').trim() === stamp;
}

async function setUp() {
  // An installed package has no sources to build from and nothing to install.
  if (existsSync(join(root, 'package-lock.json')) && existsSync(join(root, 'tsconfig.build.json'))) {
    if (!isInstalled()) {
      process.stderr.write('setup: installing …\n');
      // Not "npm ci": it refuses a lock file without the optional binaries of every platform, and one written where a registry offers only
      // some of them lacks the rest. This takes the versions of the lock file all the same, and does not write it.
      run('npm', ['install', '--no-save', '--no-audit', '--no-fund', '--loglevel=error']);
    }
    const stamp = hashOfSources();
    if (!isBuilt(stamp) || process.argv.includes('--build')) await build(stamp);
  }
}

try {
  if (process.argv.includes('--check')) process.exitCode = isBuilt(hashOfSources()) ? 0 : 1;
  else await setUp();
} catch (error) {
  // What a program printed says more than a stack of this file.
  if (!(error instanceof CommandError)) throw error;
  process.stderr.write(`setup: ${error.message}\n`);
  process.exitCode = error.exitCode;
}
