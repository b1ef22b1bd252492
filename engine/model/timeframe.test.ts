import { expect, test } from 'vitest';
import { closeTimeOf, isTimeframe, timeframeMs, timeframes } from './timeframe.ts';

test('bars follow each other without a hole: each close is the next open', () => {
  const openMs = Date.UTC(2024, 0, 1);
  for (const timeframe of timeframes) {
    const closeMs = closeTimeOf(timeframe, openMs);
    expect(closeMs - openMs).toBe(timeframeMs(timeframe));
    expect(closeTimeOf(timeframe, closeMs)).toBeGreaterThan(closeMs);
  }
});

test.each([
  ['2024-01-01', '2024-02-01'],
  ['2024-02-01', '2024-03-01'],
  ['2023-02-01', '2023-03-01'],
  ['2023-12-01', '2024-01-01'],
])('the month that opens %s closes %s', (open, close) => {
  expect(closeTimeOf('1M', Date.parse(open))).toBe(Date.parse(close));
});

test('timeframes are told from other texts, and a minute from a month', () => {
  expect(isTimeframe('1m')).toBe(true);
  expect(isTimeframe('2m')).toBe(false);
  expect(isTimeframe('1H')).toBe(false);
  expect(timeframeMs('1m')).toBe(60_000);
  expect(timeframeMs('1M')).toBe(31 * 86_400_000);
});
