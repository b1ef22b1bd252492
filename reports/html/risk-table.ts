/** Owns the table of what risk did in a run. Never puts a word of a run into it unescaped. */
import { fixed, momentUtc } from '../format.ts';
import type { ReportInput } from '../report-input.ts';
import { effectText } from '../risk-words.ts';
import { table } from './tables.ts';

/** Rows of the page; a run may clip thousands of sizes. */
const rowsMax = 200;

/** Every event with its numbers in words, the first of them where there are many. */
export function riskTable({ result }: ReportInput): string {
  const columns = [{ title: 'Time' }, { title: 'Rule' }, { title: 'Effect' }, { title: 'Order', isNumber: true }, { title: 'Why' }];
  const rows = result.riskEvents.slice(0, rowsMax).map((event) => {
    const effect = event.kind === 'clip' ? `${result.instruments[event.instrumentIndex].symbol} made smaller` : effectText(event, result);
    return [momentUtc(event.timeMs), event.rule, effect, event.orderId < 0 ? '' : String(event.orderId), event.reason];
  });
  return table(columns, rows, { isStacked: true });
}

/** What stands over the table. */
export function riskNote({ result, runId }: ReportInput): string {
  const states = 'ACTIVE trades; REDUCING lets only reductions through; HALTED closes everything and refuses the rest.';
  const count = result.riskEvents.length;
  return count > rowsMax
    ? `${states} The first ${rowsMax} of ${fixed(count, 0)}; "npx playhead runs show ${runId} --json" gives all.`
    : states;
}
