/** Owns bringing a stored sweep and the trial ledger before the statistics of luck. Never plays a trial. */
import { type LedgerEntry, readLedger } from '../../data/stores/trial-ledger.ts';
import { ratePerPeriod } from '../../engine/metrics/returns.ts';
import { judgeOverfit, type OverfitReport } from '../../engine/optimiser/overfit.ts';
import type { PlateauReport } from '../../engine/optimiser/plateau.ts';
import type { Objective } from '../../engine/optimiser/ranking.ts';
import { dailyReturnsOf } from '../../engine/optimiser/stitched.ts';
import { type SurvivingTrials, survivingTrials } from '../../engine/optimiser/surviving-trials.ts';
import type { ParameterValues } from '../../engine/parameters.ts';
import type { OverfitReportInput } from '../../reports/index.ts';
import { homeFolder } from '../home.ts';
import { packageVersion } from '../package-info.ts';
import { loadStoredSweep } from './stored-sweep.ts';

export interface JudgedSweep {
  readonly id: string;
  readonly name: string;
  readonly report: OverfitReport;
  /** Of the trial that is judged: the best by the sweep's own objective. */
  readonly index: number;
  readonly parameters: ParameterValues;
  readonly otherSearchCount: number;
  /** What it was ranked by. */
  readonly objective: Objective;
  /** Which of the sweep's trials are significant, in their order, those that failed left out; null of a halved one, of which most were given up. */
  readonly survivors: (SurvivingTrials & { readonly indexes: readonly number[] }) | null;
  /** How it stands among its neighbours; null where that is not known. */
  readonly plateau: PlateauReport | null;
}

const survivorLevel = 0.05;

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
  const { id, name, details, end, played, dayMs, best: chosen, parametersOf } = loadStoredSweep(home, wanted);
  const { market, initialCapitalQuote, periodsPerYear, riskFreeAnnual } = details;
  const known = new Set(played.map(({ trialHash }) => trialHash));
  const others = readLedger(home, market)
    .filter(({ head }) => head.id !== id)
    .map((entry) => ({ columns: distinctColumns(entry, known), isOwn: entry.head.id.startsWith(`${id}-rung-`) }))
    .filter(({ columns }) => columns.length > 0);
  const columns = played.map(({ dailyQuote }) => dailyReturnsOf(dailyQuote, initialCapitalQuote));
  const rate = ratePerPeriod(riskFreeAnnual, periodsPerYear);
  const report = judgeOverfit({
    ...{ columns, chosen, others: others.map((one) => one.columns), isHalved: details.search.halving !== undefined },
    ...{ periodsPerYear, ratePerPeriod: rate, seed, replicateCount },
  });
  const { index, dailyQuote } = played[chosen];
  const otherSearchCount = others.filter(({ isOwn }) => !isOwn).length;
  const judged = { id, name, report, index, parameters: parametersOf(played[chosen]), otherSearchCount };
  const ofAll = details.search.halving === undefined ? survivingTrials(columns, { ratePerPeriod: rate, level: survivorLevel }) : null;
  const days = { dailyQuote, dayMs, initialCapitalQuote, periodsPerYear, riskFreeAnnual };
  const { fromMs, toMs } = market;
  return {
    judged: {
      ...judged,
      objective: details.search.objective,
      survivors: ofAll === null ? null : { ...ofAll, indexes: played.map((trial) => trial.index) },
      plateau: end.plateau ?? null,
    },
    input: {
      ...judged,
      objective: details.search.objective,
      survivors: ofAll,
      permutations: null,
      ...details.told,
      ...days,
      fromMs,
      toMs,
      seed,
      replicateCount,
      playhead: packageVersion(),
    },
  };
}

/** Daily returns of those trials of an entry that were not seen before; from here on they are. */
function distinctColumns({ head, dailyQuote }: LedgerEntry, known: Set<string>): Float64Array[] {
  return head.trials.flatMap(({ trialHash }, k) => {
    if (known.has(trialHash)) return [];
    known.add(trialHash);
    return [dailyReturnsOf(dailyQuote.subarray(k * head.dayCount, (k + 1) * head.dayCount), head.initialCapitalQuote)];
  });
}
