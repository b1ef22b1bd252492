/** Owns the life of the worker that plays a run: progress, time limit, abort. Never lets a strategy outlive its limit. */
import { Worker } from 'node:worker_threads';
import { tapeTransfer } from '../data/columns.ts';
import { countText } from '../data/count-text.ts';
import { StrategyError } from '../engine/errors.ts';
import type { PlayedExplanation } from '../engine/explain/index.ts';
import type { Tape } from '../engine/model/bar.ts';
import type { RelaySettings } from '../engine/relay.ts';
import { progressRows } from '../engine/replay.ts';
import type { RunResult } from '../engine/result.ts';
import type { SourceLocation } from '../strategies/trace.ts';
import { busyLineOf } from './busy-line.ts';
import type {
  CheckReport,
  CheckRequest,
  ExplainRequest,
  PlayedInterval,
  PlayedResult,
  PlayedRun,
  WorkerAnswer,
  WorkerRequest,
} from './play-worker.ts';
import type { PreparedRun } from './prepare.ts';
import { receivedError } from './sent-error.ts';

export interface PlayOptions {
  /** Infinity for none; more than 24 days are 24 days. Of an interval for each play. */
  readonly timeLimitMs: number;
  /** Called a few times a second with rows played and rows in all (0 until known); of an interval with plays and parts of one, of a check with runs. */
  readonly onProgress?: ((playedCount: number, totalCount: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
  /** The strategy's console is not heard; default false, and true for a check, which plays the same bars many times. */
  readonly isMute?: boolean | undefined;
}

/** A worker is a built file also where this one runs from its source: Node 20 reads no TypeScript. */
const workerUrl = new URL(import.meta.url.endsWith('.ts') ? '../dist/scenarios/play-worker.js' : './play-worker.js', import.meta.url);
const progressEveryMs = 100;
/** Longer timers fire at once. */
const timerMsMax = 2_147_483_647;

/** What is played; finer: series whose bars may stand in for bars in doubt; relay: parameter sets that take over on the way. */
export type WorkerRun = PreparedRun & { readonly finer?: readonly Tape[]; readonly relay?: RelaySettings };

/** Plays in a worker thread. STRATEGY_TIMEOUT after the limit; rejects with the signal's reason when aborted. */
export async function playInWorker(prepared: WorkerRun, options: PlayOptions): Promise<PlayedRun> {
  const played = (await answerOf(prepared, options)) as PlayedRun;
  return { ...played, result: withWarnings(played.result, prepared) };
}

/** Plays under each policy for ambiguous bars, in one worker thread, the limit being each play's. */
export async function intervalInWorker(prepared: WorkerRun, options: PlayOptions): Promise<PlayedInterval> {
  const { result, interval } = (await answerOf(prepared, options, 'interval')) as PlayedInterval;
  return { result: withWarnings(result, prepared), interval };
}

/** Plays behind each rule of another engine, in one worker thread, the limit being each play's. */
export async function explainInWorker(prepared: WorkerRun, request: ExplainRequest, options: PlayOptions): Promise<PlayedExplanation> {
  return (await answerOf(prepared, options, request)) as PlayedExplanation;
}

/** Checks in a worker thread, under the same limits; progress counts runs. */
export async function checkInWorker(prepared: WorkerRun, request: CheckRequest, options: PlayOptions): Promise<CheckReport> {
  return (await answerOf(prepared, options, request)) as CheckReport;
}

function answerOf(prepared: WorkerRun, options: PlayOptions, request?: WorkerRequest['request']): Promise<PlayedResult> {
  const progress = new Int32Array(new SharedArrayBuffer(16));
  const task: WorkerRequest = {
    tapes: prepared.tapes.map(tapeTransfer),
    finer: (prepared.finer ?? []).map(tapeTransfer),
    instruments: prepared.instruments,
    conversions: prepared.conversions.map((one) => ({ ...one, tape: tapeTransfer(one.tape) })),
    resolved: prepared.resolved,
    code: prepared.bundle.code,
    sourceMap: prepared.bundle.sourceMap,
    strategyHash: prepared.bundle.strategyHash,
    entry: prepared.bundle.entry,
    progress,
    relay: prepared.relay,
    isMute: options.isMute ?? (request !== undefined && isCheck(request)),
    ...(request === undefined ? {} : { request }),
  };
  return new Promise((resolve, reject) => {
    // Keys and tokens of the environment are nothing a strategy needs; what it prints is no result.
    const worker = new Worker(workerUrl, { workerData: task, env: {}, stdout: true });
    worker.stdout.pipe(process.stderr, { end: false });
    const report = (): void => options.onProgress?.(...(request === undefined || isCheck(request) ? rowsOf(progress) : playsOf(progress)));
    let playCount = 0;
    const ticker = setInterval(() => {
      report();
      if (Atomics.load(progress, 2) === playCount) return;
      playCount = Atomics.load(progress, 2);
      limit?.refresh();
    }, progressEveryMs);
    const atLimit = async (): Promise<void> => {
      const place = await busyLineOf(worker, task.sourceMap);
      end(() => reject(timeoutError(task, options.timeLimitMs, place)));
    };
    const limit =
      options.timeLimitMs === Number.POSITIVE_INFINITY ? undefined : setTimeout(atLimit, Math.min(options.timeLimitMs, timerMsMax));
    const abort = (): void => end(() => reject(options.signal?.reason));
    let isEnded = false;
    const end = (settle: () => void): void => {
      if (isEnded) return;
      isEnded = true;
      clearInterval(ticker);
      clearTimeout(limit);
      options.signal?.removeEventListener('abort', abort);
      void worker.terminate();
      settle();
    };
    options.signal?.addEventListener('abort', abort, { once: true });
    if (options.signal?.aborted) abort();
    worker.once('message', (answer: WorkerAnswer) => {
      if ('result' in answer) report();
      end(() => ('result' in answer ? resolve(answer.result) : reject(receivedError(answer.error))));
    });
    worker.once('error', (error: NodeJS.ErrnoException) => end(() => reject(workerError(error))));
    worker.once('exit', (code) => end(() => reject(new Error(`the worker ended with code ${code} and no answer`))));
  });
}

/** A check plays the same bars many times and counts runs; the others count plays, each under the limit. */
function isCheck(request: NonNullable<WorkerRequest['request']>): request is CheckRequest {
  return typeof request === 'object' && 'check' in request;
}

function rowsOf(progress: Int32Array): [playedCount: number, totalCount: number] {
  return [Atomics.load(progress, 0), Atomics.load(progress, 1)];
}

/** Plays that have ended and the part that is played of the one under way; plays known of. */
function playsOf(progress: Int32Array): [playedCount: number, totalCount: number] {
  const [rows, rowCount] = rowsOf(progress);
  const [ended, known] = [Atomics.load(progress, 2), Atomics.load(progress, 3)];
  return [Math.min(known, ended + (rows < rowCount ? rows / rowCount : 0)), known];
}

/** The engine sees bars; whether they were recorded is known here. */
function withWarnings(result: RunResult, { warnings }: PreparedRun): RunResult {
  return warnings.length === 0 ? result : { ...result, warnings: [...result.warnings, ...warnings] };
}

/** The bar is known as near as progress is noted, the line from the worker's stack. */
function timeoutError({ progress, entry, request }: WorkerRequest, limitMs: number, place: SourceLocation | undefined): StrategyError {
  const row = Atomics.load(progress, 0);
  const rowCount = Atomics.load(progress, 1);
  const rowMax = Math.min(row + progressRows, rowCount);
  const where =
    request !== undefined && isCheck(request) && rowCount > 0
      ? `in run ${countText(row + 1)} of the ${countText(rowCount)} that the check plays`
      : rowCount === 0
        ? 'before the first bar (while loading or in setup)'
        : `between bar ${countText(row + 1)} and bar ${countText(rowMax)} of ${countText(rowCount)}`;
  const of = request === 'interval' ? 'interval' : 'explanation';
  const play = request === undefined || isCheck(request) ? '' : ` in play ${countText(Atomics.load(progress, 2) + 1)} of the ${of}`;
  const at = place === undefined ? entry : `${place.file}:${place.line}:${place.column}`;
  const advice = place === undefined ? 'look for an endless loop' : 'this line was being run: look for an endless loop around it';
  return new StrategyError(
    'STRATEGY_TIMEOUT',
    `${at}: the run was ended after ${limitMs / 1000} s, ${where}${play}; ${advice}, or raise --time-limit`,
    {
      timeLimitMs: limitMs,
      file: entry,
      ...place,
      row,
      rowMax,
      rowCount,
    },
  );
}

function workerError(error: NodeJS.ErrnoException): Error {
  if (error.code !== 'ERR_WORKER_OUT_OF_MEMORY') return error;
  return new StrategyError('STRATEGY_THREW', 'the strategy ran out of memory; look for a list that grows at every bar', {}, error);
}
