/**
 * Owns a list of orders in sequence. The array never shrinks: shortening one gives its memory back and takes it again at every order. It
 * begins with room for a few: an empty array changes its kind at the first order, and code compiled for the one run fails in the next.
 * An order taken out of many leaves a gap, and gaps are closed together when the list is next looked at: to cancel a thousand orders
 * one after the other would move the rest a thousand times.
 */
import { blankOrder, type Order } from './order.ts';

const firstRoom = 4;
/** So few are gone through sooner than anything is kept beside them. */
export const fewOrders = 16;
/** Stands where no order has stood yet, and where one was taken out. */
const noOrder = blankOrder();

export class OrderList {
  private readonly orders: Order[] = new Array<Order>(firstRoom).fill(noOrder);
  private length = 0;
  private gapCount = 0;

  get count(): number {
    if (this.gapCount > 0) this.closeGaps();
    return this.length;
  }

  /** k: below count, as it was asked for last. */
  at(k: number): Order {
    return this.orders[k];
  }

  add(order: Order): void {
    if (this.length === this.orders.length) this.orders.push(order);
    else this.orders[this.length] = order;
    this.length++;
  }

  /** Takes the last one off. */
  pop(): Order {
    const order = this.orders[this.count - 1];
    this.length--;
    return order;
  }

  /** Puts an order before all others. */
  addFirst(order: Order): void {
    this.add(order);
    for (let k = this.length - 1; k > 0; k--) this.orders[k] = this.orders[k - 1];
    this.orders[0] = order;
  }

  find(orderId: number): Order | undefined {
    const { count } = this;
    for (let k = 0; k < count; k++) if (this.orders[k].id === orderId) return this.orders[k];
    return undefined;
  }

  /** Takes one order out; the others keep their sequence. */
  remove(order: Order): void {
    const { orders, length } = this;
    if (length <= fewOrders) {
      this.shiftOut(order);
      return;
    }
    const k = orders.indexOf(order);
    if (k < 0 || k >= length) return;
    orders[k] = noOrder;
    this.gapCount++;
  }

  clear(): void {
    this.length = 0;
    this.gapCount = 0;
  }

  protected put(k: number, order: Order): void {
    this.orders[k] = order;
  }

  /** Keeps the first orders alone. */
  protected shortenTo(count: number): void {
    this.length = count;
  }

  /** A copy to go through while the list changes. */
  toArray(): Order[] {
    return this.orders.slice(0, this.count);
  }

  private shiftOut(order: Order): void {
    let k = 0;
    while (k < this.length && this.orders[k] !== order) k++;
    if (k === this.length) return;
    this.length--;
    for (; k < this.length; k++) this.orders[k] = this.orders[k + 1];
  }

  private closeGaps(): void {
    let kept = 0;
    for (let k = 0; k < this.length; k++) {
      const order = this.orders[k];
      if (order !== noOrder) this.orders[kept++] = order;
    }
    this.length = kept;
    this.gapCount = 0;
  }
}
