/**
 * Owns the markets that the statistics of luck are calibrated on: tapes on which nothing can be earned, and tapes with an edge of known strength.
 * Never used by a run. A bar opens at the last close and prices are martingales but for what is planted: whatever is bought or sold, without costs
 * its expected return is 0. (A drift would pay whoever is long: no edge, and yet no luck; against cash it is not noise.)
 */
import { exp } from '../../math.ts';
import type { Tape } from '../../model/bar.ts';
import { dayMs } from '../../model/timeframe.ts';
import { createRandom, type Random } from '../../random.ts';
import { emptyColumns } from '../tapes.ts';

/** Moves of the log price from bar to bar. */
type Moves = (random: Random) => () => number;

const volatility = 0.01;
const startPriceQuote = 10_000;
const tickSize = 0.01;

/** The same spread every day. */
export const even: Moves = (random) => () => volatility * random.normal();

/** Calm and wild times follow one another: GARCH(1,1), with the same spread in the long run. */
export const clustered: Moves = (random) => {
  const [alpha, beta] = [0.1, 0.88];
  let variance = volatility * volatility;
  return () => {
    const move = Math.sqrt(variance) * random.normal();
    variance = (1 - alpha - beta) * volatility * volatility + alpha * move * move + beta * variance;
    return move;
  };
};

/** Drifts of both signs that last for 30 bars on average. strength: a drift, in spreads of one bar. */
export function trending(strength: number): Moves {
  return (random) => {
    let drift = random() < 0.5 ? 1 : -1;
    return () => {
      if (random() * 30 < 1) drift = random() < 0.5 ? 1 : -1;
      return volatility * (strength * drift + random.normal());
    };
  };
}

/** A walk and, beside it, a distance that dies away by a tenth a bar. strength: moves of the distance, in spreads of one bar. */
export function reverting(strength: number): Moves {
  return (random) => {
    let distance = 0;
    return () => {
      const before = distance;
      distance = 0.9 * distance + volatility * strength * random.normal();
      return distance - before + volatility * random.normal();
    };
  };
}

/** Daily bars of one market; the same seed gives the same bits everywhere. */
export function tapeOfMoves(moves: Moves, { seed, barCount }: { readonly seed: number; readonly barCount: number }): Tape {
  const columns = emptyColumns(barCount);
  const move = moves(createRandom(seed));
  let price = startPriceQuote;
  for (let i = 0; i < barCount; i++) {
    // Half the variance less: the price itself, not its logarithm, is the martingale.
    const close = Math.max(tickSize, Math.round((price * exp(move() - (volatility * volatility) / 2)) / tickSize) * tickSize);
    columns.openTimeMs[i] = i * dayMs;
    columns.closeTimeMs[i] = (i + 1) * dayMs;
    columns.open[i] = price;
    columns.high[i] = Math.max(price, close);
    columns.low[i] = Math.min(price, close);
    columns.close[i] = close;
    columns.volume[i] = 1;
    price = close;
  }
  return { key: { venue: 'test', symbol: 'NOISE/USDT', timeframe: '1d' }, columns, isSynthetic: true };
}
