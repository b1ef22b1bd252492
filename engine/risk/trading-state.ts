/** Owns the account's state: ACTIVE, REDUCING or HALTED, by the strictest rule in force. Never cancels or closes anything itself. */
import { type AccountRule, accountRules, type RiskState, riskStates, ruleWords, untilText } from '../risk-event.ts';
import type { RiskLog } from './risk-log.ts';

export interface Restriction {
  readonly rule: AccountRule;
  readonly state: 'REDUCING' | 'HALTED';
  readonly timeMs: number;
  /** First moment at which it no longer holds; Infinity for never. */
  readonly untilMs: number;
  readonly figures: Readonly<Record<string, number>>;
  /** What was found, in words with its numbers. */
  readonly found: string;
}

export class TradingState {
  state: RiskState = 'ACTIVE';
  /** The rule whose state it is; of several the one first in the list of rules. */
  rule: AccountRule | null = null;
  private readonly log: RiskLog;
  private readonly inForce = new Map<AccountRule, Restriction>();
  /** When the next rule lets go: a bar close before it has nothing to release. */
  nextReleaseMs = Number.POSITIVE_INFINITY;

  constructor(log: RiskLog) {
    this.log = log;
  }

  isRestrictedBy(rule: AccountRule): boolean {
    return this.inForce.has(rule);
  }

  /** Puts a restriction in force, in place of an earlier one by the same rule. True where the state became stricter. */
  restrict(restriction: Restriction): boolean {
    const { rule, timeMs, untilMs, figures, found } = restriction;
    this.inForce.set(rule, restriction);
    const from = this.settle();
    const reason = `${found}: ${restriction.state} ${untilText(untilMs)}`;
    this.tell({ timeMs, kind: restriction.state === 'HALTED' ? 'halt' : 'reduce', rule, from, figures: { ...figures, untilMs }, reason });
    return riskStates.indexOf(this.state) > riskStates.indexOf(from);
  }

  /** Lets go what has lasted its time; the rules that did. */
  release(timeMs: number): readonly AccountRule[] {
    const released = accountRules.filter((rule) => timeMs >= (this.inForce.get(rule)?.untilMs ?? Number.POSITIVE_INFINITY));
    for (const rule of released) {
      const { untilMs } = this.inForce.get(rule) as Restriction;
      this.inForce.delete(rule);
      const from = this.settle();
      this.tell({ timeMs, kind: 'release', rule, from, figures: { untilMs }, reason: `lasted its time, ${untilText(untilMs)}` });
    }
    return released;
  }

  /** Who restricts, in words: "by the drawdown halt". */
  get restriction(): string {
    if (this.rule === null) return '';
    return this.rule === 'drawdown' && this.state === 'HALTED' ? 'by the drawdown halt' : `by the ${ruleWords[this.rule]}`;
  }

  /** Why an entry is refused now; '' where trading is ACTIVE. */
  entryRefusal(): string {
    if (this.rule === null) return '';
    const { found, untilMs } = this.inForce.get(this.rule) as Restriction;
    return `${this.state}: ${found}; increases are refused ${untilText(untilMs)}`;
  }

  /** Takes the strictest of what is in force; returns the state before. */
  private settle(): RiskState {
    const before = this.state;
    this.state = 'ACTIVE';
    this.rule = null;
    this.nextReleaseMs = Number.POSITIVE_INFINITY;
    for (const rule of accountRules) {
      const restriction = this.inForce.get(rule);
      if (restriction === undefined) continue;
      this.nextReleaseMs = Math.min(this.nextReleaseMs, restriction.untilMs);
      if (riskStates.indexOf(restriction.state) <= riskStates.indexOf(this.state)) continue;
      this.state = restriction.state;
      this.rule = rule;
    }
    return before;
  }

  private tell(event: {
    timeMs: number;
    kind: 'reduce' | 'halt' | 'release';
    rule: AccountRule;
    from: RiskState;
    figures: Record<string, number>;
    reason: string;
  }): void {
    this.log.push({ ...event, figures: Object.freeze(event.figures), instrumentIndex: -1, orderId: -1, to: this.state });
  }
}
