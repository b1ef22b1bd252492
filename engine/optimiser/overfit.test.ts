import { describe, expect, test } from 'vitest';
import { createRandom } from '../random.ts';
import { judgeOverfit, type OverfitInput } from './overfit.ts';

const dayCount = 750;

/** Daily returns of independent trials; of the first so many a day more. */
function noise(count: number, seed: number, edge = 0): Float64Array[] {
  const random = createRandom(seed);
  return Array.from({ length: count }, (_, k) =>
    Float64Array.from({ length: dayCount }, () => 0.01 * random.normal() + (k === 0 ? edge : 0)),
  );
}

/** The one with the best mean over its deviation. */
function bestOf(columns: readonly Float64Array[]): number {
  const scores = columns.map((column) => {
    const mean = column.reduce((sum, value) => sum + value, 0) / column.length;
    const spread = Math.sqrt(column.reduce((sum, value) => sum + (value - mean) * (value - mean), 0));
    return spread > 0 ? mean / spread : Number.NEGATIVE_INFINITY;
  });
  return scores.indexOf(Math.max(...scores));
}

function judge(columns: readonly Float64Array[], more: Partial<OverfitInput> = {}) {
  const plain = { others: [], periodsPerYear: 252, ratePerPeriod: 0, seed: 1, replicateCount: 300 };
  return judgeOverfit({ columns, chosen: bestOf(columns), ...plain, ...more });
}

describe('the verdict on a search', () => {
  test('the best of noise never holds, however good it looks', () => {
    for (let seed = 1; seed <= 12; seed++) {
      const report = judge(noise(60, seed));
      expect(report.verdict, `seed ${seed}`).not.toBe('holds');
      expect(report.probabilistic['2012']).toBeGreaterThan(0.9);
      expect(report.deflated['2025']).toBeLessThan(0.95);
    }
  });

  test('an edge that is there holds', () => {
    const report = judge(noise(60, 5, 0.003));
    expect(report.reasons).toHaveLength(3);
    expect(report.reasons.every((reason) => reason.startsWith('passed: '))).toBe(true);
    expect(report.verdict).toBe('holds');
    expect(report.sharpeInterval.low).toBeGreaterThan(1);
  });

  test('an edge that all trials share is not called luck because the best of them changes', () => {
    const random = createRandom(2);
    const market = Float64Array.from({ length: dayCount }, () => 0.01 * random.normal() + 0.002);
    // Each does better for half of the time and worse for the other: whoever was the best is not the best again.
    const columns = Array.from({ length: 16 }, (_, k) =>
      market.map((value, day) => value + (((day * 16) / dayCount + k) % 16 < 8 ? 0.001 : -0.001)),
    );
    const report = judge(columns);
    expect(report.overfitting.probability).toBeGreaterThan(0.5);
    expect(report.deflated['2025']).toBeGreaterThan(0.95);
    expect(report.superiorAbilityPValue).toBeLessThan(0.05);
    expect(report.verdict).toBe('unproven');
    expect(report.reasons.map((reason) => reason.split(':')[0])).toEqual(['passed', 'missed', 'passed']);
  });

  test("Hansen's p-value lies between its bounds", () => {
    for (let seed = 1; seed <= 5; seed++) {
      const { superiorAbilityPValue, superiorAbilityBounds } = judge([...noise(10, seed), ...noise(10, seed + 9, -0.02)]);
      expect(superiorAbilityBounds.lower).toBeLessThanOrEqual(superiorAbilityPValue);
      expect(superiorAbilityPValue).toBeLessThanOrEqual(superiorAbilityBounds.upper);
    }
  });

  test('of a search by halving an edge stays unproven, as the sets that were dropped cannot be tested', () => {
    const report = judge(noise(60, 5, 0.003), { isHalved: true });
    expect(report.verdict).toBe('unproven');
    expect(report.reasons).toHaveLength(4);
    expect(report.reasons.slice(1, 3).every((reason) => reason.startsWith('of the 60 sets alone that halving left'))).toBe(true);
    expect(judge(noise(60, 1), { others: [noise(3_000, 9)], isHalved: true }).verdict).toBe('luck');
  });

  test('what others tried on the market counts: the same find is worth less', () => {
    const columns = noise(20, 4, 0.0011);
    const alone = judge(columns);
    const beside = judge(columns, { others: [noise(2_000, 77)] });
    expect(beside.trialCountAll).toBe(2_020);
    expect(beside.trialCountEffective).toBeGreaterThan(1_900);
    expect(beside.deflated['2025']).toBeLessThan(alone.deflated['2025']);
    expect(beside.probabilistic).toEqual(alone.probabilistic);
  });

  test('a single trial has no overfitting to tell, and so does not hold', () => {
    expect(judge(noise(1, 3, 0.003)).reasons[1]).toBe(
      'missed: probability of overfitting not defined (mark 50%): of one trial nothing was chosen',
    );
    const report = judge(noise(1, 3, 0.003));
    expect(report.overfitting.probability).toBeNaN();
    expect(report.verdict).toBe('unproven');
  });

  test('trials that never traded prove nothing and break nothing', () => {
    const flat = [new Float64Array(dayCount), new Float64Array(dayCount)];
    const idle = judge(flat, { chosen: 0 });
    expect(idle.verdict).toBe('unproven');
    expect(idle.reasons.join()).not.toContain('NaN');
    expect(idle.reasons[1]).toMatch(/^missed: probability of overfitting not defined \(mark 50%\)/);
    expect(judge([...noise(30, 2), ...flat]).verdict).not.toBe('holds');
  });

  test('hangs on its seed alone', () => {
    const columns = noise(10, 8);
    expect(judge(columns)).toEqual(judge(columns));
    expect(judge(columns, { seed: 2 }).sharpeInterval).not.toEqual(judge(columns).sharpeInterval);
  });
});
