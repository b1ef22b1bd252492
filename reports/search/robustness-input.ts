/** Owns what the report of "playhead robustness" is made of. Never reads a file: whoever played the runs brings everything. */

import type { PricePaths } from '../../engine/optimiser/price-paths.ts';
import type { RobustnessReport } from '../../engine/optimiser/robustness.ts';
import type { TradeOrders } from '../../engine/optimiser/trade-orders.ts';
import type { ParameterValues } from '../../engine/parameters.ts';

export interface RobustnessReportInput {
  readonly name: string;
  /** null of a scenario that was played with its own parameters. */
  readonly sweep: { readonly id: string; readonly index: number } | null;
  readonly parameters: ParameterValues;
  readonly seed: number;
  readonly report: RobustnessReport;
  readonly paths: PricePaths | null;
  readonly trades: TradeOrders | null;
  /** Share of the capital whose loss is called ruin. */
  readonly ruinFraction: number;
  readonly isSynthetic: boolean;
  readonly playhead: string;
}
