/** Owns the strategies that calibration searches over, each with its grid. They know nothing of the market they are played on. Never used by a run. */
import { integer, number, type ParameterValues } from '../../parameters.ts';
import { defineStrategy, type StrategyDefinition } from '../../strategy.ts';

export interface Family {
  readonly strategy: () => StrategyDefinition;
  readonly sets: readonly ParameterValues[];
}

/** Half of equity: a short position is never ruined by a price that doubles. */
const equityFraction = 0.5;
const means = { fast: integer(5, { min: 1, max: 100 }), slow: integer(20, { min: 2, max: 200 }) };

/** Follows a faster mean over a slower one, long or on the other side. */
function following(otherSide: -1 | 0): () => StrategyDefinition {
  return () =>
    defineStrategy({
      name: 'following',
      parameters: means,
      setup({ bars, indicators, parameters }) {
        const fast = indicators.sma(bars.close, parameters.fast);
        const slow = indicators.sma(bars.close, parameters.slow);
        let side = 0;
        return {
          onBar({ order }) {
            const wanted = fast.at(0) > slow.at(0) ? 1 : otherSide;
            if (wanted !== side) order.target({ equityFraction: wanted * equityFraction });
            side = wanted;
          },
        };
      },
    }) as unknown as StrategyDefinition;
}

/** Sells above a band and buys below it, until the price is back at its mean. */
const fading = (): StrategyDefinition =>
  defineStrategy({
    name: 'fading',
    parameters: { period: integer(20, { min: 2, max: 200 }), deviations: number(1, { min: 0.1, max: 5 }) },
    setup({ bars, indicators, parameters }) {
      const { upper, middle, lower } = indicators.bollinger(bars.close, parameters);
      let side = 0;
      return {
        onBar({ order }) {
          const close = bars.close.at(0);
          let wanted = side;
          if (close > upper.at(0)) wanted = -1;
          else if (close < lower.at(0)) wanted = 1;
          else if ((close - middle.at(0)) * side >= 0) wanted = 0;
          if (wanted !== side) order.target({ equityFraction: wanted * equityFraction });
          side = wanted;
        },
      };
    },
  }) as unknown as StrategyDefinition;

const pairs = product([3, 5, 8, 13, 20], [25, 30, 35, 40, 50, 60, 75, 90]).map(([fast, slow]) => ({ fast, slow }));

/** Forty sets each. */
export const families = {
  'long or short': { strategy: following(-1), sets: pairs },
  'long or flat': { strategy: following(0), sets: pairs },
  reversion: {
    strategy: fading,
    sets: product([5, 8, 10, 15, 20, 30, 40, 60], [0.5, 0.75, 1, 1.5, 2]).map(([period, deviations]) => ({ period, deviations })),
  },
} as const satisfies Readonly<Record<string, Family>>;

function product(first: readonly number[], second: readonly number[]): (readonly [number, number])[] {
  return first.flatMap((one) => second.map((other) => [one, other] as const));
}
