/** Owns the way from a scenario file to a stored run. Never prints. */
import { relative } from 'node:path';
import type { CheckedQuality } from '../data/load-checked-tape.ts';
import { saveRun } from '../data/stores/run-store.ts';
import { appendToLedger } from '../data/stores/trial-ledger.ts';
import { StrategyError } from '../engine/errors.ts';
import type { Interval } from '../engine/interval/interval.ts';
import { seriesName, type Tape } from '../engine/model/bar.ts';
import type { ConversionTape } from '../engine/portfolio/conversion.ts';
import type { RunResult } from '../engine/result.ts';
import type { ReplayMode } from '../engine/settings.ts';
import type { Json, ReportInput, RunVersions } from '../reports/report-input.ts';
import type { StrategySource } from '../strategies/loader.ts';
import type { StrategyPackage } from '../strategies/packages.ts';
import { type CheckRecord, checkPrepared } from './check-scenario.ts';
import { checkExpectations, type Expectation } from './expectations.ts';
import { homeFolder } from './home.ts';
import { runVersions } from './package-info.ts';
import { placed } from './placed.ts';
import { playPreparedInterval } from './play-interval.ts';
import { playPrepared } from './play-refined.ts';
import { type PreparedRun, prepareScenario, type StrategyPlace } from './prepare.ts';
import { type ReadScenario, readScenario } from './read.ts';
import type { ResolvedScenario } from './resolve.ts';
import { ledgerEntryOf } from './search/ledger-entry.ts';

/** What is kept with a run beside its result; enough to repeat it. Paths are told from the home folder. */
export interface RunDetails {
  readonly scenarioPath: string;
  readonly resolved: ResolvedScenario;
  readonly strategy: {
    readonly place: StrategyPlace;
    readonly sources: readonly StrategySource[];
    readonly packages: readonly StrategyPackage[];
  };
  readonly quality: readonly CheckedQuality[];
  readonly expectations: readonly Expectation[];
  readonly versions: RunVersions;
  /** Outcomes of the checks asked for; absent where none was. */
  readonly checks?: readonly CheckRecord[];
  /** What each policy for ambiguous bars made of the run; absent where it was not asked for. */
  readonly interval?: Interval;
  /** Wall time by phase; for people. */
  readonly elapsedMs: { readonly prepare: number; readonly play: number };
}

export interface RunScenarioOptions {
  /** Folder of catalogue and runs; default: see homeFolder. */
  readonly home?: string | undefined;
  /** Overrides as on the command line: "strategy.parameters.fast=12". */
  readonly set?: readonly string[] | undefined;
  readonly replay?: ReplayMode | undefined;
  /** Looks for knowledge of the future and missed wakes beside the run; default false. */
  readonly checked?: boolean | undefined;
  /** Plays the scenario under each policy for ambiguous bars; default false. */
  readonly interval?: boolean | undefined;
  /** Default 600,000, for the run, for each play of an interval and for each check. */
  readonly timeLimitMs?: number | undefined;
  /** Default true. */
  readonly store?: boolean | undefined;
  /** Rows played and rows in all; of an interval plays. */
  readonly onProgress?: ((playedCount: number, totalCount: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Called once the scenario is read, before bars are loaded; what it throws ends the run. */
  readonly onRead?: ((read: ReadScenario) => void) | undefined;
}

export interface FinishedRun {
  /** '' where the run was not stored. */
  readonly id: string;
  readonly name: string;
  readonly home: string;
  readonly result: RunResult;
  readonly details: RunDetails;
  readonly tapes: readonly Tape[];
  readonly conversions: readonly ConversionTape[];
}

/** Reads, prepares, plays and stores. An expect block that does not hold is no error here: see details.expectations. */
export async function runScenario(path: string, options: RunScenarioOptions = {}): Promise<FinishedRun> {
  const home = homeFolder(options.home);
  const started = performance.now();
  const replay = options.replay === undefined ? [] : [`replay=${options.replay}`];
  const read = readScenario(path, [...(options.set ?? []), ...replay]);
  options.onRead?.(read);
  const prepared = await placed(read, () => prepareScenario(read, home));
  const preparedAt = performance.now();
  const { timeLimitMs = 600_000, onProgress, signal } = options;
  const play = async (): Promise<{ readonly result: RunResult; readonly interval?: Interval }> => {
    const limits = { timeLimitMs, onProgress, signal };
    if (options.interval === true) return playPreparedInterval(prepared, home, limits);
    return { result: await playPrepared(prepared, home, limits) };
  };
  const { result, ...interval } = await placed(read, play).catch((error: unknown) => {
    throw withCheck(error, path);
  });
  const elapsedMs = { prepare: Math.round(preparedAt - started), play: Math.round(performance.now() - preparedAt) };
  const checks =
    options.checked === true ? { checks: await placed(read, () => checkPrepared(prepared, home, { timeLimitMs, signal })) } : {};
  const details = { ...detailsOf(read, prepared, result, home, elapsedMs), ...checks, ...interval };
  const name = prepared.resolved.name;
  const id = options.store === false ? '' : saveRun<RunDetails>(home, { createdAtMs: Date.now(), name, result, details });
  if (id !== '') recordTrial(home, prepared, result);
  return { id, name, home, result, details, tapes: prepared.tapes, conversions: prepared.conversions };
}

/** A run is a trial like any other: what was looked at counts, whichever command showed it. Played again it is the same trial. */
function recordTrial(
  home: string,
  prepared: PreparedRun,
  { strategyName, parameters, daily, certificate: { trialHash } }: RunResult,
): void {
  const trials = [{ trialHash, parameters, dailyQuote: daily.equityQuote }];
  appendToLedger(home, ledgerEntryOf({ id: `run-${trialHash.slice(0, 16)}`, prepared, strategyName, trials, dayMs: daily.timeMs }));
}

/** A kernel that reads ahead is known by its values alone; the check finds the line. */
function withCheck(error: unknown, path: string): unknown {
  if (!(error instanceof StrategyError) || error.code !== 'LOOKAHEAD' || error.fields.barsAhead === undefined) return error;
  const hint = `"npx playhead check lookahead ${path}" names the place that reads ahead`;
  return new StrategyError(error.code, `${error.message}; ${hint}`, { ...error.fields }, error);
}

function detailsOf(
  read: ReadScenario,
  prepared: PreparedRun,
  result: RunResult,
  home: string,
  elapsedMs: RunDetails['elapsedMs'],
): RunDetails {
  const { resolved, bundle, strategyPlace, quality } = prepared;
  return {
    scenarioPath: relative(home, read.path).replaceAll('\\', '/'),
    resolved,
    strategy: { place: strategyPlace, sources: bundle.sources, packages: bundle.packages },
    quality,
    expectations: checkExpectations(resolved.expect, result),
    versions: runVersions(),
    elapsedMs,
  };
}

/** What a report is made of. */
export function reportInputOf({
  id,
  result,
  details,
  tapes,
  conversions,
}: Pick<FinishedRun, 'id' | 'result' | 'details' | 'tapes' | 'conversions'>): ReportInput {
  // The engine does not know under which id its result is stored.
  const warnings = result.warnings.map((warning) =>
    warning.replace('"playhead runs export"', `"npx playhead runs export ${id || 'last'}"`),
  );
  return {
    runId: id,
    result: { ...result, warnings },
    bars: result.series.map(({ firstOpenMs, rowCount }, i) => {
      const { columns } = tapes[i];
      const fromRow = Math.max(0, columns.openTimeMs.indexOf(firstOpenMs));
      return { columns, fromRow, toRow: fromRow + rowCount };
    }),
    conversions,
    quality: combineQuality(result, details.quality),
    // The strategy's parameters as they were played, those that nobody wrote included: so they were hashed.
    scenario: { ...details.resolved, strategy: { ...details.resolved.strategy, parameters: result.parameters } } as unknown as Json,
    versions: details.versions,
    interval: details.interval ?? null,
  };
}

/** One summary of all series: counts added, each kind shown by its first finding, with the series it is in where there are several. */
function combineQuality(result: RunResult, reports: readonly CheckedQuality[]): ReportInput['quality'] {
  if (reports.length <= 1) return reports[0] ?? null;
  const issues = new Map<string, CheckedQuality['issues'][number]>();
  reports.forEach((report, i) => {
    for (const issue of report.issues) {
      const before = issues.get(issue.kind);
      const first = before?.first ?? { ...issue.first, text: `${seriesName(result.series[i].key)}: ${issue.first.text}` };
      issues.set(issue.kind, { ...issue, count: (before?.count ?? 0) + issue.count, first });
    }
  });
  const sum = (pick: (report: CheckedQuality) => number): number => reports.reduce((total, report) => total + pick(report), 0);
  return {
    issues: [...issues.values()],
    rowCount: sum((report) => report.rowCount),
    gapCount: sum((report) => report.gapCount),
    missingBarCount: sum((report) => report.missingBarCount),
  };
}
