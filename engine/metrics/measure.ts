/** Owns the figures of a run, all by the names and conventions of catalogue.ts. Never allocates or divides per row: this runs in every trial of a sweep. */
import type { Trade } from '../model/fill.ts';
import { alphaBeta, correlation, informationRatio, trackingError } from './benchmark.ts';
import { type MetricName, metricNames } from './catalogue.ts';
import { type DrawdownSummary, drawdownColumn, type EquityPieces, painIndex, summariseDrawdowns, ulcerIndex } from './drawdown.ts';
import { kurtosisExcessSample, mean, skewnessSample, summarise } from './moments.ts';
import { calmarRatio, downsideRisk, gainToPainRatio, omegaRatio, sharpeRatio, sortinoRatio, stabilityRatio, tailRatio } from './ratios.ts';
import { annualised, annualVolatility, cagr, ratePerPeriod, simpleReturns, yearMs } from './returns.ts';
import {
  geometricMeanReturn,
  kellyFraction,
  payoffRatio,
  profitFactor,
  systemQualityNumber,
  type TradeColumns,
  tradeColumns,
  winLoss,
  winRate,
} from './trade-statistics.ts';
import { conditionalValueAtRisk, valueAtRisk } from './value-at-risk.ts';

/** What a run hands over. Columns may be longer than length; only their first length rows are read. */
export interface MetricInput {
  /** closeTimeMs of each equity row. */
  readonly timeMs: Float64Array;
  /** Open time of the first row's bar. */
  readonly openTimeMs0: number;
  readonly equityQuote: Float64Array | EquityPieces;
  /** Rows used. */
  readonly length: number;
  /** Row index of the last row of each UTC day; a bar belongs to the UTC day of closeTimeMs − 1. */
  readonly dayEndRows: Int32Array;
  readonly initialCapitalQuote: number;
  /** In order of exit. */
  readonly trades: readonly Trade[] | TradeColumns;
  readonly feeQuoteTotal: number;
  readonly slippageQuoteTotal: number;
  readonly tradedNotionalQuote: number;
  /** Rows at which a position was held. */
  readonly exposureRowCount: number;
  /** Equity of buying and holding at the same rows; null where there is none. */
  readonly buyAndHoldQuote: Float64Array | null;
  readonly periodsPerYear: number;
  readonly riskFreeAnnual: number;
}

/** Exactly the names of the catalogue. */
export type MeasuredMetrics = Readonly<Record<MetricName, number>>;
type Figures = Record<MetricName, number>;

/** Every name once, in canonical order: a copy of it has all its fields from the start, and is filled family by family. */
const blank = Object.freeze(Object.fromEntries(metricNames.map((name) => [name, Number.NaN]))) as Readonly<Figures>;

/** What the families share, computed once. */
interface Basis {
  readonly input: MetricInput;
  /** The initial capital, then the last equity of each day. */
  readonly daily: Float64Array;
  readonly returns: Float64Array;
  readonly ratePerPeriod: number;
  readonly drawdown: DrawdownSummary;
}

/** All figures of a run. Undefined is NaN; a ratio whose divisor is 0 says in its convention whether it is NaN or Infinity. */
export function measure(input: MetricInput): MeasuredMetrics {
  const daily = dailyQuote(input, input.equityQuote);
  const basis: Basis = {
    input,
    daily,
    returns: simpleReturns(daily),
    ratePerPeriod: ratePerPeriod(input.riskFreeAnnual, input.periodsPerYear),
    drawdown: summariseDrawdowns({
      timeMs: input.timeMs,
      equityQuote: input.equityQuote,
      length: input.length,
      startMs: input.openTimeMs0,
      startQuote: input.initialCapitalQuote,
    }),
  };
  const figures: Figures = { ...blank };
  fillAccount(figures, basis);
  fillDrawdowns(figures, basis);
  fillRatios(figures, basis);
  fillDistribution(figures, basis);
  fillBenchmark(figures, basis);
  fillTrades(figures, input.trades);
  fillCosts(figures, basis);
  return figures;
}

/** The initial capital, then the last equity of each day. */
function dailyQuote({ dayEndRows, initialCapitalQuote }: MetricInput, rows: Float64Array | EquityPieces): Float64Array {
  const daily = new Float64Array(dayEndRows.length + 1);
  daily[0] = initialCapitalQuote;
  daily.set(quotesAt(rows, dayEndRows), 1);
  return daily;
}

/** Values of a curve at ascending rows. */
export function quotesAt(equityQuote: Float64Array | EquityPieces, rows: Int32Array): Float64Array {
  return equityQuote instanceof Float64Array ? Float64Array.from(rows, (row) => equityQuote[row]) : equityQuote.pick(rows);
}

function fillAccount(figures: Figures, { input, drawdown }: Basis): void {
  const { length, initialCapitalQuote } = input;
  const final = length === 0 ? initialCapitalQuote : quotesAt(input.equityQuote, Int32Array.of(length - 1))[0];
  const held = input.buyAndHoldQuote;
  figures.durationMs = length === 0 ? 0 : input.timeMs[length - 1] - input.openTimeMs0;
  figures.rowCount = length;
  figures.dayCount = input.dayEndRows.length;
  figures.exposureFraction = input.exposureRowCount / length;
  figures.equityQuoteInitial = initialCapitalQuote;
  figures.equityQuoteFinal = final;
  figures.equityQuotePeak = drawdown.peakQuote;
  figures.equityQuoteLowest = drawdown.lowestQuote;
  figures.profitQuote = final - initialCapitalQuote;
  figures.returnFraction = final / initialCapitalQuote - 1;
  figures.buyAndHoldReturnFraction = held === null || length === 0 ? Number.NaN : held[length - 1] / initialCapitalQuote - 1;
  figures.returnFractionAnnual = annualised(figures.returnFraction, input.dayEndRows.length / input.periodsPerYear);
  figures.cagrFraction = cagr({ startQuote: initialCapitalQuote, endQuote: final, durationMs: figures.durationMs });
}

function fillDrawdowns(figures: Figures, { input, daily, drawdown }: Basis): void {
  const depths = drawdownColumn(daily.subarray(1), input.initialCapitalQuote);
  figures.drawdownFractionMax = drawdown.fractionMax;
  figures.drawdownFractionAverage = drawdown.fractionAverage;
  figures.drawdownFractionFinal = drawdown.fractionFinal;
  figures.drawdownMsMax = drawdown.msMax;
  figures.drawdownMsAverage = drawdown.msAverage;
  figures.drawdownCount = drawdown.count;
  figures.ulcerIndexFraction = ulcerIndex(depths);
  figures.painIndexFraction = painIndex(depths);
}

function fillRatios(figures: Figures, { input, returns, ratePerPeriod: rate, drawdown }: Basis): void {
  const options = { periodsPerYear: input.periodsPerYear, ratePerPeriod: rate };
  figures.volatilityFractionAnnual = annualVolatility(returns, input.periodsPerYear);
  figures.downsideRiskFractionAnnual = downsideRisk(returns, options);
  figures.sharpeRatio = sharpeRatio(returns, options);
  figures.sortinoRatio = sortinoRatio(returns, options);
  figures.calmarRatio = calmarRatio(figures.returnFractionAnnual, drawdown.fractionMax);
  figures.omegaRatio = omegaRatio(returns, rate);
  figures.gainToPainRatio = gainToPainRatio(returns);
  figures.tailRatio = tailRatio(returns);
  figures.stabilityRatio = stabilityRatio(returns);
  figures.ulcerPerformanceRatio = (figures.returnFractionAnnual - input.riskFreeAnnual) / figures.ulcerIndexFraction;
  figures.recoveryRatio = calmarRatio(figures.returnFraction, drawdown.fractionMax);
}

function fillDistribution(figures: Figures, { returns }: Basis): void {
  const summary = summarise(returns);
  figures.returnFractionDailyMean = summary.mean;
  figures.returnFractionDailyBest = summary.largest;
  figures.returnFractionDailyWorst = summary.smallest;
  figures.dayWinRateFraction = winRate(winLoss(returns), returns.length);
  figures.skewnessRatio = skewnessSample(returns);
  figures.kurtosisExcessRatio = kurtosisExcessSample(returns);
  figures.valueAtRisk95Fraction = valueAtRisk(returns, 0.05);
  figures.conditionalValueAtRisk95Fraction = conditionalValueAtRisk(returns, 0.05);
}

function fillBenchmark(figures: Figures, { input, returns, ratePerPeriod: rate }: Basis): void {
  const { periodsPerYear, buyAndHoldQuote } = input;
  if (buyAndHoldQuote === null) return;
  const held = simpleReturns(dailyQuote(input, buyAndHoldQuote));
  const line = alphaBeta(returns, held, { periodsPerYear, ratePerPeriod: rate });
  figures.alphaFraction = line.alphaFraction;
  figures.betaRatio = line.betaRatio;
  figures.correlationRatio = correlation(returns, held);
  figures.informationRatio = informationRatio(returns, held, periodsPerYear);
  figures.trackingErrorFractionAnnual = trackingError(returns, held, periodsPerYear);
}

function fillTrades(figures: Figures, trades: readonly Trade[] | TradeColumns): void {
  const { count, longCount, pnlQuote, returnFraction, holdingMs } = 'count' in trades ? trades : tradeColumns(trades);
  const outcome = winLoss(pnlQuote);
  const pnl = summarise(pnlQuote);
  const traded = summarise(returnFraction);
  const holding = summarise(holdingMs);
  figures.tradeCount = count;
  figures.tradeLongCount = longCount;
  figures.tradeShortCount = count - longCount;
  figures.tradeWinCount = outcome.winCount;
  figures.tradeLossCount = outcome.lossCount;
  figures.winRateFraction = winRate(outcome, count);
  figures.profitFactor = profitFactor(outcome);
  figures.payoffRatio = payoffRatio(outcome);
  figures.expectancyQuote = pnl.mean;
  figures.expectancyFraction = traded.mean;
  figures.sqn = systemQualityNumber(pnlQuote, 1);
  figures.kellyFraction = kellyFraction(outcome, count);
  figures.tradePnlQuoteTotal = outcome.winTotal - outcome.lossTotal;
  figures.tradePnlQuoteBest = pnl.largest;
  figures.tradePnlQuoteWorst = pnl.smallest;
  figures.tradeReturnFractionBest = traded.largest;
  figures.tradeReturnFractionWorst = traded.smallest;
  figures.tradeReturnFractionGeometric = geometricMeanReturn(returnFraction);
  figures.tradeWinStreakCountMax = outcome.winStreakCountMax;
  figures.tradeLossStreakCountMax = outcome.lossStreakCountMax;
  figures.tradeMsAverage = holding.mean;
  figures.tradeMsMax = holding.largest;
  figures.tradeMsMin = holding.smallest;
}

function fillCosts(figures: Figures, { input, daily }: Basis): void {
  figures.feeQuoteTotal = input.feeQuoteTotal;
  figures.slippageQuoteTotal = input.slippageQuoteTotal;
  figures.turnoverQuoteTotal = input.tradedNotionalQuote;
  figures.turnoverRatioAnnual = input.tradedNotionalQuote / mean(daily.subarray(1)) / (figures.durationMs / yearMs);
}
