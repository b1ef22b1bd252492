/** Owns bringing a finished sweep and the trial ledger before its report. Never plays or ranks a trial by itself. */
import { findSweep, loadSweepEnd, loadSweepHead, loadSweepTrials } from '../../data/stores/sweep-store.ts';
import { type LedgerHead, ledgerEntry, ledgerHeads } from '../../data/stores/trial-ledger.ts';
import { GateError } from '../../engine/errors.ts';
import { Ranking } from '../../engine/optimiser/ranking.ts';
import type { ParameterValues } from '../../engine/parameters.ts';
import type { Json, LedgerStep, SweepReportInput } from '../../reports/index.ts';
import { packageVersion } from '../package-info.ts';
import { type SearchTrial, triedWith } from './course.ts';
import { resumeCommand } from './resumed.ts';
import type { SweepDetails, SweepEnd } from './sweep-scenario.ts';

/** Trials as they were played, where they are still at hand. */
export interface PlayedTrials {
  readonly trials: readonly SearchTrial[];
  readonly dayMs: Float64Array;
}

/** CHECK_FAILED for a sweep that was stopped. */
export function sweepReportInput(home: string, wanted: string, played?: PlayedTrials): SweepReportInput {
  const id = findSweep(home, wanted);
  const { name, details } = loadSweepHead<SweepDetails>(home, id);
  const end = finishedEnd(home, id);
  const heads = ledgerHeads(home, details.market);
  const { trials, dayMs } = played ?? storedTrials(home, id, { end, head: heads.find((head) => head.id === id) });
  const { search, told, market } = details;
  const ranking = new Ranking(search.objective, search.constraints);
  return {
    ...{ id, name, ...told, fromMs: market.fromMs, toMs: market.toMs, search: search as unknown as Json },
    dimensions: Object.keys(search.parameters),
    objective: ranking.metric,
    isSmallestBest: search.objective.startsWith('-'),
    ...{ trials, dayMs, order: ranking.order(trials) },
    initialCapitalQuote: details.initialCapitalQuote,
    periodsPerYear: details.periodsPerYear,
    riskFreeAnnual: details.riskFreeAnnual,
    shorter: shorterRungs(home, id, heads),
    ledger: ledgerSteps(heads),
    sweepHash: end.sweepHash,
    playhead: packageVersion(),
  };
}

/** GATE where the sweep was stopped: what is there is no result. */
export function finishedEnd(home: string, id: string): SweepEnd {
  const end = loadSweepEnd<SweepEnd>(home, id);
  if (end !== null) return end;
  throw new GateError('CHECK_FAILED', `sweep ${id} was stopped before its end; go on with "${resumeCommand('sweep', { home, id })}"`, {
    sweep: id,
  });
}

/** Parameters of trials that were played lie in the ledger, those of failed ones with the sweep's end. */
function storedTrials(
  home: string,
  id: string,
  { end, head }: { readonly end: SweepEnd; readonly head: LedgerHead | undefined },
): PlayedTrials {
  const { trials, dayMs } = loadSweepTrials(home, id);
  const failed = new Map(end.failed.map(({ index, parameters }) => [index, parameters]));
  const known = head?.trials ?? [];
  let next = 0;
  const whole = [...trials]
    .sort((a, b) => a.index - b.index)
    .map((trial) => {
      const parameters = trial.failure === null ? known[next++]?.parameters : failed.get(trial.index);
      return triedWith((parameters ?? {}) as ParameterValues, trial);
    });
  return { trials: whole, dayMs };
}

/** Rungs of halving that were played on parts of the window, the shortest first; none where nothing was halved. */
function shorterRungs(home: string, id: string, heads: readonly LedgerHead[]): SweepReportInput['shorter'] {
  return heads
    .filter((head) => head.id.startsWith(`${id}-rung-`))
    .map(({ id: rung, trials, toMs, dayCount }) => {
      const quotes = ledgerEntry(home, rung)?.dailyQuote ?? new Float64Array(0);
      const dailyQuotes = trials.map((_, k) => quotes.subarray(k * dayCount, (k + 1) * dayCount));
      return { trialCount: trials.length, toMs, dailyQuotes };
    })
    .sort((a, b) => a.toMs - b.toMs);
}

/** Entries in time order, each with how many distinct trials there were by then. */
function ledgerSteps(heads: readonly LedgerHead[]): LedgerStep[] {
  const known = new Set<string>();
  return [...heads]
    .sort((a, b) => a.createdAtMs - b.createdAtMs || (a.id < b.id ? -1 : 1))
    .map(({ id, createdAtMs, trials }) => {
      for (const { trialHash } of trials) known.add(trialHash);
      return { id, createdAtMs, trialCount: trials.length, distinctCount: known.size };
    });
}
