/**
 * Owns the statistics of freqtrade 2024.10 over closed trades, as it defines them. A metric profile for comparison only: where a convention
 * differs from catalogue.ts, theirs stands here. Never looks at equity between trades.
 */

import { dayMs } from '../model/timeframe.ts';
import { mean, standardDeviation } from './moments.ts';
import { annualised } from './returns.ts';
import { payoffRatio, winLoss } from './trade-statistics.ts';

export interface FreqtradeRun {
  /** Net of fees, in order of exit. */
  readonly pnlQuote: Float64Array;
  readonly startQuote: number;
  readonly fromMs: number;
  readonly toMs: number;
}

/** Deepest fall of the running sum of profits; a lone peak at the start counts as one. */
export interface FreqtradeDrawdown {
  readonly quote: number;
  /** Of the balance at the peak. */
  readonly fraction: number;
  /** Place of the last trade at the peak, and of the one at the bottom. */
  readonly peak: number;
  readonly bottom: number;
}

export interface FreqtradeStatistics {
  readonly sharpe: number;
  readonly sortino: number;
  /** Mean profit of a trade, in quote. */
  readonly expectancy: number;
  readonly expectancyRatio: number;
  /** A fraction a year of 365 days. */
  readonly cagr: number;
}

/** All of a run; no trade → NaN. Days are whole ones, at least one. */
export function freqtradeStatistics({ pnlQuote, startQuote, fromMs, toMs }: FreqtradeRun): FreqtradeStatistics {
  const days = Math.max(1, Math.floor((toMs - fromMs) / dayMs));
  const profits = pnlQuote.map((pnl) => pnl / startQuote);
  const total = profits.reduce((sum, profit) => sum + profit, 0);
  const outcome = winLoss(pnlQuote);
  return {
    sharpe: yearly(total / days, profits),
    sortino: yearly(
      total / days,
      profits.filter((profit) => profit < 0),
    ),
    expectancy: mean(pnlQuote),
    expectancyRatio: (1 + payoffRatio(outcome)) * (outcome.winCount / pnlQuote.length) - 1,
    cagr: annualised(total, days / 365),
  };
}

/** Mean profit of a day over the population deviation of the profits of trades, of a year of 365 days. */
function yearly(profitOfDay: number, profits: Float64Array): number {
  return (profitOfDay / standardDeviation(profits, 0)) * Math.sqrt(365);
}

/** by: the fall that is deepest in quote, or as a fraction of its peak. No fall → 0, places −1. */
export function freqtradeDrawdown(pnlQuote: Float64Array, startQuote: number, by: 'quote' | 'fraction'): FreqtradeDrawdown {
  let sum = 0;
  let high = 0;
  let highAt = -1;
  let deepest: FreqtradeDrawdown = { quote: 0, fraction: 0, peak: -1, bottom: -1 };
  for (let i = 0; i < pnlQuote.length; i++) {
    sum += pnlQuote[i];
    if (sum >= high) {
      high = sum;
      highAt = i;
    }
    const quote = high - sum;
    const fraction = quote / (startQuote + high);
    if (by === 'quote' ? quote > deepest.quote : fraction > deepest.fraction) deepest = { quote, fraction, peak: highAt, bottom: i };
  }
  return deepest;
}
