/** Owns how long messages take, drawn by order from the run's seed: one order's draw depends on no other's. Never reads a clock. */
import { exp } from '../math.ts';
import { PlacedRandom } from '../random.ts';

export type LatencyRule =
  | { readonly kind: 'fixed'; readonly ms: number }
  /** Every whole number of ms from minMs to maxMs is as likely. */
  | { readonly kind: 'uniform'; readonly minMs: number; readonly maxMs: number }
  /** The logarithm is normal: half of all draws lie under the median, sigma is the deviation of the logarithm. */
  | { readonly kind: 'lognormal'; readonly medianMs: number; readonly sigma: number };

export interface LatencyRules {
  /** From sending an order, an amend or a protection until it is live. */
  readonly order: LatencyRule;
  readonly cancel: LatencyRule;
  /** From what happened until the strategy knows: all that it sends is late by as much. */
  readonly data: LatencyRule;
  /**
   * Every message is later by so many bars of its instrument besides, 1 or more, and orders are sized anew when they arrive: sized before, one for
   * all the cash would fall short of it wherever the price has risen. The robustness check's, and no scenario's.
   */
  readonly bars?: number;
}

export const noLatency: LatencyRules = Object.freeze({
  order: Object.freeze({ kind: 'fixed', ms: 0 }),
  cancel: Object.freeze({ kind: 'fixed', ms: 0 }),
  data: Object.freeze({ kind: 'fixed', ms: 0 }),
});

/** Places of the draws of one run. */
const streams = Object.freeze({ order: 0, cancel: 1, dataOfOrder: 2, dataOfCancel: 3, protection: 4, dataOfProtection: 5 });

/** Whole ms for each message; the same for the same seed and order. */
export class Latencies {
  /** Bars by which every message is late besides. */
  readonly bars: number;
  private readonly rules: LatencyRules;
  private readonly random: PlacedRandom;

  constructor(rules: LatencyRules, seed: number) {
    this.bars = rules.bars ?? 0;
    this.rules = rules;
    this.random = new PlacedRandom(seed);
  }

  /** Of an order, and of every amend of it, so that none overtakes it. */
  orderMs(orderId: number): number {
    return this.draw(this.rules.order, streams.order, orderId) + this.draw(this.rules.data, streams.dataOfOrder, orderId);
  }

  cancelMs(orderId: number): number {
    return this.draw(this.rules.cancel, streams.cancel, orderId) + this.draw(this.rules.data, streams.dataOfCancel, orderId);
  }

  /** Of the n-th protection of a whole position, which has no order yet. */
  protectionMs(n: number): number {
    return this.draw(this.rules.order, streams.protection, n) + this.draw(this.rules.data, streams.dataOfProtection, n);
  }

  private draw(rule: LatencyRule, stream: number, index: number): number {
    switch (rule.kind) {
      case 'fixed':
        return rule.ms;
      case 'uniform':
        return rule.minMs + Math.floor(this.random.uniform(stream, index) * (rule.maxMs - rule.minMs + 1));
      default:
        return Math.round(rule.medianMs * exp(rule.sigma * this.random.normal(stream, index)));
    }
  }
}

/** null where nothing is ever late. */
export function latenciesOf(rules: LatencyRules, seed: number): Latencies | null {
  const isPrompt = rules.bars === undefined && [rules.order, rules.cancel, rules.data].every(isNone);
  return isPrompt ? null : new Latencies(rules, seed);
}

export function isNone(rule: LatencyRule): boolean {
  return rule.kind === 'fixed' ? rule.ms === 0 : rule.kind === 'uniform' && rule.maxMs === 0;
}
