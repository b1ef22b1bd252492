/** Owns orders that depend on one another: one cancels the other, one waits for another. Never fills them. */
import type { Order } from '../../model/order.ts';
import { OrderList } from '../../model/order-list.ts';
import { isEnded } from '../../model/order-state.ts';
import type { Floor } from './floor.ts';

export class Groups {
  private readonly floor: Floor;
  /** By order the sets that it is in, of which the first to fill cancels the others. */
  private readonly setsOf = new Map<Order, Set<Order>[]>();
  private readonly held = new OrderList();

  constructor(floor: Floor) {
    this.floor = floor;
  }

  get isEmpty(): boolean {
    return this.setsOf.size === 0 && this.held.count === 0;
  }

  /** An order at rest, held or on its way. */
  find(orderId: number): Order | undefined {
    return this.floor.book.find(orderId) ?? this.held.find(orderId) ?? this.floor.transit?.find(orderId);
  }

  /** Keeps an order back until the one it waits for has filled. */
  hold(order: Order): void {
    this.held.add(order);
  }

  /** Where one of them has ended already, the others go. */
  link(orderIds: readonly number[]): void {
    const orders = orderIds.map((id) => this.find(id));
    const ended = orderIds.filter((_, k) => orders[k] === undefined);
    const living = orders.filter((order) => order !== undefined);
    if (ended.length === 0) this.join(new Set(living));
    else for (const order of living) this.floor.cancel(order, `order ${ended[0]}, which was to cancel it, has ended`);
  }

  /** A fill of an order, also a part, cancels those linked to it; a whole one lets those go that waited for it. */
  noteFill(order: Order, priceQuote: number, isInside: boolean): void {
    if (this.isEmpty) return;
    this.cancelLinked(order, `order ${order.id} filled`);
    if (order.status !== 'filled') return;
    for (const waiting of this.waitingFor(order)) {
      // Linked with one before it that was refused, it has ended.
      if (isEnded(waiting.status)) continue;
      this.held.remove(waiting);
      const isSame = waiting.instrumentIndex === order.instrumentIndex;
      const fromPrice = isSame ? priceQuote : this.floor.gate.lastPrice(waiting.instrumentIndex);
      if (this.floor.sink.release(waiting)) this.floor.dispatch(waiting, fromPrice, isInside);
      else this.noteEnd(waiting);
    }
  }

  /** An order ended otherwise: what waited for it is cancelled, and a rejected one cancels those linked to it. */
  noteEnd(order: Order): void {
    if (this.isEmpty) return;
    this.held.remove(order);
    if (order.status === 'rejected') this.cancelLinked(order, `order ${order.id} was rejected`);
    for (const waiting of this.waitingFor(order))
      this.floor.cancel(waiting, `order ${order.id}, which it waited for, has ended as ${order.status}`);
    this.leave(order);
  }

  private join(set: Set<Order>): void {
    for (const order of set) {
      const sets = this.setsOf.get(order);
      if (sets === undefined) this.setsOf.set(order, [set]);
      else sets.push(set);
    }
  }

  /** Takes an order out of its sets; one that is left alone in a set is out of it too. */
  private leave(order: Order): void {
    const sets = this.setsOf.get(order) ?? [];
    this.setsOf.delete(order);
    for (const set of sets) {
      set.delete(order);
      if (set.size === 1) for (const last of set) this.forget(last, set);
    }
  }

  private forget(order: Order, set: Set<Order>): void {
    const others = (this.setsOf.get(order) ?? []).filter((one) => one !== set);
    if (others.length > 0) this.setsOf.set(order, others);
    else this.setsOf.delete(order);
  }

  private waitingFor(order: Order): Order[] {
    return this.held.toArray().filter((one) => one.terms?.afterId === order.id);
  }

  private cancelLinked(order: Order, reason: string): void {
    const sets = this.setsOf.get(order);
    if (sets === undefined) return;
    for (const set of sets) {
      for (const other of set) if (other !== order && !isEnded(other.status)) this.floor.cancel(other, reason);
    }
  }
}
