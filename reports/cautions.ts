/** Owns what a reader must hear before believing a figure that was computed as it should be. Never changes a figure. */
import { syntheticLead } from '../engine/warnings.ts';
import { counted, fixed } from './format.ts';
import type { ReportInput } from './report-input.ts';

/**
 * Annualised figures of less than a quarter of a year get a caution: the standard error of an annual Sharpe ratio near zero is
 * √(returns a year ÷ returns), more than 2 there, so that a ratio of 2 cannot be told from none. Source: Lo 2002, eq. 9.
 */
const yearFractionMin = 0.25;
/** Where a run does not say: the most there are. */
const periodsPerYearMax = 365;

/** All that a reader is warned of, in words; of synthetic bars every output speaks louder in a place of its own. */
export function warningsOf(input: ReportInput): string[] {
  return [...cautionsOf(input), ...input.result.warnings.filter((warning) => !warning.startsWith(syntheticLead))];
}

/** Cautions in words; most runs have none. */
function cautionsOf(input: ReportInput): string[] {
  const dayCount = input.result.daily.timeMs.length;
  const periods = periodsPerYearOf(input);
  if (dayCount === 0 || dayCount >= periods * yearFractionMin) return [];
  const error = fixed(Math.sqrt(periods / dayCount), 1);
  return [
    `CAGR, volatility, Sharpe and the other annualised figures stand on ${counted(dayCount, 'day')} alone: the standard error of the Sharpe ratio is about ${error}`,
  ];
}

function periodsPerYearOf({ scenario }: ReportInput): number {
  const metrics = typeof scenario === 'object' && scenario !== null && 'metrics' in scenario ? scenario.metrics : null;
  const periods = typeof metrics === 'object' && metrics !== null && 'periodsPerYear' in metrics ? metrics.periodsPerYear : null;
  return typeof periods === 'number' ? periods : periodsPerYearMax;
}
