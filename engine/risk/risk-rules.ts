/**
 * Owns what a scenario asks of risk beyond cash, leverage and the maximum position: sizing by name, caps of the book, protections. One object
 * that the judge of orders asks; there is none in a run whose scenario asks for none of it.
 */
import type { FeedSeries } from '../feed.ts';
import type { Order } from '../model/order.ts';
import type { OrderList } from '../model/order-list.ts';
import type { Portfolio } from '../portfolio/portfolio.ts';
import type { CapRule, RiskState } from '../risk-event.ts';
import type { RunSettings } from '../settings.ts';
import { type Asked, BookLimits } from './book-limits.ts';
import { DailyCloses } from './daily-closes.ts';
import type { RiskLog } from './risk-log.ts';
import { Sizer } from './sizer.ts';
import { Supervisor } from './supervisor.ts';

/** Time and bars as far as they are known: a feed. */
export interface Market {
  readonly timeMs: number;
  /** By instrument the series that orders are matched on. */
  readonly finest: readonly FeedSeries[];
  /** By instrument the series that decisions are made on: its first in the scenario. */
  readonly decision: readonly FeedSeries[];
}

export interface RiskRulesInput {
  readonly settings: RunSettings;
  readonly portfolio: Portfolio;
  readonly openOrders: OrderList;
  readonly market: Market;
  readonly log: RiskLog;
  readonly projectedBase: (instrumentIndex: number) => number;
}

export class RiskRules {
  readonly supervisor: Supervisor;
  /** The rule that held back the last order asked about, and why; '' where none did. */
  rule: CapRule = 'reductionsOnly';
  words = '';
  readonly hasCaps: boolean;
  private readonly market: Market;
  private readonly sizer: Sizer | null;
  private readonly limits: BookLimits | null;

  /** Null where the settings ask for nothing. */
  static of(input: RiskRulesInput): RiskRules | null {
    const { sizing, caps, protections, drawdownHaltFraction } = input.settings.risk;
    const asksNothing = sizing === undefined && caps === undefined && protections === undefined && !(drawdownHaltFraction < 1);
    return asksNothing ? null : new RiskRules(input);
  }

  private constructor({ settings, portfolio, openOrders, market, log, projectedBase }: RiskRulesInput) {
    const { risk, initialCapitalQuote } = settings;
    const { instruments, positionBase, trades } = portfolio;
    const { decision, finest } = market;
    this.market = market;
    this.supervisor = new Supervisor({ settings: risk, initialCapitalQuote, log, trades, positionBase, decision });
    const { periodsPerYear } = settings.metrics;
    this.sizer = risk.sizing === undefined ? null : new Sizer({ sizing: risk.sizing, trades, instruments, decision, periodsPerYear });
    const daily = new DailyCloses(finest);
    this.hasCaps = risk.caps !== undefined;
    this.limits = risk.caps === undefined ? null : new BookLimits({ caps: risk.caps, portfolio, openOrders, daily, projectedBase });
  }

  get state(): RiskState {
    return this.supervisor.trading.state;
  }

  /** Sizes an order that states no size; why it cannot be, '' where it can. */
  sizeRefusal(order: Order): string {
    return this.sizer === null ? 'states no size, and the scenario has no risk.sizing' : this.sizer.size(order);
  }

  /** Why the order may not add to a position now; '' where it may. */
  entryRefusal(order: Order): string {
    const { supervisor } = this;
    if (supervisor.letsAllPass || order.role !== 'own') return '';
    const { timeMs } = this.market;
    const paused = supervisor.entryRefusal(order.instrumentIndex, timeMs);
    return paused === '' ? supervisor.rateRefusal(timeMs) : paused;
  }

  /** Why an order that was sent may not fill now, where it would add to a position. */
  fillRefusal(order: Order, heldBase: number, sizeBase: number): string {
    if (this.supervisor.letsAllPass || order.role !== 'own' || (heldBase * order.side < 0 && sizeBase <= Math.abs(heldBase))) return '';
    return this.supervisor.entryRefusal(order.instrumentIndex, this.market.timeMs);
  }

  /** The largest size that protections and caps leave the order; entryRefusal: what they said of it. */
  roomBase(asked: Asked, entryRefusal: string): number {
    this.rule = 'reductionsOnly';
    this.words = entryRefusal;
    if (entryRefusal !== '') return Math.max(0, -asked.heldBase);
    const isReduction = asked.sizeBase <= -asked.heldBase;
    if (this.limits === null || isReduction || asked.order.role !== 'own') return Number.POSITIVE_INFINITY;
    const room = this.limits.roomBase(asked);
    if (room >= asked.sizeBase) return room;
    this.rule = this.limits.rule;
    this.words = this.limits.words(asked, room);
    return room;
  }

  noteSent(order: Order): void {
    if (this.supervisor.countsOrders && order.role === 'own') this.supervisor.noteSent(this.market.timeMs);
  }
}
