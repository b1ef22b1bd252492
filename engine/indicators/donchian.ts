/** Owns the Donchian channel. Never leaves the current bar out: read at(1) for the channel that this bar may break. */
import { Extreme } from './extreme.ts';
import { finerDecimals, type Grid } from './grid.ts';
import { defineIndicator, type Kernel, period } from './kernel.ts';

/**
 * Donchian channel: highest high and lowest low of the last `period` bars, this one included, and their middle; first at index period − 1
 * (TA-Lib MAX and MIN). Upper and lower are source values unchanged; on a decimal grid the middle is the exact half, rounded once. A NaN in a
 * source gives NaN for as long as it is in the window.
 */
export const donchian = defineIndicator({
  name: 'donchian',
  parameters: [period()],
  outputs: ['upper', 'middle', 'lower'],
  outputDecimals: (decimals) => [decimals[0], finerDecimals(decimals, 1), decimals[1]],
  reads: 'values',
  kernel: ([length], grid) => new DonchianKernel(length, grid),
});

class DonchianKernel implements Kernel {
  private readonly highest: Extreme;
  private readonly lowest: Extreme;
  private readonly grid: Grid;

  constructor(length: number, grid: Grid) {
    this.highest = new Extreme(length, 1);
    this.lowest = new Extreme(length, -1);
    this.grid = grid;
  }

  play([high, low]: readonly Float64Array[], [upper, middle, lower]: readonly Float64Array[], length: number): void {
    const { grid } = this;
    this.highest.play(high, upper, length);
    this.lowest.play(low, lower, length);
    for (let i = 0; i < length; i++) middle[i] = (grid.ticks(upper[i]) + grid.ticks(lower[i])) / (2 * grid.scale);
  }
}
