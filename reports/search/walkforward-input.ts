/** Owns what the report of a walk-forward is made of. Never reads a file: whoever stored it brings everything. */
import type { MetricName } from '../../engine/metrics/catalogue.ts';
import type { ParameterValues } from '../../engine/parameters.ts';
import type { Metrics } from '../../engine/result.ts';
import type { Json } from '../report-input.ts';
import type { SweepReportInput } from './sweep-input.ts';

/** From inclusive, to exclusive. */
export interface ReportWindow {
  readonly fromMs: number;
  readonly toMs: number;
}

export interface ReportFold {
  readonly train: ReportWindow;
  readonly test: ReportWindow;
  /** What did best in training. */
  readonly parameters: ParameterValues;
  /** false where no trial kept the constraints. */
  readonly keepsConstraints: boolean;
  /** false where a position of earlier parameters lasted longer than the test. */
  readonly hasDecided: boolean;
  readonly trainMetrics: Metrics;
  readonly testMetrics: Metrics;
  readonly trialCount: number;
  readonly failedCount: number;
}

type Told = Pick<SweepReportInput, 'id' | 'name' | 'strategyName' | 'series' | 'isSynthetic' | 'quoteCurrency' | 'playhead'>;

export interface WalkForwardReportInput extends Told {
  /** The search and walkforward blocks as they were resolved. */
  readonly settings: Json;
  /** "rolling". */
  readonly scheme: string;
  readonly dimensions: readonly string[];
  readonly objective: MetricName;
  readonly isSmallestBest: boolean;
  /** In time order, one or more. */
  readonly folds: readonly ReportFold[];
  readonly initialCapitalQuote: number;
  /** At the last bar of each UTC day of the tests: equity of the one account, and of buying and holding. */
  readonly daily: { readonly timeMs: Float64Array; readonly equityQuote: Float64Array; readonly heldQuote: Float64Array };
  /** Of the one account. */
  readonly metrics: Metrics;
  readonly tStatistic: number;
  /** Of its Sharpe ratio a year, 95 %. */
  readonly sharpeInterval: { readonly low: number; readonly high: number };
  readonly efficiency: { readonly median: number; readonly foldCount: number };
  readonly walkForwardHash: string;
}
