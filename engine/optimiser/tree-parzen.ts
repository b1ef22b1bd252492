/**
 * Owns the proposals of a model-based search (TPE): sets are drawn where good trials lie dense, and of several the one is tried that is likeliest
 * among the good and least likely among the bad. A set hangs on the space, the seed, its number and the trials of the batches before it alone.
 * Source: Bergstra, Bardenet, Bengio, Kégl 2011, Algorithms for hyper-parameter optimization; Bergstra, Yamins, Cox 2013.
 */
import type { ParameterValues } from '../parameters.ts';
import { PlacedRandom } from '../random.ts';
import { Axis } from './axis.ts';
import { Parzen, type Point } from './parzen.ts';
import {
  attemptsMax,
  type Draw,
  type EndedTrial,
  fault,
  gridMax,
  gridSet,
  noneAllowed,
  type Proposals,
  randomSets,
  sobolSets,
} from './proposals.ts';
import type { SearchSpace } from './search-space.ts';
import { sobolDimensionsMax } from './sobol.ts';

export interface TreeParzenDraw extends Draw {
  /** Sets that are proposed on the same results. */
  readonly batchSize: number;
}

/** Sets drawn evenly before any is modelled. */
const startCount = 20;
/** Share of the trials that count as good, and the most of them. */
const goodShare = 0.15;
const goodMax = 25;
const candidateCount = 24;
/** Each proposal looks at every trial: beyond this a search costs more than it finds. */
const trialsMax = 10_000;

export class TreeParzenProposals implements Proposals {
  readonly countMax: number;
  private readonly space: SearchSpace;
  private readonly axes: readonly Axis[];
  private readonly random: PlacedRandom;
  private readonly start: readonly ParameterValues[];
  private readonly batchSize: number;

  /** USAGE where so many trials are too many, or the conditions of the space allow next to nothing. */
  constructor(space: SearchSpace, { trialCount, seed, batchSize }: TreeParzenDraw) {
    if (trialCount > trialsMax)
      throw fault('search.trials', `was ${trialCount}, expected at most ${trialsMax} with method: tpe; sobol tries as many as you like`);
    this.countMax = Math.min(trialCount, space.gridSize);
    this.space = space;
    this.axes = space.dimensions.map((dimension) => new Axis(dimension));
    this.random = new PlacedRandom(seed);
    this.batchSize = batchSize;
    const startSets = space.dimensions.length > sobolDimensionsMax ? randomSets : sobolSets;
    this.start = startSets(space, { trialCount: Math.min(startCount, trialCount), seed });
  }

  /** No set twice where values can be counted; fewer than asked for once all of them were tried. */
  next(ended: readonly EndedTrial[]): ParameterValues[] {
    const points = ended.map(({ parameters }) => this.pointOf(parameters));
    const tried = new Set(points.map(keyOf));
    const good = goodPlaces(ended);
    const densityOf = (isGood: boolean): Parzen =>
      new Parzen(
        this.axes,
        points.filter((_, i) => good.has(i) === isGood),
      );
    const model: Model = { likely: densityOf(true), unlikely: densityOf(false), tried };
    const sets: ParameterValues[] = [];
    while (sets.length < this.batchSize && ended.length + sets.length < this.countMax) {
      const index = ended.length + sets.length;
      const set = this.startSet(index, tried) ?? this.proposed(index, model);
      if (set === undefined) break;
      sets.push(set);
      const point = this.pointOf(set);
      tried.add(keyOf(point));
      // Until it has ended it is taken for a bad one, so that a batch does not crowd in one place.
      model.unlikely.add(point);
    }
    return sets;
  }

  private startSet(index: number, tried: ReadonlySet<string>): ParameterValues | undefined {
    const set = this.start[index];
    return set === undefined || tried.has(keyOf(this.pointOf(set))) ? undefined : set;
  }

  private proposed(index: number, { likely, unlikely, tried }: Model): ParameterValues | undefined {
    const { space } = this;
    let drawn = 0;
    const uniform = (): number => this.random.uniform(index, drawn++);
    let best: ParameterValues | undefined;
    let bestGain = Number.NEGATIVE_INFINITY;
    for (let attempt = 0, found = 0; attempt < 10 * candidateCount && found < candidateCount; attempt++) {
      const point = likely.draw(uniform);
      const set = this.setOf(point);
      if (tried.has(keyOf(point)) || !space.allows(set)) continue;
      found++;
      const gain = likely.logDensity(point) - unlikely.logDensity(point);
      if (gain > bestGain) {
        best = set;
        bestGain = gain;
      }
    }
    return best ?? this.anyUntried(uniform, tried);
  }

  /** Where all that is likely was tried: the first set from a random place of the grid on; undefined where none is left. */
  private anyUntried(uniform: () => number, tried: ReadonlySet<string>): ParameterValues | undefined {
    const { space } = this;
    const size = space.gridSize;
    if (size <= gridMax) {
      const from = Math.floor(uniform() * size);
      for (let k = 0; k < size; k++) {
        const set = gridSet(space, (from + k) % size);
        if (space.allows(set) && !tried.has(keyOf(this.pointOf(set)))) return set;
      }
      return undefined;
    }
    for (let attempt = 0; attempt < attemptsMax; attempt++) {
      const point = Float64Array.from(this.axes, (axis) => axis.at(uniform()));
      const set = this.setOf(point);
      if (space.allows(set) && !tried.has(keyOf(point))) return set;
    }
    throw noneAllowed();
  }

  private setOf(point: Point): ParameterValues {
    return this.space.parametersOf(this.axes.map((axis, a) => axis.valueOf(point[a])));
  }

  private pointOf(parameters: ParameterValues): Point {
    return Float64Array.from(this.space.dimensions, ({ name }, a) => this.axes[a].coordinateOf(parameters[name]));
  }
}

interface Model {
  readonly likely: Parzen;
  readonly unlikely: Parzen;
  readonly tried: ReadonlySet<string>;
}

/** Places of the best trials; one that failed, has no score or breaks a constraint is none of them. */
function goodPlaces(ended: readonly EndedTrial[]): ReadonlySet<number> {
  const fit = ended.flatMap(({ score, keepsConstraints }, i) => (keepsConstraints && !Number.isNaN(score) ? [i] : []));
  // Of two infinite scores the difference is no number, and the place decides.
  fit.sort((a, b) => ended[b].score - ended[a].score || a - b);
  return new Set(fit.slice(0, Math.min(goodMax, Math.ceil(goodShare * ended.length))));
}

function keyOf(point: Point): string {
  return point.join(' ');
}
