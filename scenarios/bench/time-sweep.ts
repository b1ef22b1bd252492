/** Owns one timed sweep in this process: from its scenario file to its hash and its entry in the ledger, threads' start included. Never prints. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { assert } from '../../engine/errors.ts';
import { metricsByName } from '../../engine/metrics/catalogue.ts';
import { packageRoot } from '../../strategies/locate.ts';
import { sweepScenario } from '../search/sweep-scenario.ts';

export interface SweepCase {
  readonly home: string;
  /** What of sweep.yaml differs. */
  readonly set: readonly string[];
  readonly jobs: number;
}

export interface TimedSweep {
  readonly seconds: number;
  readonly sweepHash: string;
  readonly trialCount: number;
  /** Sums over all trials. */
  readonly tradeCount: number;
  readonly equityQuote: number;
  /** Of the whole process, before the sweep and at most. */
  readonly rssMbBefore: number;
  readonly rssMbMax: number;
  /** Of the whole process in each tenth of the time, at most. */
  readonly rssMbByTenth: readonly number[];
}

const path = join(packageRoot(), 'scenarios', 'bench', 'sweep.yaml');
const megabyte = 1024 * 1024;

export async function timeSweep({ home, set, jobs }: SweepCase): Promise<TimedSweep> {
  for (const folder of ['sweeps', 'ledger']) rmSync(join(home, folder), { recursive: true, force: true });
  const rssMbBefore = process.memoryUsage.rss() / megabyte;
  const samples: number[] = [];
  const ticker = setInterval(() => samples.push(process.memoryUsage.rss() / megabyte), 20);
  const { trials, sweepHash, elapsedMs } = await sweepScenario(path, { home, set, jobs });
  clearInterval(ticker);
  const failed = trials.find(({ failure }) => failure !== null);
  assert(failed === undefined, `trial ${failed?.index} failed: ${failed?.failure?.message}`);
  const metrics = trials.map((trial) => metricsByName(trial.metrics));
  return {
    seconds: elapsedMs / 1000,
    sweepHash,
    trialCount: trials.length,
    tradeCount: metrics.reduce((sum, { tradeCount }) => sum + tradeCount, 0),
    equityQuote: metrics.reduce((sum, { equityQuoteFinal }) => sum + equityQuoteFinal, 0),
    rssMbBefore,
    rssMbMax: process.resourceUsage().maxRSS / 1024,
    rssMbByTenth: tenthsOf(samples).map((some) => Math.max(...some)),
  };
}

function tenthsOf(samples: readonly number[]): number[][] {
  return Array.from({ length: 10 }, (_, k) => samples.filter((_, i) => Math.floor((i * 10) / samples.length) === k));
}

/** The grids of the peer bench: so many pairs, the fast mean always below the slow one. */
export function pairsOf(count: number): string[] {
  const grids: Readonly<Record<number, readonly [string, string]>> = {
    10: ['{from: 5, to: 25, step: 5}', '[60, 120]'],
    100: ['{from: 5, to: 50, step: 5}', '{from: 60, to: 150, step: 10}'],
    1000: ['{from: 2, to: 50, step: 2}', '{from: 52, to: 169, step: 3}'],
    10000: ['{from: 1, to: 50}', '{from: 52, to: 251}'],
  };
  assert(Object.hasOwn(grids, count), `${count} pairs are one of ${Object.keys(grids).join(', ')}`);
  const [fast, slow] = grids[count];
  return [`search.parameters={fast: ${fast}, slow: ${slow}}`];
}
