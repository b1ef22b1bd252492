/** Owns a run of two instruments made up of two runs of one each. Never used outside tests. */
import type { ReportInput } from '../report-input.ts';

/** The first run with series, fills and trades of the second beside its own; equity and metrics stay those of the first. */
export function fakePair(first: ReportInput, second: ReportInput): ReportInput {
  const [a, b] = [first.result, second.result];
  const orderShift = a.fills.length;
  const fills = b.fills.map((fill) => ({ ...fill, instrumentIndex: 1, orderId: fill.orderId + orderShift }));
  const trades = b.trades.map((trade) => ({
    ...trade,
    instrumentIndex: 1,
    entryOrderId: trade.entryOrderId + orderShift,
    exitOrderId: trade.exitOrderId + orderShift,
  }));
  return {
    ...first,
    bars: [...first.bars, ...second.bars],
    result: {
      ...a,
      instruments: [...a.instruments, ...b.instruments],
      series: [...a.series, ...b.series],
      fills: [...a.fills, ...fills].sort((x, y) => x.timeMs - y.timeMs),
      trades: [...a.trades, ...trades].sort((x, y) => x.exitMs - y.exitMs),
      openPositions: [...a.openPositions, ...b.openPositions.map((position) => ({ ...position, instrumentIndex: 1 }))],
    },
  };
}
