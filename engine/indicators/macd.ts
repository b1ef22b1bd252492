/** Owns moving average convergence/divergence. Never aligns the seeds of its averages. */
import { emaWeight } from './ema.ts';
import { Grid } from './grid.ts';
import { defineIndicator, type Kernel, noDecimals, period } from './kernel.ts';
import { playPair, Smoother } from './smoother.ts';

/**
 * MACD: fast EMA − slow EMA; signal: EMA of that line; histogram: macd − signal. Every EMA is seeded alone by the simple average of its first
 * values (Stock.Indicators, backtrader; TA-Lib starts the fast one later, so that its first values differ): the line first at index
 * max(fast, slow) − 1, signal and histogram signal − 1 bars later. Flat market: 0. After a NaN in the source all are seeded anew.
 */
export const macd = defineIndicator({
  name: 'macd',
  parameters: [period('fast'), period('slow'), period('signal')],
  outputs: ['macd', 'signal', 'histogram'],
  outputDecimals: noDecimals(3),
  reads: 'values',
  kernel: (parameters, grid, span) => new MacdKernel(parameters, grid, span),
});

class MacdKernel implements Kernel {
  private readonly fast: Smoother;
  private readonly slow: Smoother;
  private readonly signal: Smoother;
  private readonly slowValues: Float64Array;

  constructor([fast, slow, signal]: readonly number[], grid: Grid, span: number) {
    this.fast = new Smoother(fast, emaWeight(fast), grid);
    this.slow = new Smoother(slow, emaWeight(slow), grid);
    this.signal = new Smoother(signal, emaWeight(signal), new Grid(-1));
    this.slowValues = new Float64Array(span);
  }

  play([source]: readonly Float64Array[], [line, signal, histogram]: readonly Float64Array[], length: number): void {
    const { slowValues } = this;
    playPair(this.fast, this.slow, { source, target: line, otherSource: source, otherTarget: slowValues }, length);
    for (let i = 0; i < length; i++) line[i] -= slowValues[i];
    this.signal.play(line, signal, length);
    for (let i = 0; i < length; i++) histogram[i] = line[i] - signal[i];
  }
}
