/**
 * Owns the benchmark of one run on one core: a year of synthetic minutes, a moving-average cross with orders, exact ledger, risk and cursors,
 * onBar called at every bar. Each line prints the hash of what it timed; it is that of the same scenario run from its file.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openCatalogue } from '../../data/catalogue.ts';
import { importSynthetic } from '../../data/import-columns.ts';
import { certifyTrial, hashTape } from '../../engine/certificate.ts';
import { assert } from '../../engine/errors.ts';
import { Workspace } from '../../engine/logs.ts';
import { type PlayInput, playTrial } from '../../engine/play.ts';
import { compileStrategy } from '../../strategies/evaluate.ts';
import { packageRoot } from '../../strategies/locate.ts';
import { engineHash } from '../engine-hash.ts';
import { prepareScenario } from '../prepare.ts';
import { readScenario } from '../read.ts';
import { scenarioHash, settingsOf } from '../resolve.ts';
import { median, type Timing, timed } from './timing.ts';

const barCount = 525_600;
const symbolCount = 20;
const childPath = fileURLToPath(new URL('./child.js', import.meta.url));
const cliPath = fileURLToPath(new URL('../cli.js', import.meta.url));
const scenarioPath = join(packageRoot(), 'scenarios', 'bench', 'minutes.yaml');

const home = mkdtempSync(join(tmpdir(), 'playhead-bench-'));
try {
  await bench();
} finally {
  rmSync(home, { recursive: true, force: true });
}

async function bench(): Promise<void> {
  print(
    `${cpus()[0]?.model.trim()} × ${cpus().length}, Node ${process.version}; ${barCount} synthetic one-minute bars, seed 1; times in ms`,
  );
  const symbols = Array.from({ length: symbolCount }, (_, i) => (i === 0 ? 'BENCH/USD' : `BENCH${i}/USD`));
  await makeBars(symbols[0]);
  await benchRuns();
  benchLoads();
  benchStart();
  for (const symbol of symbols.slice(1)) await makeBars(symbol);
  for (const count of [1, symbolCount]) {
    const { rssMb, fillCount } = child('memory', scenarioPath, symbols.slice(0, count).join(','));
    print(
      `peak RSS         ${count} × ${barCount} bars: ${rssMb.toFixed(0)} MB (whole process with load, worker and result of ${fillCount} fills)`,
    );
  }
}

async function makeBars(symbol: string): Promise<void> {
  await importSynthetic(openCatalogue(home), {
    seed: 1,
    symbol,
    bars: barCount,
    startMs: Date.UTC(2023, 0, 1),
    startPrice: 35_000,
    tick: 0.01,
  });
}

/** By the command line, in a process of its own: what it loads and leaves behind is not in the way of what is timed here. */
function hashFromFile(): string {
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    [cliPath, '--home', home, 'run', scenarioPath, '--json', '-q', '--no-report'],
    {
      encoding: 'utf8',
    },
  );
  assert(status === 0, `playhead run ended with ${status}: ${stderr}`);
  return (JSON.parse(stdout) as { readonly certificate: { readonly trialHash: string } }).certificate.trialHash;
}

async function benchRuns(): Promise<void> {
  const trialHashFromFile = hashFromFile();
  const prepared = await prepareScenario(readScenario(scenarioPath), home);
  const strategy = compileStrategy(prepared.bundle.code);
  const parameters = { fast: 10, slow: 30 };
  const settings = settingsOf(prepared.resolved);
  const hashes = {
    strategyHash: prepared.bundle.strategyHash,
    scenarioHash: scenarioHash(prepared.resolved, parameters),
    engineHash: engineHash(),
  };
  const input: PlayInput = {
    tapes: prepared.tapes,
    instruments: prepared.instruments,
    settings,
    strategy,
    parameters,
    hashes,
    recording: 'metrics',
  };
  const tapeHash = hashTape(prepared.tapes, settings.window.toMs);
  const workspace = new Workspace();
  for (const recording of ['metrics', 'full'] as const) {
    const { timing, result: outcome } = timed(() => playTrial({ ...input, recording, workspace }));
    const { daily, metrics } = outcome;
    const { trialHash } = certifyTrial({ ...hashes, tapeHash, seed: settings.seed, fillsHash: outcome.run.fills.hash(), daily, metrics });
    assert(trialHash === trialHashFromFile, `the timed run gave ${trialHash}, the run from its file ${trialHashFromFile}`);
    const name = recording === 'metrics' ? 'metrics only    ' : 'full recording  ';
    print(
      `${name} ${speed(timing)}; ${outcome.run.fills.length} fills, equity ${metrics.equityQuoteFinal}, trial ${trialHash.slice(0, 16)} = run from file`,
    );
  }
}

/** Beside each time its ratio to the tape's SHA-256 in the same process: that tells a slow hour from a slow program. */
function benchLoads(): void {
  const parquet = child('parquet');
  print(`load Parquet     ${loadText(parquet.firstMs, parquet.medianMs, parquet.hashMs)}`);
  const cached = child('cached');
  print(`load cache       ${loadText(cached.firstMs, cached.medianMs, cached.hashMs)}`);
  print(`check bars       ${loadText(cached.checkFirstMs, cached.checkMedianMs, cached.hashMs)}`);
  print(`hash tape        ${cached.hashMs.toFixed(1)}`);
}

function loadText(firstMs: number, medianMs: number, hashMs: number): string {
  return `first ${firstMs.toFixed(1)}, median ${medianMs.toFixed(1)} (${(medianMs / hashMs).toFixed(2)} × hash)`;
}

function benchStart(): void {
  const timeOf = (args: string[]): number => {
    const started = performance.now();
    spawnSync(process.execPath, args);
    return performance.now() - started;
  };
  // In turns, so that a slow moment is shared.
  const pairs = Array.from({ length: 9 }, () => ({ bareMs: timeOf(['-e', '0']), helpMs: timeOf([cliPath, '--help']) }));
  const bareMs = median(pairs.map((pair) => pair.bareMs));
  const helpMs = median(pairs.map((pair) => pair.helpMs));
  print(`playhead --help  median ${helpMs.toFixed(0)} (whole process; node -e 0 alone ${bareMs.toFixed(0)})`);
}

function child(task: string, ...rest: string[]): Record<string, number> {
  const { stdout, stderr, status } = spawnSync(process.execPath, [childPath, task, home, ...rest], { encoding: 'utf8' });
  assert(status === 0, `the benchmark's child ended with ${status}: ${stderr}`);
  return JSON.parse(stdout.trim().split('\n').at(-1) as string) as Record<string, number>;
}

function speed({ firstMs, medianMs, settledMs }: Timing): string {
  const rate = (elapsedMs: number) => `${(barCount / elapsedMs / 1000).toFixed(1)} M bars/s`;
  return `first ${firstMs.toFixed(1)}, median ${medianMs.toFixed(1)} (${rate(medianMs)}), settled ${settledMs.toFixed(1)} (${rate(settledMs)})`;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
