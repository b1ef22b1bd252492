import { expect, test } from 'vitest';
import type { PlateauReport } from '../engine/optimiser/plateau.ts';
import { plateauLines } from './plateau-words.ts';

const report: PlateauReport = {
  reachSteps: 1,
  best: { index: 6, score: 1.203, count: 8, scoreMean: 0.725, scoreMin: -0.1, profitableFraction: 0.875, plateauRatio: 0.6027 },
  edges: [],
  smoothed: { index: 3, parameters: { fast: 5, kind: 'sma' }, score: 1.1128, scoreSmoothed: 1.04 },
};

test('tells what lies about the best, and what the smoothed surface would choose', () => {
  expect(plateauLines(report, 'returnFraction')).toEqual([
    'plateau: 8 trials within 1 step of the best (+120.30%) reach +72.50% on average (plateau ratio 0.60), −10.00% at worst; 88% of them earned',
    'smoothed over neighbours the best is trial 3: fast=5 kind=sma, which reached +111.28%',
  ]);
});

test('of the smallest as the best it writes the figure, not its score', () => {
  const best = { ...report.best, score: -0.1, scoreMean: -0.2, scoreMin: -0.3, plateauRatio: 0.5 };
  expect(plateauLines({ ...report, best }, '-drawdownFractionMax')[0]).toContain('(10.00%) reach 20.00% on average');
});

test('says where the best lies at the edge', () => {
  expect(plateauLines({ ...report, edges: ['fast', 'slow'] }, 'sharpeRatio').at(-1)).toBe(
    'the best lies at the edge of fast and slow: what is beyond was not searched',
  );
});

test('says that a best has no neighbours, and that it stays the best', () => {
  const alone = { ...report.best, count: 0 };
  expect(plateauLines({ ...report, best: alone, smoothed: { ...report.smoothed, index: 6 } }, 'sharpeRatio')).toEqual([
    'plateau: no other trial within 1 step of the best',
    'smoothed over its neighbours it is still the best',
  ]);
});
