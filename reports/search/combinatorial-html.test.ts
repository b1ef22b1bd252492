import { describe, expect, test } from 'vitest';
import { fakeCombinatorial } from '../testing/fake-combinatorial.ts';
import { addressesOf, twiceUsedIds, unbalanced, visibleOf } from '../testing/page-checks.ts';
import { combinatorialReportHtml } from './combinatorial-html.ts';

const input = fakeCombinatorial();
const html = await combinatorialReportHtml(input);

describe('the report of a combinatorial cross-validation', () => {
  test('is one balanced document that requests nothing, the same for the same splits', async () => {
    expect(unbalanced(html)).toEqual([]);
    expect(twiceUsedIds(html)).toEqual([]);
    expect(addressesOf(html)).toEqual([]);
    for (const id of ['paths', 'sharpes', 'splits', 'settings', 'certificate']) expect(html).toContain(`<section id="${id}">`);
    expect(await combinatorialReportHtml(fakeCombinatorial())).toBe(html);
  });

  test('tells groups, splits and paths, a row a split, and which splits kept no constraint', () => {
    const text = visibleOf(html);
    expect(text).toContain('6 groups, 15 splits, 5 paths');
    expect(text.match(/<td data-label="Groups tested">/g)).toHaveLength(15);
    expect(text).toContain('<td data-label="Groups tested">5 6</td>');
    expect(text).toContain('No trial of 1 split kept the constraints');
    expect(text).toContain('Paths share days and are not independent.');
    expect([...html.matchAll(/role="img" aria-label="([^"]{20,})"/g)]).toHaveLength(3 * 3);
  });

  test('draws few paths as dots, and many by how often they lie where', async () => {
    expect(html).toMatch(/aria-label="Sharpe ratio of 5 paths: [^"]* to [^"]*, middle [^"]*\."/);
    const many = Array.from({ length: 45 }, (_, k) => ({ ...input.paths[k % 5], sharpeRatio: k / 20 }));
    expect(await combinatorialReportHtml({ ...input, paths: many })).toMatch(/aria-label="Sharpe ratio of 45 paths, the best /);
  });

  test('of one path is still a page', async () => {
    const page = await combinatorialReportHtml({ ...input, paths: input.paths.slice(0, 1) });
    expect(unbalanced(page)).toEqual([]);
    expect(visibleOf(page)).toContain('There are fewer than two.');
  });
});
