/** Owns the tables of what risk did in a run. Never puts a word of a run into them unescaped. */
import type { RiskEvent } from '../../engine/risk-event.ts';
import { counted, fixed, momentUtc } from '../format.ts';
import type { ReportInput } from '../report-input.ts';
import { accountEvents, effectText } from '../risk-words.ts';
import { table } from './tables.ts';

/** Rows that stand open; more are folded away, since a rule may trip daily. */
const openRowsMax = 12;
/** Rows of the page. */
const rowsMax = 200;

type Row = readonly string[];

/** Each change of the account's state, then pauses and smaller sizes by rule and instrument: a run may have thousands of them. */
export function riskTables({ result }: ReportInput): string {
  const account = accountEvents(result).map((event) => [momentUtc(event.timeMs), event.rule, effectText(event, result), event.reason]);
  const columns = ['Time', 'Rule', 'Effect', 'Why'].map((title) => ({ title }));
  const groups = groupsOf(result.riskEvents).map(([first, ...others]) => {
    const last = others.at(-1) ?? first;
    return [
      effectText(first, result),
      first.rule,
      fixed(others.length + 1, 0),
      momentUtc(first.timeMs),
      momentUtc(last.timeMs),
      last.reason,
    ];
  });
  const groupColumns = ['Effect', 'Rule', 'Times', 'First', 'Last', 'Why the last'].map((title) => ({
    title,
    isNumber: title === 'Times',
  }));
  return [folded(columns, account), folded(groupColumns, groups)].join('\n');
}

/** What stands over the tables. */
export function riskNote({ result, runId }: ReportInput): string {
  const states = 'ACTIVE trades; REDUCING lets only reductions through; HALTED closes everything and refuses the rest.';
  const count = accountEvents(result).length;
  const first = count > rowsMax ? ` The first ${rowsMax} of ${fixed(count, 0)} changes:` : '';
  return `${states}${first} "npx playhead runs export ${runId}" gives every event.`;
}

/** Events other than the account's, by what they are, in the order of their first. */
function groupsOf(events: readonly RiskEvent[]): (readonly RiskEvent[])[] {
  const groups = new Map<string, RiskEvent[]>();
  for (const event of events) {
    if (event.kind !== 'clip' && event.kind !== 'pause') continue;
    const key = `${event.kind} ${event.rule} ${event.instrumentIndex}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [event]);
    else group.push(event);
  }
  return [...groups.values()];
}

function folded(columns: Parameters<typeof table>[0], rows: readonly Row[]): string {
  if (rows.length === 0) return '';
  const more = rows.slice(openRowsMax, rowsMax);
  const open = table(columns, rows.slice(0, openRowsMax), { isStacked: true });
  if (more.length === 0) return open;
  return `${open}<details><summary>${counted(more.length, 'more row')}</summary>${table(columns, more, { isStacked: true })}</details>`;
}
