import { describe, expect, test } from 'vitest';
import { rungBars, rungCounts } from './halving.ts';

describe('successive halving', () => {
  test('plays fewer sets on more bars, rung by rung', () => {
    expect(rungCounts(81, { eta: 3, rungs: 4 })).toEqual([81, 27, 9, 3]);
    expect(rungBars(2_700, { eta: 3, rungs: 4 })).toEqual([100, 300, 900, 2_700]);
  });

  test('what does not divide is rounded up: one set at least goes on, and one bar at least is played', () => {
    expect(rungCounts(20, { eta: 3, rungs: 3 })).toEqual([20, 7, 3]);
    expect(rungCounts(1, { eta: 4, rungs: 3 })).toEqual([1, 1, 1]);
    expect(rungBars(7, { eta: 2, rungs: 5 })).toEqual([1, 1, 2, 4, 7]);
  });
});
