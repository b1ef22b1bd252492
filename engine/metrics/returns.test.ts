import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { alphaBeta, captureRatio, correlation, informationRatio, trackingError } from './benchmark.ts';
import { omegaRatio, sharpeRatio, sortinoRatio } from './ratios.ts';
import {
  annualised,
  annualReturn,
  cagr,
  cumulativeReturn,
  growthOf,
  lastByPeriod,
  periodNumber,
  ratePerPeriod,
  returnsByPeriod,
  simpleReturns,
  yearMs,
} from './returns.ts';
import { rolling } from './rolling.ts';
import { conditionalValueAtRisk, valueAtRisk } from './value-at-risk.ts';

const none = new Float64Array(0);

describe('returns', () => {
  test('simple returns compound back to the prices they came from (seed 2)', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 1, max: 1e3, noNaN: true }), { minLength: 1, maxLength: 60 }), (prices) => {
        const growth = growthOf(simpleReturns(Float64Array.from(prices)));
        for (let i = 0; i < growth.length; i++) expect(growth[i] / (prices[i + 1] / prices[0])).toBeCloseTo(1, 9);
      }),
      { numRuns: 200, seed: 2 },
    );
  });
  test('a return on a debt is undefined, on nothing infinite', () => {
    expect([...simpleReturns(Float64Array.of(-5, 5, 0, 5))]).toEqual([Number.NaN, -1, Number.POSITIVE_INFINITY]);
  });
  test('an undefined return counts as time passed, not as a return', () => {
    expect(annualReturn(Float64Array.of(Number.NaN, 0.1), 2)).toBeCloseTo(0.1, 12);
    expect(cumulativeReturn(Float64Array.of(Number.NaN, 0.1))).toBeCloseTo(0.1, 12);
  });
  test('none, no time, or more than all lost is NaN; all lost is −1', () => {
    expect(simpleReturns(none)).toHaveLength(0);
    expect(cumulativeReturn(none)).toBeNaN();
    expect(annualised(0.1, 0)).toBeNaN();
    expect(annualised(-1.5, 0.3)).toBeNaN();
    expect(annualised(-1, 0.3)).toBe(-1);
    expect(cagr({ startQuote: 100, endQuote: 121, durationMs: 2 * yearMs })).toBeCloseTo(0.1, 12);
  });
  test('the rate a period compounds to the year', () => {
    expect(cumulativeReturn(new Float64Array(12).fill(ratePerPeriod(0.08, 12)))).toBeCloseTo(0.08, 12);
    expect(ratePerPeriod(0, 12)).toBe(0);
  });
});

describe('calendar periods', () => {
  test('weeks begin on Monday, also before 1970; quarters and years on the first', () => {
    const sunday = Date.UTC(2024, 0, 7);
    expect(periodNumber(sunday, 'week') + 1).toBe(periodNumber(sunday + 86_400_000, 'week'));
    expect(periodNumber(Date.UTC(1969, 11, 28), 'week') + 1).toBe(periodNumber(Date.UTC(1969, 11, 29), 'week'));
    expect(periodNumber(Date.UTC(2024, 2, 31), 'quarter') + 1).toBe(periodNumber(Date.UTC(2024, 3, 1), 'quarter'));
    expect(periodNumber(Date.UTC(2023, 11, 31), 'year') + 1).toBe(periodNumber(Date.UTC(2024, 0, 1), 'year'));
  });
  test('the last value of a period stands for it, and returns compound within it', () => {
    const timeMs = Float64Array.of(Date.UTC(2024, 0, 30), Date.UTC(2024, 0, 31), Date.UTC(2024, 1, 1));
    expect([...lastByPeriod(Float64Array.of(1, 2, 3), timeMs, 'month')]).toEqual([2, 3]);
    const totals = returnsByPeriod(Float64Array.of(0.1, 0.1, -0.5), timeMs, 'month');
    expect(totals[0]).toBeCloseTo(0.21, 12);
    expect(totals[1]).toBe(-0.5);
    expect(returnsByPeriod(none, none, 'month')).toHaveLength(0);
  });
});

describe('ratios at the edges', () => {
  const options = { periodsPerYear: 252, ratePerPeriod: 0 };
  test('gains without deviation: Sharpe and Sortino Infinity, Omega NaN for want of a shortfall', () => {
    const gains = Float64Array.of(0.01, 0.01, 0.01);
    expect(sharpeRatio(gains, options)).toBe(Number.POSITIVE_INFINITY);
    expect(sortinoRatio(gains, options)).toBe(Number.POSITIVE_INFINITY);
    expect(omegaRatio(gains, 0)).toBeNaN();
  });
  test('one return has none of them', () => {
    for (const figure of [sharpeRatio, sortinoRatio]) expect(figure(Float64Array.of(0.01), options)).toBeNaN();
    expect(omegaRatio(Float64Array.of(-0.01), 0)).toBeNaN();
  });
  test('a loss in the tail is positive', () => {
    const returns = Float64Array.of(-0.2, 0.1, 0.1, 0.1, -0.1);
    expect(valueAtRisk(returns, 0.05)).toBeCloseTo(0.18, 12);
    expect(conditionalValueAtRisk(returns, 0.25)).toBeCloseTo(0.15, 12);
    expect(valueAtRisk(none, 0.05)).toBeNaN();
    expect(conditionalValueAtRisk(none, 0.05)).toBeNaN();
  });
});

describe('against a benchmark', () => {
  const benchmark = Float64Array.of(0.01, -0.02, 0.03, Number.NaN, 0.01);
  test('a column that is twice the benchmark and a bit has beta 2, correlation 1, and the bit as alpha', () => {
    const returns = benchmark.map((value) => 2 * value + 0.001);
    const line = alphaBeta(returns, benchmark, { periodsPerYear: 2, ratePerPeriod: 0 });
    expect(line.betaRatio).toBeCloseTo(2, 12);
    expect(line.alphaFraction).toBeCloseTo(1.001 * 1.001 - 1, 12);
    expect(correlation(returns, benchmark)).toBeCloseTo(1, 12);
  });
  test('a rate is taken off both sides: a column equal to the benchmark has no alpha, cash at the rate neither', () => {
    const options = { periodsPerYear: 2, ratePerPeriod: 0.004 };
    expect(alphaBeta(benchmark, benchmark, options).alphaFraction).toBeCloseTo(0, 12);
    expect(alphaBeta(new Float64Array(5).fill(0.004), benchmark, options).alphaFraction).toBeCloseTo(0, 12);
    expect(alphaBeta(new Float64Array(5).fill(0.014), benchmark, options).alphaFraction).toBeCloseTo(1.01 * 1.01 - 1, 12);
  });
  test('a still benchmark has no beta; fewer than two common rows have nothing', () => {
    const still = new Float64Array(5);
    expect(alphaBeta(benchmark, still, { periodsPerYear: 1, ratePerPeriod: 0 }).betaRatio).toBeNaN();
    expect(trackingError(Float64Array.of(0.1), Float64Array.of(0.2), 252)).toBeNaN();
    expect(informationRatio(none, none, 252)).toBeNaN();
    expect(correlation(none, none)).toBeNaN();
  });
  test('captures half of the ups where it moves half as much', () => {
    const half = benchmark.map((value) => value / 2);
    expect(captureRatio(half, benchmark, { side: 'up', periodsPerYear: 3 })).toBeCloseTo(
      (1.005 * 1.015 * 1.005 - 1) / (1.01 * 1.03 * 1.01 - 1),
      12,
    );
    expect(captureRatio(half, new Float64Array(5), { side: 'up', periodsPerYear: 3 })).toBeNaN();
  });
});

test('rolling gives one value for each full window, none where the window is longer', () => {
  const values = [1, 2, 3, 4];
  expect([...rolling(4, 3, (from, to) => values.slice(from, to).reduce((sum, value) => sum + value, 0))]).toEqual([6, 9]);
  expect(rolling(2, 3, () => 1)).toHaveLength(0);
});
