/**
 * Owns a list of orders in sequence. The array never shrinks: shortening one gives its memory back and takes it again at every order. It
 * begins with room for a few: an empty array changes its kind at the first order, and code compiled for the one run fails in the next.
 */
import { blankOrder, type Order } from './order.ts';
import { isWorking } from './order-state.ts';

const firstRoom = 4;
/** Stands where no order has stood yet. */
const noOrder = blankOrder();

export class OrderList {
  count = 0;
  private readonly orders: Order[] = new Array<Order>(firstRoom).fill(noOrder);

  at(k: number): Order {
    return this.orders[k];
  }

  add(order: Order): void {
    if (this.count === this.orders.length) this.orders.push(order);
    else this.orders[this.count] = order;
    this.count++;
  }

  /** Takes the last one off. */
  pop(): Order {
    return this.orders[--this.count];
  }

  /** Puts an order before all others. */
  addFirst(order: Order): void {
    this.add(order);
    for (let k = this.count - 1; k > 0; k--) this.orders[k] = this.orders[k - 1];
    this.orders[0] = order;
  }

  find(orderId: number): Order | undefined {
    for (let k = 0; k < this.count; k++) if (this.orders[k].id === orderId) return this.orders[k];
    return undefined;
  }

  /** Takes one order out; the others keep their sequence. */
  remove(order: Order): void {
    let k = 0;
    while (k < this.count && this.orders[k] !== order) k++;
    if (k === this.count) return;
    for (; k < this.count - 1; k++) this.orders[k] = this.orders[k + 1];
    this.count--;
  }

  /** A copy to go through while the list changes. */
  toArray(): Order[] {
    return this.orders.slice(0, this.count);
  }

  /** Forgets orders that have ended; the others keep their sequence. True where there was one. */
  sweep(): boolean {
    const { count } = this;
    let kept = 0;
    for (let k = 0; k < this.count; k++) {
      const order = this.orders[k];
      if (isWorking(order.status)) this.orders[kept++] = order;
    }
    this.count = kept;
    return kept < count;
  }
}
