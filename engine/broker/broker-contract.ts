/**
 * Owns what every broker must do, as numbered cases that a broker's test file registers. Never knows which broker it asks.
 * A case is skipped only where the broker's declared capabilities say that it cannot do what the case needs.
 */
import type { Order } from '../model/order.ts';
import type { BrokerCapabilities } from './broker.ts';

/** One moment of a market that moves from price to price: every broker is shown the same ones. */
export interface ContractPrice {
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
}

/** Something that happened to an order, in the order in which the broker told it. */
export interface ContractEvent {
  readonly what: 'accepted' | 'filled' | 'cancelled' | 'rejected';
  readonly orderId: number;
  readonly priceQuote: number;
  readonly sizeBase: number;
  readonly reason: string;
}

/** An order of the case's own, or the stop or target attached to one. */
export interface ContractOrder {
  readonly kind: Order['kind'];
  readonly side: Order['side'];
  readonly sizeBase: number;
  readonly limitPrice?: number;
  readonly stopPrice?: number;
  readonly stopLossPrice?: number;
  readonly takeProfitPrice?: number;
  readonly isReduceOnly?: boolean;
}

/** A broker at its desk: a flat account with cash for 100 units at 100, one instrument, the market quiet at 100. */
export interface ContractDesk {
  submit(order: ContractOrder): number;
  cancel(orderId: number): void;
  /** Shows the next bar and returns what the broker told about it. */
  show(price: ContractPrice): readonly ContractEvent[];
  /** What was told since the desk was opened or show() was called last. */
  told(): readonly ContractEvent[];
  positionBase(): number;
}

export interface ContractSubject {
  readonly capabilities: BrokerCapabilities;
  openDesk(): ContractDesk;
}

/** The parts of a test runner that a contract needs. */
export interface ContractRunner {
  test(name: string, body: () => void): void;
  skip(name: string): void;
  equal(actual: unknown, expected: unknown): void;
}

interface Case {
  readonly name: string;
  /** What the broker must be able to do. */
  readonly needs: (capabilities: BrokerCapabilities) => boolean;
  readonly play: (desk: ContractDesk, equal: ContractRunner['equal']) => void;
}

const quiet: ContractPrice = { open: 100, high: 100, low: 100, close: 100 };
const always = () => true;
const knows = (kind: Order['kind']) => (capabilities: BrokerCapabilities) => capabilities.orderKinds.includes(kind);
const attaches = (capabilities: BrokerCapabilities) => capabilities.hasAttachedOrders;
const fillsOf = (events: readonly ContractEvent[]) =>
  events.filter((event) => event.what === 'filled').map(({ orderId, priceQuote, sizeBase }) => [orderId, priceQuote, sizeBase]);
const whatOf = (events: readonly ContractEvent[]) => events.map(({ what, orderId }) => `${what} ${orderId}`);

const orderCases: readonly Case[] = [
  {
    name: 'an order is never filled in the call that created it',
    needs: always,
    play(desk, equal) {
      const id = desk.submit({ kind: 'market', side: 1, sizeBase: 1 });
      equal(whatOf(desk.told()), [`accepted ${id}`]);
      equal(desk.positionBase(), 0);
    },
  },
  {
    name: 'a market order fills once, whole, at the next price, and the position follows',
    needs: always,
    play(desk, equal) {
      const id = desk.submit({ kind: 'market', side: 1, sizeBase: 2 });
      equal(fillsOf(desk.show({ open: 101, high: 105, low: 99, close: 100 })), [[id, 101, 2]]);
      equal(desk.positionBase(), 2);
      equal(desk.show(quiet), []);
    },
  },
  {
    name: 'a limit order rests until its price is passed, and fills at it',
    needs: knows('limit'),
    play(desk, equal) {
      const id = desk.submit({ kind: 'limit', side: 1, sizeBase: 1, limitPrice: 95 });
      equal(fillsOf(desk.show(quiet)), []);
      equal(fillsOf(desk.show({ open: 100, high: 100, low: 94, close: 96 })), [[id, 95, 1]]);
    },
  },
  {
    name: 'a limit order takes a better open',
    needs: knows('limit'),
    play(desk, equal) {
      const id = desk.submit({ kind: 'limit', side: 1, sizeBase: 1, limitPrice: 95 });
      equal(fillsOf(desk.show({ open: 93, high: 96, low: 92, close: 96 })), [[id, 93, 1]]);
    },
  },
  {
    name: 'a stop order rests until its price is touched; a gap fills it at the open',
    needs: knows('stop'),
    play(desk, equal) {
      const first = desk.submit({ kind: 'stop', side: 1, sizeBase: 1, stopPrice: 105 });
      equal(fillsOf(desk.show({ open: 100, high: 104, low: 100, close: 104 })), []);
      equal(fillsOf(desk.show({ open: 104, high: 105, low: 103, close: 104 })), [[first, 105, 1]]);
      const second = desk.submit({ kind: 'stop', side: 1, sizeBase: 1, stopPrice: 105 });
      equal(fillsOf(desk.show({ open: 108, high: 109, low: 107, close: 108 })), [[second, 108, 1]]);
    },
  },
  {
    name: 'a stop-limit order does not fill beyond its limit',
    needs: knows('stopLimit'),
    play(desk, equal) {
      const id = desk.submit({ kind: 'stopLimit', side: 1, sizeBase: 1, stopPrice: 105, limitPrice: 106 });
      equal(fillsOf(desk.show({ open: 110, high: 111, low: 109, close: 110 })), []);
      equal(fillsOf(desk.show({ open: 110, high: 110, low: 105, close: 106 })), [[id, 106, 1]]);
    },
  },
  {
    name: 'a cancelled order never fills, and its end is told once',
    needs: knows('limit'),
    play(desk, equal) {
      const id = desk.submit({ kind: 'limit', side: 1, sizeBase: 1, limitPrice: 95 });
      desk.cancel(id);
      desk.cancel(id);
      equal(whatOf(desk.told()), [`accepted ${id}`, `cancelled ${id}`]);
      equal(desk.show({ open: 90, high: 90, low: 90, close: 90 }), []);
    },
  },
  {
    name: 'cancelling what is unknown or has ended tells nothing',
    needs: always,
    play(desk, equal) {
      desk.cancel(987_654);
      const id = desk.submit({ kind: 'market', side: 1, sizeBase: 1 });
      desk.show(quiet);
      desk.cancel(id);
      equal(desk.told(), []);
    },
  },
  {
    name: 'what the account cannot pay is rejected whole, with a reason',
    needs: always,
    play(desk, equal) {
      const id = desk.submit({ kind: 'market', side: 1, sizeBase: 95 });
      const events = desk.show({ open: 120, high: 120, low: 120, close: 120 });
      equal(whatOf(events), [`rejected ${id}`]);
      equal(events[0].reason.length > 0, true);
      equal(desk.positionBase(), 0);
    },
  },
  {
    name: 'orders fill in the sequence in which they were sent',
    needs: always,
    play(desk, equal) {
      const ids = [1, 2, 3].map((sizeBase) => desk.submit({ kind: 'market', side: 1, sizeBase }));
      equal(
        fillsOf(desk.show(quiet)).map(([id]) => id),
        ids,
      );
    },
  },
  {
    name: 'a reduce-only order is clipped to the position, and cancelled where there is none',
    needs: knows('limit'),
    play(desk, equal) {
      desk.submit({ kind: 'market', side: 1, sizeBase: 1 });
      desk.show(quiet);
      const first = desk.submit({ kind: 'limit', side: -1, sizeBase: 1, limitPrice: 105, isReduceOnly: true });
      const second = desk.submit({ kind: 'limit', side: -1, sizeBase: 1, limitPrice: 105, isReduceOnly: true });
      const events = desk.show({ open: 110, high: 110, low: 110, close: 110 });
      equal(whatOf(events), [`filled ${first}`, `cancelled ${second}`]);
      equal(desk.positionBase(), 0);
    },
  },
];

const attachedCases: readonly Case[] = [
  {
    name: 'a stop and a target are accepted as orders when their entry fills, not before',
    needs: attaches,
    play(desk, equal) {
      const id = desk.submit({ kind: 'market', side: 1, sizeBase: 1, stopLossPrice: 90, takeProfitPrice: 110 });
      equal(whatOf(desk.told()), [`accepted ${id}`]);
      const events = desk.show(quiet);
      equal(
        events.map((event) => event.what),
        ['filled', 'accepted', 'accepted'],
      );
      equal(new Set(events.map((event) => event.orderId)).size, 3);
    },
  },
  {
    name: 'the attached order that fills cancels the other',
    needs: attaches,
    play(desk, equal) {
      desk.submit({ kind: 'market', side: 1, sizeBase: 1, stopLossPrice: 90, takeProfitPrice: 110 });
      desk.show(quiet);
      const events = desk.show({ open: 100, high: 100, low: 89, close: 91 });
      equal(
        events.map((event) => event.what),
        ['filled', 'cancelled'],
      );
      equal(events[0].priceQuote, 90);
      equal(desk.positionBase(), 0);
      equal(desk.show({ open: 120, high: 120, low: 120, close: 120 }), []);
    },
  },
  {
    name: 'closing the position ends what protected it',
    needs: attaches,
    play(desk, equal) {
      desk.submit({ kind: 'market', side: 1, sizeBase: 1, stopLossPrice: 90 });
      desk.show(quiet);
      desk.submit({ kind: 'market', side: -1, sizeBase: 1, isReduceOnly: true });
      equal(
        desk.show(quiet).map((event) => event.what),
        ['filled', 'cancelled'],
      );
      equal(desk.show({ open: 80, high: 80, low: 80, close: 80 }), []);
    },
  },
];

/** Registers every case for one broker; the number of a case never changes. */
export function brokerContract(subject: ContractSubject, runner: ContractRunner): void {
  [...orderCases, ...attachedCases].forEach(({ name, needs, play }, i) => {
    const title = `${i + 1}. ${name}`;
    if (needs(subject.capabilities)) runner.test(title, () => play(subject.openDesk(), runner.equal));
    else runner.skip(`${title} (${subject.capabilities.name} declares that it cannot)`);
  });
}
