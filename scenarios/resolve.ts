/** Owns what a scenario becomes once the data is known: every default, date and rule pinned, frozen, hashed. Never reads a file. */
import type { QualityPolicy } from '../data/quality.ts';
import { ConfigError, DataError } from '../engine/errors.ts';
import { type SeriesKey, seriesName } from '../engine/model/bar.ts';
import type { Instrument } from '../engine/model/instrument.ts';
import { type Timeframe, timeframeMs } from '../engine/model/timeframe.ts';
import type { ParameterValues } from '../engine/parameters.ts';
import { leavesRests } from '../engine/rules-in-force.ts';
import { type AccountSettings, type AmbiguityPolicy, type RunSettings, type Semantics, semanticsProfiles } from '../engine/settings.ts';
import { canonicalJson, deepFreeze, sha256 } from './canonical-json.ts';
import { costSettings, latencySettings } from './costs-settings.ts';
import { resolvedRisk, riskSettingsOf } from './risk-schema.ts';
import type { Scenario } from './schema.ts';
import { utcMsOf } from './utc-time.ts';

/** A series with the start of its columns: bars imported before it later change nothing. */
export interface ResolvedSeries extends SeriesKey {
  /** Open of the first bar used; of a resampled series the first of its source. */
  readonly columnsFromMs: number;
  /** The stored series it is made from; left out where it is stored itself. */
  readonly from?: Timeframe;
  /** Of a resampled series: its source was known through then, so that source bars imported later complete no period. */
  readonly knownThroughMs?: number;
}

/** The series in the catalogue that a series of a run stands on. */
export function sourceKeyOf({ venue, symbol, timeframe, from }: SeriesKey & { readonly from?: Timeframe | undefined }): SeriesKey {
  return { venue, symbol, timeframe: from ?? timeframe };
}

/** The rules that can touch a result, with what changes of them inside the window; validity dates have done their work when the run starts. */
export type InstrumentRules = Omit<Instrument, 'validFromMs' | 'validToMs'>;

/** A series that turns one currency into another, with what its instrument says of both. */
export type ResolvedConversion = ResolvedSeries & Pick<Instrument, 'baseCurrency' | 'quoteCurrency' | 'baseDecimals' | 'quoteDecimals'>;

/** Plain frozen data, kept with the run; a run can be repeated from it alone, given the catalogue and the strategy. */
export interface ResolvedScenario {
  readonly name: string;
  readonly description: string;
  readonly series: readonly ResolvedSeries[];
  readonly conversions: readonly ResolvedConversion[];
  readonly window: { readonly fromMs: number; readonly toMs: number };
  readonly quality: QualityPolicy;
  readonly instruments: readonly InstrumentRules[];
  readonly strategy: Scenario['strategy'];
  readonly account: Omit<Scenario['account'], 'conversions'>;
  readonly costs: Scenario['costs'];
  readonly liquidity: Scenario['liquidity'];
  readonly latency: Scenario['latency'];
  readonly risk: Scenario['risk'];
  readonly ambiguity: Scenario['fills']['ambiguous'];
  /** Timeframe of the finer bars that decide ambiguous ones; left out where nothing refines. */
  readonly refineWith?: Timeframe;
  readonly semantics: Semantics;
  readonly seed: number;
  readonly metrics: { readonly periodsPerYear: number; readonly riskFree: number };
  readonly replay: Scenario['replay'];
  readonly output: Scenario['output'];
  readonly expect: Scenario['expect'];
}

/** What the catalogue knows of one series. */
export interface SeriesFacts {
  readonly key: SeriesKey;
  /** The timeframe that it is made from, whose facts these are; left out where it is stored itself. */
  readonly from?: Timeframe | undefined;
  readonly firstOpenMs: number;
  readonly lastCloseMs: number;
}

/** The trading window: as written, ended at the last bar so that bars imported later change nothing. DATA_NOT_FOUND where it holds no bar. */
export function windowOf(scenario: Scenario, facts: readonly SeriesFacts[]): { fromMs: number; toMs: number } {
  const firstMs = Math.min(...facts.map((series) => series.firstOpenMs));
  const lastMs = Math.max(...facts.map((series) => series.lastCloseMs));
  const fromMs = scenario.data.from === undefined ? firstMs : utcMsOf(scenario.data.from);
  const toMs = scenario.data.to === undefined ? lastMs : Math.min(utcMsOf(scenario.data.to), lastMs);
  for (const series of facts) {
    if (series.firstOpenMs < toMs && series.lastCloseMs > fromMs) continue;
    const asked = `${scenario.data.from ?? 'the first bar'} to ${scenario.data.to ?? 'the last bar'}`;
    const has = `${new Date(series.firstOpenMs).toISOString()} to ${new Date(series.lastCloseMs).toISOString()}`;
    throw new DataError('DATA_NOT_FOUND', `${seriesName(series.key)} has no bars from ${asked}; the catalogue has ${has}`, {
      ...series.key,
    });
  }
  return { fromMs, toMs };
}

/**
 * How many returns a year holds: one for each UTC day that has a bar, so the shortest bars decide. Of bars up to a day one series with
 * weekends is enough for 365, since its days are everyone's rows of equity.
 */
export function periodsPerYearOf(series: readonly { readonly timeframe: Timeframe; readonly keepsSessions: boolean }[]): number {
  const daily = series.filter(({ timeframe }) => timeframeMs(timeframe) <= timeframeMs('1d'));
  if (daily.length > 0) return daily.every(({ keepsSessions }) => keepsSessions) ? 252 : 365;
  if (series.some(({ timeframe }) => timeframe === '3d')) return 365 / 3;
  return series.some(({ timeframe }) => timeframe === '1w') ? 52 : 12;
}

export interface ResolveInput {
  readonly scenario: Scenario;
  readonly facts: readonly SeriesFacts[];
  readonly window: { readonly fromMs: number; readonly toMs: number };
  /** One for each distinct venue and symbol, in order of first appearance. */
  readonly instruments: readonly Instrument[];
  /** Series of account.conversions and what their instruments say. */
  readonly conversions: readonly { readonly facts: SeriesFacts; readonly instrument: Instrument }[];
  /** Used where the scenario states none: see periodsPerYearOf. */
  readonly periodsPerYear: number;
}

export function resolveScenario({ scenario, facts, window, instruments, conversions, periodsPerYear }: ResolveInput): ResolvedScenario {
  checkBarsPerYear(scenario, facts, periodsPerYear);
  const profile = semanticsProfiles[scenario.semantics];
  return deepFreeze({
    name: scenario.name,
    description: scenario.description ?? '',
    series: facts.map((one) => resolvedSeries(one, window)),
    conversions: conversions.map(({ facts: one, instrument: { baseCurrency, quoteCurrency, baseDecimals, quoteDecimals } }) => ({
      ...resolvedSeries(one, window),
      ...{ baseCurrency, quoteCurrency, baseDecimals, quoteDecimals },
    })),
    window: { fromMs: window.fromMs, toMs: window.toMs },
    quality: { ...scenario.data.quality },
    instruments: instruments.map(({ validFromMs: _from, validToMs: _to, ...rules }) => rules),
    strategy: structuredClone(scenario.strategy),
    account: accountOf(scenario, instruments),
    costs: structuredClone(scenario.costs),
    liquidity: { ...scenario.liquidity },
    latency: structuredClone(scenario.latency),
    risk: resolvedRisk(scenario.risk),
    ambiguity: scenario.fills.ambiguous,
    ...(scenario.fills.refineWith === undefined ? {} : { refineWith: scenario.fills.refineWith }),
    semantics: {
      ...profile,
      limitFill: scenario.fills.limit ?? profile.limitFill,
      marketFill: scenario.fills.market ?? profile.marketFill,
      endOfRun: scenario.endOfRun ?? profile.endOfRun,
    },
    seed: scenario.seed,
    metrics: { periodsPerYear: scenario.metrics.periodsPerYear ?? periodsPerYear, riskFree: scenario.metrics.riskFree },
    replay: scenario.replay,
    output: { ...scenario.output },
    expect: structuredClone(scenario.expect),
  });
}

/** The scenario with another window, inside its own: as if data.from and data.to had said it. */
export function withWindow(resolved: ResolvedScenario, window: { readonly fromMs: number; readonly toMs: number }): ResolvedScenario {
  const ended = <Series extends ResolvedSeries>(series: Series): Series =>
    series.knownThroughMs === undefined ? series : { ...series, knownThroughMs: Math.min(series.knownThroughMs, window.toMs) };
  return {
    ...resolved,
    series: resolved.series.map(ended),
    conversions: resolved.conversions.map(ended),
    window: { fromMs: window.fromMs, toMs: window.toMs },
  };
}

/** A market that keeps sessions has fewer bars within a day than the day has room for: how many a year must be said, not guessed. */
function checkBarsPerYear({ risk, metrics }: Scenario, facts: readonly SeriesFacts[], periodsPerYear: number): void {
  const { sizing } = risk;
  if (sizing?.by !== 'volatilityTarget' || sizing.barsPerYear !== undefined || !((metrics.periodsPerYear ?? periodsPerYear) < 365)) return;
  const decided = facts.filter(
    ({ key }, i) => i === facts.findIndex((one) => one.key.venue === key.venue && one.key.symbol === key.symbol),
  );
  const short = decided.find(({ key }) => timeframeMs(key.timeframe) < timeframeMs('1d'));
  if (short === undefined) return;
  throw new ConfigError(
    'SCENARIO_INVALID',
    `risk.sizing.barsPerYear is missing: ${seriesName(short.key)} keeps sessions; expected the bars of the series in a year, 252 × 6.5 for the hours of a stock`,
  );
}

function resolvedSeries({ key, from, firstOpenMs, lastCloseMs }: SeriesFacts, window: { readonly toMs: number }): ResolvedSeries {
  return {
    venue: key.venue,
    symbol: key.symbol,
    timeframe: key.timeframe,
    columnsFromMs: firstOpenMs,
    ...(from === undefined ? {} : { from, knownThroughMs: Math.min(window.toMs, lastCloseMs) }),
  };
}

/** The account with its series left to the resolved conversions, and what becomes of dust said. */
function accountOf({ account, costs }: Scenario, instruments: readonly Instrument[]): ResolvedScenario['account'] {
  const { conversions: _conversions, ...rest } = account;
  const isKept = costs.feeIn === 'base' || instruments.some((one) => hasMinimum(one) || leavesRests(one));
  return structuredClone({ ...rest, dust: account.dust ?? (isKept ? 'keep' : 'sell') });
}

function hasMinimum({ minimumNotionalQuote, changes = [] }: Instrument): boolean {
  return minimumNotionalQuote > 0 || changes.some((change) => change.minimumNotionalQuote > 0);
}

/** The account as the engine wants it: margins by instrument, the last line for all others. */
function accountSettings(account: ResolvedScenario['account']): AccountSettings {
  const lines = account.margins.map((line) => ({ ...line, symbol: line.symbol ?? null }));
  const initial = 1 / account.leverage;
  const byLeverage = { symbol: null, per: 'notional', initial, maintenance: account.maintenanceMargin ?? initial / 2 } as const;
  return {
    kind: account.kind,
    leverage: account.leverage,
    margins: [...lines, byLeverage],
    interestRateAnnual: account.interestRate,
    borrowRateAnnual: account.borrowRate,
    accrual: account.accrual,
    liquidation: { rule: account.liquidation, feeFraction: account.liquidationFee },
    currency: account.currency,
    balances: { ...account.balances },
    conversion: { policy: account.conversion, costFraction: account.conversionCost },
    positions: account.positions,
    dust: account.dust ?? 'sell',
  };
}

/** The engine's settings. Infinity stands here only: JSON has no word for it. */
export function settingsOf(resolved: ResolvedScenario): RunSettings {
  const { account, costs, liquidity, latency, risk, metrics } = resolved;
  return deepFreeze({
    window: { ...resolved.window },
    initialCapitalQuote: account.initialCapital,
    account: accountSettings(account),
    costs: costSettings(costs),
    liquidity: { ...liquidity },
    latency: latencySettings(latency),
    risk: riskSettingsOf(risk),
    ambiguity: resolved.ambiguity,
    branches: [],
    semantics: { ...resolved.semantics },
    seed: resolved.seed,
    metrics: { periodsPerYear: metrics.periodsPerYear, riskFreeAnnual: metrics.riskFree },
    replay: resolved.replay,
  });
}

/** The instruments as the engine wants them, in force at all times of this run: the farthest that a date can be. */
export function instrumentsOf(resolved: ResolvedScenario): Instrument[] {
  return resolved.instruments.map((rules) => Object.freeze({ ...rules, validFromMs: -8.64e15, validToMs: 8.64e15 }));
}

/**
 * Hex SHA-256 of all that can touch a result but is not hashed elsewhere. Left out: name, description, output, expect, replay (all of its ways are
 * equal) and where the strategy lies (its sources have a hash of their own). parameters: as resolved by the strategy's schema, so that
 * a default written out changes nothing.
 */
export function scenarioHash(
  resolved: Omit<ResolvedScenario, 'ambiguity'> & { readonly ambiguity: AmbiguityPolicy },
  parameters: ParameterValues,
): string {
  const { series, conversions, window, quality, instruments, account, risk, ambiguity, refineWith, semantics, seed, metrics } = resolved;
  return sha256(
    canonicalJson({
      ...{ series, conversions, window, quality, instruments, account, risk, ambiguity, semantics, seed, metrics, parameters },
      ...(refineWith === undefined ? {} : { refineWith }),
      ...hashedCosts(resolved),
    }),
  );
}

/** What a run does without is not in its hash: a scenario that states none keeps the one that it had before there was such a model. */
function hashedCosts({ costs, liquidity, latency }: Pick<ResolvedScenario, 'costs' | 'liquidity' | 'latency'>): object {
  const { fees, ...plain } = costs;
  return {
    costs: fees.model === 'rate' ? plain : costs,
    ...(liquidity.volumeShare === null && liquidity.queue === null ? {} : { liquidity }),
    ...(latency.order === 0 && latency.cancel === 0 && latency.data === 0 ? {} : { latency }),
  };
}
