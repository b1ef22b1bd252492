/** Owns what the report of a combinatorial cross-validation is made of. Never reads a file: whoever stored it brings everything. */
import type { ParameterValues } from '../../engine/parameters.ts';
import type { WalkForwardReportInput } from './walkforward-input.ts';

type Shared = Pick<
  WalkForwardReportInput,
  | 'id'
  | 'name'
  | 'strategyName'
  | 'series'
  | 'isSynthetic'
  | 'playhead'
  | 'settings'
  | 'dimensions'
  | 'objective'
  | 'isSmallestBest'
  | 'walkForwardHash'
>;

export interface CombinatorialReportInput extends Shared {
  /** Close of the last bar of each day. */
  readonly dayMs: Float64Array;
  /** Rows of dayMs in each group. */
  readonly groups: readonly { readonly from: number; readonly to: number }[];
  readonly splits: readonly {
    /** Numbers of the groups tested, from 0. */
    readonly tested: readonly number[];
    readonly parameters: ParameterValues;
    readonly keepsConstraints: boolean;
    /** The objective of what was chosen, over the training days and over those tested. */
    readonly trained: number;
    readonly testedObjective: number;
  }[];
  readonly paths: readonly {
    readonly dailyReturns: Float64Array;
    readonly sharpeRatio: number;
    readonly returnFraction: number;
    readonly drawdownFractionMax: number;
  }[];
  readonly trialCount: number;
  readonly failedCount: number;
}
