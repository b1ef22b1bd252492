/** Owns p-values adjusted for how many there are. Never computes one. */
import { exp, log, tanh } from '../../math.ts';
import { requireSetting } from './return-columns.ts';

/**
 * Holm's step-down: at a level, the share of searches with any false finding stays below it, whatever the dependence. pValues 0 to 1, any order, which the
 * result keeps; a NaN is no test and stays NaN, here and below. Source: Holm 1979.
 */
export function adjustByHolm(pValues: Float64Array): Float64Array {
  const order = risingOrder(pValues);
  const adjusted = new Float64Array(pValues.length).fill(Number.NaN);
  let largest = 0;
  for (let i = 0; i < order.length; i++) {
    largest = Math.max(largest, Math.min(1, (order.length - i) * pValues[order[i]]));
    adjusted[order[i]] = largest;
  }
  return adjusted;
}

/** Šidák's single step, 1 − (1 − p)^n: as Holm's for independent tests. Source: Šidák 1967. */
export function adjustBySidak(pValues: Float64Array): Float64Array {
  const count = risingOrder(pValues).length;
  return pValues.map((p) => atLeastOneOf(count, p));
}

/** Benjamini and Hochberg's step-up: at a level, the share of false findings among all findings is expected below it. Source: Benjamini & Hochberg 1995. */
export function adjustByBenjaminiHochberg(pValues: Float64Array): Float64Array {
  const order = risingOrder(pValues);
  const adjusted = new Float64Array(pValues.length).fill(Number.NaN);
  let smallest = 1;
  for (let i = order.length - 1; i >= 0; i--) {
    smallest = Math.min(smallest, (order.length * pValues[order[i]]) / (i + 1));
    adjusted[order[i]] = smallest;
  }
  return adjusted;
}

/** 1 − (1 − p)^count without losing small p: log(1 + y) as y log(u) / (u − 1) with u = 1 + y, e^x − 1 as tanh(x / 2) (e^x + 1). */
function atLeastOneOf(count: number, p: number): number {
  const rounded = 1 - p;
  if (rounded === 0) return 1;
  const exponent = count * (rounded === 1 ? -p : (-p * log(rounded)) / (rounded - 1));
  return -tanh(exponent / 2) * (exp(exponent) + 1);
}

/** Places of the p-values that are not NaN, the smallest first, equal ones as they came. */
function risingOrder(pValues: Float64Array): number[] {
  const order: number[] = [];
  for (let i = 0; i < pValues.length; i++) {
    if (Number.isNaN(pValues[i])) continue;
    requireSetting(pValues[i] >= 0 && pValues[i] <= 1, `p-value ${i}`, pValues[i], 'between 0 and 1');
    order.push(i);
  }
  return order.sort((a, b) => pValues[a] - pValues[b]);
}
