/** Owns comparing two plays of one strategy: the first value, call, order or fill that differs. Never plays. */
import type { Observed, ObservedColumn } from './observed-run.ts';

/** Agreement that rounding may miss: sums that start elsewhere, or are taken off the price grid, differ in their last digits. */
export const closeFraction = 1e-9;

export function isClose(left: number, right: number, scale: number): boolean {
  if (left === right || (Number.isNaN(left) && Number.isNaN(right))) return true;
  // A share of infinity is infinity: no rounding leads there.
  if (!Number.isFinite(left) || !Number.isFinite(right)) return false;
  return Math.abs(left - right) <= closeFraction * Math.max(Math.abs(left), Math.abs(right)) + 1e-12 * scale;
}

/** Largest finite size of a column's values: what a difference near zero is measured by. */
export function scaleOf(values: Float64Array): number {
  let scale = 0;
  for (let i = 0; i < values.length; i++) {
    const size = Math.abs(values[i]);
    if (size > scale && size < Number.POSITIVE_INFINITY) scale = size;
  }
  return scale;
}

/** The first of the first `length` bars whose values differ by more than rounding; −1 where none does. */
export function firstChangedBar(base: ObservedColumn, other: ObservedColumn, length: number): number {
  const count = Math.min(length, base.values.length, other.values.length);
  let scale = -1;
  for (let i = 0; i < count; i++) {
    const [left, right] = [base.values[i], other.values[i]];
    if (left === right || (Number.isNaN(left) && Number.isNaN(right))) continue;
    if (scale < 0) scale = scaleOf(base.values.subarray(0, count));
    if (!isClose(left, right, scale)) return i;
  }
  return -1;
}

/** A decision that came out otherwise. */
export interface ChangedRecord {
  readonly kind: 'decision' | 'order' | 'fill';
  /** When the record that differs was made, by the run that is checked; the other's time where that one made none. */
  readonly timeMs: number;
  /** What differs, in words. */
  readonly text: string;
}

interface Made {
  readonly timeMs: number;
  readonly fields: object;
}

/** The earliest call of onBar, order or fill that differs; null where all are the same in every field. */
export function firstChangedRecord(base: Observed, other: Observed, ignoreCalls = false): ChangedRecord | null {
  const calls = (run: Observed): Made[] => run.callsMs.map((timeMs) => ({ timeMs, fields: { call: timeMs } }));
  const orders = (run: Observed): Made[] =>
    [...run.orders].sort((left, right) => left.id - right.id).map((fields) => ({ timeMs: fields.submittedMs, fields }));
  const fills = (run: Observed): Made[] => run.fills.map((fields) => ({ timeMs: fields.timeMs, fields }));
  const changes = [
    ignoreCalls ? null : changeIn('decision', calls(base), calls(other)),
    changeIn('order', orders(base), orders(other)),
    changeIn('fill', fills(base), fills(other)),
  ].filter((change) => change !== null);
  changes.sort((left, right) => left.timeMs - right.timeMs);
  return changes[0] ?? null;
}

const nouns = { decision: 'call of onBar', order: 'order', fill: 'fill' } as const;

function changeIn(kind: ChangedRecord['kind'], base: readonly Made[], other: readonly Made[]): ChangedRecord | null {
  const noun = nouns[kind];
  for (let i = 0; i < Math.max(base.length, other.length); i++) {
    const [left, right] = [base[i], other[i]];
    if (left === undefined) return { kind, timeMs: right.timeMs, text: `${noun} ${i} is made that was not made before` };
    if (right === undefined) return { kind, timeMs: left.timeMs, text: `${noun} ${i} is not made any more` };
    const [from, to] = [left.fields as Record<string, unknown>, right.fields as Record<string, unknown>];
    const name = Object.keys(from).find((field) => !isSameField(from[field], to[field]));
    if (name === undefined) continue;
    const text =
      kind === 'decision'
        ? `${noun} ${i} comes at another time`
        : `${noun} ${i}: ${name} changes from ${shown(name, from[name])} to ${shown(name, to[name])}`;
    return { kind, timeMs: Math.min(left.timeMs, right.timeMs), text };
  }
  return null;
}

/** A moment is shown as a date: nobody reads milliseconds. */
function shown(name: string, value: unknown): string {
  return name.endsWith('Ms') && typeof value === 'number' && Math.abs(value) <= 8.64e15 ? new Date(value).toISOString() : String(value);
}

/** Numbers but for rounding, everything else to the letter. */
function isSameField(left: unknown, right: unknown): boolean {
  if (typeof left === 'number' && typeof right === 'number') return isClose(left, right, 0);
  return Object.is(left, right) || (typeof left === 'object' && JSON.stringify(left) === JSON.stringify(right));
}
