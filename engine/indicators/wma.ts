/** Owns the linearly weighted moving average. Never sums in floating point what can be summed in whole ticks. */
import { defineIndicator, noDecimals, period } from './kernel.ts';
import { WeightedMean } from './weighted-mean.ts';

/**
 * Weighted moving average of the last `period` values with weights 1 … period, the newest the heaviest; first at index period − 1 (TA-Lib
 * WMA). On a decimal grid the weighted sum is exact and the mean rounded once. A NaN in the source gives NaN for as long as it is in the window.
 */
export const wma = defineIndicator({
  name: 'wma',
  parameters: [period()],
  outputs: ['wma'],
  outputDecimals: noDecimals(1),
  reads: 'ticks',
  kernel([length], grid) {
    const mean = new WeightedMean(length, grid.scale);
    return { play: (columns, targets, bars) => mean.play(columns[0], targets[0], bars) };
  },
});
