/**
 * Owns the watch over one account: feeds the protections with fills, marks and orders, and keeps the account's state and the pauses they bring.
 * Says what must not be sent or filled; never cancels or closes anything itself.
 */

import type { FeedSeries } from '../feed.ts';
import { figureText, percentText } from '../figure-text.ts';
import type { TradeLog } from '../logs.ts';
import type { Order } from '../model/order.ts';
import { type PauseRule, ruleWords, spanText, untilText } from '../risk-event.ts';
import type { Consequence, ProtectionSettings, RiskSettings } from '../risk-settings.ts';
import { DailyLossLimit, DrawdownLimit, LossStreak, OrderRate, type RoundTrip, StopLossGuard } from './protections.ts';
import type { RiskLog } from './risk-log.ts';
import { type Restriction, TradingState } from './trading-state.ts';

export interface SupervisorInput {
  readonly settings: RiskSettings;
  readonly initialCapitalQuote: number;
  readonly log: RiskLog;
  readonly trades: TradeLog;
  /** Signed base quantity by instrument; kept by the portfolio. */
  readonly positionBase: Float64Array;
  /** By instrument the series that decisions are made on: its first in the scenario. */
  readonly decision: readonly FeedSeries[];
}

const stopKinds: readonly string[] = ['stop', 'stopLimit', 'trailingStop'];
const noProtections: ProtectionSettings = Object.freeze({
  drawdown: null,
  dailyLoss: null,
  cooldown: null,
  stopLossGuard: null,
  lossStreak: null,
  orderRate: null,
});
const closedWords = 'its position was closed';
const haltToTheEnd: Consequence = Object.freeze({ state: 'HALTED', forMs: Number.POSITIVE_INFINITY });

export class Supervisor {
  readonly trading: TradingState;
  /** Something it watches shows at a bar close, or ends at one. */
  readonly watchesMarks: boolean;
  /** There is a limit of orders in a time. */
  readonly countsOrders: boolean;
  private readonly rules: ProtectionSettings;
  private readonly log: RiskLog;
  private readonly trades: TradeLog;
  private readonly positionBase: Float64Array;
  private readonly decision: readonly FeedSeries[];
  private readonly drawdown: DrawdownLimit | null;
  private readonly dailyLoss: DailyLossLimit | null;
  private readonly stopLossGuard: StopLossGuard | null;
  private readonly lossStreak: LossStreak | null;
  private readonly rates: readonly OrderRate[];
  private readonly watchesTrades: boolean;
  private readonly heldBefore: Float64Array;
  private readonly tripPnlQuote: Float64Array;
  private readTradeCount = 0;
  /** Entries into an instrument are refused before this time, and until this bar of its decision series has closed. */
  private readonly pausedUntilMs: Float64Array;
  private readonly pausedUntilBar: Float64Array;
  /** Which rule paused an instrument until a time, and what it found. */
  private readonly pausedBy: PauseRule[];
  private readonly pausedFor: string[];
  private readonly wordsUntilBar: string;
  /** The state became stricter since the last mark: orders at rest are to be looked through. */
  private isUnenforced = false;

  constructor({ settings, initialCapitalQuote, log, trades, positionBase, decision }: SupervisorInput) {
    const rules = settings.protections ?? noProtections;
    this.rules = rules;
    this.log = log;
    this.trades = trades;
    this.positionBase = positionBase;
    this.decision = decision;
    this.trading = new TradingState(log);
    const { drawdownHaltFraction } = settings;
    this.drawdown = drawdownHaltFraction < 1 ? new DrawdownLimit(drawdownHaltFraction, initialCapitalQuote) : null;
    this.dailyLoss = rules.dailyLoss === null ? null : new DailyLossLimit(rules.dailyLoss.fractionMax, initialCapitalQuote);
    this.stopLossGuard = rules.stopLossGuard === null ? null : new StopLossGuard(rules.stopLossGuard);
    this.lossStreak = rules.lossStreak === null ? null : new LossStreak(rules.lossStreak);
    this.rates = ratesOf(rules.orderRate);
    this.countsOrders = this.rates.length > 0;
    this.watchesTrades = rules.cooldown !== null || this.stopLossGuard !== null || this.lossStreak !== null;
    const pausesAccount = [rules.stopLossGuard, rules.lossStreak].some((rule) => rule?.scope === 'account');
    this.watchesMarks = this.drawdown !== null || this.dailyLoss !== null || pausesAccount;
    const count = positionBase.length;
    this.heldBefore = new Float64Array(count);
    this.tripPnlQuote = new Float64Array(count);
    this.pausedUntilMs = new Float64Array(count).fill(Number.NEGATIVE_INFINITY);
    this.pausedUntilBar = new Float64Array(count).fill(Number.NEGATIVE_INFINITY);
    this.pausedBy = new Array<PauseRule>(count).fill('cooldown');
    this.pausedFor = new Array<string>(count).fill('');
    const bars = rules.cooldown !== null && 'bars' in rules.cooldown ? rules.cooldown.bars : 0;
    this.wordsUntilBar = `cooldown: ${closedWords}; entries are refused until ${bars} of its bars have closed`;
  }

  /** Nothing is paused or can be, and no order is one too many. */
  get letsAllPass(): boolean {
    return !this.watchesTrades && !this.countsOrders && this.trading.state === 'ACTIVE';
  }

  /** Takes in what an order's fill, or a rest that the venue would not take and became dust, has made of the position. */
  notePosition(order: Order, timeMs: number): void {
    if (!this.watchesTrades) return;
    const i = order.instrumentIndex;
    for (; this.readTradeCount < this.trades.length; this.readTradeCount++) {
      this.tripPnlQuote[i] += this.trades.pnlQuoteAt(this.readTradeCount);
    }
    const before = this.heldBefore[i];
    const after = this.positionBase[i];
    this.heldBefore[i] = after;
    if (before === 0 || before * after > 0) return;
    const pnlQuote = this.tripPnlQuote[i];
    this.tripPnlQuote[i] = 0;
    this.closeTrip({ instrumentIndex: i, timeMs, pnlQuote, isStop: stopKinds.includes(order.kind) });
  }

  /** Takes in equity at a bar close. True where the state became stricter since the last: the caller acts on what rests and is held. */
  observe(equityQuote: number, timeMs: number): boolean {
    const { trading, drawdown, dailyLoss } = this;
    if (timeMs >= trading.nextReleaseMs && trading.release(timeMs).includes('drawdown') && drawdown !== null)
      drawdown.peakQuote = equityQuote;
    if (drawdown?.observe(equityQuote) && !trading.isRestrictedBy('drawdown')) this.limitDrawdown(equityQuote, timeMs);
    if (dailyLoss?.observe(equityQuote, timeMs) && !trading.isRestrictedBy('dailyLoss')) this.limitDay(equityQuote, timeMs);
    const isStricter = this.isUnenforced;
    this.isUnenforced = false;
    return isStricter;
  }

  /** Why an entry into the instrument must be neither sent nor filled now; '' where it may. */
  entryRefusal(instrumentIndex: number, timeMs: number): string {
    if (this.trading.state !== 'ACTIVE') return this.trading.entryRefusal();
    if (timeMs < this.pausedUntilMs[instrumentIndex]) return this.pauseWords(instrumentIndex);
    return this.decision[instrumentIndex].index < this.pausedUntilBar[instrumentIndex] ? this.wordsUntilBar : '';
  }

  /** Why one more order is too many; '' where it is not. */
  rateRefusal(timeMs: number): string {
    for (const rate of this.rates) {
      if (rate.isFull(timeMs)) return `order rate: ${rate.max} were sent within ${spanText(rate.withinMs)}, which is the most allowed`;
    }
    return '';
  }

  noteSent(timeMs: number): void {
    for (const rate of this.rates) rate.note(timeMs);
  }

  private limitDrawdown(equityQuote: number, timeMs: number): void {
    const { peakQuote, fractionMax: limitFraction } = this.drawdown as DrawdownLimit;
    const { state, forMs } = this.rules.drawdown ?? haltToTheEnd;
    const drawdownFraction = (peakQuote - equityQuote) / peakQuote;
    const figures = { equityQuote, peakQuote, drawdownFraction, limitFraction };
    const found = `equity ${figureText(equityQuote)} is ${percentText(drawdownFraction)} below its peak of ${figureText(peakQuote)}, the limit is ${percentText(limitFraction)}`;
    this.restrict({ rule: 'drawdown', state, timeMs, untilMs: timeMs + forMs, figures, found });
  }

  private limitDay(equityQuote: number, timeMs: number): void {
    const { dayStartQuote, dayEndMs } = this.dailyLoss as DailyLossLimit;
    const { state, fractionMax: limitFraction } = this.rules.dailyLoss as NonNullable<ProtectionSettings['dailyLoss']>;
    const lossFraction = (dayStartQuote - equityQuote) / dayStartQuote;
    const figures = { equityQuote, dayStartQuote, lossFraction, limitFraction };
    const found = `equity ${figureText(equityQuote)} is ${percentText(lossFraction)} below the ${figureText(dayStartQuote)} that the day began with, the limit is ${percentText(limitFraction)}`;
    this.restrict({ rule: 'dailyLoss', state, timeMs, untilMs: dayEndMs, figures, found });
  }

  private closeTrip(trip: RoundTrip): void {
    const { cooldown, stopLossGuard, lossStreak } = this.rules;
    if (cooldown !== null) this.coolDown(trip, cooldown);
    if (stopLossGuard !== null && this.stopLossGuard?.isReachedBy(trip)) {
      const stopCount = this.stopLossGuard.countNow;
      const { withinMs } = stopLossGuard;
      this.pause(
        'stopLossGuard',
        trip,
        stopLossGuard,
        { stopCount, withinMs },
        `${stopCount} losing stop exits within ${spanText(withinMs)}`,
      );
    }
    if (lossStreak !== null && this.lossStreak?.isReachedBy(trip)) {
      const { lossCount } = lossStreak;
      this.pause('lossStreak', trip, lossStreak, { lossCount }, `${lossCount} losing positions in a row`);
    }
  }

  private coolDown(trip: RoundTrip, cooldown: NonNullable<ProtectionSettings['cooldown']>): void {
    const i = trip.instrumentIndex;
    if ('forMs' in cooldown) {
      const { forMs } = cooldown;
      this.pauseInstrument('cooldown', trip, { forMs, untilMs: trip.timeMs + forMs }, closedWords);
      return;
    }
    const { bars } = cooldown;
    this.pausedUntilBar[i] = this.decision[i].index + bars;
    if (this.log.keepsEvents) this.tellPause('cooldown', trip, { bars }, this.wordsUntilBar);
  }

  private pause(
    rule: 'stopLossGuard' | 'lossStreak',
    trip: RoundTrip,
    { forMs, scope }: { readonly forMs: number; readonly scope: 'account' | 'instrument' },
    figures: Record<string, number>,
    found: string,
  ): void {
    const { timeMs } = trip;
    const untilMs = timeMs + forMs;
    if (scope === 'account') this.restrict({ rule, state: 'REDUCING', timeMs, untilMs, figures, found });
    else this.pauseInstrument(rule, trip, { ...figures, untilMs }, found);
  }

  private pauseInstrument(rule: PauseRule, trip: RoundTrip, figures: Record<string, number>, found: string): void {
    const i = trip.instrumentIndex;
    // A shorter pause does not end a longer one.
    if (figures.untilMs < this.pausedUntilMs[i]) return;
    this.pausedUntilMs[i] = figures.untilMs;
    this.pausedBy[i] = rule;
    this.pausedFor[i] = found;
    if (this.log.keepsEvents) this.tellPause(rule, trip, figures, this.pauseWords(i));
  }

  private pauseWords(i: number): string {
    return `${ruleWords[this.pausedBy[i]]}: ${this.pausedFor[i]}; entries are refused ${untilText(this.pausedUntilMs[i])}`;
  }

  private tellPause(rule: PauseRule, { instrumentIndex, timeMs }: RoundTrip, figures: Record<string, number>, reason: string): void {
    const { state } = this.trading;
    const place = { timeMs, instrumentIndex, orderId: -1, from: state, to: state };
    this.log.push({ ...place, kind: 'pause', rule, figures: Object.freeze(figures), reason });
  }

  private restrict(restriction: Restriction): void {
    if (this.trading.restrict(restriction)) this.isUnenforced = true;
  }
}

function ratesOf(orderRate: ProtectionSettings['orderRate']): OrderRate[] {
  if (orderRate === null) return [];
  const rates: OrderRate[] = [];
  if (Number.isFinite(orderRate.perMinute)) rates.push(new OrderRate(orderRate.perMinute, 60_000));
  if (Number.isFinite(orderRate.perHour)) rates.push(new OrderRate(orderRate.perHour, 3_600_000));
  return rates;
}
