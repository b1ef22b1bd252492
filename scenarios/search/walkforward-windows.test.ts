import { expect, test } from 'vitest';
import { dayMs } from '../../engine/model/timeframe.ts';
import { emptyColumns } from '../../engine/testing/tapes.ts';
import { type WalkForwardSettings, walkForwardSchema } from '../search-schema.ts';
import { windowsOf } from './walkforward-windows.ts';

const minuteMs = 60_000;
const barCount = 10_000;

function minutes(): Parameters<typeof windowsOf>[0] {
  const columns = emptyColumns(barCount);
  for (let i = 0; i < barCount; i++) {
    columns.openTimeMs[i] = i * minuteMs;
    columns.closeTimeMs[i] = (i + 1) * minuteMs;
  }
  const tape = { key: { venue: 'test', symbol: 'A/B', timeframe: '1m' as const }, columns, isSynthetic: true };
  const resolved = { window: { fromMs: 0, toMs: barCount * minuteMs } };
  return { tapes: [tape], resolved } as unknown as Parameters<typeof windowsOf>[0];
}

const settingsOf = (settings: object): WalkForwardSettings => walkForwardSchema.parse(settings);

test('windows told in parts of a day begin and end at whole milliseconds, and so lose no bar at a seam', () => {
  // 0.7 days are 60,479,999.99999999 ms in doubles: a bar that closes at the seam would lie in neither test.
  const windows = windowsOf(minutes(), settingsOf({ trainDays: 1.4, testDays: 0.7, purgeDays: 0.07 }));
  expect(windows.length).toBeGreaterThan(5);
  windows.forEach(({ train, test }, k) => {
    expect(test.fromMs).toBe(Math.round(1.47 * dayMs) + k * Math.round(0.7 * dayMs));
    expect(train).toEqual({ fromMs: k * Math.round(0.7 * dayMs), toMs: test.fromMs - Math.round(0.07 * dayMs) });
    expect(test.toMs).toBe(windows[k + 1]?.test.fromMs ?? barCount * minuteMs);
  });
});
