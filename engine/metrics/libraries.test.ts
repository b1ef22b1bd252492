/** Published numbers of other libraries. Each block names its source, its count of cases, and what it leaves out. */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { dayMs } from '../model/timeframe.ts';
import { alphaBeta, rowsWhere, trackingError } from './benchmark.ts';
import { drawdownColumn, drawdownMax, painIndex, summariseDrawdowns, ulcerIndex } from './drawdown.ts';
import { kurtosis, kurtosisExcessSample, mean, skewness, skewnessSample, standardDeviation, summarise } from './moments.ts';
import { calmarRatio, downsideDeviation, gainToPainRatio, omegaRatio, sharpeRatio, sortinoRatio, tailRatio } from './ratios.ts';
import { annualised, annualReturn, annualVolatility, cagr, cumulativeReturn, growthOf, ratePerPeriod, simpleReturns } from './returns.ts';
import { kellyFraction, payoffRatio, profitFactor, systemQualityNumber, winLoss } from './trade-statistics.ts';
import {
  conditionalValueAtRisk,
  gaussianExpectedShortfall,
  gaussianValueAtRisk,
  modifiedValueAtRisk,
  valueAtRisk,
} from './value-at-risk.ts';

const oracles = new URL('../../../shared/oracles/', import.meta.url);
const isAbsent = (path: string) => !existsSync(new URL(path, oracles));
const reasonFor = (path: string) => (isAbsent(path) ? ` (skipped: ../shared/oracles/${path} is absent)` : '');
const read = (path: string) => readFileSync(new URL(path, oracles), 'utf8').trim();
const rowsOf = (path: string) => (isAbsent(path) ? [] : read(path).split('\n').slice(1)).map((line) => line.trim().split(','));
/** A CSV column; an empty cell is NaN. */
const columnOf = (path: string, at: number) => Float64Array.from(rowsOf(path), (row) => (row[at] === '' ? Number.NaN : Number(row[at])));
const daily = { periodsPerYear: 252, ratePerPeriod: 0 };
const monthly = { periodsPerYear: 12, ratePerPeriod: 0 };

type Figures = Readonly<Record<string, number>>;
function compare(ours: Figures, theirs: Figures, relative: number): void {
  test.each(Object.entries(ours))('%s is %d', (name, value) => {
    const expected = theirs[name];
    expect(Number.isFinite(expected), `${name} in the file`).toBe(true);
    expect(Math.abs(value - expected), `${value} for ${expected}`).toBeLessThan(relative * Math.max(Math.abs(expected), 1e-3));
  });
}

describe('ratios of eight returns that empyrical, QuantStats, vectorbt and Nautilus give alike, at 1e-13 relative', () => {
  const mixed = Float64Array.of(0.01, 0.1, -0.04, 0.02, 0.03, 0.02, 0.01, -0.1);
  compare(
    { sharpe: sharpeRatio(mixed, daily), sortino: sortinoRatio(mixed, daily) },
    { sharpe: 1.7238613961706866, sortino: 2.605531251673693 },
    1e-13,
  );
});

describe('the ulcer index of 100, 90, 100 in per cent, and the Sortino ratio of four returns that is not annualised, at 1e-5 relative', () => {
  const falling = Float64Array.of(-0.1, 0.02, 0.01, 0.03);
  compare(
    {
      ulcer: 100 * ulcerIndex(drawdownColumn(Float64Array.of(100, 90, 100), 100)),
      sortino: sortinoRatio(falling, { periodsPerYear: 1, ratePerPeriod: 0 }),
    },
    { ulcer: 5.7735, sortino: -0.2 },
    1e-5,
  );
});

const quantstats = 'empyrical/golden_quantstats_on_GOOG.json';
const goog = 'backtesting-py/data/GOOG.csv';
describe.skipIf(isAbsent(quantstats) || isAbsent(goog))(
  `quantstats on 2,147 GOOG returns: 24 figures at 1e-10 relative${reasonFor(quantstats) || reasonFor(goog)}`,
  () => {
    const theirs: Figures = isAbsent(quantstats) ? {} : JSON.parse(read(quantstats)).values;
    const returns = simpleReturns(columnOf(goog, 4));
    const outcome = winLoss(returns);
    // Theirs counts only the days that moved.
    const moved = outcome.winCount + outcome.lossCount;
    const depths = drawdownColumn(growthOf(returns), 1);
    const deepest = drawdownMax(growthOf(returns), 1);
    const sortino = sortinoRatio(returns, daily);
    const summary = summarise(returns);
    compare(
      {
        comp: cumulativeReturn(returns),
        cagr: annualReturn(returns, 252),
        volatility: annualVolatility(returns, 252),
        sharpe: sharpeRatio(returns, daily),
        sortino,
        adjusted_sortino: sortino / Math.sqrt(2),
        calmar: calmarRatio(annualReturn(returns, 252), deepest),
        max_drawdown: -deepest,
        // Theirs divides the squares by n − 1.
        ulcer_index: ulcerIndex(depths) * Math.sqrt(depths.length / (depths.length - 1)),
        omega: omegaRatio(returns, 0),
        gain_to_pain_ratio: gainToPainRatio(returns),
        tail_ratio: tailRatio(returns),
        payoff_ratio: payoffRatio(outcome),
        profit_factor: profitFactor(outcome),
        kelly_criterion: kellyFraction(outcome, moved),
        skew: skewnessSample(returns),
        kurtosis: kurtosisExcessSample(returns),
        expected_return: annualised(cumulativeReturn(returns), returns.length),
        win_rate: outcome.winCount / moved,
        avg_win: outcome.winTotal / outcome.winCount,
        best: summary.largest,
        worst: summary.smallest,
        consecutive_wins: outcome.winStreakCountMax,
        consecutive_losses: outcome.lossStreakCountMax,
      },
      theirs,
      1e-10,
    );
  },
);

const recomputed = 'performance-analytics/recomputed_with_R_source.json';
const bacon = 'performance-analytics/portfolio_bacon.csv';
describe.skipIf(isAbsent(recomputed))(
  `PerformanceAnalytics on portfolio_bacon: 27 figures at 1e-9 relative${reasonFor(recomputed)}`,
  () => {
    const theirs: Figures = isAbsent(recomputed) ? {} : JSON.parse(read(recomputed)).portfolio_bacon_recomputed;
    const returns = columnOf(bacon, 1);
    const benchmark = columnOf(bacon, 2);
    const annual = annualReturn(returns, 12);
    const depths = drawdownColumn(growthOf(returns), 1);
    const deepest = drawdownMax(growthOf(returns), 1);
    const line = alphaBeta(returns, benchmark, { periodsPerYear: 1, ratePerPeriod: 0 });
    compare(
      {
        'Return.annualized': annual,
        'StdDev.annualized': annualVolatility(returns, 12),
        'SharpeRatio.annualized': sharpeRatio(returns, monthly),
        maxDrawdown: deepest,
        CalmarRatio: calmarRatio(annual, deepest),
        UlcerIndex: ulcerIndex(depths),
        PainIndex: painIndex(depths),
        MartinRatio: annual / ulcerIndex(depths),
        PainRatio: annual / painIndex(depths),
        DownsideDeviation: downsideDeviation(returns, 0.005),
        // Theirs is not annualised.
        SortinoRatio: sortinoRatio(returns, { periodsPerYear: 1, ratePerPeriod: 0.005 }),
        Omega: omegaRatio(returns, 0.005),
        OmegaSharpeRatio: omegaRatio(returns, 0.005) - 1,
        BernardoLedoitRatio: omegaRatio(returns, 0),
        skewness: skewness(returns),
        // Their sample skewness divides by the population deviation; ours is G1, compared with quantstats above.
        kurtosis_excess: kurtosis(returns) - 3,
        kurtosis_sample_excess: kurtosisExcessSample(returns),
        beta: line.betaRatio,
        alpha: line.alphaFraction,
        TrackingError: trackingError(returns, benchmark, 12),
        // Theirs divides the geometric active premium; ours, empyrical's, the arithmetic one.
        InformationRatio: (annual - annualReturn(benchmark, 12)) / trackingError(returns, benchmark, 12),
        TreynorRatio: annual / line.betaRatio,
        VaR_hist95: -valueAtRisk(returns, 0.05),
        VaR_gauss95: -gaussianValueAtRisk(returns, 0.05),
        VaR_mod95: -modifiedValueAtRisk(returns, 0.05),
        ES_hist95: -conditionalValueAtRisk(returns, 0.05),
        ES_gauss95: -gaussianExpectedShortfall(returns, 0.05),
      },
      theirs,
      1e-9,
    );
  },
);

const managers = 'performance-analytics/managers.csv';
const names = [
  { name: 'HAM1', at: 1 },
  { name: 'HAM3', at: 3 },
  { name: 'SP500', at: 8 },
];
describe.skipIf(isAbsent(managers)).each(names)(
  `PerformanceAnalytics on managers, $name: 25 figures at 1e-9 relative${reasonFor(managers)}`,
  ({ name, at }) => {
    const all: Figures = isAbsent(recomputed) ? {} : JSON.parse(read(recomputed)).managers_recomputed;
    const theirs = Object.fromEntries(
      Object.entries(all).flatMap(([key, value]) => (key.startsWith(`${name}.`) ? [[key.slice(name.length + 1), value]] : [])),
    );
    const returns = columnOf(managers, at);
    const growth = growthOf(returns);
    const annual = annualReturn(returns, 12);
    const depths = drawdownColumn(growth, 1);
    const deepest = drawdownMax(growth, 1);
    const stamps = returns.map((_, i) => i + 1);
    const drawdowns = summariseDrawdowns({ timeMs: stamps, equityQuote: growth, length: growth.length, startMs: 0, startQuote: 1 });
    compare(
      {
        n: returns.length,
        mean: mean(returns),
        sd: standardDeviation(returns, 1),
        'Return.cumulative': cumulativeReturn(returns),
        'Return.annualized': annual,
        'Return.annualized.arith': mean(returns) * 12,
        'StdDev.annualized': annualVolatility(returns, 12),
        SharpeRatio_monthly_rf0: sharpeRatio(returns, { periodsPerYear: 1, ratePerPeriod: 0 }),
        'SharpeRatio.annualized_rf0': sharpeRatio(returns, monthly),
        'SharpeRatio.annualized_rf3pct_over12': sharpeRatio(returns, { periodsPerYear: 12, ratePerPeriod: 0.0025 }),
        SortinoRatio_mar0: sortinoRatio(returns, { periodsPerYear: 1, ratePerPeriod: 0 }),
        DownsideDeviation_mar0: downsideDeviation(returns, 0),
        maxDrawdown: deepest,
        CalmarRatio: calmarRatio(annual, deepest),
        UlcerIndex: ulcerIndex(depths),
        PainIndex: painIndex(depths),
        MartinRatio: annual / ulcerIndex(depths),
        Omega_0: omegaRatio(returns, 0),
        skewness_moment: skewness(returns),
        VaR95_historical_neg_quantile7: -valueAtRisk(returns, 0.05),
        ES95_historical: -conditionalValueAtRisk(returns, 0.05),
        VaR95_gaussian: -gaussianValueAtRisk(returns, 0.05),
        VaR95_modified: -modifiedValueAtRisk(returns, 0.05),
        ES95_gaussian: -gaussianExpectedShortfall(returns, 0.05),
        AverageDrawdown: drawdowns.fractionAverage,
      },
      theirs,
      1e-9,
    );
  },
);
describe.skipIf(isAbsent(managers)).each(names.slice(0, 2))(
  `PerformanceAnalytics, $name against SP500: 6 figures at 1e-9 relative${reasonFor(managers)}`,
  ({ name, at }) => {
    const all: Figures = isAbsent(recomputed) ? {} : JSON.parse(read(recomputed)).managers_recomputed;
    const returns = columnOf(managers, at);
    const benchmark = columnOf(managers, 8);
    const line = alphaBeta(returns, benchmark, { periodsPerYear: 1, ratePerPeriod: 0 });
    const sided = (side: 'up' | 'down') =>
      alphaBeta(rowsWhere(returns, benchmark, side), rowsWhere(benchmark, benchmark, side), monthly).betaRatio;
    compare(
      {
        [`${name}.beta_vs_SP500`]: line.betaRatio,
        [`${name}.alpha_vs_SP500`]: line.alphaFraction,
        [`${name}.TrackingError`]: trackingError(returns, benchmark, 12),
        [`${name}.ActivePremium`]: annualReturn(returns, 12) - annualReturn(benchmark, 12),
        [`${name}.beta.bull`]: sided('up'),
        [`${name}.beta.bear`]: sided('down'),
      },
      all,
      1e-9,
    );
  },
);

/** Prices a 1..5, b 5..1, c 1,2,3,2,1; the first return is unknown. */
describe('vectorbt returns tests: 18 figures at 1e-12 relative, omega of a (theirs Infinity) left out', () => {
  const a = Float64Array.of(Number.NaN, 1, 1 / 2, 1 / 3, 1 / 4);
  const b = Float64Array.of(Number.NaN, -1 / 5, -1 / 4, -1 / 3, -1 / 2);
  const c = Float64Array.of(Number.NaN, 1, 1 / 2, -1 / 3, -1 / 2);
  const sharpe = { periodsPerYear: 365, ratePerPeriod: 0.01 };
  const sortino = { periodsPerYear: 365, ratePerPeriod: 0.1 };
  const threshold = 0.01 + ratePerPeriod(0.1, 365);
  const drawdown = (returns: Float64Array) => drawdownMax(growthOf(returns), 1);
  test.each([
    ['Sharpe a', sharpeRatio(a, sharpe), 29.052280196490333],
    ['Sharpe b', sharpeRatio(b, sharpe), -48.06592068111974],
    ['Sharpe c', sharpeRatio(c, sharpe), 4.232900240313306],
    ['volatility a', annualVolatility(a, 365), 6.417884083645567],
    ['volatility b', annualVolatility(b, 365), 2.5122615973129334],
    ['volatility c', annualVolatility(c, 365), 13.509256086106296],
    ['Sortino b', sortinoRatio(b, sortino), -18.441677017667562],
    ['Sortino c', sortinoRatio(c, sortino), 3.4417788692752858],
    ['Calmar b', calmarRatio(annualReturn(b, 365), drawdown(b)), -1.25],
    ['Omega c', omegaRatio(c, threshold), 1.7327023435781848],
    ['tail a', tailRatio(a), 3.5238095238095237],
    ['tail b', tailRatio(b), 0.4368421052631579],
    ['tail c', tailRatio(c), 1.9473684210526316],
    ['value at risk a', -valueAtRisk(a, 0.05), 0.2625],
    ['value at risk b', -valueAtRisk(b, 0.05), -0.475],
    ['conditional value at risk a', -conditionalValueAtRisk(a, 0.05), 0.25],
    ['conditional value at risk b', -conditionalValueAtRisk(b, 0.05), -0.5],
    ['deepest drawdown c', drawdown(c), 2 / 3],
  ])('%s', (_, found, expected) => {
    expect(Math.abs(found / expected - 1)).toBeLessThan(1e-12);
  });
  test('Sortino without a shortfall is Infinity, Calmar without a drawdown NaN, Omega without a gain 0', () => {
    expect(sortinoRatio(a, sortino)).toBe(Number.POSITIVE_INFINITY);
    expect(calmarRatio(annualReturn(a, 365), drawdown(a))).toBeNaN();
    expect(omegaRatio(b, threshold)).toBe(0);
    expect(calmarRatio(annualReturn(c, 365), drawdown(c))).toBeCloseTo(0, 12);
  });
});

/** Their Sharpe has ddof 0 and no year; the case "120, 90, 108 with one unit held" depends on their account and is left out. */
test('trading-signals: 3 figures at 1e-6', () => {
  const returns = simpleReturns(Float64Array.of(100, 110, 99, 118.8));
  expect(mean(returns) / standardDeviation(returns, 0)).toBeCloseTo(0.534522, 6);
  expect(sortinoRatio(returns, { periodsPerYear: 1, ratePerPeriod: 0 })).toBeCloseTo(1.154701, 6);
  expect(drawdownMax(Float64Array.of(100, 120, 90, 108, 80, 100), 100)).toBeCloseTo(1 / 3, 10);
});

/** 11 trades of §2.1: fills of the futures-like run, multiplier 10, fee 2 a side. */
test('backtrader SQN analyzer: 0.9125503164393756 with ddof 0 at 1e-10', () => {
  const buys = [3643.35, 3801.03, 3872.37, 3863.57, 3845.32, 3656.43, 3542.65, 3639.65, 3799.86, 3840.2, 4047.63];
  const sells = [3763.95, 3811.85, 3822.35, 3822.57, 3829.82, 3598.58, 3545.92, 3766.8, 3782.15, 3979.73, 4045.05];
  const pnl = Float64Array.from(buys, (price, i) => (sells[i] - price) * 10 - 4);
  expect(systemQualityNumber(pnl, 0)).toBeCloseTo(0.9125503164393756, 10);
});

const ffn = 'ffn/test_data.csv';
describe.skipIf(isAbsent(ffn))(`ffn on AAPL, MSFT, C: CAGR and drawdown, 6 figures at 3 decimals${reasonFor(ffn)}`, () => {
  const durationMs = Date.UTC(2014, 2, 10) - Date.UTC(2004, 2, 10);
  test.each([
    ['AAPL', 1, 0.44, -0.086],
    ['MSFT', 2, 0.041, -0.048],
    ['C', 3, -0.205, -0.033],
  ])('%s', (_, at, growth, drawdown) => {
    const prices = columnOf(ffn, at);
    expect(cagr({ startQuote: prices[0], endQuote: prices[prices.length - 1], durationMs })).toBeCloseTo(growth, 3);
    expect(-drawdownMax(prices.subarray(0, 10), prices[0])).toBeCloseTo(drawdown, 3);
  });
});

/** The figures with our conventions; those with theirs are met in freqtrade.test.ts. */
describe('freqtrade: CAGR (years of 365 days), expectancy and relative drawdown, 8 figures', () => {
  test.each([
    [64900, 176000, 1095, 0.3945],
    [64900, 176000, 365, 1.7119],
    [1000, 1500, 365, 0.5],
    [1000, 1500, 100, 3.3927],
    [0.01, 0.01762792, 120, 4.6087],
  ])('%d → %d in %d days', (start, end, days, expected) => {
    expect(annualised(end / start - 1, days / 365)).toBeCloseTo(expected, 4);
    const durationMs = days * dayMs * (365.25 / 365);
    expect(cagr({ startQuote: start, endQuote: end, durationMs })).toBeCloseTo(expected, 4);
  });
  test('expectancy 56.25 and its ratio 0.60267857', () => {
    const profits = Float64Array.of(100, 200, 50, -150, 300, -100, 80, -30);
    const outcome = winLoss(profits);
    expect(mean(profits)).toBe(56.25);
    const rate = outcome.winCount / profits.length;
    expect((1 + payoffRatio(outcome)) * rate - 1).toBeCloseTo(0.60267857, 8);
  });
  test('relative drawdown of 1000, −500, +500, +10000, −1000 is 0.5', () => {
    expect(drawdownMax(Float64Array.of(1000, 500, 1000, 11000, 10000), 1000)).toBe(0.5);
  });
});
