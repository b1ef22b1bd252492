import { describe, expect, test } from 'vitest';
import { metricNames } from '../metrics/catalogue.ts';
import { bestOfSearch, judgedWith, permutationTest, type SearchBest } from './permutation-test.ts';
import { Ranking } from './ranking.ts';

const kept = (score: number): SearchBest => ({ score, keepsConstraints: true });
const broken = (score: number): SearchBest => ({ score, keepsConstraints: false });

describe('a permutation test', () => {
  test('counts searches at least as good, and the real one among them', () => {
    expect(permutationTest(kept(1), [kept(0.5), kept(1), kept(2), kept(0.9)])).toMatchObject({
      reachedCount: 2,
      pValue: 3 / 5,
      scoreMedian: 0.95,
    });
    expect(permutationTest(kept(3), [kept(0.5), kept(1), kept(2)])).toMatchObject({ reachedCount: 0, pValue: 1 / 4 });
    expect(permutationTest(kept(0), []).pValue).toBe(1);
  });

  test('takes one that breaks the constraints for worse than any that keeps them', () => {
    const none = broken(Number.NaN);
    expect(permutationTest(kept(1), [broken(9), none])).toMatchObject({
      reachedCount: 0,
      scores: Float64Array.from([Number.NaN, Number.NaN]),
    });
    expect(permutationTest(broken(1), [broken(2), broken(0), kept(0.5), none]).reachedCount).toBe(2);
    expect(permutationTest(none, [none, broken(0)]).reachedCount).toBe(2);
  });

  test('of independent searches is uniform: as many are significant as the level says', () => {
    // Every rank of the real one among twenty is as likely: p ≤ 0.05 in one of twenty.
    const ranks = Array.from({ length: 20 }, (_, real) => real);
    const significant = ranks.filter((real) => permutationTest(kept(real), ranks.filter((one) => one !== real).map(kept)).pValue <= 0.05);
    expect(significant).toEqual([19]);
  });
});

test('the best is that of the ranking, with what it does to the constraints', () => {
  const metricsOf = (sharpeRatio: number, tradeCount: number): Float64Array =>
    Float64Array.from(metricNames, (name) => (name === 'sharpeRatio' ? sharpeRatio : name === 'tradeCount' ? tradeCount : 0));
  const ranking = new Ranking('sharpeRatio', ['tradeCount >= 10']);
  const failed = new Float64Array(0);
  expect(bestOfSearch([metricsOf(2, 1), failed, metricsOf(1, 20)], ranking)).toEqual(kept(1));
  expect(bestOfSearch([failed, metricsOf(2, 1)], ranking)).toEqual(broken(2));
  expect(bestOfSearch([failed], ranking)).toEqual(broken(Number.NaN));
});

describe('with a permutation test the verdict', () => {
  const judged = (verdict: 'luck' | 'unproven' | 'holds', reached: number, count = 99) =>
    judgedWith(
      { verdict, reasons: ['before'] },
      permutationTest(
        kept(1),
        Array.from({ length: count }, (_, k) => kept(k < reached ? 2 : 0)),
      ),
    );

  test('holds only where it holds here too, and luck stays luck', () => {
    expect(judged('holds', 4).verdict).toBe('holds');
    expect(judged('holds', 5).verdict).toBe('unproven');
    expect(judged('holds', 60).verdict).toBe('luck');
    expect(judged('unproven', 0).verdict).toBe('unproven');
    expect(judged('luck', 0).verdict).toBe('luck');
  });

  test('decides nothing where no p-value could be past the mark, and says so', () => {
    for (const reached of [0, 18]) {
      const { verdict, reasons } = judged('holds', reached, 18);
      expect(verdict).toBe('holds');
      expect(reasons[1]).toMatch(
        /^not judged: permutation test p = .*; of fewer than 19 searches none can be past the mark \(p is 0\.0526 at best\), so it decides nothing$/,
      );
    }
    expect(judged('holds', 0, 19).verdict).toBe('holds');
    expect(judged('holds', 1, 19).reasons[1]).toMatch(/^missed: permutation test p = 0\.1 /);
  });

  test('says how many searches it rests on', () => {
    expect(judged('holds', 4).reasons).toEqual([
      'before',
      'passed: permutation test p = 0.05 (mark 0.05): of 99 searches on the same moves in random orders 4 (4.04%) found a best at least this good',
    ]);
  });
});
