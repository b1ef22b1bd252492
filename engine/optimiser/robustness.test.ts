import { describe, expect, test } from 'vitest';
import { type MetricName, metricNames } from '../metrics/catalogue.ts';
import { shareAbove, shareAtMost } from '../metrics/moments.ts';
import { type PricePaths, percentilesOf, pricePathsOf } from './price-paths.ts';
import { judgeRobustness, type Shock, shocksOf, spreadOf } from './robustness.ts';
import { tradeOrdersOf } from './trade-orders.ts';

/** Metrics of a run; 0 where not told. */
function run(figures: Partial<Record<MetricName, number>>): Float64Array {
  return Float64Array.from(metricNames, (name) => figures[name] ?? 0);
}

const base = run({ returnFraction: 0.4, sharpeRatio: 1.2, drawdownFractionMax: 0.1, tradeCount: 30, feeQuoteTotal: 5 });
const returning = (...returns: readonly number[]): Float64Array[] =>
  returns.map((returnFraction) => run({ returnFraction, feeQuoteTotal: 5 }));
const often = (count: number, isJudged = true): Shock => ({
  name: 'noise',
  alterations: Array.from({ length: count }, (_, replicate) => ({ kind: 'noise', rangeFraction: 0.1, replicate })),
  isJudged,
});

test('five per cent, the middle and ninety-five per cent are those of NumPy', () => {
  // np.percentile([1, 2, …, 10], [5, 50, 95])
  expect(spreadOf([10, 9, 8, 7, 6, 5, 4, 3, 2, 1])).toEqual({ low: 1.45, median: 5.5, high: expect.closeTo(9.55, 12) });
  expect(spreadOf([3])).toEqual({ low: 3, median: 3, high: 3 });
  expect(spreadOf([Number.NaN, 1])).toEqual({ low: 1, median: 1, high: 1 });
});

describe('a shock is passed', () => {
  const isPassed = (metrics: readonly (Float64Array | null)[]): boolean | null | undefined =>
    judgeRobustness(base, [{ shock: often(metrics.length), metrics }]).shocks[0].isPassed;

  test('where half of the return is left in the middle, and not a hair below', () => {
    expect(isPassed(returning(0.2))).toBe(true);
    expect(isPassed(returning(0.1999))).toBe(false);
    expect(isPassed(returning(0.01, 0.2, 0.9))).toBe(true);
  });

  test('where nineteen of twenty replicates earn, those in which the strategy threw among the others', () => {
    const good = returning(...new Array<number>(19).fill(0.3));
    expect(isPassed([...good, ...returning(-0.5)])).toBe(true);
    expect(isPassed([...good, null])).toBe(true);
    expect(isPassed([...good.slice(1), ...returning(-0.5), null])).toBe(false);
    expect(isPassed([null])).toBe(false);
  });
});

describe('the verdict', () => {
  const verdictOf = (own: Float64Array, judged: number, shown: number) =>
    judgeRobustness(own, [
      { shock: often(1), metrics: returning(judged) },
      { shock: often(1, false), metrics: returning(shown) },
    ]);

  test('goes by the shocks that are judged, and says why', () => {
    expect(verdictOf(base, 0.3, -0.9)).toMatchObject({
      verdict: 'robust',
      reasons: ['passed: noise: 75% of the return is left (mark 50%)'],
    });
    expect(verdictOf(base, 0.1, 0.9)).toMatchObject({
      verdict: 'fragile',
      reasons: ['broken: noise: 25% of the return is left (mark 50%)'],
    });
  });

  test('of a run that loses is that there is nothing to break', () => {
    expect(verdictOf(run({ returnFraction: -0.1 }), 0.3, 0.3)).toMatchObject({
      verdict: 'nothing',
      reasons: ['without any shock the return is -10%'],
    });
  });

  test('names what threw, what had no effect, and costs that are none', () => {
    const { reasons, limits } = judgeRobustness(base, [
      { shock: often(2), metrics: [null, returning(0.4)[0]] },
      { shock: { name: 'orders 1 bar late', alterations: [{ kind: 'delay', bars: 1 }], isJudged: true }, metrics: [base] },
    ]);
    expect(reasons[0]).toBe('broken: noise: 100% of the return is left (mark 50%), 50% of runs earn (mark 95%); in 1 the strategy threw');
    expect(limits[0]).toBe('without any effect here, and so without a test: orders 1 bar late');
    const free = judgeRobustness(run({ returnFraction: 0.1 }), []);
    expect(free.limits[0]).toContain('pays no costs, so that no factor makes them dear');
    expect(verdictOf(base, 0.3, 0.3).limits.join()).not.toContain('no factor');
  });
});

test('every set is put to dearer costs and delays once, to what is drawn by chance as often as asked, each replicate another', () => {
  const shocks = shocksOf(3);
  expect(shocks.map(({ name, alterations, isJudged }) => `${name} ${alterations.length}${isJudged ? ' judged' : ''}`)).toEqual([
    'costs × 1.5 1',
    'costs × 2 1 judged',
    'costs × 3 1',
    'orders 1 bar late 1 judged',
    'orders 2 bars late 1',
    'orders 5 bars late 1',
    '10% of entries skipped 3 judged',
    '20% of entries skipped 3',
    "noise of 10% of a bar's range 3 judged",
    "noise of 25% of a bar's range 3",
  ]);
  expect(shocks[6].alterations.map((one) => 'replicate' in one && one.replicate)).toEqual([0, 1, 2]);
});

describe('other paths of prices', () => {
  const paths: PricePaths = pricePathsOf([
    run({ returnFraction: 0.5, drawdownFractionMax: 0.2, equityQuoteLowest: 900, equityQuoteInitial: 1_000 }),
    null,
    run({ returnFraction: -0.6, drawdownFractionMax: 0.7, equityQuoteLowest: 400, equityQuoteInitial: 1_000 }),
    run({ returnFraction: 0, drawdownFractionMax: 0, equityQuoteLowest: 1_000, equityQuoteInitial: 1_000 }),
  ]);

  test('rise by figure, and those on which the strategy threw are counted', () => {
    expect(paths).toMatchObject({ pathCount: 4, failedCount: 1 });
    expect([...paths.returnFraction]).toEqual([-0.6, 0, 0.5]);
    expect([...paths.equityLowest]).toEqual([0.4, 0.9, 1]);
    expect(percentilesOf(paths.drawdownFractionMax)[2]).toBe(0.2);
  });

  test('have shares above and at most a limit', () => {
    expect(shareAtMost(paths.returnFraction, 0)).toBe(2 / 3);
    expect(shareAbove(paths.drawdownFractionMax, 0.2)).toBe(1 / 3);
    expect(shareAtMost(paths.equityLowest, 0.5)).toBe(1 / 3);
    expect(shareAbove(new Float64Array(0), 0)).toBeNaN();
  });
});

describe('other orders of trades', () => {
  test('leave the end where it was; draws do not', () => {
    const returns = Float64Array.from([0.1, -0.05, 0.2, -0.1, 0.05]);
    const orders = tradeOrdersOf(returns, { replicateCount: 2_000, seed: 1 });
    expect(orders).toMatchObject({ tradeCount: 5, blockLengthMean: 1 });
    // By hand: both losses in a row.
    expect(orders?.permuted.drawdownFractionMax.at(-1)).toBeCloseTo(1 - 0.95 * 0.9, 12);
    expect(orders?.permuted.drawdownFractionMax[0]).toBeCloseTo(0.1, 12);
    // Five times the worst, and five times the best.
    expect(orders?.bootstrapped.equityFinal[0]).toBeCloseTo(0.9 ** 5, 1);
    expect(orders?.bootstrapped.equityFinal.at(-1)).toBeGreaterThan(1.2 ** 4);
  });

  test('there are none of a single trade', () => {
    expect(tradeOrdersOf(Float64Array.from([0.1]), { replicateCount: 10, seed: 1 })).toBeNull();
  });
});
