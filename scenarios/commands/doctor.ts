/** Owns "playhead doctor": what a run needs, tried one by one. Never repairs. */
import type { Command } from 'commander';
import { type GlobalOptions, globalsOf, printJson, printText, table } from '../terminal.ts';

export interface Check {
  readonly name: string;
  readonly state: 'ok' | 'note' | 'fail';
  readonly text: string;
}

export function registerDoctor(program: Command): void {
  program
    .command('doctor')
    .description('check that this machine and this home folder can run playhead')
    .action(async (_options: unknown, command: Command) => doctorCommand(globalsOf(command)));
}

async function doctorCommand(options: GlobalOptions): Promise<void> {
  const { resolve } = await import('node:path');
  const { runVersions } = await import('../package-info.ts');
  const { engineHash } = await import('../engine-hash.ts');
  const home = resolve(options.home);
  const { node, v8, cpu, playhead } = runVersions();
  const checks: Check[] = [
    await check('node', () => `${node} (V8 ${v8}) on ${cpu}`),
    await check('playhead', () => `${playhead}, engine build ${engineHash().slice(0, 12)}`),
    await check('home', () => homeText(home)),
    await check('catalogue', () => catalogueText(home)),
    await check('runs', () => runsText(home)),
    await check('strategies', strategyText),
    await check('duckdb', duckdbText),
    await check('worker', workerText),
  ];
  if (options.json) printJson(checks);
  else printText(table(checks.map(({ state, name, text }) => [state, name, text])));
  if (checks.some((one) => one.state === 'fail')) process.exitCode = 4;
}

/** A text that starts with "note: " is no failure, yet worth a look. */
async function check(name: string, task: () => string | Promise<string>): Promise<Check> {
  try {
    const text = await task();
    return text.startsWith('note: ') ? { name, state: 'note', text: text.slice(6) } : { name, state: 'ok', text };
  } catch (error) {
    return { name, state: 'fail', text: error instanceof Error ? error.message : String(error) };
  }
}

async function homeText(home: string): Promise<string> {
  const { accessSync, constants, existsSync } = await import('node:fs');
  if (!existsSync(home)) return `note: ${home} does not exist yet; the first import makes it`;
  accessSync(home, constants.R_OK | constants.W_OK);
  return home;
}

async function catalogueText(home: string): Promise<string> {
  const { openCatalogue } = await import('../../data/catalogue.ts');
  const { verifySegments } = await import('../../data/load-tape.ts');
  const catalogue = openCatalogue(home);
  const manifests = catalogue.list();
  if (manifests.length === 0) return 'note: empty; import bars with "npx playhead data import"';
  let segmentCount = 0;
  for (const { key } of manifests) segmentCount += verifySegments(catalogue, key);
  return `${manifests.length} series, ${segmentCount} segments, all as their manifests say`;
}

async function runsText(home: string): Promise<string> {
  const { listRuns } = await import('../../data/stores/run-store.ts');
  const runs = listRuns(home);
  const unreadable = runs.filter((run) => run.problem !== '');
  return unreadable.length === 0
    ? `${runs.length} stored`
    : `note: ${unreadable.length} of ${runs.length} stored runs cannot be read: ${unreadable[0].id}`;
}

async function strategyText(): Promise<string> {
  const { bundleAt } = await import('../prepare.ts');
  const { code } = await bundleAt({ kind: 'shipped', name: 'buy-and-hold' }, '.');
  return `a shipped strategy bundles to ${code.length} characters`;
}

async function duckdbText(): Promise<string> {
  const { withDuckdb } = await import('../../data/duckdb.ts');
  return withDuckdb(undefined, async () => 'opens');
}

async function workerText(): Promise<string> {
  const { Worker } = await import('node:worker_threads');
  const worker = new Worker('require("node:worker_threads").parentPort.postMessage(1)', { eval: true });
  return new Promise((resolve, reject) => {
    worker.once('message', () => resolve('starts and answers'));
    worker.once('error', reject);
  });
}
