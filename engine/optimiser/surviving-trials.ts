/** Owns which trials of a search are significant once it is counted how many there are. Pure. */
import { adjustByBenjaminiHochberg } from './statistics/adjusted-p-values.ts';
import type { ReturnColumns } from './statistics/return-columns.ts';
import { sharpePValue, sharpeSampleOf } from './statistics/sharpe-inference.ts';

export interface SurvivingTrials {
  /** Share of false findings that is let pass among the findings. */
  readonly level: number;
  readonly count: number;
  /** By trial, that its Sharpe ratio is not above 0, had it alone been tried: 1 − the probabilistic Sharpe ratio, 2025 form; NaN where nothing moves. */
  readonly pValues: Float64Array;
  /** The same among all of them: Benjamini and Hochberg. */
  readonly adjusted: Float64Array;
}

/** Adjusts the p-values of all trials of a search. columns: daily returns of each. */
export function survivingTrials(
  columns: ReturnColumns,
  { ratePerPeriod, level }: { readonly ratePerPeriod: number; readonly level: number },
): SurvivingTrials {
  const pValues = Float64Array.from(columns, (returns) => {
    return sharpePValue(sharpeSampleOf(returns, ratePerPeriod), { benchmarkSharpe: 0, form: '2025' });
  });
  const adjusted = adjustByBenjaminiHochberg(pValues);
  return { level, count: adjusted.filter((value) => value <= level).length, pValues, adjusted };
}
