/** The report in a real browser. Needs Chromium: see testing/chromium.ts. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { reportHtml } from './report-html.ts';
import type { ReportInput } from './report-input.ts';
import { chromiumPath, skipReason } from './testing/chromium.ts';
import { fakeInput, wanderingBars } from './testing/fake-input.ts';
import { fakePair } from './testing/fake-pair.ts';

interface Look {
  readonly requests: string[];
  readonly complaints: string[];
  readonly page: Awaited<ReturnType<Browser['newPage']>>;
}

describe.skipIf(chromiumPath === undefined)(`report in a browser${skipReason}`, () => {
  let browser: Browser;
  let folder: string;
  let address: string;
  const input = fakeInput({ bars: wanderingBars(900, 11), fast: 3, slow: 7, symbol: '</script><script>document.title="owned"</script>' });

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'playhead-report-'));
    const path = join(folder, 'report.html');
    await writeFile(path, await reportHtml(input));
    address = pathToFileURL(path).href;
    browser = await chromium.launch({ ...(chromiumPath === undefined ? {} : { executablePath: chromiumPath }), args: ['--no-sandbox'] });
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    await rm(folder, { recursive: true, force: true });
  });

  async function look(width: number, url = address): Promise<Look> {
    const page = await browser.newPage({ viewport: { width, height: 800 }, reducedMotion: 'reduce' });
    const requests: string[] = [];
    const complaints: string[] = [];
    page.on('request', (request) => requests.push(request.url()));
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    await page.goto(url);
    await page.waitForSelector('#price-chart canvas');
    return { requests, complaints, page };
  }

  test('asks for nothing but itself, complains of nothing, runs no word of the run, and has eval forbidden', async () => {
    const { requests, complaints, page } = await look(1280);
    expect(requests).toEqual([address]);
    expect(complaints).toEqual([]);
    expect(await page.title()).toBe('moving-average-cross · 20260102-test-4f1c');
    // In a callback of its own: what the browser's debugger runs itself may evaluate.
    const later = 'new Promise((done) => setTimeout(() => { try { done(new Function("return 1")()); } catch { done("forbidden"); } }))';
    expect(await page.evaluate(later)).toBe('forbidden');
    await page.close();
  }, 60_000);

  test('fits a phone of 360 pixels without scrolling sideways', async () => {
    const { complaints, page } = await look(360);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360);
    expect(await page.locator('#equity-chart svg.narrow').isVisible()).toBe(true);
    expect(await page.locator('#equity-chart svg.wide').isVisible()).toBe(false);
    expect(complaints).toEqual([]);
    // A figure that is cut off reads as another figure: the table of cash fits, and whatever scrolls shows a shadow at its edge.
    expect(
      await page.evaluate('[...document.querySelectorAll("table.cash")].map((t) => t.scrollWidth - t.closest(".scroll").clientWidth)'),
    ).toEqual([0]);
    const bare = `[...document.querySelectorAll('.scroll, nav div')].filter((box) => box.scrollWidth > box.clientWidth
      && !getComputedStyle(box).backgroundAttachment.includes('scroll')).length`;
    expect(await page.evaluate(bare)).toBe(0);
    // Every trade shows what it brought, without a finger moved, and can be put in order though no head is there to click.
    const profits = await page.locator('#trade-rows td.pnl').all();
    expect(profits).toHaveLength(20);
    for (const profit of profits) {
      const box = await profit.boundingBox();
      expect(box === null ? Number.NaN : box.x + box.width).toBeLessThanOrEqual(360);
    }
    await page.selectOption('#order', 'pnl -1');
    const best = Math.max(...input.result.trades.map((trade) => trade.pnlQuote));
    expect(await page.locator('#trade-rows td.pnl').first().textContent()).toBe(best.toFixed(2).replace(/\B(?=(\d{3})+\.)/g, ','));
    // No table of sentences is broken word by word.
    const narrowest = 'Math.min(...[...document.querySelectorAll("#quality td")].map((cell) => cell.clientWidth))';
    expect(await page.evaluate(narrowest)).toBeGreaterThan(250);
    await page.close();
  }, 60_000);

  test.each([360, 700, 1_000, 1_280])(
    'writes charts in letters of a common size on %d pixels',
    async (width) => {
      const { page } = await look(width);
      const sizes = await page.evaluate(`[...document.querySelectorAll('figure svg')].filter((svg) => svg.clientWidth > 0).flatMap((svg) =>
      [...svg.querySelectorAll('text')].map((text) => parseFloat(getComputedStyle(text).fontSize) * svg.clientWidth / svg.viewBox.baseVal.width))`);
      const pixels = sizes as number[];
      expect(pixels.length).toBeGreaterThan(50);
      expect(Math.min(...pixels)).toBeGreaterThan(9);
      expect(Math.max(...pixels)).toBeLessThan(15);
      await page.close();
    },
    60_000,
  );

  test('pages, sorts and filters trades, tells figures under the pointer, and changes its theme', async () => {
    const { complaints, page } = await look(1280);
    const { trades } = input.result;
    expect(trades.length).toBeGreaterThan(50);
    expect(await page.locator('#trade-rows tr').count()).toBe(50);
    expect(await page.locator('#trade-count').textContent()).toBe(`${trades.length} trades, page 1 of ${Math.ceil(trades.length / 50)}`);
    expect([await page.locator('#before').isVisible(), await page.locator('#after').isVisible()]).toEqual([true, true]);
    await page.click('#trade-table th[data-key=pnl]');
    await page.click('#trade-table th[data-key=pnl]');
    const best = Math.max(...trades.map((trade) => trade.pnlQuote));
    expect(await page.locator('#trade-rows tr').first().textContent()).toContain(best.toFixed(2).replace(/\B(?=(\d{3})+\.)/g, ','));
    await page.selectOption('#kind', 'losses');
    const losses = trades.filter((trade) => trade.pnlQuote < 0).length;
    expect(await page.locator('#trade-count').textContent()).toContain(`${losses} of ${trades.length} trades`);
    await page.locator('#equity-chart').scrollIntoViewIfNeeded();
    await page.locator('#equity-chart svg.wide').hover();
    expect(await page.locator('#tip').textContent()).toMatch(/^\d{4}-\d\d-\d\d\nStrategy .*\nBuy and hold /);
    const before = await page.evaluate('getComputedStyle(document.body).backgroundColor');
    await page.click('#theme');
    expect(await page.evaluate('getComputedStyle(document.body).backgroundColor')).not.toBe(before);
    await page.locator('#trade-rows tr').nth(2).click();
    expect(await page.locator('#trade-rows tr[aria-current=true]').count()).toBe(1);
    const number = await page.locator('#trade-rows tr').nth(2).locator('td').first().textContent();
    expect(await page.locator('#trade-rows tr').nth(2).getAttribute('aria-current')).toBe('true');
    expect(await page.locator('#chosen-trade').textContent()).toMatch(new RegExp(`^Trade ${number}: long 20`));
    await page.click('#fit');
    expect(await page.locator('#chosen-trade').textContent()).toBe('');
    expect(await page.locator('#trade-rows tr[aria-current=true]').count()).toBe(0);
    await page.fill('#search', 'no such trade');
    expect(await page.locator('#trade-rows').textContent()).toBe('No trade is like that.');
    // One page is none to turn.
    expect(await page.locator('#trade-count').textContent()).toBe(`0 of ${trades.length} trades`);
    expect([await page.locator('#before').isVisible(), await page.locator('#after').isVisible()]).toEqual([false, false]);
    expect(complaints).toEqual([]);
    await page.close();
  }, 60_000);

  test('shows any series of the run, and the one a chosen trade is in', async () => {
    const pair = fakePair(
      fakeInput({ bars: wanderingBars(300, 11), fast: 3, slow: 7 }),
      fakeInput({ bars: wanderingBars(300, 3, 3_600_000), fast: 3, slow: 7, symbol: 'OTHER/USD' }),
    );
    const path = join(folder, 'pair.html');
    await writeFile(path, await reportHtml(pair));
    const { complaints, page } = await look(1280, pathToFileURL(path).href);
    const lastClose = (bars: ReportInput['bars'][number]) => bars.columns.close[bars.toRow - 1].toFixed(2);
    expect(await page.locator('#candle').textContent()).toContain(`C ${lastClose(pair.bars[0])}`);
    await page.selectOption('#series', { label: 'test OTHER/USD 1m' });
    expect(await page.locator('#candle').textContent()).toContain(`C ${lastClose(pair.bars[1])}`);
    await page.selectOption('#series', { label: 'test TEST/USD 1d' });
    await page.locator('#trade-rows tr', { hasText: 'OTHER/USD' }).first().click();
    expect(await page.locator('#series').inputValue()).toBe('1');
    expect(await page.locator('#chosen-trade').textContent()).toMatch(/^Trade \d+: long OTHER\/USD /);
    // Under the pointer stands the candle it is over.
    const last = await page.locator('#candle').textContent();
    await page.locator('#price-chart').hover({ position: { x: 100, y: 100 } });
    expect(await page.locator('#candle').textContent()).not.toBe(last);
    expect(complaints).toEqual([]);
    await page.close();
  }, 60_000);

  test('prints light, with its folds open and every trade, and is itself again afterwards', async () => {
    const { complaints, page } = await look(718);
    await page.click('#theme');
    const looks = () =>
      page.evaluate(
        '[document.documentElement.dataset.theme, document.querySelectorAll("#trade-rows tr").length, document.querySelector("details").open]',
      );
    const before = await looks();
    await page.evaluate('dispatchEvent(new Event("beforeprint"))');
    await page.emulateMedia({ media: 'print' });
    expect(await looks()).toEqual(['light', input.result.trades.length, true]);
    // No column runs off the paper.
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(718);
    expect(
      await page.evaluate('document.querySelector("#trade-table").offsetWidth - document.querySelector("#trades .scroll").clientWidth'),
    ).toBeLessThanOrEqual(0);
    await page.emulateMedia({ media: 'screen' });
    await page.evaluate('dispatchEvent(new Event("afterprint"))');
    expect(await looks()).toEqual(before);
    expect(complaints).toEqual([]);
    await page.close();
  }, 60_000);

  test('a wheel turned over the price panel moves the page on, and with Ctrl the panel alone', async () => {
    const { page } = await look(1280);
    await page.locator('#price-chart').hover();
    const top = () => page.evaluate('window.scrollY');
    const before = await top();
    await page.mouse.wheel(0, 120);
    await expect.poll(top).toBe(Number(before) + 120);
    await page.locator('#price-chart').hover();
    const there = await top();
    await page.keyboard.down('Control');
    await page.mouse.wheel(0, 120);
    await page.keyboard.up('Control');
    await page.waitForTimeout(200);
    expect(await top()).toBe(there);
    await page.close();
  }, 60_000);
});
