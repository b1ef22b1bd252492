/**
 * Owns where walk-forwards lie in the home folder (walkforwards/<id>/): what each was asked, what each fold chose as its training ended, what
 * came of the tests. Never trains or plays.
 */
import {
  createSearch,
  findSearch,
  loadSearchEnd,
  loadSearchHead,
  readSearchLines,
  type SearchHead,
  type SearchKind,
  SearchLog,
  saveSearchEnd,
  searchFolder,
  searchIds,
} from './search-folder.ts';
import { SweepLog } from './sweep-store.ts';

/** From inclusive, to exclusive. */
export interface StoredWindow {
  readonly fromMs: number;
  readonly toMs: number;
}

/** What one fold chose. */
export interface StoredChoice {
  /** From 0, in time order. */
  readonly fold: number;
  readonly train: StoredWindow;
  readonly test: StoredWindow;
  /** Place of the trial in the search. */
  readonly chosen: number;
  readonly parameters: Readonly<Record<string, number | string | boolean>>;
  /** Figures of the chosen trial over the training, by metricNames. */
  readonly trainMetrics: Float64Array;
  /** The metric that ranks, of every trial of the training by its place in the search; NaN where it is not defined or the trial failed. */
  readonly objectives: Float64Array;
  /** False where no trial kept the constraints, so that the best of those that break them was taken. */
  readonly keepsConstraints: boolean;
  readonly trialCount: number;
  readonly failedCount: number;
  /** Over every trial of the training and the choice. */
  readonly trainingHash: string;
}

/** What came of one fold's test. */
export interface StoredTest {
  /** Hash of the run that is the test, or of the one run of which it is a part. */
  readonly runHash: string;
  /** Equity that it began with. */
  readonly initialCapitalQuote: number;
  /** The close at which its parameters began to decide; NaN where a position of others outlasted the test. */
  readonly tookOverMs: number;
  /** By metricNames; of a trade that crosses a seam where it ended. */
  readonly metrics: Float64Array;
}

/** What the tests came to as one account. */
export interface WalkForwardEnd {
  readonly walkForwardHash: string;
  /** By fold. */
  readonly tests: readonly StoredTest[];
  /** Of the whole curve, by metricNames. */
  readonly metrics: Float64Array;
  readonly initialCapitalQuote: number;
  /** At the last bar of each UTC day: equity of the one account, and of buying and holding from its start on. */
  readonly daily: { readonly timeMs: Float64Array; readonly equityQuote: Float64Array; readonly heldQuote: Float64Array };
  /** Mean of the daily returns in standard errors. */
  readonly tStatistic: number;
  /** Of the Sharpe ratio a year: 95 % of stationary bootstrap replicates. */
  readonly sharpeInterval: { readonly low: number; readonly high: number };
  /** Median of what of the return a year in training was left in tests, over folds that earned in training; NaN where none did. */
  readonly efficiency: { readonly median: number; readonly foldCount: number };
}

/** One choice of groups to test, and what was chosen on the others. */
export interface StoredSplit {
  /** Numbers of the groups tested, from 0. */
  readonly tested: readonly number[];
  /** Place of the chosen trial in the search. */
  readonly chosen: number;
  readonly parameters: Readonly<Record<string, number | string | boolean>>;
  readonly keepsConstraints: boolean;
  readonly trainDayCount: number;
  /** The metric that ranks, of the chosen trial: over the training days, and over those tested. */
  readonly trained: number;
  readonly testedObjective: number;
}

/** One way through all groups, each tested by a split. */
export interface StoredPath {
  /** By group the split that it takes. */
  readonly splits: readonly number[];
  readonly dailyReturns: Float64Array;
  readonly sharpeRatio: number;
  readonly returnFraction: number;
  /** At the ends of days. */
  readonly drawdownFractionMax: number;
}

/** What came of scheme combinatorial. */
export interface CombinatorialEnd {
  readonly walkForwardHash: string;
  /** Close of the last bar of each day. */
  readonly dayMs: Float64Array;
  /** Rows of dayMs in each group: from inclusive, to exclusive. */
  readonly groups: readonly { readonly from: number; readonly to: number }[];
  readonly splits: readonly StoredSplit[];
  readonly paths: readonly StoredPath[];
  readonly trialCount: number;
  readonly failedCount: number;
}

/**
 * A walk-forward as it lies on the disk. choices: of folds whose training has ended, in time order. end and combinatorial: what came of it, by its
 * scheme; null where it has not ended, or is of the other.
 */
export interface StoredWalkForward<Details> {
  readonly head: SearchHead<Details>;
  readonly choices: readonly StoredChoice[];
  readonly end: WalkForwardEnd | null;
  readonly combinatorial: CombinatorialEnd | null;
}

const walkForwardKind: SearchKind = {
  folder: 'walkforwards',
  headFile: 'walkforward.json',
  logFile: 'folds.ndjson',
  noun: 'walk-forward',
};

/** Where one of scheme combinatorial logs its trials. */
export const walkForwardTrialsKind: SearchKind = { ...walkForwardKind, logFile: 'trials.ndjson' };

export function walkForwardFolder(home: string, id: string): string {
  return searchFolder(home, walkForwardKind, id);
}

/** Ids of all walk-forwards, oldest first. */
export function walkForwardIds(home: string): string[] {
  return searchIds(home, walkForwardKind);
}

/** Begins a walk-forward: its head is on the disk before anything is played. */
export function createWalkForward<Details>(home: string, head: Omit<SearchHead<Details>, 'id'>): SearchHead<Details> {
  return createSearch(home, walkForwardKind, head);
}

/** The walk-forward a user means: "last", an id, or the start of one. RUN_NOT_FOUND where none matches. */
export function findWalkForward(home: string, wanted: string): string {
  return findSearch(home, walkForwardKind, wanted);
}

export function loadWalkForward<Details>(home: string, id: string): StoredWalkForward<Details> {
  const end = loadSearchEnd<WalkForwardEnd | CombinatorialEnd>(home, walkForwardKind, id);
  const isCombinatorial = end !== null && 'paths' in end;
  return {
    head: loadSearchHead(home, walkForwardKind, id),
    choices: readChoices(home, id).choices,
    end: isCombinatorial ? null : end,
    combinatorial: isCombinatorial ? end : null,
  };
}

export function saveWalkForwardEnd(home: string, id: string, end: WalkForwardEnd | CombinatorialEnd): void {
  saveSearchEnd(home, walkForwardKind, { id, end });
}

/** Choices as trainings end; each is on the disk before the next training begins. */
export type ChoiceLog = SearchLog<StoredChoice>;

/** Goes on with what was logged before. */
export function openChoices(home: string, id: string): { readonly log: ChoiceLog; readonly choices: readonly StoredChoice[] } {
  const { choices, validBytes } = readChoices(home, id);
  return { log: new SearchLog<StoredChoice>(home, walkForwardKind, { id, validBytes }), choices };
}

/** Trials of scheme combinatorial as they end, as a sweep keeps them. */
export function openWalkForwardTrials(home: string, id: string): ReturnType<typeof SweepLog.open> {
  return SweepLog.open(home, id, null, walkForwardTrialsKind);
}

function readChoices(home: string, id: string): { readonly choices: readonly StoredChoice[]; readonly validBytes: number } {
  const choices: StoredChoice[] = [];
  const isLine = ({ fold, trainMetrics }: Partial<StoredChoice>): boolean =>
    typeof fold === 'number' && trainMetrics instanceof Float64Array;
  const validBytes = readSearchLines<StoredChoice>(home, walkForwardKind, { id, isLine, onLine: (choice) => choices.push(choice) });
  return { choices, validBytes };
}
