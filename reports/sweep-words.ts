/** Owns a sweep in words and rows, as a terminal prints it. Never ranks or computes. */
import { type MetricName, metricsByName } from '../engine/metrics/catalogue.ts';
import type { ParameterValues } from '../engine/parameters.ts';
import { failureLines } from './failure-kinds.ts';
import { count, counted, dateUtc, fixed } from './format.ts';
import { metricText } from './metric-view.ts';
import { valueText } from './value-text.ts';

interface TrialView {
  readonly index: number;
  readonly parameters: ParameterValues;
  /** By metricNames; empty where the trial failed. */
  readonly metrics: Float64Array;
  readonly failure: { readonly code: string; readonly message: string } | null;
}

export interface SweepView {
  readonly dimensions: readonly string[];
  /** The metric that ranks. */
  readonly objective: MetricName;
  readonly trials: readonly TrialView[];
  /** Rungs of halving that played parts of the window. */
  readonly shorter: readonly { readonly window: { readonly toMs: number }; readonly trials: readonly TrialView[] }[];
  /** Trials that have ended, of so many, in all rungs. */
  readonly playedCount: number;
  readonly totalCount: number;
  /** Places in trials from the best on. */
  readonly order: readonly number[];
  /** Trials that were asked for, of which a grid takes no notice. */
  readonly search: { readonly method: string; readonly trials: number; readonly constraints: readonly string[] };
  /** By place in trials. */
  readonly keepsConstraints: readonly boolean[];
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

/** The best trials, a row each behind the titles, with a last column where figures of some are those of one above; columns from the first on are numbers, to be set right. */
export function sweepRows(
  { dimensions, objective, trials, order }: Pick<SweepView, 'dimensions' | 'objective' | 'trials' | 'order'>,
  most: number,
): string[][] {
  const shown = [objective, ...beside.filter((name) => name !== objective)];
  const best = order
    .slice(0, most)
    .map((place) => trials[place])
    .filter(({ failure }) => failure === null);
  const twins = best.map(({ metrics }, k) => best.slice(0, k).findIndex((one) => isSame(one.metrics, metrics)));
  const hasTwins = twins.some((twin) => twin >= 0);
  const rows = best.map(({ index, parameters, metrics }, k) => [
    String(k + 1),
    String(index),
    ...dimensions.map((name) => valueText(parameters[name])),
    ...shown.map((name) => metricText(name, metricsByName(metrics))),
    ...(hasTwins ? [twins[k] < 0 ? '' : `same as ${twins[k] + 1}`] : []),
  ]);
  return [['', 'trial', ...dimensions, ...shown.map((name) => titles[name] ?? name), ...(hasTwins ? ['figures'] : [])], ...rows];
}

/** Every figure alike: the parameters differ in nothing that came to a trade. */
function isSame(one: Float64Array, other: Float64Array): boolean {
  return one.every((value, i) => Object.is(value, other[i]));
}

/** What stands under the table. */
export function sweepNotes(view: SweepView): string[] {
  const { trials, shorter, playedCount, totalCount, search, ledger, elapsedMs } = view;
  const pace = `${counted(playedCount, 'trial')} in ${fixed(elapsedMs / 1000, 1)} s`;
  const isExhausted = search.method === 'tpe' && totalCount < search.trials;
  return [
    playedCount < totalCount ? `${pace}, of ${count(totalCount)}: stopped before its end` : pace,
    ...(isExhausted ? [`search.trials asks for ${count(search.trials)}, and there are no other sets: none is tried twice`] : []),
    ...rungNotes(view),
    ...rankNotes(view),
    ...failureLines(
      [...shorter, { trials }].flatMap((rung) => rung.trials),
      view.dimensions,
    ),
    `ledger: ${counted(ledger.trialCount, 'trial')} on these bars so far, ${count(ledger.distinctCount)} of them distinct; the best of many is partly luck ("playhead overfit" says how much)`,
  ];
}

/** Counts and sums of a part are smaller than those of the whole. */
const constraintsOfWhole = 'constraints are asked of the whole window alone: on parts of it the objective ranks by itself';

/** Of the ranking what its rows do not show. */
function rankNotes({ trials, search, objective, keepsConstraints }: SweepView): string[] {
  const places = trials.flatMap(({ failure }, place) => (failure === null ? [place] : []));
  const keptCount = places.filter((place) => keepsConstraints[place]).length;
  const undefinedCount = places.filter((place) => Number.isNaN(metricsByName(trials[place].metrics)[objective])).length;
  const isUneven = search.constraints.length > 0 && keptCount < places.length;
  const kept =
    keptCount === 0
      ? 'no trial keeps the constraints: the best of these is the best of those that break one'
      : `${count(keptCount)} of ${counted(places.length, 'trial')} keep the constraints; the others rank behind them`;
  return [
    ...(isUneven ? [kept] : []),
    ...(undefinedCount > 0 ? [`${objective} is not defined for ${counted(undefinedCount, 'trial')}: they rank last`] : []),
  ];
}

/** What halving played on parts of the window, what ranked there, and whether it knew what it dropped; none where nothing was halved. */
export function rungNotes({
  trials,
  shorter,
  objective,
  search,
}: Pick<SweepView, 'trials' | 'shorter' | 'objective' | 'search'>): string[] {
  if (shorter.length === 0) return [];
  const parts = shorter.map((rung) => `${count(rung.trials.length)} up to ${dateUtc(rung.window.toMs)}`);
  const blind = shorter.flatMap((rung, k) => {
    const scored = rung.trials.filter(({ metrics }) => metrics.length > 0 && !Number.isNaN(metricsByName(metrics)[objective]));
    const promotedCount = (shorter[k + 1]?.trials ?? trials).length;
    return scored.length < promotedCount ? [{ rung: k + 1, scoredCount: scored.length, promotedCount }] : [];
  });
  return [
    `halving: ${parts.join(', ')}, ${count(trials.length)} on the whole window; those it dropped have no figures of the whole`,
    ...(search.constraints.length > 0 ? [constraintsOfWhole] : []),
    ...blind.map(
      ({ rung, scoredCount, promotedCount }) =>
        `rung ${rung} is too short: ${objective} is defined for ${count(scoredCount)} of its trials, and ${count(promotedCount)} went on, the others by their number`,
    ),
  ];
}
