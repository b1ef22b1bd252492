/** Owns the stop, target and trailing stop that protect something: how they are made, sized and ended together. Never says how much they protect. */

import { lowerBound } from '../../feed.ts';
import type { Order, OrderFields, OrderKind, OrderRole, Side } from '../../model/order.ts';
import { isEnded } from '../../model/order-state.ts';
import type { AttachedTerms } from '../../model/order-terms.ts';
import { type Offset, offsetPrice, type TrailStage } from '../../model/trail.ts';
import type { ProtectionWish } from '../broker.ts';
import type { FillFacts } from './brackets.ts';
import type { Floor } from './floor.ts';
import type { MatchBar } from './match-bar.ts';
import type { ProfitFrom } from './profit-levels.ts';
import { isSteps, stepAt } from './targets.ts';

/** Orders of which one that fills whole ends the others. */
export interface Protection {
  readonly instrumentIndex: number;
  readonly stop: Order | null;
  readonly target: Order | null;
  readonly trail: Order | null;
}

/** What is to be made, for whom, and from which price. */
interface Request {
  readonly instrumentIndex: number;
  readonly side: Side;
  readonly sizeBase: number;
  readonly stopLossPrice: number;
  readonly takeProfitPrice: number;
  readonly terms: AttachedTerms | undefined;
  readonly parentId: number;
  readonly tag: string;
  readonly fromPrice: number;
  readonly fromMs: number;
  readonly isInside: boolean;
  /** The bar that it begins on, −1 between two bars. */
  readonly bar: number;
  /** From then on it takes part; NaN for at once. */
  readonly liveMs: number;
}

const noPrice = Number.NaN;

export class Protectors {
  readonly none: Protection = Object.freeze({ instrumentIndex: -1, stop: null, target: null, trail: null });
  private readonly floor: Floor;
  /** What is attached to other than market orders is not live on the bar of the entry. */
  private readonly waitsForNextBar: boolean;
  private readonly countsFromFirstBar: boolean;

  constructor(floor: Floor) {
    this.floor = floor;
    const { semantics } = floor.settings;
    this.waitsForNextBar = semantics.entryBarStop === 'never';
    this.countsFromFirstBar = semantics.targetStepsFrom === 'firstBar';
  }

  /** For an entry that filled, from its price. */
  forEntry(entry: Order, sizeBase: number, fill: FillFacts): Protection {
    return this.make({
      instrumentIndex: entry.instrumentIndex,
      side: entry.side > 0 ? -1 : 1,
      sizeBase,
      stopLossPrice: entry.stopLossPrice,
      takeProfitPrice: entry.takeProfitPrice,
      terms: entry.kind === 'trailingStop' && entry.terms !== undefined ? { ...entry.terms, trail: undefined } : entry.terms,
      parentId: entry.id,
      tag: entry.tag,
      fromPrice: fill.priceQuote,
      fromMs: this.countsFromFirstBar ? firstOpenMs(entry, fill.bar) : fill.bar.knownMs,
      isInside: fill.isInside,
      bar: fill.bar.bar,
      liveMs:
        this.floor.protectsFromNextBar || (this.waitsForNextBar && entry.kind !== 'market')
          ? fill.bar.series.closeMs(fill.bar.bar)
          : Number.NaN,
    });
  }

  /** For a whole position, from its mean price; the trailing stop from the price last known. */
  forPosition(wish: ProtectionWish, positionBase: number): Protection {
    return this.make({
      ...wish,
      side: positionBase > 0 ? -1 : 1,
      sizeBase: Math.abs(positionBase),
      parentId: -1,
      fromPrice: this.floor.gate.averagePrice(wish.instrumentIndex),
      fromMs: this.floor.nowMs,
      isInside: false,
      bar: -1,
      liveMs: Number.NaN,
    });
  }

  /** Where an entry's stop (the nearer of two) and target would lie if it filled at this price now; NaN for none. */
  pricesOf(entry: Order, fromPrice: number): { stopPrice: number; targetPrice: number } {
    const exitSide = entry.side > 0 ? -1 : 1;
    const { terms, instrumentIndex } = entry;
    const stop = this.stopPrice(entry.stopLossPrice, terms?.stopLoss, { instrumentIndex, fromPrice, direction: exitSide });
    const takeProfit = terms?.takeProfit;
    const offset = isSteps(takeProfit) ? stepAt(takeProfit, 0) : takeProfit;
    const targetPrice = this.targetPrice(entry.takeProfitPrice, offset, { instrumentIndex, fromPrice, direction: entry.side });
    const stages = entry.kind === 'trailingStop' ? undefined : terms?.trail;
    const level = stages === undefined ? noPrice : this.floor.trails.firstLevel(instrumentIndex, exitSide, stages, fromPrice);
    const isTrailNearer = Number.isNaN(stop) || exitSide * (level - stop) < 0;
    return { stopPrice: isTrailNearer ? level : stop, targetPrice };
  }

  /** Gives each order that still works so much to fill. */
  resize(protection: Protection, sizeBase: number): void {
    for (const order of [protection.stop, protection.target, protection.trail]) {
      if (order !== null && !isEnded(order.status))
        order.sizeBase = order.filledBase === 0 ? sizeBase : this.floor.lotsOf(order.instrumentIndex, order.filledBase + sizeBase);
    }
  }

  end(protection: Protection, reason: string): void {
    for (const order of [protection.stop, protection.target, protection.trail]) {
      if (order !== null && !isEnded(order.status)) this.floor.cancel(order, reason);
    }
  }

  private make(request: Request): Protection {
    const { terms, instrumentIndex, side, fromPrice } = request;
    const stopPrice = this.stopPrice(request.stopLossPrice, terms?.stopLoss, { instrumentIndex, fromPrice, direction: side });
    const wish = terms?.takeProfit;
    const offset = isSteps(wish) ? undefined : wish;
    const limitPrice = this.targetPrice(request.takeProfitPrice, offset, { instrumentIndex, fromPrice, direction: -side });
    // Of those that one open passes the first fills: those that limit a loss come first.
    const stop = Number.isNaN(stopPrice) ? null : this.order(request, { kind: 'stop', role: 'stopLoss', limitPrice: noPrice, stopPrice });
    const trail = terms?.trail === undefined ? null : this.trailing(request, terms.trail, stop);
    const target =
      Number.isNaN(limitPrice) && !isSteps(wish)
        ? null
        : this.order(request, { kind: 'limit', role: 'takeProfit', limitPrice, stopPrice: noPrice });
    if (target !== null) this.floor.targets.start(target, wish, fromPrice, request.fromMs);
    return { instrumentIndex, stop, target, trail };
  }

  /** The price as it was given, or so far from the entry; NaN for neither. */
  private stopPrice(price: number, offset: Offset | undefined, { instrumentIndex, fromPrice, direction }: ProfitFrom): number {
    if (!Number.isNaN(price) || offset === undefined) return price;
    return this.floor.onTick(instrumentIndex, offsetPrice(offset, fromPrice, direction));
  }

  private targetPrice(price: number, offset: Offset | undefined, from: ProfitFrom): number {
    if (!Number.isNaN(price) || offset === undefined) return price;
    return this.floor.onTick(from.instrumentIndex, this.floor.profits.price(offset, from));
  }

  private trailing(request: Request, stages: readonly TrailStage[], stop: Order | null): Order {
    const order = this.order(request, { kind: 'trailingStop', role: 'trail', limitPrice: noPrice, stopPrice: noPrice });
    const fromPrice = request.parentId >= 0 ? request.fromPrice : this.floor.gate.lastPrice(request.instrumentIndex);
    this.floor.trails.start(order, stages, { fromPrice, isInside: request.isInside, entryBar: request.bar, stop });
    return order;
  }

  private order(request: Request, what: { kind: OrderKind; role: OrderRole; limitPrice: number; stopPrice: number }): Order {
    const fields: OrderFields = {
      instrumentIndex: request.instrumentIndex,
      side: request.side,
      sizeRule: 'base',
      sizeAsked: request.sizeBase,
      stopLossPrice: noPrice,
      takeProfitPrice: noPrice,
      isReduceOnly: true,
      parentId: request.parentId,
      tag: request.tag,
      terms: undefined,
      ...what,
    };
    const order = this.floor.sink.make(fields, request.sizeBase);
    this.floor.place(order);
    if (!Number.isNaN(request.liveMs)) order.liveMs = request.liveMs;
    return order;
  }
}

/** Open of the first bar that an order took part in. */
function firstOpenMs({ submittedMs }: Order, { series }: MatchBar): number {
  const { openTimeMs, length } = series.columns;
  return openTimeMs[lowerBound(openTimeMs, length, submittedMs)];
}
