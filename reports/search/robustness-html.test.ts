import { describe, expect, test } from 'vitest';
import { robustnessVerdict } from '../robustness-words.ts';
import { fakeRobustness } from '../testing/fake-robustness.ts';
import { addressesOf, twiceUsedIds, unbalanced, visibleOf } from '../testing/page-checks.ts';
import { robustnessReportHtml } from './robustness-html.ts';

const input = fakeRobustness();
const html = await robustnessReportHtml(input);

describe('the report of robustness', () => {
  test('is one balanced document that requests nothing, the same for the same runs', async () => {
    expect(unbalanced(html)).toEqual([]);
    expect(twiceUsedIds(html)).toEqual([]);
    expect(addressesOf(html)).toEqual([]);
    for (const id of ['verdict', 'shocks', 'drawdowns', 'runs', 'fates', 'limits']) expect(html).toContain(`<section id="${id}"`);
    expect(await robustnessReportHtml(fakeRobustness())).toBe(html);
  });

  test('begins with the verdict and its reasons, and has a row and a bar for every shock', () => {
    const text = visibleOf(html);
    expect(text.indexOf(robustnessVerdict(input.report))).toBeLessThan(text.indexOf('class="keys"'));
    expect(input.report.reasons.length).toBeGreaterThan(2);
    for (const { name } of input.report.shocks) {
      const written = name.replaceAll("'", '&#39;');
      expect(text).toContain(`<td data-label="Shock">${written}</td>`);
      expect(text).toContain(`aria-label="${name.replaceAll("'", "'")}: `);
    }
    expect(text).toContain('10 of 10 that were played'.slice(3));
  });

  test('writes names that are long in two lines on a phone, whole and each its own', () => {
    const phones = [...html.matchAll(/<svg[^>]*class="narrow".*?<\/svg>/gs)].map(([svg]) => svg.replace(/ aria-label="[^"]*"/g, ''));
    expect(phones).toHaveLength(2);
    for (const phone of phones) {
      expect(phone).not.toContain('…');
      for (const words of ['of entries', 'skipped', 'range', '20%', '25%']) expect(phone).toContain(words);
    }
  });

  test('of a set that loses, and of no other paths, is still a page', async () => {
    const page = await robustnessReportHtml({ ...fakeRobustness(-0.1), paths: null, sweep: null });
    expect(unbalanced(page)).toEqual([]);
    expect(visibleOf(page)).toContain('NOTHING TO BREAK');
    expect(visibleOf(page)).toContain('None were played.');
    expect(/NaN|undefined/.exec(visibleOf(page))?.[0]).toBe(undefined);
  });
});
