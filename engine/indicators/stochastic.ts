/** Owns the stochastic oscillator. Never divides by an empty range. */
import { Extreme } from './extreme.ts';
import { defineIndicator, type Kernel, noDecimals, period } from './kernel.ts';
import { MovingMean } from './moving-mean.ts';

/**
 * Slow stochastic, 0 to 100: raw = 100 × (close − lowest low) / (highest high − lowest low) of the last `k` bars; k = simple average of raw
 * over `slow` bars (1: the fast stochastic), d = simple average of k over `d` bars; k first at index k + slow − 2, d at k + slow + d − 3
 * (Stock.Indicators; TA-Lib STOCH gives both from the latter on). Flat market (empty range): raw is 50, the middle (TA-Lib says 0). A NaN in a
 * source gives NaN for as long as it is in a window.
 */
export const stochastic = defineIndicator({
  name: 'stochastic',
  parameters: [period('k'), period('slow'), period('d')],
  outputs: ['k', 'd'],
  outputDecimals: noDecimals(2),
  reads: 'ticks',
  kernel: (parameters, _grid, span) => new StochasticKernel(parameters, span),
});

class StochasticKernel implements Kernel {
  private readonly highest: Extreme;
  private readonly lowest: Extreme;
  private readonly kMean: MovingMean;
  private readonly dMean: MovingMean;
  private readonly highs: Float64Array;
  private readonly lows: Float64Array;

  constructor([k, slow, d]: readonly number[], span: number) {
    this.highest = new Extreme(k, 1);
    this.lowest = new Extreme(k, -1);
    this.kMean = new MovingMean(slow, 1);
    this.dMean = new MovingMean(d, 1);
    this.highs = new Float64Array(span);
    this.lows = new Float64Array(span);
  }

  play([high, low, close]: readonly Float64Array[], [k, d]: readonly Float64Array[], length: number): void {
    const { highs, lows } = this;
    this.highest.play(high, highs, length);
    this.lowest.play(low, lows, length);
    for (let i = 0; i < length; i++) {
      const range = highs[i] - lows[i];
      highs[i] = range === 0 ? 50 + 0 * close[i] : (100 * (close[i] - lows[i])) / range;
    }
    this.kMean.play(highs, k, length);
    this.dMean.play(k, d, length);
  }
}
