/** Owns exponential smoothing, seeded by the mean of its first values. Never drifts on a flat column. */
import type { Grid } from './grid.ts';

/**
 * mean += weight × (value − mean), seeded by the simple mean of the first `period` values, which equals MovingMean's there bit for bit.
 * In this form a flat column stays exactly flat. NaN until seeded; a value that is not finite gives NaN and starts the seed anew.
 */
export class Smoother {
  private readonly period: number;
  private readonly weight: number;
  private readonly grid: Grid;
  private count = 0;
  private sum = 0;
  private error = 0;
  private mean = Number.NaN;

  constructor(period: number, weight: number, grid: Grid) {
    this.period = period;
    this.weight = weight;
    this.grid = grid;
  }

  play(source: Float64Array, target: Float64Array, length: number): void {
    const { weight } = this;
    let i = 0;
    while (i < length) {
      if (this.count < this.period) {
        target[i] = this.seed(source[i]);
        i++;
        continue;
      }
      let { mean } = this;
      for (; i < length; i++) {
        const value = source[i];
        if (value - value !== 0) {
          this.restart();
          break;
        }
        mean += weight * (value - mean);
        target[i] = mean;
      }
      this.mean = mean;
    }
  }

  /** Plays this and another smoother while both are seeded and both columns finite; the count of bars played. */
  playBeside(other: Smoother, columns: SmootherPair, length: number): number {
    if (this.count < this.period || other.count < other.period) return 0;
    const { source, target, otherSource, otherTarget } = columns;
    const { weight } = this;
    const otherWeight = other.weight;
    let { mean } = this;
    let otherMean = other.mean;
    let i = 0;
    for (; i < length; i++) {
      const value = source[i];
      const otherValue = otherSource[i];
      if (value - value !== 0 || otherValue - otherValue !== 0) break;
      mean += weight * (value - mean);
      otherMean += otherWeight * (otherValue - otherMean);
      target[i] = mean;
      otherTarget[i] = otherMean;
    }
    this.mean = mean;
    other.mean = otherMean;
    return i;
  }

  private seed(value: number): number {
    if (value - value !== 0) {
      this.restart();
      return Number.NaN;
    }
    const ticks = this.grid.ticks(value);
    const grown = this.sum + ticks;
    const added = grown - this.sum;
    this.error += this.sum - (grown - added) + (ticks - added);
    this.sum = grown;
    this.count++;
    if (this.count < this.period) return Number.NaN;
    this.mean = (this.sum + this.error) / (this.period * this.grid.scale);
    return this.mean;
  }

  private restart(): void {
    this.count = 0;
    this.sum = 0;
    this.error = 0;
  }
}

/** Two smoothers over two columns at once, for speed only: their additions do not wait for each other. Equal to one after the other. */
export function playPair(first: Smoother, second: Smoother, columns: SmootherPair, length: number): void {
  const { source, target, otherSource, otherTarget } = columns;
  const done = first.playBeside(second, columns, length);
  if (done === length) return;
  first.play(source.subarray(done, length), target.subarray(done, length), length - done);
  second.play(otherSource.subarray(done, length), otherTarget.subarray(done, length), length - done);
}

export interface SmootherPair {
  readonly source: Float64Array;
  readonly target: Float64Array;
  readonly otherSource: Float64Array;
  readonly otherTarget: Float64Array;
}
