/** Owns what fills and trades in several currencies come to in the account's: each at the rate of its moment. Never rounds. */
import type { FillLog } from '../logs.ts';
import type { TradeColumns } from '../metrics/trade-statistics.ts';

export type FillTotals = Pick<FillLog, 'feeQuoteTotal' | 'slippageQuoteTotal' | 'notionalQuoteTotal'>;

/** rates: of each fill. */
export function convertedTotals(fills: FillLog, rates: readonly number[]): FillTotals {
  let feeQuoteTotal = 0;
  let slippageQuoteTotal = 0;
  let notionalQuoteTotal = 0;
  for (let i = 0; i < fills.length; i++) {
    const { feeQuote, slippageQuote, notionalQuote } = fills.at(i);
    feeQuoteTotal += feeQuote * rates[i];
    slippageQuoteTotal += slippageQuote * rates[i];
    notionalQuoteTotal += notionalQuote * rates[i];
  }
  return { feeQuoteTotal, slippageQuoteTotal, notionalQuoteTotal };
}

/** rates: of each trade, as it was closed. */
export function convertedTrades(trades: TradeColumns, rates: readonly number[]): TradeColumns {
  return { ...trades, pnlQuote: trades.pnlQuote.map((pnl, i) => pnl * rates[i]) };
}
