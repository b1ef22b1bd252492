import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { createRandom } from './random.ts';

const draw = (seed: number, count: number): number[] => {
  const random = createRandom(seed);
  return Array.from({ length: count }, () => random());
};
const hash = (values: readonly number[]): string => createHash('sha256').update(Float64Array.from(values)).digest('hex').slice(0, 16);

describe('createRandom', () => {
  test('gives the same sequence for the same seed, on every machine', () => {
    expect(draw(7, 1_000)).toEqual(draw(7, 1_000));
    expect(hash(draw(1, 10_000))).toBe('daf451ee7f92ce76');
    const random = createRandom(1);
    expect(hash(Array.from({ length: 10_000 }, () => random.normal()))).toBe('64a54623d06c1426');
  });

  test('gives other sequences for other seeds, also beyond 32 bits', () => {
    const seeds = [0, 1, 2, -1, 4_294_967_296, 4_294_967_297, 1_099_511_627_776, Number.MAX_SAFE_INTEGER];
    expect(new Set(seeds.map((seed) => hash(draw(seed, 10)))).size).toBe(seeds.length);
  });

  test('is uniform on [0, 1): mean, variance and ten bins of a million draws', () => {
    const values = draw(42, 1_000_000);
    const bins = new Array<number>(10).fill(0);
    let outside = 0;
    let sum = 0;
    let squares = 0;
    for (const value of values) {
      if (!(value >= 0 && value < 1)) outside++;
      bins[Math.floor(value * 10)]++;
      sum += value;
      squares += value * value;
    }
    expect(outside).toBe(0);
    // Four standard errors.
    expect(Math.abs(sum / 1e6 - 0.5)).toBeLessThan(4 * Math.sqrt(1 / 12 / 1e6));
    expect(Math.abs(squares / 1e6 - 1 / 3)).toBeLessThan(4 * Math.sqrt(4 / 45 / 1e6));
    for (const bin of bins) expect(Math.abs(bin - 1e5)).toBeLessThan(4 * Math.sqrt(9e4));
  });

  test('normal() has the moments of a standard normal', () => {
    const random = createRandom(3);
    const moments = [0, 0, 0, 0];
    for (let i = 0; i < 1e6; i++) {
      const value = random.normal();
      moments[0] += value;
      moments[1] += value * value;
      moments[2] += value * value * value;
      moments[3] += value * value * value * value;
    }
    const [mean, variance, third, fourth] = moments.map((sum) => sum / 1e6);
    expect(Math.abs(mean)).toBeLessThan(4e-3);
    expect(Math.abs(variance - 1)).toBeLessThan(4 * Math.sqrt(2e-6));
    expect(Math.abs(third)).toBeLessThan(4 * Math.sqrt(15e-6));
    expect(Math.abs(fourth - 3)).toBeLessThan(4 * Math.sqrt(96e-6));
  });
});
