/** Owns figures over closed trades. Never looks at equity: an open position is no trade. */
import { pow } from '../math.ts';
import type { Trade } from '../model/fill.ts';
import { mean, standardDeviation } from './moments.ts';

export type TradeRow = Pick<Trade, 'side' | 'pnlQuote' | 'returnFraction' | 'entryMs' | 'exitMs'>;

/** Trades as columns of equal length, in order of their exit. */
export interface TradeColumns {
  readonly count: number;
  readonly longCount: number;
  readonly pnlQuote: Float64Array;
  readonly returnFraction: Float64Array;
  readonly holdingMs: Float64Array;
}

/** Reads each trade once: ten thousand objects do not fit the cache, their columns do. */
export function tradeColumns(trades: readonly TradeRow[]): TradeColumns {
  const count = trades.length;
  const pnlQuote = new Float64Array(count);
  const returnFraction = new Float64Array(count);
  const holdingMs = new Float64Array(count);
  let longCount = 0;
  for (let i = 0; i < count; i++) {
    const trade = trades[i];
    pnlQuote[i] = trade.pnlQuote;
    returnFraction[i] = trade.returnFraction;
    holdingMs[i] = trade.exitMs - trade.entryMs;
    if (trade.side === 1) longCount++;
  }
  return { count, longCount, pnlQuote, returnFraction, holdingMs };
}

/** Wins (> 0) and losses (< 0); exactly 0 is neither and ends both streaks. Totals ≥ 0. */
export interface WinLoss {
  readonly winCount: number;
  readonly lossCount: number;
  readonly winTotal: number;
  readonly lossTotal: number;
  readonly winStreakCountMax: number;
  readonly lossStreakCountMax: number;
}

/** Counts, totals and longest streaks of the values above and below 0. values[n] in any unit, in time order. */
export function winLoss(values: Float64Array): WinLoss {
  let winCount = 0;
  let lossCount = 0;
  let winTotal = 0;
  let lossTotal = 0;
  let winStreak = 0;
  let lossStreak = 0;
  let winStreakCountMax = 0;
  let lossStreakCountMax = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (value > 0) {
      winCount++;
      winTotal += value;
      lossStreak = 0;
      winStreak++;
      if (winStreak > winStreakCountMax) winStreakCountMax = winStreak;
    } else if (value < 0) {
      lossCount++;
      lossTotal -= value;
      winStreak = 0;
      lossStreak++;
      if (lossStreak > lossStreakCountMax) lossStreakCountMax = lossStreak;
    } else {
      winStreak = 0;
      lossStreak = 0;
    }
  }
  return { winCount, lossCount, winTotal, lossTotal, winStreakCountMax, lossStreakCountMax };
}

/** A power for each block of the product, instead of a logarithm for each factor; a product of 64 trade returns stays a double. */
const blockSize = 64;

/** Geometric mean of 1 + return, less 1, a fraction; empty, or a return below −1 → NaN. Source: backtesting.py "Avg. Trade [%]". */
export function geometricMeanReturn(returns: Float64Array): number {
  const n = returns.length;
  if (n === 0) return Number.NaN;
  let growth = 1;
  let block = 1;
  for (let i = 0; i < n; i++) {
    const factor = 1 + returns[i];
    // A short can lose more than its stake; two such factors would multiply to a gain.
    if (factor < 0) return Number.NaN;
    block *= factor;
    if (i % blockSize === blockSize - 1) {
      growth *= pow(block, 1 / n);
      block = 1;
    }
  }
  return growth * pow(block, 1 / n) - 1;
}

/** Share of wins among n values, a fraction; n = 0 → NaN. */
export function winRate(outcome: WinLoss, n: number): number {
  return outcome.winCount / n;
}

/** Sum of wins / sum of losses; no loss → Infinity, neither → NaN. */
export function profitFactor(outcome: WinLoss): number {
  return outcome.winTotal / outcome.lossTotal;
}

/** Mean win / mean loss; either absent → NaN. */
export function payoffRatio(outcome: WinLoss): number {
  return outcome.winTotal / outcome.winCount / (outcome.lossTotal / outcome.lossCount);
}

/** Kelly fraction W − (1 − W) / payoff ratio over n values; wins or losses absent → NaN. Source: Kelly 1956 in the form of backtesting.py. */
export function kellyFraction(outcome: WinLoss, n: number): number {
  const rate = winRate(outcome, n);
  return rate - (1 - rate) / payoffRatio(outcome);
}

/** System quality number √n × mean profit / standard deviation of profits with the ddof given; n ≤ ddof or 0/0 → NaN. Source: Tharp, n not capped at 100. */
export function systemQualityNumber(pnlQuote: Float64Array, ddof: 0 | 1): number {
  return (Math.sqrt(pnlQuote.length) * mean(pnlQuote)) / standardDeviation(pnlQuote, ddof);
}
