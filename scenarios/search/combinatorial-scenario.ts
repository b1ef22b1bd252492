/** Owns a walk-forward of scheme combinatorial: every trial played once through the window, choices and paths made of their days. Never prints. */

import { appendToLedger } from '../../data/stores/trial-ledger.ts';
import { openWalkForwardTrials, type StoredPath, type StoredSplit, saveWalkForwardEnd } from '../../data/stores/walkforward-store.ts';
import { hashTexts } from '../../engine/certificate.ts';
import { ConfigError } from '../../engine/errors.ts';
import { lowerBound } from '../../engine/feed.ts';
import type { MetricName } from '../../engine/metrics/catalogue.ts';
import { ratePerPeriod } from '../../engine/metrics/returns.ts';
import { combine, dailyFigureNames, groupsOf, splitsOf, trainingRows } from '../../engine/optimiser/combinatorial.ts';
import { Ranking } from '../../engine/optimiser/ranking.ts';
import type { Span } from '../../engine/optimiser/schedule.ts';
import { dailyReturnsOf } from '../../engine/optimiser/stitched.ts';
import { dayEndRowsOf } from '../../engine/play.ts';
import type { PreparedRun } from '../prepare.ts';
import type { SearchSettings, WalkForwardSettings } from '../search-schema.ts';
import { allFailed } from './all-failed.ts';
import { type CourseInput, outcomeText, playCount, playCourse, type Rung } from './course.ts';
import { ledgerEntryOf } from './ledger-entry.ts';
import type { Search } from './search.ts';
import { WalkForwardSpec } from './walkforward-spec.ts';

export interface FinishedCombinatorial {
  readonly id: string;
  readonly name: string;
  readonly home: string;
  readonly search: SearchSettings;
  readonly settings: WalkForwardSettings;
  readonly strategyName: string;
  readonly dimensions: readonly string[];
  readonly objective: MetricName;
  /** Close of the last bar of each day. */
  readonly dayMs: Float64Array;
  /** Rows of dayMs. */
  readonly groups: readonly Span[];
  readonly splits: readonly StoredSplit[];
  readonly paths: readonly StoredPath[];
  readonly trialCount: number;
  readonly failedCount: number;
  readonly walkForwardHash: string;
}

export interface CombinatorialOptions {
  readonly settings: WalkForwardSettings;
  readonly resume: string | undefined;
  readonly set: readonly string[];
  readonly signal: AbortSignal | undefined;
  readonly onBegun: (told: { readonly id: string; readonly endedCount: number; readonly totalCount: number }) => void;
}

/** Days left to choose by in every split, at least. */
const trainDayCountMin = 10;

function specOf({ groups = 6, testGroups = 2, purgeDays = 0, embargoDays = 0 }: WalkForwardSettings) {
  return { groupCount: groups, testGroupCount: testGroups, purgeDays, embargoDays };
}

/** USAGE where a split would have nothing to choose by, or the search asks what days cut out of a run cannot tell. */
export function requireCombinable(
  { resolved, tapes }: Pick<PreparedRun, 'resolved' | 'tapes'>,
  { walkforward, search }: { readonly walkforward: WalkForwardSettings; readonly search: SearchSettings },
): void {
  const spec = specOf(walkforward);
  const { closeTimeMs, length } = tapes[0].columns;
  const from = lowerBound(closeTimeMs, length, resolved.window.fromMs + 1);
  const closes = closeTimeMs.subarray(from, lowerBound(closeTimeMs, length, resolved.window.toMs + 1));
  const dayMs = Float64Array.from(dayEndRowsOf(closes), (row) => closes[row]);
  const groups = groupsOf(dayMs.length, spec.groupCount);
  const isEmpty = groups.some((group) => group.from === group.to);
  const least = isEmpty ? 0 : Math.min(...splitsOf(spec).map((tested) => trainingRows(dayMs, { ...spec, groups, tested }).length));
  if (least < trainDayCountMin)
    throw new ConfigError(
      'USAGE',
      `walkforward: ${dayMs.length} days in ${spec.groupCount} groups leave ${least} to train on where ${spec.testGroupCount} are tested, expected ${trainDayCountMin} or more; shorten purge and embargo, or test fewer groups`,
      { at: 'walkforward' },
    );
  const learns = search.method === 'tpe' ? 'search.method' : search.halving === undefined ? undefined : 'search.halving';
  if (learns !== undefined)
    throw new ConfigError(
      'USAGE',
      `${learns}: expected grid, random or sobol without halving; sets that are proposed or dropped by results over all days have seen every test`,
      { at: learns },
    );
  const isDaily = (name: MetricName): boolean => dailyFigureNames.includes(name);
  const ranking = new Ranking(search.objective, search.constraints);
  const untold = ranking.metricsRead.find((name) => !isDaily(name));
  if (untold === undefined) return;
  const at = isDaily(ranking.metric) ? 'search.constraints' : 'search.objective';
  throw new ConfigError('USAGE', `${at}: days cut out of a run do not tell ${untold}; expected one of ${dailyFigureNames.join(', ')}`, {
    at,
  });
}

/** Plays every trial once, chooses in every split and joins the paths; once aborted it can be resumed. */
export async function combinatorialScenario(search: Search, options: CombinatorialOptions): Promise<FinishedCombinatorial> {
  const { home } = search;
  const totalCount = playCount(search);
  const { settings, signal, resume, set, onBegun } = options;
  const spec = new WalkForwardSpec(search, settings, set);
  const id = spec.begin(resume, []);
  const { log, ...before } = openWalkForwardTrials(home, id);
  let endedCount = before.trials.length;
  const told = (): void => onBegun({ id, endedCount, totalCount });
  told();
  const onTrials: CourseInput['onTrials'] = (_rung, ended, dayMs) => {
    const logged = log.append(ended, dayMs);
    endedCount += ended.length;
    told();
    return logged;
  };
  try {
    const progress = { before: before.trials.length, total: totalCount };
    const { whole } = await playCourse(search, { window: null, before: () => before, progress, onTrials });
    signal?.throwIfAborted();
    return finish(search, { id, settings, rung: whole, specHash: spec.hash });
  } finally {
    log.close();
  }
}

interface PlayedTrials {
  readonly id: string;
  readonly settings: WalkForwardSettings;
  readonly rung: Rung;
  readonly specHash: string;
}

function finish(search: Search, { id, settings, rung: { trials, dayMs }, specHash }: PlayedTrials): FinishedCombinatorial {
  const { read, prepared, home, strategyName, dimensions, ranking } = search;
  const { account, metrics } = prepared.resolved;
  const played = trials.filter(({ failure }) => failure === null);
  if (played.length === 0) throw allFailed(trials, dimensions);
  // Played again it is the same file: a walk-forward that is repeated tries nothing new.
  const hash = hashTexts(
    'ledger 1',
    played.map(({ trialHash }) => trialHash),
  );
  appendToLedger(home, ledgerEntryOf({ id: `walkforward-${hash.slice(0, 16)}`, prepared, strategyName, trials: played, dayMs }));
  const { periodsPerYear, riskFree } = metrics;
  const { groups, splits, paths } = combine({
    ...specOf(settings),
    returns: trials.map(({ failure, dailyQuote }) => (failure === null ? dailyReturnsOf(dailyQuote, account.initialCapital) : null)),
    ...{ dayMs, ranking, rates: { periodsPerYear, ratePerPeriod: ratePerPeriod(riskFree, periodsPerYear) } },
  });
  const end = {
    // Choices and paths follow from the trials and what was asked.
    walkForwardHash: hashTexts('combinatorial 1', [specHash, ...trials.map(outcomeText)]),
    ...{ dayMs, groups, paths, trialCount: trials.length, failedCount: trials.length - played.length },
    splits: splits.map((split) => ({ ...split, parameters: trials[split.chosen].parameters })),
  };
  saveWalkForwardEnd(home, id, end);
  return {
    ...{ id, name: read.scenario.name, home, search: search.settings, settings, strategyName, dimensions, objective: ranking.metric },
    ...end,
  };
}
