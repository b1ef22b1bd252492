import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Curve, drawdownColumn, drawdownEpisodes, drawdownMax, painIndex, summariseDrawdowns, ulcerIndex } from './drawdown.ts';

const curveOf = (values: readonly number[], startQuote = 100): Curve => ({
  timeMs: Float64Array.from(values, (_, i) => (i + 1) * 10),
  equityQuote: Float64Array.from(values),
  length: values.length,
  startMs: 0,
  startQuote,
});

/** By definition: for each row the largest value so far, found anew; an episode runs from its peak to the first row not below it. */
function naive(curve: Curve) {
  const values = [curve.startQuote, ...curve.equityQuote.subarray(0, curve.length)];
  const times = [curve.startMs, ...curve.timeMs.subarray(0, curve.length)];
  const peakAt = (row: number) => Math.max(...values.slice(0, row + 1));
  const depth = (row: number) => (peakAt(row) - values[row]) / peakAt(row);
  const episodes: { fraction: number; ms: number }[] = [];
  for (let row = 1; row < values.length; row++) {
    if (values[row] >= peakAt(row) || (row > 1 && values[row - 1] < peakAt(row - 1))) continue;
    let end = row;
    while (end < values.length && values[end] < peakAt(row)) end++;
    const inside = values.slice(row, end);
    const fraction = (peakAt(row) - Math.min(...inside)) / peakAt(row);
    episodes.push({ fraction, ms: times[Math.min(end, values.length - 1)] - times[row - 1] });
  }
  return { values, depth, episodes };
}

/** Small whole numbers make ties and returns to the very peak common; long flat stretches reach the blocks of eight. */
const curves = fc
  .array(fc.tuple(fc.integer({ min: 60, max: 140 }), fc.integer({ min: 1, max: 12 })), { maxLength: 30 })
  .map((runs) => curveOf(runs.flatMap(([value, times]) => new Array<number>(times).fill(value))));

describe('summariseDrawdowns', () => {
  test('equals the naive definition on 500 random curves (seed 7)', () => {
    fc.assert(
      fc.property(curves, (curve) => {
        const found = summariseDrawdowns(curve);
        const { values, depth, episodes } = naive(curve);
        const last = values.length - 1;
        expect(found.count).toBe(episodes.length);
        expect(found.fractionMax).toBe(Math.max(0, ...episodes.map((episode) => episode.fraction)));
        expect(found.fractionFinal).toBe(depth(last));
        expect(found.msMax).toBe(Math.max(0, ...episodes.map((episode) => episode.ms)));
        const mean = (pick: (episode: { fraction: number; ms: number }) => number) =>
          episodes.length === 0 ? 0 : episodes.reduce((sum, episode) => sum + pick(episode), 0) / episodes.length;
        expect(found.fractionAverage).toBeCloseTo(
          mean((episode) => episode.fraction),
          12,
        );
        expect(found.msAverage).toBeCloseTo(
          mean((episode) => episode.ms),
          9,
        );
        expect(found.peakQuote).toBe(Math.max(...values));
        expect(found.lowestQuote).toBe(Math.min(...values));
      }),
      { numRuns: 500, seed: 7 },
    );
  });
  test('agrees with the list of episodes and with the column of depths on 500 random curves (seed 11)', () => {
    fc.assert(
      fc.property(curves, (curve) => {
        const found = summariseDrawdowns(curve);
        const episodes = drawdownEpisodes(curve);
        const depths = drawdownColumn(curve.equityQuote, curve.startQuote);
        expect(episodes).toHaveLength(found.count);
        expect(Math.max(0, ...episodes.map((episode) => episode.drawdownFraction))).toBe(found.fractionMax);
        expect(Math.max(0, ...depths)).toBe(found.fractionMax);
        if (curve.length > 0) expect(drawdownMax(curve.equityQuote, curve.startQuote)).toBe(found.fractionMax);
      }),
      { numRuns: 500, seed: 11 },
    );
  });
  test('reads only the rows in use', () => {
    const curve = { ...curveOf([110, 99, 120, 1]), length: 3 };
    expect(summariseDrawdowns(curve)).toMatchObject({ fractionMax: 0.1, fractionFinal: 0, count: 1, peakQuote: 120, lowestQuote: 99 });
  });
  test('counts a loss in the first row from the start on', () => {
    expect(summariseDrawdowns(curveOf([80, 100]))).toMatchObject({ fractionMax: 0.2, msMax: 20, lowestQuote: 80 });
  });
  test('measures from the last row at the peak, to the end where it is never reached again', () => {
    expect(summariseDrawdowns(curveOf([100, 100, 90, 95]))).toMatchObject({ msMax: 20, fractionFinal: 0.05 });
  });
  test('is above 1 where more than all is lost', () => {
    expect(summariseDrawdowns(curveOf([50, -25])).fractionMax).toBe(1.25);
  });
  test('is 0 throughout without a row', () => {
    expect(summariseDrawdowns(curveOf([]))).toEqual({
      fractionMax: 0,
      fractionAverage: 0,
      fractionFinal: 0,
      msMax: 0,
      msAverage: 0,
      count: 0,
      peakQuote: 100,
      lowestQuote: 100,
    });
  });
});

test('an episode has peak, first trough and recovery; without recovery NaN', () => {
  expect(drawdownEpisodes(curveOf([110, 100, 99, 99, 110, 104]))).toEqual([
    { peakMs: 10, troughMs: 30, recoveryMs: 50, peakQuote: 110, troughQuote: 99, drawdownFraction: 0.1 },
    { peakMs: 50, troughMs: 60, recoveryMs: Number.NaN, peakQuote: 110, troughQuote: 104, drawdownFraction: 6 / 110 },
  ]);
});

test('ulcer is the root mean square of depths, pain their mean; of none NaN', () => {
  expect(ulcerIndex(Float64Array.of(0, 0.3, 0.4))).toBeCloseTo(Math.sqrt(0.25 / 3), 12);
  expect(painIndex(Float64Array.of(0, 0.3, 0.3))).toBeCloseTo(0.2, 12);
  expect(ulcerIndex(new Float64Array(0))).toBeNaN();
  expect(drawdownMax(new Float64Array(0), 1)).toBeNaN();
});
