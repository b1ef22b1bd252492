/** Owns what handlers are given: orders, position and account of a run, read-only but for the order entry. */
import { StrategyError } from './errors.ts';
import { Grid } from './model/grid.ts';
import type { OrderKind, Side, SizeRule } from './model/order.ts';
import { nearest } from './nearest.ts';
import type { RunState } from './run-state.ts';
import type { RunSettings } from './settings.ts';
import type { AccountView, OrderEntry, OrderWish, PositionView, StrategyContext } from './strategy.ts';

/** Turns the wishes of one instrument into orders: one translation for every driver. */
export class Entry implements OrderEntry {
  readonly #run: RunState;
  readonly #instrumentIndex: number;
  /** Null where the semantics leave prices alone. */
  readonly #ticks: Grid | null;
  readonly #riskPerTrade: number;
  constructor(run: RunState, instrumentIndex: number, settings: RunSettings) {
    this.#run = run;
    this.#instrumentIndex = instrumentIndex;
    this.#ticks = settings.semantics.grid === 'instrument' ? new Grid(run.portfolio.instruments[instrumentIndex].tickSize) : null;
    this.#riskPerTrade = settings.risk.riskPerTrade;
  }

  market(wish: OrderWish): number {
    return this.#send('market', wish, Number.NaN, Number.NaN);
  }

  limit(wish: OrderWish & { readonly limitPrice: number }): number {
    return this.#send('limit', wish, this.#price('limitPrice', wish.limitPrice), Number.NaN);
  }

  stop(wish: OrderWish & { readonly stopPrice: number }): number {
    return this.#send('stop', wish, Number.NaN, this.#price('stopPrice', wish.stopPrice));
  }

  stopLimit(wish: OrderWish & { readonly stopPrice: number; readonly limitPrice: number }): number {
    return this.#send('stopLimit', wish, this.#price('limitPrice', wish.limitPrice), this.#price('stopPrice', wish.stopPrice));
  }

  close(wish?: { readonly tag?: string }): number {
    if (wish !== undefined) checkNames(wish, closeNames);
    const position = this.#run.risk.projectedBase(this.#instrumentIndex);
    if (position === 0) return -1;
    return this.#market(position > 0 ? -1 : 1, 'base', Math.abs(position), true, wish?.tag ?? '');
  }

  target(wish: { readonly equityFraction: number; readonly tag?: string }): number {
    checkNames(wish, targetNames);
    const { portfolio, risk } = this.#run;
    const i = this.#instrumentIndex;
    if (!Number.isFinite(wish.equityFraction)) throw badWish('equityFraction', wish.equityFraction, 'a finite number');
    const held = risk.projectedBase(i);
    if (wish.equityFraction === 0) return this.close(wish.tag === undefined ? undefined : { tag: wish.tag });
    const unitQuote = portfolio.lastPrice(i) * portfolio.instruments[i].multiplier;
    const change = (wish.equityFraction * portfolio.equityNow()) / unitQuote - held;
    const side = change > 0 ? 1 : -1;
    const isReducing = held * side < 0 && Math.abs(change) <= Math.abs(held);
    if (Math.abs(change) < portfolio.instruments[i].lotSize) return -1;
    if (isReducing) return this.#market(side, 'base', Math.abs(change), true, wish.tag ?? '');
    return this.#market(side, 'equityFraction', (Math.abs(change) * unitQuote) / portfolio.equityNow(), false, wish.tag ?? '');
  }

  cancel(orderId: number): void {
    this.#run.broker.cancel(orderId, 'by the strategy');
  }

  cancelAll(): void {
    for (const order of this.#run.openOrders.toArray()) {
      if (order.instrumentIndex === this.#instrumentIndex) this.#run.broker.cancel(order.id, 'by the strategy');
    }
  }

  #market(side: Side, sizeRule: SizeRule, sizeAsked: number, isReduceOnly: boolean, tag: string): number {
    const order = this.#run.draft(this.#instrumentIndex, 'market', side);
    order.sizeRule = sizeRule;
    order.sizeAsked = sizeAsked;
    order.isReduceOnly = isReduceOnly;
    order.tag = tag;
    return this.#run.send(order);
  }

  #send(kind: OrderKind, wish: OrderWish, limitPrice: number, stopPrice: number): number {
    checkNames(wish, wishNames);
    if (wish.side !== 1 && wish.side !== -1) throw badWish('side', wish.side, '1 (buy) or -1 (sell)');
    const sizeRule = ruleOf(wish);
    const sizeAsked = askedOf(wish, sizeRule, this.#riskPerTrade);
    if (!(sizeAsked > 0 && sizeAsked < Number.POSITIVE_INFINITY)) throw badWish('size', sizeAsked, 'a finite number above 0');
    const stopLossPrice = wish.stopLoss === undefined ? Number.NaN : this.#price('stopLoss', wish.stopLoss);
    const takeProfitPrice = wish.takeProfit === undefined ? Number.NaN : this.#price('takeProfit', wish.takeProfit);
    // Drafted last: a wish that throws must not use up an order's number.
    const order = this.#run.draft(this.#instrumentIndex, kind, wish.side);
    order.sizeRule = sizeRule;
    order.sizeAsked = sizeAsked;
    order.limitPrice = limitPrice;
    order.stopPrice = stopPrice;
    order.stopLossPrice = stopLossPrice;
    order.takeProfitPrice = takeProfitPrice;
    order.isReduceOnly = wish.reduceOnly === true;
    order.tag = wish.tag ?? '';
    return this.#run.send(order);
  }

  #price(name: string, price: number): number {
    if (!(price > 0 && price < Number.POSITIVE_INFINITY)) throw badWish(name, price, 'a finite price above 0');
    return this.#ticks === null ? price : this.#ticks.round(price);
  }
}

const closeNames = ['tag'];
const targetNames = ['equityFraction', 'tag'];
const wishNames = [
  'side',
  'sizeBase',
  'sizeQuote',
  'equityFraction',
  'riskFraction',
  'stopLoss',
  'takeProfit',
  'reduceOnly',
  'tag',
  'limitPrice',
  'stopPrice',
];

/** Refuses a name no order has: "takeprofit" would otherwise be an order without a target. */
function checkNames(wish: object, names: readonly string[]): void {
  for (const name in wish) {
    if (names.includes(name)) continue;
    const hint = nearest(name, names);
    throw badWish(name, 'no part of this order', `one of ${names.join(', ')}${hint === undefined ? '' : `; did you mean "${hint}"?`}`);
  }
}

/** The one size a wish states; a stop and no size risks the scenario's share of equity. */
function ruleOf(wish: OrderWish): SizeRule {
  const { sizeBase, sizeQuote, equityFraction, riskFraction } = wish;
  const count =
    Number(sizeBase !== undefined) +
    Number(sizeQuote !== undefined) +
    Number(equityFraction !== undefined) +
    Number(riskFraction !== undefined);
  if (count > 1) throw badWish('size', count, 'one of sizeBase, sizeQuote, equityFraction, riskFraction');
  if (sizeBase !== undefined) return 'base';
  if (sizeQuote !== undefined) return 'quote';
  if (equityFraction !== undefined) return 'equityFraction';
  if (wish.stopLoss === undefined)
    throw badWish(
      'size',
      'nothing',
      riskFraction === undefined ? 'a size, or a stopLoss to size by risk' : 'a stopLoss beside riskFraction',
    );
  return 'riskFraction';
}

function askedOf(wish: OrderWish, rule: SizeRule, riskPerTrade: number): number {
  if (rule === 'base') return wish.sizeBase as number;
  if (rule === 'quote') return wish.sizeQuote as number;
  return rule === 'equityFraction' ? (wish.equityFraction as number) : (wish.riskFraction ?? riskPerTrade);
}

function badWish(name: string, found: unknown, expected: string): StrategyError {
  return new StrategyError('STRATEGY_INVALID', `order ${name}: was ${String(found)}, expected ${expected}`);
}

export class Position implements PositionView {
  readonly #run: RunState;
  readonly #instrumentIndex: number;
  readonly #positionBase: Float64Array;
  constructor(run: RunState, instrumentIndex: number) {
    this.#run = run;
    this.#instrumentIndex = instrumentIndex;
    this.#positionBase = run.portfolio.positionBase;
  }
  get sizeBase(): number {
    return this.#positionBase[this.#instrumentIndex];
  }
  get isFlat(): boolean {
    return this.#positionBase[this.#instrumentIndex] === 0;
  }
  get isLong(): boolean {
    return this.#positionBase[this.#instrumentIndex] > 0;
  }
  get isShort(): boolean {
    return this.#positionBase[this.#instrumentIndex] < 0;
  }
  get averagePriceQuote(): number {
    return this.#run.portfolio.averagePrice(this.#instrumentIndex);
  }
  get pendingOrderCount(): number {
    let count = 0;
    const { openOrders } = this.#run;
    for (let k = 0; k < openOrders.count; k++) {
      const order = openOrders.at(k);
      if (order.instrumentIndex === this.#instrumentIndex && order.kind === 'market') count++;
    }
    return count;
  }
}

export class Account implements AccountView {
  readonly #run: RunState;
  constructor(run: RunState) {
    this.#run = run;
  }
  get cashQuote(): number {
    return this.#run.portfolio.ledger.cashQuote;
  }
  get equityQuote(): number {
    return this.#run.portfolio.equityNow();
  }
  get isHalted(): boolean {
    return this.#run.risk.isHalted;
  }
}

/** The one object every handler is given. */
export class Context implements StrategyContext {
  readonly order: OrderEntry;
  readonly position: PositionView;
  readonly account: AccountView;
  readonly #run: RunState;
  constructor(run: RunState, order: OrderEntry, position: PositionView) {
    this.order = order;
    this.position = position;
    this.account = Object.freeze(new Account(run));
    this.#run = run;
  }
  get timeMs(): number {
    return this.#run.feed.timeMs;
  }
}
