/** Owns the linearly weighted mean of the last values of a column of ticks. Never lets a rounding error of its sums grow. */

/**
 * Mean of the last `period` values with weights 1 … period, the newest the heaviest, in price units. Sum and weighted sum carry their
 * rounding errors, and both are taken afresh from the window once every `period` bars, because the products of the running form are rounded
 * too. Over whole ticks every sum below 2^53 is exact and the mean is rounded once. NaN until warm; a value that is not finite gives NaN and
 * starts the warm-up anew.
 */
export class WeightedMean {
  private readonly period: number;
  private readonly divisor: number;
  private readonly ring: Float64Array;
  private slot = 0;
  private count = 0;
  private sum = 0;
  private sumError = 0;
  private weighted = 0;
  private weightedError = 0;

  constructor(period: number, scale: number) {
    this.period = period;
    this.divisor = ((period * (period + 1)) / 2) * scale;
    this.ring = new Float64Array(period);
  }

  play(source: Float64Array, target: Float64Array, length: number): void {
    const { period, divisor, ring } = this;
    for (let i = 0; i < length; i++) {
      const value = source[i];
      if (value - value !== 0) {
        this.restart();
        this.count = 0;
        this.slot = 0;
        target[i] = Number.NaN;
        continue;
      }
      if (this.count === period) {
        // Every weight falls by one: take the old sum away once, then add the new value with full weight.
        this.addWeighted(-this.sum - this.sumError);
        this.addPlain(-ring[this.slot]);
      } else {
        this.count++;
      }
      this.addWeighted(this.count * value);
      this.addPlain(value);
      ring[this.slot] = value;
      this.slot++;
      if (this.slot === period) {
        this.slot = 0;
        this.refresh();
      }
      target[i] = this.count === period ? (this.weighted + this.weightedError) / divisor : Number.NaN;
    }
  }

  /** The ring has just been filled to its end: oldest value first. */
  private refresh(): void {
    const { ring } = this;
    this.restart();
    for (let i = 0; i < ring.length; i++) {
      this.addWeighted((i + 1) * ring[i]);
      this.addPlain(ring[i]);
    }
  }

  private restart(): void {
    this.sum = 0;
    this.sumError = 0;
    this.weighted = 0;
    this.weightedError = 0;
  }

  private addPlain(value: number): void {
    const grown = this.sum + value;
    const added = grown - this.sum;
    this.sumError += this.sum - (grown - added) + (value - added);
    this.sum = grown;
  }

  private addWeighted(value: number): void {
    const grown = this.weighted + value;
    const added = grown - this.weighted;
    this.weightedError += this.weighted - (grown - added) + (value - added);
    this.weighted = grown;
  }
}
