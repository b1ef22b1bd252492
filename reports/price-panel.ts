/** Owns the data of the price panel: candles few enough to draw, and the fills on them. Never shows a price no bar had. */
import type { RunResult } from '../engine/result.ts';
import { significant } from './down-sample.ts';
import type { BarWindow } from './report-input.ts';

export interface Candles {
  /** What each candle covers where bars were merged; 0 where each bar is one candle. */
  readonly candleMs: number;
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

const secondMs = 1_000;
const minuteMs = 60_000;
const hourMs = 3_600_000;
const dayMs = 86_400_000;
const weekMs = 7 * dayMs;
/** 1970-01-05, a Monday: weeks are counted from here. */
const mondayMs = 4 * dayMs;
/** Lengths a reader of a clock or a calendar expects; beyond them weeks, doubled. */
const candleLengths: readonly number[] = [
  ...[1, 2, 5, 10, 15, 30].map((count) => count * secondMs),
  ...[1, 2, 5, 10, 15, 30].map((count) => count * minuteMs),
  ...[1, 2, 3, 4, 6, 8, 12].map((count) => count * hourMs),
  dayMs,
  ...Array.from({ length: 16 }, (_, i) => weekMs * (1 << i)),
];

/**
 * Bars merged so that no more than candlesMax remain: open of the first, close of the last, highest high, lowest low. Merged candles begin on the
 * clock in UTC (an hour at its full hour, a week on Monday), whatever bar the window begins with.
 */
export function candlesOf(bars: BarWindow, candlesMax: number): Candles {
  const { columns, fromRow, toRow } = bars;
  const candleMs = candleLength(bars, candlesMax);
  const candles: Candles & Record<'openTimeMs' | 'open' | 'high' | 'low' | 'close', number[]> = {
    candleMs,
    openTimeMs: [],
    endMs: toRow > fromRow ? columns.closeTimeMs[toRow - 1] : 0,
    open: [],
    high: [],
    low: [],
    close: [],
  };
  const startOf = (row: number) => (candleMs === 0 ? columns.openTimeMs[row] : startOfCandle(columns.openTimeMs[row], candleMs));
  for (let from = fromRow; from < toRow; ) {
    const start = startOf(from);
    let highest = columns.high[from];
    let lowest = columns.low[from];
    let to = from + 1;
    for (; candleMs > 0 && to < toRow && startOf(to) === start; to++) {
      if (columns.high[to] > highest) highest = columns.high[to];
      if (columns.low[to] < lowest) lowest = columns.low[to];
    }
    candles.openTimeMs.push(start);
    candles.open.push(handed(columns.open[from]));
    candles.high.push(handed(highest));
    candles.low.push(handed(lowest));
    candles.close.push(handed(columns.close[to - 1]));
    from = to;
  }
  return candles;
}

/** A price with every digit that format.ts's price() may show of it, and no dust of doubles behind. */
export function handed(priceQuote: number): number {
  const size = Math.abs(priceQuote);
  return significant(priceQuote, size < 1 ? 8 : Math.min(17, Math.max(7, size.toFixed(0).length + 2)));
}

/** The shortest length that leaves no more than candlesMax candles; 0 where the bars are few enough as they are. */
function candleLength(bars: BarWindow, candlesMax: number): number {
  const { columns, fromRow, toRow } = bars;
  const rowCount = Math.max(0, toRow - fromRow);
  if (rowCount <= candlesMax) return 0;
  const barMs = columns.closeTimeMs[fromRow] - columns.openTimeMs[fromRow];
  for (const candleMs of candleLengths) {
    if (rowCount * barMs > candleMs * candlesMax) continue;
    let count = 0;
    let start = Number.NaN;
    for (let row = fromRow; row < toRow && count <= candlesMax; row++) {
      const next = startOfCandle(columns.openTimeMs[row], candleMs);
      if (next !== start) count++;
      start = next;
    }
    if (count <= candlesMax) return candleMs;
  }
  return candleLengths[candleLengths.length - 1];
}

function startOfCandle(timeMs: number, candleMs: number): number {
  const origin = candleMs >= weekMs ? mondayMs : 0;
  return Math.floor((timeMs - origin) / candleMs) * candleMs + origin;
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
