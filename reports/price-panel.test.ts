import { expect, test } from 'vitest';
import { candlesOf, markersOf } from './price-panel.ts';
import { fakeInput, wanderingBars } from './testing/fake-input.ts';

const input = fakeInput({ bars: wanderingBars(120, 11) });

test('merges bars into candles that hold their first open, last close, highest high and lowest low', () => {
  const { columns } = input.bars;
  const candles = candlesOf(input.bars, 17);
  expect(candles.barsPerCandle).toBe(8);
  expect(candles.open).toHaveLength(15);
  for (let candle = 0; candle < 15; candle++) {
    const rows = Array.from({ length: 8 }, (_, i) => candle * 8 + i);
    expect(candles.openTimeMs[candle]).toBe(columns.openTimeMs[rows[0]]);
    expect(candles.open[candle]).toBe(columns.open[rows[0]]);
    expect(candles.close[candle]).toBe(columns.close[rows[7]]);
    expect(candles.high[candle]).toBe(Math.max(...rows.map((row) => columns.high[row])));
    expect(candles.low[candle]).toBe(Math.min(...rows.map((row) => columns.low[row])));
  }
});

test('leaves the bars outside the window out', () => {
  const candles = candlesOf({ ...input.bars, fromRow: 10, toRow: 13 }, 100);
  expect(candles.openTimeMs).toEqual([...input.bars.columns.openTimeMs.slice(10, 13)]);
  expect(candles.endMs).toBe(input.bars.columns.closeTimeMs[12]);
  expect(candlesOf({ ...input.bars, fromRow: 5, toRow: 5 }, 100).open).toEqual([]);
});

test('marks every entry and exit on the candle its bar lies in', () => {
  const { trades, openPositions } = input.result;
  expect(trades.length).toBeGreaterThan(1);
  const markers = markersOf(input.result, candlesOf(input.bars, 1_000));
  const counted = (isEntry: boolean) =>
    markers.filter((marker) => marker.isEntry === isEntry).reduce((sum, marker) => sum + marker.count, 0);
  expect(counted(true)).toBe(trades.length + openPositions.length);
  expect(counted(false)).toBe(trades.length);
  expect(markers[0]).toEqual({ candle: trades[0].entryBar, side: 1, isEntry: true, count: 1 });
  expect(markers[1]).toEqual({ candle: trades[0].exitBar, side: -1, isEntry: false, count: 1 });
});

test('counts the fills of one candle in one mark, and an order that closed two trades once', () => {
  const one = markersOf(input.result, candlesOf(input.bars, 1));
  const entries = one.find((marker) => marker.isEntry);
  expect(entries?.count).toBe(input.result.trades.length + input.result.openPositions.length);
  const trade = input.result.trades[0];
  const halves = { ...input.result, fills: [], trades: [trade, { ...trade, entryOrderId: 99 }] };
  expect(markersOf(halves, candlesOf(input.bars, 1)).map((marker) => [marker.isEntry, marker.count])).toEqual([
    [true, 2],
    [false, 1],
  ]);
});
