import { describe, expect, test } from 'vitest';
import { watchReads, watchWrites } from './watched-array.ts';

/** The indices that work reads of a column of ten values, 0 to 9 tens. */
function readsOf(work: (source: Float64Array) => unknown): { indices: number[]; answer: unknown } {
  const indices: number[] = [];
  const values = Float64Array.from({ length: 10 }, (_, i) => i * 10);
  const read = (i: number, value: number): number => {
    indices.push(i);
    return value;
  };
  const answer = work(watchReads(values, { read }));
  return { indices, answer };
}

const all = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];

describe('a watched column tells every read', () => {
  const cases: [name: string, work: (source: Float64Array) => unknown, indices: number[], answer: unknown][] = [
    ['by index', (source) => source[3] + source[5], [3, 5], 80],
    ['past its end as nothing', (source) => source[10], [], undefined],
    ['at()', (source) => source.at(-1), [9], 90],
    ['for … of', (source) => [...source].length, all, 10],
    ['reduce', (source) => source.reduce((sum, value) => sum + value, 0), all, 450],
    ['Math.max(…)', (source) => Math.max(...source), all, 90],
    ['slice', (source) => source.slice(2, 4), [2, 3], Float64Array.of(20, 30)],
    ['map', (source) => source.map((value) => value / 10)[9], all, 9],
    ['indexOf, as far as it looks', (source) => source.indexOf(20), [0, 1, 2], 2],
    ['Float64Array.from', (source) => Float64Array.from(source)[1], all, 10],
    ['set on another', (source) => new Float64Array(10).set(source), all, undefined],
    ['a part of it, by its place in the whole', (source) => source.subarray(4, 6)[1], [5], 50],
    ['a part of a part', (source) => source.subarray(4).subarray(-2)[0], [8], 80],
  ];
  for (const [name, work, indices, answer] of cases) test(name, () => expect(readsOf(work)).toEqual({ indices, answer }));

  test('gives what the watcher says, and nothing for its length', () => {
    const source = watchReads(Float64Array.of(1, 2), { read: (i, value) => (i === 1 ? 7 : value) });
    expect([source[0], source[1], source.length, source instanceof Float64Array]).toEqual([1, 7, 2, true]);
  });
});

describe('a watched target tells every write', () => {
  const writesOf = (work: (target: Float64Array) => void): number[] => {
    const indices: number[] = [];
    const values = new Float64Array(3);
    work(watchWrites(values, (i) => indices.push(i)));
    return [...indices, ...values];
  };
  test('by index, and lets it through', () =>
    expect(
      writesOf((target) => {
        target[1] = 5;
      }),
    ).toEqual([1, 0, 5, 0]));
  test('by a method, as writing all', () => expect(writesOf((target) => target.set([1, 2], 1))).toEqual([0, 1, 2, 0, 1, 2]));
  test('not by a read', () => expect(writesOf((target) => void target[1])).toEqual([0, 0, 0]));
});
