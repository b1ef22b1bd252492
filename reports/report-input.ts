/** Owns what a report is made of. Never reads a file: whoever stored the run brings everything. */
import type { Interval } from '../engine/interval/interval.ts';
import type { BarColumns } from '../engine/model/bar.ts';
import type { ConversionTape } from '../engine/portfolio/conversion.ts';
import type { RunResult } from '../engine/result.ts';

export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };

/** Bars of a series; rows fromRow (included) to toRow (excluded) lie inside the trading window. */
export interface BarWindow {
  readonly columns: BarColumns;
  readonly fromRow: number;
  readonly toRow: number;
}

/** One kind of defect found in the bars, how often, what was done about it, and where it is first seen. */
export interface QualityIssue {
  readonly kind: string;
  readonly policy: string;
  readonly count: number;
  readonly first?: { readonly timeMs: number; readonly text: string } | null | undefined;
}

export interface QualitySummary {
  readonly issues: readonly QualityIssue[];
  readonly gapCount: number;
  readonly missingBarCount: number;
  readonly rowCount: number;
}

/** Where the run was played: recorded beside the certificate, not hashed. */
export interface RunVersions {
  readonly node: string;
  readonly v8: string;
  readonly cpu: string;
  readonly playhead: string;
}

export interface ReportInput {
  readonly runId: string;
  readonly result: RunResult;
  /** One for each of result.series, in their order. */
  readonly bars: readonly BarWindow[];
  /** Series of rates, where instruments are quoted in other currencies than the account's. */
  readonly conversions: readonly ConversionTape[];
  /** null where the bars were not checked. */
  readonly quality: QualitySummary | null;
  /** The resolved scenario, as it was hashed. */
  readonly scenario: Json;
  readonly versions: RunVersions;
  /** What each policy for ambiguous bars made of the run; null where it was not asked for. */
  readonly interval: Interval | null;
}

/** True where any series of the run was synthesised: every output must say so loudly. */
export function isSyntheticRun(result: RunResult): boolean {
  return result.series.some((series) => series.isSynthetic);
}
