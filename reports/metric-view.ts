/** Owns which figures a report shows, in which order, and how each is written. Label, unit and convention come from the engine's catalogue. */
import { type MetricDefinition, metricCatalogue } from '../engine/metrics/catalogue.ts';
import type { Metrics, RunResult } from '../engine/result.ts';
import type { Currency } from './currency.ts';
import { count, duration, fixed, money, percent, percentSigned, undefinedMark } from './format.ts';

export interface MetricLine {
  readonly name: string;
  readonly label: string;
  readonly text: string;
  readonly convention: string;
}

export interface MetricGroup {
  readonly title: string;
  readonly lines: readonly MetricLine[];
}

const catalogue: Readonly<Record<string, MetricDefinition>> = metricCatalogue;

/** A figure that can be above or below zero and reads better with its sign. */
const withSign = /^(return|buyAndHoldReturn|cagr|alpha|tradeReturn|expectancyFraction|kelly)/;

/** Titles and the first figure of each group; a group goes on to the next title, so that a new figure of the catalogue is never lost. */
const groupStarts: readonly (readonly [title: string, firstName: string])[] = [
  ['Return', 'durationMs'],
  ['Risk and return', 'volatilityFractionAnnual'],
  ['Days', 'returnFractionDailyMean'],
  ['Drawdown', 'drawdownFractionMax'],
  ['Against buy and hold', 'alphaFraction'],
  ['Trades', 'tradeCount'],
  ['Costs', 'feeQuoteTotal'],
];

/** Where nobody told the currency of money. */
const unknownCurrency: Currency = { name: '', decimals: 2 };

/** The figure as text by its unit; "–" where it is undefined or not measured. */
export function metricText(name: string, metrics: Metrics, currency = unknownCurrency): string {
  const value = metrics[name] ?? Number.NaN;
  switch (catalogue[name]?.unit) {
    case 'fraction':
      return withSign.test(name) ? percentSigned(value) : percent(value);
    case 'quote':
      return money(value, currency);
    case 'ms':
      // A drawdown of no length is none.
      return value === 0 && name.startsWith('drawdown') ? 'none' : duration(value);
    case 'count':
      return count(value);
    default:
      return name === 'turnoverRatioAnnual' ? withTimes(fixed(value, 3)) : fixed(value, 3);
  }
}

/** "Sharpe ratio"; its own name for a figure that the catalogue does not know. */
export function metricLabel(name: string): string {
  return catalogue[name]?.label ?? name;
}

/** The figure in few digits, for a place that has no room: of fractions per cent without its sign. */
export function metricTextShort(name: string, value: number): string {
  switch (catalogue[name]?.unit) {
    case 'fraction':
      return fixed(value * 100, Math.abs(value) < 0.1 ? 1 : 0);
    case 'ratio':
      return fixed(value, 2);
    case 'ms':
      return duration(value);
    default:
      return fixed(value, 0);
  }
}

/** How an axis of Vega writes the figure. */
export function metricAxisFormat(name: string): string {
  const unit = catalogue[name]?.unit;
  return unit === 'fraction' ? '.2~%' : unit === 'ratio' ? '.3~f' : '.3~s';
}

/** "3", or "3 (5 decided)" where a walk along the bar or finer bars have decided others. */
export function ambiguousBarsText({
  ambiguousBarCount,
  decidedBarCount,
}: Pick<RunResult, 'ambiguousBarCount' | 'decidedBarCount'>): string {
  const text = fixed(ambiguousBarCount, 0);
  return decidedBarCount === 0 ? text : `${text} (${fixed(decidedBarCount, 0)} decided)`;
}

export function metricLine(name: string, metrics: Metrics, currency = unknownCurrency): MetricLine {
  const definition = catalogue[name];
  return { name, label: metricLabel(name), text: metricText(name, metrics, currency), convention: definition?.convention ?? '' };
}

/** Every figure of the catalogue, then those of the run that the catalogue does not know, under titles; money with its currency. */
export function metricGroups(metrics: Metrics, currency: Currency): MetricGroup[] {
  const groups: { title: string; lines: MetricLine[] }[] = [];
  let lines: MetricLine[] = [];
  for (const name of Object.keys(catalogue)) {
    const start = groupStarts.find(([, first]) => first === name);
    if (start || groups.length === 0) {
      lines = [];
      groups.push({ title: start?.[0] ?? 'Figures', lines });
    }
    lines.push(withCurrency(metricLine(name, metrics, currency), currency.name));
  }
  const unknown = Object.keys(metrics).filter((name) => !Object.hasOwn(catalogue, name));
  if (unknown.length > 0) groups.push({ title: 'Other', lines: unknown.map((name) => metricLine(name, metrics)) });
  return groups;
}

function withCurrency(line: MetricLine, quoteCurrency: string): MetricLine {
  const isQuote = catalogue[line.name].unit === 'quote';
  return isQuote && line.text !== undefinedMark ? { ...line, text: `${line.text} ${quoteCurrency}` } : line;
}

function withTimes(text: string): string {
  return text === undefinedMark ? text : `${text}×`;
}
