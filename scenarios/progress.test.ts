import { afterEach, expect, test, vi } from 'vitest';
import { startProgress } from './progress.ts';

afterEach(() => vi.restoreAllMocks());

/** What is written where no terminal is, after updates at these times. */
async function linesOf(updates: readonly (readonly [atMs: number, count: number, total?: number])[]): Promise<string[]> {
  const lines: string[] = [];
  let nowMs = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => nowMs);
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => lines.push(String(text)) > 0);
  const progress = await startProgress({ color: false });
  for (const [atMs, count, total = 3_095] of updates) {
    nowMs = atMs;
    progress.update(count, total);
  }
  return lines;
}

test('where no terminal is, a line comes when something has moved', async () => {
  const lines = await linesOf([
    [500, 0],
    [2_000, 1_024],
    [11_000, 1_024],
    [20_500, 2_048],
    [21_000, 3_095],
    [60_000, 3_095],
  ]);
  expect(lines.map((line) => line.split(' bars')[0])).toEqual(['1,024 of 3,095', '2,048 of 3,095']);
});

test('and when nothing has moved for ten seconds, and for twice as long, and so on', async () => {
  const silent = (seconds: number): string =>
    `no progress for ${seconds} s; a strategy that does not come back is ended at its time limit\n`;
  const updates = [2, 11, 12, 13, 14, 31, 32, 33].map((seconds) => [seconds * 1000, 1_024] as const);
  expect((await linesOf(updates)).slice(1)).toEqual([`1,024 of 3,095 bars, ${silent(10)}`, `1,024 of 3,095 bars, ${silent(29)}`]);
  const setup = [1, 9, 10, 11, 20, 21].map((seconds) => [seconds * 1000, 0, 0] as const);
  expect(await linesOf(setup)).toEqual([`before the first bar, ${silent(10)}`, `before the first bar, ${silent(20)}`]);
});

test('the pace is that of this process, told once it has lasted a second', async () => {
  const lines = await linesOf([
    // Gone on with behind what was played before; nothing moves while it begins.
    [100, 2_000],
    [900, 2_000],
    [1_100, 2_003],
    [12_900, 2_120],
  ]);
  expect(lines).toEqual(['2,003 of 3,095 bars, 15 bars/s\n', '2,120 of 3,095 bars, 10 bars/s, 1 min 38 s left\n']);
});
