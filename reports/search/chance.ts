/** Owns what Sharpe ratios of a sweep would be by chance alone, for its picture. The verdict is "playhead overfit"'s, which counts other searches too. */
import { sharpeRatio } from '../../engine/metrics/ratios.ts';
import { ratePerPeriod as rateOf } from '../../engine/metrics/returns.ts';
import { expectedMaximum } from '../../engine/optimiser/statistics/best-of-many.ts';
import { trialsByAverageCorrelation } from '../../engine/optimiser/statistics/effective-trials.ts';
import { sharpeSampleOf, sharpeStandardError } from '../../engine/optimiser/statistics/sharpe-inference.ts';
import { dailyReturnsOf } from '../../engine/optimiser/stitched.ts';
import type { Chance } from '../charts/search/objective.ts';
import type { ScoredTrial } from './landscape.ts';
import type { SweepReportInput } from './sweep-input.ts';

export interface SweepChance extends Chance {
  readonly trialCountEffective: number;
}

/** Trials whose correlation is measured; of more every so manyth by what they ended with, as a grid's own order would keep to few values of a parameter. */
const columnsMax = 1_000;

/** Every trial counts, those of shorter rungs as searches of their own; scored: from the best on. null where the best trial's days have no spread. */
export function chanceOf(input: SweepReportInput, scored: readonly ScoredTrial[]): SweepChance | null {
  const { initialCapitalQuote, periodsPerYear, riskFreeAnnual } = input;
  if (scored.length === 0) return null;
  const ratePerPeriod = rateOf(riskFreeAnnual, periodsPerYear);
  const returnsOf = (dailyQuote: Float64Array): Float64Array => dailyReturnsOf(dailyQuote, initialCapitalQuote);
  const best = returnsOf(scored[0].trial.dailyQuote);
  if (!Number.isFinite(sharpeRatio(best, { ratePerPeriod, periodsPerYear }))) return null;
  const error = sharpeStandardError(sharpeSampleOf(best, ratePerPeriod), { sharpePerPeriod: 0, form: '2025' });
  const played = input.trials.flatMap(({ failure, dailyQuote }) => (failure === null ? [dailyQuote] : []));
  const worth = [played, ...input.shorter.map(({ dailyQuotes }) => dailyQuotes)].map((quotes) => {
    const step = Math.ceil(quotes.length / columnsMax);
    const sample = step === 1 ? quotes : [...quotes].sort(byLast).filter((_, i) => i % step === 0);
    return effectiveOf(trialsByAverageCorrelation(sample.map(returnsOf)), sample.length, quotes.length);
  });
  const trialCountEffective = worth.reduce((sum, count) => sum + (Number.isNaN(count) ? 0 : count), 0);
  const deviation = error * Math.sqrt(periodsPerYear);
  const expectedBest = deviation * expectedMaximum(trialCountEffective);
  return deviation > 0 && Number.isFinite(expectedBest) ? { deviation, expectedBest, trialCountEffective } : null;
}

function byLast(a: Float64Array, b: Float64Array): number {
  return a[a.length - 1] - b[b.length - 1];
}

/** ρ̄ + (1 − ρ̄)N is a line in N: what a sample is worth tells what all are. */
function effectiveOf(worth: number, sampleCount: number, count: number): number {
  if (sampleCount < 2) return worth;
  const correlation = (sampleCount - worth) / (sampleCount - 1);
  return correlation + (1 - correlation) * count;
}
