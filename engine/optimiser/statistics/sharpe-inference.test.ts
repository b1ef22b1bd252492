import { describe, expect, test } from 'vitest';
import { createRandom } from '../../random.ts';
import { deflatedSharpe, expectedMaximum, minimumBacktestYears, varianceOfMaximum } from './best-of-many.ts';
import {
  minimumTrackRecord,
  probabilisticSharpe,
  type SharpeSample,
  sharpePValue,
  sharpeSampleOf,
  sharpeStandardError,
} from './sharpe-inference.ts';

const normal: SharpeSample = { sharpePerPeriod: 0.1, periodCount: 500, skewness: 0, kurtosis: 3, autocorrelation: 0 };

describe('a sample', () => {
  test('has the figures of its returns, counted by hand', () => {
    // Differences from the mean 2: −1, 1, −1, 1; squares 4, products of neighbours −3.
    const sample = sharpeSampleOf(Float64Array.of(1, 3, 1, 3), 0.5);
    expect(sample).toEqual({ sharpePerPeriod: 1.5 / Math.sqrt(4 / 3), periodCount: 4, skewness: 0, kurtosis: 1, autocorrelation: -0.75 });
  });

  test('passes over a NaN return, and makes no pair across it', () => {
    const sample = sharpeSampleOf(Float64Array.of(Number.NaN, 1, 3, Number.NaN, 1, 3), 0.5);
    expect(sample.periodCount).toBe(4);
    expect(sample.sharpePerPeriod).toBe(1.5 / Math.sqrt(4 / 3));
    expect(sample.autocorrelation).toBe(-0.5);
  });

  test.each([
    ['no returns', []],
    ['one return', [0.01]],
    ['returns that never move', [0.1, 0.1, 0.1]],
  ])('of %s has no Sharpe ratio, and no probability', (_name, returns) => {
    const sample = sharpeSampleOf(Float64Array.from(returns), 0);
    expect(sample.sharpePerPeriod).toBeNaN();
    for (const form of ['2012', '2025'] as const) {
      expect(probabilisticSharpe(sample, { benchmarkSharpe: 0, form })).toBeNaN();
      expect(sharpePValue(sample, { benchmarkSharpe: 0, form })).toBeNaN();
      expect(minimumTrackRecord(sample, { benchmarkSharpe: 0, form, confidence: 0.95 })).toBeNaN();
      expect(deflatedSharpe(sample, { trialCount: 10, sharpeVariance: 0.1, form }).probability).toBeNaN();
    }
  });
});

describe('the error of a Sharpe ratio', () => {
  const sharpesOf = (makeReturns: (random: ReturnType<typeof createRandom>, returns: Float64Array) => void, periodCount: number) => {
    const random = createRandom(7);
    const returns = new Float64Array(periodCount);
    return Float64Array.from({ length: 4000 }, () => {
      makeReturns(random, returns);
      return sharpeSampleOf(returns, 0).sharpePerPeriod;
    });
  };
  const spread = (values: Float64Array) => {
    const centre = values.reduce((sum, value) => sum + value, 0) / values.length;
    return Math.sqrt(values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / values.length);
  };

  // 4,000 samples know a deviation to 1.1 %: four times that, and the O(1/T) that the formulas leave out.
  test.each([0.6, 0, -0.4])(
    'is what 4,000 samples of 400 normal returns with autocorrelation %d show, within a sixteenth',
    (autocorrelation) => {
      const sharpes = sharpesOf((random, returns) => {
        let state = random.normal();
        for (let t = 0; t < returns.length; t++) {
          returns[t] = 0.1 + state;
          state = autocorrelation * state + Math.sqrt(1 - autocorrelation ** 2) * random.normal();
        }
      }, 400);
      const expected = sharpeStandardError({ ...normal, periodCount: 400, autocorrelation }, { sharpePerPeriod: 0.1, form: '2025' });
      expect(Math.abs(spread(sharpes) / expected - 1)).toBeLessThan(1 / 16);
    },
  );

  test('is what 4,000 samples of 400 skewed returns show, within a sixteenth', () => {
    // 1 less an exponential value: skewness −2, kurtosis 9, deviation 1.
    const sharpes = sharpesOf((random, returns) => {
      for (let t = 0; t < returns.length; t++) returns[t] = 1.3 + Math.log(1 - random());
    }, 400);
    const expected = sharpeStandardError(
      { ...normal, periodCount: 400, skewness: -2, kurtosis: 9 },
      { sharpePerPeriod: 0.3, form: '2012' },
    );
    expect(Math.abs(spread(sharpes) / expected - 1)).toBeLessThan(1 / 16);
  });

  test('is NaN where there is no period, or no returns can have the shape', () => {
    expect(sharpeStandardError({ ...normal, periodCount: 1 }, { sharpePerPeriod: 0, form: '2012' })).toBeNaN();
    expect(sharpeStandardError({ ...normal, periodCount: 0 }, { sharpePerPeriod: 0, form: '2025' })).toBeNaN();
    expect(sharpeStandardError({ ...normal, skewness: 5, kurtosis: 1 }, { sharpePerPeriod: 1, form: '2012' })).toBeNaN();
  });
});

describe('records and probabilities', () => {
  test.each(['2012', '2025'] as const)('%s: with the minimum track record the probability is the confidence', (form) => {
    for (const benchmarkSharpe of [-0.05, 0, 0.05]) {
      const sample = { ...normal, skewness: -0.5, kurtosis: 6, autocorrelation: 0.1 };
      const periodCount = minimumTrackRecord(sample, { benchmarkSharpe, form, confidence: 0.95 });
      expect(probabilisticSharpe({ ...sample, periodCount }, { benchmarkSharpe, form })).toBeCloseTo(0.95, 12);
    }
  });

  test('no record is long enough for a ratio that is not above the benchmark', () => {
    expect(minimumTrackRecord(normal, { benchmarkSharpe: 0.1, form: '2012', confidence: 0.95 })).toBe(Number.POSITIVE_INFINITY);
    expect(minimumBacktestYears({ trialCount: 10, sharpeAnnual: 0 })).toBe(Number.POSITIVE_INFINITY);
  });

  test('a p-value keeps its digits where the probability is 1', () => {
    const sample = { ...normal, sharpePerPeriod: 1, kurtosis: 3 };
    expect(probabilisticSharpe(sample, { benchmarkSharpe: 0, form: '2025' })).toBe(1);
    expect(sharpePValue(sample, { benchmarkSharpe: 0, form: '2025' })).toBeGreaterThan(0);
    expect(sharpePValue(sample, { benchmarkSharpe: 0, form: '2025' })).toBeLessThan(1e-100);
  });
});

describe('the best of many', () => {
  test('of one trial is no choice: the deflated ratio is the probabilistic one', () => {
    expect([1, 1.2].map(expectedMaximum)).toEqual([0, 0]);
    for (const form of ['2012', '2025'] as const) {
      const { expectedMaximumSharpe, probability } = deflatedSharpe(normal, { trialCount: 1, sharpeVariance: 0.01, form });
      expect(expectedMaximumSharpe).toBe(0);
      expect(probability).toBeCloseTo(probabilisticSharpe(normal, { benchmarkSharpe: 0, form }), 12);
    }
  });

  test('of fewer than one trial is nothing', () => {
    expect(expectedMaximum(0.9)).toBeNaN();
    expect(varianceOfMaximum(0.9)).toBeNaN();
    expect(deflatedSharpe(normal, { trialCount: Number.NaN, sharpeVariance: 0.01, form: '2012' }).probability).toBeNaN();
  });

  test.each([10, 100, 1000])('of %i normal values stands and varies as 20,000 draws show', (trialCount) => {
    const random = createRandom(3);
    let sum = 0;
    let squares = 0;
    for (let draw = 0; draw < 20_000; draw++) {
      let largest = Number.NEGATIVE_INFINITY;
      for (let k = 0; k < trialCount; k++) largest = Math.max(largest, random.normal());
      sum += largest;
      squares += largest * largest;
    }
    const centre = sum / 20_000;
    // The approximation is 2.4 % high at 10 trials and nearer with more.
    expect(Math.abs(expectedMaximum(trialCount) / centre - 1)).toBeLessThan(0.03);
    expect(Math.abs(varianceOfMaximum(trialCount) / (squares / 20_000 - centre * centre) - 1)).toBeLessThan(0.05);
  });

  test('more trials raise the hurdle and lower the probability', () => {
    const sample = { ...normal, sharpePerPeriod: 0.15 };
    const probabilities = [2, 10, 100, 1000].map(
      (trialCount) => deflatedSharpe(sample, { trialCount, sharpeVariance: 0.002, form: '2012' }).probability,
    );
    expect([...probabilities].sort((a, b) => b - a)).toEqual(probabilities);
    expect(new Set(probabilities).size).toBe(4);
  });
});
