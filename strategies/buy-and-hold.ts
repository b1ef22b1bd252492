/** Buys the first series at the first chance and never sells: the mirror every other strategy is held up to. */
import { number } from '../engine/parameters.ts';
import { defineStrategy } from '../engine/strategy.ts';

export default defineStrategy({
  name: 'buy-and-hold',
  parameters: { equityFraction: number(1, { min: 0.01, max: 1 }) },
  setup({ parameters }) {
    let hasAsked = false;
    return {
      onBar({ order }) {
        if (hasAsked) return;
        hasAsked = true;
        order.market({ side: 1, equityFraction: parameters.equityFraction, tag: 'buy and hold' });
      },
    };
  },
});
