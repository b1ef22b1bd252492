import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FeedSeries } from '../feed.ts';
import { correlation } from '../metrics/covariance.ts';
import { type BarRow, tapeOf } from '../testing/tapes.ts';
import { BookStatistics } from './book-statistics.ts';
import { DailyCloses } from './daily-closes.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const forEver = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER };
const flat = (price: number): BarRow => [price, price, price, price];

/** Bars of an hour that open at these hours since 1970, closing at these prices. */
function seriesOf(hours: readonly number[], closes: readonly number[]): FeedSeries {
  const tape = tapeOf(closes.map(flat), { timeframe: '1h', openTimesMs: hours.map((hour) => hour * hourMs) });
  return new FeedSeries(tape, 0, true, forEver);
}

/** As a feed does: the last bar that has closed. */
function moveTo(all: readonly FeedSeries[], nowMs: number): void {
  for (const series of all)
    while (series.index + 1 < series.endBar && series.columns.closeTimeMs[series.index + 1] <= nowMs) series.index++;
}

describe('the closes of days', () => {
  test('a day is known once it has ended, by its last bar; a bar that closes at midnight belongs to the day it ends', () => {
    const series = seriesOf([22, 23, 24, 47, 72], [1, 2, 3, 6, 12]);
    const daily = new DailyCloses([series]);
    const knownAt = (nowMs: number) => {
      moveTo([series], nowMs);
      daily.update(nowMs);
      return [...daily.returnsOf([0], 9)[0]];
    };
    expect(knownAt(dayMs - 1)).toEqual([]);
    expect(knownAt(dayMs)).toEqual([]);
    expect(knownAt(2 * dayMs - 1)).toEqual([]);
    // Days 0 and 1 closed at 2 and 6.
    expect(knownAt(2 * dayMs)).toEqual([2]);
    expect(knownAt(4 * dayMs - 1)).toEqual([2]);
    expect(knownAt(4 * dayMs)).toEqual([2, 1]);
  });

  test('returns of several instruments lie between days on which all of them had a bar', () => {
    const a = seriesOf([0, 24, 48, 72], [1, 2, 4, 8]);
    const b = seriesOf([0, 48, 72], [10, 30, 15]);
    moveTo([a, b], 4 * dayMs);
    const daily = new DailyCloses([a, b]);
    daily.update(4 * dayMs);
    expect(daily.returnsOf([0, 1], 9).map((column) => [...column])).toEqual([
      [3, 1],
      [2, -0.5],
    ]);
    expect(daily.returnsOf([0], 2).map((column) => [...column])).toEqual([[1, 1]]);
  });
});

describe('correlations and past days of a book', () => {
  const anySeries = fc.uniqueArray(fc.integer({ min: 0, max: 24 * 12 }), { minLength: 1, maxLength: 80 }).chain((hours) =>
    fc.record({
      hours: fc.constant([...hours].sort((left, right) => left - right)),
      closes: fc.array(fc.integer({ min: 50, max: 150 }), { minLength: hours.length, maxLength: hours.length }),
    }),
  );

  test('at any hour are those worked out anew from all bars that have closed', () => {
    fc.assert(
      fc.property(fc.array(anySeries, { minLength: 2, maxLength: 3 }), fc.integer({ min: 2, max: 6 }), (inputs, days) => {
        const all = inputs.map(({ hours, closes }) => seriesOf(hours, closes));
        const statistics = new BookStatistics(new DailyCloses(all), all.length);
        for (let hour = 0; hour <= 24 * 13; hour += 5) {
          moveTo(all, hour * hourMs);
          statistics.update(hour * hourMs);
          const [left, right] = naiveReturns(inputs.slice(0, 2), hour, days);
          const expected = left.length < days ? Number.NaN : correlation(Float64Array.from(left), Float64Array.from(right));
          expect(statistics.correlationOf(1, 0, days)).toEqual(expected);
          const indexes = inputs.map((_, i) => i);
          const columns = naiveReturns(inputs, hour, days);
          const pnl = columns[0].map((_, row) => columns.reduce((sum, column, i) => sum + (i + 1) * 100 * column[row], 0));
          const found = statistics.pnlOf(indexes, days, (i) => (i + 1) * 100);
          expect(found.length).toBe(pnl.length);
          for (const [row, value] of pnl.entries()) expect(found[row]).toBeCloseTo(value, 9);
        }
      }),
      { numRuns: 60 },
    );
  });

  /** Last close of each whole day before now, by day; then the returns between days that all share. */
  function naiveReturns(
    inputs: readonly { hours: readonly number[]; closes: readonly number[] }[],
    hour: number,
    days: number,
  ): number[][] {
    const byDay = inputs.map(({ hours, closes }) => {
      const map = new Map<number, number>();
      for (const [i, open] of hours.entries()) {
        const day = Math.floor(open / 24);
        if (open + 1 <= hour && (day + 1) * 24 <= hour) map.set(day, closes[i]);
      }
      return map;
    });
    const shared = [...byDay[0].keys()].filter((day) => byDay.every((map) => map.has(day))).slice(-days - 1);
    return byDay.map((map) => shared.slice(1).map((day, i) => (map.get(day) as number) / (map.get(shared[i]) as number) - 1));
  }
});
