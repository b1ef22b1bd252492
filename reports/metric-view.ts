/** Owns which figures a report shows, in which order, and how each is written. Label, unit and convention come from the engine's catalogue. */
import { type MetricDefinition, metricCatalogue } from '../engine/metrics/catalogue.ts';
import type { Metrics } from '../engine/result.ts';
import { count, duration, fixed, money, percent, percentSigned } from './format.ts';

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

/** The figure as text by its unit; "–" where it is undefined or not measured. */
export function metricText(name: string, metrics: Metrics): string {
  const value = metrics[name] ?? Number.NaN;
  switch (catalogue[name]?.unit) {
    case 'fraction':
      return withSign.test(name) ? percentSigned(value) : percent(value);
    case 'quote':
      return money(value);
    case 'ms':
      return duration(value);
    case 'count':
      return count(value);
    default:
      return fixed(value, 3);
  }
}

export function metricLine(name: string, metrics: Metrics): MetricLine {
  const definition = catalogue[name];
  return { name, label: definition?.label ?? name, text: metricText(name, metrics), convention: definition?.convention ?? '' };
}

/** Every figure of the catalogue, then those of the run that the catalogue does not know, under titles. */
export function metricGroups(metrics: Metrics): MetricGroup[] {
  const groups: { title: string; lines: MetricLine[] }[] = [];
  let lines: MetricLine[] = [];
  for (const name of Object.keys(catalogue)) {
    const start = groupStarts.find(([, first]) => first === name);
    if (start || groups.length === 0) {
      lines = [];
      groups.push({ title: start?.[0] ?? 'Figures', lines });
    }
    lines.push(metricLine(name, metrics));
  }
  const unknown = Object.keys(metrics).filter((name) => !Object.hasOwn(catalogue, name));
  if (unknown.length > 0) groups.push({ title: 'Other', lines: unknown.map((name) => metricLine(name, metrics)) });
  return groups;
}
