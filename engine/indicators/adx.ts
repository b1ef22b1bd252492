/** Owns the average directional index. Never divides by an empty range. */
import { trueRange } from './atr.ts';
import { Grid } from './grid.ts';
import { defineIndicator, type Kernel, noDecimals, period } from './kernel.ts';
import { playPair, Smoother } from './smoother.ts';

/**
 * Directional movement, all 0 to 100: plus and minus (+DI, −DI) = 100 × Wilder's average of the directional moves over that of the true
 * range, first at index period, from `period` true ranges; adx = Wilder's average of 100 × |plus − minus| / (plus + minus), first at index
 * 2 × period − 1 (Wilder 1978; Stock.Indicators, backtrader; TA-Lib starts from period − 1 true ranges, so that its first values differ).
 * Flat market (no range, or no move either way): 0. After a NaN in a source all are seeded anew.
 */
export const adx = defineIndicator({
  name: 'adx',
  parameters: [period()],
  outputs: ['adx', 'plus', 'minus'],
  outputDecimals: noDecimals(3),
  // Moves up and down are compared: in ticks equal ones are equal, in floating point one of them would win by noise.
  reads: 'ticks',
  kernel: ([length], _grid, span) => new AdxKernel(length, span),
});

class AdxKernel implements Kernel {
  private readonly range: Smoother;
  private readonly up: Smoother;
  private readonly down: Smoother;
  private readonly index: Smoother;
  private readonly ranges: Float64Array;
  private readonly ups: Float64Array;
  private readonly downs: Float64Array;
  private readonly previous = new Float64Array(3).fill(Number.NaN);

  constructor(length: number, span: number) {
    const ticks = new Grid(-1);
    const wilder = () => new Smoother(length, 1 / length, ticks);
    this.range = wilder();
    this.up = wilder();
    this.down = wilder();
    this.index = wilder();
    this.ranges = new Float64Array(span);
    this.ups = new Float64Array(span);
    this.downs = new Float64Array(span);
  }

  play(columns: readonly Float64Array[], [adxTarget, plus, minus]: readonly Float64Array[], length: number): void {
    const { ranges, ups, downs } = this;
    this.measure(columns, length);
    this.range.play(ranges, ranges, length);
    playPair(this.up, this.down, { source: ups, target: ups, otherSource: downs, otherTarget: downs }, length);
    for (let i = 0; i < length; i++) {
      const both = ups[i] + downs[i];
      plus[i] = ranges[i] === 0 ? 0 : (100 * ups[i]) / ranges[i];
      minus[i] = ranges[i] === 0 ? 0 : (100 * downs[i]) / ranges[i];
      ups[i] = both === 0 ? 0 : (100 * Math.abs(ups[i] - downs[i])) / both;
    }
    this.index.play(ups, adxTarget, length);
  }

  /** True range and directional moves of each bar; NaN at the first, and beside a NaN in any source, so that all four averages start together. */
  private measure([high, low, close]: readonly Float64Array[], length: number): void {
    const { ranges, ups, downs, previous } = this;
    let [previousHigh, previousLow, previousClose] = previous;
    for (let i = 0; i < length; i++) {
      const range = trueRange(high[i], low[i], previousClose);
      const up = high[i] - previousHigh;
      const down = previousLow - low[i];
      const isKnown = range - range === 0 && up - up === 0 && down - down === 0;
      ranges[i] = isKnown ? range : Number.NaN;
      ups[i] = isKnown ? (up > down && up > 0 ? up : 0) : Number.NaN;
      downs[i] = isKnown ? (down > up && down > 0 ? down : 0) : Number.NaN;
      previousHigh = high[i];
      previousLow = low[i];
      previousClose = close[i];
    }
    previous[0] = previousHigh;
    previous[1] = previousLow;
    previous[2] = previousClose;
  }
}
