import { describe, expect, test } from 'vitest';
import { metricNames } from '../../engine/metrics/catalogue.ts';
import { fakeWalkForward } from '../testing/fake-walkforward.ts';
import { addressesOf, twiceUsedIds, unbalanced, visibleOf } from '../testing/page-checks.ts';
import { type WalkForwardView, walkForwardRows } from '../walkforward-words.ts';
import { walkForwardReportHtml } from './walkforward-html.ts';

const html = await walkForwardReportHtml(fakeWalkForward());

describe('the report of a walk-forward', () => {
  test('is one balanced document that requests nothing, the same for the same walk-forward', async () => {
    expect(unbalanced(html)).toEqual([]);
    expect(twiceUsedIds(html)).toEqual([]);
    expect(addressesOf(html)).toEqual([]);
    for (const id of ['tests', 'pairs', 'drift', 'folds', 'figures', 'settings', 'certificate']) {
      expect(html).toContain(`<section id="${id}">`);
      expect(html).toContain(`href="#${id}"`);
    }
    expect(await walkForwardReportHtml(fakeWalkForward())).toBe(html);
  });

  test('warns of a t-statistic that luck may give, and of failed trials', async () => {
    const text = visibleOf(html);
    expect(text).toContain('The t-statistic of the tests is 1.20: below 2 they may well be luck.');
    expect(text).toContain('2 trials failed.');
    expect(text).toContain('No trial of fold 4 kept the constraints');
    const { folds, ...rest } = fakeWalkForward();
    const good = { ...rest, folds: folds.map((fold) => ({ ...fold, failedCount: 0, keepsConstraints: true })), tStatistic: 2.5 };
    expect(await walkForwardReportHtml(good)).not.toContain('id="warnings"');
    // Where days do not differ there is no statistic, and no reason to trust.
    expect(await walkForwardReportHtml({ ...good, tStatistic: Number.NaN })).toContain('id="warnings"');
  });

  test('has a row a fold and a picture of each parameter', () => {
    const text = visibleOf(html);
    expect(text.match(/<td class="number" data-label="#">\d+<\/td>/g)).toHaveLength(5);
    expect(text).toMatch(/<h3>kind: \d values? in 5 folds<\/h3>/);
    const labels = [...html.matchAll(/role="img" aria-label="([^"]{15,})"/g)];
    // Tests, windows, pairs, three parameters; each for a desk, a tablet and a phone.
    expect(labels).toHaveLength(6 * 3);
  });

  test('of one fold, and of a hundred, is still a page of modest size', async () => {
    for (const foldCount of [1, 100]) {
      const page = await walkForwardReportHtml(fakeWalkForward({ foldCount }));
      expect(unbalanced(page)).toEqual([]);
      expect(page.length).toBeLessThan(900_000);
      expect(visibleOf(page).includes('The windows of the first 60 folds are drawn.')).toBe(foldCount === 100);
    }
  });

  test('names the last day inside of each window, as the console does, and breaks no date', () => {
    const { folds, ...input } = fakeWalkForward();
    expect(html).toContain('<td class="whole" data-label="Training">2021-01-01 – 2021-01-30</td>');
    expect(html).toContain('<td class="whole" data-label="Test">2021-01-31 – 2021-02-09</td>');
    const view = folds.map((fold) => ({
      ...{ ...fold, trainMetrics: new Float64Array(metricNames.length) },
      run: { metrics: fold.testMetrics, tookOverMs: 0, leftOpenQuote: 0 },
    }));
    const [, first] = walkForwardRows({ ...input, folds: view } as unknown as WalkForwardView);
    expect(first.slice(1, 5)).toEqual(['2021-01-01', '2021-01-30', '2021-01-31', '2021-02-09']);
  });

  test('draws six of many parameters, and says so', async () => {
    const dimensions = Array.from({ length: 8 }, (_, i) => `p${i}`);
    const page = await walkForwardReportHtml(fakeWalkForward({ dimensions }));
    expect(page).toContain('id="drift-6-chart"');
    expect(page).not.toContain('id="drift-7-chart"');
    expect(visibleOf(page)).toContain('The first 6 of 8 are drawn; the table holds all.');
  });
});
