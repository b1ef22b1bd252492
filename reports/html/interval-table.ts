/** Owns the table of an interval and the sentences beside it. Never puts a word of a run into it unescaped. */
import type { Interval } from '../../engine/interval/interval.ts';
import type { Currency } from '../currency.ts';
import { intervalNotes, intervalRows, intervalTitles, policiesAgree } from '../interval-words.ts';
import { escapeHtml } from './escape.ts';
import { table } from './tables.ts';

export function intervalTable(interval: Interval, currency: Currency): string {
  const columns = intervalTitles.map((title, i) => ({ title, isNumber: i > 0 && i < intervalTitles.length - 1 }));
  const notes = intervalNotes(interval, currency).map((note) => `<p class="soft">${escapeHtml(note)}</p>`);
  const rows = table(columns, intervalRows(interval, currency));
  const words = `<div class="notes">${notes.join('\n')}</div>`;
  // Rows that are all the same are there for their hashes alone.
  return policiesAgree(interval) ? `${words}<details><summary>Each policy</summary>${rows}</details>` : `${rows}${words}`;
}
