/** Owns the stop, target and trailing stop that protect something: how they are made, sized and ended together. Never says how much they protect. */
import type { Order, OrderFields, OrderKind, OrderRole, Side } from '../../model/order.ts';
import { isEnded } from '../../model/order-state.ts';
import type { AttachedTerms, TargetStep } from '../../model/order-terms.ts';
import { type Offset, offsetPrice, type TrailStage } from '../../model/trail.ts';
import type { ProtectionWish } from '../broker.ts';
import type { FillFacts } from './brackets.ts';
import type { Floor } from './floor.ts';
import { stepAt, TargetSteps } from './target-steps.ts';

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
  /** From then on it takes part; NaN for at once. */
  readonly liveMs: number;
}

const noPrice = Number.NaN;

export class Protectors {
  readonly none: Protection = Object.freeze({ instrumentIndex: -1, stop: null, target: null, trail: null });
  readonly steps: TargetSteps;
  private readonly floor: Floor;
  /** What is attached to other than market orders is not live on the bar of the entry. */
  private readonly waitsForNextBar: boolean;

  constructor(floor: Floor) {
    this.floor = floor;
    this.waitsForNextBar = floor.settings.semantics.entryBarStop === 'never';
    this.steps = new TargetSteps(floor);
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
      fromMs: fill.bar.knownMs,
      isInside: fill.isInside,
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
      liveMs: Number.NaN,
    });
  }

  /** Where an entry's stop (the nearer of two) and target would lie if it filled at this price now; NaN for none. */
  pricesOf(entry: Order, fromPrice: number): { stopPrice: number; targetPrice: number } {
    const exitSide = entry.side > 0 ? -1 : 1;
    const { terms, instrumentIndex } = entry;
    const stop = this.near(instrumentIndex, entry.stopLossPrice, terms?.stopLoss, { fromPrice, direction: exitSide });
    const takeProfit = terms?.takeProfit;
    const step = takeProfit !== undefined && isSteps(takeProfit) ? stepAt(takeProfit, 0) : undefined;
    const offset = takeProfit !== undefined && !isSteps(takeProfit) ? takeProfit : step;
    const targetPrice = this.near(instrumentIndex, entry.takeProfitPrice, offset, { fromPrice, direction: entry.side });
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
    const stopPrice = this.near(instrumentIndex, request.stopLossPrice, terms?.stopLoss, { fromPrice, direction: side });
    const takeProfit = terms?.takeProfit;
    const steps = takeProfit !== undefined && isSteps(takeProfit) ? takeProfit : undefined;
    const offset = takeProfit !== undefined && !isSteps(takeProfit) ? takeProfit : undefined;
    const limitPrice = this.near(instrumentIndex, request.takeProfitPrice, offset, { fromPrice, direction: -side });
    const stop = Number.isNaN(stopPrice) ? null : this.order(request, { kind: 'stop', role: 'stopLoss', limitPrice: noPrice, stopPrice });
    const target =
      Number.isNaN(limitPrice) && steps === undefined
        ? null
        : this.order(request, { kind: 'limit', role: 'takeProfit', limitPrice, stopPrice: noPrice });
    if (target !== null && steps !== undefined) this.steps.start(target, steps, fromPrice, request.fromMs);
    const trail = terms?.trail;
    return { instrumentIndex, stop, target, trail: trail === undefined ? null : this.trailing(request, trail) };
  }

  /** The price as it was given, or so far from the entry; NaN for neither. */
  private near(instrumentIndex: number, price: number, offset: Offset | undefined, from: { fromPrice: number; direction: number }): number {
    if (!Number.isNaN(price) || offset === undefined) return price;
    return this.floor.onTick(instrumentIndex, offsetPrice(offset, from.fromPrice, from.direction));
  }

  private trailing(request: Request, stages: readonly TrailStage[]): Order {
    const order = this.order(request, { kind: 'trailingStop', role: 'trail', limitPrice: noPrice, stopPrice: noPrice });
    const start = request.parentId >= 0 ? request.fromPrice : this.floor.gate.lastPrice(request.instrumentIndex);
    this.floor.trails.start(order, stages, start, request.isInside);
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

function isSteps(takeProfit: object): takeProfit is readonly TargetStep[] {
  return Array.isArray(takeProfit);
}
