/** Owns a walk-forward in words and rows, as a terminal prints it. Never plays or chooses. */
import { type MetricName, metricsByName } from '../engine/metrics/catalogue.ts';
import { driftOf } from '../engine/optimiser/drift.ts';
import type { ParameterValues } from '../engine/parameters.ts';
import type { Metrics } from '../engine/result.ts';
import { count, counted, fixed, percent, percentSigned, periodUtc } from './format.ts';
import { metricText } from './metric-view.ts';
import { valueText } from './value-text.ts';

export interface WalkForwardView {
  readonly dimensions: readonly string[];
  readonly objective: MetricName;
  readonly folds: readonly {
    readonly train: { readonly fromMs: number; readonly toMs: number };
    readonly test: { readonly fromMs: number; readonly toMs: number };
    readonly parameters: ParameterValues;
    /** By metricNames. */
    readonly trainMetrics: Float64Array;
    /** False where no trial of the training kept the constraints. */
    readonly keepsConstraints: boolean;
    readonly trialCount: number;
    readonly failedCount: number;
    /** tookOverMs: NaN where its parameters never decided; leftOpenQuote: worth of what its end could not close. */
    readonly run: { readonly metrics: Metrics; readonly tookOverMs: number; readonly leftOpenQuote: number };
  }[];
  readonly stitched: { readonly metrics: Metrics; readonly dailyReturns: Float64Array; readonly tStatistic: number };
  /** Of the Sharpe ratio a year. */
  readonly sharpeInterval: { readonly low: number; readonly high: number };
  readonly efficiency: { readonly median: number; readonly foldCount: number };
  readonly elapsedMs: number;
}

/** A row each fold: what did best in training, and what it did after. */
export function walkForwardRows({ dimensions, objective, folds }: WalkForwardView): string[][] {
  const titles = ['', 'training', '', 'test', '', ...dimensions, `${objective} in`, 'out', 'return in', 'out', 'trades'];
  const rows = folds.map(({ train, test, parameters, trainMetrics, keepsConstraints, run }, k) => {
    const inside = metricsByName(trainMetrics);
    return [
      keepsConstraints ? String(k + 1) : `${k + 1}!`,
      ...[train, test].flatMap(({ fromMs, toMs }) => periodUtc(fromMs, toMs)),
      ...dimensions.map((name) => valueText(parameters[name])),
      ...[metricText(objective, inside), metricText(objective, run.metrics)],
      ...[percentSigned(inside.returnFraction), percentSigned(run.metrics.returnFraction)],
      count(run.metrics.tradeCount),
    ];
  });
  return [titles, ...rows];
}

/** What the tests came to as one account. */
export function walkForwardNotes(view: WalkForwardView): string[] {
  const { folds, stitched, sharpeInterval, elapsedMs } = view;
  const { metrics } = stitched;
  const trialCount = folds.reduce((sum, fold) => sum + fold.trialCount, 0);
  const failedCount = folds.reduce((sum, fold) => sum + fold.failedCount, 0);
  return [
    `tests as one account: return ${percentSigned(metrics.returnFraction)}, buy and hold ${percentSigned(metrics.buyAndHoldReturnFraction)}, Sharpe ${fixed(metrics.sharpeRatio, 2)}, drawdown ${metricText('drawdownFractionMax', metrics)}, ${counted(metrics.tradeCount, 'trade')}`,
    `t-statistic of its daily returns ${fixed(stitched.tStatistic, 2)} over ${counted(stitched.dailyReturns.length, 'day')}: below 2 it may well be luck`,
    `its Sharpe ratio lies between ${fixed(sharpeInterval.low, 2)} and ${fixed(sharpeInterval.high, 2)} in 95% of resampled histories`,
    `efficiency ${efficiencyText(view)}`,
    ...driftText(view),
    ...brokenText(view),
    ...neverDecidedText(view),
    ...leftOpenText(view),
    `${counted(trialCount, 'trial')} in ${counted(folds.length, 'fold')}, ${fixed(elapsedMs / 1000, 1)} s${failedCount === 0 ? '' : `; ${counted(failedCount, 'trial')} failed`}`,
  ];
}

function brokenText({ folds }: WalkForwardView): string[] {
  const where = foldsText(folds.map(({ keepsConstraints }) => !keepsConstraints));
  return where === '' ? [] : [`! no trial of ${where} kept the constraints: the best of those that break them was traded`];
}

function neverDecidedText({ folds }: WalkForwardView): string[] {
  const where = foldsText(folds.map(({ run }) => Number.isNaN(run.tookOverMs)));
  return where === '' ? [] : [`! the parameters of ${where} never decided: a position of earlier ones lasted longer than the test`];
}

function leftOpenText({ folds }: WalkForwardView): string[] {
  const where = foldsText(folds.map(({ run }) => run.leftOpenQuote > 0));
  return where === '' ? [] : [`! ${where} ended with less than an order may sell: the next test begins with its worth at the last close`];
}

/** "fold 2", "folds 2, 5"; '' for none. */
export function foldsText(isMeant: readonly boolean[]): string {
  const numbers = isMeant.flatMap((meant, k) => (meant ? [String(k + 1)] : []));
  return numbers.length === 0 ? '' : `${numbers.length === 1 ? 'fold' : 'folds'} ${numbers.join(', ')}`;
}

function driftText({ dimensions, folds }: WalkForwardView): string[] {
  if (folds.length < 2) return [];
  const drift = driftOf(
    folds.map(({ parameters }) => parameters),
    dimensions,
  );
  const told = drift.map(({ name, changeCount, variationRatio }) => {
    const spread = Number.isNaN(variationRatio) ? '' : `, deviation ${percent(variationRatio)} of its mean`;
    return `${name} changed ${changeCount} of ${folds.length - 1} times${spread}`;
  });
  return [`drift of what was chosen: ${told.join('; ')}`];
}

function efficiencyText({ efficiency: { median, foldCount }, folds }: WalkForwardView): string {
  const lostCount = folds.length - foldCount;
  if (foldCount === 0) return 'is not defined: no training earned anything';
  const without = lostCount === 0 ? '' : `; ${counted(lostCount, 'fold')} that lost in training left out, of which it would mean nothing`;
  return `${fixed(median, 2)} (median over ${counted(foldCount, 'fold')} that earned in training: return a year in the test over that in training${without})`;
}
