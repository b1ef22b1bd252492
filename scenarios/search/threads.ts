/** Owns the threads of a scenario as long as work is done with them: prepared, started, stopped with the signal, ended with the work. Never says what is played. */
import { tapeTransfer } from '../../data/columns.ts';
import { hashTape } from '../../engine/certificate.ts';
import { homeFolder } from '../home.ts';
import { placed } from '../placed.ts';
import { finerKeys, loadFiner } from '../play-refined.ts';
import { type PreparedRun, prepareScenario } from '../prepare.ts';
import type { ReadScenario } from '../read.ts';
import { SearchPool } from './pool.ts';
import type { SearchWorkerData } from './protocol.ts';

export interface ThreadOptions {
  readonly home?: string | undefined;
  readonly set?: readonly string[] | undefined;
  readonly jobs: number;
  /** Default 600,000. */
  readonly trialTimeLimitMs?: number | undefined;
  /** Memory for what trials share, bars and indicator columns; default 256 MiB. */
  readonly memoryBytes?: number | undefined;
  readonly onProgress?: ((endedCount: number, totalCount: number) => void) | undefined;
  /** Called before threads are started; what it throws of the scenario is told with its place. */
  readonly onPrepared?: ((prepared: PreparedRun) => void) | undefined;
  /** Once it is aborted, trials under way are played to their end and no others begin. */
  readonly signal?: AbortSignal | undefined;
}

export interface Threads {
  readonly prepared: PreparedRun;
  readonly home: string;
  readonly pool: SearchPool;
  readonly trialTimeLimitMs: number;
  readonly memoryBytes: number;
  /** Of bars that all threads share. */
  readonly tapeBytes: number;
  /** Hash of the bars up to a time, where no finer ones stand in for any. */
  tapeHashTo(toMs: number): string;
  /** Trials ended by all threads so far. */
  endedCount(): number;
  /** Does work, and tells while it lasts how many trials have ended beside those of before, of so many in all. */
  told<T>(progress: { readonly before: number; readonly total: number }, work: () => Promise<T>): Promise<T>;
}

const progressEveryMs = 100;
const defaultMemoryBytes = 256 * 1024 * 1024;

export async function withThreads<T>(read: ReadScenario, options: ThreadOptions, work: (threads: Threads) => Promise<T>): Promise<T> {
  const { jobs, signal, trialTimeLimitMs = 600_000, memoryBytes = defaultMemoryBytes } = options;
  const home = homeFolder(options.home);
  const prepared = await placed(read, async () => {
    const prepared = await prepareScenario(read, home);
    options.onPrepared?.(prepared);
    return prepared;
  });
  const hashed = [...prepared.tapes, ...prepared.conversions.map(({ tape }) => tape)];
  const tapeHashTo = (toMs: number): string => hashTape(hashed, toMs);
  const data = await workerDataOf(prepared, { home, tapeHash: tapeHashTo(prepared.resolved.window.toMs) });
  const pool = new SearchPool(data, { jobs, trialTimeLimitMs });
  const stop = (): void => pool.stop();
  signal?.addEventListener('abort', stop, { once: true });
  const endedCount = (): number => Atomics.load(data.control, 1);
  const told: Threads['told'] = async ({ before, total }, work) => {
    const report = (): void => options.onProgress?.(before + endedCount(), total);
    report();
    const ticker = setInterval(report, progressEveryMs);
    try {
      const result = await work();
      report();
      return result;
    } finally {
      clearInterval(ticker);
    }
  };
  try {
    return await work({ prepared, home, pool, trialTimeLimitMs, memoryBytes, tapeBytes: tapeBytesOf(data), tapeHashTo, endedCount, told });
  } finally {
    signal?.removeEventListener('abort', stop);
    await pool.close();
  }
}

/** Bars, rules and strategy as threads want them; bars travel as shared memory. */
async function workerDataOf(
  prepared: PreparedRun,
  { home, tapeHash }: { readonly home: string; readonly tapeHash: string },
): Promise<SearchWorkerData> {
  const { resolved, bundle, instruments } = prepared;
  const finer = await loadFiner(finerKeys(resolved), home);
  return {
    tapes: prepared.tapes.map(tapeTransfer),
    finer: finer.map(tapeTransfer),
    instruments,
    conversions: prepared.conversions.map((one) => ({ ...one, tape: tapeTransfer(one.tape) })),
    resolved,
    code: bundle.code,
    sourceMap: bundle.sourceMap,
    strategyHash: bundle.strategyHash,
    entry: bundle.entry,
    tapeHash,
    control: new Int32Array(new SharedArrayBuffer(8)),
  };
}

function tapeBytesOf({ tapes, finer = [], conversions }: SearchWorkerData): number {
  const transfers = [...tapes, ...finer, ...conversions.map(({ tape }) => tape)];
  return transfers.reduce((sum, { buffer }) => sum + buffer.byteLength, 0);
}
