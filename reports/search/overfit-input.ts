/** Owns what the report of "playhead overfit" is made of. Never reads a file: whoever judged the sweep brings everything. */

import type { OverfitReport } from '../../engine/optimiser/overfit.ts';
import type { PermutationTest } from '../../engine/optimiser/permutation-test.ts';
import type { Objective } from '../../engine/optimiser/ranking.ts';
import type { SurvivingTrials } from '../../engine/optimiser/surviving-trials.ts';
import type { ParameterValues } from '../../engine/parameters.ts';
import type { SweepReportInput } from './sweep-input.ts';

type Told = Pick<
  SweepReportInput,
  'id' | 'name' | 'strategyName' | 'series' | 'isSynthetic' | 'quoteCurrency' | 'fromMs' | 'toMs' | 'playhead'
>;

export interface OverfitReportInput extends Told {
  readonly report: OverfitReport;
  /** What the sweep was ranked by. */
  readonly objective: Objective;
  /** Null of a halved sweep, of which most trials were given up. */
  readonly survivors: SurvivingTrials | null;
  /** The whole search on bars in random orders; null where it was not asked for. */
  readonly permutations: PermutationTest | null;
  /** The trial that is judged. */
  readonly index: number;
  readonly parameters: ParameterValues;
  /** Its equity at dayMs. */
  readonly dailyQuote: Float64Array;
  readonly dayMs: Float64Array;
  readonly initialCapitalQuote: number;
  readonly periodsPerYear: number;
  readonly riskFreeAnnual: number;
  /** Searches of the ledger that were counted beside this one. */
  readonly otherSearchCount: number;
  readonly seed: number;
  readonly replicateCount: number;
}
