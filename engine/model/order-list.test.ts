import fc from 'fast-check';
import { expect, test } from 'vitest';
import { blankOrder, type Order } from './order.ts';
import { OrderList } from './order-list.ts';

interface Pair {
  readonly list: OrderList;
  /** The same as an array. */
  readonly plain: Order[];
}

const act = fc.record({
  kind: fc.constantFrom(...Array<string>(8).fill('add'), 'addFirst', 'remove', 'remove', 'removeTwice', 'pop', 'look', 'clear'),
  at: fc.nat(60),
});

function take({ list, plain }: Pair, at: number): Order | undefined {
  const order = plain[at % plain.length];
  if (order === undefined) return undefined;
  list.remove(order);
  plain.splice(plain.indexOf(order), 1);
  return order;
}

function play(pair: Pair, { kind, at }: { kind: string; at: number }, id: number): void {
  const { list, plain } = pair;
  if (kind === 'add' || kind === 'addFirst') {
    const order = blankOrder();
    order.id = id;
    list[kind](order);
    if (kind === 'add') plain.push(order);
    else plain.unshift(order);
  } else if (kind === 'remove') take(pair, at);
  else if (kind === 'removeTwice') {
    const gone = take(pair, at);
    if (gone !== undefined) list.remove(gone);
  } else if (kind === 'pop' && plain.length > 0) {
    const last = plain.pop() as Order;
    expect(list.pop()).toBe(last);
    list.remove(last);
  } else if (kind === 'clear' && at === 1) {
    list.clear();
    plain.length = 0;
  } else if (kind === 'look') expect(list.toArray()).toEqual(plain);
}

test('holds what an array would, in its sequence, whatever is put in and taken out between two looks', () => {
  fc.assert(
    fc.property(fc.array(act, { maxLength: 200, size: 'max' }), (acts) => {
      const pair: Pair = { list: new OrderList(), plain: [] };
      acts.forEach((one, id) => void play(pair, one, id));
      const { list, plain } = pair;
      expect(list.count).toBe(plain.length);
      expect(plain.every((order, k) => list.at(k) === order && list.find(order.id) === order)).toBe(true);
      expect(list.find(-1)).toBeUndefined();
    }),
  );
});
