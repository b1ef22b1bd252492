/**
 * Owns what happens to an account that is no order's doing: interest, borrow fees, daily settlement, margin calls, ruin, dust. A plain account
 * has no keeper. Never matches an order; what it closes it sends to the broker like anyone else.
 *
 *   before an event   accruals of every period that ended before it (at an open: or ends as it comes)
 *   after matching    of bars that close: accruals of the period that ends as they do
 *   after marking     the margin call, on the equity just recorded: increases that rest are cancelled, positions closed at the next open
 *
 * A period owes for what stands at its end: borrowed and given back within one, a debit costs nothing.
 */

import type { Execution } from './broker/broker.ts';
import type { CostReserve } from './costs/reserve.ts';
import { type EventKind, openEvent } from './event.ts';
import type { Feed } from './feed.ts';
import { figureText } from './figure-text.ts';
import type { Order } from './model/order.ts';
import { dayMs } from './model/timeframe.ts';
import { Accrual } from './portfolio/accrual.ts';
import type { Portfolio } from './portfolio/portfolio.ts';
import type { AccountEvent } from './result.ts';
import { fallsShort, type Margin } from './risk/margin.ts';
import { isBelowMinimum } from './risk/refusals.ts';
import type { RunState } from './run-state.ts';
import type { RunSettings } from './settings.ts';

const hourMs = 3_600_000;

export interface AccountKeeperInput {
  readonly settings: RunSettings;
  readonly run: RunState;
  readonly events: AccountEvent[];
  readonly reserve: CostReserve;
}

export class AccountKeeper {
  readonly events: AccountEvent[];
  /** Something may happen at any bar; kept dust alone waits for orders. */
  readonly needsSteps: boolean;
  /** What one unit of each fill's and trade's quote currency was worth in the account's when it happened. */
  readonly fillRates: number[] = [];
  readonly tradeRates: number[] = [];
  private readonly run: RunState;
  private readonly feed: Feed;
  private readonly portfolio: Portfolio;
  private readonly settings: RunSettings;
  private readonly margin: Margin | null;
  private readonly accrual: Accrual | null;
  private readonly reserve: CostReserve;
  private readonly periodMs: number;
  private readonly keepsDust: boolean;
  private nextMs = Number.NaN;

  constructor({ settings, run, events, reserve }: AccountKeeperInput) {
    const { account } = settings;
    this.run = run;
    this.feed = run.feed;
    this.portfolio = run.portfolio;
    this.settings = settings;
    this.margin = run.risk.margin;
    this.reserve = reserve;
    this.events = events;
    this.accrual = this.margin === null ? null : new Accrual({ account, portfolio: run.portfolio, events });
    this.periodMs = account.accrual === 'hour' && account.kind === 'margin' ? hourMs : dayMs;
    this.keepsDust = account.dust === 'keep';
    this.needsSteps = this.margin !== null || settings.semantics.ruin === 'closeAll' || account.positions === 'hedge';
  }

  beforeEvent(event: EventKind): void {
    if (this.accrual !== null) this.accrueThrough(event === openEvent ? this.feed.timeMs : this.feed.timeMs - 1);
  }

  afterMatching(): void {
    if (this.accrual !== null) this.accrueThrough(this.feed.timeMs);
  }

  /** Judges the equity of a bar close. */
  afterMarking(equityQuote: number): void {
    if (this.settings.semantics.ruin === 'closeAll' && equityQuote <= 0) this.ruin(equityQuote);
    else if (this.margin !== null && (this.portfolio.heldCount > 0 || this.margin.isCalled)) this.judgeMargin(this.margin, equityQuote);
  }

  afterFill(order: Order, { priceQuote, sizeBase }: Execution): void {
    const { currencies, trades } = this.portfolio;
    const i = order.instrumentIndex;
    if (currencies !== null) {
      const rate = currencies.rateOf(i);
      this.fillRates.push(rate);
      while (this.tradeRates.length < trades.length) this.tradeRates.push(rate);
    }
    if (order.role === 'liquidation') this.chargeLiquidation(order, priceQuote, sizeBase);
    const rest = this.portfolio.positionBase[i];
    if (this.keepsDust && order.status === 'filled' && rest * order.side < 0) this.keepRest(i, rest, priceQuote);
  }

  /** An order that would close what the venue does not take closes it as dust. */
  afterRefusal(order: Order): void {
    const i = order.instrumentIndex;
    const rest = this.portfolio.positionBase[i];
    const isWhole = rest !== 0 && order.isReduceOnly && rest === this.run.risk.projectedBase(i) && order.sizeAsked >= Math.abs(rest);
    if (this.keepsDust && isWhole) this.keepRest(i, rest, this.portfolio.lastPrice(i));
  }

  private accrueThrough(timeMs: number): void {
    if (!(this.nextMs <= timeMs)) {
      if (Number.isNaN(this.nextMs) && Number.isFinite(timeMs)) this.nextMs = (Math.floor(timeMs / this.periodMs) + 1) * this.periodMs;
      return;
    }
    for (; this.nextMs <= timeMs; this.nextMs += this.periodMs) this.accrual?.accrue(this.nextMs);
  }

  private judgeMargin(margin: Margin, equityQuote: number): void {
    const required = margin.maintenanceAtCloses();
    if (!fallsShort(equityQuote, required)) {
      if (margin.isCalled) this.note('marginRestored', { equityQuote, requiredQuote: required });
      margin.isCalled = false;
      return;
    }
    if (!margin.isCalled) this.note('marginCall', { equityQuote, requiredQuote: required });
    margin.isCalled = true;
    this.cancelIncreases(
      `by the margin call: equity ${figureText(equityQuote, required)} is below the maintenance margin ${figureText(required, equityQuote)}`,
    );
    this.closeUntilRestored(margin, equityQuote, required);
  }

  private cancelIncreases(reason: string): void {
    const { run, portfolio } = this;
    for (const order of run.openOrders.toArray()) {
      const position = portfolio.positionBase[order.instrumentIndex];
      const isReducing = order.isReduceOnly || (position * order.side < 0 && run.risk.projection.restOf(order) <= Math.abs(position));
      // What is held is judged when it is sent.
      if (!isReducing && order.status !== 'held') run.broker.cancel(order.id, reason, true);
    }
  }

  /** Sends what the rule closes; what is already on its way out counts as closed. */
  private closeUntilRestored(margin: Margin, equityQuote: number, requiredQuote: number): void {
    const { portfolio, run } = this;
    const { rule, feeFraction } = this.settings.account.liquidation;
    let equity = equityQuote;
    let required = requiredQuote;
    const open: { readonly i: number; readonly pnl: number }[] = [];
    const counted = (i: number): void => {
      const price = portfolio.closePrice(i);
      const size = portfolio.positionBase[i];
      required -= margin.maintenance(i, size, price);
      const sizeBase = Math.abs(size);
      const beside = this.reserve.feeQuote({ order: { instrumentIndex: i, side: size > 0 ? -1 : 1 }, priceQuote: price, sizeBase });
      equity -= sizeBase * price * portfolio.pointValue(i) * (feeFraction + this.reserve.feeRate(i, price));
      equity -= portfolio.toAccount(i, beside);
    };
    for (let i = 0; i < portfolio.positionBase.length; i++) {
      if (portfolio.positionBase[i] === 0) continue;
      if (run.risk.projectedBase(i) * portfolio.positionBase[i] <= 0) counted(i);
      else open.push({ i, pnl: portfolio.toAccount(i, portfolio.unrealisedPnl(i, portfolio.closePrice(i))) });
    }
    open.sort((one, other) => one.pnl - other.pnl || one.i - other.i);
    for (const { i } of open) {
      if (rule === 'largestLossFirst' && !fallsShort(equity, required)) return;
      counted(i);
      run.sendClosing(i, 'liquidation');
    }
  }

  private chargeLiquidation(order: Order, priceQuote: number, sizeBase: number): void {
    const i = order.instrumentIndex;
    const charged = this.accrual?.chargeLiquidation(i, priceQuote, sizeBase) ?? 0;
    const { symbol } = this.portfolio.instruments[i];
    this.note('liquidation', { symbol, sizeBase, priceQuote, feeQuote: charged, equityQuote: this.portfolio.equityNow() });
  }

  private keepRest(i: number, restBase: number, priceQuote: number): void {
    const { minimumNotionalQuote, multiplier, lotSize, symbol } = this.portfolio.instruments[i];
    const notionalQuote = Math.abs(restBase) * priceQuote * multiplier;
    if (!isBelowMinimum(notionalQuote, minimumNotionalQuote) && Math.abs(restBase) >= lotSize) return;
    this.run.endPosition(i);
    this.note('dust', { symbol, sizeBase: restBase, notionalQuote, minimumNotionalQuote, lotSize });
  }

  /** The run is over: everything is closed at this bar's close, and the account is worth 0 from here to the end. */
  private ruin(equityQuote: number): void {
    this.note('ruin', { equityQuote });
    this.run.isRuined = true;
    // Nobody is asked any more; the driver closes what is held.
    this.run.handlers = {};
    this.feed.stop();
  }

  private note(kind: AccountEvent['kind'], figures: AccountEvent['figures']): void {
    this.events.push(Object.freeze({ timeMs: this.feed.timeMs, kind, figures: Object.freeze(figures) }));
  }
}
