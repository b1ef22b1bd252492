/** Reports of searches in a real browser. Needs Chromium: see testing/chromium.ts. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { chromiumPath, skipReason } from '../testing/chromium.ts';
import { fakeCombinatorial } from '../testing/fake-combinatorial.ts';
import { fakeOverfit } from '../testing/fake-overfit.ts';
import { fakeRobustness } from '../testing/fake-robustness.ts';
import { fakeSweep } from '../testing/fake-sweep.ts';
import { fakeWalkForward } from '../testing/fake-walkforward.ts';
import { combinatorialReportHtml } from './combinatorial-html.ts';
import { overfitReportHtml } from './overfit-html.ts';
import { robustnessReportHtml } from './robustness-html.ts';
import { sweepReportHtml } from './sweep-html.ts';
import { walkForwardReportHtml } from './walkforward-html.ts';

const owned = '</script><script>document.title="owned"</script>';
const pages = {
  sweep: () => sweepReportHtml(fakeSweep({ name: owned, failed: [3] })),
  luck: () => overfitReportHtml(fakeOverfit(fakeSweep({ name: owned }))),
  combinatorial: () => combinatorialReportHtml({ ...fakeCombinatorial(), name: owned }),
  robustness: () => robustnessReportHtml({ ...fakeRobustness(), name: owned }),
  'walk-forward': () => walkForwardReportHtml({ ...fakeWalkForward(), name: owned }),
} as const;
/** Pictures of each page. */
const pictures = { sweep: 5, luck: 4, combinatorial: 3, robustness: 2, 'walk-forward': 6 } as const;
type Name = keyof typeof pages;
const names = Object.keys(pages) as Name[];

describe.skipIf(chromiumPath === undefined)(`reports of searches in a browser${skipReason}`, () => {
  let browser: Browser;
  let folder: string;
  const complaints: string[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'playhead-search-report-'));
    for (const name of names) await writeFile(join(folder, `${name}.html`), await pages[name]());
    browser = await chromium.launch({ ...(chromiumPath === undefined ? {} : { executablePath: chromiumPath }), args: ['--no-sandbox'] });
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    await rm(folder, { recursive: true, force: true });
  });

  async function look(name: Name, width: number, colorScheme: 'light' | 'dark' = 'light'): Promise<Page> {
    const page = await browser.newPage({ viewport: { width, height: 800 }, colorScheme, reducedMotion: 'reduce' });
    const address = pathToFileURL(join(folder, `${name}.html`)).href;
    complaints.length = 0;
    page.on('request', (request) => request.url() === address || complaints.push(`asked for ${request.url()}`));
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    await page.goto(address);
    return page;
  }

  const cases = names.flatMap((name) => [1_280, 360].map((width) => [name, width] as const));
  test.each(cases)(
    'that of a %s on %d pixels complains of nothing, does not scroll sideways, and writes in letters of a common size',
    async (name, width) => {
      const page = await look(name, width, width === 360 ? 'dark' : 'light');
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
      expect(await page.title()).toContain(owned);
      const shown = 'figure svg';
      const drawn = await page.locator(shown).evaluateAll((all) => all.filter((svg) => svg.clientWidth > 0).length);
      expect(drawn).toBe(pictures[name]);
      const marks = await page.locator(`${shown} [aria-label]`).count();
      expect(marks).toBeGreaterThan(20);
      const sizes = (await page.evaluate(`[...document.querySelectorAll('figure svg')].filter((svg) => svg.clientWidth > 0).flatMap((svg) =>
        [...svg.querySelectorAll('text')].map((text) => parseFloat(getComputedStyle(text).fontSize) * svg.clientWidth / svg.viewBox.baseVal.width))`)) as number[];
      expect(Math.min(...sizes)).toBeGreaterThan(8.5);
      expect(Math.max(...sizes)).toBeLessThan(15);
      // No word of a picture stands outside of its section.
      const outside =
        await page.evaluate(`[...document.querySelectorAll('figure svg')].filter((svg) => svg.clientWidth > 0).flatMap((svg) =>
        [...svg.querySelectorAll('text')].filter((text) => { const box = text.getBoundingClientRect(), edge = svg.closest('section').getBoundingClientRect();
          return box.width > 0 && (box.left < edge.left || box.right > edge.right); }).map((text) => text.textContent))`);
      expect(outside).toEqual([]);
      expect(complaints).toEqual([]);
      await page.close();
    },
    60_000,
  );

  test('the map changes with the choice of parameters, and a cell tells what it is', async () => {
    const page = await look('sweep', 1_280);
    expect(await page.locator('#map-1').isVisible()).toBe(true);
    expect(await page.locator('#map-2').isVisible()).toBe(false);
    await page.selectOption('[data-choices]', '1');
    expect(await page.locator('#map-1').isVisible()).toBe(false);
    expect(await page.locator('#map-2').isVisible()).toBe(true);
    await page.locator('#map-2-chart svg.wide path[aria-label]').first().hover();
    expect(await page.locator('#tip').textContent()).toMatch(/^(fast|slow|stop) [\d.]+, (fast|slow|stop) [\d.]+: −?\d+\.\d{3}/);
    expect(complaints).toEqual([]);
    await page.close();
  }, 60_000);

  test('curves tell the day and their figures under the pointer', async () => {
    for (const [name, figure, words] of [
      ['sweep', '#curves-chart', /^\d{4}-\d\d-\d\d\nBest .*\nMiddle /],
      ['walk-forward', '#tests-chart', /^\d{4}-\d\d-\d\d\nTests .*\nBuy and hold /],
    ] as const) {
      const page = await look(name, 1_280);
      await page.locator(`${figure} svg.wide`).hover();
      expect(await page.locator('#tip').textContent()).toMatch(words);
      expect(complaints).toEqual([]);
      await page.close();
    }
  }, 60_000);
});
