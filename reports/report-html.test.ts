import { afterEach, expect, test, vi } from 'vitest';
import { syntheticLead } from '../engine/warnings.ts';
import { scriptJson } from './html/escape.ts';
import { reportHtml } from './report-html.ts';
import type { ReportInput } from './report-input.ts';
import { summaryText } from './summary-text.ts';
import { fakeInput, wanderingBars } from './testing/fake-input.ts';
import { addressesOf, twiceUsedIds, unbalanced, visibleOf } from './testing/page-checks.ts';
import { riskEvents } from './testing/risk-events.ts';
import { sp500Input } from './testing/sp500-input.ts';
import { unpackedCandles } from './testing/unpacked.ts';

const input = fakeInput({ bars: wanderingBars(120, 11) });
const withResult = (changed: Partial<ReportInput['result']>): ReportInput => ({ ...input, result: { ...input.result, ...changed } });
const html = await reportHtml(input);
const pageData = (page: string) => JSON.parse(/id="report-data">(.*?)<\/script>/s.exec(page)?.[1] ?? '');

afterEach(() => vi.unstubAllGlobals());

test('is one balanced document with every section', () => {
  expect(unbalanced(html)).toEqual([]);
  for (const id of [
    'price',
    'equity',
    'drawdown',
    'exposure',
    'months',
    'trades',
    'costs',
    'figures',
    'quality',
    'conventions',
    'scenario',
    'certificate',
  ])
    expect(html).toContain(`<section id="${id}">`);
  expect(twiceUsedIds(html)).toEqual([]);
});

test('forbids every request, and has nothing to request', () => {
  expect(html).toContain(`content="default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:;`);
  expect(html).not.toMatch(/<(?:script|img|iframe|link)[^>]*(?:src|href)="(?!data:)/);
  expect(html).not.toMatch(/@import|url\((?!#)/);
  expect(addressesOf(html)).toEqual(['https://www.tradingview.com/']);
  expect(html).toContain('TradingView Lightweight Charts™');
});

test('carries every figure with its convention, every hash and how to verify', () => {
  expect(html).toContain('√periods a year');
  for (const hash of Object.values(input.result.certificate)) expect(html).toContain(`<td class="hash">${hash}</td>`);
  expect(html).toContain('npx playhead verify 20260102-test-4f1c');
});

test('puts warnings before figures', () => {
  expect(html.indexOf('id="warnings"')).toBeLessThan(html.indexOf('class="keys"'));
  expect(html).not.toContain('SYNTHETIC');
});

test('tells what risk did in a section of its own, where it did anything', async () => {
  const page = visibleOf(await reportHtml(withResult({ riskEvents })));
  expect(unbalanced(page)).toEqual([]);
  expect(page).toContain('<a href="#risk">Risk</a>');
  const cells = [...(/<section id="risk">(.*?)<\/section>/s.exec(page)?.[1] ?? '').matchAll(/<td[^>]*>(.*?)<\/td>/g)].map(
    ([, text]) => text,
  );
  expect(cells).toEqual([
    ...['2021-02-03 09:30', 'lossStreak', 'ACTIVE → REDUCING', '3 losing positions in a row: REDUCING until 2021-02-04 09:30'],
    ...['no entries into TEST/USD', 'cooldown', '1', '2021-02-03 09:30', '2021-02-03 09:30'],
    'cooldown: its position was closed; entries are refused until 2 of its bars have closed',
    ...['TEST/USD made smaller', 'cash', '1', '2021-02-05', '2021-02-05', '5 were asked for, cash &lt;b&gt; leaves room for 3'],
  ]);
  expect(html).not.toContain('id="risk"');
});

test('counts pauses and smaller sizes, and folds away all but the first changes of the account', async () => {
  const [change, , clip] = riskEvents;
  const clips = Array.from({ length: 500 }, (_, i) => ({ ...clip, timeMs: clip.timeMs + i * 86_400_000, reason: `clip ${i}` }));
  const changes = Array.from({ length: 215 }, () => change);
  const page = visibleOf(await reportHtml(withResult({ riskEvents: [...clips, ...changes] })));
  const risk = /<section id="risk">(.*?)<\/section>/s.exec(page)?.[1] ?? '';
  expect(unbalanced(page)).toEqual([]);
  expect(risk).toContain(
    '>500</td><td data-label="First">2021-02-05</td><td data-label="Last">2022-06-19</td><td data-label="Why the last">clip 499</td>',
  );
  expect(risk.match(/ACTIVE → REDUCING/g)).toHaveLength(200);
  expect(risk.slice(0, risk.indexOf('<details>')).match(/ACTIVE → REDUCING/g)).toHaveLength(12);
  expect(risk).toContain('<summary>188 more rows</summary>');
  expect(risk).toMatch(/The first 200 of 215 changes: .*npx playhead runs export 20260102-test-4f1c.* gives every event\./);
});

test('says loudly that bars are synthetic', async () => {
  const page = await reportHtml(fakeInput({ bars: wanderingBars(40, 11), isSynthetic: true }));
  expect(page).toContain('<span class="badge">SYNTHETIC</span>');
  expect(page).toContain('Synthetic data: no market ever made these prices');
  // Once: the engine's own warning would say it again.
  const twice = { ...input.result, series: input.result.series.map((series) => ({ ...series, isSynthetic: true })) };
  const warnings = [`${syntheticLead}: test TEST/USD 1d`, 'another warning'];
  const warned = /id="warnings">(.*?)<\/div>/s.exec(await reportHtml({ ...input, result: { ...twice, warnings } }))?.[1] ?? '';
  expect(warned.match(/synthetic/gi)).toHaveLength(1);
  expect(warned).toContain('<li>another warning</li>');
});

test('hands every trade to the page, packed and back', () => {
  const { rows, step } = pageData(html).trades;
  let entryMs = 0;
  const exits = input.result.trades.map((_, i) => {
    entryMs += rows[i * 11 + 2] * step;
    return entryMs + rows[i * 11 + 3] * step;
  });
  expect(exits).toEqual(input.result.trades.map((trade) => trade.exitMs));
});

test('words of a run never become code', async () => {
  const attack = `</script><script>alert(1)</script><img src=x onerror="alert(2)">'"&\u2028`;
  const evil = fakeInput({ bars: wanderingBars(60, 11), symbol: attack });
  const result = {
    ...evil.result,
    strategyName: attack,
    parameters: { [attack]: attack },
    warnings: [attack],
    ledger: { [attack]: attack },
    quoteCurrency: attack,
  };
  const quality = {
    issues: [{ kind: attack, policy: attack, count: 1, first: { timeMs: 0, text: attack } }],
    gapCount: 0,
    missingBarCount: 0,
    rowCount: 1,
  };
  const page = await reportHtml({
    ...evil,
    runId: attack,
    result,
    quality,
    scenario: { [attack]: [attack] },
    versions: { ...evil.versions, cpu: attack },
  });
  expect(page.match(/<script/g)).toHaveLength(html.match(/<script/g)?.length ?? 0);
  expect(page.match(/<\/script/g)).toHaveLength(html.match(/<\/script/g)?.length ?? 0);
  expect(page).not.toContain('<img');
  expect(unbalanced(page)).toEqual([]);
  expect(pageData(page).symbols).toEqual([attack]);
  expect(scriptJson(attack)).not.toMatch(/[<>&\u2028]/);
});

test('stands without a trade, with one bar, and without any', async () => {
  const quiet = await reportHtml(fakeInput({ bars: wanderingBars(60, 11), hasTrades: false }));
  expect(quiet).toContain('No trade was closed.');
  expect(quiet).toContain('Equity never stood below its peak.');
  expect(quiet).toContain('No position was held at any bar close.');
  expect(visibleOf(quiet)).not.toMatch(/– won|expectancy –|longest none/);
  expect(unbalanced(await reportHtml(fakeInput({ bars: wanderingBars(1, 11) })))).toEqual([]);
  const none = { timeMs: new Float64Array(0), equityQuote: new Float64Array(0) };
  const empty = {
    ...withResult({ equity: none, daily: none, buyAndHold: new Float64Array(0), trades: [], fills: [] }),
    bars: [{ ...input.bars[0], toRow: 0 }],
  };
  expect(unbalanced(await reportHtml(empty))).toEqual([]);
});

test('prints undefined figures as a dash, and stands huge values', async () => {
  const metrics = Object.fromEntries(Object.keys(input.result.metrics).map((name) => [name, Number.NaN]));
  const page = await reportHtml(
    withResult({ metrics, equity: { ...input.result.equity, equityQuote: input.result.equity.equityQuote.map((value) => value * 1e200) } }),
  );
  const shown = [...page.matchAll(/<td class="number">(.*?)<\/td>|<dd[^>]*>(.*?)<\/dd>|<svg.*?<\/svg>/gs)]
    .map(([cell]) => cell)
    .filter((cell) => !cell.includes('→'));
  expect(shown.length).toBeGreaterThan(100);
  expect(shown.join('\n')).not.toMatch(/NaN|undefined|Infinity/);
  expect(page).toMatch(/Sharpe ratio<\/td><td class="number">–/);
});

test('gives the same bytes twice, in another time zone, and without asking the machine for a locale', async () => {
  const summary = summaryText(input, { color: false, width: 80 });
  const zone = process.env.TZ;
  const offset = new Date(2021, 6, 1).getTimezoneOffset();
  const refuse = () => {
    throw new Error('a locale was asked for');
  };
  const spies = [
    vi.spyOn(Number.prototype, 'toLocaleString'),
    vi.spyOn(Date.prototype, 'toLocaleString'),
    vi.spyOn(Date.prototype, 'toLocaleDateString'),
  ];
  for (const spy of spies) spy.mockImplementation(refuse);
  vi.stubGlobal('Intl', new Proxy({}, { get: refuse }));
  try {
    for (const other of ['America/St_Johns', 'Asia/Kathmandu']) {
      process.env.TZ = other;
      expect(new Date(2021, 6, 1).getTimezoneOffset()).not.toBe(offset);
      expect(summaryText(input, { color: false, width: 80 })).toBe(summary);
      expect((await reportHtml(input)) === html).toBe(true);
    }
  } finally {
    if (zone === undefined) delete process.env.TZ;
    else process.env.TZ = zone;
    for (const spy of spies) spy.mockRestore();
  }
});

test('a year of minutes with ten thousand trades stays below 1.3 MB', async () => {
  const year = fakeInput({ bars: wanderingBars(525_600, 7, 60_000), fast: 12, slow: 30 });
  expect(year.result.trades.length).toBeGreaterThan(9_000);
  const page = await reportHtml(year);
  expect(Buffer.byteLength(page)).toBeLessThan(1_300_000);
  expect(unpackedCandles(pageData(page).series[0]).length).toBeLessThanOrEqual(4_000);
}, 60_000);

test('twelve years of real daily bars stay below 0.8 MB, one candle a bar', async () => {
  const input = sp500Input();
  const page = await reportHtml(input);
  expect(Buffer.byteLength(page)).toBeLessThan(800_000);
  const candles = unpackedCandles(pageData(page).series[0]);
  expect(candles.at(-1)?.close).toBe(2_874.56);
  expect(candles).toHaveLength(input.bars[0].columns.length);
});
