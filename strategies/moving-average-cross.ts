/** Long while the fast mean of the close stands above the slow one; out, or short where allowed, below it. */
import { boolean, integer, number } from '../engine/parameters.ts';
import { crossedAbove, crossedBelow, defineStrategy } from '../engine/strategy.ts';

export default defineStrategy({
  name: 'moving-average-cross',
  parameters: {
    fast: integer(10, { min: 2, max: 200 }),
    slow: integer(30, { min: 3, max: 400 }),
    equityFraction: number(1, { min: 0.01, max: 1 }),
    /** Needs an account that may sell short: frictionless, not spot. */
    allowShort: boolean(false),
  },
  setup({ bars, indicators, parameters, wake }) {
    const { equityFraction, allowShort } = parameters;
    const fast = indicators.sma(bars.close, parameters.fast);
    const slow = indicators.sma(bars.close, parameters.slow);
    wake.onCross(fast, slow);
    return {
      onBar({ order, position }) {
        if (crossedAbove(fast, slow) && !position.isLong) order.target({ equityFraction, tag: 'crossed above' });
        else if (crossedBelow(fast, slow)) {
          if (allowShort) order.target({ equityFraction: -equityFraction, tag: 'crossed below' });
          else order.close({ tag: 'crossed below' });
        }
      },
    };
  },
});
