/**
 * Published figures of Sharpe inference: what papers print, what the code of their authors gives, and what other libraries give. All of them are met. Where
 * a library takes an excess kurtosis for a kurtosis (vectorbt, quantstats, PerformanceAnalytics) its figure comes out of our formula and its inputs.
 * Left out: the 50 returns behind the figures of rubenbriones' tests, which are not among the oracles; three figures of theirs are held against one another.
 */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { kurtosis, kurtosisExcessSample, mean, skewness, skewnessSample, standardDeviation, variance } from '../../metrics/moments.ts';
import { simpleReturns } from '../../metrics/returns.ts';
import { deflatedSharpe, expectedMaximum, minimumBacktestYears, varianceOfMaximum } from './best-of-many.ts';
import {
  minimumTrackRecord,
  probabilisticSharpe,
  type SharpeForm,
  type SharpeSample,
  sharpePValue,
  sharpeSampleOf,
  sharpeStandardError,
} from './sharpe-inference.ts';
import { criticalSharpe, observedFalseDiscoveryRate, plannedFalseDiscoveryRate, sharpePower } from './sharpe-power.ts';

const oracles = new URL('../../../../shared/oracles/', import.meta.url);
const isAbsent = (path: string) => !existsSync(new URL(path, oracles));
const reasonFor = (path: string) => (isAbsent(path) ? ` (skipped: ../shared/oracles/${path} is absent)` : '');
const read = (path: string) => readFileSync(new URL(path, oracles), 'utf8').trim();
const columnOf = (path: string, at: number) =>
  Float64Array.from(isAbsent(path) ? [] : read(path).split('\n').slice(1), (row) => Number(row.split(',')[at]));

const sampleOf = (sharpePerPeriod: number, shape: Partial<SharpeSample> = {}): SharpeSample => ({
  sharpePerPeriod,
  periodCount: 24,
  skewness: 0,
  kurtosis: 3,
  autocorrelation: 0,
  ...shape,
});
const against = (benchmarkSharpe: number, form: SharpeForm = '2012') => ({ benchmarkSharpe, form });
/** The hedge fund index that both papers go by. */
const skewed = { skewness: -2.448, kurtosis: 10.164 };
const relative = (found: number, expected: number, tolerance: number) =>
  expect(Math.abs(found / expected - 1), `${found} for ${expected}`).toBeLessThan(tolerance);
/** To so many decimals. */
const rounded = (found: number, expected: number, decimals: number) =>
  expect(found, `${found} for ${expected}`).toBeCloseTo(expected, decimals);

describe('Bailey & López de Prado 2012 and 2014, as printed and as pypbo tests them, at 1e-13 relative', () => {
  test('the expected maximum of 100 trials is 2.5306028932016846', () => {
    relative(expectedMaximum(100), 2.5306028932016846, 1e-13);
  });

  test('probabilistic Sharpe ratio: 0.91323430688486018, with normal returns 0.982 as printed', () => {
    relative(probabilisticSharpe(sampleOf(1.585 / Math.sqrt(12), skewed), against(0)), 0.91323430688486018, 1e-13);
    rounded(probabilisticSharpe(sampleOf(0.458), against(0)), 0.982, 3);
    rounded(probabilisticSharpe(sampleOf(0.458, skewed), against(0)), 0.913, 3);
  });

  test.each([
    [100, -3, 10, 0.90039683444939034],
    [46, -3, 10, 0.9505017068755787],
    [88, 0, 3, 0.9504908166760139],
  ])('deflated Sharpe ratio of %i trials with skewness %d and kurtosis %d: %d', (trialCount, skew, kurt, expected) => {
    const sample = sampleOf(2.5 / Math.sqrt(250), { periodCount: 1250, skewness: skew, kurtosis: kurt });
    relative(deflatedSharpe(sample, { trialCount, sharpeVariance: 0.5 / 250, form: '2012' }).probability, expected, 1e-13);
  });

  test('the hurdle of its 100 trials is 0.11317200186513214 a day', () => {
    const search = { trialCount: 100, sharpeVariance: 0.5 / 250, form: '2012' } as const;
    relative(deflatedSharpe(sampleOf(0.158), search).expectedMaximumSharpe, 0.11317200186513214, 1e-13);
  });

  test.each([
    ['daily', 2, 1, 250, {}, 2.7311878017281761],
    ['weekly', 2, 1, 52, {}, 2.8288335869452368],
    ['monthly', 3, 2.5, 12, { skewness: -0.72, kurtosis: 5.78 }, 27.352920196040301],
  ])('minimum track record, %s: Sharpe %d against %d', (_name, sharpe, benchmark, periodsPerYear, shape, years) => {
    const root = Math.sqrt(periodsPerYear);
    const record = minimumTrackRecord(sampleOf(sharpe / root, shape), { ...against(benchmark / root), confidence: 0.95 });
    relative(record / periodsPerYear, years, 1e-13);
  });

  test.each([
    [0.7079, -0.225, 2.957, 0.1028, 0.7152],
    [0.8183, -1.4455, 7.0497, 0.155, 1.1593],
  ])('index with Sharpe %d a month: error and years of record to the four digits printed', (sharpe, skew, kurt, error, years) => {
    const sample = sampleOf(sharpe, { periodCount: 134, skewness: skew, kurtosis: kurt });
    rounded(sharpeStandardError(sample, { sharpePerPeriod: sharpe, form: '2012' }), error, 4);
    rounded(minimumTrackRecord(sample, { ...against(0), confidence: 0.95 }) / 12, years, 4);
  });

  test('minimum backtest length of 45 trials at Sharpe 1: 4.9980870044434038 years', () => {
    relative(minimumBacktestYears({ trialCount: 45, sharpeAnnual: 1 }), 4.9980870044434038, 1e-13);
  });

  test('rubenbriones: error 0.1646…, probability 0.8778… and record 60.365… of one Sharpe ratio agree', () => {
    const sharpePerPeriod = 0.24171729852769172;
    const error = 0.16466174867277414;
    // Of 50 returns, by the record; a kurtosis that gives the error printed.
    const sample = sampleOf(sharpePerPeriod, { periodCount: 50, kurtosis: 1 + (4 * (error * error * 49 - 1)) / sharpePerPeriod ** 2 });
    relative(sharpeStandardError(sample, { sharpePerPeriod, form: '2012' }), error, 1e-13);
    relative(probabilisticSharpe(sample, against(0.05)), 0.877850770122146, 1e-13);
    relative(minimumTrackRecord(sample, { ...against(0.05), confidence: 0.9 }), 60.365085269027084, 1e-12);
  });
});

describe('López de Prado, Lipton & Zoonekynd 2025', () => {
  const sharpe = 0.036 / 0.079;
  const sample = sampleOf(sharpe, skewed);

  test('every figure printed, to the three digits printed', () => {
    const at = { sharpePerPeriod: sharpe, form: '2025' } as const;
    const beta = 1 - sharpePower(sample, { nullSharpe: 0, alternativeSharpe: 0.5, significance: 0.05 });
    const found = [
      sharpeStandardError(sample, at),
      sharpeStandardError(sampleOf(sharpe), at),
      probabilisticSharpe(sample, against(0, '2025')),
      probabilisticSharpe(sample, against(0.1, '2025')),
      minimumTrackRecord(sample, { ...against(0, '2025'), confidence: 0.95 }),
      beta,
      plannedFalseDiscoveryRate({ trueFraction: 0.05, significance: 0.05, power: 1 - beta }),
      observedFalseDiscoveryRate(sample, { nullSharpe: 0, alternativeSharpe: 0.5, trueFraction: 0.05 }),
    ];
    const printed = ['0.329', '0.214', '0.987', '0.939', '13.029', '0.315', '0.581', '0.306'];
    for (const [i, three] of printed.entries()) expect(found[i].toFixed(3), `${found[i]} for ${three}`).toBe(three);
    expect(found).toHaveLength(printed.length);
  });

  // Computed with the authors' functions (jsharpe 0.6.3 on scipy 1.17.1): autocorrelation, then their figures in the order of the test.
  test.each([
    [0, [0.3285885940427956, 0.9391476251031434, 16.45635433467962, 0.4780346375329084, 0.6213172821042674, 0.30585644030366677]],
    [0.2, [0.37948999753333174, 0.900475917403146, 23.898575970532107, 0.5555654615986961, 0.5456699444857229, 0.5436651501040227]],
    [-0.3, [0.294162065874707, 0.9758685670470394, 10.104823724543685, 0.3962300759719898, 0.7081888129592834, 0.03849583550271019]],
  ])("with autocorrelation %d the authors' functions give the same, at 1e-11 relative", (autocorrelation, expected) => {
    const correlated = { ...sample, autocorrelation };
    const test = { nullSharpe: 0.1, significance: 0.1 };
    const found = [
      sharpeStandardError(correlated, { sharpePerPeriod: sharpe, form: '2025' }),
      probabilisticSharpe(correlated, against(0.1, '2025')),
      minimumTrackRecord(correlated, { ...against(0.1, '2025'), confidence: 0.9 }),
      criticalSharpe(correlated, { nullSharpe: 0.1, significance: 0.05 }),
      sharpePower(correlated, { ...test, alternativeSharpe: 0.5 }),
      observedFalseDiscoveryRate(correlated, { nullSharpe: 0, alternativeSharpe: 0.5, trueFraction: 0.05 }),
    ];
    for (let i = 0; i < found.length; i++) relative(found[i], expected[i], 1e-11);
    expect(sharpePValue(correlated, against(0.1, '2025'))).toBeCloseTo(1 - expected[1], 14);
  });

  test.each([
    [0, 0.41636029616371417],
    [0.2, 0.42717821397568945],
    [-0.3, 0.4076207668597246],
  ])('deflated by 10 trials of variance 0.1, autocorrelation %d: %d of the authors, at 1e-12 relative', (autocorrelation, expected) => {
    const search = { trialCount: 10, sharpeVariance: 0.1, form: '2025' } as const;
    relative(deflatedSharpe({ ...sample, autocorrelation }, search).probability, expected, 1e-12);
  });

  test('the variance of a maximum: theirs of 10 and 100 by Gauss and Hermite, exact ones of 1, 2 and 3', () => {
    rounded(varianceOfMaximum(1), 1, 13);
    rounded(varianceOfMaximum(2), 1 - 1 / Math.PI, 13);
    rounded(varianceOfMaximum(3), 1 + Math.sqrt(3) / (2 * Math.PI) - 9 / (4 * Math.PI), 13);
    rounded(varianceOfMaximum(10), 0.3443438232606888, 13);
    rounded(varianceOfMaximum(100), 0.1844048162644718, 8);
  });
});

const figures = 'pbo-dsr/psr_dsr_expected.json';
describe.skipIf(isAbsent(figures))(`vectorbt's deflated Sharpe ratio of three columns, at 1e-12 relative${reasonFor(figures)}`, () => {
  const theirs = isAbsent(figures) ? undefined : JSON.parse(read(figures)).vectorbt_dsr;

  test('comes out of an excess kurtosis, and a return of 0 before the first', () => {
    const columns: Float64Array[] = Object.values(theirs.price_columns as Record<string, number[]>).map((prices) =>
      simpleReturns(Float64Array.from(prices)),
    );
    const sharpes = Float64Array.from(columns, (returns) => (mean(returns) - theirs.risk_free) / standardDeviation(returns, 1));
    columns.forEach((returns, k) => {
      const filled = Float64Array.of(0, ...returns);
      const sample = sampleOf(sharpes[k], { periodCount: 5, skewness: skewness(filled), kurtosis: kurtosis(filled) - 3 });
      const { probability } = deflatedSharpe(sample, { trialCount: 3, sharpeVariance: variance(sharpes, 1), form: '2012' });
      if (theirs.dsr[k] === null) expect(probability).toBeNaN();
      else relative(probability, theirs.dsr[k], 1e-12);
    });
  });
});

const edhec = 'performance-analytics/edhec.csv';
const recomputed = 'performance-analytics/recomputed_with_R_source.json';
describe.skipIf(isAbsent(edhec) || isAbsent(recomputed))(
  `PerformanceAnalytics, whose kurtosis is an excess${reasonFor(edhec) || reasonFor(recomputed)}`,
  () => {
    test('edhec convertible arbitrage against 0.28: 0.6275225 and 3861.706 with theirs, 0.6255 and 3993 with the kurtosis of the paper', () => {
      const sample = sharpeSampleOf(columnOf(edhec, 1), 0);
      const excess = { ...sample, kurtosis: sample.kurtosis - 3 };
      rounded(probabilisticSharpe(excess, against(0.28)), 0.6275225, 7);
      rounded(minimumTrackRecord(excess, { ...against(0.28), confidence: 0.95 }), 3861.706, 3);
      rounded(probabilisticSharpe(sample, against(0.28)), 0.6255, 4);
      rounded(minimumTrackRecord(sample, { ...against(0.28), confidence: 0.95 }), 3993.47, 2);
    });

    test('portfolio_bacon against 0.1 with the kurtosis of normal returns, as by default there, at 1e-12 relative', () => {
      const theirs = JSON.parse(read(recomputed)).portfolio_bacon_recomputed;
      const sample = sharpeSampleOf(columnOf('performance-analytics/portfolio_bacon.csv', 1), 0);
      const skewedOnly = { ...sample, kurtosis: 3 };
      relative(probabilisticSharpe(skewedOnly, against(0.1)), theirs['PSR_ref0.1'], 1e-12);
      relative(minimumTrackRecord(skewedOnly, { ...against(0.1), confidence: 0.95 }), theirs['MinTRL_ref0.1'], 1e-12);
    });
  },
);

const goog = 'backtesting-py/data/GOOG.csv';
describe.skipIf(isAbsent(goog))(`quantstats on 2,147 GOOG returns${reasonFor(goog)}`, () => {
  test('0.9955960971527406 with its excess kurtosis, at 1e-13 relative; 0.9955552610655161 with the kurtosis of the paper', () => {
    const returns = simpleReturns(columnOf(goog, 4));
    const sample = sharpeSampleOf(returns, 0);
    const theirs = { ...sample, skewness: skewnessSample(returns), kurtosis: kurtosisExcessSample(returns) };
    relative(probabilisticSharpe(theirs, against(0)), 0.9955960971527406, 1e-13);
    relative(probabilisticSharpe(sample, against(0)), 0.9955552610655161, 1e-13);
  });

  test('an excess kurtosis gives 0.9198 where the paper has 0.9132', () => {
    expect(probabilisticSharpe(sampleOf(1.585 / Math.sqrt(12), { ...skewed, kurtosis: skewed.kurtosis - 3 }), against(0))).toBeCloseTo(
      0.9198,
      4,
    );
  });
});
