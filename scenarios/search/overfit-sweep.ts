/** Owns bringing a stored sweep and the trial ledger before the statistics of luck. Never plays a trial. */
import { findSweep, loadSweepHead, loadSweepTrials, type StoredTrial } from '../../data/stores/sweep-store.ts';
import { type LedgerEntry, ledgerEntry, readLedger } from '../../data/stores/trial-ledger.ts';
import { GateError } from '../../engine/errors.ts';
import { ratePerPeriod } from '../../engine/metrics/returns.ts';
import { judgeOverfit, type OverfitReport } from '../../engine/optimiser/overfit.ts';
import { Ranking } from '../../engine/optimiser/ranking.ts';
import { dailyReturnsOf } from '../../engine/optimiser/stitched.ts';
import type { OverfitReportInput } from '../../reports/index.ts';
import { homeFolder } from '../home.ts';
import { packageVersion } from '../package-info.ts';
import { finishedEnd } from './sweep-report.ts';
import type { SweepDetails } from './sweep-scenario.ts';

export interface JudgedSweep {
  readonly id: string;
  readonly name: string;
  readonly report: OverfitReport;
  /** Of the trial that is judged: the best by the sweep's own objective. */
  readonly index: number;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly otherSearchCount: number;
}

/** What was judged beside what its pictures need. */
export interface JudgedForReport {
  readonly judged: JudgedSweep;
  readonly input: OverfitReportInput;
}

export interface OverfitOptions {
  readonly home?: string | undefined;
  readonly seed?: number | undefined;
  readonly replicateCount?: number | undefined;
}

/** Judges the best trial of a finished sweep. RUN_NOT_FOUND where there is none of that name; CHECK_FAILED where it was stopped, or none of its trials was played. */
export function judgeSweep(wanted: string, { home: given, seed = 1, replicateCount = 1_000 }: OverfitOptions = {}): JudgedForReport {
  const home = homeFolder(given);
  const id = findSweep(home, wanted);
  const { name, details } = loadSweepHead<SweepDetails>(home, id);
  finishedEnd(home, id, details);
  const { trials, dayMs } = loadSweepTrials(home, id);
  const played = trials.filter(({ failure }) => failure === null).sort((a, b) => a.index - b.index);
  if (played.length === 0) {
    const failure = trials[0]?.failure;
    const first = failure ? `, the first with ${failure.code}: ${failure.message}` : '';
    throw new GateError('CHECK_FAILED', `sweep ${id} has nothing to judge: all its trials failed${first}`, { sweep: id });
  }
  const chosen = new Ranking(details.search.objective, details.search.constraints).order(played)[0];
  const { market, initialCapitalQuote, periodsPerYear, riskFreeAnnual } = details;
  const known = new Set(played.map(({ trialHash }) => trialHash));
  const others = readLedger(home, market)
    .filter(({ head }) => head.id !== id)
    .map((entry) => ({ columns: distinctColumns(entry, known), isOwn: entry.head.id.startsWith(`${id}-rung-`) }))
    .filter(({ columns }) => columns.length > 0);
  const report = judgeOverfit({
    columns: played.map(({ dailyQuote }) => dailyReturnsOf(dailyQuote, initialCapitalQuote)),
    ...{ chosen, others: others.map(({ columns }) => columns), isHalved: details.search.halving !== undefined },
    periodsPerYear,
    ratePerPeriod: ratePerPeriod(riskFreeAnnual, periodsPerYear),
    seed,
    replicateCount,
  });
  const { index, dailyQuote } = played[chosen];
  const otherSearchCount = others.filter(({ isOwn }) => !isOwn).length;
  const judged = { id, name, report, index, parameters: parametersAt(home, id, played[chosen]), otherSearchCount };
  const days = { dailyQuote, dayMs, initialCapitalQuote, periodsPerYear, riskFreeAnnual };
  const { fromMs, toMs } = market;
  return { judged, input: { ...judged, ...details.told, ...days, fromMs, toMs, seed, replicateCount, playhead: packageVersion() } };
}

function parametersAt(home: string, id: string, { trialHash }: StoredTrial): Readonly<Record<string, unknown>> {
  return ledgerEntry(home, id)?.head.trials.find((trial) => trial.trialHash === trialHash)?.parameters ?? {};
}

/** Daily returns of those trials of an entry that were not seen before; from here on they are. */
function distinctColumns({ head, dailyQuote }: LedgerEntry, known: Set<string>): Float64Array[] {
  return head.trials.flatMap(({ trialHash }, k) => {
    if (known.has(trialHash)) return [];
    known.add(trialHash);
    return [dailyReturnsOf(dailyQuote.subarray(k * head.dayCount, (k + 1) * head.dayCount), head.initialCapitalQuote)];
  });
}
