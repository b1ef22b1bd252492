/** Owns what many runs of one parameter set, each on a path of prices drawn anew, come to. Pure: the runs are played elsewhere. */
import { type MetricName, metricNames } from '../metrics/catalogue.ts';
import { quantileOfSorted, sortedDefined } from '../metrics/moments.ts';

/** Rising figures of all paths on which the strategy did not throw. */
export interface PricePaths {
  readonly pathCount: number;
  readonly failedCount: number;
  readonly returnFraction: Float64Array;
  readonly drawdownFractionMax: Float64Array;
  /** Lowest equity over the capital at the start. */
  readonly equityLowest: Float64Array;
}

/** metrics: by metricNames, one entry a path; null where the strategy threw. */
export function pricePathsOf(metrics: readonly (Float64Array | null)[]): PricePaths {
  const played = metrics.filter((one) => one !== null);
  const rising = (readFigure: (one: Float64Array) => number): Float64Array => sortedDefined(Float64Array.from(played, readFigure));
  return {
    pathCount: metrics.length,
    failedCount: metrics.length - played.length,
    returnFraction: rising((one) => figureOf(one, 'returnFraction')),
    drawdownFractionMax: rising((one) => figureOf(one, 'drawdownFractionMax')),
    equityLowest: rising((one) => Math.min(1, figureOf(one, 'equityQuoteLowest') / figureOf(one, 'equityQuoteInitial'))),
  };
}

/** Percentiles that a table shows. */
export const pathFractions = [0.05, 0.25, 0.5, 0.75, 0.95] as const;

export function percentilesOf(rising: Float64Array): number[] {
  return pathFractions.map((fraction) => quantileOfSorted(rising, fraction));
}

function figureOf(metrics: Float64Array, name: MetricName): number {
  return metrics[metricNames.indexOf(name)];
}
