/** Owns orders at rest, in sequence. The array never shrinks: shortening one gives its memory back and takes it again at every order. */
import type { Order } from '../../model/order.ts';

export class RestingOrders {
  count = 0;
  private readonly orders: Order[] = [];

  at(k: number): Order {
    return this.orders[k];
  }

  add(order: Order): void {
    if (this.count === this.orders.length) this.orders.push(order);
    else this.orders[this.count] = order;
    this.count++;
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

  /** Forgets orders that have ended; the others keep their sequence. */
  sweep(): void {
    let kept = 0;
    for (let k = 0; k < this.count; k++) {
      const order = this.orders[k];
      if (order.status === 'open') this.orders[kept++] = order;
    }
    this.count = kept;
  }
}
