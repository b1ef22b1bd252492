/**
 * The Ichimoku rule of the benchmark: long above the cloud while tenkan is above kijun, with a stop at kijun. All it asks changes only where tenkan
 * crosses kijun or the close a span, so that those bars are all it has to see.
 */
import { integer } from '../../engine/parameters.ts';
import { defineStrategy } from '../../engine/strategy.ts';

export default defineStrategy({
  name: 'bench-cloud',
  parameters: {
    tenkan: integer(9, { min: 2, max: 100 }),
    kijun: integer(26, { min: 3, max: 200 }),
    spanB: integer(52, { min: 4, max: 400 }),
  },
  setup({ bars, indicators, parameters, wake }) {
    const { close } = bars;
    const { tenkan, kijun, spanA, spanB } = indicators.ichimoku(bars, { ...parameters, displacement: 26 });
    wake.onCross(tenkan, kijun);
    wake.onCross(close, spanA);
    wake.onCross(close, spanB);
    return {
      onBar({ order, position }) {
        const price = close.at(0);
        const isAbove = price > spanA.at(0) && price > spanB.at(0) && tenkan.at(0) > kijun.at(0);
        if (position.isLong) {
          if (!isAbove) order.close();
        } else if (isAbove && kijun.at(0) < price && position.pendingOrderCount === 0) {
          order.market({ side: 1, sizeBase: 0.1, stopLoss: kijun.at(0) });
        }
      },
    };
  },
});
