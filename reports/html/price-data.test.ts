import { expect, test } from 'vitest';
import { candlesOf, markersOf } from '../price-panel.ts';
import type { ReportInput } from '../report-input.ts';
import { fakeInput, wanderingBars } from '../testing/fake-input.ts';
import { fakePair } from '../testing/fake-pair.ts';
import { type PackedSeries, unpackedCandles, unpackedMarkers } from '../testing/unpacked.ts';
import { candlesMax, priceSeries, seriesMax } from './price-data.ts';

const packed = (input: ReportInput) => priceSeries(input) as PackedSeries[];
const small = fakeInput({ bars: wanderingBars(300, 11), fast: 3, slow: 8 });

/** The same run in prices so many times as high. */
function scaled(factor: number): ReportInput {
  const [{ columns, ...window }] = small.bars;
  const times = (column: Float64Array) => column.map((price) => Number((price * factor).toPrecision(7)));
  const prices = { open: times(columns.open), high: times(columns.high), low: times(columns.low), close: times(columns.close) };
  return { ...small, bars: [{ ...window, columns: { ...columns, ...prices } }] };
}

test.each([1, 1e-6, 1e6, 12_345.678, 1e12])('hands over every price exactly, %d times as high', (factor) => {
  const input = scaled(factor);
  const [series] = packed(input);
  const { openTimeMs, open, high, low, close } = candlesOf(input.bars[0], candlesMax);
  expect(unpackedCandles(series)).toEqual(
    openTimeMs.map((timeMs, i) => ({ timeMs, open: open[i], high: high[i], low: low[i], close: close[i] })),
  );
});

test('prices that no whole number reaches keep fifteen digits', () => {
  const [series] = packed(scaled(1.7e200));
  const { close } = candlesOf(scaled(1.7e200).bars[0], candlesMax);
  for (const [i, candle] of unpackedCandles(series).entries()) expect(candle.close / close[i]).toBeCloseTo(1, 12);
});

test('hands over every marker', () => {
  const [series] = packed(small);
  expect(unpackedMarkers(series)).toEqual(markersOf(small.result, [0], candlesOf(small.bars[0], candlesMax)));
  expect(series.markers.length).toBeGreaterThan(20);
});

test('offers every series of the run, each with the orders of its instrument', () => {
  const other = fakeInput({ bars: wanderingBars(300, 3), fast: 3, slow: 8, symbol: 'OTHER/USD' });
  const [first, second] = packed(fakePair(small, other));
  expect([first.name, second.name]).toEqual(['test TEST/USD 1d', 'test OTHER/USD 1d']);
  expect([first.instruments, second.instruments]).toEqual([[0], [1]]);
  expect(second.rows).toEqual(packed(other)[0].rows);
  expect(second.markers).toEqual(packed(other)[0].markers);
});

test('however many series there are, all candles together stay few', () => {
  const long = fakeInput({ bars: wanderingBars(20_000, 5, 60_000) });
  const many = (count: number): ReportInput => ({
    ...long,
    bars: Array.from({ length: count }, () => long.bars[0]),
    result: { ...long.result, series: Array.from({ length: count }, () => long.result.series[0]) },
  });
  for (const count of [1, 3, 20, 500]) {
    const series = packed(many(count));
    expect(series).toHaveLength(Math.min(count, seriesMax));
    const candleCount = series.reduce((sum, { rows }) => sum + rows.length / 5, 0);
    expect(candleCount).toBeLessThanOrEqual(Math.min(12_000, count * candlesMax));
    expect(JSON.stringify(series).length).toBeLessThan(candleCount * 40 + series.length * 2_000);
  }
  expect(packed(many(1))[0].note).toBe('4,000 candles of 5 min each');
});

test('volume is left out where the bars tell none', () => {
  const [{ columns, ...window }] = small.bars;
  const [without] = packed({ ...small, bars: [{ ...window, columns: { ...columns, volume: new Float64Array(columns.length) } }] });
  expect(without.volume).toEqual([]);
  expect(packed(small)[0].volume).toHaveLength(300);
});
