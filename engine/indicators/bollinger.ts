/** Owns Bollinger bands. Never takes the sample deviation for the population's. */
import { defineIndicator, factor, type Kernel, noDecimals, period } from './kernel.ts';
import { MovingDeviation } from './moving-deviation.ts';
import { MovingMean } from './moving-mean.ts';

/**
 * Bollinger bands: middle = simple average of the last `period` values, upper and lower = middle ± deviations × their population standard
 * deviation; first at index period − 1 (TA-Lib BBANDS). On a decimal grid middle equals sma bit for bit and the variance is exact. Flat market:
 * all three equal. A NaN in the source gives NaN for as long as it is in the window.
 */
export const bollinger = defineIndicator({
  name: 'bollinger',
  parameters: [period(), factor('deviations')],
  outputs: ['upper', 'middle', 'lower'],
  outputDecimals: noDecimals(3),
  reads: 'ticks',
  kernel: ([length, deviations], grid) => new BollingerKernel(length, deviations, grid.scale),
});

class BollingerKernel implements Kernel {
  private readonly deviations: number;
  private readonly mean: MovingMean;
  private readonly deviation: MovingDeviation;

  constructor(length: number, deviations: number, scale: number) {
    this.deviations = deviations;
    this.mean = new MovingMean(length, scale);
    this.deviation = new MovingDeviation(length, scale);
  }

  play([source]: readonly Float64Array[], [upper, middle, lower]: readonly Float64Array[], length: number): void {
    const { deviations } = this;
    this.mean.play(source, middle, length);
    this.deviation.play(source, upper, length);
    for (let i = 0; i < length; i++) {
      const width = deviations * upper[i];
      upper[i] = middle[i] + width;
      lower[i] = middle[i] - width;
    }
  }
}
