/** Owns where sweeps lie in the home folder (sweeps/<id>/), their checkpoints and their ends. Never plays or judges a trial. */
import {
  createSearch,
  findSearch,
  fromBase64,
  type LinePlace,
  loadSearchEnd,
  loadSearchHead,
  readSearchLine,
  readSearchLines,
  type SearchHead,
  type SearchKind,
  SearchLog,
  saveSearchEnd,
  searchFolder,
  searchIds,
  toBase64,
} from './search-folder.ts';

/** One trial that has ended; a failed one says why and has no figures. */
export interface StoredTrial {
  readonly index: number;
  readonly trialHash: string;
  readonly metrics: Float64Array;
  /** Equity at the last bar of each UTC day; of a trial that was logged it is read from there. */
  readonly dailyQuote: Float64Array;
  readonly ambiguousBarCount: number;
  /** Code and message; null where the trial was played. */
  readonly failure: { readonly code: string; readonly message: string } | null;
}

export const sweepKind: SearchKind = { folder: 'sweeps', headFile: 'sweep.json', logFile: 'trials.ndjson', noun: 'sweep' };

export function sweepFolder(home: string, id: string): string {
  return searchFolder(home, sweepKind, id);
}

/** Ids of all sweeps, oldest first. */
export function sweepIds(home: string): string[] {
  return searchIds(home, sweepKind);
}

/** Trials on the whole window, or those of a rung that played a part of it, have a log of their own. */
function kindOf(rung: number | null, kind: SearchKind): SearchKind {
  return rung === null ? kind : { ...kind, logFile: `rung-${rung}.ndjson` };
}

/** Begins a sweep: its head is on the disk before anything is played. */
export function createSweep<Details>(home: string, sweep: Omit<SearchHead<Details>, 'id'>): SearchHead<Details> {
  return createSearch(home, sweepKind, sweep);
}

/** The sweep a user means: "last", an id, or the start of one. RUN_NOT_FOUND where none matches. */
export function findSweep(home: string, wanted: string): string {
  return findSearch(home, sweepKind, wanted);
}

export function loadSweepHead<Details>(home: string, id: string): SearchHead<Details> {
  return loadSearchHead(home, sweepKind, id);
}

/** Writes what came of a finished sweep; null is read where it has not ended. */
export function saveSweepEnd(home: string, id: string, end: object): void {
  saveSearchEnd(home, sweepKind, { id, end });
}

export function loadSweepEnd<End>(home: string, id: string): End | null {
  return loadSearchEnd(home, sweepKind, id);
}

/** In the order in which they ended; dayMs: closes of the last bar of each UTC day, the same for all. */
export interface LoggedTrials {
  readonly trials: readonly StoredTrial[];
  readonly dayMs: Float64Array;
}

/** Trials as they end, in whatever order; each line is on the disk before the next task is waited for. */
export class SweepLog {
  private readonly log: SearchLog<TrialLine>;
  private readonly lines: TrialLines;
  private hasDays: boolean;

  private constructor(log: SearchLog<TrialLine>, lines: TrialLines, hasDays: boolean) {
    this.log = log;
    this.lines = lines;
    this.hasDays = hasDays;
  }

  /** Goes on with what was logged before: a last line that a kill has cut is taken off. rung: of halving, null for the whole window. kind: of another search that keeps trials so. */
  static open(home: string, id: string, rung: number | null = null, kind = sweepKind): LoggedTrials & { readonly log: SweepLog } {
    const lines = { home, id, kind: kindOf(rung, kind) };
    const { validBytes, ...logged } = readTrials(lines);
    const log = new SearchLog<TrialLine>(home, lines.kind, { id, validBytes });
    return { log: new SweepLog(log, lines, logged.dayMs.length > 0), ...logged };
  }

  /** dayMs: the same for all trials, and told once. Returns them as they are kept: without their days, which lie in the log. */
  append(trials: readonly StoredTrial[], dayMs: Float64Array): StoredTrial[] {
    const places = this.log.append(
      trials.map((trial) => {
        const days = this.hasDays ? '' : toBase64(dayMs);
        this.hasDays = days !== '' || this.hasDays;
        return encodeTrial(trial, days);
      }),
    );
    return trials.map((trial, k) => new LoggedTrial(trial, this.lines, places[k]));
  }

  close(): void {
    this.log.close();
  }
}

/** The log that lines are in. */
export interface TrialLines {
  readonly home: string;
  readonly id: string;
  readonly kind: SearchKind;
}

/** Its days are read again each time somebody asks for them: those of thousands of trials would fill the memory. */
class LoggedTrial implements StoredTrial {
  readonly index: number;
  readonly trialHash: string;
  readonly metrics: Float64Array;
  readonly ambiguousBarCount: number;
  readonly failure: StoredTrial['failure'];
  readonly #lines: TrialLines;
  readonly #place: LinePlace;

  constructor(trial: Omit<StoredTrial, 'dailyQuote'>, lines: TrialLines, place: LinePlace) {
    this.index = trial.index;
    this.trialHash = trial.trialHash;
    this.metrics = trial.metrics;
    this.ambiguousBarCount = trial.ambiguousBarCount;
    this.failure = trial.failure;
    this.#lines = lines;
    this.#place = place;
  }

  get dailyQuote(): Float64Array {
    const { home, id, kind } = this.#lines;
    return fromBase64(readSearchLine<TrialLine>(home, kind, { id, place: this.#place }).daily);
  }
}

interface TrialLine {
  readonly i: number;
  readonly hash: string;
  readonly metrics: string;
  readonly daily: string;
  readonly days: string;
  readonly ambiguous: number;
  readonly failure: StoredTrial['failure'];
}

function encodeTrial({ index, trialHash, metrics, dailyQuote, ambiguousBarCount, failure }: StoredTrial, days: string): TrialLine {
  return {
    i: index,
    hash: trialHash,
    metrics: toBase64(metrics),
    daily: toBase64(dailyQuote),
    days,
    ambiguous: ambiguousBarCount,
    failure,
  };
}

/** What was logged of a sweep, each trial once, the last line that a kill has cut left out; RUN_CORRUPT for any other that cannot be read. */
export function loadSweepTrials(home: string, id: string): LoggedTrials {
  const { trials, dayMs } = readTrials({ home, id, kind: sweepKind });
  return { trials, dayMs };
}

/** What a log of trials holds. */
export function readTrials(lines: TrialLines): LoggedTrials & { readonly validBytes: number } {
  const { home, id, kind } = lines;
  const trials = new Map<number, StoredTrial>();
  let dayMs = new Float64Array(0);
  const validBytes = readSearchLines<TrialLine>(home, kind, {
    id,
    isLine: (line) => typeof line.i === 'number' && typeof line.metrics === 'string',
    onLine(line, place) {
      if (line.days !== '') dayMs = fromBase64(line.days);
      const { i: index, hash: trialHash, ambiguous: ambiguousBarCount, failure } = line;
      const trial = { index, trialHash, metrics: fromBase64(line.metrics), ambiguousBarCount, failure };
      trials.set(index, new LoggedTrial(trial, lines, place));
    },
  });
  return { trials: [...trials.values()], dayMs, validBytes };
}
