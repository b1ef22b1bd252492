/** Owns the way from a scenario file to a finished walk-forward: in each fold trials on what was known, then tests on what came. Never prints. */
import { appendToLedger } from '../../data/stores/trial-ledger.ts';
import {
  type ChoiceLog,
  findWalkForward,
  loadWalkForward,
  openChoices,
  type StoredChoice,
  type StoredWindow,
  saveWalkForwardEnd,
} from '../../data/stores/walkforward-store.ts';
import { hashTexts } from '../../engine/certificate.ts';
import { ConfigError } from '../../engine/errors.ts';
import { type MetricName, metricNames, metricsByName } from '../../engine/metrics/catalogue.ts';
import { ratePerPeriod } from '../../engine/metrics/returns.ts';
import { sharpeInterval } from '../../engine/optimiser/statistics/sharpe-interval.ts';
import { type Stitched, walkForwardEfficiency } from '../../engine/optimiser/stitched.ts';
import { homeFolder } from '../home.ts';
import { type ReadScenario, readScenario } from '../read.ts';
import type { SearchSettings, WalkForwardSettings } from '../search-schema.ts';
import { allFailed } from './all-failed.ts';
import { combinatorialScenario, type FinishedCombinatorial, requireCombinable } from './combinatorial-scenario.ts';
import { type Course, outcomeText, playCount, playCourse, type Rung } from './course.ts';
import { ledgerEntryOf } from './ledger-entry.ts';
import type { TrialWindow } from './protocol.ts';
import { readBegun } from './resumed.ts';
import { type Search, type SearchOptions, withSearch } from './search.ts';
import { type WalkForwardDetails, WalkForwardSpec } from './walkforward-spec.ts';
import { type FoldRun, type PlayedTests, playTests, requireDivisible } from './walkforward-tests.ts';
import { type FoldWindows, windowsOf } from './walkforward-windows.ts';

export interface WalkForwardOptions extends SearchOptions {
  /** A walk-forward that was stopped: "last", its id or the start of it. */
  readonly resume?: string | undefined;
  /** Told once it has begun, and each time that more of it is on the disk: trainings, or trials of scheme combinatorial. */
  readonly onKept?: ((told: KeptWork) => void) | undefined;
}

export interface KeptWork {
  readonly id: string;
  readonly endedCount: number;
  readonly totalCount: number;
  readonly unit: 'trainings' | 'trials';
}

export interface PlayedFold extends StoredChoice {
  readonly run: FoldRun;
}

export interface FinishedWalkForward {
  readonly id: string;
  readonly name: string;
  readonly home: string;
  readonly search: SearchSettings;
  readonly settings: WalkForwardSettings;
  readonly strategyName: string;
  readonly dimensions: readonly string[];
  readonly objective: MetricName;
  readonly folds: readonly PlayedFold[];
  readonly stitched: Stitched;
  /** Of the stitched curve's Sharpe ratio a year: 95 % of stationary bootstrap replicates. */
  readonly sharpeInterval: { readonly low: number; readonly high: number };
  /** What of the return a year in training was left in the tests. */
  readonly efficiency: ReturnType<typeof walkForwardEfficiency>;
  /** Over what was asked, every trial of every training, and every test. */
  readonly walkForwardHash: string;
  readonly elapsedMs: number;
}

const replicateCount = 2_000;

/**
 * Plays every fold in time order, or every split; once aborted it can be resumed. Threads, chunks and stops reach no result. path: of one that is
 * resumed, undefined for its own; so are its overrides where none are given.
 */
export async function walkForwardScenario(
  path: string | undefined,
  options: WalkForwardOptions,
): Promise<FinishedWalkForward | (FinishedCombinatorial & { readonly elapsedMs: number })> {
  const started = performance.now();
  const read = readAsked(path, options);
  const settings = walkForwardOf(read);
  const finished = settings.scheme === 'combinatorial' ? await combined(read, settings, options) : await walked(read, settings, options);
  return { ...finished, elapsedMs: performance.now() - started };
}

function readAsked(path: string | undefined, { home: given, resume, set = [] }: WalkForwardOptions): ReadScenario {
  if (resume === undefined) return readScenario(path ?? 'scenario.yaml', set);
  const home = homeFolder(given);
  const { head } = loadWalkForward<WalkForwardDetails>(home, findWalkForward(home, resume));
  return readBegun(home, head.details, { path, set });
}

async function walked(
  read: ReadScenario,
  settings: WalkForwardSettings,
  options: WalkForwardOptions,
): Promise<Omit<FinishedWalkForward, 'elapsedMs'>> {
  let windows: readonly FoldWindows[] = [];
  const onPrepared: SearchOptions['onPrepared'] = (prepared) => {
    requireDivisible(prepared, settings);
    windows = windowsOf(prepared, settings);
  };
  return withSearch(read, { ...options, onPrepared }, (search) => new Walk(search, { settings, windows, options }).play());
}

async function combined(read: ReadScenario, settings: WalkForwardSettings, options: WalkForwardOptions): Promise<FinishedCombinatorial> {
  const { search } = read.scenario;
  const onPrepared: SearchOptions['onPrepared'] = (prepared) => requireCombinable(prepared, { walkforward: settings, search });
  const { signal, resume, set = [], onKept } = options;
  const onBegun = (told: Omit<KeptWork, 'unit'>): void => onKept?.({ ...told, unit: 'trials' });
  return withSearch(read, { ...options, onPrepared }, (search) =>
    combinatorialScenario(search, { settings, resume, set, signal, onBegun }),
  );
}

function walkForwardOf(read: ReadScenario): WalkForwardSettings {
  const settings = read.scenario.walkforward;
  if (settings !== undefined) return settings;
  throw new ConfigError(
    'SCENARIO_INVALID',
    `${read.path} has no walkforward block; expected one such as "walkforward: { trainDays: 500, testDays: 100 }"`,
  );
}

interface WalkInput {
  readonly settings: WalkForwardSettings;
  readonly windows: readonly FoldWindows[];
  readonly options: WalkForwardOptions;
}

class Walk {
  private readonly search: Search;
  private readonly settings: WalkForwardSettings;
  private readonly windows: readonly FoldWindows[];
  private readonly options: WalkForwardOptions;
  private readonly spec: WalkForwardSpec;

  constructor(search: Search, { settings, windows, options }: WalkInput) {
    this.search = search;
    this.settings = settings;
    this.windows = windows;
    this.options = options;
    this.spec = new WalkForwardSpec(search, settings, options.set ?? []);
  }

  async play(): Promise<Omit<FinishedWalkForward, 'elapsedMs'>> {
    const { resume } = this.options;
    const { home } = this.search;
    const id = this.spec.begin(resume, this.windows);
    const { log, choices } = openChoices(home, id);
    try {
      const chosen = await this.choose(id, { log, before: choices });
      return this.finish(id, chosen, await this.playTests(chosen));
    } finally {
      log.close();
    }
  }

  /** Trains every fold that has not chosen yet: no training depends on a test. */
  private async choose(
    id: string,
    { log, before }: { readonly log: ChoiceLog; readonly before: readonly StoredChoice[] },
  ): Promise<readonly StoredChoice[]> {
    const { onKept, signal } = this.options;
    const totalCount = this.windows.length;
    const choices = [...before];
    onKept?.({ id, endedCount: choices.length, totalCount, unit: 'trainings' });
    while (choices.length < totalCount) {
      const choice = await this.chooseOne(choices.length, before.length);
      signal?.throwIfAborted();
      choices.push(choice);
      log.append([choice]);
      onKept?.({ id, endedCount: choices.length, totalCount, unit: 'trainings' });
    }
    return choices;
  }

  private async chooseOne(fold: number, resumedCount: number): Promise<StoredChoice> {
    const { dimensions, ranking } = this.search;
    const { train, test } = this.windows[fold];
    const { shorter, whole } = await this.train(train, resumedCount);
    const rungs = [...shorter, whole];
    // Also what a training that was stopped has tried.
    for (const rung of rungs) this.record(rung, fold);
    this.options.signal?.throwIfAborted();
    const played = rungs.flatMap((rung) => rung.trials);
    const { trials } = whole;
    // Where the objective of none is defined, the first that was played.
    const chosen = ranking.order(trials).find((place) => trials[place].failure === null);
    if (chosen === undefined) throw allFailed(played, dimensions, `fold ${fold + 1}: `);
    const { metrics, trialHash, parameters } = trials[chosen];
    return {
      ...{ fold, train, test, chosen, parameters },
      trainMetrics: metrics,
      objectives: Float64Array.from(trials, (trial) => ranking.metricOf(trial.metrics)),
      keepsConstraints: ranking.keepsConstraints(metrics),
      trialCount: played.length,
      failedCount: played.filter(({ failure }) => failure !== null).length,
      trainingHash: hashTexts('training 1', [trialHash, ...played.map(outcomeText)]),
    };
  }

  private train(train: StoredWindow, resumedCount: number): Promise<Course> {
    const { tapeHashTo } = this.search;
    const window: TrialWindow = { ...train, tapeHash: tapeHashTo(train.toMs) };
    // The threads count all trials of the search, so that folds before are told with this one.
    const count = playCount(this.search);
    return playCourse(this.search, { window, progress: { before: count * resumedCount, total: count * this.windows.length } });
  }

  /** Every trial counts, whichever way it was tried. */
  private record({ window, trials, dayMs }: Rung, fold: number): void {
    const { prepared, home, strategyName } = this.search;
    const played = trials.filter(({ failure }) => failure === null);
    if (played.length === 0) return;
    // Played again it is the same file: a walk-forward that is repeated tries nothing new.
    const hash = hashTexts(
      'ledger 1',
      played.map(({ trialHash }) => trialHash),
    );
    const id = `walkforward-${hash.slice(0, 16)}-${fold + 1}`;
    appendToLedger(home, ledgerEntryOf({ id, prepared, strategyName, trials: played, dayMs, window }));
  }

  private playTests(choices: readonly StoredChoice[]): Promise<PlayedTests> {
    const { prepared, home, trialTimeLimitMs } = this.search;
    const options = { timeLimitMs: trialTimeLimitMs, isMute: true, signal: this.options.signal };
    return playTests(choices, { prepared, home, positions: this.settings.positions, options });
  }

  private finish(id: string, choices: readonly StoredChoice[], { runs, stitched }: PlayedTests): Omit<FinishedWalkForward, 'elapsedMs'> {
    const { read, prepared, home, settings: search, strategyName, dimensions, ranking } = this.search;
    const { metrics, seed } = prepared.resolved;
    const { periodsPerYear, riskFree: riskFreeAnnual } = metrics;
    const folds = choices.map((choice, k) => ({ ...choice, run: runs[k] }));
    const efficiency = walkForwardEfficiency(
      folds.map(({ trainMetrics, run }) => ({
        trained: metricsByName(trainMetrics).returnFractionAnnual,
        tested: run.metrics.returnFractionAnnual,
      })),
    );
    const rates = { periodsPerYear, ratePerPeriod: ratePerPeriod(riskFreeAnnual, periodsPerYear) };
    const interval = sharpeInterval(stitched.dailyReturns, { ...rates, seed, replicateCount });
    const hashes = folds.flatMap(({ trainingHash, run }) => [trainingHash, run.runHash]);
    const walkForwardHash = hashTexts('walk-forward 2', [this.spec.hash, ...hashes]);
    const figuresOf = (of: Readonly<Record<string, number>>): Float64Array => Float64Array.from(metricNames, (name) => of[name]);
    saveWalkForwardEnd(home, id, {
      walkForwardHash,
      tests: folds.map(({ run }) => ({
        ...{ runHash: run.runHash, initialCapitalQuote: run.initialCapitalQuote, tookOverMs: run.tookOverMs },
        metrics: figuresOf(run.metrics),
      })),
      metrics: figuresOf(stitched.metrics),
      initialCapitalQuote: folds[0].run.initialCapitalQuote,
      ...{ daily: stitched.daily, tStatistic: stitched.tStatistic, sharpeInterval: interval, efficiency },
    });
    return {
      ...{ id, name: read.scenario.name, home, search, settings: this.settings, strategyName, dimensions, folds },
      ...{ objective: ranking.metric, stitched, sharpeInterval: interval, efficiency, walkForwardHash },
    };
  }
}
