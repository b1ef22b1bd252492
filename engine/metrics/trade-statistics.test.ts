import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { exp, log } from '../math.ts';
import { mean } from './moments.ts';
import {
  geometricMeanReturn,
  kellyFraction,
  payoffRatio,
  profitFactor,
  systemQualityNumber,
  tradeColumns,
  winLoss,
  winRate,
} from './trade-statistics.ts';

describe('winLoss', () => {
  test('counts wins, losses, totals and streaks; 0 is neither and ends both streaks', () => {
    expect(winLoss(Float64Array.of(1, 2, 0, 3, -1, -1, 0, -1, -1, -1, 4))).toEqual({
      winCount: 4,
      lossCount: 5,
      winTotal: 10,
      lossTotal: 5,
      winStreakCountMax: 2,
      lossStreakCountMax: 3,
    });
  });
  test('has zeros for no trade, and every ratio of them is NaN', () => {
    const none = winLoss(new Float64Array(0));
    expect(none.winCount + none.lossCount + none.winTotal + none.lossTotal).toBe(0);
    expect(winRate(none, 0)).toBeNaN();
    expect(profitFactor(none)).toBeNaN();
    expect(payoffRatio(none)).toBeNaN();
    expect(kellyFraction(none, 0)).toBeNaN();
  });
  test('profit factor of wins alone is Infinity, of losses alone 0; payoff and Kelly need both', () => {
    const wins = winLoss(Float64Array.of(5, 7));
    const losses = winLoss(Float64Array.of(-5, -7));
    expect(profitFactor(wins)).toBe(Number.POSITIVE_INFINITY);
    expect(profitFactor(losses)).toBe(0);
    for (const outcome of [wins, losses]) {
      expect(payoffRatio(outcome)).toBeNaN();
      expect(kellyFraction(outcome, 2)).toBeNaN();
    }
  });
  test('Kelly of a fair coin that pays two to one is a quarter', () => {
    expect(kellyFraction(winLoss(Float64Array.of(2, -1, 2, -1)), 4)).toBe(0.25);
  });
});

describe('systemQualityNumber', () => {
  test('is √n × mean / deviation', () => {
    // Mean 1, deviation (ddof 1) 2 / √3.
    expect(systemQualityNumber(Float64Array.of(0, 2, 0, 2), 1)).toBeCloseTo(Math.sqrt(3), 12);
  });
  test('is NaN for one trade and Infinity for equal gains', () => {
    expect(systemQualityNumber(Float64Array.of(5), 1)).toBeNaN();
    expect(systemQualityNumber(Float64Array.of(0.1, 0.1, 0.1), 1)).toBe(Number.POSITIVE_INFINITY);
  });
});

describe('geometricMeanReturn', () => {
  test('equals exp(mean(ln(1 + r))) − 1 for up to 300 returns (seed 3)', () => {
    const returns = fc.array(fc.double({ min: -0.9, max: 3, noNaN: true }), { minLength: 1, maxLength: 300 });
    fc.assert(
      fc.property(returns, (values) => {
        const naive = exp(mean(Float64Array.from(values, (value) => log(1 + value)))) - 1;
        expect(geometricMeanReturn(Float64Array.from(values))).toBeCloseTo(naive, 10);
      }),
      { numRuns: 200, seed: 3 },
    );
  });
  test('stays exact where the plain product overflows', () => {
    expect(geometricMeanReturn(new Float64Array(5_000).fill(1))).toBeCloseTo(1, 10);
  });
  test('is −1 where one trade lost all, NaN where one lost more or there is none', () => {
    expect(geometricMeanReturn(Float64Array.of(0.5, -1))).toBe(-1);
    expect(geometricMeanReturn(Float64Array.of(-2, -3))).toBeNaN();
    expect(geometricMeanReturn(new Float64Array(0))).toBeNaN();
  });
});

test('tradeColumns keeps order, counts longs and takes the holding time between the fills', () => {
  const columns = tradeColumns([
    { side: 1, pnlQuote: 3, returnFraction: 0.1, entryMs: 10, exitMs: 25 },
    { side: -1, pnlQuote: -2, returnFraction: -0.2, entryMs: 30, exitMs: 31 },
  ]);
  expect(columns).toEqual({
    count: 2,
    longCount: 1,
    pnlQuote: Float64Array.of(3, -2),
    returnFraction: Float64Array.of(0.1, -0.2),
    holdingMs: Float64Array.of(15, 1),
  });
});
