/** Owns what a reader of a result must know of its risk, in words. Never decides anything. */
import { timeUtc } from '../figure-text.ts';
import { type AccountRule, accountRules, type RiskEvent, ruleWords } from '../risk-event.ts';

/** A line for each rule that restricted the account; heldCount: positions open at the end. */
export function riskWarnings(events: readonly RiskEvent[], heldCount: number): string[] {
  const warnings: string[] = [];
  for (const rule of accountRules) {
    const found = events.filter((event) => (event.kind === 'reduce' || event.kind === 'halt') && event.rule === rule);
    if (found.length > 0) warnings.push(restrictionText(rule, found, heldCount));
  }
  return warnings;
}

function restrictionText(rule: AccountRule, found: readonly RiskEvent[], heldCount: number): string {
  const [first] = found;
  const isHalt = first.kind === 'halt';
  const name = rule === 'drawdown' && isHalt ? 'drawdown halt' : ruleWords[rule];
  if (isHalt && first.figures.untilMs === Number.POSITIVE_INFINITY) return finalHaltText(name, heldCount);
  const times = found.length === 1 ? 'once' : `${found.length} times`;
  const effect = isHalt ? 'positions were closed' : 'only reductions were let through';
  return `the ${name} was reached ${times}, first at ${timeUtc(first.timeMs)}: ${effect}`;
}

function finalHaltText(name: string, heldCount: number): string {
  if (heldCount === 0) return `the ${name} was reached: positions were closed and increases refused to the end`;
  const positions = heldCount === 1 ? '1 position was' : `${heldCount} positions were`;
  return `the ${name} was reached: increases were refused to the end, but ${positions} still open there; the closing orders say why`;
}
