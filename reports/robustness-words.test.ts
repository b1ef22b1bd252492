import { describe, expect, test } from 'vitest';
import type { PricePaths } from '../engine/optimiser/price-paths.ts';
import type { RobustnessReport, ShockReport } from '../engine/optimiser/robustness.ts';
import type { TradeOrders } from '../engine/optimiser/trade-orders.ts';
import { fateNotes, fateRows, robustnessRows, robustnessVerdict } from './robustness-words.ts';

const same = (value: number) => ({ low: value, median: value, high: value });
const shock: ShockReport = {
  name: 'costs × 2',
  isJudged: true,
  replicateCount: 1,
  failedCount: 0,
  figures: { returnFraction: same(0.2), sharpeRatio: same(0.61), drawdownFractionMax: same(0.11), tradeCount: same(30) },
  profitableFraction: 1,
  isPassed: true,
};
const noise: ShockReport = {
  ...shock,
  name: 'noise',
  isPassed: null,
  replicateCount: 100,
  profitableFraction: 0.37,
  figures: {
    ...shock.figures,
    returnFraction: { low: -0.1, median: -0.05, high: 0.3 },
    drawdownFractionMax: { low: 0.1, median: 0.2, high: 0.4 },
  },
};
const report: RobustnessReport = {
  base: { returnFraction: 0.4, sharpeRatio: 1.2, drawdownFractionMax: 0.1, tradeCount: 30 },
  shocks: [shock, noise],
  verdict: 'robust',
  reasons: [],
  limits: [],
};
const rising = (...values: readonly number[]) => Float64Array.from(values);
const paths: PricePaths = {
  pathCount: 4,
  failedCount: 1,
  returnFraction: rising(-0.5, 0.1, 0.2),
  drawdownFractionMax: rising(0.05, 0.1, 0.6),
  equityLowest: rising(0.4, 0.9, 1),
};
const trades: TradeOrders = {
  tradeCount: 30,
  blockLengthMean: 1,
  permuted: { drawdownFractionMax: rising(0.1, 0.2) },
  bootstrapped: { drawdownFractionMax: rising(0.1, 0.3), equityFinal: rising(0.9, 1.5), equityLowest: rising(0.8, 1) },
};

test('one run has one figure, many have a middle and a range', () => {
  expect(robustnessRows(report).slice(1)).toEqual([
    ['as it is', '1', '+40.00%', '', '1.200', '10.00%', '', '30', '', ''],
    ['costs × 2', '1', '+20.00%', '', '0.610', '11.00%', '', '30', '100%', 'passed'],
    ['noise', '100', '−5.00%', '−10.00% to +30.00%', '0.610', '20.00%', '40.00%', '30', '37%', 'not judged'],
  ]);
  expect(new Set(robustnessRows(report).map((row) => row.length)).size).toBe(1);
  expect(robustnessVerdict({ ...report, verdict: 'fragile' })).toMatch(/^FRAGILE: /);
});

describe('other paths and orders', () => {
  test('are told by percentiles and by chances', () => {
    const [titles, first] = fateRows({ paths, trades });
    expect(titles).toEqual(['', '5%', '25%', '50%', '75%', '95%']);
    expect(first).toEqual(['return on other paths of prices', '−44.00%', '−20.00%', '+10.00%', '+15.00%', '+19.00%']);
    const [onPaths, ofTrades] = fateNotes({ paths, trades }, { base: report.base, ruinFraction: 0.5 });
    expect(onPaths).toContain(
      'of 4 paths 33.3% end with a loss, 33.3% fall deeper than the 10.00% of the run itself, 33.3% lose 50% of the capital at some time; on 1 the strategy threw',
    );
    expect(ofTrades).toContain(
      'of 2 draws of its 30 trades 50.0% end with a loss, 50.0% fall deeper than the 10.00% of the run itself, 0.0% lose 50%',
    );
  });

  test('that nobody asked for are not told', () => {
    expect(fateRows({ paths: null, trades: null })).toEqual([]);
    expect(fateNotes({ paths: null, trades: null }, { base: report.base, ruinFraction: 0.5 })).toEqual([]);
    expect(fateRows({ paths: null, trades })).toHaveLength(4);
  });
});
