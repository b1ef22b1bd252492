import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkExpectations } from './expectations.ts';
import { goldenNames, goldenOf, makeGoldenHome, playShipped, readGoldens } from './goldens.ts';

let home: string;
beforeAll(async () => {
  home = await makeGoldenHome();
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

describe('the shipped scenarios give what they gave (after a change that is meant: npm run goldens)', () => {
  const goldens = readGoldens();
  test('every one has a golden', () => expect(Object.keys(goldens)).toEqual(goldenNames));
  test.each(goldenNames)('%s', async (name) => {
    const { result, resolved } = await playShipped(name, home);
    expect(goldenOf(result)).toEqual(goldens[name]);
    const outcomes = checkExpectations(resolved.expect, result);
    expect(outcomes.filter((outcome) => !outcome.isMet)).toEqual([]);
    // Synthetic bars may be made with another seed: their figures are no promise to a user.
    expect(outcomes.length).toBe(result.series[0].isSynthetic ? 0 : 4);
  });
  test('a hundredth of a basis point of slippage changes every hash', async () => {
    const golden = goldenOf((await playShipped('moving-average-cross', home, ['costs.slippage=0.000201'])).result);
    const was = goldens['moving-average-cross'];
    expect([golden.fillCount, golden.fillsHash === was.fillsHash, golden.dailyHash === was.dailyHash]).toEqual([
      was.fillCount,
      false,
      false,
    ]);
    expect(golden.metricsHash).not.toBe(was.metricsHash);
  });
});
