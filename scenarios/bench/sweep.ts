/**
 * Owns "npm run bench:sweep": sweeps on one thread and on two, each in a process of its own and with the hash of what was timed; how they grow with
 * bars and sets; what a second thread is worth beside a control; memory over time. Sizes can be made small: --bars 52560 --pairs 100 --rounds 1.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { openCatalogue } from '../../data/catalogue.ts';
import { importSynthetic } from '../../data/import-columns.ts';
import { assert } from '../../engine/errors.ts';
import { fitLine } from '../../engine/optimiser/statistics/overfitting.ts';
import { controlRate } from './cpu-control.ts';
import { pairsOf, type SweepCase, type TimedSweep, timeSweep } from './time-sweep.ts';
import { median } from './timing.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    bars: { type: 'string', default: '525600' },
    pairs: { type: 'string', default: '1000' },
    rounds: { type: 'string', default: '3' },
    only: { type: 'string', default: '' },
  },
});
const barCount = Number(values.bars);
const pairCount = Number(values.pairs);
const roundCount = Number(values.rounds);
const cloudCount = pairCount / 2;
const made = new Set<string>();

const parts: Readonly<Record<string, (home: string) => Promise<void>>> = {
  cases: benchCases,
  few: benchFew,
  growth: benchGrowth,
  threads: benchThreads,
  memory: benchMemory,
};

if (positionals[0] === 'child') process.stdout.write(`${JSON.stringify(await timeSweep(JSON.parse(positionals[1]) as SweepCase))}\n`);
else await bench();

async function bench(): Promise<void> {
  const home = mkdtempSync(join(tmpdir(), 'playhead-sweep-'));
  try {
    print(
      `${cpus()[0]?.model.trim()} × ${cpus().length}, Node ${process.version}; synthetic one-minute bars, seed 1; medians of ${roundCount}`,
    );
    for (const [name, part] of Object.entries(parts)) {
      if (!name.includes(values.only)) continue;
      print('');
      await part(home);
    }
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

/** A home with so many bars; they are made once. */
async function barsHome(home: string, count: number): Promise<string> {
  const own = join(home, String(count));
  const bars = { seed: 1, symbol: 'BENCH/USD', bars: count, startMs: Date.UTC(2020, 0, 1), startPrice: 35_000, tick: 0.01 };
  if (!made.has(own)) await importSynthetic(openCatalogue(own), bars);
  made.add(own);
  return own;
}

function cloudsOf(count: number): string[] {
  const spanB = count >= 500 ? '{from: 44, to: 62, step: 2}' : '[52]';
  return [
    'strategy.file=./cloud.ts',
    `search.parameters={tenkan: {from: 5, to: 13, step: 2}, kijun: {from: 20, to: 38, step: 2}, spanB: ${spanB}}`,
  ];
}

/** The cases of the table, on one thread and on two, in turns. */
async function benchCases(home: string): Promise<void> {
  const own = await barsHome(home, barCount);
  const cases: Readonly<Record<string, readonly string[]>> = {
    [`${pairCount} pairs of means`]: pairsOf(pairCount),
    [`${pairCount} pairs with stop and target`]: ['strategy.file=./bracket.ts', ...pairsOf(pairCount)],
    [`${cloudCount} Ichimoku`]: cloudsOf(cloudCount),
  };
  const ways = ['dense', 'sparse'].flatMap((replay) => [1, 2].map((jobs) => ({ replay, jobs })));
  for (const [name, set] of Object.entries(cases)) {
    // All four come to one hash.
    const timed = inTurns(ways.map(({ replay, jobs }) => ({ home: own, set: [...set, `replay=${replay}`], jobs })));
    ways.forEach(({ replay, jobs }, k) => {
      print(`${name.padEnd(34)} ${replay.padEnd(6)} ${jobs} ${jobs === 1 ? 'thread ' : 'threads'} ${speed(timed[k], barCount)}`);
      if (jobs === 1) return;
      const one = timed[k - 1];
      const workerMb = timed[k].rssMbMax - one.rssMbMax;
      print(`${''.padEnd(41)} a second thread: ${(one.seconds / timed[k].seconds).toFixed(2)} × as fast, ${workerMb.toFixed(0)} MB more`);
    });
  }
}

async function benchFew(home: string): Promise<void> {
  const own = await barsHome(home, barCount);
  const [one, two] = inTurns([1, 2].map((jobs) => ({ home: own, set: pairsOf(10), jobs })));
  print(`10 pairs on one thread  ${speed(one, barCount)}`);
  print(`10 pairs on two threads ${speed(two, barCount)}; ${(one.seconds / two.seconds).toFixed(2)} × as fast`);
}

/** Cost by bars and sets, and the line through it: seconds = base + slope × bars × sets. */
async function benchGrowth(home: string): Promise<void> {
  const points: { work: number; seconds: number }[] = [];
  for (const bars of [barCount / 8, barCount, barCount * 4]) {
    const own = await barsHome(home, bars);
    for (const sets of new Set([10, 100, pairCount])) {
      const { seconds, ...timed } = child({ home: own, set: pairsOf(sets), jobs: 2 });
      points.push({ work: bars * sets, seconds });
      print(`growth  ${String(bars).padStart(8)} bars × ${String(sets).padStart(5)} pairs  ${speed({ ...timed, seconds }, bars)}`);
    }
  }
  const column = (name: 'work' | 'seconds'): Float64Array => Float64Array.from(points, (point) => point[name]);
  const { intercept, slope, determinationAdjusted } = fitLine(column('work'), column('seconds'));
  const line = `${intercept.toFixed(2)} s + ${(slope * 1e9).toFixed(3)} ns × bars × pairs`;
  print(`growth  ${line}, adjusted R² ${determinationAdjusted.toFixed(4)}`);
}

async function benchThreads(home: string): Promise<void> {
  const own = await barsHome(home, barCount);
  const ratios: number[] = [];
  const controls: number[] = [];
  for (let round = 0; round < roundCount; round++) {
    const alone = await controlRate(1);
    const one = child({ home: own, set: pairsOf(pairCount), jobs: 1 });
    const two = child({ home: own, set: pairsOf(pairCount), jobs: 2 });
    controls.push((await controlRate(2)) / alone);
    ratios.push(one.seconds / two.seconds);
    assert(one.sweepHash === two.sweepHash, `one thread gave ${one.sweepHash}, two gave ${two.sweepHash}`);
  }
  print(`threads 1 → 2: sweep ${median(ratios).toFixed(2)} ×, arithmetic alone in the same run ${median(controls).toFixed(2)} ×`);
}

/** Many sets on a short tape, and few on a long one: what is kept a trial must not add up. */
async function benchMemory(home: string): Promise<void> {
  const sizes: readonly (readonly [number, number])[] = [
    [barCount / 8, 10 * pairCount],
    [barCount * 4, 100],
  ];
  for (const [bars, sets] of sizes) {
    const timed = child({ home: await barsHome(home, bars), set: pairsOf(sets), jobs: 2 });
    const tenths = timed.rssMbByTenth.map((mb) => mb.toFixed(0)).join(' ');
    print(`memory  ${String(bars).padStart(8)} bars × ${String(sets).padStart(5)} pairs  ${speed(timed, bars)}`);
    print(
      `memory  MB in each tenth of the time: ${tenths}; tape ${((bars * 56) / (1024 * 1024)).toFixed(0)}, before the sweep ${timed.rssMbBefore.toFixed(0)}`,
    );
  }
}

/** Each case once a round, so that a slow moment is shared; of each the round of the median. All must give one hash. */
function inTurns(cases: readonly SweepCase[]): TimedSweep[] {
  const rounds = Array.from({ length: roundCount }, () => cases.map(child));
  const hashes = new Set(rounds.flatMap((round) => round.map(({ sweepHash }) => sweepHash)));
  assert(hashes.size === 1, `threads and rounds give one hash, found ${[...hashes].join(', ')}`);
  return cases.map((_, k) => {
    const timed = rounds.map((round) => round[k]);
    const middle = median(timed.map(({ seconds }) => seconds));
    return timed.find(({ seconds }) => seconds === middle) as TimedSweep;
  });
}

function child(one: SweepCase): TimedSweep {
  const { stdout, stderr, status } = spawnSync(process.execPath, [fileURLToPath(import.meta.url), 'child', JSON.stringify(one)], {
    encoding: 'utf8',
  });
  assert(status === 0, `the sweep ended with ${status}: ${stderr}`);
  return JSON.parse(stdout.trim().split('\n').at(-1) as string) as TimedSweep;
}

function speed({ seconds, trialCount, tradeCount, rssMbMax, sweepHash }: TimedSweep, bars: number): string {
  const rate = (bars * trialCount) / seconds / 1e6;
  return `${seconds.toFixed(2)} s (${rate.toFixed(0)} M bars/s), ${rssMbMax.toFixed(0)} MB, ${tradeCount} trades, sweep ${sweepHash.slice(0, 16)}`;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
