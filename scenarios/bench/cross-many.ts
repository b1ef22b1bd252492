/** The rule of the benchmark on every series of the scenario, with one cash account. */
import { integer } from '../../engine/parameters.ts';
import { crossedAbove, crossedBelow, defineStrategy } from '../../engine/strategy.ts';

export default defineStrategy({
  name: 'bench-cross-many',
  parameters: { fast: integer(10, { min: 1, max: 500 }), slow: integer(30, { min: 2, max: 1000 }) },
  setup({ series, indicators, parameters }) {
    const rules = series.map((bars) => ({
      bars,
      fast: indicators.sma(bars.close, parameters.fast),
      slow: indicators.sma(bars.close, parameters.slow),
    }));
    return {
      onBar() {
        for (let k = 0; k < rules.length; k++) {
          const { bars, fast, slow } = rules[k];
          if (bars.position.isFlat) {
            if (crossedAbove(fast, slow)) bars.order.market({ side: 1, sizeBase: 0.1 });
          } else if (crossedBelow(fast, slow)) {
            bars.order.close();
          }
        }
      },
    };
  },
});
