/**
 * Owns which parameter sets a search tries. A set hangs on the space, the seed, its own index and the trials of the batches before it: nothing of
 * the machine, its workers or their pace reaches it.
 */
import { ConfigError } from '../errors.ts';
import type { ParameterValues } from '../parameters.ts';
import { PlacedRandom } from '../random.ts';
import { type ParameterValue, type SearchSpace, valueAt } from './search-space.ts';
import { Sobol, sobolDimensionsMax } from './sobol.ts';

/** How many sets are drawn, and from which seed. */
export interface Draw {
  readonly trialCount: number;
  readonly seed: number;
}

export const gridMax = 10_000_000;
export const attemptsMax = 1_000;

/** A trial as the proposals after it see it. */
export interface EndedTrial {
  readonly parameters: ParameterValues;
  /** The larger the better; NaN where it failed or the objective is not defined. */
  readonly score: number;
  readonly keepsConstraints: boolean;
}

/** The parameter sets of a search, batch after batch. */
export interface Proposals {
  /** Sets at most. */
  readonly countMax: number;
  /** What is tried next, on what came of all sets proposed before, in their order; nothing once all were. */
  next(ended: readonly EndedTrial[]): readonly ParameterValues[];
}

/** Sets that hang on no result. */
export function oneBatch(sets: readonly ParameterValues[]): Proposals {
  return { countMax: sets.length, next: (ended) => (ended.length === 0 ? sets : []) };
}

/** Every set of the grid that the conditions allow; the last dimension changes first. USAGE where it has no end, is too large, or none is allowed. */
export function gridSets(space: SearchSpace): ParameterValues[] {
  const size = space.gridSize;
  const free = space.dimensions.find(({ values }) => values === null);
  if (free !== undefined) throw fault(`search.parameters.${free.name}`, 'a grid needs a step or a list of values; or use method: random');
  if (size > gridMax)
    throw fault('search.parameters', `the grid has ${size} parameter sets, at most ${gridMax} can be tried; widen a step`);
  const sets: ParameterValues[] = [];
  for (let place = 0; place < size; place++) {
    const parameters = gridSet(space, place);
    if (space.allows(parameters)) sets.push(parameters);
  }
  if (sets.length === 0) throw fault('search.where', `none of the ${size} parameter sets of the grid is allowed by it`);
  return sets;
}

/** The set at a place of the grid, whether it is allowed or not. */
export function gridSet(space: SearchSpace, place: number): ParameterValues {
  const chosen = new Array<ParameterValue>(space.dimensions.length);
  let rest = place;
  for (let d = chosen.length - 1; d >= 0; d--) {
    const values = space.dimensions[d].values as readonly ParameterValue[];
    chosen[d] = values[rest % values.length];
    rest = Math.floor(rest / values.length);
  }
  return space.parametersOf(chosen);
}

/** Sets drawn evenly and apart from one another: more of them begin with the same ones. */
export function randomSets(space: SearchSpace, { trialCount, seed }: Draw): ParameterValues[] {
  const random = new PlacedRandom(seed);
  const { dimensions } = space;
  return Array.from({ length: trialCount }, (_, index) => {
    for (let attempt = 0; attempt < attemptsMax; attempt++) {
      const at = (d: number): number => random.uniform(index, attempt * dimensions.length + d);
      const parameters = space.parametersOf(dimensions.map((dimension, d) => valueAt(dimension, at(d))));
      if (space.allows(parameters)) return parameters;
    }
    throw noneAllowed();
  });
}

/** A Sobol sequence, shifted by the seed (a digital shift keeps its evenness): sets cover the space more evenly than random ones. */
export function sobolSets(space: SearchSpace, { trialCount, seed }: Draw): ParameterValues[] {
  const { dimensions } = space;
  if (dimensions.length > sobolDimensionsMax)
    throw fault('search.method', `sobol varies at most ${sobolDimensionsMax} parameters, not ${dimensions.length}`);
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
  return sets;
}

export function noneAllowed(): ConfigError {
  return fault('search.where', `${attemptsMax} parameter sets in a row were not allowed by it; narrow the ranges instead`);
}

/** A fault of the search, told with its place. */
export function fault(at: string, text: string): ConfigError {
  return new ConfigError('USAGE', `${at}: ${text}`, { at });
}
