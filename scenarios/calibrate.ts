/**
 * Owns "npm run calibrate": what the statistics of luck call significant on markets of pure noise, and how often they find an edge that is planted.
 * Ends with 4 where one that the verdict goes by lies above its level. What it prints hangs on the seed alone. Never judges a search itself.
 */
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { calibrationTables, faultsOf } from '../engine/testing/calibration/calibration-table.ts';
import { type JudgedSearch, judgeSearch, type WorldName, worldNames, worlds } from '../engine/testing/calibration/judge-search.ts';
import { tallyOf } from '../engine/testing/calibration/tally.ts';
import { startProgress } from './progress.ts';
import { table } from './terminal.ts';

interface Task {
  readonly world: WorldName;
  readonly seed: number;
}

interface Answer {
  readonly place: number;
  readonly judged: JudgedSearch;
}

const size = { barCount: 1_000, replicateCount: 499 };

if (isMainThread) await calibrate();
else answerAll(workerData as { readonly tasks: readonly Task[]; readonly next: Int32Array });

async function calibrate(): Promise<void> {
  const { values } = parseArgs({
    options: {
      searches: { type: 'string', default: '1000' },
      seed: { type: 'string', default: '1' },
      jobs: { type: 'string', default: '2' },
      json: { type: 'boolean', default: false },
      quiet: { type: 'boolean', short: 'q', default: false },
    },
  });
  const searchCount = wholeNumber('searches', values.searches, 1);
  const firstSeed = wholeNumber('seed', values.seed, 0);
  const jobs = wholeNumber('jobs', values.jobs, 1);
  // Power is asked for to a few points only.
  const countOf = (world: WorldName): number => (worlds[world].isNoise ? searchCount : Math.ceil(searchCount / 4));
  const tasks = worldNames.flatMap((world) => Array.from({ length: countOf(world) }, (_, i): Task => ({ world, seed: firstSeed + i })));
  const judged = await judgeAll(tasks, { jobs, isQuiet: values.quiet });
  const tallies = new Map(worldNames.map((world) => [world, tallyOf(judged.filter((_, place) => tasks[place].world === world))] as const));
  const faults = faultsOf(tallies);
  if (values.json) process.stdout.write(`${JSON.stringify({ ...size, firstSeed, worlds: Object.fromEntries(tallies), faults })}\n`);
  else
    print(calibrationTables(tallies), `${searchCount} searches of 40 trials over ${size.barCount} bars each, seeds from ${firstSeed} on`);
  process.exitCode = faults.length === 0 ? 0 : 4;
}

/** In threads that take the next search each; answers stand by their place, whoever gave them. */
async function judgeAll(
  tasks: readonly Task[],
  { jobs, isQuiet }: { readonly jobs: number; readonly isQuiet: boolean },
): Promise<readonly JudgedSearch[]> {
  const judged: JudgedSearch[] = new Array(tasks.length);
  const next = new Int32Array(new SharedArrayBuffer(4));
  const progress = await startProgress({ quiet: isQuiet, color: process.stderr.hasColors?.() ?? false }, 'searches');
  let endedCount = 0;
  const ended = Array.from({ length: jobs }, () => {
    const worker = new Worker(fileURLToPath(import.meta.url), { workerData: { tasks, next } });
    worker.on('message', ({ place, judged: one }: Answer) => {
      judged[place] = one;
      progress.update(++endedCount, tasks.length);
    });
    return new Promise<void>((resolve, reject) => {
      worker.once('error', reject);
      worker.once('exit', () => resolve());
    });
  });
  try {
    await Promise.all(ended);
  } finally {
    progress.stop();
  }
  return judged;
}

function answerAll({ tasks, next }: { readonly tasks: readonly Task[]; readonly next: Int32Array }): void {
  for (let place = Atomics.add(next, 0, 1); place < tasks.length; place = Atomics.add(next, 0, 1)) {
    const { world, seed } = tasks[place];
    parentPort?.postMessage({ place, judged: judgeSearch(world, { ...size, seed }) } satisfies Answer);
  }
}

function print({ noise, power, verdicts }: ReturnType<typeof calibrationTables>, head: string): void {
  // Names and remarks, whose column has no head, read from the left.
  const parts = [noise, power, verdicts].map((rows) =>
    table(
      rows,
      rows[0].flatMap((name, i) => (i > 0 && name !== '' ? [i] : [])),
    ),
  );
  process.stdout.write(`${[head, ...parts].join('\n\n')}\n`);
}

function wholeNumber(name: string, text: string, least: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= least) return value;
  process.stderr.write(`calibrate: --${name} was "${text}", expected a whole number from ${least} on\n`);
  process.exit(2);
}
