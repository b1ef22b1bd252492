/** Owns the picture of every trade: when it ended and what it brought. */

import { quoteOf } from '../currency.ts';
import { rowsToDraw, significant } from '../down-sample.ts';
import { duration, momentUtc, money, percentSigned } from '../format.ts';
import type { ReportInput } from '../report-input.ts';
import { type ChartOptions, type ChartSpec, frame, palettes, pointsFor, timeAxis } from './chart.ts';

/** Return of each trade over its exit time; of too many trades the best and worst of each stretch. */
export function tradesChart(input: ReportInput, options: ChartOptions): ChartSpec {
  const { trades, instruments } = input.result;
  const palette = palettes[options.theme];
  const rows = rowsToDraw(
    trades.map((trade) => trade.returnFraction),
    // A point costs the page five times a vertex of a line.
    Math.min(300, Math.floor(0.6 * pointsFor(options, 1))),
  );
  const values = rows.map((row) => {
    const trade = trades[row];
    const quote = quoteOf(instruments[trade.instrumentIndex]);
    return {
      timeMs: trade.exitMs,
      fraction: significant(trade.returnFraction, 5),
      direction: trade.pnlQuote < 0 ? 'loss' : 'gain',
      text: `${momentUtc(trade.exitMs)}: ${percentSigned(trade.returnFraction)}, ${money(trade.pnlQuote, quote)} ${quote.name} after ${duration(trade.exitMs - trade.entryMs)}`,
    };
  });
  return {
    ...frame(options, `Return of ${rows.length === trades.length ? '' : `${rows.length} of `}${trades.length} trades at the exit.`),
    layer: [
      {
        data: { values: [{ fraction: 0 }] },
        mark: { type: 'rule', color: palette.quiet, strokeWidth: 1 },
        encoding: { y: { field: 'fraction', type: 'quantitative' } },
      },
      {
        data: { values },
        mark: { type: 'point', filled: true, opacity: 0.7, size: values.length > 300 ? 14 : 50 },
        encoding: {
          // Room for the marks themselves.
          x: timeAxis('timeMs', options, 8),
          y: { field: 'fraction', type: 'quantitative', axis: { title: null, format: '.1~%', tickCount: 5 } },
          color: {
            field: 'direction',
            type: 'nominal',
            scale: { domain: ['gain', 'loss'], range: [palette.up, palette.down] },
            legend: null,
          },
          shape: {
            field: 'direction',
            type: 'nominal',
            scale: { domain: ['gain', 'loss'], range: ['triangle-up', 'triangle-down'] },
            legend: null,
          },
          description: { field: 'text', type: 'nominal' },
        },
      },
    ],
  };
}
