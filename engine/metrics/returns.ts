/** Owns returns of equity and prices, per period, cumulative and a year. Never looks at trades. */
import { log, pow } from '../math.ts';
import { dayMs } from '../model/timeframe.ts';
import { standardDeviation } from './moments.ts';

export const yearMs = 365.25 * dayMs;

/** Simple returns values[i + 1] / values[i] − 1. values[n] in quote → Float64Array[n − 1] of fractions; a base of 0 gives ±Infinity, a negative base NaN. */
export function simpleReturns(values: Float64Array): Float64Array {
  const returns = new Float64Array(Math.max(0, values.length - 1));
  for (let i = 0; i < returns.length; i++) returns[i] = values[i] < 0 ? Number.NaN : values[i + 1] / values[i] - 1;
  return returns;
}

/** Value of one unit after each period. returns[n] fractions → Float64Array[n] of growth factors; a NaN return leaves the value where it was. */
export function growthOf(returns: Float64Array): Float64Array {
  const growth = new Float64Array(returns.length);
  let value = 1;
  for (let i = 0; i < returns.length; i++) {
    if (!Number.isNaN(returns[i])) value *= 1 + returns[i];
    growth[i] = value;
  }
  return growth;
}

/** Compound return over all periods, a fraction; empty → NaN. */
export function cumulativeReturn(returns: Float64Array): number {
  if (returns.length === 0) return Number.NaN;
  let value = 1;
  for (let i = 0; i < returns.length; i++) if (!Number.isNaN(returns[i])) value *= 1 + returns[i];
  return value - 1;
}

/** Sum of ln(1 + return) up to and with each defined period, in order, without the undefined ones. */
export function cumulativeLogReturns(returns: Float64Array): Float64Array {
  const sums = new Float64Array(returns.length);
  let sum = 0;
  let count = 0;
  for (let i = 0; i < returns.length; i++) {
    if (Number.isNaN(returns[i])) continue;
    sum += log(1 + returns[i]);
    sums[count++] = sum;
  }
  return sums.subarray(0, count);
}

/**
 * Compound return a year, a fraction: (1 + cumulative)^(periodsPerYear / n) − 1, n counting undefined periods too, for time passed in them.
 * Empty, or more than all lost → NaN. Source: empyrical annual_return.
 */
export function annualReturn(returns: Float64Array, periodsPerYear: number): number {
  return annualised(cumulativeReturn(returns), returns.length / periodsPerYear);
}

/** Compound return a year of a total return earned in so many years, fractions; no time, or more than all lost → NaN. */
export function annualised(totalFraction: number, years: number): number {
  return years > 0 ? pow(1 + totalFraction, 1 / years) - 1 : Number.NaN;
}

/** Compound annual growth by the calendar, a fraction: years of 365.25 days between the two times; no time → NaN. */
export function cagr(span: { startQuote: number; endQuote: number; durationMs: number }): number {
  return annualised(span.endQuote / span.startQuote - 1, span.durationMs / yearMs);
}

/** Standard deviation (ddof 1) of returns × √periodsPerYear, a fraction; n < 2 → NaN. */
export function annualVolatility(returns: Float64Array, periodsPerYear: number): number {
  return standardDeviation(returns, 1) * Math.sqrt(periodsPerYear);
}

/** The rate a period that compounds to the yearly rate, both fractions: (1 + yearly)^(1 / periodsPerYear) − 1. */
export function ratePerPeriod(yearlyFraction: number, periodsPerYear: number): number {
  return yearlyFraction === 0 ? 0 : pow(1 + yearlyFraction, 1 / periodsPerYear) - 1;
}

export type CalendarPeriod = 'day' | 'week' | 'month' | 'quarter' | 'year';

/** Number of the calendar period in UTC that holds a time, rising by one from period to period; weeks begin on Monday (ISO 8601). */
export function periodNumber(timeMs: number, period: CalendarPeriod): number {
  const day = Math.floor(timeMs / dayMs);
  if (period === 'day') return day;
  // 1970-01-01 was a Thursday, three days after a Monday.
  if (period === 'week') return Math.floor((day + 3) / 7);
  const date = new Date(timeMs);
  const month = date.getUTCFullYear() * 12 + date.getUTCMonth();
  return period === 'month' ? month : Math.floor(month / (period === 'quarter' ? 3 : 12));
}

/** Compound returns by calendar period in UTC. returns[n] fractions at timeMs[n] rising → Float64Array[periods that hold a return]. */
export function returnsByPeriod(returns: Float64Array, timeMs: Float64Array, period: CalendarPeriod): Float64Array {
  const totals = new Float64Array(returns.length);
  let count = 0;
  let current = Number.NaN;
  for (let i = 0; i < returns.length; i++) {
    const number = periodNumber(timeMs[i], period);
    if (number !== current) {
      totals[count++] = 0;
      current = number;
    }
    if (!Number.isNaN(returns[i])) totals[count - 1] = (1 + totals[count - 1]) * (1 + returns[i]) - 1;
  }
  return totals.slice(0, count);
}

/** Last value of each calendar period in UTC. values[n] at timeMs[n] rising → Float64Array[periods that hold a value]. */
export function lastByPeriod(values: Float64Array, timeMs: Float64Array, period: CalendarPeriod): Float64Array {
  const last = new Float64Array(values.length);
  let count = 0;
  for (let i = 0; i < values.length; i++) {
    const isNew = i === 0 || periodNumber(timeMs[i], period) !== periodNumber(timeMs[i - 1], period);
    if (isNew) count++;
    last[count - 1] = values[i];
  }
  return last.slice(0, count);
}
