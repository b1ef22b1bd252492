import { expect, test } from 'vitest';
import { PlacedRandom } from '../../random.ts';
import { equityFan } from './equity-fan.ts';
import { StationaryBootstrap } from './stationary-bootstrap.ts';

const random = new PlacedRandom(3);
const returns = Float64Array.from({ length: 90 }, (_, i) => 0.04 * (random.uniform(0, i) - 0.48));
const resampling = { replicateCount: 101, blockLengthMean: 4, seed: 9 };

test('quantiles of every row are those of the replicates written out one by one', () => {
  const rows = [0, 17, 40, 89];
  const { quantiles, lossFraction } = equityFan(returns, { ...resampling, rows, fractions: [0, 0.05, 0.5, 1] });
  const bootstrap = new StationaryBootstrap(90, resampling);
  const paths = Array.from({ length: 101 }, (_, replicate) => {
    const drawn = new Int32Array(90);
    bootstrap.drawRows(replicate, drawn);
    return [...drawn].map((_, row) => drawn.slice(0, row + 1).reduce((equity, at) => equity * (1 + returns[at]), 1));
  });
  rows.forEach((row, i) => {
    const sorted = paths.map((path) => path[row]).sort((a, b) => a - b);
    // 101 replicates: the quantiles lie on the 1st, 6th, 51st and last.
    expect(quantiles.map((one) => one[i])).toEqual([sorted[0], sorted[5], sorted[50], sorted[100]]);
  });
  expect(lossFraction).toBe(paths.filter((path) => path[89] < 1).length / 101);
});

test('days that are all alike fan out to nothing', () => {
  const { quantiles, lossFraction } = equityFan(new Float64Array(10).fill(0.01), { ...resampling, rows: [4, 9], fractions: [0.05, 0.95] });
  expect(quantiles[0]).toEqual(quantiles[1]);
  expect(quantiles[0][1]).toBeCloseTo(1.01 ** 10, 12);
  expect(lossFraction).toBe(0);
});
