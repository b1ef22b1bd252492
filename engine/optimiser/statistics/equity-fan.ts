/** Owns where equity could have gone had the same days come in another order, some often, some never. Never says how good the days were chosen. */
import { assert } from '../../errors.ts';
import { quantileOfSorted } from '../../metrics/moments.ts';
import { type Resampling, StationaryBootstrap } from './stationary-bootstrap.ts';

export interface FanOptions extends Resampling {
  /** Rows at whose ends equity is told, rising. */
  readonly rows: ArrayLike<number>;
  /** Which quantiles, fractions between 0 and 1. */
  readonly fractions: readonly number[];
}

export interface EquityFan {
  /** By fraction, at each of the rows. */
  readonly quantiles: readonly Float64Array[];
  /** Share of replicates that end below where they began. */
  readonly lossFraction: number;
}

/** Quantiles of equity that begins with 1 and compounds returns drawn by the stationary bootstrap. returns: simple, per period, one or more, without NaN. */
export function equityFan(returns: Float64Array, { rows, fractions, ...resampling }: FanOptions): EquityFan {
  assert(returns.length > 0, 'a fan has a return to draw');
  const { replicateCount } = resampling;
  const bootstrap = new StationaryBootstrap(returns.length, resampling);
  const drawn = new Int32Array(returns.length);
  const told = Array.from({ length: rows.length }, () => new Float64Array(replicateCount));
  let lossCount = 0;
  for (let replicate = 0; replicate < replicateCount; replicate++) {
    bootstrap.drawRows(replicate, drawn);
    let equity = 1;
    let next = 0;
    for (let row = 0; row < drawn.length; row++) {
      equity *= 1 + returns[drawn[row]];
      if (next < rows.length && rows[next] === row) told[next++][replicate] = equity;
    }
    if (equity < 1) lossCount++;
  }
  for (const values of told) values.sort();
  return {
    quantiles: fractions.map((fraction) => Float64Array.from(told, (values) => quantileOfSorted(values, fraction))),
    lossFraction: lossCount / replicateCount,
  };
}
