/** The rule of the benchmark: 0.1 bought where the fast mean crosses above the slow one, sold where it crosses below. */
import { integer } from '../../engine/parameters.ts';
import { crossedAbove, crossedBelow, defineStrategy } from '../../engine/strategy.ts';

export default defineStrategy({
  name: 'bench-cross',
  parameters: { fast: integer(10, { min: 1, max: 500 }), slow: integer(30, { min: 2, max: 1000 }) },
  setup({ bars, indicators, parameters, wake }) {
    const fast = indicators.sma(bars.close, parameters.fast);
    const slow = indicators.sma(bars.close, parameters.slow);
    wake.onCross(fast, slow);
    return {
      onBar({ order, position }) {
        if (position.isFlat) {
          if (crossedAbove(fast, slow)) order.market({ side: 1, sizeBase: 0.1 });
        } else if (crossedBelow(fast, slow)) {
          order.close();
        }
      },
    };
  },
});
