/** Owns the histograms: returns of days, results of trades. */
import { percentSigned } from '../format.ts';
import type { ReportInput } from '../report-input.ts';
import { type ChartOptions, type ChartSpec, frame, palettes } from './chart.ts';
import { type Bin, binned } from './histogram.ts';

/** How often the return of a UTC day lay where. */
export function dailyReturnsChart(input: ReportInput, options: ChartOptions): ChartSpec {
  const { daily, initialCapitalQuote } = input.result;
  const returns = Array.from(
    daily.equityQuote,
    (equity, row) => equity / (row === 0 ? initialCapitalQuote : daily.equityQuote[row - 1]) - 1,
  );
  // Days without any change are days without a position: they would hide all others under one bar.
  const moved = returns.filter((value) => value !== 0);
  const still = returns.length - moved.length;
  return histogramChart(
    binned(moved, binCountFor(moved.length)),
    options,
    `Returns of ${moved.length} UTC days; ${still} days without any change are left out.`,
    'days',
  );
}

/** How often the return of a trade (exit over entry price, signed by side, without fees) lay where. */
export function tradeReturnsChart(input: ReportInput, options: ChartOptions): ChartSpec {
  const returns = input.result.trades.map((trade) => trade.returnFraction);
  return histogramChart(
    binned(returns, binCountFor(returns.length)),
    options,
    `Returns of ${returns.length} trades, without fees.`,
    'trades',
  );
}

/** Few bins for few values, so that a shape can be seen: twice the square root, from 8 to 50. */
function binCountFor(valueCount: number): number {
  return Math.min(50, Math.max(8, Math.ceil(2 * Math.sqrt(valueCount))));
}

function histogramChart(bins: readonly Bin[], options: ChartOptions, description: string, noun: string): ChartSpec {
  const palette = palettes[options.theme];
  const values = bins.map((bin) => ({
    from: bin.from,
    to: bin.to,
    count: bin.count,
    direction: bin.to <= 0 ? 'loss' : 'gain',
    text: `${percentSigned(bin.from)} to ${percentSigned(bin.to)}: ${bin.count} ${bin.count === 1 ? noun.slice(0, -1) : noun}`,
  }));
  return {
    ...frame(options, description),
    data: { values },
    mark: { type: 'bar', binSpacing: 1 },
    encoding: {
      x: {
        field: 'from',
        type: 'quantitative',
        bin: { binned: true },
        axis: { title: null, format: '.2~%', tickCount: 6, labelOverlap: 'greedy', labelSeparation: 4 },
      },
      x2: { field: 'to' },
      y: { field: 'count', type: 'quantitative', axis: { title: noun, tickMinStep: 1, format: '~s', tickCount: 4 } },
      color: { field: 'direction', type: 'nominal', scale: { domain: ['gain', 'loss'], range: [palette.up, palette.down] }, legend: null },
      description: { field: 'text', type: 'nominal' },
    },
  };
}
