/** Owns what the engine offers to explain a difference between two sets of rules. Never more than that. */
export { attribute, type ExplainedTrade, type Explanation, type RuleEffect } from './attribute.ts';
export { type PlayedExplanation, playExplanation } from './play-explanation.ts';
export { type RuleSwitch, ruleSwitches } from './rule-switches.ts';
export type { ComparedTrade, TradeChange } from './trade-differences.ts';
