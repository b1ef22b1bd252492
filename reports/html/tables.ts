/** Owns the tables of the page. Never puts a word of a run into it unescaped. */
import { decimalsOf, tickStepOf } from '../../engine/model/instrument.ts';
import { cashCauses } from '../../engine/portfolio/ledger.ts';
import type { Metrics } from '../../engine/result.ts';
import { type CostsOfKind, type CostsOfRole, costsByKind, costsByRole, exitLabels } from '../charts/costs.ts';
import { accountCurrency, type Currency, foreignName, quoteOf } from '../currency.ts';
import { counted, duration, fixed, momentUtc, money, percent, percentSigned, price, quantity, signed } from '../format.ts';
import { metricGroups } from '../metric-view.ts';
import { qualityMeaning } from '../quality-words.ts';
import type { ReportInput } from '../report-input.ts';
import { escapeHtml } from './escape.ts';

interface Column {
  readonly title: string;
  readonly isNumber?: boolean;
  /** Never broken into lines: dates would be at their hyphens. */
  readonly isWhole?: boolean;
}

/** Cells are text; they are escaped here. isStacked: on a phone a row becomes lines with the names of their columns, for cells that hold sentences. */
export function table(columns: readonly Column[], rows: readonly (readonly string[])[], { isStacked = false } = {}): string {
  const kind = (i: number) => (columns[i].isNumber ? ' class="number"' : columns[i].isWhole ? ' class="whole"' : '');
  const name = (i: number) => (isStacked ? ` data-label="${escapeHtml(columns[i].title)}"` : '');
  const head = columns.map((column, i) => `<th scope="col"${kind(i)}>${escapeHtml(column.title)}</th>`).join('');
  const body = rows
    .map((row) => `<tr>${row.map((cell, i) => `<td${kind(i)}${name(i)}>${escapeHtml(cell)}</td>`).join('')}</tr>`)
    .join('\n');
  return `<div class="scroll"><table${isStacked ? ' class="stack"' : ''}><thead><tr>${head}</tr></thead><tbody>${body}</tbody></table></div>`;
}

/** Every figure under its group; the convention is the tooltip of its label, and stands in words in the conventions below. */
export function metricsTables({ result }: ReportInput): string {
  return metricGroupsTable(result.metrics, accountCurrency(result));
}

export function metricGroupsTable(metrics: Metrics, currency: Currency): string {
  const groups = metricGroups(metrics, currency).map((group) => {
    const rows = group.lines.map(
      (line) =>
        `<tr><td title="${escapeHtml(line.convention)}">${escapeHtml(line.label)}</td><td class="number">${escapeHtml(line.text)}</td></tr>`,
    );
    return `<div><h3>${escapeHtml(group.title)}</h3><table><tbody>${rows.join('\n')}</tbody></table></div>`;
  });
  return `<div class="groups">${groups.join('\n')}</div>`;
}

export function conventionList(input: ReportInput): string {
  const lines = metricGroups(input.result.metrics, accountCurrency(input.result)).flatMap((group) => group.lines);
  const items = lines.map((line) => `<div><dt>${escapeHtml(line.label)}</dt><dd>${escapeHtml(line.convention)}</dd></div>`);
  return `<dl class="conventions">${items.join('\n')}</dl>`;
}

const tradeColumns = [
  { key: 'number', title: '#', isNumber: true },
  { key: 'side', title: 'Side' },
  { key: 'symbol', title: 'Symbol' },
  { key: 'entryMs', title: 'Entry' },
  { key: 'entry', title: 'at', isNumber: true },
  { key: 'exitMs', title: 'Exit' },
  { key: 'exit', title: 'at', isNumber: true },
  { key: 'size', title: 'Size', isNumber: true },
  { key: 'fraction', title: 'Return', isNumber: true },
  { key: 'pnl', title: 'Profit', isNumber: true },
  { key: 'fee', title: 'Fees', isNumber: true },
  { key: 'held', title: 'Held', isNumber: true },
  { key: 'role', title: 'Closed by' },
];

/** The head of the trade table and its first rows, for print and for browsers without scripts; the page's code shows the rest. */
export function tradeTable(input: ReportInput): string {
  const { result } = input;
  const hasSymbols = result.instruments.length > 1;
  const columns = tradeColumns.filter((column) => hasSymbols || column.key !== 'symbol');
  const head = columns.map(
    ({ key, isNumber, title }) => `<th scope="col" tabindex="0" data-key="${key}"${isNumber ? ' class="number"' : ''}>${title}</th>`,
  );
  const rows = result.trades.slice(0, 25).map((trade, i) => {
    const instrument = result.instruments[trade.instrumentIndex];
    const [decimals, quote] = [decimalsOf(tickStepOf(instrument)), quoteOf(instrument)];
    const texts: Readonly<Record<string, string>> = {
      number: String(i + 1),
      side: trade.side === 1 ? 'long' : 'short',
      symbol: instrument.symbol,
      entryMs: momentUtc(trade.entryMs),
      entry: price(trade.entryPriceQuote, decimals),
      exitMs: momentUtc(trade.exitMs),
      exit: price(trade.exitPriceQuote, decimals),
      size: quantity(trade.sizeBase),
      fraction: percentSigned(trade.returnFraction),
      pnl: money(trade.pnlQuote, quote) + foreignName(instrument, result),
      fee: money(trade.entryFeeQuote + trade.exitFeeQuote, quote) + foreignName(instrument, result),
      held: duration(trade.exitMs - trade.entryMs),
      role: exitLabels[trade.exitRole],
    };
    return `<tr>${columns.map(({ key, isNumber }) => `<td class="${key}${isNumber ? ' number' : ''}">${escapeHtml(texts[key])}</td>`).join('')}</tr>`;
  });
  return `<div class="scroll"><table id="trade-table"><thead><tr>${head.join('')}</tr></thead><tbody id="trade-rows">${rows.join('\n')}</tbody></table></div>`;
}

export function openPositionTable(input: ReportInput): string {
  const { result } = input;
  const rows = result.openPositions.map((position) => {
    const instrument = result.instruments[position.instrumentIndex];
    const decimals = decimalsOf(tickStepOf(instrument));
    return [
      instrument.symbol,
      position.sizeBase < 0 ? 'short' : 'long',
      quantity(Math.abs(position.sizeBase)),
      price(position.averagePriceQuote, decimals),
      price(position.markPriceQuote, decimals),
      signed(position.unrealisedPnlQuote, quoteOf(instrument).decimals) + foreignName(instrument, result),
    ];
  });
  const number = (title: string) => ({ title, isNumber: true });
  return table(
    [{ title: 'Symbol' }, { title: 'Side' }, number('Size'), number('Average price'), number('Mark'), number('Unrealised')],
    rows,
    { isStacked: true },
  );
}

export function costsTables(input: ReportInput): string {
  const number = (title: string) => ({ title, isNumber: true });
  const currency = accountCurrency(input.result);
  const by = (title: string, causes: readonly (CostsOfKind | CostsOfRole)[]) => {
    const rows = causes.map((cause) => [
      cause.label,
      fixed(cause.fillCount, 0),
      money(cause.notionalQuote, currency),
      money(cause.feeQuote, currency),
      money(cause.slippageQuote, currency),
      percent((cause.feeQuote + cause.slippageQuote) / cause.notionalQuote, 3),
    ]);
    const columns = [{ title }, number('Fills'), number('Notional'), number('Fees'), number('Slippage'), number('of notional')];
    return rows.length > 0 ? table(columns, rows, { isStacked: true }) : '';
  };
  const tables = by('Purpose', costsByRole(input)) + by('Kind of order', costsByKind(input));
  return `<div class="pair costs"><div>${tables}</div><div>${cashTables(input)}</div></div>`;
}

/** How often each kind of event came, and the last one with its numbers. */
export function accountTable({ result }: ReportInput): string {
  const last = new Map<string, { count: number; timeMs: number; words: string }>();
  for (const { kind, timeMs, figures } of result.accountEvents) {
    const words = Object.entries(figures).map(([name, figure]) => `${name} ${typeof figure === 'number' ? quantity(figure) : figure}`);
    last.set(kind, { count: (last.get(kind)?.count ?? 0) + 1, timeMs, words: words.join(' · ') });
  }
  const rows = [...last].map(([kind, { count, timeMs, words }]) => [kind, fixed(count, 0), momentUtc(timeMs), words]);
  const columns = [{ title: 'Event' }, { title: 'Count', isNumber: true }, { title: 'Last, UTC' }, { title: 'Its figures' }];
  return table(columns, rows, { isStacked: true });
}

/** One table a currency, the account's first. */
function cashTables({ result }: ReportInput): string {
  const others = Object.entries(result.otherLedgers).map(([name, causes]) => cashTable(causes, accountCurrency(result, name)));
  return [cashTable(result.ledger, accountCurrency(result)), ...others].join('\n');
}

/** Changes of cash, written like all money of the page; the exact amount is their tooltip. What left the account bears a minus. */
function cashTable(ledger: Readonly<Record<string, string>>, currency: Currency): string {
  const directions: Readonly<Record<string, number>> = cashCauses;
  const rows = Object.entries(ledger).map(([cause, amount]) => {
    const change = (directions[cause] ?? 1) < 0 ? negated(amount) : amount;
    const value = Number(change);
    const text = Number.isNaN(value) ? change : money(value, currency);
    return `<tr><td>${escapeHtml(cause)}</td><td class="number" title="${escapeHtml(groupedDecimal(change))}">${escapeHtml(text)}</td></tr>`;
  });
  if (rows.length === 0) return '';
  const head = `<th scope="col">Change of cash</th><th scope="col" class="number">${escapeHtml(currency.name)}</th>`;
  return `<div class="scroll"><table class="cash"><thead><tr>${head}</tr></thead><tbody>${rows.join('\n')}</tbody></table></div>`;
}

function negated(amount: string): string {
  return amount.startsWith('-') ? amount.slice(1) : /[1-9]/.test(amount) ? `-${amount}` : amount;
}

/** An exact decimal with thousands separators and the minus sign of all other figures; what is no decimal is left alone. */
function groupedDecimal(amount: string): string {
  if (!/^-?\d+(\.\d+)?$/.test(amount)) return amount;
  const [whole, rest] = amount.replace('-', '').split('.');
  const digits = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  return `${amount.startsWith('-') ? '−' : ''}${digits}${rest === undefined ? '' : `.${rest}`}`;
}

export function qualityTable(input: ReportInput): string {
  const { quality } = input;
  if (quality === null) return '<p class="soft">The bars were not checked.</p>';
  const gaps =
    quality.gapCount === 0 ? 'no gap' : `${counted(quality.missingBarCount, 'bar')} missing in ${counted(quality.gapCount, 'gap')}`;
  const summary = `<p class="soft">${counted(quality.rowCount, 'bar')} checked, ${gaps}. Nothing was repaired silently.</p>`;
  if (quality.issues.length === 0) return summary;
  const rows = quality.issues.map((issue) => [
    issue.kind,
    fixed(issue.count, 0),
    qualityMeaning(issue.kind, issue.count),
    issue.policy,
    issue.first ? `${momentUtc(issue.first.timeMs)}: ${issue.first.text}` : '',
  ]);
  return (
    summary +
    table(
      [{ title: 'Kind' }, { title: 'Count', isNumber: true }, { title: 'What it is' }, { title: 'Policy' }, { title: 'First seen' }],
      rows,
      { isStacked: true },
    )
  );
}

const hashMeanings: Readonly<Record<string, string>> = {
  tapeHash: 'the bars used, as decoded columns',
  strategyHash: 'the strategy with all it imports',
  scenarioHash: 'the resolved scenario',
  engineHash: "the engine's own files",
  seed: 'the seed of its randomness',
  ordersHash: 'every order with its outcome',
  fillsHash: 'every fill',
  equityHash: 'equity at each bar',
  dailyHash: 'equity at the end of each UTC day',
  metricsHash: 'the figures above',
  trialHash: 'fills, figures and daily equity: equal in a sweep',
  runHash: 'everything: inputs and outputs',
};

export function certificateTable(input: ReportInput): string {
  const rows = Object.entries(input.result.certificate).map(
    ([name, value]) =>
      `<tr><td>${escapeHtml(name.replace(/Hash$/, ''))}</td><td class="soft">${escapeHtml(hashMeanings[name] ?? '')}</td><td class="hash">${escapeHtml(String(value))}</td></tr>`,
  );
  return `<div class="scroll"><table class="stack"><thead><tr><th scope="col">Of</th><th scope="col">covers</th><th scope="col">SHA-256</th></tr></thead><tbody>${rows.join('\n')}</tbody></table></div>`;
}
