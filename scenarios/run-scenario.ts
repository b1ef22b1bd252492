/** Owns the way from a scenario file to a stored run. Never prints. */
import { relative, resolve } from 'node:path';
import type { CheckedQuality } from '../data/load-checked-tape.ts';
import { saveRun } from '../data/stores/run-store.ts';
import { ConfigError } from '../engine/errors.ts';
import { seriesName, type Tape } from '../engine/model/bar.ts';
import type { RunResult } from '../engine/result.ts';
import type { Json, ReportInput, RunVersions } from '../reports/report-input.ts';
import type { StrategySource } from '../strategies/loader.ts';
import type { StrategyPackage } from '../strategies/packages.ts';
import { type CheckRecord, checkPrepared } from './check-scenario.ts';
import { checkExpectations, type Expectation } from './expectations.ts';
import { runVersions } from './package-info.ts';
import { playPrepared } from './play-refined.ts';
import { type PreparedRun, prepareScenario, type StrategyPlace } from './prepare.ts';
import { problemText } from './problems.ts';
import { type ReadScenario, readScenario } from './read.ts';
import type { ResolvedScenario } from './resolve.ts';

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
  /** Wall time by phase; for people. */
  readonly elapsedMs: { readonly prepare: number; readonly play: number };
}

export interface RunScenarioOptions {
  /** Folder of catalogue and runs; default ".playhead" in the working directory. */
  readonly home?: string | undefined;
  /** Overrides as on the command line: "strategy.parameters.fast=12". */
  readonly set?: readonly string[] | undefined;
  readonly replay?: 'dense' | 'unfiltered' | undefined;
  /** Looks for knowledge of the future and missed wakes beside the run; default false. */
  readonly checked?: boolean | undefined;
  /** Default 600,000, for the run and for each check. */
  readonly timeLimitMs?: number | undefined;
  /** Default true. */
  readonly store?: boolean | undefined;
  readonly onProgress?: ((playedCount: number, totalCount: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface FinishedRun {
  /** '' where the run was not stored. */
  readonly id: string;
  readonly name: string;
  readonly home: string;
  readonly result: RunResult;
  readonly details: RunDetails;
  readonly tapes: readonly Tape[];
}

/** Reads, prepares, plays and stores. An expect block that does not hold is no error here: see details.expectations. */
export async function runScenario(path: string, options: RunScenarioOptions = {}): Promise<FinishedRun> {
  const home = resolve(options.home ?? '.playhead');
  const started = performance.now();
  const replay = options.replay === undefined ? [] : [`replay=${options.replay}`];
  const read = readScenario(path, [...(options.set ?? []), ...replay]);
  const prepared = await placed(read, () => prepareScenario(read, home));
  const preparedAt = performance.now();
  const { timeLimitMs = 600_000, onProgress, signal } = options;
  const result = await placed(read, () => playPrepared(prepared, home, { timeLimitMs, onProgress, signal }));
  const elapsedMs = { prepare: Math.round(preparedAt - started), play: Math.round(performance.now() - preparedAt) };
  const checks = options.checked === true ? { checks: await placed(read, () => checkPrepared(prepared, { timeLimitMs, signal })) } : {};
  const details = { ...detailsOf(read, prepared, result, home, elapsedMs), ...checks };
  const name = prepared.resolved.name;
  const id = options.store === false ? '' : saveRun<RunDetails>(home, { createdAtMs: Date.now(), name, result, details });
  return { id, name, home, result, details, tapes: prepared.tapes };
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

/** What a report is made of; the bars are those of the first series. */
export function reportInputOf({ id, result, details, tapes }: Pick<FinishedRun, 'id' | 'result' | 'details' | 'tapes'>): ReportInput {
  const { columns } = tapes[0];
  const played = result.series[0];
  const fromRow = columns.openTimeMs.indexOf(played.firstOpenMs);
  return {
    runId: id,
    result,
    bars: { columns, fromRow, toRow: fromRow + played.rowCount },
    quality: combineQuality(result, details.quality),
    scenario: details.resolved as unknown as Json,
    versions: details.versions,
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

/** A parameter, or a strategy that is not there, is a fault of the scenario: its line is named. */
async function placed<T>(read: ReadScenario, task: () => Promise<T>): Promise<T> {
  try {
    return await task();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const path = placeOfFault(read, error);
    if (path === undefined) throw error;
    const message = error.code === 'STRATEGY_PARAMETER' ? placedLines(read, error.message) : `${read.placeOf(path)} ${error.message}`;
    throw new ConfigError(error.code, message, { ...error.fields }, error);
  }
}

/** Each line is the fault of one parameter and starts with its path; a --set says the path itself. */
function placedLines(read: ReadScenario, message: string): string {
  return message
    .split('\n')
    .map((line) => {
      const [, name, text] = /^strategy\.parameters\.(.*?): (.*)$/.exec(line) ?? [];
      if (name === undefined) return line;
      return problemText({ ...read.problemOf(['strategy', 'parameters', name]), text });
    })
    .join('\n');
}

function placeOfFault(read: ReadScenario, error: ConfigError): string[] | undefined {
  if (error.code === 'STRATEGY_PARAMETER') return ['strategy', 'parameters', String(error.fields.parameter)];
  if (error.code === 'STRATEGY_NOT_FOUND') return ['strategy', read.scenario.strategy.use === undefined ? 'file' : 'use'];
  return undefined;
}
