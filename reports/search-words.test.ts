import { describe, expect, test } from 'vitest';
import { judgeOverfit } from '../engine/optimiser/overfit.ts';
import { failureLines } from './failure-kinds.ts';
import { overfitRows } from './overfit-words.ts';
import { sweepRows } from './sweep-words.ts';
import { setText, valueText } from './value-text.ts';

describe('values of parameters', () => {
  test('that were drawn have five digits, and the sign of every other figure', () => {
    expect([26.90064606125392, -0.123456789, 20, true, 'close'].map((value) => valueText(value))).toEqual([
      '26.901',
      '−0.12346',
      '20',
      'true',
      'close',
    ]);
    const rows = sweepRows(
      {
        dimensions: ['fast'],
        objective: 'sharpeRatio',
        trials: [{ index: 3, parameters: { fast: 26.90064606125392 }, metrics: new Float64Array(80), failure: null }],
        order: [0],
      },
      1,
    );
    expect(rows[1].slice(0, 3)).toEqual(['1', '3', '26.901']);
  });

  test('of a set are written as --set takes them', () => {
    expect(setText({ fast: 26.90064606125392, slow: 1200, shift: -0.5 })).toBe('fast=26.901 slow=1200 shift=-0.5');
  });
});

describe('the statistics of luck', () => {
  const column = (k: number): Float64Array => Float64Array.from({ length: 400 }, (_, i) => 0.003 + 0.002 * Math.sin(i * (k + 2.7)));
  const report = {
    ...judgeOverfit({
      columns: [0, 1, 2].map(column),
      ...{ chosen: 0, others: [], isHalved: false, periodsPerYear: 252, ratePerPeriod: 0, seed: 1, replicateCount: 1_000 },
    }),
    trialCountEffective: 8_499.27,
  };

  test('a p-value is not written as none, nor figures in two ways', () => {
    const rows = new Map(overfitRows(report).map(([name, ...rest]) => [name, rest.join(' ')]));
    expect(rows.get('Reality Check')).toMatch(/^p 0\.001 /);
    expect(rows.get('superior ability')).toMatch(/^p 0\.001 .*between 0\.001 and 0\.001$/);
    expect(rows.get('trials')).toContain('worth 8,499 independent');
    expect([...rows.values()].join('\n')).not.toMatch(/\d %|-\d/);
  });

  test('reasons write thousands and signs as the rows do', () => {
    const losing = [0, 1, 2].map((k) => column(k).map((value) => -value));
    const { reasons } = judgeOverfit({
      columns: losing,
      ...{ chosen: 0, others: [], isHalved: false, periodsPerYear: 252, ratePerPeriod: 0, seed: 1, replicateCount: 100 },
    });
    expect(reasons[0]).toMatch(/this one shows −\d/);
  });
});

test('trials that failed in one way are told together, the bar left out, the most frequent first', () => {
  const trial = (index: number, message: string) => ({ index, parameters: { fast: index }, failure: { code: 'STRATEGY_THREW', message } });
  const lines = failureLines(
    [
      { index: 0, parameters: { fast: 0 }, failure: null },
      trial(1, 'a.ts:3:1: Error: one (in bar 43 at 2008-03-05T00:00:00.000Z)'),
      trial(2, 'a.ts:4:1: Error: two (in bar 43 at 2008-03-05T00:00:00.000Z)'),
      trial(3, 'a.ts:4:1: Error: two (in bar 1,044 at 2012-03-06T00:00:00.000Z)'),
      ...Array.from({ length: 5 }, (_, k) => trial(4 + k, `a.ts:${5 + k}:1: Error: other`)),
    ],
    ['fast'],
  );
  expect(lines.slice(0, 3)).toEqual([
    '8 trials failed:',
    '  2 × STRATEGY_THREW: a.ts:4:1: Error: two (in bar 43 at 2008-03-05T00:00:00.000Z); first trial 2: fast=2',
    '  1 × STRATEGY_THREW: a.ts:3:1: Error: one (in bar 43 at 2008-03-05T00:00:00.000Z); trial 1: fast=1',
  ]);
  expect(lines.at(-1)).toBe('  … and 2 in other ways');
});
