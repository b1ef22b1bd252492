/** Owns a dimension of a search as a stretch from 0 to 1, each value with the part of it that valueAt() gives it. Never draws. */
import { assert } from '../errors.ts';
import { type Dimension, type ParameterValue, placeOf, valueAt } from './search-space.ts';

export class Axis {
  /** Ends of the parts of the values, count + 1 of them; null where any number may be tried. */
  readonly edges: Float64Array | null;
  readonly count: number;
  /** Neighbours tell of one another: a range, or a list of numbers that rise or fall. */
  readonly isOrdered: boolean;
  private readonly dimension: Dimension;
  private readonly numberOf: ReadonlyMap<ParameterValue, number>;

  constructor(dimension: Dimension) {
    const { values } = dimension;
    this.dimension = dimension;
    this.edges = values === null ? null : edgesOf(dimension, values);
    this.count = values === null ? Number.POSITIVE_INFINITY : values.length;
    this.isOrdered = values === null || isMonotone(values);
    this.numberOf = new Map((values ?? []).map((value, k) => [value, k]));
  }

  /** Where a place in [0, 1) falls: the number of a value, or the place itself. */
  at(place: number): number {
    const { edges, count } = this;
    if (edges === null) return place;
    let low = 0;
    let high = count - 1;
    while (low < high) {
      const half = (low + high) >>> 1;
      if (place >= edges[half + 1]) low = half + 1;
      else high = half;
    }
    return low;
  }

  valueOf(coordinate: number): ParameterValue {
    const { values } = this.dimension;
    return values === null ? valueAt(this.dimension, coordinate) : values[coordinate];
  }

  coordinateOf(value: ParameterValue): number {
    if (this.edges === null) return placeOf(this.dimension, Number(value));
    const k = this.numberOf.get(value);
    assert(k !== undefined, `${this.dimension.name} may be ${String(value)}`);
    return k;
  }

  /** Place in the middle of what stands there. */
  middleOf(coordinate: number): number {
    const { edges } = this;
    return edges === null ? coordinate : (edges[coordinate] + edges[coordinate + 1]) / 2;
  }

  /** Part of the whole; 1 where any number may be tried. */
  shareOf(coordinate: number): number {
    const { edges } = this;
    return edges === null ? 1 : edges[coordinate + 1] - edges[coordinate];
  }
}

function edgesOf(dimension: Dimension, values: readonly ParameterValue[]): Float64Array {
  const { isLog, from } = dimension;
  const count = values.length;
  const step = Number(values[1]) - Number(values[0]);
  return Float64Array.from({ length: count + 1 }, (_, k) => {
    if (k === 0 || k === count) return k / count;
    return isLog ? placeOf(dimension, from + (k - 0.5) * step) : k / count;
  });
}

function isMonotone(values: readonly ParameterValue[]): boolean {
  const pairs = values.slice(1).map((value, k) => [values[k], value] as const);
  const isAll = (keeps: (a: number, b: number) => boolean) =>
    pairs.every(([a, b]) => typeof a === 'number' && typeof b === 'number' && keeps(a, b));
  return isAll((a, b) => a < b) || isAll((a, b) => a > b);
}
