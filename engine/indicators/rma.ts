/** Owns Wilder's moving average. Never takes its seed from anywhere but its own first values. */
import { defineIndicator, noDecimals, period } from './kernel.ts';
import { Smoother } from './smoother.ts';

/**
 * Wilder's smoothed moving average (RMA, SMMA) with weight 1 / period, seeded by the simple average of the first `period` values; first at
 * index period − 1 (Wilder 1978; Stock.Indicators Smma). A flat source gives exactly its value. After a NaN in the source it is seeded anew.
 */
export const rma = defineIndicator({
  name: 'rma',
  parameters: [period()],
  outputs: ['rma'],
  outputDecimals: noDecimals(1),
  reads: 'values',
  kernel([length], grid) {
    const smoother = new Smoother(length, 1 / length, grid);
    return { play: (columns, targets, bars) => smoother.play(columns[0], targets[0], bars) };
  },
});
