import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { quantileOfSorted, shareAbove, shareAtMost } from '../../metrics/moments.ts';
import { createRandom } from '../../random.ts';
import { resampleTrades, type TradeDraw } from './trade-resampling.ts';

const settings = { replicateCount: 20_000, blockLengthMean: 1, seed: 1 };

/** One account, the plain way. */
function naiveFate(returns: readonly number[]): { final: number; drawdown: number; underwater: number; lowest: number } {
  const equity = [1];
  for (const value of returns) equity.push(Math.max(0, equity[equity.length - 1] * (1 + value)));
  const below = equity.map((value, i) => value < Math.max(...equity.slice(0, i + 1)));
  return {
    final: equity[equity.length - 1],
    drawdown: Math.max(...equity.map((value, i) => 1 - value / Math.max(...equity.slice(0, i + 1)))),
    underwater: Math.max(
      ...below.map((_, i) => below.slice(i).findIndex((isBelow) => !isBelow)).map((length, i) => (length < 0 ? below.length - i : length)),
    ),
    lowest: Math.min(...equity),
  };
}

function permutations(values: readonly number[]): number[][] {
  if (values.length < 2) return [[...values]];
  return values.flatMap((value, i) => permutations(values.filter((_, j) => j !== i)).map((rest) => [value, ...rest]));
}

function draws(values: readonly number[], count: number): number[][] {
  return count === 0 ? [[]] : values.flatMap((value) => draws(values, count - 1).map((rest) => [value, ...rest]));
}

const shareOf = (values: readonly number[], holds: (value: number) => boolean) => values.filter(holds).length / values.length;

describe('trades in other orders', () => {
  const trades = [0.5, -0.4, 0.1, -0.3, 0.2];
  const all: Readonly<Record<TradeDraw, number[][]>> = { permuted: permutations(trades), bootstrapped: draws(trades, 5) };

  // Four deviations of a share of 20,000.
  test.each(['permuted', 'bootstrapped'] as const)('%s: shares of 20,000 are those of every order there is, within 0.015', (draw) => {
    const fates = resampleTrades(Float64Array.from(trades), { ...settings, draw });
    const exact = all[draw].map(naiveFate);
    for (const limit of [0.2, 0.4, 0.5, 0.6, 0.7]) {
      const deep = shareOf(
        exact.map((fate) => fate.drawdown),
        (value) => value > limit + 1e-12,
      );
      expect(Math.abs(shareAbove(fates.drawdownFractionMax, limit + 1e-12) - deep)).toBeLessThan(0.015);
      const ruined = shareOf(
        exact.map((fate) => fate.lowest),
        (value) => value <= 1 - limit + 1e-12,
      );
      expect(Math.abs(shareAtMost(fates.equityLowest, 1 - (limit - 1e-12)) - ruined)).toBeLessThan(0.015);
    }
    for (const count of [0, 1, 2, 3, 4, 5]) {
      const long = shareOf(
        exact.map((fate) => fate.underwater),
        (value) => value <= count,
      );
      expect(Math.abs(shareOf([...fates.underwaterTradesMax], (value) => value <= count) - long)).toBeLessThan(0.015);
    }
    const gained = shareOf(
      exact.map((fate) => fate.final),
      (value) => value > 1,
    );
    expect(Math.abs(shareOf([...fates.equityFinal], (value) => value > 1) - gained)).toBeLessThan(0.015);
  });

  test('permuted: the end stays; the columns rise; the deepest drawdown is no less than the loss of the worst trade', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: -0.9, max: 2, noNaN: true }), { minLength: 1, maxLength: 30 }), fc.integer(), (list, seed) => {
        const fates = resampleTrades(Float64Array.from(list), { replicateCount: 50, blockLengthMean: 1, seed, draw: 'permuted' });
        const end = list.reduce((product, value) => product * (1 + value), 1);
        for (const final of fates.equityFinal) expect(Math.abs(final / end - 1)).toBeLessThan(1e-12);
        expect(fates.drawdownFractionMax[0]).toBeGreaterThanOrEqual(Math.max(0, -Math.min(...list)) - 1e-12);
        for (const column of Object.values(fates) as Float64Array[]) expect([...column].sort((a, b) => a - b)).toEqual([...column]);
      }),
    );
  });

  test('bootstrapped in blocks: streaks stay together and deepen the drawdown', () => {
    const random = createRandom(3);
    // Runs of ten good and ten bad trades.
    const streaky = Float64Array.from({ length: 200 }, (_, i) => (Math.floor(i / 10) % 2 === 0 ? 0.01 : -0.009) + 0.001 * random.normal());
    const median = (blockLengthMean: number) =>
      quantileOfSorted(
        resampleTrades(streaky, { replicateCount: 500, seed: 1, blockLengthMean, draw: 'bootstrapped' }).drawdownFractionMax,
        0.5,
      );
    expect(median(10)).toBeGreaterThan(1.3 * median(1));
  });

  test('an account that loses all it has, or more, stays at 0', () => {
    const fates = resampleTrades(Float64Array.of(-1.5, 5, 5), { ...settings, replicateCount: 10, draw: 'permuted' });
    expect([...fates.equityFinal]).toEqual(Array(10).fill(0));
    expect(shareAtMost(fates.equityLowest, 0)).toBe(1);
    expect(shareAbove(fates.drawdownFractionMax, 0.999)).toBe(1);
  });

  test('the same seed gives the same fates, another one others', () => {
    const returns = Float64Array.from({ length: 50 }, (_, i) => (i % 3) / 100 - 0.009);
    const fatesOf = (seed: number) => resampleTrades(returns, { replicateCount: 20, blockLengthMean: 1, seed, draw: 'permuted' });
    expect(fatesOf(1)).toEqual(fatesOf(1));
    expect(fatesOf(2)).not.toEqual(fatesOf(1));
  });

  test('no trades have no fate', () => {
    for (const draw of ['permuted', 'bootstrapped'] as const) {
      const fates = resampleTrades(new Float64Array(0), { ...settings, replicateCount: 3, draw });
      expect(fates.equityFinal).toEqual(Float64Array.of(Number.NaN, Number.NaN, Number.NaN));
      expect(shareAtMost(fates.equityLowest, 0.5)).toBeNaN();
      expect(shareAbove(fates.drawdownFractionMax, 0.5)).toBeNaN();
    }
  });
});
