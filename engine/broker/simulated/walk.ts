/**
 * Owns the walk along a bar: open, nearer extreme, other extreme, close; of two extremes equally near the low comes first. Never knows whether
 * the price went that way.
 *
 * On each leg orders fill in the sequence in which the price reaches them, ties as in the stages; what a fill makes, and what was triggered, is
 * live on the rest of the walk. A trailing stop follows on the legs that favour it and stands on the others.
 */
import { isLimitNow, isMarketNow, type Order } from '../../model/order.ts';
import { OrderList } from '../../model/order-list.ts';
import { isWorking } from '../../model/order-state.ts';
import type { Executor } from './executor.ts';
import { actingPrice, comesAsLimit } from './fill-rules.ts';
import type { Floor } from './floor.ts';
import { stageOf } from './insides.ts';
import type { MatchBar } from './match-bar.ts';

const legCount = 3;

export class Walk {
  private readonly floor: Floor;
  private readonly executor: Executor;
  /** Orders that did not fill whole at their price, for want of volume: done with for this bar. */
  private readonly spent = new Set<Order>();
  /** Orders at rest before the bar's first fill that it may concern; and how many rested: those behind were made on the way. */
  private resting: OrderList = new OrderList();
  private concernedCount = 0;
  private restingCount = 0;

  constructor(floor: Floor, executor: Executor) {
    this.floor = floor;
    this.executor = executor;
  }

  /** Walks the bars that bear the floor's stamp, leg by leg, instruments in their order. */
  match(): void {
    const { book, bars, stamp } = this.floor;
    this.resting = this.floor.concerned(false);
    this.concernedCount = this.resting.count;
    this.restingCount = book.count;
    for (let leg = 0; leg < legCount; leg++) {
      // On a hedge account both legs of an instrument meet one bar: it is walked once.
      for (let i = 0; i < bars.length; i++) {
        const bar = bars[i];
        if (bar.stamp === stamp && bar.instrumentIndex === i) this.walkLeg(bar, turningPoint(bar, leg), turningPoint(bar, leg + 1));
      }
    }
    for (let k = 0; k < this.concernedCount; k++) this.atClose(this.resting.at(k));
    this.spent.clear();
    book.sweep();
    this.floor.passQueues(this.resting);
  }

  /** A limit has to be penetrated, unless the queue before it lets a touch fill it. */
  private isStrict(order: Order, bar: MatchBar): boolean {
    return this.floor.rule.needsPenetration && isLimitNow(order) && this.floor.queues?.isReached(order, bar) !== true;
  }

  private atClose(order: Order): void {
    const bar = this.floor.bars[order.instrumentIndex];
    if (!isWorking(order.status) || !this.floor.isDueInside(order, bar)) return;
    this.floor.noteRest(order);
    if (order.kind === 'trailingStop' && !this.floor.trails.followsInside) this.floor.trails.raiseByBar(order, bar);
    if (order.kind === 'onClose' && bar.endsDay) this.executor.execute(order, bar, bar.close, 'close');
  }

  private walkLeg(bar: MatchBar, from: number, to: number): void {
    let price = from;
    for (;;) {
      const order = this.nextOn(bar, price, to);
      if (order === undefined) break;
      price = priceOnLeg(order, price, to, this.isStrict(order, bar));
      this.act(order, bar, price);
    }
    this.floor.trails.moveTo(bar, to);
  }

  /** The order that the price reaches first. */
  private nextOn(bar: MatchBar, from: number, to: number): Order | undefined {
    const { book, bars } = this.floor;
    const { resting, concernedCount, restingCount } = this;
    let first: Order | undefined;
    let firstDistance = Number.POSITIVE_INFINITY;
    const count = concernedCount + book.count - restingCount;
    for (let k = 0; k < count; k++) {
      const wasResting = k < concernedCount;
      const order = wasResting ? resting.at(k) : book.at(restingCount + k - concernedCount);
      if (bars[order.instrumentIndex] !== bar || !this.isOnWay(order, bar, wasResting)) continue;
      const distance = Math.abs(priceOnLeg(order, from, to, this.isStrict(order, bar)) - from);
      if (Number.isNaN(distance) || distance > firstDistance) continue;
      if (distance === firstDistance && first !== undefined && this.stageOf(first) <= this.stageOf(order)) continue;
      first = order;
      firstDistance = distance;
    }
    return first;
  }

  private stageOf(order: Order): number {
    return stageOf(order, this.floor.gate.positionBase(order.instrumentIndex));
  }

  private isOnWay(order: Order, bar: MatchBar, wasResting: boolean): boolean {
    if (!isWorking(order.status) || this.spent.has(order) || order.kind === 'onClose' || order.kind === 'onOpen' || isMarketNow(order))
      return false;
    if (wasResting) return this.floor.isDueInside(order, bar);
    // What waited for a fill is sent as of the close; what protects the fill is there at once.
    return order.role !== 'own' && !this.floor.protectsFromNextBar;
  }

  private act(order: Order, bar: MatchBar, price: number): void {
    if (!order.isTriggered && order.kind === 'limitIfTouched') this.floor.trigger(order);
    else if (!order.isTriggered && order.kind === 'stopLimit' && order.side * (order.limitPrice - price) < 0) this.floor.trigger(order);
    else if (this.floor.takesAt(order, bar.open)) this.floor.rejectTaking(order, bar.open);
    else {
      this.executor.execute(order, bar, price, 'inside');
      if (isWorking(order.status)) this.spent.add(order);
    }
  }
}

/** Open, nearer extreme, other extreme, close. */
function turningPoint({ open, high, low, close }: MatchBar, place: number): number {
  if (place === 0) return open;
  if (place === legCount) return close;
  // Equal distances of doubles differ in their last bits.
  const isLowFirst = open - low - (high - open) <= open * 1e-12;
  return (place === 1) === isLowFirst ? low : high;
}

/** Where an order acts as the price goes from here to there: here where it has been passed already; NaN where it does not. */
function priceOnLeg(order: Order, from: number, to: number, isStrict: boolean): number {
  const price = actingPrice(order);
  if (comesAsLimit(order) || (order.kind === 'limitIfTouched' && !order.isTriggered)) {
    if (isBeyond(order.side * (price - from), isStrict)) return from;
    return isBeyond(order.side * (price - to), isStrict) ? price : Number.NaN;
  }
  if (order.side * (from - price) >= 0) return from;
  return order.side * (to - price) >= 0 ? price : Number.NaN;
}

function isBeyond(distance: number, isStrict: boolean): boolean {
  return isStrict ? distance > 0 : distance >= 0;
}
