import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { createRandom, PlacedRandom, philox } from './random.ts';

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

describe('numbers by place', () => {
  const wordsOf = (text: string) => text.split(' ').map((word) => Number.parseInt(word, 16));

  // Random123 1.14.0, tests/kat_vectors: counter, key, what stands there. Exact.
  test.each([
    ['00000000 00000000 00000000 00000000', '00000000 00000000', '6627e8d5 e169c58d bc57ac4c 9b00dbd8'],
    ['ffffffff ffffffff ffffffff ffffffff', 'ffffffff ffffffff', '408f276d 41c83b0e a20bc7c6 6d5451fd'],
    ['243f6a88 85a308d3 13198a2e 03707344', 'a4093822 299f31d0', 'd16cfe09 94fdcceb 5001e420 24126ea1'],
  ])('equal the published vector of Philox4x32-10 at %s under %s', (counter, key, expected) => {
    const words = new Uint32Array(4);
    const [c0, c1, c2, c3] = wordsOf(counter);
    const [k0, k1] = wordsOf(key);
    philox(words, c0, c1, c2, c3, k0, k1);
    expect([...words]).toEqual(wordsOf(expected));
  });

  test('stand where they stand, whatever else is drawn and in whatever sequence', () => {
    const places = Array.from({ length: 200 }, (_, k) => [k % 3, k * 7_919] as const);
    const forth = new PlacedRandom(5);
    const drawn = places.map(([stream, index]) => forth.uniform(stream, index));
    const back = new PlacedRandom(5);
    for (const [stream, index] of places) void back.normal(stream + 3, index);
    expect(places.toReversed().map(([stream, index]) => back.uniform(stream, index))).toEqual(drawn.toReversed());
    expect(new Set(drawn).size).toBe(places.length);
  });

  test('differ by seed, stream and index, also beyond 32 bits', () => {
    const at = (seed: number, stream: number, index: number) => new PlacedRandom(seed).uniform(stream, index);
    const values = [
      at(0, 0, 0),
      at(1, 0, 0),
      at(-1, 0, 0),
      at(4_294_967_296, 0, 0),
      at(0, 1, 0),
      at(0, 0, 1),
      at(0, 0, 4_294_967_296),
      at(0, 0, 4_294_967_297),
    ];
    expect(new Set(values).size).toBe(values.length);
  });

  test('are uniform, and normal: mean, variance and share beyond two deviations of 200,000', () => {
    const random = new PlacedRandom(42);
    const count = 200_000;
    let [sum, squares, normals, normalSquares, far, outside] = [0, 0, 0, 0, 0, 0];
    for (let i = 0; i < count; i++) {
      const value = random.uniform(0, i);
      if (!(value >= 0 && value < 1)) outside++;
      sum += value;
      squares += value * value;
      const normal = random.normal(1, i);
      normals += normal;
      normalSquares += normal * normal;
      if (Math.abs(normal) > 2) far++;
    }
    expect(outside).toBe(0);
    // Four standard errors.
    expect(Math.abs(sum / count - 0.5)).toBeLessThan(4 * Math.sqrt(1 / 12 / count));
    expect(Math.abs(squares / count - 1 / 3)).toBeLessThan(4 * Math.sqrt(4 / 45 / count));
    expect(Math.abs(normals / count)).toBeLessThan(4 * Math.sqrt(1 / count));
    expect(Math.abs(normalSquares / count - 1)).toBeLessThan(4 * Math.sqrt(2 / count));
    expect(Math.abs(far / count - 0.0455003)).toBeLessThan(4 * Math.sqrt((0.0455 * 0.9545) / count));
  });
});
