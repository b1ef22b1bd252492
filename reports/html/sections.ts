/** Owns the head of the page: what was played, what to beware of, the figures that matter most. */
import { seriesName } from '../../engine/model/bar.ts';
import { warningsOf } from '../cautions.ts';
import { accountCurrency } from '../currency.ts';
import { counted, periodUtc } from '../format.ts';
import { ambiguousBarsText, metricText } from '../metric-view.ts';
import { isSyntheticRun, type ReportInput } from '../report-input.ts';
import { escapeHtml } from './escape.ts';

export function section(id: string, title: string, body: string, note = ''): string {
  return `<section id="${id}"><h2>${escapeHtml(title)}</h2>${note === '' ? '' : `<p class="soft">${escapeHtml(note)}</p>`}\n${body}</section>`;
}

export function headerHtml(input: ReportInput): string {
  const { result } = input;
  const parameters = Object.entries(result.parameters).map(([name, value]) => `${name} ${value}`);
  const series = result.series.map((played) => {
    const period = played.rowCount === 0 ? 'no bars' : `${periodUtc(played.firstOpenMs, played.lastCloseMs).join(' to ')} UTC`;
    return `<p class="soft">${escapeHtml(`${seriesName(played.key)} · ${period} · ${counted(played.rowCount, 'bar')}`)}${played.isSynthetic ? '<span class="badge">SYNTHETIC</span>' : ''}</p>`;
  });
  return headHtml(result.strategyName, [
    ...(parameters.length > 0 ? [`<p class="soft">${escapeHtml(parameters.join(' · '))}</p>`] : []),
    ...series,
  ]);
}

/** lines: HTML. */
export function headHtml(title: string, lines: readonly string[]): string {
  return `<header><div class="inner"><div class="top"><h1>${escapeHtml(title)}</h1><button id="theme" type="button">Light / dark</button></div>
${lines.join('\n')}</div></header>`;
}

export function navigationHtml(items: readonly (readonly [id: string, title: string])[]): string {
  return `<nav aria-label="Sections"><div>${items.map(([id, title]) => `<a href="#${id}">${escapeHtml(title)}</a>`).join('')}</div></nav>`;
}

export const syntheticAlarm = '<p role="alert">Synthetic data: no market ever made these prices; the result says nothing about any.</p>';

/** What a reader must know before believing the result: first on the page. */
export function warningsHtml(input: ReportInput): string {
  const alarm = isSyntheticRun(input.result) ? syntheticAlarm : '';
  return warningBox(alarm, warningsOf(input));
}

/** alarm: HTML, '' where there is none. */
export function warningBox(alarm: string, warnings: readonly string[]): string {
  const items = warnings.map((warning) => `<li>${escapeHtml(warning)}</li>`);
  const list = items.length > 0 ? `<ul>${items.join('')}</ul>` : '';
  return alarm + list === '' ? '' : `<div class="warnings" id="warnings">${alarm}${list}</div>`;
}

export function keyFigures(input: ReportInput): string {
  const { metrics } = input.result;
  const text = (name: string) => metricText(name, metrics, accountCurrency(input.result));
  const hasTrades = input.result.trades.length > 0;
  const tiles = [
    ['Return', text('returnFraction'), `buy and hold ${text('buyAndHoldReturnFraction')}`],
    ['CAGR', text('cagrFraction'), `volatility ${text('volatilityFractionAnnual')}`],
    ['Sharpe ratio', text('sharpeRatio'), `Sortino ${text('sortinoRatio')}`],
    ['Deepest drawdown', text('drawdownFractionMax'), metrics.drawdownFractionMax > 0 ? `longest ${text('drawdownMsMax')}` : ''],
    ['Trades', text('tradeCount'), hasTrades ? `${text('winRateFraction')} won` : 'none was closed'],
    ['Profit factor', text('profitFactor'), hasTrades ? `expectancy ${text('expectancyQuote')} ${input.result.quoteCurrency}` : ''],
    ['Exposure', text('exposureFraction'), `turnover ${text('turnoverRatioAnnual')} a year`],
    ['Ambiguous bars', ambiguousBarsText(input.result), 'two orders could fill either way'],
  ];
  return tilesHtml(tiles);
}

/** Label, figure and a remark each. */
export function tilesHtml(tiles: readonly (readonly string[])[]): string {
  const items = tiles.map(
    ([label, value, note]) =>
      `<div><dt>${escapeHtml(label)}</dt><dd class="value">${escapeHtml(value)}</dd><dd class="soft">${escapeHtml(note)}</dd></div>`,
  );
  return `<dl class="keys">${items.join('\n')}</dl>`;
}
