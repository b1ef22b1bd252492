/** Owns the way from a scenario file to a finished walk-forward: in each fold trials on what was known, then a run on what came. Never prints. */
import { appendToLedger } from '../../data/stores/trial-ledger.ts';
import { hashTape, hashTexts } from '../../engine/certificate.ts';
import { ConfigError } from '../../engine/errors.ts';
import { lowerBound } from '../../engine/feed.ts';
import type { MetricName } from '../../engine/metrics/catalogue.ts';
import type { Proposer } from '../../engine/optimiser/proposals.ts';
import { Ranking } from '../../engine/optimiser/ranking.ts';
import { foldsOf } from '../../engine/optimiser/schedule.ts';
import { type Stitched, stitch } from '../../engine/optimiser/stitched.ts';
import type { ParameterValues } from '../../engine/parameters.ts';
import type { RunResult } from '../../engine/result.ts';
import { homeFolder } from '../home.ts';
import { placed } from '../placed.ts';
import { playPrepared } from '../play-refined.ts';
import { type PreparedRun, prepareScenario } from '../prepare.ts';
import { type ReadScenario, readScenario } from '../read.ts';
import { withWindow } from '../resolve.ts';
import type { SearchSettings, WalkForwardSettings } from '../search-schema.ts';
import { columnBytesOf, defaultBudgetBytes, poolDataOf, proposerOf, spaceOf } from './assembly.ts';
import { ledgerEntryOf } from './ledger-entry.ts';
import { SearchPlayer } from './play-search.ts';
import { SearchPool } from './pool.ts';
import type { TrialAnswer, TrialWindow } from './protocol.ts';

export interface WalkForwardOptions {
  readonly home?: string | undefined;
  readonly set?: readonly string[] | undefined;
  readonly jobs: number;
  readonly trialTimeLimitMs?: number | undefined;
  readonly columnBudgetBytes?: number | undefined;
  readonly onProgress?: ((endedCount: number, totalCount: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface FoldWindow {
  readonly fromMs: number;
  readonly toMs: number;
}

export interface PlayedFold {
  readonly train: FoldWindow;
  readonly test: FoldWindow;
  /** What did best in training. */
  readonly parameters: ParameterValues;
  /** Figures of the trial that was chosen, by metricNames. */
  readonly trainMetrics: Float64Array;
  readonly trialCount: number;
  readonly failedCount: number;
  /** The run of the test: its capital is what the test before it ended with, and it closes what it holds at its last close. */
  readonly run: RunResult;
}

export interface FinishedWalkForward {
  readonly name: string;
  readonly home: string;
  readonly search: SearchSettings;
  readonly settings: WalkForwardSettings;
  readonly strategyName: string;
  readonly dimensions: readonly string[];
  readonly objective: MetricName;
  readonly folds: readonly PlayedFold[];
  readonly stitched: Stitched;
  readonly periodsPerYear: number;
  readonly quoteCurrency: string;
  /** Over the schedule and every fold's choice and run. */
  readonly walkForwardHash: string;
  readonly elapsedMs: number;
}

/** Plays every fold in time order; a test's capital is what the one before it left. Threads and chunks reach no result. */
export async function walkForwardScenario(path: string, options: WalkForwardOptions): Promise<FinishedWalkForward> {
  const started = performance.now();
  const home = homeFolder(options.home);
  const read = readScenario(path, options.set ?? []);
  const settings = walkForwardOf(read);
  const prepared = await placed(read, () => prepareScenario(read, home));
  const windows = await placed(read, async () => windowsOf(prepared, settings));
  const data = await poolDataOf(prepared, home);
  const pool = new SearchPool(data, { jobs: options.jobs, trialTimeLimitMs: options.trialTimeLimitMs ?? 600_000 });
  const stop = (): void => pool.stop();
  options.signal?.addEventListener('abort', stop, { once: true });
  try {
    const strategy = await pool.describe();
    const { search } = read.scenario;
    const space = await placed(read, async () => spaceOf(strategy, prepared, search));
    const proposer = await placed(read, async () => proposerOf(space, search));
    const ranking = await placed(read, async () => new Ranking(search.objective, search.constraints));
    const walk = new Walk({ prepared, home, pool, proposer, ranking, control: data.control, strategyName: strategy.name, options });
    const folds: PlayedFold[] = [];
    for (const [k, window] of windows.entries()) folds.push(await walk.fold(window, { k, count: windows.length, before: folds.at(-1) }));
    const { metrics: conventions } = prepared.resolved;
    return {
      ...{ name: read.scenario.name, home, search, settings, strategyName: strategy.name, folds },
      dimensions: space.dimensions.map(({ name }) => name),
      objective: ranking.metric,
      stitched: stitch(
        folds.map(({ run }) => run),
        { periodsPerYear: conventions.periodsPerYear, riskFreeAnnual: conventions.riskFree },
      ),
      periodsPerYear: conventions.periodsPerYear,
      quoteCurrency: folds[0].run.quoteCurrency,
      walkForwardHash: hashTexts(
        'walk-forward 1',
        folds.map(({ run }) => run.certificate.runHash),
      ),
      elapsedMs: performance.now() - started,
    };
  } finally {
    options.signal?.removeEventListener('abort', stop);
    await pool.close();
  }
}

function walkForwardOf(read: ReadScenario): WalkForwardSettings {
  const settings = read.scenario.walkforward;
  if (settings !== undefined) return settings;
  throw new ConfigError(
    'SCENARIO_INVALID',
    `${read.path} has no walkforward block; expected one such as "walkforward: { trainDays: 500, testDays: 100 }"`,
  );
}

/** Training and test of each fold, cut on bars of the first series. USAGE where the window has no room for one. */
function windowsOf({ resolved, tapes }: PreparedRun, settings: WalkForwardSettings): { train: FoldWindow; test: FoldWindow }[] {
  const { scheme, trainDays, testDays, purgeDays = 0, trainBars, testBars, purgeBars = 0 } = settings;
  const { fromMs, toMs } = resolved.window;
  const isInBars = trainBars !== undefined && testBars !== undefined;
  const { openTimeMs, length } = tapes[0].columns;
  const firstBar = lowerBound(openTimeMs, length, fromMs);
  const barCount = lowerBound(openTimeMs, length, toMs) - firstBar;
  const timeOf = (place: number): number => (!isInBars ? place : place >= barCount ? toMs : openTimeMs[firstBar + place]);
  const whole = isInBars ? { from: 0, to: barCount } : { from: fromMs, to: toMs };
  const dayMs = 86_400_000;
  const lengths = isInBars
    ? { train: trainBars, test: testBars, purge: purgeBars }
    : { train: (trainDays as number) * dayMs, test: (testDays as number) * dayMs, purge: purgeDays * dayMs };
  const folds = foldsOf(whole, { scheme, ...lengths });
  if (folds.length === 0) {
    const unit = isInBars ? 'bars' : 'days';
    const size = isInBars ? barCount : Math.round((toMs - fromMs) / dayMs);
    const least = isInBars ? trainBars + purgeBars + testBars / 2 : (trainDays as number) + purgeDays + (testDays as number) / 2;
    throw new ConfigError(
      'USAGE',
      `walkforward: the window has ${size} ${unit}; training, purge and half a test take ${least}: shorten them`,
      {
        at: 'walkforward',
      },
    );
  }
  const windowOf = ({ from, to }: { from: number; to: number }): FoldWindow => ({ fromMs: timeOf(from), toMs: timeOf(to) });
  return folds.map(({ train, test }) => ({ train: windowOf(train), test: windowOf(test) }));
}

interface WalkInput {
  readonly prepared: PreparedRun;
  readonly home: string;
  readonly pool: SearchPool;
  readonly proposer: Proposer;
  readonly ranking: Ranking;
  readonly control: Int32Array;
  readonly strategyName: string;
  readonly options: WalkForwardOptions;
}

class Walk {
  private readonly input: WalkInput;
  private readonly player: SearchPlayer;
  private readonly sets: readonly { readonly index: number; readonly parameters: ParameterValues }[];

  constructor(input: WalkInput) {
    const { pool, prepared, proposer, options } = input;
    this.input = input;
    this.player = new SearchPlayer({
      pool,
      jobs: options.jobs,
      columnBytes: columnBytesOf(prepared),
      budgetBytes: options.columnBudgetBytes ?? defaultBudgetBytes,
      chunkMax: Number.POSITIVE_INFINITY,
      isStopped: () => options.signal?.aborted === true,
    });
    this.sets = proposer.propose(0, proposer.trialCount, []).map((parameters, index) => ({ index, parameters }));
  }

  async fold(
    { train, test }: { readonly train: FoldWindow; readonly test: FoldWindow },
    { k, count, before }: { readonly k: number; readonly count: number; readonly before: PlayedFold | undefined },
  ): Promise<PlayedFold> {
    const { ranking, options } = this.input;
    const trials = await this.train(train, { k, count });
    options.signal?.throwIfAborted();
    const best = ranking.order(trials)[0];
    const { metrics, error } = trials[best];
    if (error !== null) throw new ConfigError('USAGE', `fold ${k + 1}: every trial failed, the first with ${error.code}: ${error.message}`);
    return {
      train,
      test,
      parameters: this.sets[best].parameters,
      trainMetrics: metrics,
      trialCount: trials.length,
      failedCount: trials.filter((trial) => trial.error !== null).length,
      run: await this.test(test, this.sets[best].parameters, before),
    };
  }

  private async train(train: FoldWindow, { k, count }: { readonly k: number; readonly count: number }): Promise<TrialAnswer[]> {
    const { prepared, control, options } = this.input;
    const { tapes, conversions } = prepared;
    const window: TrialWindow = { ...train, tapeHash: hashTape([...tapes, ...conversions.map(({ tape }) => tape)], train.toMs) };
    const trials = new Array<TrialAnswer>(this.sets.length);
    const report = (): void => options.onProgress?.(Atomics.load(control, 1), this.sets.length * count);
    const ticker = setInterval(report, 100);
    let dayMs: Float64Array = new Float64Array(0);
    try {
      await this.player.play({
        sets: this.sets,
        window,
        onTrials: (ended, days) => {
          if (days.length > 0) dayMs = days;
          for (const { index, answer } of ended) trials[index] = answer;
        },
      });
      report();
    } finally {
      clearInterval(ticker);
    }
    if (options.signal?.aborted !== true) this.record({ train, k, trials, dayMs });
    return trials;
  }

  /** Every trial counts, whichever way it was tried. */
  private record({ train, k, trials, dayMs }: { train: FoldWindow; k: number; trials: readonly TrialAnswer[]; dayMs: Float64Array }): void {
    const { prepared, home, strategyName } = this.input;
    const played = trials.flatMap((trial, i) => (trial.error === null ? [{ ...trial, parameters: this.sets[i].parameters }] : []));
    if (played.length === 0) return;
    // Played again it is the same file: a walk-forward that is repeated tries nothing new.
    const hash = hashTexts(
      'ledger 1',
      played.map(({ trialHash }) => trialHash),
    );
    const id = `walkforward-${hash.slice(0, 16)}-${k + 1}`;
    appendToLedger(home, ledgerEntryOf({ id, prepared, strategyName, trials: played, dayMs, window: train }));
  }

  /** The same run as of a scenario with this window, these parameters, this capital and endOfRun: closeAtLastClose. */
  private async test(test: FoldWindow, parameters: ParameterValues, before: PlayedFold | undefined): Promise<RunResult> {
    const { prepared, home, options } = this.input;
    const initialCapital = before?.run.equity.equityQuote.at(-1) ?? prepared.resolved.account.initialCapital;
    const resolved = {
      ...withWindow(prepared.resolved, test),
      account: { ...prepared.resolved.account, initialCapital },
      semantics: { ...prepared.resolved.semantics, endOfRun: 'closeAtLastClose' as const },
      strategy: { ...prepared.resolved.strategy, parameters: { ...parameters } },
    };
    return playPrepared({ ...prepared, resolved }, home, {
      timeLimitMs: options.trialTimeLimitMs ?? 600_000,
      isMute: true,
      signal: options.signal,
    });
  }
}
