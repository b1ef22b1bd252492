/** Owns the data of the price panel: candles few enough to draw, and the fills on them. Never shows a price no bar had. */
import type { RunResult } from '../engine/result.ts';
import { significant } from './down-sample.ts';
import type { BarWindow } from './report-input.ts';

export interface Candles {
  readonly barsPerCandle: number;
  readonly openTimeMs: readonly number[];
  /** Where the last candle ends. */
  readonly endMs: number;
  readonly open: readonly number[];
  readonly high: readonly number[];
  readonly low: readonly number[];
  readonly close: readonly number[];
}

/** Fills of one side that opened (or closed) trades inside one candle. */
export interface Marker {
  readonly candle: number;
  readonly side: 1 | -1;
  readonly isEntry: boolean;
  count: number;
}

/** Bars merged so that no more than candlesMax remain: open of the first, close of the last, highest high, lowest low. */
export function candlesOf(bars: BarWindow, candlesMax: number): Candles {
  const { columns, fromRow, toRow } = bars;
  const rowCount = Math.max(0, toRow - fromRow);
  const barsPerCandle = Math.max(1, Math.ceil(rowCount / candlesMax));
  const openTimeMs: number[] = [];
  const open: number[] = [];
  const high: number[] = [];
  const low: number[] = [];
  const close: number[] = [];
  for (let from = fromRow; from < toRow; from += barsPerCandle) {
    const to = Math.min(toRow, from + barsPerCandle);
    let highest = columns.high[from];
    let lowest = columns.low[from];
    for (let row = from + 1; row < to; row++) {
      if (columns.high[row] > highest) highest = columns.high[row];
      if (columns.low[row] < lowest) lowest = columns.low[row];
    }
    openTimeMs.push(columns.openTimeMs[from]);
    open.push(significant(columns.open[from], 7));
    high.push(significant(highest, 7));
    low.push(significant(lowest, 7));
    close.push(significant(columns.close[to - 1], 7));
  }
  const endMs = rowCount === 0 ? 0 : columns.closeTimeMs[toRow - 1];
  return { barsPerCandle, openTimeMs, endMs, open, high, low, close };
}

/** Entries and exits of the first instrument on the candles, one marker for each candle, side and purpose, in time order. */
export function markersOf(result: RunResult, candles: Candles): Marker[] {
  const markers = new Map<string, Marker>();
  const mark = (timeMs: number, side: 1 | -1, isEntry: boolean) => {
    if (candles.openTimeMs.length === 0 || timeMs < candles.openTimeMs[0] || timeMs >= candles.endMs) return;
    const candle = candleAt(candles.openTimeMs, timeMs);
    const key = `${candle} ${side} ${isEntry}`;
    const known = markers.get(key);
    if (known) known.count++;
    else markers.set(key, { candle, side, isEntry, count: 1 });
  };
  // An order filled in parts against several trades is one arrow: entries and exits are counted by order.
  const seen = new Set<string>();
  const markOnce = (key: string, timeMs: number, side: 1 | -1, isEntry: boolean) => {
    if (seen.has(key)) return;
    seen.add(key);
    mark(timeMs, side, isEntry);
  };
  for (const trade of result.trades) {
    if (trade.instrumentIndex !== 0) continue;
    markOnce(`in ${trade.entryOrderId}`, trade.entryOpenMs, trade.side, true);
    markOnce(`out ${trade.exitOrderId}`, trade.exitOpenMs, trade.side === 1 ? -1 : 1, false);
  }
  for (const fill of openEntries(result)) markOnce(`in ${fill.orderId}`, fill.openTimeMs, fill.side, true);
  return [...markers.values()].sort((a, b) => a.candle - b.candle || b.side - a.side || Number(a.isEntry) - Number(b.isEntry));
}

/** Fills of the first instrument that belong to no closed trade and so opened what is still held. */
function openEntries(result: RunResult) {
  const closed = new Set<number>();
  for (const trade of result.trades) {
    closed.add(trade.entryOrderId);
    closed.add(trade.exitOrderId);
  }
  return result.fills.filter((fill) => fill.instrumentIndex === 0 && !closed.has(fill.orderId));
}

/** The last candle that opens at or before timeMs. */
function candleAt(openTimeMs: readonly number[], timeMs: number): number {
  let low = 0;
  let high = openTimeMs.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (openTimeMs[middle] <= timeMs) low = middle;
    else high = middle - 1;
  }
  return low;
}
