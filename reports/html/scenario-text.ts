/** Owns how the resolved scenario is shown. Never changes a value of it: what a time means stands behind it. */
import { momentUtc } from '../format.ts';
import type { Json } from '../report-input.ts';

const timeLine = /^\s*"(?:[^"\\]|\\.)*(?:from|to|at|time|start|end|open|close|until)Ms": (-?\d+)(,?)$/i;
const timeMsMax = 8.64e15;
/** Below (1973) it is taken for a length of time. */
const timeMsMin = 1e11;

/** JSON with two blanks a level; behind a time in milliseconds the same in words. */
export function scenarioText(scenario: Json): string {
  return JSON.stringify(scenario, null, 2)
    .split('\n')
    .map((line) => {
      const found = timeLine.exec(line);
      const meaning = found ? timeMeaning(Number(found[1])) : '';
      return meaning === '' ? line : `${line}  // ${meaning}`;
    })
    .join('\n');
}

function timeMeaning(ms: number): string {
  if (ms >= timeMsMax) return 'no end';
  if (ms <= -timeMsMax) return 'no start';
  return Math.abs(ms) < timeMsMin ? '' : `${momentUtc(ms)} UTC`;
}
