/** Owns the name, unit and convention of every figure of a run. Never computes. */

export type MetricUnit = 'fraction' | 'quote' | 'ratio' | 'ms' | 'count';

export interface MetricDefinition {
  readonly label: string;
  readonly unit: MetricUnit;
  /** How it is computed and what it means where it is undefined, in words that a report prints. */
  readonly convention: string;
}

const daily = 'daily returns: last equity of each UTC day that has a bar, the first against the initial capital';
const annual = 'periods a year as set in the scenario';
const bars = 'every bar close, the initial capital counting as the first peak';

function metric(label: string, unit: MetricUnit, convention: string): MetricDefinition {
  return Object.freeze({ label, unit, convention });
}

/** Every figure that measure() returns, in the order in which reports print it. Undefined is NaN unless the convention says otherwise. */
export const metricCatalogue = Object.freeze({
  durationMs: metric('Duration', 'ms', 'open of the first bar to close of the last'),
  rowCount: metric('Equity rows', 'count', 'distinct bar closes of the finest series'),
  dayCount: metric('Days', 'count', 'UTC days that have a bar; a bar belongs to the day of its close less 1 ms'),
  exposureFraction: metric('Exposure', 'fraction', 'share of equity rows at which a position is held'),
  equityQuoteInitial: metric('Initial capital', 'quote', 'as set in the scenario'),
  equityQuoteFinal: metric('Equity at the end', 'quote', 'open positions marked at the last close'),
  equityQuotePeak: metric('Equity peak', 'quote', bars),
  equityQuoteLowest: metric('Equity low', 'quote', bars),
  profitQuote: metric('Profit', 'quote', 'equity at the end less initial capital'),
  returnFraction: metric('Return', 'fraction', 'equity at the end / initial capital − 1'),
  buyAndHoldReturnFraction: metric('Buy and hold', 'fraction', 'first instrument bought with all capital at the first tradable open'),
  returnFractionAnnual: metric('Return a year', 'fraction', `(1 + return)^(periods a year / days) − 1, geometric; ${annual}`),
  cagrFraction: metric('CAGR', 'fraction', '(1 + return)^(1 / years) − 1, calendar years of 365.25 days'),
  volatilityFractionAnnual: metric(
    'Volatility a year',
    'fraction',
    `standard deviation (ddof 1) × √periods a year, arithmetic; ${daily}; ${annual}`,
  ),
  downsideRiskFractionAnnual: metric(
    'Downside risk a year',
    'fraction',
    `√(mean of min(return − risk-free, 0)² over all days) × √periods a year; ${daily}`,
  ),
  sharpeRatio: metric(
    'Sharpe ratio',
    'ratio',
    `mean excess over risk-free / standard deviation (ddof 1) × √periods a year, arithmetic; risk-free a day = (1 + yearly)^(1 / periods) − 1; ${daily}`,
  ),
  sortinoRatio: metric(
    'Sortino ratio',
    'ratio',
    `mean excess over risk-free × periods a year / downside risk, arithmetic, denominator n; no losing day → Infinity; ${daily}`,
  ),
  calmarRatio: metric('Calmar ratio', 'ratio', 'return a year / deepest drawdown; no drawdown → NaN'),
  omegaRatio: metric(
    'Omega ratio',
    'ratio',
    `sum of daily returns above risk-free / sum of shortfalls below it; no shortfall → NaN; ${daily}`,
  ),
  gainToPainRatio: metric('Gain to pain', 'ratio', `sum of daily returns / sum of losses; no loss → NaN; ${daily}`),
  tailRatio: metric('Tail ratio', 'ratio', `|95th percentile| / |5th percentile|, linear interpolation; ${daily}`),
  stabilityRatio: metric('Stability', 'ratio', `R² of a line through the cumulative log returns; ${daily}`),
  ulcerPerformanceRatio: metric('Ulcer performance', 'ratio', '(return a year − risk-free a year) / ulcer index; no drawdown → ±Infinity'),
  recoveryRatio: metric('Recovery factor', 'ratio', 'return / deepest drawdown; no drawdown → NaN'),
  returnFractionDailyMean: metric('Mean day', 'fraction', `arithmetic mean; ${daily}`),
  returnFractionDailyBest: metric('Best day', 'fraction', daily),
  returnFractionDailyWorst: metric('Worst day', 'fraction', daily),
  dayWinRateFraction: metric('Winning days', 'fraction', `share of days with a return > 0; ${daily}`),
  skewnessRatio: metric('Skewness', 'ratio', `sample skewness G1, corrected for bias; ${daily}`),
  kurtosisExcessRatio: metric(
    'Excess kurtosis',
    'ratio',
    `sample excess kurtosis G2, corrected for bias, 0 for a normal distribution; ${daily}`,
  ),
  valueAtRisk95Fraction: metric(
    'Value at risk 95 %',
    'fraction',
    `loss (≥ 0 hurts) at the 5th percentile, historical, linear interpolation; ${daily}`,
  ),
  conditionalValueAtRisk95Fraction: metric(
    'Conditional value at risk 95 %',
    'fraction',
    `mean loss of the ⌊(n − 1) × 0.05⌋ + 1 worst days, historical; ${daily}`,
  ),
  drawdownFractionMax: metric('Deepest drawdown', 'fraction', `1 − equity / its peak, ≥ 0; ${bars}`),
  drawdownFractionAverage: metric('Average drawdown', 'fraction', `mean depth of the episodes; none → 0; ${bars}`),
  drawdownFractionFinal: metric('Drawdown at the end', 'fraction', bars),
  drawdownMsMax: metric('Longest drawdown', 'ms', `last row at the peak to the first row at or above it, or to the end; ${bars}`),
  drawdownMsAverage: metric('Average drawdown length', 'ms', `mean over the episodes; none → 0; ${bars}`),
  drawdownCount: metric('Drawdowns', 'count', `stretches of rows below the peak; ${bars}`),
  ulcerIndexFraction: metric(
    'Ulcer index',
    'fraction',
    `root mean square depth under the peak of the last equity of each UTC day, the initial capital counting as the first peak`,
  ),
  painIndexFraction: metric(
    'Pain index',
    'fraction',
    `mean depth under the peak of the last equity of each UTC day, the initial capital counting as the first peak`,
  ),
  alphaFraction: metric(
    'Alpha a year',
    'fraction',
    `Jensen, compounded: (1 + mean(excess − beta × benchmark excess))^periods − 1, against buy and hold; ${daily}`,
  ),
  betaRatio: metric('Beta', 'ratio', `least squares against buy and hold; ${daily}`),
  correlationRatio: metric('Correlation', 'ratio', `Pearson, with buy and hold; ${daily}`),
  informationRatio: metric(
    'Information ratio',
    'ratio',
    `mean(return − buy and hold) / its standard deviation (ddof 1) × √periods a year; ${daily}`,
  ),
  trackingErrorFractionAnnual: metric(
    'Tracking error a year',
    'fraction',
    `standard deviation (ddof 1) of return − buy and hold × √periods a year; ${daily}`,
  ),
  tradeCount: metric('Trades', 'count', 'closed trades: FIFO pairings of entry and exit quantities'),
  tradeLongCount: metric('Long trades', 'count', 'closed trades that began with a buy'),
  tradeShortCount: metric('Short trades', 'count', 'closed trades that began with a sale'),
  tradeWinCount: metric('Winning trades', 'count', 'profit net of fees > 0'),
  tradeLossCount: metric('Losing trades', 'count', 'profit net of fees < 0'),
  winRateFraction: metric('Win rate', 'fraction', 'winning trades / trades'),
  profitFactor: metric(
    'Profit factor',
    'ratio',
    'sum of profits / sum of losses in quote, net of fees; no loss → Infinity, no trade → NaN',
  ),
  payoffRatio: metric('Payoff ratio', 'ratio', 'mean profit / mean loss in quote, net of fees; either absent → NaN'),
  expectancyQuote: metric('Expectancy', 'quote', 'mean profit of a trade, net of fees'),
  expectancyFraction: metric(
    'Expectancy before fees',
    'fraction',
    'arithmetic mean of the trade returns: exit over entry price, signed, without fees',
  ),
  sqn: metric(
    'System quality number',
    'ratio',
    '√trades × mean profit / standard deviation of profits (ddof 1), not capped; fewer than two trades → NaN',
  ),
  kellyFraction: metric('Kelly fraction', 'fraction', 'win rate − (1 − win rate) / payoff ratio; wins or losses absent → NaN'),
  tradePnlQuoteTotal: metric('Profit of closed trades', 'quote', 'net of fees'),
  tradePnlQuoteBest: metric('Best trade', 'quote', 'net of fees'),
  tradePnlQuoteWorst: metric('Worst trade', 'quote', 'net of fees'),
  tradeReturnFractionBest: metric('Best trade before fees', 'fraction', 'exit over entry price, signed, without fees'),
  tradeReturnFractionWorst: metric('Worst trade before fees', 'fraction', 'exit over entry price, signed, without fees'),
  tradeReturnFractionGeometric: metric('Average trade before fees', 'fraction', 'geometric mean of 1 + trade return, less 1, without fees'),
  tradeWinStreakCountMax: metric('Longest winning streak', 'count', 'in order of exit'),
  tradeLossStreakCountMax: metric('Longest losing streak', 'count', 'in order of exit'),
  tradeMsAverage: metric('Average holding', 'ms', 'entry fill to exit fill'),
  tradeMsMax: metric('Longest holding', 'ms', 'entry fill to exit fill'),
  tradeMsMin: metric('Shortest holding', 'ms', 'entry fill to exit fill'),
  feeQuoteTotal: metric('Fees', 'quote', 'all fills, ≥ 0 is paid'),
  slippageQuoteTotal: metric('Slippage', 'quote', 'all fills, > 0 is lost'),
  turnoverQuoteTotal: metric('Turnover', 'quote', 'sum of the notionals of all fills'),
  turnoverRatioAnnual: metric('Turnover a year', 'ratio', 'turnover / mean of the daily equity / calendar years of 365.25 days'),
}) satisfies Readonly<Record<string, MetricDefinition>>;

export type MetricName = keyof typeof metricCatalogue;

/** The names in canonical order: the order of measure()'s record and of hashing. */
export const metricNames = Object.freeze(Object.keys(metricCatalogue)) as readonly MetricName[];

/** Figures that travel as a column, in the order of metricNames, by their names again. */
export function metricsByName(values: Float64Array): Readonly<Record<MetricName, number>> {
  return Object.fromEntries(metricNames.map((name, i) => [name, values[i]])) as Record<MetricName, number>;
}
