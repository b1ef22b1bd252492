import { afterEach, expect, test, vi } from 'vitest';
import { startProgress } from './progress.ts';

afterEach(() => vi.restoreAllMocks());

test('where no terminal is, a line comes only when something has moved', async () => {
  const lines: string[] = [];
  let nowMs = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => nowMs);
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => lines.push(String(text)) > 0);
  const progress = await startProgress({ color: false });
  for (const [atMs, count] of [
    [500, 0],
    [2_000, 1_024],
    [13_000, 1_024],
    [24_000, 1_024],
    [35_000, 2_048],
  ]) {
    nowMs = atMs;
    progress.update(count, 3_095);
  }
  expect(lines.map((line) => line.split(' bars')[0])).toEqual(['1,024 of 3,095', '2,048 of 3,095']);
});
