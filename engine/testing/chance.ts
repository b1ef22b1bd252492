/** Owns the choices that generators of test programs make. Never has a chance of its own: the caller's generator decides. */
import type { Random } from '../random.ts';

export function below(random: Random, limit: number): number {
  return Math.floor(random() * limit);
}

export function around(random: Random, reach: number): number {
  return below(random, 2 * reach + 1) - reach;
}

export function pick<T>(random: Random, from: readonly T[]): T {
  return from[below(random, from.length)];
}

/** A decimal without exponent or trailing zeros. */
export function plain(value: number, decimals: number): string {
  return value.toFixed(decimals).replace(/\.?0+$/, '');
}
