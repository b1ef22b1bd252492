/**
 * Owns which parameter set each trial tries. A proposal is a function of (seed, trial index, results of completed batches) alone: nothing of
 * the machine, its workers or their pace reaches it.
 */
import { ConfigError } from '../errors.ts';
import type { ParameterValues } from '../parameters.ts';
import { PlacedRandom } from '../random.ts';
import type { SearchSpace } from './search-space.ts';
import { valueAt } from './search-space.ts';
import { Sobol, sobolDimensionsMax } from './sobol.ts';

/** What a proposer may look at: the score of each trial that belongs to a completed batch; NaN where it has none. */
export type Scores = ArrayLike<number>;

export interface Proposer {
  readonly trialCount: number;
  /** Trials whose results may be looked at before the next are proposed: Infinity where none are. */
  readonly batchSize: number;
  /** The parameter sets of trials first to first + count − 1. scores: of all trials before first. */
  propose(first: number, count: number, scores: Scores): ParameterValues[];
}

const gridMax = 10_000_000;
const attemptsMax = 1_000;

/** Every set of the grid that the conditions allow; the last dimension changes first. */
export class GridProposer implements Proposer {
  readonly trialCount: number;
  readonly batchSize = Number.POSITIVE_INFINITY;
  private readonly space: SearchSpace;
  private readonly places: Float64Array;

  constructor(space: SearchSpace) {
    const size = space.gridSize;
    const free = space.dimensions.find(({ values }) => values === null);
    if (free !== undefined)
      throw new ConfigError('USAGE', `search.parameters.${free.name}: a grid needs a step or a list of values; or use method: random`, {
        at: `search.parameters.${free.name}`,
      });
    if (size > gridMax)
      throw new ConfigError(
        'USAGE',
        `search.parameters: the grid has ${size} parameter sets, at most ${gridMax} can be tried; widen a step`,
        {
          at: 'search.parameters',
        },
      );
    this.space = space;
    const places: number[] = [];
    for (let place = 0; place < size; place++) if (space.allows(this.at(place))) places.push(place);
    if (places.length === 0)
      throw new ConfigError('USAGE', `search.where: none of the ${size} parameter sets of the grid is allowed by it`, {
        at: 'search.where',
      });
    this.places = Float64Array.from(places);
    this.trialCount = places.length;
  }

  propose(first: number, count: number, _scores?: Scores): ParameterValues[] {
    return Array.from({ length: count }, (_, k) => this.at(this.places[first + k]));
  }

  private at(place: number): ParameterValues {
    const { dimensions } = this.space;
    const chosen = new Array<number | boolean | string>(dimensions.length);
    let rest = place;
    for (let d = dimensions.length - 1; d >= 0; d--) {
      const values = dimensions[d].values as readonly (number | boolean | string)[];
      chosen[d] = values[rest % values.length];
      rest = Math.floor(rest / values.length);
    }
    return this.space.parametersOf(chosen);
  }
}

/** Sets drawn evenly and apart from one another: the draw of a trial hangs on the seed and its index. */
export class RandomProposer implements Proposer {
  readonly trialCount: number;
  readonly batchSize = Number.POSITIVE_INFINITY;
  private readonly space: SearchSpace;
  private readonly random: PlacedRandom;

  constructor(space: SearchSpace, { trialCount, seed }: { readonly trialCount: number; readonly seed: number }) {
    this.space = space;
    this.trialCount = trialCount;
    this.random = new PlacedRandom(seed);
  }

  propose(first: number, count: number, _scores?: Scores): ParameterValues[] {
    return Array.from({ length: count }, (_, k) => this.draw(first + k));
  }

  private draw(index: number): ParameterValues {
    const { dimensions } = this.space;
    for (let attempt = 0; attempt < attemptsMax; attempt++) {
      const at = (d: number): number => this.random.uniform(index, attempt * dimensions.length + d);
      const parameters = this.space.parametersOf(dimensions.map((dimension, d) => valueAt(dimension, at(d))));
      if (this.space.allows(parameters)) return parameters;
    }
    throw noneAllowed();
  }
}

/** A Sobol sequence, shifted by the seed (a digital shift keeps its evenness): sets cover the space more evenly than random ones. */
export class SobolProposer implements Proposer {
  readonly trialCount: number;
  readonly batchSize = Number.POSITIVE_INFINITY;
  private readonly sets: readonly ParameterValues[];

  constructor(space: SearchSpace, { trialCount, seed }: { readonly trialCount: number; readonly seed: number }) {
    const { dimensions } = space;
    if (dimensions.length > sobolDimensionsMax)
      throw new ConfigError('USAGE', `search.method sobol varies at most ${sobolDimensionsMax} parameters, not ${dimensions.length}`);
    this.trialCount = trialCount;
    const sobol = new Sobol(dimensions.length, seed);
    const sets: ParameterValues[] = [];
    for (let passed = 0; sets.length < trialCount; ) {
      const point = sobol.next();
      const parameters = space.parametersOf(dimensions.map((dimension, d) => valueAt(dimension, point[d])));
      if (space.allows(parameters)) {
        sets.push(parameters);
        passed = 0;
      } else if (++passed >= attemptsMax) throw noneAllowed();
    }
    this.sets = sets;
  }

  propose(first: number, count: number, _scores?: Scores): ParameterValues[] {
    return this.sets.slice(first, first + count);
  }
}

function noneAllowed(): ConfigError {
  return new ConfigError(
    'USAGE',
    `search.where: ${attemptsMax} parameter sets in a row were not allowed by it; narrow the ranges instead`,
    {
      at: 'search.where',
    },
  );
}
