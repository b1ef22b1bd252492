/** Owns a sweep in words and rows, as a terminal prints it. Never ranks or computes. */
import { type MetricName, metricsByName } from '../engine/metrics/catalogue.ts';
import type { ParameterValue } from '../engine/optimiser/search-space.ts';
import type { ParameterValues } from '../engine/parameters.ts';
import { count, counted, fixed } from './format.ts';
import { metricText } from './metric-view.ts';

export interface SweepView {
  readonly dimensions: readonly string[];
  /** The metric that ranks. */
  readonly objective: MetricName;
  readonly trials: readonly {
    readonly index: number;
    readonly parameters: ParameterValues;
    /** By metricNames; empty where the trial failed. */
    readonly metrics: Float64Array;
    readonly failure: { readonly code: string; readonly message: string } | null;
  }[];
  /** Places in trials from the best on. */
  readonly order: readonly number[];
  readonly totalCount: number;
  /** Trials that were asked for; a grid asks for none. */
  readonly search: { readonly method: string; readonly trials: number };
  readonly ledger: { readonly trialCount: number; readonly distinctCount: number; readonly entryCount: number };
  readonly elapsedMs: number;
}

const beside: readonly MetricName[] = ['returnFraction', 'sharpeRatio', 'drawdownFractionMax', 'profitFactor', 'tradeCount'];
const titles: Readonly<Partial<Record<MetricName, string>>> = {
  returnFraction: 'return',
  sharpeRatio: 'Sharpe',
  drawdownFractionMax: 'drawdown',
  profitFactor: 'profit factor',
  tradeCount: 'trades',
};

/** The best trials, a row each behind the titles; columns from the first on are numbers, to be set right. */
export function sweepRows(
  { dimensions, objective, trials, order }: Pick<SweepView, 'dimensions' | 'objective' | 'trials' | 'order'>,
  most: number,
  valueText: (value: ParameterValue) => string = String,
): string[][] {
  const shown = [objective, ...beside.filter((name) => name !== objective)];
  const rows = order
    .slice(0, most)
    .map((place) => trials[place])
    .filter(({ failure }) => failure === null)
    .map(({ index, parameters, metrics }, k) => [
      String(k + 1),
      String(index),
      ...dimensions.map((name) => valueText(parameters[name])),
      ...shown.map((name) => metricText(name, metricsByName(metrics))),
    ]);
  return [['', 'trial', ...dimensions, ...shown.map((name) => titles[name] ?? name)], ...rows];
}

/** What stands under the table. */
export function sweepNotes({ trials, totalCount, search, ledger, elapsedMs }: SweepView): string[] {
  const failed = trials.filter(({ failure }) => failure !== null);
  const pace = `${counted(trials.length, 'trial')} in ${fixed(elapsedMs / 1000, 1)} s`;
  const failures = [...new Set(failed.map(({ failure }) => `${failure?.code}: ${failure?.message}`))];
  const isExhausted = search.method === 'tpe' && totalCount < search.trials;
  return [
    trials.length < totalCount ? `${pace}, of ${count(totalCount)}: stopped before its end` : pace,
    ...(isExhausted ? [`search.trials asks for ${count(search.trials)}, and there are no other sets: none is tried twice`] : []),
    ...(failed.length === 0 ? [] : [`${counted(failed.length, 'trial')} failed:`, ...failures.slice(0, 5).map((text) => `  ${text}`)]),
    `ledger: ${counted(ledger.trialCount, 'trial')} on these bars so far, ${count(ledger.distinctCount)} of them distinct; the best of many is partly luck ("playhead overfit" says how much)`,
  ];
}
