/** Owns run settings for tests: free of costs and limits; give what differs. */
import { noLatency } from '../costs/latency.ts';
import { plainAccount, plainCosts, playheadSemantics, type RunSettings, unlimitedLiquidity } from '../settings.ts';

type Whole = Pick<RunSettings, 'branches' | 'skippedEntries'>;
type Partials = { [Key in keyof Omit<RunSettings, keyof Whole>]?: Part<RunSettings[Key]> } & Partial<Whole>;
type Part<Value> = Value extends object ? Partial<Value> : Value;

export function settingsOf(given: Partials = {}): RunSettings {
  return {
    window: { fromMs: Number.MIN_SAFE_INTEGER, toMs: Number.MAX_SAFE_INTEGER - 1, ...given.window },
    initialCapitalQuote: given.initialCapitalQuote ?? 10_000,
    account: { ...plainAccount, ...given.account },
    costs: { ...plainCosts, ...given.costs },
    liquidity: { ...unlimitedLiquidity, ...given.liquidity },
    latency: { ...noLatency, ...given.latency },
    risk: {
      riskPerTrade: 0.01,
      positionFractionMax: Number.POSITIVE_INFINITY,
      drawdownHaltFraction: 1,
      sizeBufferFraction: 0.01,
      ...given.risk,
    },
    ambiguity: given.ambiguity ?? 'pessimistic',
    branches: given.branches ?? [],
    semantics: { ...playheadSemantics, ...given.semantics },
    seed: given.seed ?? 1,
    metrics: { periodsPerYear: 365, riskFreeAnnual: 0, ...given.metrics },
    replay: given.replay ?? 'unfiltered',
    ...(given.skippedEntries === undefined ? {} : { skippedEntries: given.skippedEntries }),
  };
}

export const testHashes = Object.freeze({ strategyHash: 'test', scenarioHash: 'test', engineHash: 'test' });
