import { describe, expect, test } from 'vitest';
import type { Trade } from '../model/fill.ts';
import { alphaBeta, correlation, informationRatio, trackingError } from './benchmark.ts';
import { metricCatalogue, metricNames } from './catalogue.ts';
import { type MetricInput, measure } from './measure.ts';
import { kurtosisExcessSample, skewnessSample } from './moments.ts';
import { stabilityRatio, tailRatio } from './ratios.ts';
import { simpleReturns } from './returns.ts';
import { geometricMeanReturn, systemQualityNumber, tradeColumns } from './trade-statistics.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

function trade(pnlQuote: number, returnFraction: number, entryHour: number, exitHour: number, side: 1 | -1 = 1): Trade {
  return {
    instrumentIndex: 0,
    side,
    sizeBase: 1,
    entryOrderId: 1,
    exitOrderId: 2,
    entryMs: entryHour * hourMs,
    exitMs: exitHour * hourMs,
    entryOpenMs: entryHour * hourMs,
    exitOpenMs: exitHour * hourMs,
    entryBar: entryHour,
    exitBar: exitHour,
    entryPriceQuote: 100,
    exitPriceQuote: 101,
    entryFeeQuote: 0,
    exitFeeQuote: 0,
    pnlQuote,
    returnFraction,
    exitRole: 'own',
  };
}

const trades = [trade(100, 0.1, 0, 12), trade(50, 0.05, 12, 18), trade(-80.8, -0.08, 20, 90, -1)];

/** Twelve-hour bars: two rows a day, four days; by day 1100, 990, 1188, 1069.2, which are returns of +10, −10, +20 and −10 %. */
const input: MetricInput & { readonly equityQuote: Float64Array } = {
  timeMs: Float64Array.from([1, 2, 3, 4, 5, 6, 7, 8, 9], (half) => (half * dayMs) / 2),
  openTimeMs0: 0,
  equityQuote: Float64Array.of(1050, 1100, 880, 990, 1000, 1188, 1150, 1069.2, 1e9),
  length: 8,
  dayEndRows: Int32Array.of(1, 3, 5, 7),
  initialCapitalQuote: 1000,
  trades,
  feeQuoteTotal: 6,
  slippageQuoteTotal: 3,
  tradedNotionalQuote: 5_000,
  exposureRowCount: 6,
  buyAndHoldQuote: Float64Array.of(1000, 1050, 1000, 1020, 1050, 1100, 1090, 1080, 1e9),
  periodsPerYear: 365,
  riskFreeAnnual: 0,
};
const found = measure(input);

describe('measure', () => {
  test('has the names of the catalogue, in its order', () => {
    expect(Object.keys(found)).toEqual([...metricNames]);
    expect(metricNames).toEqual(Object.keys(metricCatalogue));
  });
  test('defines every figure of a run that has days, trades, wins and losses', () => {
    for (const name of metricNames) expect(found[name], name).not.toBeNaN();
  });
  test('each name says its unit', () => {
    const words = { fraction: /Fraction/, quote: /Quote/, ms: /Ms/, count: /Count/, ratio: /Ratio|^profitFactor$|^sqn$/ } as const;
    for (const name of metricNames) expect(name).toMatch(words[metricCatalogue[name].unit]);
    for (const name of metricNames) expect(metricCatalogue[name].convention.length, name).toBeGreaterThan(8);
  });

  /** Worked by hand from the daily returns 0.1, −0.1, 0.2, −0.1: mean 0.025, squares about it 0.0675, losses squared 0.02. */
  const deviation = Math.sqrt(0.0675 / 3);
  test.each([
    ['durationMs', 4 * dayMs],
    ['rowCount', 8],
    ['dayCount', 4],
    ['exposureFraction', 0.75],
    ['equityQuoteFinal', 1069.2],
    ['equityQuotePeak', 1188],
    ['equityQuoteLowest', 880],
    ['profitQuote', 69.2],
    ['returnFraction', 0.0692],
    ['buyAndHoldReturnFraction', 0.08],
    ['volatilityFractionAnnual', deviation * Math.sqrt(365)],
    ['sharpeRatio', (0.025 / deviation) * Math.sqrt(365)],
    ['downsideRiskFractionAnnual', Math.sqrt((0.02 / 4) * 365)],
    ['sortinoRatio', (0.025 * 365) / Math.sqrt((0.02 / 4) * 365)],
    ['omegaRatio', 0.3 / 0.2],
    ['gainToPainRatio', 0.1 / 0.2],
    ['returnFractionDailyBest', 0.2],
    ['returnFractionDailyWorst', -0.1],
    ['dayWinRateFraction', 0.5],
    ['valueAtRisk95Fraction', 0.1],
    ['conditionalValueAtRisk95Fraction', 0.1],
    ['drawdownFractionMax', 0.2],
    ['drawdownFractionAverage', 0.15],
    ['drawdownFractionFinal', 0.1],
    ['drawdownMsMax', 2 * dayMs],
    ['drawdownMsAverage', 1.5 * dayMs],
    ['drawdownCount', 2],
    ['ulcerIndexFraction', Math.sqrt(0.02 / 4)],
    ['painIndexFraction', 0.05],
    ['recoveryRatio', 0.346],
    ['tradeCount', 3],
    ['tradeLongCount', 2],
    ['tradeShortCount', 1],
    ['winRateFraction', 2 / 3],
    ['profitFactor', 150 / 80.8],
    ['payoffRatio', 75 / 80.8],
    ['expectancyQuote', 69.2 / 3],
    ['expectancyFraction', 0.07 / 3],
    ['tradePnlQuoteTotal', 69.2],
    ['tradeReturnFractionBest', 0.1],
    ['tradeReturnFractionWorst', -0.08],
    ['tradeWinStreakCountMax', 2],
    ['tradeLossStreakCountMax', 1],
    ['tradeMsMax', 70 * hourMs],
    ['tradeMsMin', 6 * hourMs],
    ['feeQuoteTotal', 6],
    ['slippageQuoteTotal', 3],
    ['turnoverQuoteTotal', 5_000],
    ['turnoverRatioAnnual', (5_000 / 1086.8) * (365.25 / 4)],
  ] as const)('%s is %d', (name, value) => {
    expect(found[name]).toBeCloseTo(value, Math.abs(value) > 1e6 ? 3 : 9);
  });

  test('annual figures: four days compound by 365 / 4, and by the calendar to 365.25 / 4', () => {
    expect(found.returnFractionAnnual / (growth(1.0692, 365 / 4) - 1)).toBeCloseTo(1, 10);
    expect(found.cagrFraction / (growth(1.0692, 365.25 / 4) - 1)).toBeCloseTo(1, 10);
    expect(found.calmarRatio).toBeCloseTo(found.returnFractionAnnual / 0.2, 6);
  });
  /** The families are tested beside their own files; here, that each name holds the right one, of the right column. */
  const returns = Float64Array.of(0.1, -0.1, 0.2, -0.1);
  const held = simpleReturns(Float64Array.of(1000, 1050, 1020, 1100, 1080));
  const pnl = Float64Array.of(100, 50, -80.8);
  test.each([
    ['equityQuoteInitial', 1000],
    ['tailRatio', tailRatio(returns)],
    ['stabilityRatio', stabilityRatio(returns)],
    ['ulcerPerformanceRatio', found.returnFractionAnnual / found.ulcerIndexFraction],
    ['returnFractionDailyMean', 0.025],
    ['skewnessRatio', skewnessSample(returns)],
    ['kurtosisExcessRatio', kurtosisExcessSample(returns)],
    ['alphaFraction', alphaBeta(returns, held, { periodsPerYear: 365, ratePerPeriod: 0 }).alphaFraction],
    ['betaRatio', alphaBeta(returns, held, { periodsPerYear: 365, ratePerPeriod: 0 }).betaRatio],
    ['correlationRatio', correlation(returns, held)],
    ['informationRatio', informationRatio(returns, held, 365)],
    ['trackingErrorFractionAnnual', trackingError(returns, held, 365)],
    ['tradeWinCount', 2],
    ['tradeLossCount', 1],
    ['sqn', systemQualityNumber(pnl, 1)],
    ['kellyFraction', 2 / 3 - 1 / 3 / (75 / 80.8)],
    ['tradePnlQuoteBest', 100],
    ['tradePnlQuoteWorst', -80.8],
    ['tradeReturnFractionGeometric', geometricMeanReturn(Float64Array.of(0.1, 0.05, -0.08))],
    ['tradeMsAverage', ((12 + 6 + 70) / 3) * hourMs],
  ] as const)('%s is wired: %d', (name, value) => {
    expect(Math.abs(found[name] - value)).toBeLessThan(1e-9 * Math.abs(value));
  });
  test('a risk-free rate enters alpha by the day and ulcer performance by the year', () => {
    const rate = growth(1.05, 1 / 365) - 1;
    const lower = measure({ ...input, riskFreeAnnual: 0.05 });
    const expected = alphaBeta(
      returns.map((value) => value - rate),
      held.map((value) => value - rate),
      { periodsPerYear: 365, ratePerPeriod: 0 },
    );
    expect(lower.alphaFraction / expected.alphaFraction).toBeCloseTo(1, 9);
    expect(found.ulcerPerformanceRatio - lower.ulcerPerformanceRatio).toBeCloseTo(0.05 / found.ulcerIndexFraction, 6);
  });
  test('beta against itself is 1, alpha 0, correlation 1, and nothing is active', () => {
    const own = measure({ ...input, buyAndHoldQuote: input.equityQuote });
    expect(own.betaRatio).toBeCloseTo(1, 12);
    expect(own.alphaFraction).toBeCloseTo(0, 12);
    expect(own.correlationRatio).toBeCloseTo(1, 12);
    expect(own.trackingErrorFractionAnnual).toBe(0);
    expect(own.informationRatio).toBeNaN();
  });
  test('a risk-free rate lowers Sharpe by the rate a day over the deviation', () => {
    const rate = growth(1.05, 1 / 365) - 1;
    const lower = measure({ ...input, riskFreeAnnual: 0.05 });
    expect(found.sharpeRatio - lower.sharpeRatio).toBeCloseTo((rate / deviation) * Math.sqrt(365), 10);
  });
});

/** x to the power y as the repeated square root and product would have it. */
function growth(base: number, exponent: number): number {
  let result = 1;
  for (let i = 0; i < Math.floor(exponent); i++) result *= base;
  let root = base;
  let part = exponent - Math.floor(exponent);
  for (let bit = 0; bit < 60; bit++) {
    root = Math.sqrt(root);
    part *= 2;
    if (part >= 1) {
      result *= root;
      part -= 1;
    }
  }
  return result;
}

describe('measure at the edges', () => {
  const empty = measure({ ...input, length: 0, dayEndRows: new Int32Array(0), trades: [], exposureRowCount: 0, buyAndHoldQuote: null });
  test('no row: capital stands, counts are 0, ratios NaN', () => {
    expect(empty).toMatchObject({ equityQuoteFinal: 1000, equityQuotePeak: 1000, returnFraction: 0, drawdownFractionMax: 0 });
    expect(empty).toMatchObject({ rowCount: 0, dayCount: 0, tradeCount: 0, drawdownCount: 0, durationMs: 0 });
    const undefinedNames = [
      'sharpeRatio',
      'sortinoRatio',
      'calmarRatio',
      'omegaRatio',
      'cagrFraction',
      'returnFractionAnnual',
      'exposureFraction',
    ] as const;
    for (const name of undefinedNames) expect(empty[name], name).toBeNaN();
  });
  test('one row of one day: a return, no deviation', () => {
    const one = measure({ ...input, length: 1, dayEndRows: Int32Array.of(0), trades: [] });
    expect(one.returnFraction).toBeCloseTo(0.05, 12);
    expect(one.returnFractionDailyMean).toBeCloseTo(0.05, 12);
    for (const name of ['volatilityFractionAnnual', 'sharpeRatio', 'sortinoRatio', 'skewnessRatio', 'betaRatio'] as const)
      expect(one[name], name).toBeNaN();
  });
  test('equity that never moves: no deviation, no drawdown, Sharpe and Sortino 0/0', () => {
    const flat = measure({ ...input, equityQuote: new Float64Array(9).fill(1000), trades: [], exposureRowCount: 0 });
    expect(flat).toMatchObject({ returnFraction: 0, volatilityFractionAnnual: 0, drawdownFractionMax: 0, ulcerIndexFraction: 0 });
    for (const name of ['sharpeRatio', 'sortinoRatio', 'calmarRatio', 'omegaRatio', 'stabilityRatio'] as const)
      expect(flat[name], name).toBeNaN();
  });
  test('no trade: every trade figure but the counts and sums is NaN', () => {
    const idle = measure({ ...input, trades: [] });
    for (const name of ['winRateFraction', 'profitFactor', 'expectancyQuote', 'sqn', 'tradeMsAverage', 'tradePnlQuoteBest'] as const)
      expect(idle[name], name).toBeNaN();
    expect(idle).toMatchObject({ tradeCount: 0, tradePnlQuoteTotal: 0, tradeWinStreakCountMax: 0 });
  });
  test('only wins: profit factor Infinity, Kelly and payoff NaN', () => {
    const wins = measure({ ...input, trades: [trade(1, 0.1, 0, 1), trade(2, 0.1, 1, 2)] });
    expect(wins.profitFactor).toBe(Number.POSITIVE_INFINITY);
    expect(wins.kellyFraction).toBeNaN();
    expect(wins.payoffRatio).toBeNaN();
  });
  test('no benchmark: its figures are NaN, the others unchanged', () => {
    const alone = measure({ ...input, buyAndHoldQuote: null });
    for (const name of ['buyAndHoldReturnFraction', 'alphaFraction', 'betaRatio', 'correlationRatio', 'informationRatio'] as const)
      expect(alone[name], name).toBeNaN();
    expect(alone.sharpeRatio).toBe(found.sharpeRatio);
  });
  test('more than all lost: the annual return is NaN, the drawdown above 1', () => {
    const ruined = measure({ ...input, equityQuote: Float64Array.of(1000, 500, 100, -100, -200, -300, -300, -300, 0) });
    expect(ruined.returnFraction).toBe(-1.3);
    expect(ruined.returnFractionAnnual).toBeNaN();
    expect(ruined.drawdownFractionMax).toBe(1.3);
  });
  test('trades as columns give what the list gives', () => {
    expect(measure({ ...input, trades: tradeColumns(trades) })).toEqual(found);
  });
  test('is the same twice, and leaves its input as it was', () => {
    const before = JSON.stringify([...input.equityQuote, ...(input.trades as readonly Trade[]).map((entry) => entry.pnlQuote)]);
    expect(measure(input)).toEqual(found);
    expect(JSON.stringify([...input.equityQuote, ...(input.trades as readonly Trade[]).map((entry) => entry.pnlQuote)])).toBe(before);
  });
});
