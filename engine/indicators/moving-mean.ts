/** Owns the mean of the last values of a column of ticks. Never lets a rounding error of the sum grow. */

/**
 * Mean of the last `period` values, in price units. The sum carries its own rounding error (two-sum after Knuth; Neumaier 1974), so over
 * whole ticks it is exact and the mean is rounded once, in the division: equal means of different periods compare equal. NaN until warm; a
 * value that is not finite gives NaN and starts the warm-up anew.
 */
export class MovingMean {
  private readonly period: number;
  private readonly divisor: number;
  private readonly ring: Float64Array;
  private slot = 0;
  private count = 0;
  private sum = 0;
  private error = 0;

  constructor(period: number, scale: number) {
    this.period = period;
    this.divisor = period * scale;
    this.ring = new Float64Array(period);
  }

  play(source: Float64Array, target: Float64Array, length: number): void {
    let i = 0;
    while (i < length) {
      if (this.count === this.period) i = this.roll(source, target, i, length);
      if (i === length) return;
      target[i] = this.fill(source[i]);
      i++;
    }
  }

  /** While warm and finite; the index it stopped at. */
  private roll(source: Float64Array, target: Float64Array, from: number, length: number): number {
    const { period, divisor, ring } = this;
    let { slot, sum, error } = this;
    let i = from;
    for (; i < length; i++) {
      const value = source[i];
      if (value - value !== 0) break;
      const grown = sum + value;
      const added = grown - sum;
      const leaving = -ring[slot];
      const shrunk = grown + leaving;
      const removed = shrunk - grown;
      error += sum - (grown - added) + (value - added) + (grown - (shrunk - removed) + (leaving - removed));
      sum = shrunk;
      ring[slot] = value;
      slot = slot + 1 === period ? 0 : slot + 1;
      target[i] = (sum + error) / divisor;
    }
    this.slot = slot;
    this.sum = sum;
    this.error = error;
    return i;
  }

  private fill(value: number): number {
    if (value - value !== 0) {
      this.slot = 0;
      this.count = 0;
      this.sum = 0;
      this.error = 0;
      return Number.NaN;
    }
    const grown = this.sum + value;
    const added = grown - this.sum;
    this.error += this.sum - (grown - added) + (value - added);
    this.sum = grown;
    this.ring[this.slot] = value;
    this.slot = this.slot + 1 === this.period ? 0 : this.slot + 1;
    this.count++;
    return this.count === this.period ? (this.sum + this.error) / this.divisor : Number.NaN;
  }
}

/** The same mean over whole ticks whose sums stay below 2^53: no error can arise, so none is carried. ticks: leading NaN allowed, none later. */
export function wholeMovingMean(ticks: Float64Array, period: number, scale: number, target: Float64Array): void {
  const { length } = ticks;
  const divisor = period * scale;
  let first = 0;
  while (first < length && Number.isNaN(ticks[first])) first++;
  const warm = Math.min(first + period - 1, length);
  target.fill(Number.NaN, 0, warm);
  let sum = 0;
  for (let i = first; i < warm; i++) sum += ticks[i];
  if (warm === length) return;
  sum += ticks[warm];
  target[warm] = sum / divisor;
  for (let from = warm + 1; from < length; from += spanBars) {
    const to = Math.min(from + spanBars, length);
    sum = rollWhole(ticks, target, { from, to, period, divisor, sum });
  }
}

/** Bars of one call: compiled code is entered at the next one, and never left behind a loop that has not ended before. */
const spanBars = 4096;

/** Bars from to (less one) of a warm mean; returns the sum behind the last. */
function rollWhole(
  ticks: Float64Array,
  target: Float64Array,
  span: { from: number; to: number; period: number; divisor: number; sum: number },
): number {
  const { from, to, period, divisor } = span;
  let { sum } = span;
  for (let i = from; i < to; i++) {
    sum += ticks[i] - ticks[i - period];
    target[i] = sum / divisor;
  }
  return sum;
}
