/** Owns what a reader must know before believing a result. Never changes one. */

import type { SimulatedBroker } from './broker/simulated/simulated-broker.ts';
import { figureText, timeUtc } from './figure-text.ts';
import { seriesName } from './model/bar.ts';
import type { AccountEvent } from './result.ts';
import { riskWarnings } from './risk/risk-warnings.ts';
import type { RunState } from './run-state.ts';
import type { RunSettings } from './settings.ts';
import type { StrategyDefinition } from './strategy.ts';

export interface WarningsInput {
  readonly run: RunState;
  readonly broker: SimulatedBroker;
  readonly definition: StrategyDefinition;
  readonly settings: RunSettings;
}

/** How the warning of synthetic bars begins, for those who say it in another place. */
export const syntheticLead = 'SYNTHETIC bars, made by a seeded generator';

/** In words, one line each. */
export function warningsOf({ run, broker, definition, settings }: WarningsInput): string[] {
  const warnings: string[] = [];
  const synthetic = run.feed.series.filter((series) => series.isSynthetic).map((series) => seriesName(series.key));
  if (synthetic.length > 0) warnings.push(`${syntheticLead}: ${synthetic.join(', ')}`);
  if (settings.semantics.profile !== 'playhead')
    warnings.push(`played by the rules of "${settings.semantics.profile}": such a run cannot be promoted`);
  if (settings.semantics.marketFill === 'close')
    warnings.push('optimistic: market orders filled at the close that decided (fills.market: close)');
  if (settings.semantics.stopEntryFill === 'barOpen')
    warnings.push('LOOKS AHEAD: stops that enter fill at the open of the bar whose later prices set them off');
  if (settings.ambiguity === 'path')
    warnings.push('every bar was taken to go from its open to the nearer extreme, the other, and its close');
  if (settings.ambiguity === 'optimistic') warnings.push('ambiguous bars were decided optimistically');
  const { notRefinedBarCount } = broker.doubts;
  if (notRefinedBarCount > 0) {
    const bars = notRefinedBarCount === 1 ? '1 ambiguous bar' : `${notRefinedBarCount} ambiguous bars`;
    warnings.push(`${bars} taken pessimistically: finer bars are missing there, or are not the same bar`);
  }
  if (definition.fee !== undefined && settings.costs.fees.kind !== 'strategy')
    warnings.push('the strategy declares a fee that was not charged; costs.fees: { model: strategy } charges it');
  if (!run.isReady && run.handlers.onBar !== undefined)
    warnings.push('onBar was never called: a declared column has no value inside the window; look at periods and warm-up');
  warnings.push(...riskWarnings(run.risk.log.events, run.portfolio.heldCount));
  if (run.keeper !== null) warnings.push(...accountWarnings(run.keeper.events));
  const owed = settings.account.kind === 'frictionless' ? [...(run.portfolio.currencies?.owed ?? [])] : [];
  if (owed.length > 0)
    warnings.push(
      `cash in ${owed.join(' and ')} fell below 0: with account.conversion: none a frictionless account owes what it lacks, without interest; atFill buys it`,
    );
  if (run.refusedCount > 0) {
    const count = run.refusedCount === 1 ? '1 order was' : `${run.refusedCount} orders were`;
    warnings.push(`${count} refused or rejected; "playhead runs export" gives each with its reason, the first: ${run.firstRefusal}`);
  }
  const { passedCount } = run.risk.log;
  if (passedCount > 0) {
    const [orders, was, them] = passedCount === 1 ? ['1 order', 'it was', 'it'] : [`${passedCount} orders`, 'they were', 'them'];
    warnings.push(
      `${orders} had a trigger that the price had passed when ${was} sent: the next open sets ${them} off, where an exchange refuses ${them} ("would trigger immediately")`,
    );
  }
  const clippedCount = run.risk.log.clipCount;
  if (clippedCount > 0) {
    const orders = clippedCount === 1 ? '1 order was' : `${clippedCount} orders were`;
    warnings.push(`${orders} made smaller than asked: cash, leverage or a cap carried no more`);
  }
  return warnings;
}

function accountWarnings(events: readonly AccountEvent[]): string[] {
  const warnings: string[] = [];
  const callCount = events.filter((event) => event.kind === 'marginCall').length;
  if (callCount > 0) {
    const calls = callCount === 1 ? 'a margin call came' : `${callCount} margin calls came`;
    warnings.push(`${calls}: equity was below the maintenance margin at a close, and positions were closed at the next open`);
  }
  const ruin = events.find((event) => event.kind === 'ruin');
  if (ruin !== undefined)
    warnings.push(
      `the account was ruined at ${timeUtc(ruin.timeMs)}: equity was ${figureText(Number(ruin.figures.equityQuote))}, everything was closed there and the run ended`,
    );
  return warnings;
}
