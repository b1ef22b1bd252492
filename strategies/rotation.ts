/** Holds the strongest of the scenario's series in equal parts of one shared cash, and looks again on a schedule. */
import { boolean, integer, number } from '../engine/parameters.ts';
import { type Bars, defineStrategy } from '../engine/strategy.ts';

const dayMs = 86_400_000;

interface Candidate {
  readonly bars: Bars;
  readonly index: number;
  /** Change of the close over the lookback, as a fraction; NaN while history is short. */
  momentumFraction: number;
  isChosen: boolean;
}

export default defineStrategy({
  name: 'rotation',
  parameters: {
    /** Bars over which momentum is measured. */
    lookback: integer(90, { min: 1, max: 2000 }),
    holdCount: integer(2, { min: 1, max: 50 }),
    everyDays: integer(7, { min: 1, max: 365 }),
    /** Equity held in all positions together; the rest is room for prices that move before the orders fill. */
    investedFraction: number(0.95, { min: 0.01, max: 1 }),
    /** Holds nothing that has fallen over the lookback. */
    risingOnly: boolean(true),
  },
  setup({ bars, series, parameters, wake }) {
    const everyMs = parameters.everyDays * dayMs;
    const candidates: Candidate[] = series.map((each, index) => ({ bars: each, index, momentumFraction: Number.NaN, isChosen: false }));
    const ranked = [...candidates];
    let periodDone = -1;
    wake.onSchedule({ everyMs });
    return {
      onBar({ account }) {
        // The first bar of a new period, told from the bars alone: the orders are the same whether every bar calls or only the schedule does.
        const period = Math.floor(bars.closeTimeMs.at(0) / everyMs);
        if (period === periodDone || !(Math.floor(bars.closeTimeMs.at(1) / everyMs) < period)) return;
        periodDone = period;
        choose(ranked, parameters);
        const equityFraction = parameters.investedFraction / parameters.holdCount;
        const shareQuote = equityFraction * account.equityQuote;
        // Sales first: at the next open they fill first, and their cash pays for the purchases.
        for (const { bars: each, isChosen } of candidates) if (!isChosen && !each.position.isFlat) each.order.close({ tag: 'rotated out' });
        for (const isSale of [true, false]) {
          for (const { bars: each, isChosen } of candidates) {
            const isAbove = each.position.sizeBase * each.close.at(0) * each.instrument.multiplier > shareQuote;
            if (isChosen && isAbove === isSale)
              each.order.target({ equityFraction, tag: each.position.isFlat ? 'rotated in' : 'rebalanced' });
          }
        }
      },
    };
  },
});

/** Marks the holdCount strongest. Equal momentum: the earlier series of the scenario wins. */
function choose(
  ranked: Candidate[],
  parameters: { readonly lookback: number; readonly holdCount: number; readonly risingOnly: boolean },
): void {
  for (const candidate of ranked) {
    const { close } = candidate.bars;
    candidate.momentumFraction = close.at(0) / close.at(parameters.lookback) - 1;
  }
  ranked.sort((left, right) => rankable(right) - rankable(left) || left.index - right.index);
  for (const [i, candidate] of ranked.entries()) {
    const isStrong = parameters.risingOnly ? candidate.momentumFraction > 0 : !Number.isNaN(candidate.momentumFraction);
    candidate.isChosen = i < parameters.holdCount && isStrong;
  }
}

/** NaN ranks last. */
function rankable(candidate: Candidate): number {
  return Number.isNaN(candidate.momentumFraction) ? -1e300 : candidate.momentumFraction;
}
