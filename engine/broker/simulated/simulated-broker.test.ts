import { describe, expect, test } from 'vitest';
import { Feed } from '../../feed.ts';
import { Order, type OrderFields, orderKinds } from '../../model/order.ts';
import { advanceOrder } from '../../model/order-state.ts';
import { RulesInForce } from '../../rules-in-force.ts';
import { settingsOf } from '../../testing/settings.ts';
import { type BarRow, instrumentOf, tapeOf } from '../../testing/tapes.ts';
import type { BrokerSink, Execution, FillGate } from '../broker.ts';
import { brokerContract, type ContractDesk, type ContractEvent, type ContractOrder } from '../broker-contract.ts';
import { SimulatedBroker } from './simulated-broker.ts';

const barsMax = 16;

/** The simulated broker alone: a growing tape, and a gate and a sink that keep the simplest account there is. */
class Desk implements ContractDesk, BrokerSink, FillGate {
  readonly broker: SimulatedBroker;
  private readonly feed: Feed;
  private readonly rows = tapeOf(Array.from({ length: barsMax }, (): BarRow => [100, 100, 100, 100]));
  private readonly orders: Order[] = [];
  private events: ContractEvent[] = [];
  private position = 0;
  private cash = 10_000;
  private shown = 0;

  constructor() {
    const settings = settingsOf();
    this.feed = new Feed({ tapes: [this.rows], instrumentIndexes: [0], instrumentCount: 1, window: settings.window });
    this.broker = new SimulatedBroker({
      feed: this.feed,
      inForce: new RulesInForce([instrumentOf()], settings),
      settings,
      gate: this,
      sink: this,
    });
    this.show({ open: 100, high: 100, low: 100, close: 100 });
  }

  submit(order: ContractOrder): number {
    const none = Number.NaN;
    const made = this.draft({
      instrumentIndex: 0,
      kind: order.kind,
      role: 'own',
      side: order.side,
      sizeRule: 'base',
      sizeAsked: order.sizeBase,
      limitPrice: order.limitPrice ?? none,
      stopPrice: order.stopPrice ?? none,
      stopLossPrice: order.stopLossPrice ?? none,
      takeProfitPrice: order.takeProfitPrice ?? none,
      isReduceOnly: order.isReduceOnly ?? false,
      parentId: -1,
      tag: '',
      terms: undefined,
    });
    this.broker.submit(made);
    return made.id;
  }

  cancel(orderId: number): void {
    this.broker.cancel(orderId, 'by the contract');
  }

  show({ open, high, low, close }: { open: number; high: number; low: number; close: number }): readonly ContractEvent[] {
    this.events = [];
    const { columns } = this.rows;
    columns.open[this.shown] = open;
    columns.high[this.shown] = high;
    columns.low[this.shown] = low;
    columns.close[this.shown] = close;
    this.shown++;
    while (this.feed.series[0].index < this.shown - 1) this.broker.advance(this.feed.next(this.broker.wantsOpens));
    return this.told();
  }

  told(): readonly ContractEvent[] {
    const told = this.events;
    this.events = [];
    return told;
  }

  positionBase(): number {
    return this.position;
  }

  sizeAtFill(order: Order): number {
    if (!order.isReduceOnly) return order.sizeBase;
    return this.position * order.side < 0 ? Math.min(order.sizeBase, Math.abs(this.position)) : 0;
  }

  surelyFills(): boolean {
    return false;
  }

  refusal(order: Order, { priceQuote, sizeBase }: Execution): string {
    return order.side > 0 && priceQuote * sizeBase > this.cash ? `costs ${priceQuote * sizeBase}, cash is ${this.cash}` : '';
  }

  amendRefusal(): string {
    return '';
  }

  judgeAsOf(): void {}

  lastPrice(): number {
    return this.rows.columns.close[this.shown - 1];
  }

  averagePrice(): number {
    return Number.NaN;
  }

  onAccepted(order: Order): void {
    advanceOrder(order, 'accept');
    this.tell('accepted', order);
  }

  onFill(order: Order, execution: Parameters<BrokerSink['onFill']>[1]): void {
    this.position += order.side * execution.sizeBase;
    this.cash -= order.side * execution.sizeBase * execution.priceQuote;
    advanceOrder(order, execution.isWhole ? 'fill' : 'fillPart');
    this.tell('filled', order, execution.priceQuote, execution.sizeBase);
  }

  onCancelled(order: Order, reason: string): void {
    advanceOrder(order, 'cancel');
    this.tell('cancelled', order, Number.NaN, Number.NaN, reason);
  }

  onRejected(order: Order, reason: string): void {
    advanceOrder(order, 'reject');
    this.tell('rejected', order, Number.NaN, Number.NaN, reason);
  }

  onChanged(): void {}

  onAmendedAway(): void {}

  onExpired(): void {}

  make(fields: OrderFields, sizeBase: number): Order {
    const order = this.draft({ ...fields, sizeAsked: sizeBase });
    this.onAccepted(order);
    return order;
  }

  release(): boolean {
    return true;
  }

  refuse(): void {}

  private draft(fields: OrderFields): Order {
    const order = new Order(this.orders.length, this.feed.timeMs, fields.sizeAsked, fields);
    this.orders.push(order);
    return order;
  }

  private tell(what: ContractEvent['what'], order: Order, priceQuote = Number.NaN, sizeBase = Number.NaN, reason = ''): void {
    this.events.push({ what, orderId: order.id, priceQuote, sizeBase, reason });
  }
}

describe('the broker contract, simulated broker', () => {
  const { capabilities } = new Desk().broker;
  const runner = {
    test: (name: string, body: () => void) => void test(name, body),
    skip: (name: string) => void test.skip(name, () => {}),
    equal: (actual: unknown, expected: unknown) => expect(actual).toEqual(expected),
  };

  brokerContract({ capabilities, openDesk: () => new Desk() }, runner);

  test('a case is skipped where the capability is not declared, and only there', () => {
    const seen: string[] = [];
    const counting = { ...runner, test: (name: string) => void seen.push(name), skip: (name: string) => void seen.push(`skipped ${name}`) };
    const poor = { ...capabilities, name: 'poor', orderKinds: ['market'], hasAttachedOrders: false };
    brokerContract({ capabilities: poor, openDesk: () => new Desk() }, counting);
    expect(seen.filter((name) => name.startsWith('skipped ')).map((name) => Number.parseInt(name.slice(8), 10))).toEqual([
      3, 4, 5, 6, 7, 11, 12, 13, 14,
    ]);
    brokerContract({ capabilities, openDesk: () => new Desk() }, { ...counting, skip: (name: string) => expect(name).toBe('not skipped') });
  });

  test('opens are wanted only while something rests', () => {
    const desk = new Desk();
    expect(desk.broker.wantsOpens).toBe(false);
    const id = desk.submit({ kind: 'limit', side: 1, sizeBase: 1, limitPrice: 50 });
    expect(desk.broker.wantsOpens).toBe(true);
    desk.cancel(id);
    expect(desk.broker.wantsOpens).toBe(false);
  });

  test('declares what it can, frozen', () => {
    expect(capabilities).toEqual({
      name: 'simulated',
      orderKinds,
      hasAttachedOrders: true,
      isSimulated: true,
    });
    expect(Object.isFrozen(capabilities)).toBe(true);
  });
});
