import { expect, test } from 'vitest';
import { candlesOf, markersOf } from './price-panel.ts';
import { fakeInput, wanderingBars } from './testing/fake-input.ts';

const input = fakeInput({ bars: wanderingBars(120, 11) });

test('merges bars into candles that hold their first open, last close, highest high and lowest low', () => {
  const { columns } = input.bars;
  const candles = candlesOf(input.bars, 20);
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
  }
  expect(row).toBe(columns.length);
});

test('merged candles begin on the clock, whatever minute the window begins at', () => {
  const minutes = fakeInput({ bars: wanderingBars(1_000, 5, 60_000) });
  const candles = candlesOf({ ...minutes.bars, fromRow: 3 }, 250);
  expect(candles.candleMs).toBe(300_000);
  expect(candles.openTimeMs).toHaveLength(200);
  expect(candles.openTimeMs.filter((time) => time % 300_000 !== 0)).toEqual([]);
  expect(candles.open[0]).toBe(minutes.bars.columns.open[3]);
});

test('leaves the bars outside the window out', () => {
  const candles = candlesOf({ ...input.bars, fromRow: 10, toRow: 13 }, 100);
  expect(candles.openTimeMs).toEqual([...input.bars.columns.openTimeMs.slice(10, 13)]);
  expect(candles.endMs).toBe(input.bars.columns.closeTimeMs[12]);
  expect(candlesOf({ ...input.bars, fromRow: 10, toRow: 13 }, 100).candleMs).toBe(0);
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
