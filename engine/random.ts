/**
 * Owns seeded randomness: xoshiro128** over 32-bit integers, so that one seed gives one sequence on every machine.
 * Never reads the clock, and is never for secrets.
 */
import { log } from './math.ts';

/** Call it for the next number in [0, 1), 53 bits; normal() gives the next standard normal number. Each has one state: the order of calls matters. */
export interface Random {
  (): number;
  normal(): number;
}

/** A generator that depends on the seed alone. seed: any integer within ±2^53. */
export function createRandom(seed: number): Random {
  let mixed = seed >>> 0;
  // SplitMix32: fills the state from one word, never with four zeros.
  const seedWord = (): number => {
    mixed = (mixed + 0x9e3779b9) | 0;
    let word = mixed ^ (mixed >>> 16);
    word = Math.imul(word, 0x21f0aaad);
    word ^= word >>> 15;
    word = Math.imul(word, 0x735a2d97);
    return word ^ (word >>> 15);
  };
  let a = seedWord();
  let b = seedWord();
  // The seed's upper bits enter half-way: two seeds that differ anywhere differ in the state.
  mixed ^= Math.floor(seed / 0x1_0000_0000) | 0;
  let c = seedWord();
  let d = seedWord();

  const nextWord = (): number => {
    const scaled = Math.imul(b, 5);
    const result = Math.imul((scaled << 7) | (scaled >>> 25), 9);
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = (d << 11) | (d >>> 21);
    return result >>> 0;
  };
  const next = (): number => ((nextWord() >>> 5) * 67_108_864 + (nextWord() >>> 6)) / 9_007_199_254_740_992;

  let spare = Number.NaN;
  // Marsaglia's polar method: log and sqrt only, two numbers a round.
  const normal = (): number => {
    if (!Number.isNaN(spare)) {
      const kept = spare;
      spare = Number.NaN;
      return kept;
    }
    for (;;) {
      const x = 2 * next() - 1;
      const y = 2 * next() - 1;
      const square = x * x + y * y;
      if (square >= 1 || square === 0) continue;
      const factor = Math.sqrt((-2 * log(square)) / square);
      spare = y * factor;
      return x * factor;
    }
  };
  return Object.assign(next, { normal });
}
