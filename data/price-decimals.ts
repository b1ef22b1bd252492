/** Owns how many decimals the prices of a series need. Never rounds them. */

const decimalsMax = 10;

/** Sees prices and remembers the most decimals one of them needed; at most 10 (more are the noise of binary arithmetic). */
export class PriceDecimals {
  #decimals = 0;
  #scale = 1;

  get decimals(): number {
    return this.#decimals;
  }
  /** The smallest power of ten that all prices are multiples of, at most 1. */
  get tickSize(): number {
    return Number(`1e-${this.#decimals}`);
  }

  see(prices: Float64Array, count: number): void {
    for (let i = 0; i < count; i++) {
      let ticks = prices[i] * this.#scale;
      while (Math.abs(ticks - Math.round(ticks)) > Math.abs(ticks) * 2e-15 && this.#decimals < decimalsMax) {
        this.#decimals++;
        this.#scale = Number(`1e${this.#decimals}`);
        ticks = prices[i] * this.#scale;
      }
    }
  }
}
