/** Owns the size of orders that state none: the scenario's sizing by name, as a size rule that risk knows. Never clips: what cash carries is risk's. */

import type { FeedSeries } from '../feed.ts';
import { percentText } from '../figure-text.ts';
import type { TradeLog } from '../logs.ts';
import { standardDeviation } from '../metrics/moments.ts';
import type { WinLoss } from '../metrics/trade-statistics.ts';
import { kellyFraction } from '../metrics/trade-statistics.ts';
import type { Instrument } from '../model/instrument.ts';
import type { Order } from '../model/order.ts';
import { dayMs, type Timeframe, timeframeMs } from '../model/timeframe.ts';
import type { Sizing } from '../risk-settings.ts';
import { stopPriceOf } from './sizing.ts';

export interface SizerInput {
  readonly sizing: Sizing;
  readonly trades: TradeLog;
  readonly instruments: readonly Instrument[];
  readonly decision: readonly FeedSeries[];
  /** Daily returns in a year: metrics.periodsPerYear. */
  readonly periodsPerYear: number;
}

export class Sizer {
  private readonly sizing: Sizing;
  private readonly trades: TradeLog;
  private readonly instruments: readonly Instrument[];
  private readonly decision: readonly FeedSeries[];
  private readonly periodsPerYear: number;
  private readonly outcome = { winCount: 0, lossCount: 0, winTotal: 0, lossTotal: 0, winStreakCountMax: 0, lossStreakCountMax: 0 };
  private readTradeCount = 0;
  private window = new Float64Array(0);
  /** By instrument the bar that its volatility was measured at last, and what it was. */
  private readonly measuredBar: Float64Array;
  private readonly measured: Float64Array;

  constructor({ sizing, trades, instruments, decision, periodsPerYear }: SizerInput) {
    this.sizing = sizing;
    this.trades = trades;
    this.instruments = instruments;
    this.decision = decision;
    this.periodsPerYear = periodsPerYear;
    if (sizing.by === 'volatilityTarget') this.window = new Float64Array(sizing.lookbackBars);
    this.measuredBar = new Float64Array(decision.length).fill(-1);
    this.measured = new Float64Array(decision.length);
  }

  /** Gives the order its size rule and what it asks; says why it has none, '' where it has. */
  size(order: Order): string {
    const { sizing } = this;
    switch (sizing.by) {
      case 'fixedBase':
        return ask(order, 'base', sizing.sizeBase);
      case 'fixedQuote':
        return ask(order, 'quote', sizing.sizeQuote);
      case 'fraction':
        return ask(order, 'equityFraction', sizing.equityFraction);
      case 'riskPerTrade':
        return Number.isNaN(stopPriceOf(order, 1))
          ? 'sizing by risk per trade needs a stopLoss on the order, and it has none'
          : ask(order, 'riskFraction', sizing.riskFraction);
      case 'volatilityTarget':
        return this.byVolatility(order, sizing);
      default:
        return this.byKelly(order, sizing);
    }
  }

  private byVolatility(order: Order, sizing: Sizing & { readonly by: 'volatilityTarget' }): string {
    const { lookbackBars, volatilityAnnual, leverageMax } = sizing;
    const series = this.decision[order.instrumentIndex];
    if (series.index < lookbackBars)
      return `sizing by volatility needs ${lookbackBars + 1} closes of ${series.key.symbol} ${series.key.timeframe}, ${series.index + 1} are known`;
    const found = this.volatilityAnnual(order.instrumentIndex, sizing);
    return found > 0
      ? ask(order, 'equityFraction', Math.min(leverageMax, volatilityAnnual / found))
      : `sizing by volatility: the last ${lookbackBars} closes of ${series.key.symbol} ${series.key.timeframe} never moved`;
  }

  /** Sample deviation of the last simple returns × √(bars a year), a fraction; measured once a bar. */
  private volatilityAnnual(instrumentIndex: number, { lookbackBars, barsPerYear }: Sizing & { readonly by: 'volatilityTarget' }): number {
    const { columns, index, key } = this.decision[instrumentIndex];
    if (this.measuredBar[instrumentIndex] === index) return this.measured[instrumentIndex];
    for (let k = 0; k < lookbackBars; k++) {
      const bar = index - lookbackBars + 1 + k;
      this.window[k] = columns.close[bar] / columns.close[bar - 1] - 1;
    }
    const yearly = barsPerYear ?? barsPerYearOf(key.timeframe, this.periodsPerYear);
    this.measuredBar[instrumentIndex] = index;
    this.measured[instrumentIndex] = standardDeviation(this.window, 1) * Math.sqrt(yearly);
    return this.measured[instrumentIndex];
  }

  private byKelly(
    order: Order,
    { factor, equityFractionMax, tradeCountMin, equityFractionBefore }: Sizing & { readonly by: 'kelly' },
  ): string {
    const outcome = this.readTrades();
    const count = this.readTradeCount;
    if (count < tradeCountMin) return ask(order, 'equityFraction', equityFractionBefore);
    // Nothing lost yet: the cap alone holds. Nothing won: no edge.
    const kelly =
      outcome.lossCount === 0
        ? Number.POSITIVE_INFINITY
        : outcome.winCount === 0
          ? Number.NEGATIVE_INFINITY
          : kellyFraction(outcome, count);
    if (!(kelly > 0)) return `sizing by Kelly: no edge in ${count} closed trades, the fraction is ${percentText(kelly)}`;
    return ask(order, 'equityFraction', Math.min(equityFractionMax, kelly * factor));
  }

  /** Wins and losses of every closed trade, each as a share of what its entry was worth, so that early trades weigh as late ones. */
  private readTrades(): WinLoss {
    const { outcome, trades } = this;
    for (; this.readTradeCount < trades.length; this.readTradeCount++) {
      const i = this.readTradeCount;
      const { multiplier } = this.instruments[trades.instrumentIndexAt(i)];
      const share = trades.pnlQuoteAt(i) / (trades.entryValueAt(i) * multiplier);
      if (share > 0) {
        outcome.winCount++;
        outcome.winTotal += share;
      } else if (share < 0) {
        outcome.lossCount++;
        outcome.lossTotal -= share;
      }
    }
    return outcome;
  }
}

function ask(order: Order, rule: Order['sizeRule'], size: number): '' {
  order.sizeRule = rule;
  order.sizeAsked = size;
  return '';
}

/** Bars of a timeframe in a year of so many days: a market that keeps sessions has fewer within a day, and its scenario states them. */
export function barsPerYearOf(timeframe: Timeframe, daysPerYear: number): number {
  if (timeframe === '1M') return 12;
  if (timeframe === '1w') return 52;
  const length = timeframeMs(timeframe);
  return length > dayMs ? 365 / (length / dayMs) : daysPerYear * (dayMs / length);
}
