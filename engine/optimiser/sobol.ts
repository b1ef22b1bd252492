/** Owns the Sobol sequence: points that fill a cube evenly. Source: Bratley and Fox 1988; direction numbers: Joe and Kuo 2008 (new-joe-kuo-6). */
import { PlacedRandom } from '../random.ts';

/** By dimension from the second on: degree and coefficients of the primitive polynomial, and the first direction numbers. */
const directions: readonly (readonly [degree: number, coefficients: number, ...first: number[]])[] = [
  [1, 0, 1],
  [2, 1, 1, 3],
  [3, 1, 1, 3, 1],
  [3, 2, 1, 1, 1],
  [4, 1, 1, 1, 3, 3],
  [4, 4, 1, 3, 5, 13],
  [5, 2, 1, 1, 5, 5, 17],
  [5, 4, 1, 1, 5, 5, 5],
  [5, 7, 1, 1, 7, 11, 19],
  [5, 11, 1, 1, 5, 1, 1],
  [5, 13, 1, 1, 1, 3, 11],
  [5, 14, 1, 3, 5, 5, 31],
  [6, 1, 1, 3, 3, 9, 7, 49],
  [6, 13, 1, 1, 1, 15, 21, 21],
  [6, 16, 1, 3, 1, 13, 27, 49],
  [6, 19, 1, 1, 1, 15, 7, 5],
  [6, 22, 1, 3, 1, 15, 13, 25],
  [6, 25, 1, 1, 5, 5, 19, 61],
  [7, 1, 1, 3, 7, 11, 23, 15, 103],
  [7, 4, 1, 3, 7, 13, 13, 15, 69],
];
const bits = 32;

export const sobolDimensionsMax = directions.length + 1;

/** Points of [0, 1)^dimensions in their order, the first one (all zero, before the shift) left out. */
export class Sobol {
  private readonly numbers: readonly Uint32Array[];
  private readonly state: Uint32Array;
  private readonly shift: Uint32Array;
  private count = 0;

  /** seed: shifts all points alike; 0 shifts nothing. */
  constructor(dimensions: number, seed: number) {
    this.numbers = Array.from({ length: dimensions }, (_, d) => directionNumbers(d));
    this.state = new Uint32Array(dimensions);
    const random = new PlacedRandom(seed);
    this.shift = Uint32Array.from({ length: dimensions }, (_, d) => (seed === 0 ? 0 : Math.floor(random.uniform(d, 0) * 0x1_0000_0000)));
  }

  next(): Float64Array {
    const bit = Math.clz32(~this.count & (this.count + 1)) ^ 31;
    this.count++;
    return Float64Array.from(this.numbers, (numbers, d) => {
      this.state[d] ^= numbers[bit];
      return ((this.state[d] ^ this.shift[d]) >>> 0) / 0x1_0000_0000;
    });
  }
}

function directionNumbers(dimension: number): Uint32Array {
  const numbers = new Uint32Array(bits);
  if (dimension === 0) {
    for (let k = 0; k < bits; k++) numbers[k] = (1 << (bits - 1 - k)) >>> 0;
    return numbers;
  }
  const [degree, coefficients, ...first] = directions[dimension - 1];
  for (let k = 0; k < degree; k++) numbers[k] = (first[k] << (bits - 1 - k)) >>> 0;
  for (let k = degree; k < bits; k++) {
    let number = numbers[k - degree] ^ (numbers[k - degree] >>> degree);
    for (let j = 1; j < degree; j++) if ((coefficients >>> (degree - 1 - j)) & 1) number ^= numbers[k - j];
    numbers[k] = number >>> 0;
  }
  return numbers;
}
