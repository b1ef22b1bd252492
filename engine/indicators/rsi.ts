/** Owns the relative strength index. Never divides zero by zero. */
import { Grid } from './grid.ts';
import { defineIndicator, type Kernel, noDecimals, period } from './kernel.ts';
import { playPair, Smoother } from './smoother.ts';

/**
 * Relative strength index, 0 to 100: Wilder's averages of gains and losses, each seeded by the mean of the first `period` changes; first at
 * index period (Wilder 1978; TA-Lib RSI). Flat market (no gain and no loss yet): 50, neither strong nor weak (TA-Lib says 0, others 100).
 * After a NaN in the source it is seeded anew.
 */
export const rsi = defineIndicator({
  name: 'rsi',
  parameters: [period()],
  outputs: ['rsi'],
  outputDecimals: noDecimals(1),
  reads: 'ticks',
  kernel: ([length], _grid, span) => new RsiKernel(length, span),
});

class RsiKernel implements Kernel {
  private readonly gain: Smoother;
  private readonly loss: Smoother;
  private readonly gains: Float64Array;
  private readonly losses: Float64Array;
  private previous = Number.NaN;

  constructor(length: number, span: number) {
    // Ratios need no scale: changes stay in ticks, where they are whole and their sums exact.
    const ticks = new Grid(-1);
    this.gain = new Smoother(length, 1 / length, ticks);
    this.loss = new Smoother(length, 1 / length, ticks);
    this.gains = new Float64Array(span);
    this.losses = new Float64Array(span);
  }

  play(columns: readonly Float64Array[], targets: readonly Float64Array[], length: number): void {
    const { gains, losses } = this;
    const source = columns[0];
    const target = targets[0];
    let { previous } = this;
    for (let i = 0; i < length; i++) {
      const change = source[i] - previous;
      previous = source[i];
      // max(change, 0) and max(−change, 0), exactly, without a branch on the sign that nothing could foresee.
      const size = Math.abs(change);
      gains[i] = (size + change) / 2;
      losses[i] = (size - change) / 2;
    }
    this.previous = previous;
    playPair(this.gain, this.loss, { source: gains, target: gains, otherSource: losses, otherTarget: losses }, length);
    for (let i = 0; i < length; i++) {
      const both = gains[i] + losses[i];
      target[i] = both === 0 ? 50 : (100 * gains[i]) / both;
    }
  }
}
