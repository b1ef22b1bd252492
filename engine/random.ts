/**
 * Owns seeded randomness over 32-bit integers, the same on every machine: xoshiro128** in sequence, Philox4x32-10 by place.
 * Never reads the clock, and is never for secrets.
 */
import { cos, log } from './math.ts';

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
  const next = (): number => fractionOf(nextWord(), nextWord());

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

const philoxRounds = 10;

/**
 * Numbers drawn by their place: what stands at (stream, index) depends on the seed and on nothing else that was drawn.
 * Philox4x32-10. Source: Salmon, Moraes, Dror, Shaw 2011, Parallel random numbers: as easy as 1, 2, 3. stream: below 2^32; index: below 2^53.
 */
export class PlacedRandom {
  private readonly seedLow: number;
  private readonly seedHigh: number;
  private readonly words = new Uint32Array(4);

  /** seed: any integer within ±2^53. */
  constructor(seed: number) {
    this.seedLow = seed >>> 0;
    this.seedHigh = Math.floor(seed / 0x1_0000_0000) >>> 0;
  }

  /** In [0, 1), 53 bits. */
  uniform(stream: number, index: number): number {
    this.fill(stream, index);
    return fractionOf(this.words[0], this.words[1]);
  }

  /** Standard normal, by Box and Muller from the two numbers of its place. */
  normal(stream: number, index: number): number {
    this.fill(stream, index);
    const { words } = this;
    const radius = Math.sqrt(-2 * log(1 - fractionOf(words[0], words[1])));
    return radius * cos(2 * Math.PI * fractionOf(words[2], words[3]));
  }

  private fill(stream: number, index: number): void {
    philox(this.words, index >>> 0, Math.floor(index / 0x1_0000_0000) >>> 0, stream >>> 0, 0, this.seedLow, this.seedHigh);
  }
}

/** Writes the four words at a counter of four under a key of two. */
export function philox(words: Uint32Array, c0: number, c1: number, c2: number, c3: number, key0: number, key1: number): void {
  words[0] = c0;
  words[1] = c1;
  words[2] = c2;
  words[3] = c3;
  let k0 = key0;
  let k1 = key1;
  for (let round = 0; round < philoxRounds; round++) {
    const a = words[0];
    const b = words[1];
    const c = words[2];
    const d = words[3];
    words[0] = highProduct(0xcd9e8d57, c) ^ b ^ k0;
    words[1] = Math.imul(0xcd9e8d57, c);
    words[2] = highProduct(0xd2511f53, a) ^ d ^ k1;
    words[3] = Math.imul(0xd2511f53, a);
    k0 = (k0 + 0x9e3779b9) | 0;
    k1 = (k1 + 0xbb67ae85) | 0;
  }
}

/** Upper 32 bits of a product of two words. */
function highProduct(a: number, b: number): number {
  const low = a & 0xffff;
  const high = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  const middle = low * bHigh + high * bLow + Math.floor((low * bLow) / 0x1_0000);
  return high * bHigh + Math.floor(middle / 0x1_0000);
}

function fractionOf(word: number, next: number): number {
  return ((word >>> 5) * 67_108_864 + (next >>> 6)) / 9_007_199_254_740_992;
}
