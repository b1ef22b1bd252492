import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { playScript } from '../testing/play-script.ts';
import type { BarRow } from '../testing/tapes.ts';
import { partOfRun } from './part-of-run.ts';

const minuteMs = 60_000;
const rates = { periodsPerYear: 365, riskFreeAnnual: 0.02 };

const walks = fc.record({
  steps: fc.array(fc.integer({ min: -5, max: 5 }), { minLength: 12, maxLength: 60, size: 'max' }),
  cuts: fc.uniqueArray(fc.integer({ min: 1, max: 11 }), { minLength: 1, maxLength: 3 }),
  every: fc.integer({ min: 2, max: 5 }),
});

/** Buys 0.1 or 0.2 in turn and sells them one after the other, so that positions add up and end in the last bits of doubles. */
function runOf(steps: readonly number[], every: number) {
  let last = 200;
  const rows = steps.map((step): BarRow => {
    const open = last;
    last = Math.max(20, last + step);
    return [open, Math.max(open, last), Math.min(open, last), last];
  });
  return playScript({
    rows,
    instrument: { feeRateTaker: 0.001, feeRateMaker: 0.001 },
    settings: { metrics: rates },
    always: ({ order, position, call }) => {
      if (call % (3 * every) < every) order.market({ side: 1, sizeBase: call % 2 === 0 ? 0.1 : 0.2 });
      else if (position.isLong) order.market({ side: -1, sizeBase: 0.1, reduceOnly: true });
    },
  });
}

describe('partOfRun', () => {
  test('of the whole window is the run', () => {
    fc.assert(
      fc.property(walks, ({ steps, every }) => {
        const run = runOf(steps, every);
        const { metrics, initialCapitalQuote } = partOfRun(run, { from: 0, to: steps.length * minuteMs }, rates);
        expect(initialCapitalQuote).toBe(run.initialCapitalQuote);
        expect(metrics).toEqual(run.metrics);
      }),
      { seed: 3, numRuns: 60 },
    );
  });

  test('parts come to the whole: return, trades, costs, rows at which something was held', () => {
    fc.assert(
      fc.property(walks, ({ steps, cuts, every }) => {
        const run = runOf(steps, every);
        const edges = [0, ...cuts.toSorted((a, b) => a - b), steps.length].map((bar) => bar * minuteMs);
        const parts = edges.slice(1).map((to, k) => partOfRun(run, { from: edges[k], to }, rates));
        const sum = (name: string): number => parts.reduce((total, { metrics }) => total + metrics[name as 'tradeCount'], 0);
        for (const name of ['tradeCount', 'feeQuoteTotal', 'turnoverQuoteTotal', 'rowCount', 'tradePnlQuoteTotal'] as const)
          expect(sum(name), name).toBeCloseTo(run.metrics[name], 9);
        const heldRows = parts.reduce((rows, { metrics }) => rows + metrics.exposureFraction * metrics.rowCount, 0);
        expect(heldRows).toBeCloseTo(run.metrics.exposureFraction * run.metrics.rowCount, 9);
        for (const name of ['returnFraction', 'buyAndHoldReturnFraction'] as const)
          expect(parts.reduce((grown, { metrics }) => grown * (1 + metrics[name]), 1) - 1, name).toBeCloseTo(run.metrics[name], 12);
        parts.slice(1).forEach(({ initialCapitalQuote }, k) => {
          expect(initialCapitalQuote).toBe(parts[k].metrics.equityQuoteFinal);
        });
      }),
      { seed: 4, numRuns: 60 },
    );
  });
});
