/** Owns the way from a scenario file to a finished walk-forward: in each fold trials on what was known, then a run on what came. Never prints. */
import { appendToLedger } from '../../data/stores/trial-ledger.ts';
import { hashTexts } from '../../engine/certificate.ts';
import { ConfigError } from '../../engine/errors.ts';
import { lowerBound } from '../../engine/feed.ts';
import { type MetricName, metricsByName } from '../../engine/metrics/catalogue.ts';
import { dayMs as oneDayMs } from '../../engine/model/timeframe.ts';
import { foldsOf } from '../../engine/optimiser/schedule.ts';
import { type Stitched, stitch, walkForwardEfficiency } from '../../engine/optimiser/stitched.ts';
import type { ParameterValues } from '../../engine/parameters.ts';
import type { RunResult } from '../../engine/result.ts';
import { placed } from '../placed.ts';
import { playPrepared } from '../play-refined.ts';
import type { PreparedRun } from '../prepare.ts';
import { type ReadScenario, readScenario } from '../read.ts';
import { withWindow } from '../resolve.ts';
import type { SearchSettings, WalkForwardSettings } from '../search-schema.ts';
import { ledgerEntryOf } from './ledger-entry.ts';
import type { SearchRound } from './play-search.ts';
import type { TrialAnswer, TrialWindow } from './protocol.ts';
import { type Search, type SearchOptions, withSearch } from './search.ts';

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
  /** What of the return a year in training was left in the tests. */
  readonly efficiency: ReturnType<typeof walkForwardEfficiency>;
  /** Over the schedule and every fold's choice and run. */
  readonly walkForwardHash: string;
  readonly elapsedMs: number;
}

/** Plays every fold in time order; a test's capital is what the one before it left. Threads and chunks reach no result. */
export async function walkForwardScenario(path: string, options: SearchOptions): Promise<FinishedWalkForward> {
  const started = performance.now();
  const read = readScenario(path, options.set ?? []);
  const settings = walkForwardOf(read);
  const finished = await withSearch(read, options, async (search) => {
    const windows = await placed(search.read, async () => windowsOf(search.prepared, settings));
    const walk = new Walk(search, { foldCount: windows.length, signal: options.signal });
    const folds: PlayedFold[] = [];
    for (const window of windows) folds.push(await walk.fold(window, folds));
    return summaryOf(search, settings, folds);
  });
  return { ...finished, elapsedMs: performance.now() - started };
}

function summaryOf(
  { read, prepared, home, settings: search, strategyName, dimensions, ranking }: Search,
  settings: WalkForwardSettings,
  folds: readonly PlayedFold[],
): Omit<FinishedWalkForward, 'elapsedMs'> {
  const { periodsPerYear, riskFree: riskFreeAnnual } = prepared.resolved.metrics;
  const runs = folds.map(({ run }) => run);
  return {
    ...{ name: read.scenario.name, home, search, settings, strategyName, dimensions, folds },
    objective: ranking.metric,
    stitched: stitch(runs, { periodsPerYear, riskFreeAnnual }),
    efficiency: walkForwardEfficiency(
      folds.map(({ trainMetrics, run }) => ({
        trained: metricsByName(trainMetrics).returnFractionAnnual,
        tested: run.metrics.returnFractionAnnual,
      })),
    ),
    walkForwardHash: hashTexts(
      'walk-forward 1',
      runs.map(({ certificate }) => certificate.runHash),
    ),
  };
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
  const lengths = isInBars
    ? { train: trainBars, test: testBars, purge: purgeBars }
    : { train: (trainDays as number) * oneDayMs, test: (testDays as number) * oneDayMs, purge: purgeDays * oneDayMs };
  const folds = foldsOf(whole, { scheme, ...lengths });
  if (folds.length === 0) {
    const unit = isInBars ? 'bars' : 'days';
    const size = isInBars ? barCount : Math.round((toMs - fromMs) / oneDayMs);
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

class Walk {
  private readonly search: Search;
  private readonly foldCount: number;
  private readonly signal: AbortSignal | undefined;

  constructor(search: Search, { foldCount, signal }: { readonly foldCount: number; readonly signal: AbortSignal | undefined }) {
    this.search = search;
    this.foldCount = foldCount;
    this.signal = signal;
  }

  /** before: the folds that were played. */
  async fold({ train, test }: Pick<PlayedFold, 'train' | 'test'>, before: readonly PlayedFold[]): Promise<PlayedFold> {
    const { ranking, sets } = this.search;
    const k = before.length;
    const { trials, dayMs } = await this.train(train);
    this.signal?.throwIfAborted();
    this.record({ train, k, trials, dayMs });
    const best = ranking.order(trials)[0];
    const { metrics, error } = trials[best];
    if (error !== null) throw new ConfigError('USAGE', `fold ${k + 1}: every trial failed, the first with ${error.code}: ${error.message}`);
    return {
      train,
      test,
      parameters: sets[best].parameters,
      trainMetrics: metrics,
      trialCount: trials.length,
      failedCount: trials.filter((trial) => trial.error !== null).length,
      run: await this.test(test, sets[best].parameters, before.at(-1)),
    };
  }

  private async train(train: FoldWindow): Promise<{ readonly trials: readonly TrialAnswer[]; readonly dayMs: Float64Array }> {
    const { sets, tapeHashTo, play } = this.search;
    const window: TrialWindow = { ...train, tapeHash: tapeHashTo(train.toMs) };
    const trials = new Array<TrialAnswer>(sets.length);
    let dayMs: Float64Array = new Float64Array(0);
    const onTrials: SearchRound['onTrials'] = (ended, days) => {
      if (days.length > 0) dayMs = days;
      for (const { index, answer } of ended) trials[index] = answer;
    };
    // The threads count all trials of the search, so that folds before are told with this one.
    await play({ sets, window, onTrials }, { before: 0, total: sets.length * this.foldCount });
    return { trials, dayMs };
  }

  /** Every trial counts, whichever way it was tried. */
  private record({ train, k, trials, dayMs }: { train: FoldWindow; k: number; trials: readonly TrialAnswer[]; dayMs: Float64Array }): void {
    const { prepared, home, strategyName, sets } = this.search;
    const played = trials.flatMap((trial, i) => (trial.error === null ? [{ ...trial, parameters: sets[i].parameters }] : []));
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
    const { prepared, home, trialTimeLimitMs } = this.search;
    const initialCapital = before?.run.equity.equityQuote.at(-1) ?? prepared.resolved.account.initialCapital;
    const resolved = {
      ...withWindow(prepared.resolved, test),
      account: { ...prepared.resolved.account, initialCapital },
      semantics: { ...prepared.resolved.semantics, endOfRun: 'closeAtLastClose' as const },
      strategy: { ...prepared.resolved.strategy, parameters: { ...parameters } },
    };
    return playPrepared({ ...prepared, resolved }, home, { timeLimitMs: trialTimeLimitMs, isMute: true, signal: this.signal });
  }
}
