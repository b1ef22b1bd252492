/** Owns the thread a strategy plays in. Never reads a file; what it needs is posted to it, and its error goes back traced to the author's line. */
import { parentPort, workerData } from 'node:worker_threads';
import { type TapeTransfer, tapeFromTransfer } from '../data/columns.ts';
import { type CheckInput, checkLookahead, checkWake, checkWarmup } from '../engine/causality/index.ts';
import { hashTexts, type InputHashes } from '../engine/certificate.ts';
import { type PlayedExplanation, playExplanation } from '../engine/explain/index.ts';
import { playInterval } from '../engine/interval/play-interval.ts';
import type { Tape } from '../engine/model/bar.ts';
import type { Instrument } from '../engine/model/instrument.ts';
import { type ParameterValues, resolveParameters } from '../engine/parameters.ts';
import { playRefining } from '../engine/play.ts';
import type { ConversionTape } from '../engine/portfolio/conversion.ts';
import type { RelaySettings } from '../engine/relay.ts';
import type { AmbiguityPolicy, Semantics } from '../engine/settings.ts';
import { compileStrategy } from '../strategies/evaluate.ts';
import { fenceLocale, muteSink, stderrSink } from '../strategies/fence.ts';
import { placeOf } from '../strategies/trace.ts';
import { canonicalJson } from './canonical-json.ts';
import { engineHash } from './engine-hash.ts';
import { type ResolvedScenario, scenarioHash, settingsOf } from './resolve.ts';
import { type SentError, sentError, tracedError } from './sent-error.ts';

/** What is posted to the worker; tapes travel as shared memory. */
export interface WorkerTask {
  readonly tapes: readonly TapeTransfer[];
  /** Finer series whose bars may stand in for bars in doubt. */
  readonly finer?: readonly TapeTransfer[];
  readonly instruments: readonly Instrument[];
  readonly conversions: readonly (Omit<ConversionTape, 'tape'> & { readonly tape: TapeTransfer })[];
  readonly resolved: ResolvedScenario;
  readonly code: string;
  readonly sourceMap: string;
  readonly strategyHash: string;
  /** The strategy's file as messages tell it. */
  readonly entry: string;
  /** [rows played, rows in all], or runs of a check; of an interval or an explanation the rows of the play under way, and [plays ended, plays known of] behind them. */
  readonly progress: Int32Array;
  /** True where the strategy's console is not heard: a check, a verification. */
  readonly isMute: boolean;
  /** Parameter sets that take over on the way. */
  readonly relay?: RelaySettings | undefined;
}

/** A check in place of the run. sampleCount is of no meaning to 'wake'. */
export interface CheckRequest {
  readonly check: CheckReport['check'];
  readonly sampleCount: number;
  readonly seed: number;
}

/** The run, and what each policy for ambiguous bars makes of it. */
export type PlayedInterval = ReturnType<typeof playInterval>;

export type CheckReport = ReturnType<typeof checkLookahead> | ReturnType<typeof checkWarmup> | ReturnType<typeof checkWake>;

/** The rules of another engine, to be explained in place of the run. */
export interface ExplainRequest {
  readonly against: Semantics;
}

/** What a task may ask for, and what it is answered with. */
export type WorkerRequest = WorkerTask & { readonly request?: CheckRequest | ExplainRequest | 'interval' };

/** A run, and whether bars were in doubt for which finer ones are missing. */
export type PlayedRun = ReturnType<typeof playRefining>;

export type PlayedResult = PlayedRun | PlayedInterval | PlayedExplanation | CheckReport;

export type WorkerAnswer = { readonly result: PlayedResult } | { readonly error: SentError };

/** The whole run, in this thread. */
export function playTask(task: WorkerTask): PlayedRun {
  const { relay } = task;
  return withStrategy(task, ({ hashes, ...input }) => {
    const given = { ...input, recording: 'full', progress: task.progress } as const;
    if (relay === undefined) return playRefining({ ...given, hashes });
    return playRefining({ ...given, relay, hashes: { ...hashes, scenarioHash: relayedHash(hashes.scenarioHash, relay) } });
  });
}

/** What decides a run with takeovers: the scenario as it starts, and what comes when. */
function relayedHash(scenarioHash: string, { positions, takeovers }: RelaySettings): string {
  const sets = takeovers.map(({ fromMs, parameters }) => canonicalJson({ fromMs, parameters }));
  return hashTexts('relay 1', [scenarioHash, positions, ...sets]);
}

/** The run under each policy, in this thread. */
export function intervalTask(task: WorkerTask): PlayedInterval {
  const { refineWith: _with, ...resolved } = task.resolved;
  return withStrategy(task, ({ hashes, ...input }) => {
    const refineWith = input.finer[0]?.key.timeframe;
    // Those of a scenario that says this policy and is the same otherwise.
    const hashesOf = (ambiguity: AmbiguityPolicy): InputHashes => {
      const variant = ambiguity.startsWith('refine') ? { ...resolved, ambiguity, refineWith } : { ...resolved, ambiguity };
      return { ...hashes, scenarioHash: scenarioHash(variant, input.parameters) };
    };
    return playInterval({ ...input, hashesOf, progress: task.progress });
  });
}

/** The run under its own rules and behind each rule of another engine, in this thread. */
export function explainTask(task: WorkerTask, { against }: ExplainRequest): PlayedExplanation {
  return withStrategy(task, ({ hashes, ...input }) => {
    // Those of a scenario that says these rules and is the same otherwise.
    const hashesOf = (semantics: Semantics): InputHashes => ({
      ...hashes,
      scenarioHash: scenarioHash({ ...task.resolved, semantics }, input.parameters),
    });
    return playExplanation({ ...input, against, hashesOf, progress: task.progress });
  });
}

/** A check of the run, in this thread. */
export function checkTask(task: WorkerTask, { check, sampleCount, seed }: CheckRequest): CheckReport {
  const checks = { lookahead: checkLookahead, warmup: checkWarmup, wake: checkWake };
  const locate = (error: Error) => placeOf(error, task.sourceMap);
  return withStrategy(task, (input) => checks[check]({ ...input, seed, sampleCount, locate, progress: task.progress }));
}

type Prepared = Pick<CheckInput, 'tapes' | 'instruments' | 'conversions' | 'settings' | 'strategy' | 'hashes'> & {
  readonly finer: readonly Tape[];
  readonly parameters: ParameterValues;
};

/** Compiles the strategy behind its fence; what it throws comes back traced. */
function withStrategy<T>(task: WorkerTask, work: (input: Prepared) => T): T {
  const { resolved } = task;
  let isPlaying = false;
  try {
    const strategy = compileStrategy(task.code, task.isMute ? muteSink : stderrSink);
    const definition = strategy();
    const parameters = resolveParameters(definition.name, definition.parameters, resolved.strategy.parameters);
    const hashes = { strategyHash: task.strategyHash, scenarioHash: scenarioHash(resolved, parameters), engineHash: engineHash() };
    const lift = fenceLocale();
    try {
      isPlaying = true;
      return work({
        tapes: task.tapes.map(tapeFromTransfer),
        finer: (task.finer ?? []).map(tapeFromTransfer),
        instruments: task.instruments,
        conversions: task.conversions.map((one) => ({ ...one, tape: tapeFromTransfer(one.tape) })),
        settings: settingsOf(resolved),
        strategy,
        parameters,
        hashes,
      });
    } finally {
      lift();
    }
  } catch (error) {
    throw tracedError(error, task, isPlaying);
  }
}

function resultOf(task: WorkerTask, request: WorkerRequest['request']): PlayedResult {
  if (request === undefined) return playTask(task);
  if (request === 'interval') return intervalTask(task);
  return 'against' in request ? explainTask(task, request) : checkTask(task, request);
}

if (parentPort !== null) {
  let answer: WorkerAnswer;
  try {
    const task = workerData as WorkerRequest;
    answer = { result: resultOf(task, task.request) };
  } catch (error) {
    answer = { error: sentError(error) };
  }
  parentPort.postMessage(answer);
}
