/** Owns what is told of risk: the account's states, and events with their numbers and words. Never decides one. */
import { timeUtc } from './figure-text.ts';

/** ACTIVE trades; REDUCING lets only reductions through; HALTED has cancelled all orders, closes at the next open and refuses the rest. */
export const riskStates = ['ACTIVE', 'REDUCING', 'HALTED'] as const;
export type RiskState = (typeof riskStates)[number];

/** Rules that restrict the whole account. */
export const accountRules = ['drawdown', 'dailyLoss', 'stopLossGuard', 'lossStreak'] as const;
export type AccountRule = (typeof accountRules)[number];
/** Rules that pause entries into one instrument. */
export type PauseRule = 'cooldown' | 'stopLossGuard' | 'lossStreak';
/** Rules that leave less room than a size asks for. */
export type CapRule =
  | 'cash'
  | 'leverage'
  | 'positionMax'
  | 'quantityMax'
  | 'exposureGross'
  | 'exposureNet'
  | 'correlation'
  | 'openPositions'
  | 'valueAtRisk'
  | 'reductionsOnly';

/**
 * reduce, halt: a rule was reached, and the account is REDUCING or HALTED at least until it lets go. pause: entries into one instrument are
 * refused for a while. release: a rule lets go; of a pause nothing is told. clip: a size became smaller than its share of equity or risk asked for.
 */
export interface RiskEvent {
  readonly timeMs: number;
  readonly kind: 'reduce' | 'halt' | 'release' | 'pause' | 'clip';
  readonly rule: AccountRule | PauseRule | CapRule;
  /** −1 where it concerns the account. */
  readonly instrumentIndex: number;
  /** −1 where it concerns no order. */
  readonly orderId: number;
  /** The account's state before and after. */
  readonly from: RiskState;
  readonly to: RiskState;
  /** The numbers it was decided on, by name and unit; untilMs Infinity lasts to the end of the run. */
  readonly figures: Readonly<Record<string, number>>;
  readonly reason: string;
}

/** What a rule is called in a sentence. */
export const ruleWords: Readonly<Record<AccountRule | PauseRule, string>> = {
  drawdown: 'drawdown limit',
  dailyLoss: 'daily loss limit',
  stopLossGuard: 'stop-loss guard',
  lossStreak: 'loss streak',
  cooldown: 'cooldown',
};

/** "4h", "90m", "1500ms": the largest whole unit. */
export function spanText(ms: number): string {
  if (!Number.isFinite(ms)) return 'the run';
  for (const [unit, length] of [
    ['d', 86_400_000],
    ['h', 3_600_000],
    ['m', 60_000],
    ['s', 1000],
  ] as const) {
    if (ms >= length && ms % length === 0) return `${ms / length}${unit}`;
  }
  return `${ms}ms`;
}

/** "until 2024-01-31 09:30"; for ever is the end of the run. */
export function untilText(untilMs: number): string {
  return Math.abs(untilMs) <= 8.64e15 ? `until ${timeUtc(untilMs)}` : 'to the end of the run';
}
