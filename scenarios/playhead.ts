/** Owns what 'playhead' exports: all that a strategy imports, and run(). Never loads more than that until run() is called. */

import type { Interval } from '../engine/interval/interval.ts';
import type { ExplainOptions, ScenarioExplanation } from './explain-scenario.ts';
import type { FinishedRun, RunScenarioOptions } from './run-scenario.ts';
import type { ScenarioSettings, ScenarioSettingsOptions } from './scenario-settings.ts';

export { type ErrorCode, errorCodes, PlayheadError } from '../engine/errors.ts';
export type { ComparedTrade, ExplainedTrade, RuleEffect, TradeChange } from '../engine/explain/index.ts';
export type {
  Branches,
  EquityBand,
  Interval,
  IntervalFigures,
  IntervalRanges,
  PolicyOutcome,
  Refinement,
} from '../engine/interval/interval.ts';
export { atan, cos, exp, log, pow, sin, tan, tanh } from '../engine/math.ts';
export type { BarColumns, SeriesKey, Tape } from '../engine/model/bar.ts';
export type { Fill, Trade } from '../engine/model/fill.ts';
export type { Instrument, RuleChange } from '../engine/model/instrument.ts';
export type { Order, OrderKind, OrderRole, Side } from '../engine/model/order.ts';
export type { OrderStatus } from '../engine/model/order-state.ts';
export type { OrderTerms, TargetStep, TimeInForce } from '../engine/model/order-terms.ts';
export type { Timeframe } from '../engine/model/timeframe.ts';
export type { Offset } from '../engine/model/trail.ts';
export { boolean, choice, integer, number, type ParameterSchema, type ParameterValues, type ValuesOf } from '../engine/parameters.ts';
export type { PortfolioView, PositionLine } from '../engine/portfolio-view.ts';
export type { Certificate, EquityColumns, Metrics, OpenPosition, PlayedSeries, RunResult } from '../engine/result.ts';
export type { BookPosition, Exposure } from '../engine/risk/exposure.ts';
export {
  type Admission,
  type BookedFill,
  PortfolioManager,
  type PortfolioManagerInput,
  type ProposedOrder,
} from '../engine/risk/portfolio-manager.ts';
export { type Loss, RiskCalculator, type RiskCalculatorInput, type RiskContribution } from '../engine/risk/risk-calculator.ts';
export type { TailQuestion, ValueAtRiskMethod } from '../engine/risk/tail.ts';
export type { RiskEvent, RiskState } from '../engine/risk-event.ts';
export type { BookCaps, ProtectionSettings, RiskSettings, Sizing } from '../engine/risk-settings.ts';
export {
  type AccountView,
  type AmendWish,
  type Bars,
  type BatchKernel,
  type Column,
  crossedAbove,
  crossedBelow,
  crossing,
  defineStrategy,
  type Indicators,
  type OrderEntry,
  type OrderWish,
  type PositionView,
  type ProtectionWish,
  type SetupContext,
  type SizeWish,
  type StrategyContext,
  type StrategyDefinition,
  type StrategyHandlers,
  type StreamKernel,
  type TrailWish,
  type Wake,
} from '../engine/strategy.ts';
export type { ExplainOptions, ScenarioExplanation } from './explain-scenario.ts';
export type { FinishedRun, RunDetails, RunScenarioOptions } from './run-scenario.ts';
export type { ScenarioSettings, ScenarioSettingsOptions } from './scenario-settings.ts';

/** Plays a scenario file and stores the run, as "playhead run" does. Rejects with a PlayheadError; an expect block that fails is in details.expectations. */
export async function run(scenarioPath: string, options: RunScenarioOptions = {}): Promise<FinishedRun> {
  const { runScenario } = await import('./run-scenario.ts');
  return runScenario(scenarioPath, options);
}

/** Plays a scenario file or a stored run under its own rules and under those of another engine, and says which rule changed which trade, as "playhead explain" does. Stores nothing. */
export async function explain(scenarioOrRun: string, options: ExplainOptions): Promise<ScenarioExplanation> {
  const { explainScenario } = await import('./explain-scenario.ts');
  return explainScenario(scenarioOrRun, options);
}

/**
 * Plays a scenario file under each policy for ambiguous bars and stores the run with what each of them made of it, as "playhead run --interval"
 * does: figures by policy, their envelope, all branches where few enough bars are ambiguous, and what finer bars leave of the range.
 */
export async function interval(
  scenarioPath: string,
  options: RunScenarioOptions = {},
): Promise<FinishedRun & { readonly interval: Interval }> {
  const finished = await run(scenarioPath, { ...options, interval: true });
  return { ...finished, interval: finished.details.interval as Interval };
}

/** What a scenario file says, as the engine reads it, and the rules of its instruments: what a PortfolioManager is made from. Rejects with a PlayheadError. */
export async function scenarioSettings(scenarioPath: string, options: ScenarioSettingsOptions = {}): Promise<ScenarioSettings> {
  const { loadScenarioSettings } = await import('./scenario-settings.ts');
  return loadScenarioSettings(scenarioPath, options);
}
