import { describe, expect, test } from 'vitest';
import {
  advanceOrder,
  isEnded,
  isWorking,
  type OrderEvent,
  type OrderStatus,
  orderEvents,
  orderStatuses,
  statusAfter,
} from './order-state.ts';

/** Every step an order can take, as RULES.md §1, §3 and §4 tell its life. */
const steps: Readonly<Record<OrderStatus, Partial<Record<OrderEvent, OrderStatus>>>> = {
  drafted: { hold: 'held', send: 'sending', accept: 'open', reject: 'rejected' },
  held: { send: 'sending', accept: 'open', cancel: 'cancelled', expire: 'expired', reject: 'rejected' },
  sending: { accept: 'open', askCancel: 'cancelling', cancel: 'cancelled', expire: 'expired', reject: 'rejected' },
  open: {
    trigger: 'triggered',
    fillPart: 'partlyFilled',
    fill: 'filled',
    askCancel: 'cancelling',
    cancel: 'cancelled',
    expire: 'expired',
    reject: 'rejected',
  },
  triggered: {
    fillPart: 'partlyFilled',
    fill: 'filled',
    askCancel: 'cancelling',
    cancel: 'cancelled',
    expire: 'expired',
    reject: 'rejected',
  },
  partlyFilled: {
    trigger: 'partlyFilled',
    fillPart: 'partlyFilled',
    fill: 'filled',
    askCancel: 'cancelling',
    cancel: 'cancelled',
    expire: 'expired',
  },
  cancelling: {
    accept: 'cancelling',
    trigger: 'cancelling',
    fillPart: 'cancelling',
    fill: 'filled',
    cancel: 'cancelled',
    expire: 'expired',
    reject: 'rejected',
  },
  filled: {},
  cancelled: {},
  expired: {},
  rejected: {},
};

const pairs = orderStatuses.flatMap((status) => orderEvents.map((event) => ({ status, event, next: steps[status][event] })));
const possible = pairs.filter(({ next }) => next !== undefined);
const impossible = pairs.filter(({ next }) => next === undefined);

describe('the life of an order', () => {
  test.each(possible)('$status, then $event: $next', ({ status, event, next }) => {
    const order = { id: 3, status };
    advanceOrder(order, event);
    expect(order.status).toBe(next);
    expect(statusAfter(status, event)).toBe(next);
  });

  test.each(impossible)('$status, then $event: stops at once', ({ status, event }) => {
    const order = { id: 3, status };
    expect(() => advanceOrder(order, event)).toThrow(`Invariant: order 3 is ${status}: "${event}" cannot happen to it`);
    expect(order.status).toBe(status);
  });

  test('every order comes to an end, and from an end nowhere', () => {
    for (const status of orderStatuses) {
      const exits = Object.values(steps[status]);
      expect(exits.length === 0).toBe(isEnded(status));
      expect(isEnded(status) && isWorking(status)).toBe(false);
    }
    expect(orderStatuses.filter(isWorking)).toEqual(['open', 'triggered', 'partlyFilled', 'cancelling']);
  });
});
