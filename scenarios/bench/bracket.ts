/** The rule of the benchmark with a bracket: a stop 0.3 % and a target 0.6 % from the entry, instead of an exit at a cross. */
import { integer } from '../../engine/parameters.ts';
import { crossedAbove, defineStrategy } from '../../engine/strategy.ts';

export default defineStrategy({
  name: 'bench-bracket',
  parameters: { fast: integer(10, { min: 1, max: 500 }), slow: integer(30, { min: 2, max: 1000 }) },
  setup({ bars, indicators, parameters, wake }) {
    const fast = indicators.sma(bars.close, parameters.fast);
    const slow = indicators.sma(bars.close, parameters.slow);
    wake.onCross(fast, slow);
    return {
      onBar({ order, position }) {
        if (!position.isFlat || position.pendingOrderCount > 0 || !crossedAbove(fast, slow)) return;
        order.market({ side: 1, sizeBase: 0.1, stopLoss: { fraction: 0.003 }, takeProfit: { fraction: 0.006 } });
      },
    };
  },
});
