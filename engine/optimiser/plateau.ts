/**
 * Owns how a search's best stands among its neighbours: what those within a few steps reach, and which trial would be chosen of the smoothed
 * surface. Pure; never plays a trial, and says nothing of luck.
 */
import { assert } from '../errors.ts';
import { metricNames } from '../metrics/catalogue.ts';
import type { ParameterValues } from '../parameters.ts';
import type { Ranking } from './ranking.ts';
import { type Dimension, placeOf } from './search-space.ts';

/** Trials as points: a place in steps on each dimension. */
export interface Surface {
  /** By dimension, by trial. */
  readonly steps: readonly Float64Array[];
  /** By dimension: values without an order, of which neighbours have the same. */
  readonly areCategories: readonly boolean[];
  /** By trial, the larger the better; NaN where it failed or has none. */
  readonly scores: Float64Array;
  /** By trial; NaN where it failed. */
  readonly returns: Float64Array;
}

/** Those within reach of a trial in every dimension, itself left out. */
export interface Neighbourhood {
  /** With a score. */
  readonly count: number;
  readonly scoreMean: number;
  readonly scoreMin: number;
  /** Of those that were played, how many earned. */
  readonly profitableFraction: number;
  /** 1 on a plain, near 0 on a needle, below 0 where the neighbours lose: mean over peak; of scores below 0 peak over mean. */
  readonly plateauRatio: number;
}

/** The trial whose weighted mean with its neighbours is the largest. */
export interface SmoothedChoice {
  readonly place: number;
  readonly scoreSmoothed: number;
}

/** A finished search as a surface: the best, those about it, and what would be chosen instead of the smoothed one. Scores as of Ranking. */
export interface PlateauReport {
  readonly reachSteps: number;
  readonly best: Neighbourhood & { readonly index: number; readonly score: number };
  /** Ordered dimensions at whose first or last values the best lies: what is beyond was not searched. */
  readonly edges: readonly string[];
  readonly smoothed: {
    readonly index: number;
    readonly parameters: ParameterValues;
    readonly score: number;
    readonly scoreSmoothed: number;
  };
}

/** A trial as a surface needs it; metrics: by metricNames, empty where it failed. */
export interface SurfaceTrial {
  readonly index: number;
  readonly parameters: ParameterValues;
  readonly metrics: Float64Array;
}

/**
 * Judges how the best stands among its neighbours; null where it has no finite score. Those that break a constraint are neighbours, but never chosen;
 * an infinite score can be averaged with none, and counts as none.
 */
export function judgePlateau(trials: readonly SurfaceTrial[], dimensions: readonly Dimension[], ranking: Ranking): PlateauReport | null {
  const scores = Float64Array.from(trials, ({ metrics }) => finite(ranking.scoreOf(metrics)));
  const best = ranking.order(trials)[0];
  if (best === undefined || Number.isNaN(scores[best])) return null;
  const returns = Float64Array.from(trials, ({ metrics }) => (metrics.length === 0 ? Number.NaN : metrics[returnAt]));
  const sets = trials.map(({ parameters }) => parameters);
  const places = stepsOf(dimensions, sets);
  const plateau = new Plateau({ ...places, scores, returns }, reachSteps);
  // Where none keeps the constraints the best is the best of those that do not.
  const isKept = ranking.keepsConstraints(trials[best].metrics);
  const choice = plateau.choose((place) => !Number.isNaN(scores[place]) && ranking.keepsConstraints(trials[place].metrics) === isKept);
  assert(choice !== null, 'where there is a best there is a choice');
  const { index, parameters } = trials[choice.place];
  return {
    reachSteps,
    best: { index: trials[best].index, score: scores[best], ...plateau.around(best) },
    edges: dimensions.filter((one, d) => !places.areCategories[d] && isAtEdge(one, places.steps[d][best])).map(({ name }) => name),
    smoothed: { index, parameters, score: scores[choice.place], scoreSmoothed: choice.scoreSmoothed },
  };
}

function finite(score: number): number {
  return Number.isFinite(score) ? score : Number.NaN;
}

/** On its first or last value, or within half a step of the end of a range; a single value has no edge. */
function isAtEdge({ values }: Dimension, step: number): boolean {
  const last = values === null ? stepsOfRange : values.length - 1;
  return last > 0 && (step < 0.5 || step > last - 0.5);
}

const reachSteps = 1;
const returnAt = metricNames.indexOf('returnFraction');

/** A range of any numbers counts as so many steps. */
const stepsOfRange = 20;

/** Places of trials on the dimensions of their search, in steps: numbers by rank, a range by so many parts of its length, on its own scale. */
export function stepsOf(dimensions: readonly Dimension[], sets: readonly ParameterValues[]): Pick<Surface, 'steps' | 'areCategories'> {
  const areCategories = dimensions.map(({ values }) => values?.some((value) => typeof value !== 'number') ?? false);
  const steps = dimensions.map((dimension, d) => {
    const { name, values } = dimension;
    if (values === null) return Float64Array.from(sets, (set) => placeOf(dimension, Number(set[name])) * stepsOfRange);
    const ranked = areCategories[d] ? [...values] : [...values].sort((a, b) => Number(a) - Number(b));
    const ranks = new Map(ranked.map((value, rank) => [value, rank]));
    return Float64Array.from(sets, (set) => ranks.get(set[name]) ?? Number.NaN);
  });
  return { steps, areCategories };
}

/** Looks at trials as at a surface; reach: how many steps away a neighbour may lie in each ordered dimension, 1 or more. */
export class Plateau {
  private readonly surface: Surface;
  private readonly reachSteps: number;
  /** Places of trials, by their first dimension, then the second, and so on: those near one another in the leading ones lie together. */
  private readonly order: Int32Array;

  constructor(surface: Surface, reach = 1) {
    const { steps, scores } = surface;
    assert(reach >= 1 && Number.isFinite(reach), `neighbours lie within ${reach} steps, 1 or more`);
    this.surface = surface;
    this.reachSteps = reach;
    const compare = (a: number, b: number): number => {
      for (const column of steps) if (column[a] !== column[b]) return column[a] - column[b];
      return a - b;
    };
    this.order = Int32Array.from(scores.keys()).sort(compare);
  }

  around(place: number): Neighbourhood {
    const { scores, returns } = this.surface;
    const peak = scores[place];
    let count = 0;
    let sum = 0;
    let scoreMin = Number.NaN;
    let playedCount = 0;
    let profitableCount = 0;
    this.visit(place, (near) => {
      if (near === place) return;
      if (!Number.isNaN(returns[near])) playedCount++;
      if (returns[near] > 0) profitableCount++;
      const score = scores[near];
      if (Number.isNaN(score)) return;
      count++;
      sum += score;
      if (!(scoreMin <= score)) scoreMin = score;
    });
    const scoreMean = count === 0 ? Number.NaN : sum / count;
    const profitableFraction = playedCount === 0 ? Number.NaN : profitableCount / playedCount;
    return { count, scoreMean, scoreMin, profitableFraction, plateauRatio: ratioOf(scoreMean, peak) };
  }

  /** The mean of a trial's score and its neighbours', each weighted by 1 − distance / (reach + 1) in every ordered dimension; NaN where it has none. */
  smoothed(place: number): number {
    const { scores } = this.surface;
    if (Number.isNaN(scores[place])) return Number.NaN;
    let sum = 0;
    let weights = 0;
    this.visit(place, (near, weight) => {
      if (Number.isNaN(scores[near])) return;
      sum += weight * scores[near];
      weights += weight;
    });
    return sum / weights;
  }

  /** Of the trials that may be chosen the one with the largest smoothed score, the first of equal ones; null where none has any. */
  choose(mayBeChosen: (place: number) => boolean): SmoothedChoice | null {
    let best: SmoothedChoice | null = null;
    for (let place = 0; place < this.surface.scores.length; place++) {
      if (!mayBeChosen(place)) continue;
      const scoreSmoothed = this.smoothed(place);
      if (best === null ? !Number.isNaN(scoreSmoothed) : scoreSmoothed > best.scoreSmoothed) best = { place, scoreSmoothed };
    }
    return best;
  }

  /** Calls for each trial within reach, itself too, in one order whatever the caller. */
  private visit(place: number, call: (near: number, weight: number) => void): void {
    const { steps, areCategories } = this.surface;
    const { order, reachSteps: most } = this;
    const within = (depth: number, from: number, to: number, weight: number): void => {
      if (depth === steps.length) {
        for (let k = from; k < to; k++) call(order[k], weight);
        return;
      }
      const column = steps[depth];
      const centre = column[place];
      const reach = areCategories[depth] ? 0 : most;
      let start = firstAtLeast(column, order, { from, to, value: centre - reach });
      while (start < to && column[order[start]] <= centre + reach) {
        const value = column[order[start]];
        const end = firstAbove(column, order, { from: start, to, value });
        within(depth + 1, start, end, weight * (1 - Math.abs(value - centre) / (most + 1)));
        start = end;
      }
    };
    within(0, 0, order.length, 1);
  }
}

interface Search {
  readonly from: number;
  readonly to: number;
  readonly value: number;
}

function firstAtLeast(column: Float64Array, order: Int32Array, { from, to, value }: Search): number {
  let low = from;
  let high = to;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (column[order[middle]] < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

function firstAbove(column: Float64Array, order: Int32Array, { from, to, value }: Search): number {
  let low = from;
  let high = to;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (column[order[middle]] <= value) low = middle + 1;
    else high = middle;
  }
  return low;
}

function ratioOf(mean: number, peak: number): number {
  if (peak > 0) return mean / peak;
  return peak < 0 && mean < 0 ? peak / mean : Number.NaN;
}
