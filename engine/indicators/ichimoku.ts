/** Owns Ichimoku Kinko Hyo. Never shifts a value into the past. */
import { Delay } from './delay.ts';
import { Extreme } from './extreme.ts';
import { finerDecimals, type Grid } from './grid.ts';
import { defineIndicator, type Kernel, period } from './kernel.ts';

/**
 * Ichimoku cloud. tenkan, kijun: middle of highest high and lowest low of the last `tenkan`, `kijun` bars; spanA = (tenkan + kijun) / 2 and
 * spanB = middle of the last `spanB` bars, both displaced forward: the value at i was computed `displacement` bars before and is what the chart
 * draws under bar i; chikou = close, not displaced. First at index tenkan − 1, kijun − 1, max(tenkan, kijun) + displacement − 1, spanB +
 * displacement − 1, 0 (Hosoda; Stock.Indicators, which draws chikou in the past). On a decimal grid all middles are exact, rounded once. A NaN
 * in high or low gives NaN for as long as it is in a window, in the spans `displacement` bars later.
 */
export const ichimoku = defineIndicator({
  name: 'ichimoku',
  parameters: [period('tenkan'), period('kijun'), period('spanB'), period('displacement', 0)],
  outputs: ['tenkan', 'kijun', 'spanA', 'spanB', 'chikou'],
  outputDecimals: (decimals) => {
    const half = finerDecimals(decimals.slice(0, 2), 1);
    return [half, half, finerDecimals(decimals.slice(0, 2), 2), half, decimals[2]];
  },
  reads: 'values',
  kernel: (parameters, grid, span) => new IchimokuKernel(parameters, grid, span),
});

class IchimokuKernel implements Kernel {
  private readonly tenkan: Middle;
  private readonly kijun: Middle;
  private readonly spanB: Middle;
  private readonly delayA: Delay;
  private readonly delayB: Delay;
  private readonly scale: number;

  constructor([tenkan, kijun, spanB, displacement]: readonly number[], grid: Grid, span: number) {
    this.tenkan = new Middle(tenkan, grid, span);
    this.kijun = new Middle(kijun, grid, span);
    this.spanB = new Middle(spanB, grid, span);
    this.delayA = new Delay(displacement);
    this.delayB = new Delay(displacement);
    this.scale = grid.scale;
  }

  play([high, low, close]: readonly Float64Array[], targets: readonly Float64Array[], length: number): void {
    const [tenkan, kijun, spanA, spanB, chikou] = targets;
    const { scale } = this;
    this.tenkan.play(high, low, length);
    this.kijun.play(high, low, length);
    this.spanB.play(high, low, length);
    const tenkanSums = this.tenkan.sums;
    const kijunSums = this.kijun.sums;
    const spanSums = this.spanB.sums;
    for (let i = 0; i < length; i++) {
      tenkan[i] = tenkanSums[i] / (2 * scale);
      kijun[i] = kijunSums[i] / (2 * scale);
      spanA[i] = (tenkanSums[i] + kijunSums[i]) / (4 * scale);
      spanB[i] = spanSums[i] / (2 * scale);
      chikou[i] = close[i];
    }
    this.delayA.play(spanA, spanA, length);
    this.delayB.play(spanB, spanB, length);
  }
}

/** Highest high + lowest low of the last bars, in ticks: twice the middle, whole on a grid. */
class Middle {
  readonly sums: Float64Array;
  private readonly lows: Float64Array;
  private readonly highest: Extreme;
  private readonly lowest: Extreme;
  private readonly grid: Grid;

  constructor(length: number, grid: Grid, span: number) {
    this.sums = new Float64Array(span);
    this.lows = new Float64Array(span);
    this.highest = new Extreme(length, 1);
    this.lowest = new Extreme(length, -1);
    this.grid = grid;
  }

  play(high: Float64Array, low: Float64Array, length: number): void {
    const { sums, lows, grid } = this;
    this.highest.play(high, sums, length);
    this.lowest.play(low, lows, length);
    for (let i = 0; i < length; i++) sums[i] = grid.ticks(sums[i]) + grid.ticks(lows[i]);
  }
}
