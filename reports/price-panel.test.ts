import { expect, test } from 'vitest';
import type { Trade } from '../engine/model/fill.ts';
import type { RunResult } from '../engine/result.ts';
import { candlesOf, markersOf, type Purpose } from './price-panel.ts';
import { fakeInput, wanderingBars } from './testing/fake-input.ts';
import { fakePair } from './testing/fake-pair.ts';

const input = fakeInput({ bars: wanderingBars(120, 11) });
const [bars] = input.bars;

test('merges bars into candles that hold their first open, last close, highest high, lowest low and summed volume', () => {
  const { columns } = bars;
  const candles = candlesOf(bars, 20);
  expect(candles.candleMs).toBe(7 * 86_400_000);
  let row = 0;
  for (const [candle, from] of candles.openTimeMs.entries()) {
    // Weeks begin on Monday.
    expect(new Date(from).getUTCDay()).toBe(1);
    const rows: number[] = [];
    for (; row < columns.length && columns.openTimeMs[row] < from + candles.candleMs; row++) rows.push(row);
    expect(candles.open[candle]).toBe(columns.open[rows[0]]);
    expect(candles.close[candle]).toBe(columns.close[rows[rows.length - 1]]);
    expect(candles.high[candle]).toBe(Math.max(...rows.map((row) => columns.high[row])));
    expect(candles.low[candle]).toBe(Math.min(...rows.map((row) => columns.low[row])));
    expect(candles.volume[candle]).toBe(1_000 * rows.length);
  }
  expect(row).toBe(columns.length);
});

test('merged candles begin on the clock, whatever minute the window begins at', () => {
  const minutes = wanderingBars(1_000, 5, 60_000);
  const candles = candlesOf({ columns: minutes, fromRow: 3, toRow: 1_000 }, 250);
  expect(candles.candleMs).toBe(300_000);
  expect(candles.openTimeMs).toHaveLength(200);
  expect(candles.openTimeMs.filter((time) => time % 300_000 !== 0)).toEqual([]);
  expect(candles.open[0]).toBe(minutes.open[3]);
});

test('leaves the bars outside the window out', () => {
  const candles = candlesOf({ ...bars, fromRow: 10, toRow: 13 }, 100);
  expect(candles.openTimeMs).toEqual([...bars.columns.openTimeMs.slice(10, 13)]);
  expect(candles.endMs).toBe(bars.columns.closeTimeMs[12]);
  expect(candles.candleMs).toBe(0);
  expect(candlesOf({ ...bars, fromRow: 5, toRow: 5 }, 100).open).toEqual([]);
});

test('marks every entry and exit on the candle its bar lies in', () => {
  const { trades, openPositions } = input.result;
  expect(trades.length).toBeGreaterThan(1);
  const markers = markersOf(input.result, [0], candlesOf(bars, 1_000));
  const counted = (purpose: Purpose) =>
    markers.filter((marker) => marker.purpose === purpose).reduce((sum, marker) => sum + marker.count, 0);
  expect(counted('entry')).toBe(trades.length + openPositions.length);
  expect(counted('exit')).toBe(trades.length);
  expect(counted('reduction')).toBe(0);
  expect(markers[0]).toEqual({ candle: trades[0].entryBar, side: 1, purpose: 'entry', count: 1 });
  expect(markers[1]).toEqual({ candle: trades[0].exitBar, side: -1, purpose: 'exit', count: 1 });
});

test('counts the orders of one candle in one mark, and an order that closed two trades once', () => {
  const one = markersOf(input.result, [0], candlesOf(bars, 1));
  const entries = one.find((marker) => marker.purpose === 'entry');
  expect(entries?.count).toBe(input.result.trades.length + input.result.openPositions.length);
  const trade = input.result.trades[0];
  const halves = { ...input.result, fills: [], trades: [trade, { ...trade, entryOrderId: 99 }] };
  expect(markersOf(halves, [0], candlesOf(bars, 1)).map((marker) => [marker.purpose, marker.count])).toEqual([
    ['entry', 2],
    ['exit', 1],
  ]);
});

test('tells what closed a part of an entry from what closed its last', () => {
  const [trade] = input.result.trades;
  const [entry, exit] = input.result.fills;
  const day = 86_400_000;
  const part = (exitOrderId: number, days: number): Trade => {
    const exitMs = trade.entryMs + days * day;
    return { ...trade, exitOrderId, sizeBase: trade.sizeBase / 4, exitMs, exitOpenMs: exitMs };
  };
  const closed = (...trades: Trade[]): RunResult => ({
    ...input.result,
    trades,
    openPositions: [],
    fills: [entry, ...trades.map(({ exitOrderId, sizeBase, exitMs }) => ({ ...exit, orderId: exitOrderId, sizeBase, openTimeMs: exitMs }))],
  });
  // Four exits, the last but one filled in two parts: it is marked once, where it ended.
  const whole = closed(part(7, 1), part(8, 2), part(8, 4), part(9, 6));
  const marks = (result: RunResult) =>
    markersOf(result, [0], candlesOf(bars, 1_000)).map(({ candle, purpose }) => [candle - trade.entryBar, purpose]);
  expect(marks(whole)).toEqual([
    [0, 'entry'],
    [1, 'reduction'],
    [4, 'reduction'],
    [6, 'exit'],
  ]);
  const rest = { instrumentIndex: 0, sizeBase: trade.sizeBase / 4, averagePriceQuote: 1, markPriceQuote: 1, unrealisedPnlQuote: 0 };
  expect(marks({ ...closed(part(7, 1), part(8, 2), part(8, 4)), openPositions: [rest] })).toEqual([
    [0, 'entry'],
    [1, 'reduction'],
    [4, 'reduction'],
  ]);
  // A fee in base left a thousandth over that nobody holds.
  const fee = { ...whole, fills: whole.fills.map((fill, i) => (i === 0 ? { ...fill, sizeBase: fill.sizeBase * 1.001 } : fill)) };
  expect(marks(fee).at(-1)).toEqual([6, 'exit']);
});

test('marks an instrument on its own candles alone', () => {
  const other = fakeInput({ bars: wanderingBars(120, 3), symbol: 'OTHER/USD' });
  const pair = fakePair(input, other);
  expect(markersOf(pair.result, [0], candlesOf(pair.bars[0], 1_000))).toEqual(markersOf(input.result, [0], candlesOf(bars, 1_000)));
  expect(markersOf(pair.result, [1], candlesOf(pair.bars[1], 1_000))).toEqual(
    markersOf(other.result, [0], candlesOf(other.bars[0], 1_000)),
  );
});
