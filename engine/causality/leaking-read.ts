/** Owns finding the one read of a batch kernel that lets the future in. Never decides whether a column leaks (lookahead.ts does). */
import type { BatchKernel } from '../strategy.ts';
import { watchReads, watchWrites } from './watched-array.ts';

/** The read that, changed alone, changes a value of an earlier bar. error: made at the read, so that its stack says where it is. */
export interface LeakingRead {
  /** The bar whose value it reaches, and how many bars past it was read. */
  readonly bar: number;
  readonly barsAhead: number;
  readonly error: Error;
}

/** Bars of a column that are kept for the search, and the lengths it is tried with: most leaks show in a few. */
export const headBars = 4_096;
const lengths = [64, 512, headBars];
/** Bars in a row that are tried at each place: a leak may spare some, as the last of each group. */
const runOfBars = 24;
const stacksMax = 2_000;
const trialsMax = 400;

/** A read past the bar, by its number among all reads. */
interface Suspect {
  readonly number: number;
  readonly index: number;
  readonly error: Error;
}

/** Plays the kernel on the head of its source. null where it shows no leak there, or none through the reads of its own source. */
export function findLeakingRead(kernel: BatchKernel, head: Float64Array): LeakingRead | null {
  for (const length of lengths) {
    if (length > head.length && length / 8 > head.length) break;
    const source = head.slice(0, Math.min(length, head.length));
    const bar = leakingBar(kernel, source);
    if (bar < 0) continue;
    const read = culpritOf(kernel, source, bar);
    if (read !== null) return read;
  }
  return null;
}

/** A bar whose value changes when bars after it do; −1 where none was found. */
function leakingBar(kernel: BatchKernel, source: Float64Array): number {
  const base = played(kernel, source.slice());
  const { length } = source;
  for (const share of [0.5, 0.25, 0.75, 0]) {
    const first = Math.floor(length * share);
    for (let bar = first; bar < Math.min(first + runOfBars, length - 1); bar++) {
      const altered = played(
        kernel,
        source.map((value, i) => (i > bar ? otherThan(value) : value)),
      );
      for (let i = 0; i <= bar; i++) if (!isSame(altered[i], base[i])) return i;
    }
  }
  return -1;
}

function culpritOf(kernel: BatchKernel, source: Float64Array, bar: number): LeakingRead | null {
  const { suspects, base } = suspectsOf(kernel, source, bar);
  for (const suspect of suspects.slice(0, trialsMax)) {
    let number = 0;
    const read = (_i: number, value: number): number => (number++ === suspect.number ? otherThan(value) : value);
    const changed = played(kernel, watchReads(source.slice(), { read }));
    if (!isSame(changed[bar], base)) return { bar, barsAhead: suspect.index - bar, error: suspect.error };
  }
  return null;
}

/** Reads past the bar that were made before its value was written: those since the write before it first, then all in their order. */
function suspectsOf(kernel: BatchKernel, source: Float64Array, bar: number): { suspects: Suspect[]; base: number } {
  const reads: Suspect[] = [];
  let count = 0;
  let sinceWrite = 0;
  let near: [from: number, to: number] = [0, 0];
  const read = (i: number, value: number): number => {
    if (i > bar && reads.length < stacksMax) reads.push({ number: count, index: i, error: new Error('read') });
    count++;
    return value;
  };
  const target = new Float64Array(source.length).fill(Number.NaN);
  const onWrite = (i: number): void => {
    if (i === bar) near = [sinceWrite, count];
    else sinceWrite = count;
  };
  kernel(watchReads(source.slice(), { read }), watchWrites(target, onWrite));
  const made = reads.filter((one) => one.number < near[1] || near[1] === 0);
  const isNear = (one: Suspect): boolean => one.number >= near[0];
  return { suspects: [...made.filter(isNear), ...made.filter((one) => !isNear(one))], base: target[bar] };
}

function played(kernel: BatchKernel, source: Float64Array): Float64Array {
  const target = new Float64Array(source.length).fill(Number.NaN);
  kernel(source, target);
  return target;
}

/** Far enough from the value to show in any sum, and finite where the value is not. */
function otherThan(value: number): number {
  return Number.isFinite(value) ? value * 1.5 + 1 : 1;
}

function isSame(left: number, right: number): boolean {
  return left === right || (Number.isNaN(left) && Number.isNaN(right));
}
