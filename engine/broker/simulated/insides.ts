/**
 * Owns what happens inside a bar, of which high, low and close are known and the way between them is not. Never looks beyond it.
 *
 * Stages across all instruments of the batch, ties by sequence: protective stops, entries, targets, and by other semantics trailing stops that
 * have moved; optimistic targets, entries, stops; and last what fills at the close. An order is what it does to the position held as the bar's fills begin.
 */
import { hasAttached, isLimitNow, type Order } from '../../model/order.ts';
import type { OrderList } from '../../model/order-list.ts';
import { isWorking } from '../../model/order-state.ts';
import type { AmbiguityPolicy } from '../../settings.ts';
import { restOfBar } from './entry-bar.ts';
import type { Executor } from './executor.ts';
import { comesAsLimit, fillDirection, isTriggeredBy } from './fill-rules.ts';
import type { Floor } from './floor.ts';
import type { MatchBar } from './match-bar.ts';

const stopStage = 0;
const entryStage = 1;
const targetStage = 2;
const trailStage = 3;
const closeStage = 4;
/** Not for this bar: market orders, other instruments' bars, orders made inside it. */
const noStage = 5;

/** Something else than the stages decides a bar in doubt: which bars are is needed before they are matched. */
const foreseeing: readonly AmbiguityPolicy[] = ['path', 'refine', 'refineOptimistic', 'branching'];

export class Insides {
  private readonly floor: Floor;
  private readonly executor: Executor;
  /** Stage of each order that the bars that close now concern. */
  private stageAt = new Uint8Array(16);
  /** Of an entry that may fill inside, what its stop and target would have in doubt is judged too. */
  private readonly foresees: boolean;
  /** Stops that enter fill at the open of the bar that reached them. */
  private readonly looksAhead: boolean;
  /** A trailing stop that has moved comes after the targets. */
  private readonly trailsLast: boolean;

  constructor(floor: Floor, executor: Executor) {
    this.floor = floor;
    this.executor = executor;
    this.foresees = foreseeing.includes(floor.settings.ambiguity) && !floor.protectsFromNextBar;
    this.trailsLast = floor.settings.semantics.exitOrder === 'stopsTargetsTrails';
    this.looksAhead = floor.settings.semantics.stopEntryFill === 'barOpen';
  }

  /** Marks the bars that could fill orders in either sequence. */
  judge(): void {
    const { floor } = this;
    const orders = floor.concerned(false);
    const { count } = orders;
    for (let k = 0; k < count; k++) {
      const order = orders.at(k);
      const bar = floor.bars[order.instrumentIndex];
      if (!floor.isDueInside(order, bar) || order.kind === 'onClose') continue;
      const price = floor.insidePrices.of(order, bar);
      if (!Number.isNaN(price)) {
        this.noteDirection(bar, fillDirection(order, bar.open));
        if (this.foresees && hasAttached(order)) this.judgeEntry(order, bar, price);
      } else if (order.kind === 'trailingStop') this.judgeTrail(order, bar);
      if (bar.fillsRising && bar.fillsFalling) bar.isDoubtful = true;
    }
  }

  /** Matches at the bars that bear the floor's stamp. */
  match(): void {
    const { floor } = this;
    // Protections made inside this bar are settled by the entry that made them, not by a later stage.
    const orders = floor.concerned(false);
    const { count } = orders;
    this.setStages(orders, count);
    for (let stage = stopStage; stage <= closeStage; stage++) {
      for (let k = 0; k < count; k++) {
        if (this.stageAt[k] !== stage) continue;
        const order = orders.at(k);
        if (isWorking(order.status)) this.matchOne(order, floor.bars[order.instrumentIndex], stage);
      }
    }
    floor.book.sweep();
    floor.passQueues(orders);
  }

  /** Settled before the first fill: an order must not change its stage, and be passed over or asked twice, because another filled or its stop was reached. */
  private setStages(orders: OrderList, count: number): void {
    const { floor } = this;
    if (count > this.stageAt.length) this.stageAt = new Uint8Array(count * 2);
    for (let k = 0; k < count; k++) {
      const order = orders.at(k);
      const bar = floor.bars[order.instrumentIndex];
      if (!floor.isDueInside(order, bar)) this.stageAt[k] = noStage;
      else if (order.kind === 'onClose') this.stageAt[k] = bar.endsDay ? closeStage : noStage;
      else {
        const stage = stageOf(order, floor.gate.positionBase(order.instrumentIndex));
        if (bar.isOptimistic) this.stageAt[k] = targetStage - stage;
        else this.stageAt[k] = this.trailsLast && stage === stopStage && floor.trails.isMoved(order, bar) ? trailStage : stage;
      }
    }
  }

  private matchOne(order: Order, bar: MatchBar, stage: number): void {
    if (order.kind === 'onClose') {
      this.executor.execute(order, bar, bar.close, 'close');
      return;
    }
    const { floor } = this;
    if (floor.trails.isOutdone(order)) return;
    const price = floor.insidePrices.of(order, bar);
    if (Number.isNaN(price)) {
      if (order.kind === 'trailingStop') this.trail(order, bar);
      else if (isTriggeredBy(order, bar.high, bar.low)) floor.trigger(order);
    } else if (floor.takesAt(order, bar.open)) floor.rejectTaking(order, bar.open);
    else {
      const fillsAtOpen = this.looksAhead && stage === entryStage && order.kind === 'stop';
      this.executor.execute(order, bar, fillsAtOpen ? bar.open : price, 'inside');
    }
    floor.noteRest(order);
  }

  /** The level of before was not reached: the one that the bar's own extreme makes. */
  private trail(order: Order, bar: MatchBar): void {
    const { trails } = this.floor;
    const price = trails.priceAfterExtreme(order, bar);
    trails.raiseByBar(order, bar);
    if (!Number.isNaN(price)) this.executor.execute(order, bar, price, 'inside');
  }

  /** What the entry's stop and target would have in doubt, if it fills. */
  private judgeEntry(order: Order, bar: MatchBar, price: number): void {
    const { floor } = this;
    const positionBase = floor.gate.positionBase(order.instrumentIndex);
    const opens = !order.isReduceOnly && (positionBase * order.side >= 0 || order.sizeBase > Math.abs(positionBase));
    // A further part makes no protections; those there are have been judged by themselves.
    if (!opens || this.executor.brackets.hasOf(order)) return;
    const filled = floor.terms.price(order, bar, price, order.sizeBase, 'inside');
    const prices = this.executor.protectors.pricesOf(order, filled);
    const facts = { side: order.side, price, comesAsLimit: comesAsLimit(order), ...prices };
    if (restOfBar(facts, bar, floor.rule).isDoubtful) bar.isDoubtful = true;
  }

  private judgeTrail(order: Order, bar: MatchBar): void {
    const { trails } = this.floor;
    const price = trails.priceAfterExtreme(order, bar);
    if (trails.isDoubtful(order, bar)) bar.isDoubtful = true;
    else if (Number.isNaN(price)) return;
    else if (this.foresees && hasAttached(order)) this.judgeEntry(order, bar, price);
    this.noteDirection(bar, order.side);
  }

  private noteDirection(bar: MatchBar, direction: number): void {
    if (direction > 0) bar.fillsRising = true;
    if (direction < 0) bar.fillsFalling = true;
  }
}

/** What lowers the position held is a stop or a target by its kind; so is what may only reduce, as all that is attached. All else enters. */
export function stageOf(order: Order, positionBase: number): number {
  if (!order.isReduceOnly && positionBase * order.side >= 0) return entryStage;
  return isLimitNow(order) || comesAsLimit(order) || order.kind === 'limitIfTouched' ? targetStage : stopStage;
}
