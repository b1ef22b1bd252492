/** Owns saying which switch of a rule changed which trade of a run. Never plays: the runs are given, one behind each switch. */
import { assert } from '../errors.ts';
import type { Metrics } from '../result.ts';
import type { SemanticsRule } from '../semantics-words.ts';
import type { RuleSwitch } from './rule-switches.ts';
import { type ComparedRun, type ComparedTrade, changeOf, type TradeChange, type TradesByKey, tradesByKey } from './trade-differences.ts';

export interface ExplainedRun extends ComparedRun {
  readonly metrics: Metrics;
}

/** What one switch did, the ones before it done. */
export interface RuleEffect extends Omit<RuleSwitch, 'semantics'> {
  readonly equityQuoteFinal: number;
  /** Trades behind it, those still open included: none at 0, and then no later switch can change any. */
  readonly tradeCount: number;
  /** Trades that this switch changed. */
  readonly changedCount: number;
  /** Of them those that no switch before had changed: they are attributed to this rule. */
  readonly firstChangedCount: number;
}

/** A trade that is not the same in both runs. */
export interface ExplainedTrade {
  readonly symbol: string;
  /** null where the run has no such trade. */
  readonly before: ComparedTrade | null;
  readonly after: ComparedTrade | null;
  /** The rule whose switch first changed it, in the order given. */
  readonly rule: SemanticsRule;
  /** Every switch that changed it, in order, and in what. */
  readonly changes: readonly { readonly rule: SemanticsRule; readonly change: TradeChange }[];
}

export interface Explanation {
  readonly equityQuoteFinal: number;
  readonly tradeCount: number;
  readonly tradeCountAfter: number;
  readonly rules: readonly RuleEffect[];
  readonly trades: readonly ExplainedTrade[];
  /** Trades that a switch changed and a later one changed back. */
  readonly restoredCount: number;
}

/** runs: the first under our rules, then one behind each switch. */
export function attribute(switches: readonly RuleSwitch[], runs: readonly ExplainedRun[]): Explanation {
  assert(runs.length === switches.length + 1, 'one run before the switches and one behind each');
  const all = runs.map(tradesByKey);
  const keys = new Set(all.flatMap((trades) => [...trades.keys()]));
  const { instruments } = runs[0];
  const trades: ExplainedTrade[] = [];
  const effects = switches.map(() => ({ changedCount: 0, firstChangedCount: 0 }));
  let restoredCount = 0;
  for (const key of keys) {
    const instrument = instruments[Number(key.slice(0, key.indexOf(' ')))];
    const changes = changesOf(key, { all, switches, effects, quoteDecimals: instrument.quoteDecimals });
    if (changes.length === 0) continue;
    const [before, after] = [all[0].get(key), all[all.length - 1].get(key)];
    if (changeOf(before, after, instrument.quoteDecimals) === undefined) {
      restoredCount++;
      continue;
    }
    const symbol = instrument.leg === undefined ? instrument.symbol : `${instrument.symbol} ${instrument.leg}`;
    trades.push({ symbol, before: before ?? null, after: after ?? null, rule: changes[0].rule, changes });
  }
  const timeOf = ({ before, after }: ExplainedTrade): number => (before ?? after)?.entryMs ?? 0;
  return {
    equityQuoteFinal: runs[0].metrics.equityQuoteFinal,
    tradeCount: all[0].size,
    tradeCountAfter: all[all.length - 1].size,
    rules: switches.map(({ semantics: _, ...step }, i) => ({
      ...step,
      equityQuoteFinal: runs[i + 1].metrics.equityQuoteFinal,
      tradeCount: all[i + 1].size,
      ...effects[i],
    })),
    trades: trades.sort((a, b) => timeOf(a) - timeOf(b)),
    restoredCount,
  };
}

interface Steps {
  readonly all: readonly TradesByKey[];
  readonly switches: readonly RuleSwitch[];
  readonly effects: readonly { changedCount: number; firstChangedCount: number }[];
  readonly quoteDecimals: number;
}

function changesOf(key: string, { all, switches, effects, quoteDecimals }: Steps): ExplainedTrade['changes'] {
  const changes: { rule: SemanticsRule; change: TradeChange }[] = [];
  for (let i = 0; i < switches.length; i++) {
    const change = changeOf(all[i].get(key), all[i + 1].get(key), quoteDecimals);
    if (change === undefined) continue;
    if (changes.length === 0) effects[i].firstChangedCount++;
    effects[i].changedCount++;
    changes.push({ rule: switches[i].rule, change });
  }
  return changes;
}
