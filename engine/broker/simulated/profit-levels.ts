/** Owns at which price a profit is made, and how far the price must go for it. Pure: never sees a bar. */
import { type Offset, offsetPrice } from '../../model/trail.ts';
import type { FeeRates, RulesInForce } from '../../rules-in-force.ts';
import type { RunSettings } from '../../settings.ts';

/** Where a profit is counted from: direction +1 above a price, −1 below. */
export interface ProfitFrom {
  readonly instrumentIndex: number;
  readonly fromPrice: number;
  readonly direction: number;
}

/** Profits are told apart to the eighth decimal: half of it beyond a profit is beyond it. */
const beyondFraction = 5e-9;

export class ProfitLevels {
  /** Targets and activations take hold beyond their price, not at it. */
  readonly isBeyond: boolean;
  /** The rates that a profit is counted after, by instrument as in force; empty where it is the distance from the entry's price. */
  private readonly feeRates: readonly FeeRates[];

  constructor({ semantics }: RunSettings, { feeRates }: RulesInForce) {
    this.isBeyond = semantics.profitReached === 'beyond';
    this.feeRates = semantics.profitFraction === 'afterFees' ? feeRates : [];
  }

  /** The price that pays a profit out. After fees: entry × (1 ± fraction ± fee) / (1 ∓ fee), as freqtrade prices it. */
  price(offset: Offset, { instrumentIndex, fromPrice, direction }: ProfitFrom): number {
    if (this.feeRates.length === 0 || 'distance' in offset) return offsetPrice(offset, fromPrice, direction);
    const { taker: fee } = this.feeRates[instrumentIndex];
    return (fromPrice * (1 + direction * (offset.fraction + fee))) / (1 - direction * fee);
  }

  /** How far the price must go for a profit to have been made; after fees a little further than the price that pays it out. */
  reach(offset: Offset, from: ProfitFrom): number {
    const { instrumentIndex, fromPrice, direction } = from;
    if (this.feeRates.length === 0 || 'distance' in offset) return this.beyond(offsetPrice(offset, fromPrice, direction), from);
    const { taker: fee } = this.feeRates[instrumentIndex];
    return this.beyond((fromPrice * (1 + direction * fee) * (1 + direction * offset.fraction)) / (1 - direction * fee), from);
  }

  /** How far the price must go to have reached a price on the winning side. */
  beyond(price: number, { fromPrice, direction }: ProfitFrom): number {
    return this.isBeyond ? price + direction * beyondFraction * fromPrice : price;
  }
}
