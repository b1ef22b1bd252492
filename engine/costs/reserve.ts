/** Owns what a size keeps back for its costs before it is sent: never less than they can be expected to come to. Never charges anything. */
import type { FeedSeries } from '../feed.ts';
import type { Order } from '../model/order.ts';
import type { FillAmounts } from '../portfolio/ledger.ts';
import type { RulesInForce } from '../rules-in-force.ts';
import type { RunSettings } from '../settings.ts';
import type { FeeModel } from './fees.ts';
import { type SlippageModel, slippageModelOf } from './slippage.ts';

export interface CostReserveInput {
  readonly settings: Pick<RunSettings, 'costs' | 'liquidity'>;
  readonly inForce: RulesInForce;
  readonly feeModel: FeeModel | null;
  readonly finest: readonly FeedSeries[];
}

export interface ReservedOrder {
  readonly order: Pick<Order, 'instrumentIndex' | 'side'>;
  readonly priceQuote: number;
  readonly sizeBase: number;
}

export class CostReserve {
  /** Where rates are charged. */
  private readonly dearerRates: readonly number[];
  private readonly multipliers: Float64Array;
  private readonly feeModel: FeeModel | null;
  private readonly feeFixedQuote: number;
  private readonly slippageFraction: number;
  private readonly slippage: SlippageModel | null;
  private readonly volumeShare: number | null;
  private readonly finest: readonly FeedSeries[];

  constructor({ settings, inForce, feeModel, finest }: CostReserveInput) {
    const { costs, liquidity } = settings;
    this.dearerRates = inForce.dearerRates;
    this.multipliers = Float64Array.from(inForce.declared, (one) => one.multiplier);
    this.feeModel = feeModel;
    this.feeFixedQuote = costs.feeFixedQuote;
    this.slippageFraction = costs.slippageFraction;
    this.slippage = costs.slippage === null ? null : slippageModelOf(0, costs.slippage);
    this.volumeShare = liquidity.volumeShare;
    this.finest = finest;
  }

  /** Far from the edge a double decides that cash carries a fill and its fee; near it, and for models of fees, the exact cost does. */
  surelyPays({ instrumentIndex, side, priceQuote, sizeBase }: FillAmounts, payableQuote: number): boolean {
    if (this.feeModel !== null) return false;
    const notionalQuote = priceQuote * sizeBase * this.multipliers[instrumentIndex];
    const rate = this.dearerRates[instrumentIndex];
    if (side > 0) return (notionalQuote * (1 + rate) + this.feeFixedQuote) * 1.000001 + 1 < payableQuote;
    return notionalQuote * (1 - rate) * 0.999999 + payableQuote - 1 > this.feeFixedQuote;
  }

  /** Fee in proportion to the notional. */
  feeRate(instrumentIndex: number, priceQuote: number): number {
    return this.feeModel === null ? this.dearerRates[instrumentIndex] : this.feeModel.reserveFraction(instrumentIndex, priceQuote);
  }

  /** Fee beside it. */
  feeQuote({ order: { instrumentIndex, side }, priceQuote, sizeBase }: ReservedOrder): number {
    if (this.feeModel === null) return this.feeFixedQuote;
    return this.feeFixedQuote + this.feeModel.reserveQuote({ instrumentIndex, side, priceQuote, sizeBase, isMaker: false });
  }

  /** Slippage, and the fee in proportion to the notional slipped. */
  costRate(reserved: ReservedOrder): number {
    const slippageRate = this.slippageRate(reserved);
    return slippageRate + (1 + slippageRate) * this.feeRate(reserved.order.instrumentIndex, reserved.priceQuote);
  }

  /** As a fraction of the price; of models that need it, on the volume of the bar that closed last. */
  slippageRate({ order: { instrumentIndex }, priceQuote, sizeBase }: ReservedOrder): number {
    if (this.slippage === null) return this.slippageFraction;
    const { columns, index } = this.finest[instrumentIndex];
    const volume = index < 0 ? 0 : columns.volume[index];
    const filled = this.volumeShare === null ? sizeBase : Math.min(sizeBase, this.volumeShare * volume);
    return this.slippage.slipped(priceQuote, 1, filled, volume) / priceQuote - 1;
  }
}
