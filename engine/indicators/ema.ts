/** Owns the exponential moving average. Never takes its seed from anywhere but its own first values. */
import { defineIndicator, noDecimals, period } from './kernel.ts';
import { Smoother } from './smoother.ts';

/** Weight of the newest value in an exponential moving average of this period. */
export function emaWeight(length: number): number {
  return 2 / (length + 1);
}

/**
 * Exponential moving average with weight 2 / (period + 1), seeded by the simple average of the first `period` values; first at index
 * period − 1 (TA-Lib EMA, Stock.Indicators). A flat source gives exactly its value. After a NaN in the source it is seeded anew.
 */
export const ema = defineIndicator({
  name: 'ema',
  parameters: [period()],
  outputs: ['ema'],
  outputDecimals: noDecimals(1),
  reads: 'values',
  kernel([length], grid) {
    const smoother = new Smoother(length, emaWeight(length), grid);
    return { play: (columns, targets, bars) => smoother.play(columns[0], targets[0], bars) };
  },
});
