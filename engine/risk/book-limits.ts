/**
 * Owns the caps over the whole book, judged once, when an order is sent. Says how much larger the order may be; never clips or refuses itself.
 *
 * Counted are positions once the market orders on their way have filled, and on top of them every entry at rest as if it had filled, so that
 * orders which were each let through cannot pass a cap together. Positions are marked at the last known price, the order's own instrument at
 * the order's. What price does to a book later passes no judgement: only new orders do. A reduction is never held back.
 */
import { figureText } from '../figure-text.ts';
import { isMarketNow, type Order } from '../model/order.ts';
import type { OrderList } from '../model/order-list.ts';
import type { Portfolio } from '../portfolio/portfolio.ts';
import type { CapRule } from '../risk-event.ts';
import type { BookCaps } from '../risk-settings.ts';
import { BookStatistics } from './book-statistics.ts';
import type { DailyCloses } from './daily-closes.ts';
import { tailLoss } from './tail.ts';

export interface BookLimitsInput {
  readonly caps: BookCaps;
  readonly portfolio: Portfolio;
  readonly openOrders: OrderList;
  readonly daily: DailyCloses;
  /** Position once the market orders on their way have filled. */
  readonly projectedBase: (instrumentIndex: number) => number;
}

/** An order as the caps see it: heldBase is the instrument's position in the order's direction once market orders have filled. */
export interface Asked {
  readonly order: Order;
  readonly price: number;
  readonly heldBase: number;
  readonly sizeBase: number;
  readonly equityQuote: number;
  readonly timeMs: number;
}

export class BookLimits {
  /** The cap that left the least room at the last question. */
  rule: CapRule = 'exposureGross';
  private readonly caps: BookCaps;
  private readonly portfolio: Portfolio;
  private readonly openOrders: OrderList;
  private readonly projectedBase: (instrumentIndex: number) => number;
  private readonly statistics: BookStatistics | null;
  private readonly held: Float64Array;
  private readonly buying: Float64Array;
  private readonly selling: Float64Array;
  /** What the cap above was judged on: its amount without the order's instrument, and the most it may come to. */
  private others = 0;
  private limit = 0;
  private othersNow = 0;
  private limitNow = 0;

  constructor({ caps, portfolio, openOrders, daily, projectedBase }: BookLimitsInput) {
    const count = portfolio.instruments.length;
    this.caps = caps;
    this.portfolio = portfolio;
    this.openOrders = openOrders;
    this.projectedBase = projectedBase;
    this.statistics = caps.correlation === null && caps.valueAtRisk === null ? null : new BookStatistics(daily, count);
    this.held = new Float64Array(count);
    this.buying = new Float64Array(count);
    this.selling = new Float64Array(count);
  }

  /** The largest size the order may have, ≥ what of it closes the position against it; Infinity where there is no cap. */
  roomBase(asked: Asked): number {
    this.count(asked.order);
    const { caps } = this;
    let room = Number.POSITIVE_INFINITY;
    if (caps.grossFractionMax < Number.POSITIVE_INFINITY) room = this.take('exposureGross', this.grossRoom(asked), room, asked);
    if (caps.netFractionMax < Number.POSITIVE_INFINITY) room = this.take('exposureNet', this.netRoom(asked), room, asked);
    if (caps.positionCountMax < Number.POSITIVE_INFINITY) room = this.take('openPositions', this.countRoom(asked), room, asked);
    if (caps.correlation !== null) room = this.take('correlation', this.correlatedRoom(asked, caps.correlation), room, asked);
    if (caps.valueAtRisk !== null) room = this.take('valueAtRisk', this.tailRoom(asked, caps.valueAtRisk, room), room, asked);
    return room;
  }

  /** Why an order of this size is too large for the cap that left the least room at the last question, with the numbers. */
  words({ order, price, sizeBase }: Asked, room: number): string {
    const { caps, rule, others, limit } = this;
    const i = order.instrumentIndex;
    const { symbol } = this.portfolio.instruments[i];
    if (rule === 'openPositions') return `${others} instruments are held or have entries on their way, the most allowed is ${limit}`;
    if (rule === 'valueAtRisk') {
      const { days, confidence, lossFractionMax } = caps.valueAtRisk as NonNullable<BookCaps['valueAtRisk']>;
      return Number.isNaN(others)
        ? `value at risk is not known: fewer than ${days} daily returns that the instruments of the book share`
        : `value at risk (${confidence}) would be ${figureText(others, limit)}, the cap (${lossFractionMax} of equity) is ${figureText(limit, others)}`;
    }
    const after = others + (this.reach(i, order.side) + sizeBase) * price * this.portfolio.pointValue(i);
    const found = `would be ${figureText(after, limit)}, the cap`;
    const leaves = `is ${figureText(limit, after)}: leaves room for ${figureText(room)}`;
    if (rule === 'correlation') {
      const { days, above, exposureFractionMax } = caps.correlation as NonNullable<BookCaps['correlation']>;
      return `exposure that moves with ${symbol} (correlation above ${above} over ${days} days) ${found} (${exposureFractionMax} of equity) ${leaves}`;
    }
    return rule === 'exposureNet'
      ? `net exposure ${found} (${caps.netFractionMax} of equity) ${leaves}`
      : `gross exposure ${found} (${caps.grossFractionMax} of equity) ${leaves}`;
  }

  private take(rule: CapRule, room: number, least: number, { heldBase }: Asked): number {
    const whole = Math.max(room, 0, -heldBase);
    if (whole >= least) return least;
    this.rule = rule;
    this.others = this.othersNow;
    this.limit = this.limitNow;
    return whole;
  }

  /** Positions once market orders have filled, and the entries at rest on either side of them. */
  private count(order: Order): void {
    const { held, buying, selling, openOrders } = this;
    for (let i = 0; i < held.length; i++) held[i] = this.projectedBase(i);
    buying.fill(0);
    selling.fill(0);
    for (let k = 0; k < openOrders.count; k++) {
      const one = openOrders.at(k);
      if (one === order || isMarketNow(one) || one.isReduceOnly || Number.isNaN(one.sizeBase)) continue;
      const pending = one.side > 0 ? buying : selling;
      pending[one.instrumentIndex] += one.sizeBase - one.filledBase;
    }
  }

  /** The most that may come to be held in a direction, in base: long for +1, short for −1; below 0 where the position lies the other way. */
  private reach(i: number, side: number): number {
    return side > 0 ? this.held[i] + this.buying[i] : this.selling[i] - this.held[i];
  }

  /** Notional of the most that may come to be held in a direction; 0 where there is nothing, whatever its price. */
  private reachQuote(i: number, side: number): number {
    const base = this.reach(i, side);
    return base === 0 ? 0 : base * this.portfolio.lastPrice(i) * this.portfolio.pointValue(i);
  }

  /** Size that brings the order's instrument, its entries at rest among it, to what the others leave of the limit. */
  private sizeLeft({ order, price }: Asked): number {
    const i = order.instrumentIndex;
    return (this.limitNow - this.othersNow) / (price * this.portfolio.pointValue(i)) - this.reach(i, order.side);
  }

  private grossRoom(asked: Asked): number {
    let others = 0;
    for (let j = 0; j < this.held.length; j++) {
      if (j !== asked.order.instrumentIndex) others += Math.max(0, this.reachQuote(j, 1), this.reachQuote(j, -1));
    }
    this.othersNow = others;
    this.limitNow = this.caps.grossFractionMax * asked.equityQuote;
    return this.sizeLeft(asked);
  }

  private netRoom(asked: Asked): number {
    let others = 0;
    for (let j = 0; j < this.held.length; j++) {
      if (j !== asked.order.instrumentIndex) others += this.reachQuote(j, asked.order.side);
    }
    this.othersNow = others;
    this.limitNow = this.caps.netFractionMax * asked.equityQuote;
    return this.sizeLeft(asked);
  }

  private countRoom({ order }: Asked): number {
    let others = 0;
    for (let j = 0; j < this.held.length; j++) {
      if (this.held[j] === 0 && this.buying[j] === 0 && this.selling[j] === 0) continue;
      if (j === order.instrumentIndex) return Number.POSITIVE_INFINITY;
      others++;
    }
    this.othersNow = others;
    this.limitNow = this.caps.positionCountMax;
    return others < this.limitNow ? Number.POSITIVE_INFINITY : 0;
  }

  /** A short moves against its instrument: what counts is the correlation of the positions, not of the prices. */
  private correlatedRoom(asked: Asked, { days, above, exposureFractionMax }: NonNullable<BookCaps['correlation']>): number {
    const { instrumentIndex, side } = asked.order;
    const statistics = this.statistics as BookStatistics;
    statistics.update(asked.timeMs);
    let others = 0;
    for (let j = 0; j < this.held.length; j++) {
      const long = Math.max(0, this.reachQuote(j, 1));
      const short = Math.max(0, this.reachQuote(j, -1));
      if (j === instrumentIndex || (long === 0 && short === 0)) continue;
      const found = statistics.correlationOf(instrumentIndex, j, days);
      // Too little is known of it: taken for the worst.
      if (Number.isNaN(found)) others += Math.max(long, short);
      else if (found > above) others += side > 0 ? long : short;
      else if (-found > above) others += side > 0 ? short : long;
    }
    this.othersNow = others;
    this.limitNow = exposureFractionMax * asked.equityQuote;
    return this.sizeLeft(asked);
  }

  /** All or nothing: an order passes whole where the book with it stays under the cap, or loses less than the book without it. */
  private tailRoom(asked: Asked, cap: NonNullable<BookCaps['valueAtRisk']>, room: number): number {
    const { order, sizeBase } = asked;
    const statistics = this.statistics as BookStatistics;
    statistics.update(asked.timeMs);
    const change = order.side * Math.min(room, sizeBase);
    const notional = (j: number, extra: number): number => {
      const base = this.held[j] + this.buying[j] - this.selling[j] + (j === order.instrumentIndex ? extra : 0);
      return base === 0 ? 0 : base * this.portfolio.lastPrice(j) * this.portfolio.pointValue(j);
    };
    this.limitNow = cap.lossFractionMax * asked.equityQuote;
    const indexes = Array.from(this.held.keys()).filter((j) => j === order.instrumentIndex || notional(j, 0) !== 0);
    const lossWith = (extra: number): number => {
      const pnl = statistics.pnlOf(indexes, cap.days, (j) => notional(j, extra));
      return pnl.length < cap.days ? Number.NaN : tailLoss(pnl, cap);
    };
    this.othersNow = lossWith(change);
    if (this.othersNow <= this.limitNow * (1 + 1e-12)) return Number.POSITIVE_INFINITY;
    return this.othersNow <= lossWith(0) ? Number.POSITIVE_INFINITY : 0;
  }
}
