/**
 * Owns the benchmark of what realism costs: the run of "npm run bench" beside runs with brackets, trailing stops, other policies, accounts and
 * protections, and many symbols with one cash. Each case is played in a process of its own and prints the hash of what it timed.
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
import { playTrial } from '../../engine/play.ts';
import { compileStrategy } from '../../strategies/evaluate.ts';
import { packageRoot } from '../../strategies/locate.ts';
import { engineHash } from '../engine-hash.ts';
import { prepareScenario } from '../prepare.ts';
import { readScenario } from '../read.ts';
import { scenarioHash, settingsOf } from '../resolve.ts';
import { runScenario } from '../run-scenario.ts';
import { timed } from './timing.ts';

const yearOfMinutes = 525_600;
const quarterOfMinutes = 131_400;
const scenarioPath = join(packageRoot(), 'scenarios', 'bench', 'minutes.yaml');
const fiftySymbols = Array.from({ length: 50 }, (_, i) => `SYM${i}/USD`);

/** What of the scenario differs, by case. */
const cases: Readonly<Record<string, readonly string[]>> = {
  'market orders': [],
  'stop and target': ['strategy.file=./bracket.ts'],
  'the same, optimistic': ['strategy.file=./bracket.ts', 'fills.ambiguous=optimistic'],
  'the same, along a path': ['strategy.file=./bracket.ts', 'fills.ambiguous=path'],
  'trailing stop': ['strategy.file=./trail.ts'],
  'margin account': ['account.kind=margin', 'account.leverage=2', 'account.interestRate=0.05'],
  'caps, cooldown, drawdown': ['risk.exposureGrossMax=1', 'risk.cooldown={bars: 5}', 'risk.drawdown={max: 0.5, then: reduce}'],
  '50 symbols, one cash': [
    'strategy.file=./cross-many.ts',
    `data.series=[${fiftySymbols.map((symbol) => `{venue: synthetic, symbol: ${symbol}, timeframe: 1m}`).join(', ')}]`,
  ],
};

const [name, home] = process.argv.slice(2);
if (name === undefined) await benchAll();
else await benchCase(name, home);

async function benchAll(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'playhead-realism-'));
  try {
    process.stdout.write(
      `${cpus()[0]?.model.trim()} × ${cpus().length}, Node ${process.version}; synthetic one-minute bars; metrics only, times in ms\n`,
    );
    await makeBars(folder, 'BENCH/USD', yearOfMinutes, 1);
    for (const [i, symbol] of fiftySymbols.entries()) await makeBars(folder, symbol, quarterOfMinutes, i + 1);
    for (const one of Object.keys(cases)) {
      const args = ['--expose-gc', fileURLToPath(import.meta.url), one, folder];
      const { status } = spawnSync(process.execPath, args, { stdio: 'inherit' });
      assert(status === 0, `the case "${one}" ended with ${status}`);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function makeBars(folder: string, symbol: string, bars: number, seed: number): Promise<void> {
  const startMs = Date.UTC(2023, 0, 1);
  await importSynthetic(openCatalogue(folder), { seed, symbol, bars, startMs, startPrice: 35_000, tick: 0.01 });
}

async function benchCase(one: string, folder: string): Promise<void> {
  const set = cases[one];
  const fromFile = (await runScenario(scenarioPath, { home: folder, store: false, set })).result.certificate.trialHash;
  const prepared = await prepareScenario(readScenario(scenarioPath, set), folder);
  const settings = settingsOf(prepared.resolved);
  const { code, strategyHash } = prepared.bundle;
  const parameters = { fast: 10, slow: 30 };
  const hashes = { strategyHash, scenarioHash: scenarioHash(prepared.resolved, parameters), engineHash: engineHash() };
  const { tapes, instruments } = prepared;
  const workspace = new Workspace();
  const strategy = compileStrategy(code);
  const input = { tapes, instruments, settings, strategy, parameters, hashes, recording: 'metrics' as const, workspace };
  const { timing, result } = timed(() => playTrial(input));
  const { run, daily, metrics } = result;
  const tapeHash = hashTape(tapes, settings.window.toMs);
  const { trialHash } = certifyTrial({ ...hashes, tapeHash, seed: settings.seed, fillsHash: run.fills.hash(), daily, metrics });
  assert(trialHash === fromFile, `the timed run gave ${trialHash}, the run from its file ${fromFile}`);
  const barCount = tapes.reduce((sum, tape) => sum + tape.columns.length, 0);
  const each = (timing.settledMs * 1e6) / barCount;
  process.stdout.write(
    `${one.padEnd(34)} median ${timing.medianMs.toFixed(1)}, settled ${timing.settledMs.toFixed(1)} (${each.toFixed(1)} ns a bar), ${run.fills.length} fills, ${result.broker.doubts.ambiguousBarCount} ambiguous bars; trial ${trialHash.slice(0, 16)} = run from file\n`,
  );
}
