/**
 * Owns the levels of trailing stops. Never fills one: the level stands in the order's stopPrice, NaN until a stage is activated.
 *
 * A level is the best price since the start less the distance, away from the price on the tick; it never moves back. The open raises it first,
 * the bar's own extreme after the level of before has been held against the bar; or, by other semantics, the extreme or the close alone, behind it.
 */
import type { Order } from '../../model/order.ts';
import { isWorking } from '../../model/order-state.ts';
import { offsetPrice, type TrailStage } from '../../model/trail.ts';
import { isStopReached } from './fill-rules.ts';
import type { Floor } from './floor.ts';
import type { MatchBar } from './match-bar.ts';

class Trail {
  readonly order: Order;
  readonly stages: readonly TrailStage[];
  /** Prices at which stages begin to count; of those without one the start. */
  readonly activations: Float64Array;
  /** Units of each stage's measure, as known when the bar under way opened. */
  readonly units: Float64Array;
  best: number;
  /** The last stage activated; −1 before the first. */
  stage = -1;
  constructor(order: Order, stages: readonly TrailStage[], startPrice: number) {
    this.order = order;
    this.stages = stages;
    this.best = startPrice;
    this.activations = Float64Array.from(stages, ({ activation }) => {
      if (activation === undefined) return startPrice;
      return typeof activation === 'number' ? activation : offsetPrice(activation, startPrice, -order.side);
    });
    this.units = new Float64Array(stages.length);
  }

  refresh(timeMs: number, isInside: boolean): void {
    for (let s = 0; s < this.stages.length; s++) this.units[s] = this.stages[s].unitQuote(timeMs, isInside);
  }

  /** The last stage activated once the price has been there. */
  stageAt(price: number): number {
    let { stage } = this;
    for (let s = stage + 1; s < this.stages.length; s++) if (this.order.side * (this.activations[s] - price) >= 0) stage = s;
    return stage;
  }

  /** The price itself where it is better than the best so far. */
  bestAt(price: number): number {
    return this.order.side * (this.best - price) > 0 ? price : this.best;
  }
}

export class Trails {
  /** Every price raises a level at once; otherwise each bar does when it is over. */
  readonly followsInside: boolean;
  private readonly floor: Floor;
  private readonly followsCloses: boolean;
  private trails: Trail[] = [];

  constructor(floor: Floor) {
    this.floor = floor;
    const { trailFollows } = floor.settings.semantics;
    this.followsInside = trailFollows === 'everyPrice';
    this.followsCloses = trailFollows === 'barClose';
  }

  get isEmpty(): boolean {
    return this.trails.length === 0;
  }

  /** Begins at this price; isInside: while a bar is under way, of which nothing is known yet. */
  start(order: Order, stages: readonly TrailStage[], startPrice: number, isInside: boolean): void {
    const trail = new Trail(order, stages, startPrice);
    trail.refresh(this.floor.feed.timeMs, isInside);
    this.trails = this.trails.filter((one) => isWorking(one.order.status) && one.order !== order);
    this.trails.push(trail);
    this.raise(trail, startPrice);
  }

  /** The level that an order made inside this bar would start with; NaN where no stage counts from the start. */
  firstLevel(instrumentIndex: number, side: number, stages: readonly TrailStage[], startPrice: number): number {
    const stage = stages.findLast(({ activation }) => activation === undefined);
    if (stage === undefined) return Number.NaN;
    const distance = stage.measure === 'fraction' ? stage.amount * startPrice : stage.unitQuote(this.floor.feed.timeMs, true);
    return this.floor.behind(instrumentIndex, startPrice + side * distance, side);
  }

  /** Bars open: columns have moved on, and the open counts as a price. isInside: of finer bars, in the middle of a bar of the tape. */
  moveToOpens(isInside: boolean): void {
    for (const trail of this.trails) {
      const bar = this.floor.bars[trail.order.instrumentIndex];
      if (!this.isMoving(trail, bar)) continue;
      trail.refresh(this.floor.feed.timeMs, isInside);
      // What the open has passed fills there, at the level of before.
      if (this.followsInside && !isStopReached(trail.order, bar.open, bar.open)) this.raise(trail, bar.open);
    }
  }

  /** The price went as far as this, on its way to somewhere else. */
  moveTo(bar: MatchBar, price: number): void {
    if (!this.followsInside) return;
    for (const trail of this.trails) if (trail.order.instrumentIndex === bar.instrumentIndex) this.raise(trail, price);
  }

  /** Where the bar's own extreme takes the level, and the bar comes back to it: the level; NaN where it does not, or that is in doubt and goes well. */
  priceAfterExtreme(order: Order, bar: MatchBar): number {
    if (!this.followsInside) return Number.NaN;
    const level = this.levelAfterExtreme(order, bar);
    if (Number.isNaN(level)) return Number.NaN;
    const back = bar.isOptimistic ? bar.close : order.side > 0 ? bar.high : bar.low;
    return isReached(order, level, back) ? level : Number.NaN;
  }

  /** The bar reaches the raised level somewhere and does not close there: before its extreme or after it, nobody knows. */
  isDoubtful(order: Order, bar: MatchBar): boolean {
    if (!this.followsInside || isStopReached(order, bar.high, bar.low)) return false;
    const level = this.levelAfterExtreme(order, bar);
    return isReached(order, level, order.side > 0 ? bar.high : bar.low) && !isReached(order, level, bar.close);
  }

  /** The bar did not fill the order: from here on its best price counts. */
  raiseByBar(order: Order, bar: MatchBar): void {
    const trail = this.find(order);
    if (trail !== undefined) this.raise(trail, this.followsCloses ? bar.close : extremeOf(order, bar));
  }

  private levelAfterExtreme(order: Order, bar: MatchBar): number {
    const trail = this.find(order);
    return trail === undefined ? Number.NaN : this.levelOf(trail, extremeOf(order, bar));
  }

  private isMoving(trail: Trail, bar: MatchBar): boolean {
    return isWorking(trail.order.status) && this.floor.isDue(trail.order, bar);
  }

  private find(order: Order): Trail | undefined {
    return this.trails.find((one) => one.order === order);
  }

  private raise(trail: Trail, price: number): void {
    const level = this.levelOf(trail, price);
    trail.stage = trail.stageAt(price);
    trail.best = trail.bestAt(price);
    trail.order.stopPrice = level;
  }

  /** The level once the price has been there; never behind the one that stands. */
  private levelOf(trail: Trail, price: number): number {
    const { order } = trail;
    const s = trail.stageAt(price);
    if (s < 0) return Number.NaN;
    const best = trail.bestAt(price);
    const stage = trail.stages[s];
    const distance = stage.measure === 'fraction' ? stage.amount * best : trail.units[s];
    const level = this.floor.behind(order.instrumentIndex, best + order.side * distance, order.side);
    return Number.isNaN(level) || order.side * (order.stopPrice - level) < 0 ? order.stopPrice : level;
  }
}

/** The best price of the bar: its high for a sale that trails below, its low for a purchase. */
function extremeOf(order: Order, bar: MatchBar): number {
  return order.side > 0 ? bar.low : bar.high;
}

function isReached(order: Order, level: number, price: number): boolean {
  return order.side * (price - level) >= 0;
}
