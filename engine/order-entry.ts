/** Owns the order entry of one instrument: turns what a strategy asks for into orders, one translation for every driver. Never sizes or fills them. */
import type { ColumnBuilder } from './columns.ts';
import { StrategyError } from './errors.ts';
import type { OrderKind, Side, SizeRule } from './model/order.ts';
import { type OrderTerms, plainTerms } from './model/order-terms.ts';
import { passedCount } from './risk/entry-sides.ts';
import type { RiskSettings } from './risk-settings.ts';
import type { RunState } from './run-state.ts';
import type { RunSettings } from './settings.ts';
import type { AmendWish, OrderEntry, OrderWish, ProtectionWish, TrailWish } from './strategy.ts';
import { isAmount, told } from './told.ts';
import { badWish, checkNames, flagOf, sizeAskedOf, sizeRuleOf, tagOf, Wishes, wishNames } from './wishes.ts';

interface EntryInput {
  readonly run: RunState;
  readonly instrumentIndex: number;
  readonly settings: RunSettings;
  readonly columns: ColumnBuilder;
}

const none = Number.NaN;
/** What is returned where there was nothing to send. */
const noOrder = -1;

export class Entry implements OrderEntry {
  readonly #run: RunState;
  readonly #instrumentIndex: number;
  readonly #wishes: Wishes;
  readonly #risk: RiskSettings;
  constructor({ run, instrumentIndex, settings, columns }: EntryInput) {
    this.#run = run;
    this.#instrumentIndex = instrumentIndex;
    this.#wishes = new Wishes(run.portfolio.inForce, instrumentIndex, columns);
    this.#risk = settings.risk;
  }

  market(wish: OrderWish): number {
    checkNames(wish, wishNames.market);
    return this.#send('market', wish, none, none);
  }

  limit(wish: OrderWish & { readonly limitPrice: number; readonly postOnly?: boolean }): number {
    checkNames(wish, wishNames.limit);
    return this.#send('limit', wish, this.#wishes.price('limitPrice', wish.limitPrice), none);
  }

  stop(wish: OrderWish & { readonly stopPrice: number }): number {
    checkNames(wish, wishNames.stop);
    return this.#send('stop', wish, none, this.#wishes.price('stopPrice', wish.stopPrice));
  }

  stopLimit(wish: OrderWish & { readonly stopPrice: number; readonly limitPrice: number }): number {
    checkNames(wish, wishNames.stopLimit);
    const stopPrice = this.#wishes.price('stopPrice', wish.stopPrice);
    return this.#send('stopLimit', wish, this.#wishes.price('limitPrice', wish.limitPrice), stopPrice);
  }

  marketIfTouched(wish: OrderWish & { readonly touchPrice: number }): number {
    checkNames(wish, wishNames.marketIfTouched);
    return this.#send('marketIfTouched', wish, none, this.#wishes.price('touchPrice', wish.touchPrice));
  }

  limitIfTouched(wish: OrderWish & { readonly touchPrice: number; readonly limitPrice: number }): number {
    checkNames(wish, wishNames.limitIfTouched);
    const touchPrice = this.#wishes.price('touchPrice', wish.touchPrice);
    return this.#send('limitIfTouched', wish, this.#wishes.price('limitPrice', wish.limitPrice), touchPrice);
  }

  trailingStop(wish: OrderWish & { readonly trail: TrailWish | readonly TrailWish[] }): number {
    checkNames(wish, wishNames.trailingStop);
    if (wish.trail === undefined) throw badWish('trail', 'nothing', 'a distance, a fraction, or a multiple of a column');
    return this.#send('trailingStop', wish, none, none);
  }

  onOpen(wish: OrderWish): number {
    checkNames(wish, wishNames.onOpen);
    return this.#send('onOpen', wish, none, none);
  }

  onClose(wish: OrderWish): number {
    checkNames(wish, wishNames.onClose);
    return this.#send('onClose', wish, none, none);
  }

  close(wish?: { readonly tag?: string }): number {
    if (wish !== undefined) checkNames(wish, wishNames.close);
    const position = this.#run.risk.projectedBase(this.#instrumentIndex);
    if (position === 0) return noOrder;
    return this.#reduce(position > 0 ? -1 : 1, Math.abs(position), tagOf(wish?.tag));
  }

  target(wish: { readonly equityFraction: number; readonly tag?: string }): number {
    checkNames(wish, wishNames.target);
    const { portfolio, risk } = this.#run;
    const i = this.#instrumentIndex;
    if (!Number.isFinite(wish.equityFraction)) throw badWish('equityFraction', told(wish.equityFraction), 'a finite number');
    const held = risk.projectedBase(i);
    if (wish.equityFraction === 0) return this.close(wish.tag === undefined ? undefined : { tag: wish.tag });
    const unitQuote = portfolio.lastPrice(i) * portfolio.pointValue(i);
    const change = (wish.equityFraction * portfolio.equityNow()) / unitQuote - held;
    const side = change > 0 ? 1 : -1;
    const isReducing = held * side < 0 && Math.abs(change) <= Math.abs(held);
    if (Math.abs(change) < portfolio.instruments[i].lotSize) return noOrder;
    if (isReducing) return this.#reduce(side, Math.abs(change), tagOf(wish.tag));
    return this.#market(side, 'equityFraction', (Math.abs(change) * unitQuote) / portfolio.equityNow(), false, tagOf(wish.tag));
  }

  protect(wish: ProtectionWish & { readonly tag?: string }): void {
    checkNames(wish, wishNames.protect);
    if (wish.stopLoss === undefined && wish.takeProfit === undefined && wish.trail === undefined)
      throw badWish('protection', 'nothing', 'a stopLoss, a takeProfit or a trail');
    const { portfolio, risk } = this.#run;
    const i = this.#instrumentIndex;
    const position = portfolio.positionBase[i];
    const asked = {
      instrumentIndex: i,
      stopLossPrice: this.#wishes.priceGiven('stopLoss', wish.stopLoss),
      takeProfitPrice: this.#wishes.priceGiven('takeProfit', wish.takeProfit),
      terms: this.#wishes.attached(wish, position < 0 ? 1 : -1) ?? plainTerms,
      tag: tagOf(wish.tag),
    };
    risk.log.passedCount += passedCount(asked, position, portfolio.lastPrice(i));
    this.#run.broker.protect(asked);
  }

  amend(orderId: number, wish: AmendWish): void {
    this.#checkId('amend', orderId);
    checkNames(wish, wishNames.amend);
    const { limitPrice, stopPrice, touchPrice, sizeBase } = wish;
    if (stopPrice !== undefined && touchPrice !== undefined)
      throw badWish('amend', 'a stopPrice and a touchPrice', 'the one that the order has');
    if (sizeBase !== undefined && !isAmount(sizeBase)) throw badWish('sizeBase', told(sizeBase), 'a finite number above 0');
    const change = {
      limitPrice: limitPrice === undefined ? none : this.#wishes.price('limitPrice', limitPrice),
      stopPrice: stopPrice === undefined ? none : this.#wishes.price('stopPrice', stopPrice),
      touchPrice: touchPrice === undefined ? none : this.#wishes.price('touchPrice', touchPrice),
      sizeBase: sizeBase === undefined ? none : this.#run.risk.onLot(this.#instrumentIndex, sizeBase),
    };
    this.#run.broker.amend(orderId, change, this.#instrumentIndex);
  }

  oneCancelsOther(orderIds: readonly number[]): void {
    if (!Array.isArray(orderIds) || orderIds.length < 2 || !orderIds.every(Number.isInteger))
      throw badWish('oneCancelsOther', JSON.stringify(orderIds), 'a list of two or more order ids');
    for (const id of orderIds) this.#checkId('oneCancelsOther', id);
    this.#run.broker.oneCancelsOther(orderIds);
  }

  cancel(orderId: number): void {
    if (orderId === noOrder) return;
    this.#checkId('cancel', orderId);
    this.#run.broker.cancel(orderId, 'by the strategy');
  }

  cancelAll(): void {
    for (const order of this.#run.openOrders.toArray()) {
      if (order.instrumentIndex === this.#instrumentIndex) this.#run.broker.cancel(order.id, 'by the strategy');
    }
  }

  /** An order that has ended is an event like any other; one that never was is a fault of the strategy. */
  #checkId(what: string, id: number): void {
    const { draftCount } = this.#run;
    if (Number.isInteger(id) && id >= 0 && id < draftCount) return;
    const known = draftCount === 1 ? '1 was sent' : `${draftCount} were sent`;
    throw new StrategyError(
      'STRATEGY_INVALID',
      `order.${what}: no order has the id ${told(id)}; ${known} so far, and each call that sends one returns its id`,
    );
  }

  /** In one order, or in as many as the maximum quantity makes of it; the id of the last. */
  #reduce(side: Side, sizeBase: number, tag: string): number {
    const i = this.#instrumentIndex;
    const { inForce } = this.#run.portfolio;
    if (!(sizeBase > inForce.mostBase[i])) return this.#market(side, 'base', sizeBase, true, tag);
    let id = noOrder;
    for (const part of inForce.partsOf(i, sizeBase)) id = this.#market(side, 'base', part, true, tag);
    return id;
  }

  #market(side: Side, sizeRule: SizeRule, sizeAsked: number, isReduceOnly: boolean, tag: string): number {
    const order = this.#run.draft(this.#instrumentIndex, 'market', side);
    order.sizeRule = sizeRule;
    order.sizeAsked = sizeAsked;
    order.isReduceOnly = isReduceOnly;
    order.tag = tag;
    return this.#run.send(order);
  }

  #send(kind: OrderKind, wish: OrderWish & { readonly postOnly?: boolean }, limitPrice: number, stopPrice: number): number {
    if (wish.side !== 1 && wish.side !== -1) throw badWish('side', wish.side, '1 (buy) or -1 (sell)');
    const rule = sizeRuleOf(wish, this.#risk.sizing !== undefined);
    const asked = sizeAskedOf(wish, rule, this.#risk.riskPerTrade);
    const stopLossPrice = this.#wishes.priceGiven('stopLoss', wish.stopLoss);
    const takeProfitPrice = this.#wishes.priceGiven('takeProfit', wish.takeProfit);
    const terms: OrderTerms | undefined = this.#wishes.terms(wish, kind === 'trailingStop');
    const isReduceOnly = flagOf('reduceOnly', wish.reduceOnly);
    if (wish.after !== undefined) this.#checkId('after', wish.after);
    const tag = tagOf(wish.tag);
    // Drafted last: a wish that throws must not use up an order's number.
    const order = this.#run.draft(this.#instrumentIndex, kind, wish.side);
    order.sizeRule = rule;
    order.sizeAsked = asked;
    order.limitPrice = limitPrice;
    order.stopPrice = stopPrice;
    order.stopLossPrice = stopLossPrice;
    order.takeProfitPrice = takeProfitPrice;
    order.isReduceOnly = isReduceOnly;
    order.terms = terms;
    order.tag = tag;
    return this.#run.send(order);
  }
}
