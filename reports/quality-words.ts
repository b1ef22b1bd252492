/** Owns what each kind of finding in bars is called for people. Never judges bars: kinds and counts come with the run. */
import { fixed } from './format.ts';

const plurals: Readonly<Record<string, string>> = {
  nonFinite: 'bars with a value that is no finite number',
  disorder: 'bars out of order in time',
  duplicate: 'bars at the time of the bar before',
  overlap: 'bars inside the time of the bar before',
  negative: 'bars with a negative price or volume',
  zero: 'bars with a price of zero',
  highBelowLow: 'bars with a high below the low',
  outsideRange: 'bars with an open or close outside low and high',
  offTick: 'bars with a price off the tick grid',
  offTimeGrid: 'bars off the UTC grid of the timeframe',
  gap: 'gaps',
  irregularCalendar: 'breaks like nights, weekends and holidays',
  staleOpen: 'bars with an open that repeats the close before',
};

/** What the kind means, for so many; '' for a kind that has no words here. */
export function qualityMeaning(kind: string, count: number): string {
  const plural = Object.hasOwn(plurals, kind) ? plurals[kind] : '';
  return count === 1 ? plural.replace(/^(\w+)s\b/, '$1') : plural;
}

/** "671 breaks like nights, weekends and holidays (flag)"; without known words "new 3 (flag)". */
export function qualityText(issue: { readonly kind: string; readonly policy: string; readonly count: number }): string {
  const count = fixed(issue.count, 0);
  const meaning = qualityMeaning(issue.kind, issue.count);
  return meaning === '' ? `${issue.kind} ${count} (${issue.policy})` : `${count} ${meaning} (${issue.policy})`;
}
