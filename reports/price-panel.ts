/** Owns the data of the price panel: candles few enough to draw, and the orders that filled on them. Never shows a price no bar had. */
import type { SeriesKey } from '../engine/model/bar.ts';
import type { Side } from '../engine/model/order.ts';
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
  /** Sums; 0 where the bars tell no volume. */
  readonly volume: readonly number[];
}

/** What an order did: it closed a part of what an entry had opened, or the last of it, or it opened. The page knows them by their place here. */
export const purposes = ['reduction', 'exit', 'entry'] as const;
export type Purpose = (typeof purposes)[number];

/** Orders of one side and purpose inside one candle. */
export interface Marker {
  readonly candle: number;
  readonly side: Side;
  readonly purpose: Purpose;
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
  const candles: Candles & Record<'openTimeMs' | 'open' | 'high' | 'low' | 'close' | 'volume', number[]> = {
    candleMs,
    openTimeMs: [],
    endMs: toRow > fromRow ? columns.closeTimeMs[toRow - 1] : 0,
    open: [],
    high: [],
    low: [],
    close: [],
    volume: [],
  };
  const startOf = (row: number) => (candleMs === 0 ? columns.openTimeMs[row] : startOfCandle(columns.openTimeMs[row], candleMs));
  for (let from = fromRow; from < toRow; ) {
    const start = startOf(from);
    let highest = columns.high[from];
    let lowest = columns.low[from];
    let volume = columns.volume[from];
    let to = from + 1;
    for (; candleMs > 0 && to < toRow && startOf(to) === start; to++) {
      if (columns.high[to] > highest) highest = columns.high[to];
      if (columns.low[to] < lowest) lowest = columns.low[to];
      volume += columns.volume[to];
    }
    candles.openTimeMs.push(start);
    candles.open.push(handed(columns.open[from]));
    candles.high.push(handed(highest));
    candles.low.push(handed(lowest));
    candles.close.push(handed(columns.close[to - 1]));
    candles.volume.push(Number.isFinite(volume) ? significant(volume, 3) : 0);
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

/** Places among result.instruments of those that a series prices: one, or both legs of a hedge account. */
export function instrumentsOf({ instruments }: RunResult, { venue, symbol }: SeriesKey): number[] {
  return instruments.flatMap((instrument, i) => (instrument.venue === venue && instrument.symbol === symbol ? [i] : []));
}

/**
 * Orders of the instruments on the candles, one marker for each candle, side and purpose, in time order. An order is marked once however many
 * fills and trades it took: where it began to open, and where it ended to close.
 */
export function markersOf(result: RunResult, instrumentIndexes: readonly number[], candles: Candles): Marker[] {
  const markers = new Map<string, Marker>();
  const mark = (timeMs: number, side: Side, purpose: Purpose) => {
    if (candles.openTimeMs.length === 0 || timeMs < candles.openTimeMs[0] || timeMs >= candles.endMs) return;
    const candle = candleAt(candles.openTimeMs, timeMs);
    const key = `${candle} ${side} ${purpose}`;
    const known = markers.get(key);
    if (known) known.count++;
    else markers.set(key, { candle, side, purpose, count: 1 });
  };
  const isShown = ({ instrumentIndex }: { readonly instrumentIndex: number }) => instrumentIndexes.includes(instrumentIndex);
  const trades = result.trades.filter(isShown);
  const entries = new Map<number, { timeMs: number; side: Side }>();
  const exits = new Map<number, { timeMs: number; side: Side }>();
  for (const trade of trades) {
    const { entryOrderId, exitOrderId, side } = trade;
    if (!entries.has(entryOrderId)) entries.set(entryOrderId, { timeMs: trade.entryOpenMs, side });
    exits.set(exitOrderId, { timeMs: trade.exitOpenMs, side: side === 1 ? -1 : 1 });
  }
  // Fills that belong to no closed trade opened what is still held.
  for (const fill of result.fills) {
    const { orderId, openTimeMs, side } = fill;
    if (isShown(fill) && !entries.has(orderId) && !exits.has(orderId)) entries.set(orderId, { timeMs: openTimeMs, side });
  }
  const last = lastExits(result);
  for (const { timeMs, side } of entries.values()) mark(timeMs, side, 'entry');
  for (const [orderId, { timeMs, side }] of exits) mark(timeMs, side, last.has(orderId) ? 'exit' : 'reduction');
  return [...markers.values()].sort(
    (a, b) => a.candle - b.candle || b.side - a.side || purposes.indexOf(a.purpose) - purposes.indexOf(b.purpose),
  );
}

/** Orders that closed the last of what an entry had opened. */
function lastExits({ trades, fills, openPositions }: RunResult): Set<number> {
  const entries = new Map<number, { instrumentIndex: number; exitOrderId: number; restBase: number }>();
  for (const { entryOrderId, exitOrderId, instrumentIndex } of trades)
    entries.set(entryOrderId, { instrumentIndex, exitOrderId, restBase: 0 });
  const change = (orderId: number, sizeBase: number) => {
    const entry = entries.get(orderId);
    if (entry) entry.restBase += sizeBase;
  };
  for (const { orderId, sizeBase } of fills) change(orderId, sizeBase);
  // A fill that turns a position closes with one part of itself and opens with the other.
  for (const { entryOrderId, exitOrderId, sizeBase } of trades) {
    change(entryOrderId, -sizeBase);
    change(exitOrderId, -sizeBase);
  }
  const held = new Map(openPositions.map(({ instrumentIndex, sizeBase }) => [instrumentIndex, Math.abs(sizeBase)]));
  const last = new Set<number>();
  for (const { instrumentIndex, exitOrderId, restBase } of entries.values()) {
    // Fees in base leave a little of an entry over that nobody holds.
    const isHeld = restBase > 0.01 * (held.get(instrumentIndex) ?? Number.POSITIVE_INFINITY);
    if (!isHeld) last.add(exitOrderId);
  }
  return last;
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
