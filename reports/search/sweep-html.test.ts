import { describe, expect, test } from 'vitest';
import { metricNames } from '../../engine/metrics/catalogue.ts';
import { trialsByAverageCorrelation } from '../../engine/optimiser/statistics/effective-trials.ts';
import { dailyReturnsOf } from '../../engine/optimiser/stitched.ts';
import { fakeSweep } from '../testing/fake-sweep.ts';
import { addressesOf, twiceUsedIds, unbalanced, visibleOf } from '../testing/page-checks.ts';
import { sweepReportHtml } from './sweep-html.ts';

const quotesOf = ({ dailyQuote }: { readonly dailyQuote: Float64Array }): Float64Array => dailyQuote;

const html = await sweepReportHtml(fakeSweep({ failed: [3, 4] }));

describe('the report of a sweep', () => {
  test('is one balanced document that requests nothing, the same for the same sweep', async () => {
    expect(unbalanced(html)).toEqual([]);
    expect(twiceUsedIds(html)).toEqual([]);
    expect(addressesOf(html)).toEqual([]);
    expect(html).toContain(`content="default-src 'none'; script-src 'unsafe-inline';`);
    for (const id of ['best', 'map', 'parallel', 'objective', 'equity', 'ledger', 'failed', 'search', 'certificate']) {
      expect(html).toContain(`<section id="${id}">`);
      expect(html).toContain(`href="#${id}"`);
    }
    expect(await sweepReportHtml(fakeSweep({ failed: [3, 4] }))).toBe(html);
  });

  test('tells the best, how to judge and to play it, and what failed, no word of it as HTML', () => {
    const text = visibleOf(html);
    expect(text).toContain('&lt;b&gt;no&lt;/b&gt;');
    expect(text).not.toContain('<b>no');
    expect(text).toContain('trial 3: fast 5, slow 60, stop 0.05');
    expect(text).toMatch(/npx playhead overfit 20260102-030405-abcdef01/);
    expect(text).toMatch(/--set strategy\.parameters\.fast=\d+ --set strategy\.parameters\.slow=\d+ --set strategy\.parameters\.stop=/);
    expect(text).toMatch(/<pre class="wrapped" tabindex="0">npx playhead run scenario\.yaml --set [^<]*[^.]<\/pre>/);
    expect(text).toContain('partly luck');
    expect(text).toContain('80 distinct trials of 80 in 2 searches');
  });

  test('every picture says in words what it shows', () => {
    const labels = [...html.matchAll(/<svg[^>]* role="img" aria-label="([^"]*)"/g)].map(([, label]) => label);
    // Three maps, lines, distribution, equity, ledger; each for a desk, a tablet and a phone.
    expect(labels).toHaveLength(7 * 3);
    for (const label of labels) expect(label.length).toBeGreaterThan(20);
  });

  test('says of the map of each width what that map shows', async () => {
    expect(visibleOf(html)).toMatch(/<option value="0">\w+ and \w+: \d+% together<\/option>/);
    expect(html).not.toContain('phone-only"');
    // Of so many values there are on a desk 24 places a side, on a phone 12.
    const valuesFrom = (first: number, count: number) => Array.from({ length: count }, (_, i) => first + i);
    const page = visibleOf(
      await sweepReportHtml(fakeSweep({ parameters: { a: valuesFrom(1001, 40), b: valuesFrom(1, 36) }, dayCount: 5 })),
    );
    const ofWidth = (look: string): string => new RegExp(`<p class="soft notes ${look}">(.*?)</p>`).exec(page)?.[1] ?? '';
    const drawn = [...page.matchAll(/aria-label="Map of a and b: (\d+) cells from .*?, (\d+) of them on the plateau/g)];
    expect(drawn).toHaveLength(3);
    for (const [look, [, cellCount, plateauCount]] of [
      ['but-phone', drawn[0]],
      ['phone-only', drawn[2]],
    ] as const)
      expect(ofWidth(look)).toContain(plateauCount === '0' ? 'No plateau' : `plateau has ${plateauCount} cells of ${cellCount}`);
    // The last label ends inside of the picture.
    expect(page).toMatch(/text-anchor="end"[^>]*>1,03\d–1,040</);
  });

  test('marks trials whose figures are all those of one above', async () => {
    const sweep = fakeSweep({ parameters: { fast: [5, 10, 15] } });
    expect(visibleOf(await sweepReportHtml(sweep))).not.toContain('same as');
    const twin = sweep.order[0];
    const trials = sweep.trials.map((trial) => ({ ...trial, metrics: sweep.trials[twin].metrics }));
    const page = visibleOf(await sweepReportHtml({ ...sweep, trials }));
    expect(page.match(/<td class="number">same as 1<\/td>/g)).toHaveLength(2);
  });

  test('of one parameter draws a line in place of a map, of a single trial says so', async () => {
    const one = await sweepReportHtml(fakeSweep({ parameters: { fast: [5, 10, 15] } }));
    expect(one).toContain('id="parameter-chart"');
    expect(unbalanced(one)).toEqual([]);
    const single = await sweepReportHtml(fakeSweep({ parameters: { fast: [5] } }));
    expect(visibleOf(single)).toContain('Every trial had the same parameters.');
  });

  test('of an objective that is no Sharpe ratio shows both', async () => {
    const page = await sweepReportHtml({ ...fakeSweep(), objective: 'drawdownFractionMax', isSmallestBest: true });
    expect(page).toContain('id="objective-chart"');
    expect(page).toContain('id="sharpe-chart"');
    expect(visibleOf(page)).toContain('best by the smallest');
  });

  test('where every trial failed says so, and is still a page', async () => {
    const page = await sweepReportHtml(fakeSweep({ parameters: { fast: [5, 10] }, failed: [0, 1] }));
    expect(visibleOf(page)).toContain('No trial came to an end with a defined objective');
    expect(unbalanced(page)).toEqual([]);
  });

  test('of a search that was halved says what was dropped', async () => {
    const shorter = [
      {
        trialCount: 540,
        toMs: Date.UTC(2021, 0, 11),
        dailyQuotes: fakeSweep({ dayCount: 10, parameters: { fast: [1, 2, 3, 4] } }).trials.map(quotesOf),
      },
      {
        trialCount: 180,
        toMs: Date.UTC(2021, 0, 21),
        dailyQuotes: fakeSweep({ dayCount: 20, parameters: { fast: [1, 2, 3] } }).trials.map(quotesOf),
      },
    ];
    const sweep = fakeSweep();
    const page = visibleOf(await sweepReportHtml({ ...sweep, shorter }));
    expect(page).toContain('Halving played 540 up to 2021-01-11, 180 up to 2021-01-21 and 60 on the whole window');
    expect(page).toContain('The best of 780 trials is partly luck');
    expect(page).toMatch(/Trials.{0,60}>780<.{0,60}60 of them on the whole window, of which none failed/s);
    const columnsOf = (quotes: readonly Float64Array[]) => quotes.map((one) => dailyReturnsOf(one, 10_000));
    const worth = [sweep.trials.map(quotesOf), ...shorter.map(({ dailyQuotes }) => dailyQuotes)].map((quotes) =>
      trialsByAverageCorrelation(columnsOf(quotes)),
    );
    const all = worth.reduce((sum, one) => sum + one, 0);
    expect(page).toContain(`With those played on parts of the window they are worth ${all.toFixed(1)} independent ones`);
  });

  test('counts trials without a defined objective, and says that no picture shows them', async () => {
    const sweep = fakeSweep();
    const at = metricNames.indexOf('sharpeRatio');
    const trials = sweep.trials.map((trial, i) => (i > 2 ? trial : { ...trial, metrics: trial.metrics.with(at, Number.NaN) }));
    expect(visibleOf(await sweepReportHtml({ ...sweep, trials }))).toMatch(
      /The best of 60 trials is partly luck: .* For 3 of them Sharpe ratio is not defined: the pictures show the other 57\./,
    );
  });

  test('of synthetic bars says it before all else', async () => {
    const page = await sweepReportHtml({ ...fakeSweep(), isSynthetic: true });
    expect(page.indexOf('Synthetic data')).toBeLessThan(page.indexOf('class="keys"'));
  });

  test('of thousands of trials stays below 0.9 MB', async () => {
    const values = (count: number) => Array.from({ length: count }, (_, i) => i + 1);
    const page = await sweepReportHtml(fakeSweep({ parameters: { a: values(25), b: values(20), c: values(8) }, dayCount: 20 }));
    expect(page.length).toBeLessThan(900_000);
    expect(visibleOf(page)).toContain('240 of 4,000 are drawn, the best of them all');
  }, 30_000);
});
