/** Owns what one Sharpe ratio says about the true one: its error, its probability, the record it needs. Never annualises, and never asks how many trials there were. */
import { kurtosis, mean, skewness, standardDeviation } from '../../metrics/moments.ts';
import { normalProbability, normalQuantile } from '../../metrics/normal.ts';

/**
 * Which paper the error comes from; the two differ enough that no figure may go without its form.
 * 2012: independent returns, the variance at the Sharpe ratio found, over T − 1. Bailey & López de Prado 2012, The Sharpe ratio efficient frontier.
 * 2025: returns with autocorrelation at lag 1, the variance at the Sharpe ratio of the hypothesis, over T. López de Prado, Lipton & Zoonekynd 2025,
 * How to use the Sharpe ratio.
 */
export type SharpeForm = '2012' | '2025';

/** How returns are distributed, apart from their mean. */
export interface ReturnShape {
  readonly periodCount: number;
  /** Population skewness. */
  readonly skewness: number;
  /** Population kurtosis, 3 for normal returns: an excess kurtosis here is the error of several well-known tools. */
  readonly kurtosis: number;
  /** At lag 1; only the 2025 form looks at it. */
  readonly autocorrelation: number;
}

/** A Sharpe ratio that was found, per period, with the shape of its returns. */
export interface SharpeSample extends ReturnShape {
  readonly sharpePerPeriod: number;
}

/** The sample of a column of returns, fractions; a NaN is no return. Fewer than two returns, or returns that never move → NaN in what cannot be told. */
export function sharpeSampleOf(returns: Float64Array, ratePerPeriod: number): SharpeSample {
  const centre = mean(returns);
  let periodCount = 0;
  let squares = 0;
  let products = 0;
  for (let i = 0; i < returns.length; i++) {
    const difference = returns[i] - centre;
    if (Number.isNaN(difference)) continue;
    periodCount++;
    squares += difference * difference;
    // The first has none before it, and where a NaN stands before or after there is no pair.
    const before = i === 0 ? Number.NaN : returns[i - 1] - centre;
    if (!Number.isNaN(before)) products += difference * before;
  }
  const deviation = standardDeviation(returns, 1);
  return {
    sharpePerPeriod: deviation > 0 ? (centre - ratePerPeriod) / deviation : Number.NaN,
    periodCount,
    skewness: skewness(returns),
    kurtosis: kurtosis(returns),
    autocorrelation: products / squares,
  };
}

/** Standard error of a Sharpe ratio per period, were the true one sharpePerPeriod. No period to tell from, or a shape that no returns can have → NaN. */
export function sharpeStandardError(shape: ReturnShape, { sharpePerPeriod, form }: { sharpePerPeriod: number; form: SharpeForm }): number {
  const count = form === '2012' ? shape.periodCount - 1 : shape.periodCount;
  return count > 0 ? Math.sqrt(sharpeVarianceTimesCount(shape, sharpePerPeriod, form) / count) : Number.NaN;
}

function sharpeVarianceTimesCount(shape: ReturnShape, sharpe: number, form: SharpeForm): number {
  const rho = form === '2012' ? 0 : shape.autocorrelation;
  const near = rho / (1 - rho);
  const square = (rho * rho) / (1 - rho * rho);
  const fromSkewness = (1 + near + square) * shape.skewness * sharpe;
  const fromKurtosis = (1 + 2 * square) * ((shape.kurtosis - 1) / 4) * sharpe * sharpe;
  return 1 + 2 * near - fromSkewness + fromKurtosis;
}

/** The Sharpe ratio per period at which a form takes the variance. */
function whereVarianceStands(sample: SharpeSample, benchmarkSharpe: number, form: SharpeForm): number {
  return form === '2012' ? sample.sharpePerPeriod : benchmarkSharpe;
}

/** A hypothesis to beat, per period, and the form of the error. */
export interface SharpeBenchmark {
  readonly benchmarkSharpe: number;
  readonly form: SharpeForm;
}

/** Probabilistic Sharpe ratio: probability, 0 to 1, that the true ratio exceeds the benchmark. Where the error is NaN or 0 → NaN. */
export function probabilisticSharpe(sample: SharpeSample, benchmark: SharpeBenchmark): number {
  return normalProbability(errorsAbove(sample, benchmark));
}

/** 1 − probabilistic Sharpe ratio, exact in the far tail too: the p-value of "the true ratio is no more than the benchmark". NaN as there. */
export function sharpePValue(sample: SharpeSample, benchmark: SharpeBenchmark): number {
  return normalProbability(-errorsAbove(sample, benchmark));
}

/** How many standard errors the ratio stands above the benchmark. */
function errorsAbove(sample: SharpeSample, { benchmarkSharpe, form }: SharpeBenchmark): number {
  const error = sharpeStandardError(sample, { sharpePerPeriod: whereVarianceStands(sample, benchmarkSharpe, form), form });
  return error > 0 ? (sample.sharpePerPeriod - benchmarkSharpe) / error : Number.NaN;
}

/**
 * Minimum track record, in periods (not rounded), after which a Sharpe ratio as found beats the benchmark at this confidence, 0.5 to 1. A ratio not above the
 * benchmark → Infinity. Divided by periods a year it is years.
 */
export function minimumTrackRecord(
  sample: SharpeSample,
  { benchmarkSharpe, form, confidence }: SharpeBenchmark & { confidence: number },
): number {
  const lead = sample.sharpePerPeriod - benchmarkSharpe;
  if (lead <= 0) return Number.POSITIVE_INFINITY;
  const distance = normalQuantile(confidence) / lead;
  const periods = sharpeVarianceTimesCount(sample, whereVarianceStands(sample, benchmarkSharpe, form), form) * distance * distance;
  return form === '2012' ? 1 + periods : periods;
}
