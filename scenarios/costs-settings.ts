/** Owns how a scenario's words for costs, volume and latency become the engine's settings. Infinity stands here only: JSON has no word for it. */
import type { FeeRule } from '../engine/costs/fees.ts';
import type { LatencyRule } from '../engine/costs/latency.ts';
import type { SlippageRule } from '../engine/costs/slippage.ts';
import type { RunSettings } from '../engine/settings.ts';
import type { Scenario } from './schema.ts';

export function costSettings({ feeRateMaker, feeRateTaker, feeFixed, feeIn, fees, slippage }: Scenario['costs']): RunSettings['costs'] {
  return {
    feeRateMaker,
    feeRateTaker,
    feeFixedQuote: feeFixed,
    feeCurrency: typeof feeIn === 'string' ? feeIn : { currency: feeIn.currency, discountFraction: feeIn.discount },
    fees: feeRule(fees),
    slippageFraction: typeof slippage === 'number' ? slippage : 0,
    slippage: typeof slippage === 'number' ? null : slippageRule(slippage),
  };
}

export function latencySettings({ order, cancel, data }: Scenario['latency']): RunSettings['latency'] {
  return { order: latencyRule(order), cancel: latencyRule(cancel), data: latencyRule(data) };
}

function feeRule(fees: Scenario['costs']['fees']): FeeRule {
  switch (fees.model) {
    case 'tiers':
      return { kind: 'tiers', tiers: fees.tiers.map(({ from, maker, taker }) => ({ fromQuote: from, maker, taker })) };
    case 'perUnit':
      return {
        kind: 'perUnit',
        amountQuote: fees.amount,
        minimumQuote: fees.minimum,
        maximumQuote: fees.maximum ?? Number.POSITIVE_INFINITY,
        maximumFraction: fees.maximumFraction ?? Number.POSITIVE_INFINITY,
        boundsOf: fees.boundsOf,
      };
    default:
      return { kind: fees.model };
  }
}

function slippageRule(slippage: Exclude<Scenario['costs']['slippage'], number>): SlippageRule {
  if (slippage.model !== 'spread') return { kind: slippage.model, impact: slippage.impact };
  return { kind: 'spread', spreadQuote: slippage.price ?? 0, spreadFraction: slippage.fraction ?? 0 };
}

function latencyRule(delay: Scenario['latency']['order']): LatencyRule {
  if (typeof delay === 'number') return { kind: 'fixed', ms: delay };
  if (delay.model === 'uniform') return { kind: 'uniform', minMs: delay.min, maxMs: delay.max };
  return { kind: 'lognormal', medianMs: delay.median, sigma: delay.sigma };
}
