/**
 * Owns the report: one file that opens offline, under a policy that forbids every request and eval. Never asks a clock, a locale or a network.
 * Statistical charts are SVG drawn here; the price panel alone is drawn in the browser, since it is there to be zoomed.
 */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { seriesName } from '../engine/model/bar.ts';
import {
  buyAndHoldLabel,
  type ChartOptions,
  type ChartSpec,
  costsByRole,
  costsChart,
  dailyReturnsChart,
  drawdownColumn,
  equityChart,
  equityLabel,
  exposureChart,
  exposureColumn,
  intervalChart,
  monthlyHeight,
  monthlyReturnsChart,
  tradeReturnsChart,
  tradesChart,
  underwaterChart,
} from './charts/index.ts';
import { accountCurrency } from './currency.ts';
import { fixed, money, shownTimes } from './format.ts';
import { clientCode } from './html/client.ts';
import { escapeHtml } from './html/escape.ts';
import { figureHtml, halfWidths } from './html/figure.ts';
import { intervalTable } from './html/interval-table.ts';
import { pageHtml } from './html/page.ts';
import { hoverData, pageData, tradesMax } from './html/page-data.ts';
import { seriesMax } from './html/price-data.ts';
import { riskNote, riskTables } from './html/risk-table.ts';
import { scenarioText } from './html/scenario-text.ts';
import { headerHtml, keyFigures, navigationHtml, section, warningsHtml } from './html/sections.ts';
import {
  accountTable,
  certificateTable,
  conventionList,
  costsTables,
  metricsTables,
  openPositionTable,
  qualityTable,
  tradeTable,
} from './html/tables.ts';
import { policiesAgree } from './interval-words.ts';
import { metricText } from './metric-view.ts';
import type { ReportInput } from './report-input.ts';

type Chart = (input: ReportInput, options: ChartOptions) => ChartSpec;
interface ChartSize {
  readonly id: string;
  readonly chart: Chart;
  readonly height: number;
}

const attribution =
  'TradingView Lightweight Charts™, Copyright (c) 2026 TradingView, Inc., Apache License 2.0, <a href="https://www.tradingview.com/" rel="noopener noreferrer">tradingview.com</a>';

/** The whole report as one HTML document. The same input gives the same bytes. */
export async function reportHtml(input: ReportInput): Promise<string> {
  const hasEquity = input.result.equity.timeMs.length > 0;
  const body = [
    warningsHtml(input),
    keyFigures(input),
    priceSection(input),
    hasEquity ? await equitySections(input) : section('equity', 'Equity', '<p class="soft">The window holds no bar.</p>'),
    await intervalSection(input),
    await tradeSections(input),
    await costsSection(input),
    riskSection(input),
    accountSection(input),
    section('figures', 'Figures', metricsTables(input), 'Point at a name for its convention; all stand in words under Conventions.'),
    section('quality', 'Data quality', qualityTable(input)),
    section(
      'conventions',
      'Conventions',
      `<details><summary>How each figure is computed</summary>${conventionList(input)}</details>`,
      conventionNote,
    ),
    scenarioSection(input),
    certificateSection(input),
  ];
  const navigation = navigationHtml([
    ['price', 'Price'],
    ['equity', 'Equity'],
    ['months', 'Months'],
    ...(input.interval === null ? [] : ([['interval', 'Interval']] as const)),
    ['trades', 'Trades'],
    ['costs', 'Costs'],
    ...(input.result.riskEvents.length > 0 ? ([['risk', 'Risk']] as const) : []),
    ['figures', 'Figures'],
    ['quality', 'Data'],
    ['conventions', 'Conventions'],
    ['scenario', 'Scenario'],
    ['certificate', 'Certificate'],
  ]);
  const title = `${input.result.strategyName} · ${input.runId}`;
  const { playhead, node, v8, cpu } = input.versions;
  return pageHtml({
    title,
    header: headerHtml(input),
    navigation,
    body,
    footer: `playhead ${playhead} · run ${input.runId} · Node ${node} · V8 ${v8} · ${cpu}`,
    data: pageData(input, hoverOf(input)),
    scripts: [await lightweightCharts(), clientCode],
  });
}

const conventionNote =
  'Times are UTC. Ratios are fractions until printed, drawdowns and costs are positive. Drawdown looks at every bar close; return ratios at the last equity of each UTC day that has a bar. Positions open at the end are marked at the last close and are no trades.';

function priceSection({ result }: ReportInput): string {
  const names = result.series.slice(0, seriesMax).map(({ key }) => seriesName(key));
  const options = names.map((name, i) => `<option value="${i}">${escapeHtml(name)}</option>`);
  const choice = names.length > 1 ? `<select id="series" aria-label="Series in the price panel">${options.join('')}</select>` : '';
  const rest = result.series.length - names.length;
  const left = rest > 0 ? ` The first ${names.length} of ${result.series.length} series can be shown.` : '';
  const note = `Arrows open, circles close, squares close a part; blue is bought, orange is sold. Hollow candles rose.${left}`;
  const buttons =
    '<button id="fit" type="button">Whole period</button><button id="nearer" type="button" aria-label="Zoom in">+</button><button id="farther" type="button" aria-label="Zoom out">−</button>';
  const tools = `<div class="tools">${choice}${buttons}<span class="soft hint">Drag to move, Ctrl and wheel to zoom</span><span class="soft" id="candle-note"></span></div>`;
  const chart =
    '<p id="chosen-trade" role="status"></p><p class="soft" id="candle"></p><div id="price-chart"></div><noscript><p class="soft">The price panel needs scripts.</p></noscript>';
  const title = names.length === 1 ? `Price of ${result.instruments[0]?.symbol ?? ''} with trades` : 'Prices with trades';
  return section('price', title, `${tools}${chart}<p class="attribution">${attribution}</p>`, note);
}

async function equitySections(input: ReportInput): Promise<string> {
  const { result } = input;
  const currency = accountCurrency(result);
  const ends = [result.equity.equityQuote, result.buyAndHold].map((column) => money(column[column.length - 1], currency));
  const equity = await allWidths(input, { id: 'equity-chart', chart: equityChart, height: 300 });
  const months = await allWidths(input, { id: 'months-chart', chart: monthlyReturnsChart, height: monthlyHeight(input) });
  // A level line would be an empty picture.
  const unless = async (isLevel: boolean, words: string, size: ChartSize) =>
    isLevel ? `<p class="soft">${words}</p>` : await allWidths(input, size);
  const isDry = drawdownColumn(result.equity.equityQuote, result.initialCapitalQuote).every((fraction) => fraction === 0);
  const isFlat = exposureColumn(input).every((fraction) => fraction === 0);
  const deepest = `the deepest ${metricText('drawdownFractionMax', result.metrics)}, the longest ${metricText('drawdownMsMax', result.metrics)}`;
  return [
    section(
      'equity',
      `Equity in ${currency.name}`,
      equity,
      `Against buying the first instrument with all capital and holding it: ${ends[0]} against ${ends[1]} at the end.`,
    ),
    section(
      'drawdown',
      'Drawdown',
      await unless(isDry, 'Equity never stood below its peak.', { id: 'underwater-chart', chart: underwaterChart, height: 150 }),
      isDry ? '' : `Fall of equity from its peak so far: ${deepest}.`,
    ),
    section(
      'exposure',
      'Exposure',
      await unless(isFlat, 'No position was held at any bar close.', { id: 'exposure-chart', chart: exposureChart, height: 120 }),
      isFlat ? '' : 'Positions as a share of equity, at each bar close.',
    ),
    section('months', 'Monthly returns', months),
  ].join('\n');
}

/** Only where the run was played under each policy. */
async function intervalSection(input: ReportInput): Promise<string> {
  const { interval } = input;
  if (interval === null) return '';
  const picture = policiesAgree(interval) ? '' : await allWidths(input, { id: 'interval-chart', chart: intervalChart, height: 220 });
  const note = 'The same run under each policy for bars that could fill orders in either sequence.';
  return section('interval', 'Interval', picture + intervalTable(interval, accountCurrency(input.result)), note);
}

async function tradeSections(input: ReportInput): Promise<string> {
  const { trades, openPositions, daily } = input.result;
  const shown = Math.min(trades.length, tradesMax);
  const tools = `<div class="tools"><input id="search" type="search" placeholder="Search" aria-label="Search trades"><select id="kind" aria-label="Which trades"><option value="all">All</option><option value="wins">Gains</option><option value="losses">Losses</option><option value="long">Long</option><option value="short">Short</option></select><select id="order" class="for-phone" aria-label="Order of trades"><option value="number 1">As closed</option><option value="number -1">Last first</option><option value="pnl -1">Best profit</option><option value="pnl 1">Worst profit</option><option value="fraction -1">Best return</option><option value="fraction 1">Worst return</option><option value="held -1">Longest held</option></select><button id="before" type="button" aria-label="Page before">‹</button><button id="after" type="button" aria-label="Next page">›</button><span class="soft" id="trade-count"></span></div>`;
  const note =
    shown < trades.length
      ? `The first ${fixed(shown, 0)} of ${fixed(trades.length, 0)}; "npx playhead runs export ${input.runId}" gives all.`
      : 'Click a row to see the trade in the price panel. Returns are exit over entry price without fees, profits are net of fees.';
  const pictures: string[] = [];
  const half = async (title: string, size: ChartSize) => {
    pictures.push(section(size.id.replace('-chart', ''), title, await allWidths(input, size, halfWidths)));
  };
  if (trades.length > 0) await half('Trades over time', { id: 'trade-times-chart', chart: tradesChart, height: 230 });
  if (trades.length > 0) await half('Returns of trades', { id: 'trade-returns-chart', chart: tradeReturnsChart, height: 230 });
  const days = daily.timeMs.length > 1 ? await allWidths(input, { id: 'day-returns-chart', chart: dailyReturnsChart, height: 180 }) : '';
  return [
    pictures.length > 0 ? `<div class="pair">${pictures.join('\n')}</div>` : '',
    days === '' ? '' : section('day-returns', 'Returns of days', days, 'Days without any change are left out.'),
    section(
      'trades',
      'Trades',
      trades.length > 0 ? tools + tradeTable(input) : '<p class="soft">No trade was closed.</p>',
      trades.length > 0 ? note : '',
    ),
    openPositions.length > 0
      ? section('open', 'Open at the end', openPositionTable(input), 'Marked at the last close; outside trade statistics.')
      : '',
  ].join('\n');
}

async function costsSection(input: ReportInput): Promise<string> {
  const roles = costsByRole(input);
  const picture = roles.length > 0 ? await allWidths(input, { id: 'costs-chart', chart: costsChart, height: 60 + 34 * roles.length }) : '';
  const note = `What trading took, in ${input.result.quoteCurrency}, by the purpose of the order.`;
  return section('costs', 'Costs', roles.length > 0 ? picture + costsTables(input) : '<p class="soft">Nothing was filled.</p>', note);
}

/** Only where risk did anything: most runs ask nothing of it. */
function riskSection(input: ReportInput): string {
  return input.result.riskEvents.length === 0 ? '' : section('risk', 'Risk', riskTables(input), riskNote(input));
}

/** Nothing for an account to which nothing happened but its orders. */
function accountSection(input: ReportInput): string {
  const { accountEvents, dust, instruments } = input.result;
  const rests = dust.map(({ instrumentIndex, sizeBase }) => `${sizeBase} ${instruments[instrumentIndex].symbol}`);
  const note = rests.length === 0 ? '' : `Kept as dust, marked at the last close: ${rests.join(', ')}.`;
  return accountEvents.length === 0 ? '' : section('account', 'Account', accountTable(input), note);
}

function scenarioSection(input: ReportInput): string {
  return section(
    'scenario',
    'Scenario',
    `<pre tabindex="0">${escapeHtml(scenarioText(input.scenario))}</pre>`,
    'As resolved: with everything that was left to defaults. Behind times in milliseconds stands what they are in UTC.',
  );
}

function certificateSection(input: ReportInput): string {
  const how = `<p class="soft">Check it with <code>npx playhead verify ${escapeHtml(input.runId)}</code>: it plays the run again and names the first input or record that differs.</p>`;
  return section('certificate', 'Certificate', how + certificateTable(input));
}

function allWidths(input: ReportInput, { id, height, chart }: ChartSize, drawn?: Readonly<Record<string, number>>): Promise<string> {
  return figureHtml({ id, height, draw: (options) => chart(input, options) }, drawn);
}

function hoverOf(input: ReportInput): Record<string, object> {
  const { result } = input;
  const { equityQuote } = result.equity;
  const timeMs = shownTimes(result.equity.timeMs);
  if (timeMs.length === 0) return {};
  const drawdown = drawdownColumn(equityQuote, result.initialCapitalQuote);
  return {
    'equity-chart': hoverData(
      timeMs,
      [
        { name: equityLabel, column: equityQuote },
        { name: buyAndHoldLabel, column: result.buyAndHold },
      ],
      accountCurrency(result).decimals,
    ),
    'underwater-chart': hoverData(timeMs, [{ name: 'Drawdown', column: drawdown }], null),
    'exposure-chart': hoverData(timeMs, [{ name: 'Exposure', column: exposureColumn(input) }], null),
  };
}

/** The library as its makers ship it, licence line included. */
async function lightweightCharts(): Promise<string> {
  const home = dirname(createRequire(import.meta.url).resolve('lightweight-charts/package.json'));
  return readFile(join(home, 'dist', 'lightweight-charts.standalone.production.js'), 'utf8');
}
