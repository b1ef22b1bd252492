/** Owns the simple moving average. Never sums in floating point what can be summed in whole ticks. */
import { defineIndicator, noDecimals, period } from './kernel.ts';
import { MovingMean, wholeMovingMean } from './moving-mean.ts';

/**
 * Simple moving average: mean of the last `period` values of the source; first at index period − 1 (TA-Lib SMA). On a decimal grid the sum is
 * exact and the mean rounded once, so that averages of different periods compare equal exactly where their true means do; off it the sum is
 * compensated. A NaN in the source gives NaN for as long as it is in the window.
 */
export const sma = defineIndicator({
  name: 'sma',
  parameters: [period()],
  outputs: ['sma'],
  outputDecimals: noDecimals(1),
  reads: 'ticks',
  kernel([length], grid) {
    const mean = new MovingMean(length, grid.scale);
    return { play: (columns, targets, bars) => mean.play(columns[0], targets[0], bars) };
  },
  shortcut([source], [length], [target]) {
    // One term more than the window: the sum holds the new value before the oldest leaves.
    const ticks = source.units(length + 1);
    if (ticks === null) return false;
    wholeMovingMean(ticks, length, Number(`1e${source.decimals}`), target);
    return true;
  },
});
