/** Owns the shift of a column forward in time. Never shows a value before it was known. */

/** target[i] = what came in `bars` bars before; NaN at the first. A NaN is passed on like any value, `bars` later. */
export class Delay {
  private readonly ring: Float64Array;
  private slot = 0;

  constructor(bars: number) {
    this.ring = new Float64Array(bars).fill(Number.NaN);
  }

  /** source and target may be the same array. */
  play(source: Float64Array, target: Float64Array, length: number): void {
    const { ring } = this;
    if (ring.length === 0) {
      if (target !== source) target.set(source);
      return;
    }
    let { slot } = this;
    for (let i = 0; i < length; i++) {
      const value = source[i];
      target[i] = ring[slot];
      ring[slot] = value;
      slot = slot + 1 === ring.length ? 0 : slot + 1;
    }
    this.slot = slot;
  }
}
