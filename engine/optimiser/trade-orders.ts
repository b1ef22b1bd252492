/** Owns what other orders and other draws of a run's trades come to, as a report shows it. Never plays them anew: see trade-resampling.ts for what that leaves out. */
import { stationaryBlockLength } from './statistics/block-length.ts';
import { resampleTrades, type TradeFates } from './statistics/trade-resampling.ts';

export interface TradeOrders {
  readonly tradeCount: number;
  /** Trades that a draw keeps together on average. */
  readonly blockLengthMean: number;
  /** Each trade once, in another order: the end stays, the way there does not. */
  readonly permuted: Pick<TradeFates, 'drawdownFractionMax'>;
  /** Drawn with replacement in blocks: the end varies too. */
  readonly bootstrapped: Pick<TradeFates, 'drawdownFractionMax' | 'equityFinal' | 'equityLowest'>;
}

/** tradeReturns: net profit over the equity at entry. Null where there are fewer than two trades. */
export function tradeOrdersOf(
  tradeReturns: Float64Array,
  { replicateCount, seed }: { readonly replicateCount: number; readonly seed: number },
): TradeOrders | null {
  if (tradeReturns.length < 2) return null;
  const blockLengthMean = stationaryBlockLength(tradeReturns);
  const shared = { replicateCount, seed };
  const { drawdownFractionMax } = resampleTrades(tradeReturns, { ...shared, blockLengthMean: 1, draw: 'permuted' });
  const drawn = resampleTrades(tradeReturns, { ...shared, blockLengthMean, draw: 'bootstrapped' });
  return {
    tradeCount: tradeReturns.length,
    blockLengthMean,
    permuted: { drawdownFractionMax },
    bootstrapped: { drawdownFractionMax: drawn.drawdownFractionMax, equityFinal: drawn.equityFinal, equityLowest: drawn.equityLowest },
  };
}
