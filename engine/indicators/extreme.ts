/** Owns the highest or lowest of the last values of a column. Never looks at a value more than three times, whatever the period. */

/**
 * Highest (sign 1) or lowest (sign −1) of the last `period` values, unchanged. Blocks of `period` bars: the window is a tail of the block
 * before and a head of this one, and both extremes are kept (van Herk 1992, Gil and Werman 1993), so that time does not depend on period or
 * data. NaN until warm; a value that is not finite gives NaN and starts the warm-up anew.
 */
export class Extreme {
  private readonly sign: number;
  private readonly last: number;
  /** Up to `position` this block's values; from there on the tail extremes of the block before. */
  private readonly block: Float64Array;
  private position = 0;
  private isWarm = false;
  private head = Number.NEGATIVE_INFINITY;

  constructor(period: number, sign: 1 | -1) {
    this.sign = sign;
    this.last = period - 1;
    this.block = new Float64Array(period);
  }

  play(source: Float64Array, target: Float64Array, length: number): void {
    let i = 0;
    while (i < length) {
      i = this.playInsideBlock(source, target, i, length);
      if (i === length) return;
      this.endBlock(source, target, i);
      i++;
    }
  }

  /** Up to the last bar of the block, the end of the span, or a value that is not finite; the index it stopped at. */
  private playInsideBlock(source: Float64Array, target: Float64Array, from: number, length: number): number {
    const { sign, block, isWarm } = this;
    let { position, head } = this;
    const end = Math.min(length, from + this.last - position);
    let i = from;
    for (; i < end; i++) {
      const value = sign * source[i];
      if (value - value !== 0) break;
      block[position] = value;
      position++;
      if (value > head) head = value;
      const tail = block[position];
      // biome-ignore lint/complexity/useMathMinMax: Math.max also orders NaN and −0, at three times the price
      target[i] = isWarm ? sign * (tail > head ? tail : head) : Number.NaN;
    }
    this.position = position;
    this.head = head;
    return i;
  }

  private endBlock(source: Float64Array, target: Float64Array, i: number): void {
    const { sign, block, last, head } = this;
    const value = sign * source[i];
    this.position = 0;
    this.head = Number.NEGATIVE_INFINITY;
    if (value - value !== 0) {
      this.isWarm = false;
      target[i] = Number.NaN;
      return;
    }
    // biome-ignore lint/complexity/useMathMinMax: Math.max also orders NaN and −0, at three times the price
    target[i] = sign * (value > head ? value : head);
    let tail = value;
    block[last] = tail;
    for (let j = last - 1; j >= 0; j--) {
      if (block[j] > tail) tail = block[j];
      block[j] = tail;
    }
    this.isWarm = true;
  }
}
