/** Owns the shipped scenarios' goldens: what each gives on the bars that any machine can make. Never judges; goldens.test.ts compares. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { openCatalogue } from '../data/catalogue.ts';
import { tapeTransfer } from '../data/columns.ts';
import { importSynthetic } from '../data/import-columns.ts';
import { importVegaSp500 } from '../data/import-vega-sp500.ts';
import type { RunResult } from '../engine/result.ts';
import { packageRoot } from '../strategies/locate.ts';
import { playTask } from './play-worker.ts';
import { prepareScenario } from './prepare.ts';
import { readScenario } from './read.ts';
import type { ResolvedScenario } from './resolve.ts';

/** Hashes that hold whatever the build, with two figures that a person can read. */
export interface Golden {
  readonly fillsHash: string;
  readonly dailyHash: string;
  readonly metricsHash: string;
  readonly fillCount: number;
  readonly equityFinalQuote: number;
}
export type Goldens = Readonly<Record<string, Golden>>;

/** In the order of the file. */
export const goldenNames = [
  'moving-average-cross',
  'ichimoku',
  'donchian-breakout',
  'buy-and-hold',
  'rotation',
  'synthetic-minutes',
] as const;

/** A home folder with every series that the shipped scenarios name, as their descriptions say they are made; the caller removes it. */
export async function makeGoldenHome(): Promise<string> {
  const home = mkdtempSync(join(tmpdir(), 'playhead-goldens-'));
  const catalogue = openCatalogue(home);
  await importVegaSp500(catalogue);
  const market = { seed: 1, bars: 43_200, startMs: Date.UTC(2024, 0, 1), startPrice: 30_000, tick: 0.01 };
  for (const symbol of ['ALPHA/USD', 'BETA/USD', 'GAMMA/USD']) await importSynthetic(catalogue, { ...market, symbol });
  return home;
}

/** Plays one shipped scenario in this thread, from these sources: no build is in between. */
export async function playShipped(
  name: string,
  home: string,
  set: readonly string[] = [],
): Promise<{ result: RunResult; resolved: ResolvedScenario }> {
  const prepared = await prepareScenario(readScenario(shippedPath(name), set), home);
  const { bundle, resolved, instruments, conversions, tapes } = prepared;
  const { result } = playTask({
    tapes: tapes.map(tapeTransfer),
    instruments,
    conversions: conversions.map((one) => ({ ...one, tape: tapeTransfer(one.tape) })),
    resolved,
    code: bundle.code,
    sourceMap: bundle.sourceMap,
    strategyHash: bundle.strategyHash,
    entry: bundle.entry,
    isMute: true,
    progress: new Int32Array(new SharedArrayBuffer(8)),
  });
  return { result, resolved };
}

export function goldenOf({ certificate, fills, equity }: RunResult): Golden {
  const { fillsHash, dailyHash, metricsHash } = certificate;
  return {
    fillsHash,
    dailyHash,
    metricsHash,
    fillCount: fills.length,
    equityFinalQuote: equity.equityQuote[equity.equityQuote.length - 1],
  };
}

export function readGoldens(): Goldens {
  return JSON.parse(readFileSync(goldensPath(), 'utf8')) as Goldens;
}

function shippedPath(name: string): string {
  return join(packageRoot(), 'scenarios', `${name}.yaml`);
}

function goldensPath(): string {
  return join(packageRoot(), 'scenarios', 'goldens.json');
}

/** "npm run goldens": writes the file anew. */
async function regenerate(): Promise<void> {
  const home = await makeGoldenHome();
  try {
    const goldens: Record<string, Golden> = {};
    for (const name of goldenNames) goldens[name] = goldenOf((await playShipped(name, home)).result);
    writeFileSync(goldensPath(), `${JSON.stringify(goldens, null, 2)}\n`);
    process.stdout.write(`${goldenNames.length} goldens written to ${goldensPath()}\n`);
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) await regenerate();
