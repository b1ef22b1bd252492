import { expect, test } from 'vitest';
import { equityBand } from './equity-band.ts';

test('of a long run at most 400 rows are kept: the first, the last, and where the curves lie farthest out', () => {
  const length = 10_007;
  const timeMs = Float64Array.from({ length }, (_, row) => row * 60_000);
  const run = new Float64Array(length).fill(100);
  const better = new Float64Array(length).fill(101);
  const worse = new Float64Array(length).fill(99);
  better[4_321] = 150;
  worse[4_322] = 40;
  const band = equityBand({ timeMs, equityQuote: run }, [run, better, worse]);
  expect(band.timeMs.length).toBeLessThanOrEqual(400);
  expect([band.timeMs[0], band.timeMs.at(-1)]).toEqual([0, (length - 1) * 60_000]);
  expect(band.timeMs).toEqual([...band.timeMs].sort((a, b) => a - b));
  const at = (row: number) => band.timeMs.indexOf(row * 60_000);
  expect([band.highestQuote[at(4_321)], band.lowestQuote[at(4_322)], band.runQuote[at(4_322)]]).toEqual([150, 40, 100]);
  expect([Math.max(...band.highestQuote), Math.min(...band.lowestQuote)]).toEqual([150, 40]);
});
