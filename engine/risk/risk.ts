/**
 * Owns what may be sent and what may fill: sizes, the maximum position, cash, leverage; what else a scenario asks of risk it leaves to its
 * rules. Refuses in words with numbers; never cancels or sends.
 */

import type { Execution, FillGate, OrderChange } from '../broker/broker.ts';
import type { CostReserve } from '../costs/reserve.ts';
import { figureText } from '../figure-text.ts';
import type { Grid } from '../model/grid.ts';
import type { Order } from '../model/order.ts';
import type { OrderList } from '../model/order-list.ts';
import type { FillAmounts } from '../portfolio/ledger.ts';
import type { Portfolio } from '../portfolio/portfolio.ts';
import type { CapRule } from '../risk-event.ts';
import type { RunSettings } from '../settings.ts';
import { Affordable } from './affordable.ts';
import { isPassed, sideRefusal } from './entry-sides.ts';
import { Margin } from './margin.ts';
import { type CapQuestion, PositionCap } from './position-cap.ts';
import { Projection } from './projection.ts';
import { emptyRefusal, isBelowMinimum, legRefusal, shareRefusal, spotRefusal } from './refusals.ts';
import { RiskLog } from './risk-log.ts';
import { type Market, RiskRules } from './risk-rules.ts';
import { amended, referencePriceOf, stopPriceOf, wishedBase } from './sizing.ts';
import { SureOrders } from './sure-orders.ts';

export interface RiskInput {
  readonly settings: RunSettings;
  readonly portfolio: Portfolio;
  /** Orders sent and not ended, in sequence; kept by the run. */
  readonly openOrders: OrderList;
  readonly reserve: CostReserve;
  readonly market: Market;
  /** Events of risk are kept, beside being acted on. */
  readonly keepsEvents: boolean;
}

/** The one judge of every order, at submit and at the fill. */
export class Risk implements FillGate {
  readonly log: RiskLog;
  /** Sizing by name, caps of the book, protections; null where the scenario asks for none. */
  readonly rules: RiskRules | null;
  readonly settings: RunSettings;
  protected readonly portfolio: Portfolio;
  /** Null where nothing is borrowed and nothing set aside. */
  readonly margin: Margin | null;
  readonly projection: Projection;
  private readonly market: Market;
  /** Lots in force. */
  private readonly lots: readonly Grid[];
  private readonly mostBases: readonly number[];
  /** What reduces to flat need be no whole lots: earlier ones may have left less. */
  private readonly sellsRests: boolean;
  protected readonly reserve: CostReserve;
  protected readonly isSpot: boolean;
  private readonly sizesAtFill: boolean;
  private readonly cap: PositionCap;
  private readonly feesInBase: boolean;
  /** By instrument, the side that opens it: legs of a hedge account only; null where a position may have either. */
  private readonly openingSides: readonly number[] | null;
  /** The short way of most orders; null where scenario or account may object to any. */
  private readonly sure: SureOrders | null;
  private readonly affordable: Affordable;

  constructor({ settings, portfolio, openOrders, reserve, market, keepsEvents }: RiskInput) {
    this.settings = settings;
    this.portfolio = portfolio;
    this.reserve = reserve;
    this.market = market;
    this.isSpot = settings.account.kind === 'spot';
    const { inForce } = portfolio;
    this.lots = inForce.lots;
    this.mostBases = inForce.mostBase;
    this.sellsRests = inForce.leaveRests && settings.account.dust === 'sell';
    this.sizesAtFill = settings.semantics.sizingAt === 'fill';
    this.cap = new PositionCap(settings.risk.positionFractionMax);
    const { account } = settings;
    this.feesInBase = settings.costs.feeCurrency === 'base';
    this.openingSides = account.positions === 'hedge' ? portfolio.instruments.map((one) => (one.leg === 'long' ? 1 : -1)) : null;
    const isMargined = account.kind === 'margin' || account.kind === 'futures';
    this.margin = isMargined ? new Margin({ account, portfolio, reserve }) : null;
    this.projection = new Projection({ settings, portfolio, openOrders, reserve, margin: this.margin });
    this.affordable = new Affordable({ settings, portfolio, reserve, margin: this.margin, projection: this.projection });
    this.log = new RiskLog(keepsEvents);
    const projectedBase = (i: number): number => this.projectedBase(i);
    this.rules = RiskRules.of({ settings, portfolio, openOrders, market, log: this.log, projectedBase });
    const isJudged = this.rules !== null || this.cap.isSet || isMargined || this.openingSides !== null;
    this.sure = isJudged ? null : SureOrders.of({ settings, portfolio, openOrders, reserve });
  }

  get isHalted(): boolean {
    return this.rules !== null && this.rules.state === 'HALTED';
  }

  /** Sizes the order and says why it must not be sent; '' where it may. */
  admit(order: Order): string {
    if (this.sure?.admits(order)) return '';
    const { rules } = this;
    const i = order.instrumentIndex;
    const price = this.referencePrice(order);
    if (!(price > 0)) return `no price is known yet for ${this.portfolio.instruments[i].symbol}`;
    const sizer = order.sizeRule === 'scenario' ? rules : null;
    const unsized = this.portfolio.currencies?.rateRefusal(i) || sideRefusal(order, price) || sizer?.sizeRefusal(order) || '';
    if (unsized !== '') return unsized;
    const projected = this.projectedBase(i);
    const isDerived = order.sizeRule === 'equityFraction' || order.sizeRule === 'riskFraction';
    const held = projected * order.side;
    const paused = rules === null ? '' : rules.entryRefusal(order);
    if (paused !== '' && held >= 0) return paused;
    if (isDerived && !(this.portfolio.equityNow() > 0)) return shareRefusal(this.portfolio.equityNow());
    let size = Number.NaN;
    if (!this.sizesAtFill || !(isDerived || order.sizeRule === 'quote')) {
      size = this.wishedSize(order, price);
      if (Number.isNaN(size))
        return `stop loss ${figureText(stopPriceOf(order, price), price)} is not on the losing side of the entry ${figureText(price)}`;
      const isRuled = rules !== null && (paused !== '' || rules.hasCaps);
      const room = isRuled ? this.ruledRoom(rules, { order, price, held, size, paused }) : Number.POSITIVE_INFINITY;
      if (isDerived) size = this.clipped(order, { price, projected, size, room });
      if (order.isReduceOnly) size = Math.min(size, held < 0 ? -held : 0);
      order.sizeBase = this.sellsRests && order.isReduceOnly && size === -held ? size : this.onLot(i, size);
      if (isRuled && (order.sizeBase > room * (1 + 1e-12) || (!(order.sizeBase > 0) && rules.words !== ''))) return rules.words;
      if (!(order.sizeBase > 0)) return emptyRefusal(order, this.portfolio.instruments[i], { sizeBase: size, lotSize: this.lots[i].at(1) });
      const refusal = this.submitRefusal(order, { sizeBase: order.sizeBase, price, projected, isDerived });
      if (refusal !== '') return refusal;
    }
    this.cap.noteAdmitted(order, Number.isNaN(size) ? 0 : held + order.sizeBase);
    if (isPassed(order, this.portfolio.lastPrice(i))) this.log.passedCount++;
    if (rules !== null) rules.noteSent(order);
    return '';
  }

  surelyFills(order: Order, fill: Execution): boolean {
    return this.sure?.fills(order, fill) ?? false;
  }

  /** Who cancels what the account's state does not allow, in words. */
  get restriction(): string {
    return this.rules === null ? '' : this.rules.supervisor.trading.restriction;
  }

  /** Marks a bar close. True where the account's state became stricter since the last. */
  observe(equityQuote: number, timeMs: number): boolean {
    return this.rules?.supervisor.observe(equityQuote, timeMs) ?? false;
  }

  sizeAtFill(order: Order, priceQuote: number, unslippedQuote: number): number {
    if (Number.isNaN(order.sizeBase))
      order.sizeBase = this.onLot(order.instrumentIndex, this.sizeForFill(order, priceQuote, unslippedQuote));
    const rest = this.projection.restOf(order);
    if (!order.isReduceOnly) return rest;
    const position = this.portfolio.positionBase[order.instrumentIndex];
    return position * order.side < 0 ? Math.min(rest, this.sellable(order.instrumentIndex, position)) : 0;
  }

  refusal(order: Order, fill: Execution): string {
    const { instrumentIndex: i, priceQuote, sizeBase } = fill;
    const paused = this.rules === null ? '' : this.rules.fillRefusal(order, this.portfolio.positionBase[i], sizeBase);
    const reason = paused === '' && this.cap.isSet ? this.capRefusal(order, priceQuote, sizeBase) : paused;
    if (reason === '' && this.closesLeg(order) && sizeBase > Math.abs(this.portfolio.positionBase[i]))
      return legRefusal(this.portfolio.instruments[i], sizeBase, this.portfolio.positionBase[i]);
    return reason === '' ? this.accountRefusal(order, fill) : reason;
  }

  /** Why the account cannot carry the fill; '' where it can. */
  protected accountRefusal(order: Order, fill: FillAmounts): string {
    const { instrumentIndex: i, priceQuote } = fill;
    if (this.margin !== null) return this.margin.fillRefusal(order, fill, this.portfolio.equityAt(i, priceQuote));
    return this.isSpot ? this.cashRefusal(fill) : this.leverageRefusal(fill);
  }

  amendRefusal(order: Order, change: OrderChange): string {
    const { rules } = this;
    const i = order.instrumentIndex;
    const projected = this.projectedBase(i, order);
    const held = projected * order.side;
    const price = referencePriceOf(order, amended(order, change), this.portfolio.lastPrice(i));
    const sizeBase = this.projection.restOf(order, Number.isNaN(change.sizeBase) ? order.sizeBase : change.sizeBase);
    const misplaced = price === this.referencePrice(order) ? '' : sideRefusal(order, price);
    const isDearer = price > this.referencePrice(order) && !order.isReduceOnly && sizeBase > -held;
    if (misplaced !== '' || sizeBase <= 0 || !(isDearer || change.sizeBase > order.sizeBase)) return misplaced;
    const paused = rules === null ? '' : rules.entryRefusal(order);
    if (rules !== null && this.ruledRoom(rules, { order, price, held, size: sizeBase, paused }) * (1 + 1e-12) < sizeBase)
      return rules.words;
    const size = order.isReduceOnly ? Math.min(sizeBase, Math.max(0, -held)) : sizeBase;
    const refusal =
      size === 0
        ? emptyRefusal(order, this.portfolio.instruments[i], { sizeBase: 0, lotSize: this.lots[i].at(1) })
        : this.submitRefusal(order, { sizeBase: size, price, projected, isDerived: false });
    if (refusal === '') this.cap.noteAdmitted(order, held + sizeBase);
    return refusal;
  }

  judgeAsOf(timeMs: number): void {
    this.portfolio.knownMs = timeMs;
  }

  lastPrice(instrumentIndex: number): number {
    return this.portfolio.lastPrice(instrumentIndex);
  }

  averagePrice(instrumentIndex: number): number {
    return this.portfolio.averagePrice(instrumentIndex);
  }

  /** A position is held, nothing on its way closes it, and the account could pay for closing it at the last price. */
  canClose(instrumentIndex: number): boolean {
    const held = this.projectedBase(instrumentIndex);
    if (held === 0) return false;
    const priceQuote = this.portfolio.lastPrice(instrumentIndex);
    return !this.isSpot || this.cashRefusal({ instrumentIndex, side: -1, priceQuote, sizeBase: held, isMaker: false }) === '';
  }

  positionBase(instrumentIndex: number): number {
    return this.portfolio.positionBase[instrumentIndex];
  }

  /** Position once the market orders on their way, but for one, have filled. */
  projectedBase(instrumentIndex: number, except?: Order): number {
    return this.projection.baseOf(instrumentIndex, except);
  }

  private referencePrice(order: Order): number {
    return referencePriceOf(order, order, this.portfolio.lastPrice(order.instrumentIndex));
  }

  /** On the lot, no larger. */
  onLot(instrumentIndex: number, size: number): number {
    return this.lots[instrumentIndex].floor(size);
  }

  private wishedSize(order: Order, price: number): number {
    if (order.sizeRule === 'base') return order.sizeAsked;
    const i = order.instrumentIndex;
    const point = this.portfolio.pointValue(i);
    const { multiplier } = this.portfolio.instruments[i];
    const unitQuote = price * (order.sizeRule === 'quote' ? multiplier : point);
    return wishedBase(order, { price, unitQuote, multiplier: point, equityQuote: this.portfolio.equityNow() });
  }

  /** What protections and caps of the book leave an order that asks for a size; held: position in its direction. */
  private ruledRoom(
    rules: RiskRules,
    { order, price, held, size, paused }: { order: Order; price: number; held: number; size: number; paused: string },
  ): number {
    const sizeBase = order.isReduceOnly ? Math.min(size, held < 0 ? -held : 0) : size;
    const { timeMs } = this.market;
    return rules.roomBase({ order, price, heldBase: held, sizeBase, equityQuote: this.portfolio.equityNow(), timeMs }, paused);
  }

  /** A size derived from equity or risk, made as small as cash, leverage and every cap want it. */
  private clipped(
    order: Order,
    { price, projected, size, room }: { price: number; projected: number; size: number; room: number },
  ): number {
    const closes = (this.isSpot && order.side < 0) || this.closesLeg(order);
    const affordable = closes ? Math.max(0, -projected * order.side) : this.affordable.base(order, { price, projected, size });
    const cap = this.capBase(order, price, projected);
    const most = this.mostBases[order.instrumentIndex];
    const least = Math.min(affordable, cap, room, most);
    // A little less is what the buffer and the fee are for; only a cut that changes the plan is told.
    if (least < size * (1 - 2 * this.settings.risk.sizeBufferFraction)) {
      const funds: CapRule = this.isSpot ? 'cash' : 'leverage';
      this.noteClip(order, {
        rule: least === affordable ? funds : least === cap ? 'positionMax' : least === most ? 'quantityMax' : (this.rules?.rule ?? funds),
        size,
        room: least,
      });
    }
    return Math.min(size, least);
  }

  private noteClip(order: Order, { rule, size, room }: { rule: CapRule; size: number; room: number }): void {
    const state = this.rules?.state ?? 'ACTIVE';
    this.log.clip(order, { timeMs: this.market.timeMs, rule, state, sizeAsked: size, roomBase: room });
  }

  private capBase(order: Order, price: number, held: number, equityQuote = this.portfolio.equityNow()): number {
    if (!this.cap.isSet) return Number.POSITIVE_INFINITY;
    return Math.max(0, this.cap.base(this.capQuestion(order.instrumentIndex, equityQuote, price)) - held * order.side);
  }

  private capQuestion(instrumentIndex: number, equityQuote: number, price: number): CapQuestion {
    return { equityQuote, unitQuote: price * this.portfolio.pointValue(instrumentIndex) };
  }

  private submitRefusal(
    order: Order,
    { sizeBase, price, projected, isDerived }: { sizeBase: number; price: number; projected: number; isDerived: boolean },
  ): string {
    const i = order.instrumentIndex;
    const called = this.margin === null ? '' : this.margin.callRefusal(order, projected, sizeBase);
    if (called !== '') return called;
    const instrument = this.portfolio.instruments[i];
    const notional = sizeBase * price * instrument.multiplier;
    // What closes a whole position is let through: a halt must not be kept in the market by what is left of it.
    const isExempt = order.isReduceOnly && sizeBase === this.sellable(i, projected) && this.settings.account.dust === 'sell';
    if (isBelowMinimum(notional, instrument.minimumNotionalQuote) && !isExempt)
      return `notional ${figureText(notional, instrument.minimumNotionalQuote)} is below the instrument's minimum ${instrument.minimumNotionalQuote}`;
    if (sizeBase > (instrument.maximumQuantityBase ?? sizeBase))
      return `size ${figureText(sizeBase)} is above the instrument's maximum ${instrument.maximumQuantityBase}`;
    if (this.isSpot && order.side < 0 && sizeBase > projected) return spotRefusal(sizeBase, projected, ' with the orders on their way');
    const closable = Math.max(0, -projected * order.side);
    if (this.closesLeg(order) && sizeBase > closable) return legRefusal(this.portfolio.instruments[i], sizeBase, closable);
    if (isDerived) return '';
    if (this.margin !== null) {
      const figures = { heldBase: projected, sizeBase, priceQuote: price, equityQuote: this.portfolio.equityNow() };
      const reason = this.margin.refusal(order, { ...figures, inUse: this.projection.initial(i) });
      if (reason !== '') return reason;
    }
    const cap = this.capBase(order, price, projected);
    if (sizeBase <= cap * (1 + 1e-12) || sizeBase <= -projected * order.side) return '';
    return `position would be ${figureText(sizeBase + projected * order.side)}, the maximum position (${this.settings.risk.positionFractionMax} of equity) leaves room for ${figureText(cap)}`;
  }

  private sizeForFill(order: Order, priceQuote: number, unslippedQuote: number): number {
    const i = order.instrumentIndex;
    const cap = this.capBase(order, priceQuote, this.portfolio.positionBase[i], this.portfolio.equityAt(i, priceQuote));
    const size =
      order.sizeRule === 'equityFraction' ? this.fractionForFill(order, priceQuote, unslippedQuote) : this.wishedSize(order, priceQuote);
    const room = Math.min(cap, this.mostBases[i]);
    const rule = room === cap ? 'positionMax' : 'quantityMax';
    if (room < size * (1 - 2 * this.settings.risk.sizeBufferFraction)) this.noteClip(order, { rule, size, room });
    return Math.min(size, room);
  }

  /** As backtesting.py sizes: a unit costs its price, its fee on the price without the spread, and the fixed fee once for the fraction asked. */
  private fractionForFill(order: Order, priceQuote: number, unslippedQuote: number): number {
    const { multiplier } = this.portfolio.instruments[order.instrumentIndex];
    const room = this.portfolio.equityNow() * this.settings.account.leverage - this.portfolio.grossNow();
    const feeQuote =
      unslippedQuote * multiplier * this.reserve.feeRate(order.instrumentIndex, unslippedQuote) +
      this.reserve.feeQuote({ order, priceQuote: unslippedQuote, sizeBase: order.sizeAsked }) / order.sizeAsked;
    return (room * order.sizeAsked) / (priceQuote * multiplier + feeQuote);
  }

  /** The maximum position at the fill; what goes no further than flat passes. */
  private capRefusal(order: Order, priceQuote: number, sizeBase: number): string {
    const i = order.instrumentIndex;
    const after = this.portfolio.positionBase[i] * order.side + sizeBase;
    const cap = this.cap.passedAtFill(order, after, this.capQuestion(i, this.portfolio.equityAt(i, priceQuote), priceQuote));
    if (Number.isNaN(cap)) return '';
    return `position would be ${this.portfolio.inForce.sizes[i].round(after)} at ${figureText(priceQuote)}, the maximum position (${this.cap.fractionMax} of equity) is ${figureText(cap)}`;
  }

  /** On a spot account: only what is held can be sold, and cash must carry the cost, or a fee above the proceeds. */
  protected cashRefusal(fill: FillAmounts): string {
    const { instrumentIndex: i, side, sizeBase } = fill;
    const { ledger, positionBase } = this.portfolio;
    if (side < 0 && sizeBase > positionBase[i]) return spotRefusal(sizeBase, positionBase[i]);
    if (this.reserve.surelyPays(fill, ledger.payableQuote(i))) return '';
    return ledger.shortage(fill);
  }

  /** Equity after the fill and its fee; where the semantics size at the fill, the fee is in the size. */
  private leverageRefusal(fill: FillAmounts): string {
    const { instrumentIndex: i, side, priceQuote, sizeBase } = fill;
    const position = this.portfolio.positionBase[i];
    const after = position + side * sizeBase;
    if (Math.abs(after) <= Math.abs(position) && after * position >= 0) return '';
    const point = this.portfolio.pointValue(i);
    const { leverage } = this.settings.account;
    const equity = this.portfolio.equityAt(i, priceQuote);
    const gross =
      this.portfolio.grossNow() - Math.abs(position) * this.portfolio.lastPrice(i) * point + Math.abs(after) * priceQuote * point;
    const beside = this.portfolio.toAccount(i, this.reserve.feeQuote({ order: fill, priceQuote, sizeBase }));
    const feeRough = priceQuote * sizeBase * point * this.reserve.feeRate(i, priceQuote) + beside;
    if (gross * 1.000001 + 1 < (equity - feeRough) * leverage) return '';
    const limit = (this.sizesAtFill ? equity : equity - this.portfolio.feeQuote(fill)) * leverage;
    return gross > limit * (1 + 1e-9)
      ? `gross notional would be ${figureText(gross, limit)}, equity × leverage is ${figureText(limit, gross)}`
      : '';
  }

  /** On a hedge account: the order goes against its leg. */
  private closesLeg(order: Order): boolean {
    return this.openingSides !== null && this.openingSides[order.instrumentIndex] !== order.side;
  }

  /** What of a position whole lots can carry away. */
  private sellable(instrumentIndex: number, sizeBase: number): number {
    return this.feesInBase ? this.onLot(instrumentIndex, Math.abs(sizeBase)) : Math.abs(sizeBase);
  }
}
