/** Owns the average true range. Never counts the first bar, which has no close before it. */

import type { Grid } from './grid.ts';
import { defineIndicator, type Kernel, noDecimals, period } from './kernel.ts';
import { Smoother } from './smoother.ts';

/**
 * Average true range in price units: Wilder's average of max(high − low, |high − previous close|, |low − previous close|), seeded by the mean
 * of the true ranges of bars 1 … period (bar 0 has none); first at index period (TA-Lib ATR). Flat market: 0. After a NaN in a source it is
 * seeded anew.
 */
export const atr = defineIndicator({
  name: 'atr',
  parameters: [period()],
  outputs: ['atr'],
  outputDecimals: noDecimals(1),
  reads: 'ticks',
  kernel: ([length], grid, span) => new AtrKernel(length, grid, span),
});

class AtrKernel implements Kernel {
  private readonly scale: number;
  private readonly smoother: Smoother;
  private readonly ranges: Float64Array;
  private previousClose = Number.NaN;

  constructor(length: number, grid: Grid, span: number) {
    this.scale = grid.scale;
    this.smoother = new Smoother(length, 1 / length, grid);
    this.ranges = new Float64Array(span);
  }

  play(columns: readonly Float64Array[], targets: readonly Float64Array[], length: number): void {
    const { ranges, scale } = this;
    const [high, low, close] = columns;
    let { previousClose } = this;
    for (let i = 0; i < length; i++) {
      ranges[i] = trueRange(high[i], low[i], previousClose) / scale;
      previousClose = close[i];
    }
    this.previousClose = previousClose;
    this.smoother.play(ranges, targets[0], length);
  }
}

/** Largest move of the bar, the gap from the previous close included. NaN where one of the three is. */
export function trueRange(high: number, low: number, previousClose: number): number {
  // biome-ignore lint/complexity/useMathMinMax: Math.max also orders NaN and −0, at three times the price
  const top = previousClose > high ? previousClose : high;
  // biome-ignore lint/complexity/useMathMinMax: Math.max also orders NaN and −0, at three times the price
  const bottom = previousClose < low ? previousClose : low;
  // Comparisons pass over a NaN close; the product does not.
  return top - bottom + 0 * previousClose;
}
