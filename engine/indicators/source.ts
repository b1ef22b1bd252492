/** Owns the tick view of a column that indicators read. Never changes the values. */
import type { Source } from './definition.ts';
import { Grid, wholeMax } from './grid.ts';

class ColumnSource implements Source {
  readonly values: Float64Array;
  readonly decimals: number;
  private cached: Float64Array | null = null;
  /** Largest |tick| of the column; Infinity where the column is not whole ticks. −1: not looked at yet. */
  private ticksMax = -1;

  constructor(values: Float64Array, decimals: number) {
    this.values = values;
    this.decimals = decimals;
  }

  units(terms = 1): Float64Array | null {
    if (this.ticksMax < 0) this.convert();
    return this.ticksMax * terms <= wholeMax ? this.cached : null;
  }

  private convert(): void {
    const { values } = this;
    const grid = new Grid(this.decimals);
    this.ticksMax = Number.POSITIVE_INFINITY;
    if (grid.decimals < 0) return;
    const units = new Float64Array(values.length);
    let first = 0;
    while (first < values.length && Number.isNaN(values[first])) units[first++] = Number.NaN;
    const largest = grid.fill(values, units, first);
    if (Number.isNaN(largest)) return;
    this.cached = units;
    this.ticksMax = largest;
  }
}

/**
 * A column for indicators. decimals: digits after the point of its grid, −1 off any grid. units(terms) is computed once and shared:
 * whole ticks behind any leading NaN; null where a value is off the grid, not finite after the first number, or where a sum of that many
 * terms could leave 2^53.
 */
export function createSource(values: Float64Array, decimals: number): Source {
  return new ColumnSource(values, decimals);
}
