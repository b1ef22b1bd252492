/**
 * Owns what is asked of one parameter set beside its own run, and what the answers come to: figures under each shock, and a verdict in plain words.
 * Pure: the runs are played elsewhere. Says how a set breaks, never whether it was found by luck.
 */
import { assert } from '../errors.ts';
import { percentText } from '../figure-text.ts';
import { type MetricName, metricNames } from '../metrics/catalogue.ts';
import { quantileOfSorted, sortedDefined } from '../metrics/moments.ts';
import type { Alteration } from './alteration.ts';

/** One kind of bad luck, played once, or where chance has a part in it as often as there are replicates. */
export interface Shock {
  readonly name: string;
  readonly alterations: readonly Alteration[];
  /** It counts in the verdict; harsher ones are shown beside it. */
  readonly isJudged: boolean;
}

/** The middle of the replicates and 5 to 95 % of them; of one run all three are its figure. */
export interface Spread {
  readonly low: number;
  readonly median: number;
  readonly high: number;
}

/** The figures that are told of runs. */
export const shockMetrics = ['returnFraction', 'sharpeRatio', 'drawdownFractionMax', 'tradeCount'] as const satisfies readonly MetricName[];
export type ShockMetric = (typeof shockMetrics)[number];

export interface ShockReport {
  readonly name: string;
  readonly isJudged: boolean;
  readonly replicateCount: number;
  /** Replicates in which the strategy threw; they count as losses. */
  readonly failedCount: number;
  readonly figures: Readonly<Record<ShockMetric, Spread>>;
  /** Share of all replicates that earned. */
  readonly profitableFraction: number;
  /** It earns in 95 % of replicates and keeps half of the return in the middle of them; null where it is not judged. */
  readonly isPassed: boolean | null;
}

/** fragile: a judged shock breaks it; robust: none does; nothing: without a profit there is nothing to break. */
export type RobustnessVerdict = 'robust' | 'fragile' | 'nothing';

export interface RobustnessReport {
  /** Of the run without a shock. */
  readonly base: Readonly<Record<ShockMetric, number>>;
  readonly shocks: readonly ShockReport[];
  readonly verdict: RobustnessVerdict;
  /** Why, a sentence each. */
  readonly reasons: readonly string[];
  /** What these runs cannot tell. */
  readonly limits: readonly string[];
}

const marks = { profitableFraction: 0.95, keptFraction: 0.5 } as const;

/** The shocks that every set is put to. */
export function shocksOf(replicateCount: number): Shock[] {
  const once = (name: string, alteration: Alteration, isJudged: boolean): Shock => ({ name, alterations: [alteration], isJudged });
  const often = (name: string, alterationOf: (replicate: number) => Alteration, isJudged: boolean): Shock => ({
    name,
    alterations: Array.from({ length: replicateCount }, (_, replicate) => alterationOf(replicate)),
    isJudged,
  });
  const costs = [1.5, 2, 3].map((factor) => once(`costs × ${factor}`, { kind: 'costs', factor }, factor === 2));
  const delays = [1, 2, 5].map((bars) => once(`orders ${bars} ${bars === 1 ? 'bar' : 'bars'} late`, { kind: 'delay', bars }, bars === 1));
  const skipped = [0.1, 0.2].map((fraction) =>
    often(
      `${percentText(fraction)} of entries skipped`,
      (replicate) => ({ kind: 'skippedEntries', fraction, replicate }),
      fraction === 0.1,
    ),
  );
  const noise = [0.1, 0.25].map((rangeFraction) =>
    often(
      `noise of ${percentText(rangeFraction)} of a bar's range`,
      (replicate) => ({ kind: 'noise', rangeFraction, replicate }),
      rangeFraction === 0.1,
    ),
  );
  return [...costs, ...delays, ...skipped, ...noise];
}

/**
 * Judges a set by its run without a shock and its runs under each. metrics: by metricNames, one entry for each alteration; null where the
 * strategy threw.
 */
export function judgeRobustness(
  base: Float64Array,
  shocks: readonly { readonly shock: Shock; readonly metrics: readonly (Float64Array | null)[] }[],
): RobustnessReport {
  const own = figuresOf(base);
  const reports = shocks.map(({ shock, metrics }) => shockReport(shock, metrics, own.returnFraction));
  const earns = own.returnFraction > 0;
  const judged = reports.filter(({ isPassed }) => isPassed !== null);
  const isBroken = judged.some(({ isPassed }) => isPassed === false);
  return {
    base: own,
    shocks: reports,
    verdict: !earns ? 'nothing' : isBroken ? 'fragile' : 'robust',
    reasons: earns ? judged.map(reasonOf(own.returnFraction)) : [`without any shock the return is ${percentText(own.returnFraction)}`],
    limits: limitsOf(own, reports, figureOf(base, 'feeQuoteTotal') + figureOf(base, 'slippageQuoteTotal')),
  };
}

function shockReport({ name, isJudged, alterations }: Shock, metrics: readonly (Float64Array | null)[], ownReturn: number): ShockReport {
  assert(metrics.length === alterations.length, `${name}: ${metrics.length} runs of ${alterations.length}`);
  const played = metrics.filter((one) => one !== null);
  const profitableFraction = played.filter((one) => figureOf(one, 'returnFraction') > 0).length / metrics.length;
  const figures = Object.fromEntries(shockMetrics.map((metric) => [metric, spreadOf(played.map((one) => figureOf(one, metric)))]));
  const { median } = figures.returnFraction;
  const isPassed = profitableFraction >= marks.profitableFraction && median >= marks.keptFraction * ownReturn;
  return {
    ...{ name, isJudged, profitableFraction },
    replicateCount: metrics.length,
    failedCount: metrics.length - played.length,
    figures: figures as ShockReport['figures'],
    isPassed: isJudged ? isPassed : null,
  };
}

/** The 5th, 50th and 95th percentile of those that are defined. */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = sortedDefined(Float64Array.from(values));
  return { low: quantileOfSorted(sorted, 0.05), median: quantileOfSorted(sorted, 0.5), high: quantileOfSorted(sorted, 0.95) };
}

function reasonOf(ownReturn: number): (report: ShockReport) => string {
  return ({ name, replicateCount, failedCount, figures, profitableFraction, isPassed }) => {
    const { median } = figures.returnFraction;
    const kept = `${percentText(median / ownReturn)} of the return is left (mark ${percentText(marks.keptFraction)})`;
    const earning = `${percentText(profitableFraction)} of runs earn (mark ${percentText(marks.profitableFraction)})`;
    const failed = failedCount === 0 ? '' : `; in ${failedCount} the strategy threw`;
    const told = Number.isNaN(median) ? 'no run was played' : replicateCount === 1 ? kept : `${kept}, ${earning}`;
    return `${isPassed === true ? 'passed' : 'broken'}: ${name}: ${told}${failed}`;
  };
}

function limitsOf(own: RobustnessReport['base'], shocks: readonly ShockReport[], costQuote: number): string[] {
  const unmoved = shocks.filter(({ figures, failedCount }) => failedCount === 0 && isUnmoved(figures, own)).map(({ name }) => name);
  return [
    ...(costQuote === 0 ? ['the run without a shock pays no costs, so that no factor makes them dear: state fees and slippage'] : []),
    ...(unmoved.length === 0 ? [] : [`without any effect here, and so without a test: ${unmoved.join(', ')}`]),
    'one shock at a time, on the bars that the set was chosen on: none of it says how much of the choice is luck ("playhead overfit")',
    'a strategy that asks again at the next bar enters there when an entry is skipped; noise is as wide at all times and knows no bid and ask',
  ];
}

function isUnmoved(figures: ShockReport['figures'], own: RobustnessReport['base']): boolean {
  return shockMetrics.every((metric) => Object.values(figures[metric]).every((value) => Object.is(value, own[metric])));
}

function figuresOf(metrics: Float64Array): Record<ShockMetric, number> {
  return Object.fromEntries(shockMetrics.map((metric) => [metric, figureOf(metrics, metric)])) as Record<ShockMetric, number>;
}

function figureOf(metrics: Float64Array, name: MetricName): number {
  return metrics[metricNames.indexOf(name)];
}
