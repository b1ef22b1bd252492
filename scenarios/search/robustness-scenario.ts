/**
 * Owns the way from a sweep's trial, or a scenario, to what is left of it under shocks, on other paths of prices and in other orders of its trades.
 * Never prints. Nothing of it enters the trial ledger: none of these runs is one that anybody could choose.
 */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { StoredTrial } from '../../data/stores/sweep-store.ts';
import { saveStudy } from '../../data/stores/sweep-studies.ts';
import { ConfigError } from '../../engine/errors.ts';
import type { Alteration } from '../../engine/optimiser/alteration.ts';
import { type PricePaths, pricePathsOf } from '../../engine/optimiser/price-paths.ts';
import { judgeRobustness, type RobustnessReport, shocksOf } from '../../engine/optimiser/robustness.ts';
import { type TradeOrders, tradeOrdersOf } from '../../engine/optimiser/trade-orders.ts';
import { type ParameterValues, resolveParameters } from '../../engine/parameters.ts';
import { homeFolder } from '../home.ts';
import { type ReadScenario, readScenario } from '../read.ts';
import { receivedError } from '../sent-error.ts';
import { type AlteredOutcome, type AlteredRuns, type AlteredRunsOptions, fixedSets, withAlteredRuns } from './altered-runs.ts';
import { requireSameSpec } from './search-spec.ts';
import { loadStoredSweep, type StoredSweep } from './stored-sweep.ts';

export interface RobustnessOptions extends AlteredRunsOptions {
  /** Number of a sweep's trial; default its best. */
  readonly trial?: number | undefined;
  /** Of each shock in which chance has a part. */
  readonly replicateCount: number;
  /** Paths of prices; 0 for none. */
  readonly pathCount: number;
  /** Other orders of the trades. */
  readonly orderCount: number;
}

/** What is found out, and kept beside the sweep: see data/stores/sweep-studies.ts. */
export interface Robustness {
  readonly name: string;
  /** Null of a scenario that was played with its own parameters. */
  readonly sweep: { readonly id: string; readonly index: number } | null;
  readonly parameters: ParameterValues;
  readonly seed: number;
  /** Its bars were made by a generator. */
  readonly isSynthetic: boolean;
  readonly report: RobustnessReport;
  /** Null where none were asked for. */
  readonly paths: PricePaths | null;
  /** Null where there are fewer than two trades. */
  readonly trades: TradeOrders | null;
}

/** What is played, whatever it was named by. */
interface Subject {
  readonly read: ReadScenario;
  readonly sweep: { readonly stored: StoredSweep; readonly trial: StoredTrial } | null;
}

/**
 * Plays a set again and again. wanted: a scenario file, or a sweep as findSweep takes it. Undefined where it was stopped. VERIFY_FAILED where
 * a sweep's scenario, strategy, bars or engine are not what they were.
 */
export async function robustnessOf(wanted: string, options: RobustnessOptions): Promise<Robustness | undefined> {
  const home = homeFolder(options.home);
  const { read, sweep } = subjectOf(wanted, home, options);
  return withAlteredRuns(read, options, async (runs) => {
    const found = await foundOf(runs, read, { sweep, options });
    if (found !== undefined && sweep !== null) saveStudy(home, sweep.stored.id, { study: 'robustness', document: found });
    return found;
  });
}

function subjectOf(wanted: string, home: string, { trial: index, set = [] }: RobustnessOptions): Subject {
  if (/\.ya?ml$/.test(wanted) || existsSync(wanted)) {
    if (index !== undefined)
      throw new ConfigError('USAGE', '--trial: a scenario has no trials, expected it beside a sweep', { option: '--trial' });
    return { read: readScenario(wanted, set), sweep: null };
  }
  const stored = loadStoredSweep(home, wanted);
  const { details, played, best } = stored;
  const trial = index === undefined ? played[best] : played.find((one) => one.index === index);
  if (trial === undefined)
    throw new ConfigError('USAGE', `--trial: sweep ${stored.id} has played no trial ${index}; "npx playhead sweep" prints their numbers`, {
      option: '--trial',
    });
  return { read: readScenario(resolve(home, details.scenarioPath), [...(details.set ?? []), ...set]), sweep: { stored, trial } };
}

async function foundOf(
  runs: AlteredRuns,
  read: ReadScenario,
  { sweep, options }: Pick<Subject, 'sweep'> & { readonly options: RobustnessOptions },
): Promise<Robustness | undefined> {
  const { prepared, strategy } = runs;
  if (sweep !== null) checkParts(sweep.stored, runs, read);
  const { replicateCount, pathCount, orderCount, seed } = options;
  const stated = sweep === null ? prepared.resolved.strategy.parameters : sweep.stored.parametersOf(sweep.trial);
  const parameters = resolveParameters(strategy.name, strategy.parameters, stated);
  const shocks = shocksOf(replicateCount);
  const paths = Array.from({ length: pathCount }, (_, replicate): Alteration => ({ kind: 'bootstrapped', replicate }));
  const alterations: Alteration[] = [{ kind: 'none' }, ...shocks.flatMap((shock) => shock.alterations), ...paths];
  const tradeReturns = await runs.tradeReturns(parameters);
  const outcomes = await runs.play(alterations, fixedSets([parameters]));
  if (outcomes.some((one) => one === undefined)) return undefined;
  const metrics = outcomes.map((one) => metricsOf((one as readonly AlteredOutcome[])[0]));
  let next = 1;
  const take = (count: number): (Float64Array | null)[] => {
    next += count;
    return metrics.slice(next - count, next);
  };
  return {
    name: read.scenario.name,
    sweep: sweep === null ? null : { id: sweep.stored.id, index: sweep.trial.index },
    ...{ parameters, seed, isSynthetic: prepared.tapes.some((tape) => tape.isSynthetic) },
    report: judgeRobustness(
      baseOf(outcomes[0] as readonly AlteredOutcome[]),
      shocks.map((shock) => ({ shock, metrics: take(shock.alterations.length) })),
    ),
    paths: pathCount === 0 ? null : pricePathsOf(take(pathCount)),
    trades: tradeOrdersOf(tradeReturns, { replicateCount: orderCount, seed }),
  };
}

/** What was searched may have changed since: the set that is played has not. */
function checkParts({ id, details }: StoredSweep, { parts: { search: _search, ...parts } }: AlteredRuns, read: ReadScenario): void {
  const now = { parts, search: details.search, set: [], strategyPath: read.strategyPath };
  requireSameSpec({ id, noun: 'sweep', use: 'played again' }, { before: details, now });
}

/** Null where the strategy threw. */
function metricsOf(outcome: AlteredOutcome): Float64Array | null {
  return outcome instanceof Float64Array ? outcome : null;
}

/** The run without a shock must be one. */
function baseOf([outcome]: readonly AlteredOutcome[]): Float64Array {
  if (outcome instanceof Float64Array) return outcome;
  throw receivedError(outcome);
}

/** To be printed as JSON: columns become lists. */
export function documentOf({ paths, trades, ...rest }: Robustness): object {
  return { ...rest, paths: plain(paths), trades: plain(trades) };
}

function plain(value: unknown): unknown {
  if (value instanceof Float64Array) return [...value];
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, plain(inner)]));
}
