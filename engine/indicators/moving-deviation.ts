/** Owns the standard deviation of the last values of a column of ticks. Never subtracts two large sums that are not exact. */
import { wholeMax } from './grid.ts';

/**
 * Population standard deviation of the last `period` values, in price units. Over whole ticks: from the exact sums of d and d², d = distance
 * to a base tick that follows the market, while period × Σd² stays below 2^53, so it is rounded in the root and the division only. Elsewhere:
 * two passes over the window. NaN until warm; a value that is not finite gives NaN and starts the warm-up anew. Flat market: 0.
 */
export class MovingDeviation {
  private readonly period: number;
  private readonly scale: number;
  /** Distances up to here keep all sums exact. */
  private readonly distanceMax: number;
  private readonly ring: Float64Array;
  private slot = 0;
  private count = 0;
  private isExact = false;
  private base = 0;
  private sum = 0;
  private sumOfSquares = 0;

  constructor(period: number, scale: number) {
    this.period = period;
    this.scale = scale;
    this.distanceMax = Math.floor(Math.sqrt(wholeMax) / (period + 1));
    this.ring = new Float64Array(period);
  }

  play(source: Float64Array, target: Float64Array, length: number): void {
    const { period, ring, distanceMax, scale } = this;
    const divisor = period * scale;
    for (let i = 0; i < length; i++) {
      const value = source[i];
      if (value - value !== 0) {
        this.slot = 0;
        this.count = 0;
        this.isExact = false;
        target[i] = Number.NaN;
        continue;
      }
      const leaving = ring[this.slot] - this.base;
      const isFull = this.count === period;
      ring[this.slot] = value;
      this.slot = this.slot + 1 === period ? 0 : this.slot + 1;
      if (!isFull) this.count++;
      const distance = value - this.base;
      if (this.isExact && Math.abs(distance) <= distanceMax && Math.round(value) === value) {
        this.sum += isFull ? distance - leaving : distance;
        this.sumOfSquares += isFull ? distance * distance - leaving * leaving : distance * distance;
      } else {
        this.rebase(value);
      }
      if (this.count < period) target[i] = Number.NaN;
      else if (this.isExact) target[i] = Math.sqrt(period * this.sumOfSquares - this.sum * this.sum) / divisor;
      else target[i] = this.twoPasses() / scale;
    }
  }

  /** Takes the newest value as the base and sums the window again; not exact where a value of it is too far away or not a whole tick. */
  private rebase(newest: number): void {
    const { ring, count, distanceMax } = this;
    let sum = 0;
    let sumOfSquares = 0;
    this.isExact = false;
    for (let i = 0; i < count; i++) {
      const distance = ring[i] - newest;
      if (Math.abs(distance) > distanceMax || Math.round(ring[i]) !== ring[i]) return;
      sum += distance;
      sumOfSquares += distance * distance;
    }
    this.isExact = true;
    this.base = newest;
    this.sum = sum;
    this.sumOfSquares = sumOfSquares;
  }

  /** The second pass also measures what rounding left in the mean (Chan, Golub and LeVeque 1983). The window, oldest value first. */
  private twoPasses(): number {
    const { ring, period, slot } = this;
    let sum = 0;
    for (let i = slot; i < period; i++) sum += ring[i];
    for (let i = 0; i < slot; i++) sum += ring[i];
    const mean = sum / period;
    let rest = 0;
    let squares = 0;
    for (let k = 0; k < period; k++) {
      const distance = ring[slot + k < period ? slot + k : slot + k - period] - mean;
      rest += distance;
      squares += distance * distance;
    }
    return Math.sqrt(Math.max(squares - (rest * rest) / period, 0) / period);
  }
}
