/** Owns random tapes that tests alter. Never used by a run. */
import { exp } from '../math.ts';
import type { Tape } from '../model/bar.ts';
import { Grid } from '../model/grid.ts';
import { createRandom } from '../random.ts';
import { type BarRow, tapeOf } from '../testing/tapes.ts';

/** Valid bars on the tick that wander, gap and differ in volume. */
export function wanderingTape(length: number, seed: number, options: Parameters<typeof tapeOf>[1] & { tick?: number } = {}): Tape {
  const random = createRandom(seed);
  const tick = new Grid(options.tick ?? 0.01);
  let price = 100;
  const rows = Array.from({ length }, (): BarRow => {
    const open = tick.round(price * exp(0.003 * random.normal()));
    const close = tick.round(open * exp(0.01 * random.normal()));
    const high = tick.round(Math.max(open, close) * exp(0.004 * random()));
    const low = tick.round(Math.min(open, close) * exp(-0.004 * random()));
    price = close;
    return [open, high, low, close, 1 + Math.floor(100 * random())];
  });
  return tapeOf(rows, options);
}

/** Why the bars are none: '' where each keeps low ≤ open, close ≤ high and the tick, and its time. */
export function faultOf({ columns }: Tape, original: Tape, tickSize: number): string {
  const tick = new Grid(tickSize);
  const { open, high, low, close, openTimeMs, closeTimeMs, length } = columns;
  for (let i = 0; i < length; i++) {
    const prices = [open[i], high[i], low[i], close[i]];
    if (!(low[i] <= Math.min(open[i], close[i]) && Math.max(open[i], close[i]) <= high[i])) return `bar ${i} is ${prices.join(' ')}`;
    if (prices.some((price) => tick.round(price) !== price || !(price > 0))) return `bar ${i} is off the tick: ${prices.join(' ')}`;
    if (openTimeMs[i] !== original.columns.openTimeMs[i] || closeTimeMs[i] !== original.columns.closeTimeMs[i])
      return `bar ${i} moved in time`;
  }
  return length === original.columns.length ? '' : `${length} bars`;
}
