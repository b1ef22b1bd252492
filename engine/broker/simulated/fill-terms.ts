/** Owns what a fill costs in price and how much of an order may fill now. Never decides whether it fills. */
import { VolumeShare } from '../../costs/liquidity.ts';
import { type SlippageModel, slippageModelOf } from '../../costs/slippage.ts';
import type { Grid } from '../../model/grid.ts';
import { isLimitNow, type Order, protects } from '../../model/order.ts';
import type { RulesInForce } from '../../rules-in-force.ts';
import type { RunSettings } from '../../settings.ts';
import type { FillGate } from '../broker.ts';
import type { MatchBar } from './match-bar.ts';
import type { Queues } from './queues.ts';

/** When on a bar an order fills: at its open, somewhere inside, at its close. */
export type Moment = 'open' | 'inside' | 'close';

export interface FillTermsInput {
  readonly settings: RunSettings;
  readonly inForce: RulesInForce;
  readonly gate: FillGate;
  readonly queues: Queues | null;
}

export class FillTerms {
  private readonly isOnEntries: boolean;
  private readonly sparesProtections: boolean;
  private readonly gate: FillGate;
  private readonly slippage: SlippageModel | null;
  /** Of the tape's own bars, and of finer ones in their place; null where volume sets no limit. */
  private readonly share: VolumeShare | null;
  private readonly finerShare: VolumeShare | null;
  private readonly queues: Queues | null;
  /** A market order fills whole at the price it meets. */
  readonly isPlain: boolean;
  /** Ticks in force by instrument; empty where the semantics leave prices alone. */
  private readonly ticks: readonly Grid[];
  /** What rests may lie off the tick in force. */
  private readonly hasOldTicks: boolean;

  constructor({ settings, inForce, gate, queues }: FillTermsInput) {
    const { costs, liquidity, semantics } = settings;
    this.isOnEntries = semantics.slippageOn === 'entries';
    this.sparesProtections = semantics.slippageOn === 'ownOrders';
    this.gate = gate;
    this.slippage = slippageModelOf(costs.slippageFraction, costs.slippage);
    const { volumeShare } = liquidity;
    this.share = volumeShare === null ? null : new VolumeShare(volumeShare, inForce.lots, inForce.sizes);
    this.finerShare = volumeShare === null ? null : new VolumeShare(volumeShare, inForce.lots, inForce.sizes);
    this.queues = queues;
    this.isPlain = this.slippage === null && this.share === null;
    this.ticks = inForce.ticks;
    this.hasOldTicks = inForce.areDated && this.ticks.length > 0;
  }

  /** How much may fill of what rests, whoever's it is; on the lot. What closes the run is a way of counting, not a trade: it fills whole. */
  quantity(order: Order, bar: MatchBar, moment: Moment): number {
    if (order.role === 'endOfRun') return Number.POSITIVE_INFINITY;
    // Both legs of an instrument draw on one bar.
    const i = bar.instrumentIndex;
    let most = Number.POSITIVE_INFINITY;
    if (this.share !== null && this.finerShare !== null) {
      const volume = volumeDrawnOn(bar, moment);
      most = bar.isFiner ? this.finerShare.left(i, finerKey(bar, moment), volume) : this.share.left(i, tapeKey(bar, moment), volume);
    }
    if (this.queues === null || moment !== 'inside' || !isLimitNow(order)) return most;
    return Math.min(most, this.queues.beyond(order, bar));
  }

  /** So much has filled: nobody else draws it again. */
  draw(bar: MatchBar, moment: Moment, sizeBase: number): void {
    if (this.share === null || this.finerShare === null) return;
    this.share.draw(bar.instrumentIndex, tapeKey(bar, moment), sizeBase);
    if (bar.isFiner) this.finerShare.draw(bar.instrumentIndex, finerKey(bar, moment), sizeBase);
  }

  /**
   * The price after slippage, on the tick that hurts: the tape may lie off the grid, the ledger does not. A limit is never passed by either,
   * and no sale falls below one tick. sizeBase: what is about to fill; NaN where that hangs on the price.
   */
  price(order: Order, bar: MatchBar, unslippedQuote: number, sizeBase: number, moment: Moment): number {
    const { slippage, isOnEntries } = this;
    let filled = unslippedQuote;
    if (slippage !== null && !this.isSpared(order)) {
      const volume = slippage.needsVolume ? volumeDrawnOn(bar, moment) : 0;
      filled = slippage.slipped(unslippedQuote, order.side, sizeBase, volume);
    }
    filled = this.onTickAgainst(order, filled);
    const isBounded = order.kind === 'stopLimit' || (this.hasOldTicks && isLimitNow(order));
    return isBounded && !isOnEntries && order.side * (filled - order.limitPrice) > 0 ? order.limitPrice : filled;
  }

  /** On the tick that hurts, and not below one. */
  onTickAgainst({ instrumentIndex, side }: Order, priceQuote: number): number {
    if (this.ticks.length === 0) return priceQuote;
    const tick = this.ticks[instrumentIndex];
    const onTick = tick.against(priceQuote, side);
    return onTick > 0 ? onTick : tick.at(1);
  }

  /** Limits are filled where they rest; semantics may spare what lowers the position, or what protects it. */
  private isSpared(order: Order): boolean {
    if (this.isOnEntries) return this.gate.positionBase(order.instrumentIndex) * order.side < 0;
    return isLimitNow(order) || (this.sparesProtections && protects(order));
  }
}

/** At an open the volume of the bar that closed before it: its own is not known. */
function volumeDrawnOn(bar: MatchBar, moment: Moment): number {
  if (moment !== 'open') return bar.volume;
  if (bar.isFiner) return bar.volumeBefore;
  return bar.bar === 0 ? 0 : bar.series.columns.volume[bar.bar - 1];
}

/** The bar of the tape whose volume is drawn on: also what finer bars give is its own. */
function tapeKey(bar: MatchBar, moment: Moment): number {
  return moment === 'open' && !bar.isFiner ? bar.bar - 1 : bar.bar;
}

function finerKey(bar: MatchBar, moment: Moment): number {
  return moment === 'open' ? bar.finerRow - 1 : bar.finerRow;
}
