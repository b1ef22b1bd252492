/** Owns what the report of a sweep is made of. Never reads a file: whoever stored the sweep brings everything. */
import type { MetricName } from '../../engine/metrics/catalogue.ts';
import type { ParameterValues } from '../../engine/parameters.ts';
import type { Json } from '../report-input.ts';

export interface SweepReportTrial {
  readonly index: number;
  readonly trialHash: string;
  readonly parameters: ParameterValues;
  /** By metricNames; empty where the trial failed. */
  readonly metrics: Float64Array;
  /** Equity at dayMs; empty where the trial failed. */
  readonly dailyQuote: Float64Array;
  readonly failure: { readonly code: string; readonly message: string } | null;
}

/** One entry of the trial ledger on these bars. */
export interface LedgerStep {
  readonly id: string;
  readonly createdAtMs: number;
  readonly trialCount: number;
  /** Trials of all entries up to this one, each counted once. */
  readonly distinctCount: number;
}

export interface SweepReportInput {
  readonly id: string;
  readonly name: string;
  readonly strategyName: string;
  /** "index SP500/USD 1d". */
  readonly series: readonly string[];
  readonly isSynthetic: boolean;
  readonly fromMs: number;
  readonly toMs: number;
  /** The search block as it was resolved. */
  readonly search: Json;
  /** Names of the parameters that vary. */
  readonly dimensions: readonly string[];
  readonly objective: MetricName;
  /** The smallest of the objective is the best. */
  readonly isSmallestBest: boolean;
  readonly trials: readonly SweepReportTrial[];
  /** Rungs of halving that played trials on a part of the window, which trials does not hold. */
  readonly shorter: readonly {
    readonly trialCount: number;
    readonly toMs: number;
    /** Of each that did not fail, on the days of its part. */
    readonly dailyQuotes: readonly Float64Array[];
  }[];
  /** Places in trials from the best on, failed ones last. */
  readonly order: readonly number[];
  readonly dayMs: Float64Array;
  readonly initialCapitalQuote: number;
  readonly quoteCurrency: string;
  readonly periodsPerYear: number;
  readonly riskFreeAnnual: number;
  readonly ledger: readonly LedgerStep[];
  readonly sweepHash: string;
  readonly playhead: string;
}
