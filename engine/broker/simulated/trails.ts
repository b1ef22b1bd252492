/**
 * Owns the levels of trailing stops. Never fills one: the level stands in the order's stopPrice, NaN until a stage is activated.
 *
 * A level is the best price since the start less the distance, away from the price on the tick; it never moves back. The open raises it first,
 * the bar's own extreme after the level of before has been held against the bar; or, by other semantics, the extreme or the close alone, behind it.
 */
import { isMarketNow, type Order } from '../../model/order.ts';
import { isWorking } from '../../model/order-state.ts';
import { offsetPrice, type TrailStage } from '../../model/trail.ts';
import { isStopReached } from './fill-rules.ts';
import type { Floor } from './floor.ts';
import type { MatchBar } from './match-bar.ts';
import type { ProfitFrom, ProfitLevels } from './profit-levels.ts';

/** Where a trailing stop begins. */
export interface TrailStart {
  readonly fromPrice: number;
  /** While a bar is under way, of which nothing is known yet. */
  readonly isInside: boolean;
  /** The bar of the entry that it protects; −1 where it came with none. */
  readonly entryBar: number;
  /** The stop that protects the same; null for none. */
  readonly stop: Order | null;
}

class Trail {
  readonly order: Order;
  readonly stages: readonly TrailStage[];
  readonly entryBar: number;
  readonly stop: Order | null;
  /** Prices at which stages begin to count; of those without one the start. */
  readonly activations: Float64Array;
  /** Units of each stage's measure, as known when the bar under way opened. */
  readonly units: Float64Array;
  best: number;
  /** The last stage activated; −1 before the first. */
  stage = -1;
  /** The level that it began with. */
  firstLevel = Number.NaN;
  constructor(order: Order, stages: readonly TrailStage[], { fromPrice, entryBar, stop }: TrailStart, floor: Floor) {
    this.order = order;
    this.stages = stages;
    this.entryBar = entryBar;
    this.stop = stop;
    this.best = fromPrice;
    const from = { instrumentIndex: order.instrumentIndex, fromPrice, direction: -order.side };
    this.activations = Float64Array.from(stages, (stage) => {
      const price = activationPrice(stage, from, floor.profits);
      // The first tick that has reached it: an offset is not on the tick, nor exact.
      return typeof stage.activation === 'object' ? floor.behind(order.instrumentIndex, price, -order.side) : price;
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
  /** The inside of a bar raises a level at once; otherwise each bar does when it is over. */
  readonly followsInside: boolean;
  private readonly floor: Floor;
  private readonly followsOpens: boolean;
  private readonly followsCloses: boolean;
  private readonly risesLeast: boolean;
  private trails: Trail[] = [];
  /** The same by their orders, and by the stops beside them: each stop and trail asks on every bar. */
  private readonly ofOrder = new Map<Order, Trail>();
  private readonly besideStop = new Map<Order, Trail>();

  constructor(floor: Floor) {
    this.floor = floor;
    const { trailFollows } = floor.settings.semantics;
    this.followsOpens = trailFollows === 'everyPrice';
    this.followsInside = this.followsOpens || trailFollows === 'inside';
    this.risesLeast = floor.settings.semantics.entryBarTrail === 'leastRise';
    this.followsCloses = trailFollows === 'barClose';
  }

  get isEmpty(): boolean {
    return this.trails.length === 0;
  }

  start(order: Order, stages: readonly TrailStage[], start: TrailStart): void {
    const trail = new Trail(order, stages, start, this.floor);
    trail.refresh(this.floor.nowMs, start.isInside);
    this.trails.push(trail);
    this.ofOrder.set(order, trail);
    if (start.stop !== null) this.besideStop.set(start.stop, trail);
    this.raise(trail, start.fromPrice);
    trail.firstLevel = order.stopPrice;
  }

  /** The trailing stop beside a stop lies nearer to the price: of two stops the nearer comes first. */
  isOutdone(order: Order): boolean {
    if (order.role !== 'stopLoss' || this.isEmpty || isMarketNow(order)) return false;
    const trail = this.besideStop.get(order)?.order;
    return trail !== undefined && isWorking(trail.status) && order.side * (trail.stopPrice - order.stopPrice) < 0;
  }

  /** It is a trailing stop that has left its first level, or leaves it on this bar before that is reached. */
  isMoved(order: Order, bar: MatchBar): boolean {
    if (order.kind !== 'trailingStop') return false;
    return order.stopPrice !== this.find(order)?.firstLevel || !isStopReached(order, bar.high, bar.low);
  }

  /** The level that an order made inside this bar would start with; NaN where no stage counts at the start. */
  firstLevel(instrumentIndex: number, side: number, stages: readonly TrailStage[], startPrice: number): number {
    const from = { instrumentIndex, fromPrice: startPrice, direction: -side };
    const stage = stages.findLast((one) => side * (activationPrice(one, from, this.floor.profits) - startPrice) >= 0);
    if (stage === undefined) return Number.NaN;
    const distance = stage.measure === 'fraction' ? stage.amount * startPrice : stage.unitQuote(this.floor.feed.timeMs, true);
    return this.floor.behind(instrumentIndex, startPrice + side * distance, side);
  }

  /** Bars open: columns have moved on, and the open counts as a price. isInside: of finer bars, in the middle of a bar of the tape. */
  moveToOpens(isInside: boolean): void {
    let hasEnded = false;
    for (const trail of this.trails) {
      const { order } = trail;
      const bar = this.floor.bars[order.instrumentIndex];
      if (!isWorking(order.status)) hasEnded = true;
      else if (this.floor.isDue(order, bar)) {
        trail.refresh(this.floor.feed.timeMs, isInside);
        // What the open has passed fills there, at the level of before.
        if (this.followsOpens && !isStopReached(order, bar.open, bar.open)) this.raise(trail, bar.open);
      }
    }
    if (hasEnded) this.forgetEnded();
  }

  /** The price went as far as this, on its way to somewhere else. */
  moveTo(bar: MatchBar, price: number): void {
    if (!this.followsInside) return;
    for (const trail of this.trails) {
      const { instrumentIndex, parentId, liveMs } = trail.order;
      // What an entry made on this walk follows it; what was sent inside the bar, or as of its close, does not.
      if (this.floor.bars[instrumentIndex] === bar && (parentId >= 0 || liveMs <= bar.openMs)) this.raise(trail, price);
    }
  }

  /** Where the bar's own extreme takes the level, and the bar comes back to it: the level; NaN where it does not, or that is in doubt and goes well. */
  priceAfterExtreme(order: Order, bar: MatchBar): number {
    const trail = this.followsInside ? this.find(order) : undefined;
    if (trail === undefined) return Number.NaN;
    const level = this.levelOf(trail, extremeOf(order, bar));
    const back = bar.isOptimistic ? bar.close : order.side > 0 ? bar.high : bar.low;
    if (!isReached(order, level, back)) return Number.NaN;
    return this.risesLeast && trail.entryBar === bar.bar ? leastRisePrice(trail, bar) : level;
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

  private forgetEnded(): void {
    for (const { order, stop } of this.trails) {
      if (isWorking(order.status)) continue;
      this.ofOrder.delete(order);
      if (stop !== null) this.besideStop.delete(stop);
    }
    this.trails = this.trails.filter(({ order }) => isWorking(order.status));
  }

  private find(order: Order): Trail | undefined {
    return this.ofOrder.get(order);
  }

  private raise(trail: Trail, price: number): void {
    // Reached, it takes the next price there is.
    if (isMarketNow(trail.order)) return;
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

/** The price at which a stage begins to count; the start where it states none. */
function activationPrice({ activation }: TrailStage, from: ProfitFrom, profits: ProfitLevels): number {
  if (activation === undefined) return from.fromPrice;
  return typeof activation === 'number' ? profits.beyond(activation, from) : profits.reach(activation, from);
}

/** The best price of the bar: its high for a sale that trails below, its low for a purchase. */
function extremeOf(order: Order, bar: MatchBar): number {
  return order.side > 0 ? bar.low : bar.high;
}

function isReached(order: Order, level: number, price: number): boolean {
  return order.side * (price - level) >= 0;
}

/**
 * On its entry's bar, where it would lie had the price gone from the open just to where the trail begins to count, and turned: there less the
 * distance of the stage in force, of the open where it is a fraction; not beyond the bar.
 */
function leastRisePrice(trail: Trail, bar: MatchBar): number {
  const { order, stages } = trail;
  const { activation } = stages[0];
  const begin =
    activation === undefined || typeof activation === 'number' ? (activation ?? bar.open) : offsetPrice(activation, bar.open, -order.side);
  const s = trail.stageAt(extremeOf(order, bar));
  const distance = stages[s].measure === 'fraction' ? stages[s].amount * bar.open : trail.units[s];
  const price = begin + order.side * distance;
  return order.side > 0 ? Math.min(price, bar.high) : Math.max(price, bar.low);
}
