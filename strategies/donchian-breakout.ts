/** Buys a close beyond the channel of the bars before it, sized so that the stop costs risk.riskPerTrade; leaves at the shorter channel's far edge. */
import { boolean, integer, number } from '../engine/parameters.ts';
import { defineStrategy } from '../engine/strategy.ts';

export default defineStrategy({
  name: 'donchian-breakout',
  parameters: {
    entryPeriod: integer(20, { min: 2, max: 400 }),
    exitPeriod: integer(10, { min: 1, max: 400 }),
    atrPeriod: integer(14, { min: 2, max: 200 }),
    /** Distance of the protective stop from the close, in average true ranges. */
    stopRanges: number(2, { min: 0.1, max: 20 }),
    /** Needs an account that may sell short: frictionless, not spot. */
    allowShort: boolean(false),
  },
  setup({ bars, indicators, parameters }) {
    const { close } = bars;
    const entry = indicators.donchian(bars, parameters.entryPeriod);
    const exit = indicators.donchian(bars, parameters.exitPeriod);
    const atr = indicators.atr(bars, parameters.atrPeriod);
    return {
      onBar({ order, position }) {
        const price = close.at(0);
        // at(1): the channel before this bar, which holds this bar's own extremes and cannot be left by its close.
        if (position.isLong) {
          if (price < exit.lower.at(1)) order.close({ tag: 'left the channel' });
        } else if (position.isShort) {
          if (price > exit.upper.at(1)) order.close({ tag: 'left the channel' });
        } else {
          const distance = parameters.stopRanges * atr.at(0);
          // A flat market has no range to place a stop by, and none to size by.
          if (!(distance > 0)) return;
          // No size: the scenario's risk.riskPerTrade is what the stop may cost.
          if (price > entry.upper.at(1)) {
            if (price > distance) order.market({ side: 1, stopLoss: price - distance, tag: 'broke out above' });
          } else if (parameters.allowShort && price < entry.lower.at(1)) {
            order.market({ side: -1, stopLoss: price + distance, tag: 'broke out below' });
          }
        }
      },
    };
  },
});
