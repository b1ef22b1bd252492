/**
 * Owns what searches have tried that were stopped, or are under way: what they have logged counts in the trial ledger until they end and enter it
 * themselves. Never writes.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { loadSearchEnd, loadSearchHead, type SearchKind, searchFolder, searchIds } from './search-folder.ts';
import { readTrials, sweepKind } from './sweep-store.ts';
import type { LedgerEntry, LedgerHead, LedgerMarket } from './trial-ledger.ts';
import { walkForwardTrialsKind } from './walkforward-store.ts';

/** What the head of every search that logs trials tells. */
interface SearchFacts {
  readonly market?: LedgerMarket;
  readonly initialCapitalQuote: number;
  readonly told: { readonly strategyName: string };
  readonly parts: { readonly strategy: string };
}

export interface OpenEntry {
  readonly head: LedgerHead;
  read(): LedgerEntry;
}

/** Entries as they would stand in the ledger, had these searches ended now; a rung of halving is one. Parameters are not told: logs have none. */
export function openEntries(home: string): OpenEntry[] {
  return [sweepKind, walkForwardTrialsKind].flatMap((kind) =>
    searchIds(home, kind)
      .filter((id) => loadSearchEnd(home, kind, id) === null)
      .flatMap((id) => logsOf(home, kind, id).flatMap((log) => entriesOf(home, log, id))),
  );
}

interface TrialLog {
  readonly kind: SearchKind;
  /** Behind the search's id. */
  readonly suffix: string;
}

/** Logs of rungs are numbered from 1 on without gaps. */
function logsOf(home: string, kind: SearchKind, id: string): TrialLog[] {
  const logs: TrialLog[] = [{ kind, suffix: '' }];
  for (let rung = 1; existsSync(join(searchFolder(home, kind, id), `rung-${rung}.ndjson`)); rung++)
    logs.push({ kind: { ...kind, logFile: `rung-${rung}.ndjson` }, suffix: `-rung-${rung}` });
  return logs;
}

function entriesOf(home: string, { kind, suffix }: TrialLog, id: string): OpenEntry[] {
  const { createdAtMs, details } = loadSearchHead<SearchFacts>(home, kind, id);
  // Searches of before their heads told it.
  if (details.market === undefined) return [];
  const { trials: logged, dayMs } = readTrials({ home, id, kind });
  const trials = logged.filter(({ failure }) => failure === null);
  if (trials.length === 0) return [];
  const head: LedgerHead = {
    version: 1,
    id: `${id}${suffix}`,
    createdAtMs,
    ...details.market,
    strategyName: details.told.strategyName,
    strategyHash: details.parts.strategy,
    trials: trials.map(({ trialHash }) => ({ trialHash, parameters: {} })),
    dayCount: dayMs.length,
    initialCapitalQuote: details.initialCapitalQuote,
  };
  const read = (): LedgerEntry => {
    const dailyQuote = new Float64Array(trials.length * dayMs.length);
    trials.forEach((trial, k) => {
      dailyQuote.set(trial.dailyQuote, k * dayMs.length);
    });
    return { head, dayMs, dailyQuote };
  };
  return [{ head, read }];
}
