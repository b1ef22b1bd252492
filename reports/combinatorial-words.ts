/** Owns combinatorial cross-validation in words and rows, as a terminal prints it. Never plays or chooses. */
import { mean, quantileOfSorted, sortedDefined, standardDeviation } from '../engine/metrics/moments.ts';
import { counted, dateUtc, fixed, percent, percentSigned } from './format.ts';
import { metricText } from './metric-view.ts';
import type { CombinatorialReportInput } from './search/combinatorial-input.ts';
import { valueText } from './value-text.ts';

type Shared = Pick<CombinatorialReportInput, 'dimensions' | 'objective' | 'dayMs' | 'groups' | 'splits' | 'trialCount' | 'failedCount'>;

export interface CombinatorialView extends Shared {
  readonly settings: { readonly purgeDays?: number | undefined; readonly embargoDays?: number | undefined };
  readonly paths: readonly Omit<CombinatorialReportInput['paths'][number], 'dailyReturns'>[];
  readonly elapsedMs: number;
}

/** A row each split: groups tested, what did best on the others, and what it did in them. */
export function combinatorialRows({ dimensions, objective, splits }: CombinatorialView): string[][] {
  const rows = splits.map(({ tested, parameters, keepsConstraints, trained, testedObjective }, k) => [
    keepsConstraints ? String(k + 1) : `${k + 1}!`,
    tested.map((group) => group + 1).join(' '),
    ...dimensions.map((name) => valueText(parameters[name])),
    ...[trained, testedObjective].map((value) => metricText(objective, { [objective]: value })),
  ]);
  return [['', 'groups tested', ...dimensions, `${objective} in`, 'out'], ...rows];
}

/** What the paths came to. */
export function combinatorialNotes(view: CombinatorialView): string[] {
  const { groups, dayMs, splits, paths, trialCount, failedCount, elapsedMs } = view;
  const { purgeDays = 0, embargoDays = 0 } = view.settings;
  const sharpes = sortedDefined(Float64Array.from(paths, ({ sharpeRatio }) => sharpeRatio));
  const quantile = (fraction: number): string => fixed(quantileOfSorted(sharpes, fraction), 2);
  const lossCount = paths.filter(({ returnFraction }) => returnFraction < 0).length;
  const returns = paths.map(({ returnFraction }) => returnFraction);
  const brokenCount = splits.filter(({ keepsConstraints }) => !keepsConstraints).length;
  return [
    ...paths
      .map(
        ({ sharpeRatio, returnFraction, drawdownFractionMax }, k) =>
          `path ${k + 1}: Sharpe ${fixed(sharpeRatio, 2)}, return ${percentSigned(returnFraction)}, drawdown ${percent(drawdownFractionMax)}`,
      )
      .slice(0, pathsShown),
    ...(paths.length > pathsShown ? [`… and ${counted(paths.length - pathsShown, 'path')} more (--json has all)`] : []),
    `Sharpe ratio of ${counted(paths.length, 'path')}: mean ${fixed(mean(sharpes), 2)}, deviation ${fixed(standardDeviation(sharpes, 1), 2)}, from ${quantile(0)} over ${quantile(0.5)} to ${quantile(1)}`,
    `return from ${percentSigned(Math.min(...returns))} to ${percentSigned(Math.max(...returns))}; ${lossCount} of ${counted(paths.length, 'path')} lost`,
    `${counted(dayMs.length, 'day')} in ${counted(groups.length, 'group')} from ${dateUtc(dayMs[0] - 1)} to ${dateUtc(dayMs[dayMs.length - 1] - 1)}, purge ${counted(purgeDays, 'day')}, embargo ${counted(embargoDays, 'day')}; paths share days and are not independent`,
    ...(brokenCount === 0
      ? []
      : [`! no trial of ${counted(brokenCount, 'split')} kept the constraints: the best of those that break them was taken`]),
    `${counted(trialCount, 'trial')} in ${counted(splits.length, 'split')}, ${fixed(elapsedMs / 1000, 1)} s${failedCount === 0 ? '' : `; ${counted(failedCount, 'trial')} failed`}`,
  ];
}

const pathsShown = 10;
