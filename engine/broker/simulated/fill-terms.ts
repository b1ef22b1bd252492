/** Owns what a fill costs in price and how much of an order may fill now: one method each. Never decides whether it fills. */
import { Grid } from '../../model/grid.ts';
import type { Instrument } from '../../model/instrument.ts';
import { isLimitNow, type Order, protects } from '../../model/order.ts';
import type { RunSettings } from '../../settings.ts';
import type { FillGate } from '../broker.ts';
import type { MatchBar } from './match-bar.ts';

/** When on a bar an order fills: at its open, somewhere inside, at its close. */
export type Moment = 'open' | 'inside' | 'close';

export class FillTerms {
  private readonly gate: FillGate;
  private readonly slippageFraction: number;
  private readonly isOnEntries: boolean;
  private readonly sparesProtections: boolean;
  /** Ticks by instrument; empty where the semantics leave prices alone. */
  private readonly ticks: readonly Grid[];

  constructor(settings: RunSettings, instruments: readonly Instrument[], gate: FillGate) {
    this.slippageFraction = settings.costs.slippageFraction;
    const { slippageOn } = settings.semantics;
    this.isOnEntries = slippageOn === 'entries';
    this.sparesProtections = slippageOn === 'ownOrders';
    this.gate = gate;
    this.ticks = settings.semantics.grid === 'instrument' ? instruments.map((one) => new Grid(one.tickSize)) : [];
  }

  /** How much may fill of what rests, whoever's it is; on the lot. */
  quantity(_order: Order, _bar: MatchBar, _moment: Moment): number {
    return Number.POSITIVE_INFINITY;
  }

  /**
   * The price after slippage, on the tick that hurts: the tape may lie off the grid, the ledger does not. A limit is never passed by either.
   * sizeBase: what is about to fill; NaN where that hangs on the price.
   */
  price(order: Order, unslippedQuote: number, _sizeBase: number, _bar: MatchBar): number {
    const { slippageFraction, isOnEntries } = this;
    const isSpared = isOnEntries
      ? this.gate.positionBase(order.instrumentIndex) * order.side < 0
      : isLimitNow(order) || (this.sparesProtections && protects(order));
    let filled = slippageFraction === 0 || isSpared ? unslippedQuote : unslippedQuote * (1 + order.side * slippageFraction);
    if (this.ticks.length > 0) filled = this.ticks[order.instrumentIndex].against(filled, order.side);
    return order.kind === 'stopLimit' && !isOnEntries && order.side * (filled - order.limitPrice) > 0 ? order.limitPrice : filled;
  }
}
