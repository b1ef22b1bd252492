/** Owns what another order, or another draw, of the same trades would have done to an account. Never replays them: prices, sizes and costs stay as they were. */
import { PlacedRandom } from '../../random.ts';
import { drawPermutation } from './permutation.ts';
import { type Resampling, requireResampling, StationaryBootstrap } from './stationary-bootstrap.ts';

/**
 * permuted: each trade once, in another order; the end stays where it is, what varies is the way there. bootstrapped: drawn with replacement in blocks of
 * blockLengthMean trades; the end varies too.
 */
export type TradeDraw = 'permuted' | 'bootstrapped';

/** One entry a replicate, each column rising on its own; equity as a multiple of that at the start. */
export interface TradeFates {
  readonly equityFinal: Float64Array;
  /** Deepest fall from a peak, the start among the peaks, a fraction. */
  readonly drawdownFractionMax: Float64Array;
  /** Most trades in a row after which equity was below its peak. */
  readonly underwaterTradesMax: Float64Array;
  /** Lowest equity after any trade, at most 1. */
  readonly equityLowest: Float64Array;
}

/**
 * Plays trades in other orders, compounded. tradeReturns[n]: net profit over the equity at the trade's entry, none of them NaN. −1 or less loses
 * the account: it stays at 0. No trades → columns of NaN. Quantiles by quantileOfSorted.
 */
export function resampleTrades(tradeReturns: Float64Array, { draw, ...resampling }: Resampling & { draw: TradeDraw }): TradeFates {
  requireResampling(resampling);
  const { replicateCount } = resampling;
  const tradeCount = tradeReturns.length;
  const fates = {
    equityFinal: new Float64Array(replicateCount),
    drawdownFractionMax: new Float64Array(replicateCount),
    underwaterTradesMax: new Float64Array(replicateCount),
    equityLowest: new Float64Array(replicateCount),
  };
  const rows = new Int32Array(tradeCount);
  const bootstrap = new StationaryBootstrap(tradeCount, resampling);
  const random = new PlacedRandom(resampling.seed);
  for (let replicate = 0; replicate < replicateCount; replicate++) {
    if (draw === 'permuted') drawPermutation(rows, random, replicate);
    else bootstrap.drawRows(replicate, rows);
    playTrades(tradeReturns, rows, fates, replicate);
  }
  for (const column of Object.values(fates)) column.sort();
  return fates;
}

function playTrades(tradeReturns: Float64Array, rows: Int32Array, fates: TradeFates, replicate: number): void {
  let equity = rows.length > 0 ? 1 : Number.NaN;
  let peak = equity;
  let lowest = equity;
  let drawdown = equity - equity;
  let underwater = drawdown;
  let underwaterMax = drawdown;
  for (let i = 0; i < rows.length; i++) {
    equity = Math.max(0, equity * (1 + tradeReturns[rows[i]]));
    if (equity < lowest) lowest = equity;
    if (equity >= peak) {
      peak = equity;
      underwater = 0;
      continue;
    }
    underwater++;
    if (underwater > underwaterMax) underwaterMax = underwater;
    if (1 - equity / peak > drawdown) drawdown = 1 - equity / peak;
  }
  fates.equityFinal[replicate] = equity;
  fates.drawdownFractionMax[replicate] = drawdown;
  fates.underwaterTradesMax[replicate] = underwaterMax;
  fates.equityLowest[replicate] = lowest;
}
