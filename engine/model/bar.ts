/** Owns the shape of recorded bars. Never copies them. */
import type { Timeframe } from './timeframe.ts';

/** Names one series of bars: where it trades, what trades, how long a bar is. */
export interface SeriesKey {
  readonly venue: string;
  readonly symbol: string;
  readonly timeframe: Timeframe;
}

/**
 * Bars as columns of equal length, in time order, without NaN. A bar covers [openTimeMs, closeTimeMs); times are integer ms UTC,
 * prices in quote currency, volume in base currency. The arrays may stand on a SharedArrayBuffer and are never written after loading.
 */
export interface BarColumns {
  readonly length: number;
  readonly openTimeMs: Float64Array;
  readonly closeTimeMs: Float64Array;
  readonly open: Float64Array;
  readonly high: Float64Array;
  readonly low: Float64Array;
  readonly close: Float64Array;
  readonly volume: Float64Array;
}

/** The price and time columns of BarColumns, in canonical order: the order of hashing, of files and of shared memory. */
export const barColumnNames = ['openTimeMs', 'closeTimeMs', 'open', 'high', 'low', 'close', 'volume'] as const;
export type BarColumnName = (typeof barColumnNames)[number];

/** One series as loaded for a run: from the first bar in the catalogue, so that a window limits trading and never history. */
export interface Tape {
  readonly key: SeriesKey;
  readonly columns: BarColumns;
  /** True where the bars come from "data synthesise"; shown wherever results are shown. */
  readonly isSynthetic: boolean;
}

/** "binance BTC/USDT 1m" */
export function seriesName(key: SeriesKey): string {
  return `${key.venue} ${key.symbol} ${key.timeframe}`;
}
