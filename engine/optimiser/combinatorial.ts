/**
 * Owns combinatorial purged cross-validation: days cut into groups, every choice of so many of them tested with parameters chosen on the others,
 * and the tests joined to paths, each through the whole time. Plays nothing: it has the daily returns of every trial. Source: López de Prado,
 * Advances in Financial Machine Learning, 2018, ch. 12; purge and embargo ch. 7.
 */
import { assert } from '../errors.ts';
import { type MetricName, metricNames } from '../metrics/catalogue.ts';
import { drawdownMax } from '../metrics/drawdown.ts';
import { mean } from '../metrics/moments.ts';
import { downsideRisk, omegaRatio, type RatioOptions, sharpeRatio, sortinoRatio } from '../metrics/ratios.ts';
import { annualReturn, annualVolatility, cumulativeReturn, growthOf } from '../metrics/returns.ts';
import { dayMs as oneDayMs } from '../model/timeframe.ts';
import type { Ranking } from './ranking.ts';
import type { Span } from './schedule.ts';

export interface CombinatorialSpec {
  readonly groupCount: number;
  readonly testGroupCount: number;
  /** Days of training left out on both sides of each stretch of tests: what was held across its edge is in both. */
  readonly purgeDays: number;
  /** As many more behind it. */
  readonly embargoDays: number;
}

/** Figures that daily returns alone tell, and that any days can have, also such as do not follow each other. */
const dailyFigures: Readonly<Partial<Record<MetricName, (returns: Float64Array, rates: RatioOptions) => number>>> = Object.freeze({
  returnFraction: cumulativeReturn,
  returnFractionAnnual: (returns: Float64Array, { periodsPerYear }: RatioOptions) => annualReturn(returns, periodsPerYear),
  returnFractionDailyMean: mean,
  volatilityFractionAnnual: (returns: Float64Array, { periodsPerYear }: RatioOptions) => annualVolatility(returns, periodsPerYear),
  downsideRiskFractionAnnual: downsideRisk,
  sharpeRatio,
  sortinoRatio,
  omegaRatio: (returns: Float64Array, rates: RatioOptions) => omegaRatio(returns, rates.ratePerPeriod),
});

export const dailyFigureNames = Object.freeze(Object.keys(dailyFigures) as MetricName[]);

/** Those of the given names that daily returns tell, by metricNames; all others NaN. */
export function dailyMetricsOf(returns: Float64Array, names: readonly MetricName[], rates: RatioOptions): Float64Array {
  const metrics = new Float64Array(metricNames.length).fill(Number.NaN);
  for (const name of names) metrics[metricNames.indexOf(name)] = dailyFigures[name]?.(returns, rates) ?? Number.NaN;
  return metrics;
}

/** Every choice of testGroupCount groups out of groupCount, in the order of their numbers: C(N, k) of them. */
export function splitsOf({ groupCount, testGroupCount }: Pick<CombinatorialSpec, 'groupCount' | 'testGroupCount'>): number[][] {
  assert(testGroupCount >= 1 && testGroupCount < groupCount, `${testGroupCount} of ${groupCount} groups are tested`);
  const choose = (from: number, count: number): number[][] =>
    count === 0
      ? [[]]
      : Array.from({ length: groupCount - from - count + 1 }, (_, k) => from + k).flatMap((first) =>
          choose(first + 1, count - 1).map((rest) => [first, ...rest]),
        );
  return choose(0, testGroupCount);
}

/** C(n, k) as a double. */
export function splitCountOf({ groupCount, testGroupCount }: Pick<CombinatorialSpec, 'groupCount' | 'testGroupCount'>): number {
  let count = 1;
  for (let i = 1; i <= testGroupCount; i++) count = (count * (groupCount - testGroupCount + i)) / i;
  return Math.round(count);
}

/** Of each path, by group, the split whose test of that group it takes: every test of every split is in one path, φ = k/N · C(N, k) of them. */
export function pathsOf(splits: readonly (readonly number[])[], groupCount: number): number[][] {
  const testing = Array.from({ length: groupCount }, (_, group) =>
    splits.flatMap((groups, split) => (groups.includes(group) ? [split] : [])),
  );
  return testing[0].map((_, path) => testing.map((of) => of[path]));
}

/** Groups of rows in time order, as equal as they can be, the longer ones first. */
export function groupsOf(rowCount: number, groupCount: number): Span[] {
  const edge = (group: number): number => group * Math.floor(rowCount / groupCount) + Math.min(group, rowCount % groupCount);
  return Array.from({ length: groupCount }, (_, group) => ({ from: edge(group), to: edge(group + 1) }));
}

/** Rows to train on where these groups are tested. dayMs: close of each row's day. */
export function trainingRows(
  dayMs: Float64Array,
  { groups, tested, purgeDays, embargoDays }: Pick<CombinatorialSpec, 'purgeDays' | 'embargoDays'> & SplitOfGroups,
): Int32Array {
  const dayOf = (row: number): number => Math.floor((dayMs[row] - 1) / oneDayMs);
  const isTested = new Set(tested);
  const rows: number[] = [];
  const blocks = tested.map((group) => ({ first: dayOf(groups[group].from), last: dayOf(groups[group].to - 1) }));
  groups.forEach(({ from, to }, group) => {
    if (isTested.has(group)) return;
    for (let row = from; row < to; row++) {
      const day = dayOf(row);
      if (blocks.every(({ first, last }) => day < first - purgeDays || day > last + purgeDays + embargoDays)) rows.push(row);
    }
  });
  return Int32Array.from(rows);
}

interface SplitOfGroups {
  readonly groups: readonly Span[];
  readonly tested: readonly number[];
}

export interface CombinedSplit {
  /** Groups tested, from 0. */
  readonly tested: readonly number[];
  /** Place of the trial that did best on the others; −1 where every trial failed. */
  readonly chosen: number;
  readonly keepsConstraints: boolean;
  readonly trainDayCount: number;
  /** The objective of the chosen trial over the training days, and over the tested ones. */
  readonly trained: number;
  readonly testedObjective: number;
}

export interface CombinedPath {
  /** By group the split it takes. */
  readonly splits: readonly number[];
  readonly dailyReturns: Float64Array;
  readonly sharpeRatio: number;
  readonly returnFraction: number;
  /** At the ends of days. */
  readonly drawdownFractionMax: number;
}

export interface Combined {
  /** Rows of each group. */
  readonly groups: readonly Span[];
  readonly splits: readonly CombinedSplit[];
  readonly paths: readonly CombinedPath[];
}

export interface CombineInput extends CombinatorialSpec {
  /** Daily returns of each trial over all days; null for one that failed. */
  readonly returns: readonly (Float64Array | null)[];
  readonly dayMs: Float64Array;
  /** By figures of daily returns alone. */
  readonly ranking: Ranking;
  readonly rates: RatioOptions;
}

/** Chooses in every split and joins the paths. Each trial was played once, through all days: its returns are cut with them. */
export function combine({ returns, dayMs, ranking, rates, ...spec }: CombineInput): Combined {
  const groups = groupsOf(dayMs.length, spec.groupCount);
  const failed = new Float64Array(0);
  const figuresOn = (column: Float64Array | null, rows: Int32Array): Float64Array =>
    column === null ? failed : dailyMetricsOf(at(column, rows), ranking.metricsRead, rates);
  const splits = splitsOf(spec).map((tested): CombinedSplit => {
    const rows = trainingRows(dayMs, { ...spec, groups, tested });
    const trials = returns.map((column) => ({ metrics: figuresOn(column, rows) }));
    const chosen = ranking.order(trials).find((place) => returns[place] !== null) ?? -1;
    const { metrics } = chosen < 0 ? { metrics: failed } : trials[chosen];
    const testRows = Int32Array.from(tested.flatMap((group) => range(groups[group])));
    return {
      ...{ tested, chosen, trainDayCount: rows.length, trained: ranking.metricOf(metrics) },
      keepsConstraints: ranking.keepsConstraints(metrics),
      testedObjective: chosen < 0 ? Number.NaN : ranking.metricOf(figuresOn(returns[chosen], testRows)),
    };
  });
  const isWhole = splits.every(({ chosen }) => chosen >= 0);
  const paths = isWhole
    ? pathsOf(
        splits.map(({ tested }) => tested),
        spec.groupCount,
      )
    : [];
  return { groups, splits, paths: paths.map((of) => pathOf(of, { groups, splits, returns, rates })) };
}

function pathOf(
  of: readonly number[],
  { groups, splits, returns, rates }: Pick<Combined, 'groups' | 'splits'> & Pick<CombineInput, 'returns' | 'rates'>,
): CombinedPath {
  const dailyReturns = new Float64Array(groups[groups.length - 1].to);
  groups.forEach(({ from, to }, group) => {
    dailyReturns.set((returns[splits[of[group]].chosen] as Float64Array).subarray(from, to), from);
  });
  return {
    splits: of,
    dailyReturns,
    sharpeRatio: sharpeRatio(dailyReturns, rates),
    returnFraction: cumulativeReturn(dailyReturns),
    drawdownFractionMax: drawdownMax(growthOf(dailyReturns), 1),
  };
}

function at(column: Float64Array, rows: Int32Array): Float64Array {
  return Float64Array.from(rows, (row) => column[row]);
}

function range({ from, to }: Span): number[] {
  return Array.from({ length: to - from }, (_, k) => from + k);
}
