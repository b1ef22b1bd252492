/** Owns the checks of a scenario's strategy: asking for them, what is kept of them with a run, and their words. Never plays (engine/causality does). */
import { resolve } from 'node:path';
import { counted } from '../data/count-text.ts';
import { leakText } from '../engine/causality/index.ts';
import { GateError } from '../engine/errors.ts';
import { placed } from './placed.ts';
import { checkInWorker, type PlayOptions, type WorkerRun } from './play-in-worker.ts';
import { finerKeys, loadFiner } from './play-refined.ts';
import type { CheckReport, CheckRequest } from './play-worker.ts';
import { type PreparedRun, prepareScenario } from './prepare.ts';
import { readScenario } from './read.ts';

/** What "run --checked" asks for. */
export const checkedRequests: readonly CheckRequest[] = [
  { check: 'lookahead', sampleCount: 20, seed: 1 },
  { check: 'wake', sampleCount: 1, seed: 1 },
];

/** The outcome of a check as it stands beside a certificate, not hashed. */
export interface CheckRecord {
  readonly check: CheckReport['check'];
  readonly passed: boolean;
  /** Bars at which the future was taken away; 0 for a check that plays whole runs. */
  readonly sampledBarCount: number;
  readonly seed: number;
  /** The first finding in words; '' where it passed. */
  readonly finding: string;
}

export interface CheckScenarioOptions extends PlayOptions {
  readonly home: string;
  readonly set: readonly string[];
}

/** Reads, prepares and checks; stores nothing. */
export async function checkScenario(path: string, request: CheckRequest, options: CheckScenarioOptions): Promise<CheckReport> {
  const read = readScenario(path, options.set);
  const prepared = await placed(read, () => prepareScenario(read, resolve(options.home)));
  return placed(read, async () => checkInWorker(await withFiner(prepared, options.home), request, options));
}

/** The checks of "run --checked", one after the other. */
export async function checkPrepared(prepared: PreparedRun, home: string, options: PlayOptions): Promise<CheckRecord[]> {
  const checked = await withFiner(prepared, home);
  const records: CheckRecord[] = [];
  for (const request of checkedRequests) records.push(recordOf(await checkInWorker(checked, request, options), request));
  return records;
}

/** A check plays what the run plays, the finer bars that decide it included. */
async function withFiner(prepared: PreparedRun, home: string): Promise<WorkerRun> {
  return { ...prepared, finer: await loadFiner(finerKeys(prepared.resolved), home) };
}

function recordOf(report: CheckReport, { seed }: CheckRequest): CheckRecord {
  const sampledBarCount = report.check === 'lookahead' ? report.sampledBarCount : 0;
  return { check: report.check, passed: report.passed, sampledBarCount, seed, finding: checkError(report)?.message ?? '' };
}

/** What a check that does not hold is told as; undefined where it holds. */
export function checkError(report: CheckReport): GateError | undefined {
  if (report.passed) return undefined;
  if (report.check === 'wake') {
    const text = `orders depend on the wake conditions: ${report.change?.text} at ${isoOf(report.change?.timeMs)}, between calls at every bar and calls by the wake conditions; wake the strategy wherever it may act`;
    return new GateError('CHECK_FAILED', text, { check: 'wake', timeMs: report.change?.timeMs ?? Number.NaN });
  }
  if (report.check === 'warmup') return warmupError(report);
  const [first] = report.leaks;
  const lines = report.leaks.map((leak) => {
    const { place } = leak;
    const at = place === null ? '' : `${place.file}:${place.line}:${place.column}: `;
    const text = leakText(leak);
    return text.startsWith(at) ? text : `${at}${text}`;
  });
  const fields = { check: 'lookahead', leakCount: lines.length, ...(first.barsAhead === null ? {} : { barsAhead: first.barsAhead }) };
  return new GateError('LOOKAHEAD', lines.join('\n'), { ...fields, ...first.place });
}

function warmupError(report: CheckReport & { check: 'warmup' }): GateError {
  const never = report.columns.filter((column) => column.closeBars === null).map((column) => column.what);
  const lines = never.map((what) => `${what} never settles: its values depend on where the tape starts to its end`);
  if (report.orderBars === null)
    lines.push(
      `orders depend on where the tape starts: with the first of ${counted(report.orderBarsAvailable, 'bar')} before trading cut off they are others`,
    );
  return new GateError('CHECK_FAILED', lines.join('\n'), { check: 'warmup', columnCount: never.length });
}

function isoOf(timeMs = Number.NaN): string {
  return Number.isFinite(timeMs) ? new Date(timeMs).toISOString() : 'no time';
}
