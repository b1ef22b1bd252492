import { describe, expect, test } from 'vitest';
import { permutationTest } from '../../engine/optimiser/permutation-test.ts';
import type { SurvivingTrials } from '../../engine/optimiser/surviving-trials.ts';
import { overfitVerdict, permutationLine, survivorsRow } from '../overfit-words.ts';
import { fakeOverfit } from '../testing/fake-overfit.ts';
import { fakeSweep } from '../testing/fake-sweep.ts';
import { addressesOf, twiceUsedIds, unbalanced, visibleOf } from '../testing/page-checks.ts';
import { overfitReportHtml } from './overfit-html.ts';

const input = fakeOverfit();
const html = await overfitReportHtml(input);

describe('the report of luck', () => {
  test('is one balanced document that requests nothing, the same for the same sweep', async () => {
    expect(unbalanced(html)).toEqual([]);
    expect(twiceUsedIds(html)).toEqual([]);
    expect(addressesOf(html)).toEqual([]);
    for (const id of ['verdict', 'luck', 'logits', 'splits', 'fan', 'figures', 'limits']) expect(html).toContain(`<section id="${id}"`);
    expect(await overfitReportHtml(fakeOverfit())).toBe(html);
  });

  test('begins with the verdict in words and every reason for it', () => {
    const text = visibleOf(html);
    const at = text.indexOf(overfitVerdict(input.report));
    expect(at).toBeGreaterThan(0);
    expect(at).toBeLessThan(text.indexOf('class="keys"'));
    expect(input.report.reasons).toHaveLength(3);
    for (const reason of input.report.reasons) expect(text).toContain(reason.replaceAll("'", '&#39;'));
    expect(text).toContain(`class="verdict ${input.report.verdict}"`);
  });

  test('draws the bests of permuted searches with that of the tape, says it as the console does, and counts the survivors', async () => {
    expect(visibleOf(html)).not.toContain('<section id="permutations"');
    expect(visibleOf(html)).toContain(survivorsRow(input.survivors as SurvivingTrials)[2]);
    const bests = Array.from({ length: 19 }, (_, k) => ({ score: k / 20, keepsConstraints: true }));
    const permutations = permutationTest({ score: 1.4, keepsConstraints: true }, bests);
    const page = visibleOf(await overfitReportHtml({ ...input, permutations }));
    const line = permutationLine(permutations, input.objective);
    expect(page).toContain(line.slice(1));
    expect(page).toMatch(/aria-label="Sharpe ratio of 19 permutations, the tape itself 1\.400?\."/);
    expect(page).toContain('href="#permutations"');
    const smallest = await overfitReportHtml({
      ...input,
      objective: '-drawdownFractionMax',
      permutations: permutationTest({ score: -0.1, keepsConstraints: true }, [
        { score: -0.2, keepsConstraints: true },
        { score: Number.NaN, keepsConstraints: false },
      ]),
    });
    expect(smallest).toMatch(/drawdown of 1 permutation, the tape itself 10\.00/i);
    expect(visibleOf(smallest)).toContain('1 search has no best to draw');
  });

  test('says of its fan that the luck of being chosen is in it', () => {
    expect(visibleOf(html)).toMatch(/100 stationary bootstrap replicates .* the luck of being chosen is in all of them/);
    expect([...html.matchAll(/role="img" aria-label="([^"]{20,})"/g)]).toHaveLength(4 * 3);
  });

  test('of a search of one trial, and of one that never trades, is still a page', async () => {
    const single = fakeSweep({ parameters: { fast: [5] } });
    const idle = { ...single, trials: single.trials.map((trial) => ({ ...trial, dailyQuote: trial.dailyQuote.map(() => 10_000) })) };
    for (const sweep of [single, idle]) {
      const page = await overfitReportHtml(fakeOverfit(sweep));
      expect(unbalanced(page)).toEqual([]);
      expect(visibleOf(page)).toContain('it takes two trials that move');
      // The reasons are the judge's own words.
      const own = visibleOf(page).replace(/<section id="verdict".*?<\/section>/s, '');
      expect(/NaN|undefined/.exec(own)?.[0]).toBe(undefined);
    }
  });
});
