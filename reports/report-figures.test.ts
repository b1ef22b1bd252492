/** What a reader of the page compares with the stored records: money to the cent, units, signs, days. */
import { expect, test } from 'vitest';
import { pageData } from './html/page-data.ts';
import { reportHtml } from './report-html.ts';
import type { ReportInput } from './report-input.ts';
import { fakeInput, wanderingBars } from './testing/fake-input.ts';
import { type PackedSeries, unpackedCandles } from './testing/unpacked.ts';

const input = fakeInput({ bars: wanderingBars(120, 11) });
const withResult = (changed: Partial<ReportInput['result']>): ReportInput => ({ ...input, result: { ...input.result, ...changed } });
const visible = (page: string) => page.replace(/<(script|style|svg)\b.*?<\/\1>/gs, '');
const sectionOf = (page: string, id: string) => new RegExp(`<section id="${id}">.*?</section>`, 's').exec(page)?.[0] ?? '';

interface PackedPage {
  readonly trades: { readonly rows: readonly number[] };
  readonly series: readonly PackedSeries[];
  readonly hover: Readonly<Record<string, { from: number; to: number; series: { v: number[] }[] }>>;
}

test('money of a trade reaches the page to the cent, and prices to the digit they are shown with', () => {
  const [trade] = input.result.trades;
  const cases = [
    { pnlQuote: -12_075.4556, entryFeeQuote: 100.5, exitFeeQuote: 87.3156, entryPriceQuote: 123_456.78, exitPriceQuote: 1_234_567.89 },
    { pnlQuote: 9_876_543.219, entryFeeQuote: 57.2665, exitFeeQuote: 57.2665, entryPriceQuote: 0.00001234, exitPriceQuote: 0.00001235 },
    { pnlQuote: -0.001, entryFeeQuote: 0, exitFeeQuote: 0, entryPriceQuote: 100, exitPriceQuote: 100 },
  ];
  const trades = cases.map((changed) => ({ ...trade, ...changed, sizeBase: 12_345_678.91 }));
  const { rows } = (pageData(withResult({ trades }), {}) as PackedPage).trades;
  const width = rows.length / cases.length;
  for (const [i, { pnlQuote, entryFeeQuote, exitFeeQuote, entryPriceQuote, exitPriceQuote }] of cases.entries()) {
    const [entry, exit, size, pnl, fee] = rows.slice(i * width + 4);
    expect([entry, exit, size]).toEqual([entryPriceQuote, exitPriceQuote, 12_345_678.91]);
    expect(pnl.toFixed(2)).toBe(pnlQuote.toFixed(2));
    // A loss below half a cent is still a loss.
    expect(Math.sign(pnl)).toBe(Math.sign(pnlQuote));
    expect(fee.toFixed(2)).toBe((entryFeeQuote + exitFeeQuote).toFixed(2));
  }
});

test('candles and tooltips keep every digit they show', async () => {
  const close = input.bars[0].columns.close.map((price) => Math.round(price * 1_234_567) / 100);
  const equityQuote = input.result.equity.equityQuote.map((equity) => equity * 12_345.6789);
  const large = {
    ...withResult({ equity: { ...input.result.equity, equityQuote } }),
    bars: [{ ...input.bars[0], columns: { ...input.bars[0].columns, close } }],
  };
  const page = await reportHtml(large);
  const data = JSON.parse(/id="report-data">(.*?)<\/script>/s.exec(page)?.[1] ?? '') as PackedPage;
  expect(unpackedCandles(data.series[0]).map((candle) => candle.close)).toEqual([...close]);
  expect(data.hover['equity-chart'].series[0].v.map((value) => value.toFixed(2))).toEqual(
    [...equityQuote].map((value) => value.toFixed(2)),
  );
});

test('cash changes have two decimals, a minus where cash left, and the exact amount behind them', async () => {
  const ledger = { deposit: '100000', purchases: '2290014.67954815', sales: '2375561.11489023', fees: '2332.78789722' };
  const costs = sectionOf(await reportHtml(withResult({ ledger })), 'costs');
  expect(costs).toContain('>−2,290,014.68</td>');
  expect(costs).toContain('title="−2,290,014.67954815"');
  expect(costs).toContain('>−2,332.79</td>');
  expect(costs).toContain('>2,375,561.11</td>');
  expect(costs).toContain('>100,000.00</td>');
});

test('no two figures bear one name, money names its currency and a turnover its ×', async () => {
  const figures = sectionOf(await reportHtml(input), 'figures');
  const labels = [...figures.matchAll(/<td title="[^"]*">(.*?)<\/td>/g)].map(([, label]) => label);
  expect(labels.length).toBeGreaterThan(60);
  expect(labels.filter((label, i) => labels.indexOf(label) !== i)).toEqual([]);
  expect(figures).toMatch(/>Expectancy<\/td><td class="number">−?[\d,]+\.\d\d USD</);
  expect(figures).toMatch(/>Expectancy before fees<\/td><td class="number">[+−]?[\d.]+%</);
  expect(figures).toMatch(/>Best trade<.*>Worst trade<.*>Best trade before fees<.*>Worst trade before fees</s);
  expect(figures).toMatch(/>Turnover a year<\/td><td class="number">\d+\.\d\d\d×</);
});

test('the header ends on the day of the last bar, and charts of daily bars begin on the day of the first', async () => {
  const page = await reportHtml(input);
  const last = new Date(input.bars[0].columns.openTimeMs[119]).toISOString().slice(0, 10);
  expect(page).toContain(`2021-01-01 to ${last} UTC`);
  const data = JSON.parse(/id="report-data">(.*?)<\/script>/s.exec(page)?.[1] ?? '') as PackedPage;
  for (const hover of Object.values(data.hover))
    expect([hover.from, hover.to]).toEqual([Date.UTC(2021, 0, 1), input.bars[0].columns.openTimeMs[119]]);
  expect(page).toContain(`Equity from 2021-01-01 to ${last}`);
});

test('hours keep their time of day', async () => {
  const hours = fakeInput({ bars: wanderingBars(50, 11, 3_600_000) });
  expect(await reportHtml(hours)).toContain('2021-01-01 00:00 to 2021-01-03 02:00 UTC');
});

test('times of the scenario are readable beside their exact value', async () => {
  const scenario = {
    window: { fromMs: 1_199_232_000_000, toMs: 1_587_168_060_000 },
    validToMs: 8.64e15,
    latencyMs: 250,
    note: '"fromMs": 5',
  };
  const text = sectionOf(await reportHtml({ ...input, scenario }), 'scenario').replaceAll('&quot;', '"');
  expect(text).toContain('"fromMs": 1199232000000,  // 2008-01-02 UTC');
  expect(text).toContain('"toMs": 1587168060000  // 2020-04-18 00:01 UTC');
  expect(text).toMatch(/"validToMs": 8640000000000000, {2}\/\/ no end\n/);
  expect(text).toMatch(/"latencyMs": 250,\n/);
});

test('each kind of finding says what it is', async () => {
  const issue = { policy: 'flag', count: 671, first: { timeMs: 0, text: 'x' } };
  const quality = {
    issues: [
      { ...issue, kind: 'irregularCalendar' },
      { ...issue, kind: 'new' },
    ],
    gapCount: 0,
    missingBarCount: 0,
    rowCount: 9,
  };
  const table = sectionOf(await reportHtml({ ...input, quality }), 'quality');
  expect(table).toContain('breaks like nights, weekends and holidays');
  expect(table).toContain('<td data-label="Kind">new</td>');
});

test('the commands it names can be typed as they stand', async () => {
  const page = visible(await reportHtml(input));
  expect(page).toContain('<code>npx playhead verify 20260102-test-4f1c</code>');
  expect(page).not.toMatch(/(?<!npx )playhead (verify|runs|run) /);
});
