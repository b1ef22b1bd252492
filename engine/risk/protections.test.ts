import { describe, expect, test } from 'vitest';
import { DailyLossLimit, DrawdownLimit, LossStreak, OrderRate, type RoundTrip, StopLossGuard } from './protections.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const trip = (timeMs: number, pnlQuote: number, more: Partial<RoundTrip> = {}): RoundTrip => ({
  instrumentIndex: 0,
  timeMs,
  pnlQuote,
  isStop: true,
  ...more,
});

describe('the drawdown limit', () => {
  test('is reached at exactly its fraction of the highest equity so far, the initial capital included', () => {
    const limit = new DrawdownLimit(0.1, 1000);
    expect([950, 900.01, 900].map((quote) => limit.observe(quote))).toEqual([false, false, true]);
    expect([2000, 1801, 1800].map((quote) => limit.observe(quote))).toEqual([false, false, true]);
    expect(limit.peakQuote).toBe(2000);
  });
});

describe('the daily loss limit', () => {
  test('counts from the last equity of the days before, and a close at midnight belongs to the day that ends', () => {
    const limit = new DailyLossLimit(0.05, 1000);
    expect(limit.observe(960, hourMs)).toBe(false);
    expect(limit.observe(950, 2 * hourMs)).toBe(true);
    expect(limit.observe(980, dayMs)).toBe(false);
    expect(limit.dayEndMs).toBe(dayMs + 1);
    // The second day began with 980: 931 is 5 % below.
    expect([932, 931].map((quote) => limit.observe(quote, dayMs + hourMs))).toEqual([false, true]);
    expect(limit.dayStartQuote).toBe(980);
  });

  test('after days without bars counts from the last equity there was', () => {
    const limit = new DailyLossLimit(0.05, 1000);
    limit.observe(2000, hourMs);
    expect(limit.observe(1899, 5 * dayMs + hourMs)).toBe(true);
  });
});

describe('the stop-loss guard', () => {
  const guard = (scope: 'account' | 'instrument' = 'account') =>
    new StopLossGuard({ stopCount: 3, withinMs: 4 * hourMs, forMs: hourMs, scope });

  test('is reached by the third losing stop within its window, and by each one more', () => {
    const one = guard();
    expect([0, 1, 2, 3].map((hour) => one.isReachedBy(trip(hour * hourMs, -1)))).toEqual([false, false, true, true]);
    expect(one.countNow).toBe(4);
  });

  test('forgets a stop that is as old as the window', () => {
    const one = guard();
    expect([0, 1, 4, 4.5].map((hour) => one.isReachedBy(trip(hour * hourMs, -1)))).toEqual([false, false, false, true]);
  });

  test('does not count stops in profit and exits that are no stops', () => {
    const one = guard();
    expect(one.isReachedBy(trip(0, -1))).toBe(false);
    expect(one.isReachedBy(trip(1, 1))).toBe(false);
    expect(one.isReachedBy(trip(1, 0))).toBe(false);
    expect(one.isReachedBy(trip(2, -1, { isStop: false }))).toBe(false);
    expect(one.isReachedBy(trip(3, -1))).toBe(false);
    expect(one.isReachedBy(trip(4, -1))).toBe(true);
  });

  test('by instrument counts each on its own', () => {
    const one = guard('instrument');
    const reached = [0, 1, 0, 1, 0].map((instrumentIndex, i) => one.isReachedBy(trip(i, -1, { instrumentIndex })));
    expect(reached).toEqual([false, false, false, false, true]);
  });
});

describe('the loss streak', () => {
  const streak = (scope: 'account' | 'instrument' = 'account') => new LossStreak({ lossCount: 2, forMs: 1, scope });

  test('is reached by losses in a row, of any kind, and then begins anew', () => {
    const one = streak();
    expect([-1, 1, -1, -1, -1, -1].map((pnl) => one.isReachedBy(trip(0, pnl, { isStop: false })))).toEqual([
      false,
      false,
      false,
      true,
      false,
      true,
    ]);
  });

  test('is ended by a trip that loses nothing', () => {
    const one = streak();
    expect([-1, 0, -1].map((pnl) => one.isReachedBy(trip(0, pnl)))).toEqual([false, false, false]);
  });

  test('by instrument counts each on its own', () => {
    const one = streak('instrument');
    const reached = [0, 1, 0].map((instrumentIndex) => one.isReachedBy(trip(0, -1, { instrumentIndex })));
    expect(reached).toEqual([false, false, true]);
  });
});

describe('the order rate', () => {
  test('is full while its number lies within the window, and free as the oldest leaves it', () => {
    const rate = new OrderRate(2, 1000);
    const send = (timeMs: number) => {
      if (rate.isFull(timeMs)) return false;
      rate.note(timeMs);
      return true;
    };
    expect([0, 400, 500, 999, 1000, 1399, 1400, 1500].map(send)).toEqual([true, true, false, false, true, false, true, false]);
  });
});
