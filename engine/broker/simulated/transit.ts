/**
 * Owns what the strategy has sent and the exchange has not received: orders, cancels, amends, protections, each until the moment it arrives.
 * Never decides what becomes of them. What arrives before a bar's close is there when the bar is matched, what arrives with it is not.
 */
import type { Latencies } from '../../costs/latency.ts';
import type { Order } from '../../model/order.ts';
import { OrderList } from '../../model/order-list.ts';
import { advanceOrder, isEnded } from '../../model/order-state.ts';
import type { Floor } from './floor.ts';

interface Message {
  readonly arrivalMs: number;
  readonly deliver: () => void;
}

export class Transit {
  readonly latencies: Latencies;
  private readonly floor: Floor;
  /** By arrival; of one moment in the sequence of sending. */
  private readonly messages: Message[] = [];
  private readonly orders = new OrderList();

  constructor(floor: Floor, latencies: Latencies) {
    this.floor = floor;
    this.latencies = latencies;
  }

  get isEmpty(): boolean {
    return this.messages.length === 0;
  }

  /** The order on its way; undefined where none of that id is. */
  find(orderId: number): Order | undefined {
    return this.orders.find(orderId);
  }

  forget(order: Order): void {
    this.orders.remove(order);
  }

  /** fromPrice: where a trailing stop starts. */
  sendOrder(order: Order, fromPrice: number, isInside: boolean): void {
    const { floor } = this;
    // What a margin call sends is the venue's own.
    const isByVenue = order.role === 'liquidation';
    const delayMs = isByVenue ? 0 : this.latencies.orderMs(order.id);
    if (isByVenue || this.isPrompt(delayMs)) {
      floor.accept(order, fromPrice, isInside);
      return;
    }
    // What has ended on its way may be another order by then: plain market orders are used again.
    const { id } = order;
    advanceOrder(order, 'send');
    this.orders.add(order);
    floor.sink.onChanged(order);
    this.send(delayMs, order.instrumentIndex, () => {
      if (order.id !== id || isEnded(order.status)) return;
      this.orders.remove(order);
      if (this.latencies.bars > 0 && order.role === 'own' && !floor.sink.release(order)) return;
      floor.accept(order, fromPrice, false);
    });
  }

  sendCancel(order: Order, reason: string): void {
    const { floor } = this;
    const { id } = order;
    advanceOrder(order, 'askCancel');
    floor.sink.onChanged(order);
    this.send(this.latencies.cancelMs(order.id), order.instrumentIndex, () => {
      if (order.id === id && !isEnded(order.status)) floor.cancel(order, reason);
    });
  }

  send(delayMs: number, instrumentIndex: number, deliver: Message['deliver']): void {
    if (this.isPrompt(delayMs)) {
      deliver();
      return;
    }
    const arrivalMs = this.barsAfter(this.floor.nowMs + delayMs, instrumentIndex);
    let k = this.messages.length;
    while (k > 0 && this.messages[k - 1].arrivalMs > arrivalMs) k--;
    this.messages.splice(k, 0, { arrivalMs, deliver });
  }

  private isPrompt(delayMs: number): boolean {
    return delayMs === 0 && this.latencies.bars === 0;
  }

  /** The close of the n-th bar of the instrument that closes after a time; never, where the window ends before. */
  private barsAfter(timeMs: number, instrumentIndex: number): number {
    const { bars } = this.latencies;
    if (bars === 0) return timeMs;
    const series = this.floor.feed.finest[instrumentIndex];
    let bar = series.index + 1;
    while (bar < series.endBar && series.closeMs(bar) <= timeMs) bar++;
    bar += bars - 1;
    return bar < series.endBar ? series.closeMs(bar) : Number.POSITIVE_INFINITY;
  }

  /** Delivers what arrives up to a time. */
  arrive(untilMs: number): void {
    const { floor } = this;
    if (this.messages.length === 0 || this.messages[0].arrivalMs > untilMs) return;
    while (this.messages.length > 0 && this.messages[0].arrivalMs <= untilMs) {
      const [{ arrivalMs, deliver }] = this.messages.splice(0, 1);
      // What ended before it, or just then, has ended.
      floor.goodTill.expire(arrivalMs, true);
      floor.insideMs = arrivalMs;
      floor.gate.judgeAsOf(arrivalMs);
      floor.inForce.moveTo(arrivalMs);
      deliver();
      floor.gate.judgeAsOf(Number.POSITIVE_INFINITY);
      floor.insideMs = Number.NaN;
    }
    floor.goodTill.expire(untilMs, true);
  }
}
