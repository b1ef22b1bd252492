/** Owns how trials are told to the trial ledger, whatever kind of work tried them. Never writes one. */
import type { LedgerAddition } from '../../data/stores/trial-ledger.ts';
import type { ParameterValues } from '../../engine/parameters.ts';
import type { PreparedRun } from '../prepare.ts';

export interface LedgerEntryInput {
  readonly id: string;
  readonly prepared: Pick<PreparedRun, 'resolved' | 'bundle'>;
  readonly strategyName: string;
  /** Those that were played. */
  readonly trials: readonly { readonly trialHash: string; readonly parameters: ParameterValues; readonly dailyQuote: Float64Array }[];
  readonly dayMs: Float64Array;
  /** Where the trials were played in a part of the scenario's window. */
  readonly window?: { readonly fromMs: number; readonly toMs: number };
}

/** Trials as the ledger keeps them. */
export function ledgerEntryOf({
  id,
  prepared,
  strategyName,
  trials,
  dayMs,
  window = prepared.resolved.window,
}: LedgerEntryInput): LedgerAddition {
  const head = {
    version: 1,
    id,
    createdAtMs: Date.now(),
    markets: prepared.resolved.series.map(({ venue, symbol }) => ({ venue, symbol })),
    fromMs: window.fromMs,
    toMs: window.toMs,
    strategyName,
    strategyHash: prepared.bundle.strategyHash,
    trials: trials.map(({ trialHash, parameters }) => ({ trialHash, parameters })),
    dayCount: dayMs.length,
    initialCapitalQuote: prepared.resolved.account.initialCapital,
  } as const;
  return { head, dayMs, trialDays: daysOf(trials) };
}

function* daysOf(trials: LedgerEntryInput['trials']): Generator<Float64Array> {
  for (const { dailyQuote } of trials) yield dailyQuote;
}
