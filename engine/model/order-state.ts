/**
 * Owns the life of an order as a closed state machine. Never decides what happens to one, only what may.
 *
 *   drafted ─► held ─► sending ─► open ─► triggered ─► partlyFilled ─► filled
 *      │        │         │        └────────────┴──────────┴──► cancelling ─► cancelled | filled
 *      └────────┴─────────┴──────────► rejected, and from all but drafted cancelled | expired
 *
 * A state says the latest of what has happened: a triggered order that was filled in part is partlyFilled, and one of them whose cancel is
 * under way is cancelling, whatever fills before the cancel arrives.
 */
import { assert } from '../errors.ts';

/** States in the order of their codes: columns and hashes hold the place in this list, so new ones go last. */
export const orderStatuses = [
  'open',
  'filled',
  'cancelled',
  'expired',
  'rejected',
  /** Made and not yet sent. */
  'drafted',
  /** Waits for another order to fill before it is sent. */
  'held',
  /** On its way to the broker. */
  'sending',
  /** Its price was reached: what was a stop-limit or a limit if touched is a limit order now. */
  'triggered',
  'partlyFilled',
  /** Works until its cancel arrives. */
  'cancelling',
] as const;
export type OrderStatus = (typeof orderStatuses)[number];

export const orderEvents = ['hold', 'send', 'accept', 'trigger', 'fillPart', 'fill', 'askCancel', 'cancel', 'expire', 'reject'] as const;
export type OrderEvent = (typeof orderEvents)[number];

const ends = { cancel: 'cancelled', expire: 'expired' } as const;
const fills = { fillPart: 'partlyFilled', fill: 'filled', askCancel: 'cancelling' } as const;

const transitions: Readonly<Record<OrderStatus, Readonly<Partial<Record<OrderEvent, OrderStatus>>>>> = {
  drafted: { hold: 'held', send: 'sending', accept: 'open', reject: 'rejected' },
  held: { send: 'sending', accept: 'open', reject: 'rejected', ...ends },
  sending: { accept: 'open', askCancel: 'cancelling', reject: 'rejected', ...ends },
  open: { trigger: 'triggered', reject: 'rejected', ...fills, ...ends },
  triggered: { reject: 'rejected', ...fills, ...ends },
  // What is left of one is cancelled and never rejected: a part of it was taken.
  partlyFilled: { trigger: 'partlyFilled', ...fills, ...ends },
  cancelling: { accept: 'cancelling', trigger: 'cancelling', fillPart: 'cancelling', fill: 'filled', reject: 'rejected', ...ends },
  filled: {},
  cancelled: {},
  expired: {},
  rejected: {},
};

/** The state after an event; undefined where it cannot happen in this state. */
export function statusAfter(status: OrderStatus, event: OrderEvent): OrderStatus | undefined {
  return transitions[status][event];
}

/** Moves an order on: the one place where its status changes. */
export function advanceOrder(order: { readonly id: number; status: OrderStatus }, event: OrderEvent): void {
  const { status } = order;
  // The two steps of nearly every order, told without a search.
  if (status === 'drafted' && event === 'accept') order.status = 'open';
  else if (status === 'open' && event === 'fill') order.status = 'filled';
  else advanceByTable(order, event);
}

function advanceByTable(order: { readonly id: number; status: OrderStatus }, event: OrderEvent): void {
  const next = transitions[order.status][event];
  if (next === undefined) assert(false, `order ${order.id} is ${order.status}: "${event}" cannot happen to it`);
  order.status = next;
}

/** Rests at the broker: it can fill. */
export function isWorking(status: OrderStatus): boolean {
  return status === 'open' || status === 'triggered' || status === 'partlyFilled' || status === 'cancelling';
}

/** Nothing can happen to it any more. */
export function isEnded(status: OrderStatus): boolean {
  return status === 'filled' || status === 'cancelled' || status === 'expired' || status === 'rejected';
}
