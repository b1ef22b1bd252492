/** Owns what happens at an open, where nothing but its price is known: orders in sequence. Never looks inside a bar. */
import { isMarketNow, type Order } from '../../model/order.ts';
import { isWorking } from '../../model/order-state.ts';
import type { Executor } from './executor.ts';
import { isTriggeredBy, priceAtOpen } from './fill-rules.ts';
import type { Floor } from './floor.ts';
import { dayOf, type MatchBar } from './match-bar.ts';

export class Opens {
  private readonly floor: Floor;
  private readonly executor: Executor;

  constructor(floor: Floor, executor: Executor) {
    this.floor = floor;
    this.executor = executor;
  }

  /** Matches at the bars that bear the floor's stamp. isInside: finer bars open, in the middle of a bar of the tape. */
  match(isInside: boolean): void {
    const { floor } = this;
    const { trails, targets } = floor;
    if (!targets.isEmpty) targets.moveToOpens();
    if (!trails.isEmpty) trails.moveToOpens(isInside);
    // Orders attached during this pass protect from inside the bar on: a passed stop fills there at the open, no better.
    const orders = floor.concerned(true);
    const { count } = orders;
    for (let k = 0; k < count; k++) {
      const order = orders.at(k);
      const bar = floor.bars[order.instrumentIndex];
      if (!isWorking(order.status) || !floor.isDue(order, bar)) continue;
      // What takes an open, or one open, takes one of the tape: whether its bar was in doubt is nothing to it.
      if (!isInside || !(isMarketNow(order) || takesOneOpen(order))) this.matchOne(order, bar);
    }
    floor.book.sweep();
  }

  private matchOne(order: Order, bar: MatchBar): void {
    const { open } = bar;
    if (order.kind === 'market') {
      this.executor.execute(order, bar, open, 'open');
      if (order.terms !== undefined) this.floor.endImmediate(order);
      return;
    }
    if (order.kind === 'onOpen' && !order.isTriggered) {
      if (dayOf(bar.openMs) <= dayOf(order.submittedMs - 1)) return;
      this.executor.execute(order, bar, open, 'open');
      this.floor.endImmediate(order);
      return;
    }
    if (this.floor.keepsOwnPrices && !isMarketNow(order) && !takesOneOpen(order)) return;
    if (this.floor.trails.isOutdone(order)) return;
    if (order.kind === 'limitIfTouched' && isTriggeredBy(order, open, open)) this.floor.trigger(order);
    const price = priceAtOpen(order, open, this.floor.rule);
    if (Number.isNaN(price)) {
      if (isTriggeredBy(order, open, open)) this.floor.trigger(order);
    } else if (this.floor.takesAt(order, open)) this.floor.rejectTaking(order, open);
    else this.executor.execute(order, bar, price, 'open');
    this.floor.noteRest(order);
    this.floor.endImmediate(order);
  }
}

function takesOneOpen({ terms }: Order): boolean {
  return terms !== undefined && (terms.timeInForce === 'IOC' || terms.timeInForce === 'FOK');
}
