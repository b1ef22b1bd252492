import { describe, expect, test } from 'vitest';
import { Sobol, sobolDimensionsMax } from './sobol.ts';

function points(dimensions: number, seed: number, count: number): number[][] {
  const sobol = new Sobol(dimensions, seed);
  return Array.from({ length: count }, () => [...sobol.next()]);
}

describe('the Sobol sequence', () => {
  test('is that of scipy 1.17.1, scipy.stats.qmc.Sobol(6, scramble=False), points 1 to 7', () => {
    expect(points(6, 0, 7)).toEqual([
      [0.5, 0.5, 0.5, 0.5, 0.5, 0.5],
      [0.75, 0.25, 0.25, 0.25, 0.75, 0.75],
      [0.25, 0.75, 0.75, 0.75, 0.25, 0.25],
      [0.375, 0.375, 0.625, 0.875, 0.375, 0.125],
      [0.875, 0.875, 0.125, 0.375, 0.875, 0.625],
      [0.625, 0.125, 0.875, 0.625, 0.625, 0.875],
      [0.125, 0.625, 0.375, 0.125, 0.125, 0.375],
    ]);
  });

  test('has the points 523 and 1,000 of scipy 1.17.1 in all 21 dimensions', () => {
    const all = points(sobolDimensionsMax, 0, 1000);
    expect(all[999]).toEqual([
      0.2197265625, 0.0966796875, 0.5185546875, 0.6767578125, 0.2802734375, 0.9072265625, 0.0458984375, 0.8994140625, 0.5009765625,
      0.0693359375, 0.0849609375, 0.2548828125, 0.1611328125, 0.3837890625, 0.1435546875, 0.3701171875, 0.7197265625, 0.3447265625,
      0.9912109375, 0.7255859375, 0.5224609375,
    ]);
    expect(all[522]).toEqual([
      0.4404296875, 0.8134765625, 0.7666015625, 0.3037109375, 0.6455078125, 0.5029296875, 0.1767578125, 0.3466796875, 0.8154296875,
      0.9775390625, 0.0400390625, 0.5537109375, 0.1201171875, 0.4208984375, 0.8212890625, 0.8876953125, 0.3115234375, 0.6943359375,
      0.7587890625, 0.8759765625, 0.5166015625,
    ]);
  });

  test('a seed shifts every point and leaves one in each sixteenth of each dimension', () => {
    const shifted = points(3, 7, 15);
    expect(shifted).not.toEqual(points(3, 0, 15));
    expect(points(3, 7, 15)).toEqual(shifted);
    for (let d = 0; d < 3; d++) expect(new Set(shifted.map((point) => Math.floor(point[d] * 16))).size).toBe(15);
  });
});
