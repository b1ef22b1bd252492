/** Owns how many decimals the prices of a series need. Never rounds them. */

const decimalsMax = 10;
const scales = Array.from({ length: decimalsMax + 1 }, (_, decimals) => Number(`1e${decimals}`));
/** Prices that need more decimals than all others are told as such where they are no larger a share. */
const rareFractionMax = 0.01;

/** Sees prices and remembers how many decimals they needed; at most 10 (more are the noise of binary arithmetic). */
export class PriceDecimals {
  /** How many prices needed so many decimals. */
  readonly #counts = new Float64Array(decimalsMax + 1);

  get decimals(): number {
    return Math.max(
      0,
      this.#counts.findLastIndex((count) => count > 0),
    );
  }
  /** The smallest power of ten that all prices are multiples of, at most 1. */
  get tickSize(): number {
    return tickOf(this.decimals);
  }
  /** The smallest power of ten that all but a hundredth of the prices are multiples of, and how many are not. */
  get common(): { readonly tickSize: number; readonly finerCount: number; readonly priceCount: number } {
    const priceCount = this.#counts.reduce((sum, count) => sum + count, 0);
    let decimals = this.decimals;
    let finerCount = 0;
    while (decimals > 0 && finerCount + this.#counts[decimals] <= priceCount * rareFractionMax) finerCount += this.#counts[decimals--];
    return { tickSize: tickOf(decimals), finerCount, priceCount };
  }

  see(prices: Float64Array, count: number): void {
    for (let i = 0; i < count; i++) {
      let decimals = 0;
      let ticks = prices[i];
      while (Math.abs(ticks - Math.round(ticks)) > Math.abs(ticks) * 2e-15 && decimals < decimalsMax) {
        decimals++;
        ticks = prices[i] * scales[decimals];
      }
      this.#counts[decimals]++;
    }
  }
}

function tickOf(decimals: number): number {
  return Number(`1e-${decimals}`);
}
