/**
 * Ichimoku in its full form: the close beyond the cloud, tenkan on the right side of kijun, and chikou (the close now) beyond the price it
 * is drawn over. Leaves when tenkan turns, when the close falls back into the cloud, or at the stop set at the entry.
 */
import { boolean, choice, integer, number } from '../engine/parameters.ts';
import { defineStrategy } from '../engine/strategy.ts';

export default defineStrategy({
  name: 'ichimoku',
  parameters: {
    tenkan: integer(9, { min: 2, max: 100 }),
    kijun: integer(26, { min: 3, max: 200 }),
    spanB: integer(52, { min: 4, max: 400 }),
    displacement: integer(26, { min: 1, max: 200 }),
    /** Where the stop lies: at kijun, or at the cloud's far edge. */
    stopAt: choice('kijun', ['kijun', 'cloud']),
    equityFraction: number(1, { min: 0.01, max: 1 }),
    /** Needs an account that may sell short: frictionless, not spot. */
    allowShort: boolean(false),
  },
  setup({ bars, indicators, parameters }) {
    const { close } = bars;
    const { displacement, equityFraction, stopAt, allowShort } = parameters;
    const { tenkan, kijun, spanA, spanB, chikou } = indicators.ichimoku(bars, parameters);
    return {
      onBar({ order, position }) {
        const price = close.at(0);
        const cloudTop = Math.max(spanA.at(0), spanB.at(0));
        const cloudBottom = Math.min(spanA.at(0), spanB.at(0));
        const turn = tenkan.at(0) - kijun.at(0);
        if (position.isLong) {
          if (turn < 0 || price < cloudTop) order.close({ tag: 'trend ended' });
          return;
        }
        if (position.isShort) {
          if (turn > 0 || price > cloudBottom) order.close({ tag: 'trend ended' });
          return;
        }
        const drawnOver = close.at(displacement);
        if (price > cloudTop && turn > 0 && chikou.at(0) > drawnOver) {
          const stopLoss = stopAt === 'kijun' ? kijun.at(0) : cloudBottom;
          // A stop must lie on the losing side: a close under kijun is no entry yet.
          if (stopLoss < price) order.market({ side: 1, equityFraction, stopLoss, tag: 'above the cloud' });
        } else if (allowShort && price < cloudBottom && turn < 0 && chikou.at(0) < drawnOver) {
          const stopLoss = stopAt === 'kijun' ? kijun.at(0) : cloudTop;
          if (stopLoss > price) order.market({ side: -1, equityFraction, stopLoss, tag: 'below the cloud' });
        }
      },
    };
  },
});
