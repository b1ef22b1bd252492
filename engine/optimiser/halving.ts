/**
 * Owns successive halving: many sets are played on a short beginning of the window, the best of them on a longer one, and few on the whole. Pure.
 * Source: Karnin, Koren, Somekh 2013; Jamieson and Talwalkar 2016, Non-stochastic best arm identification and hyperparameter optimization.
 */

export interface Halving {
  /** One of so many sets goes on to the next rung, which is so many times as long. */
  readonly eta: number;
  /** The last of them plays the whole window. */
  readonly rungs: number;
}

/** Sets that each rung plays. */
export function rungCounts(setCount: number, halving: Halving): number[] {
  return divisorsOf(halving).map((divisor) => Math.ceil(setCount / divisor));
}

/** Bars that each rung plays, from the window's first on. */
export function rungBars(barCount: number, halving: Halving): number[] {
  return divisorsOf(halving)
    .reverse()
    .map((divisor) => Math.ceil(barCount / divisor));
}

/** 1, eta, eta × eta, … for each rung. */
function divisorsOf({ eta, rungs }: Halving): number[] {
  const divisors: number[] = [];
  for (let k = 0, divisor = 1; k < rungs; k++, divisor *= eta) divisors.push(divisor);
  return divisors;
}
