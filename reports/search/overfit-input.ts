/** Owns what the report of "playhead overfit" is made of. Never reads a file: whoever judged the sweep brings everything. */

import type { OverfitReport } from '../../engine/optimiser/overfit.ts';
import type { ParameterValues } from '../../engine/parameters.ts';
import type { SweepReportInput } from './sweep-input.ts';

type Told = Pick<
  SweepReportInput,
  'id' | 'name' | 'strategyName' | 'series' | 'isSynthetic' | 'quoteCurrency' | 'fromMs' | 'toMs' | 'playhead'
>;

export interface OverfitReportInput extends Told {
  readonly report: OverfitReport;
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
