/** Owns finding the first place where two results differ. Never judges which is right. */
import type { RunResult } from '../engine/result.ts';

/** "fill 12: priceQuote was 101.5 as stored, is 101.4 now"; undefined where all is equal but the certificates, which say more by their names. */
export function firstDifference(stored: RunResult, now: RunResult): string | undefined {
  return inHashed(stored, now) ?? differenceIn('', restOf(stored), restOf(now));
}

/** First place where two trees of plain data differ: "ledger.fees was "0" as stored, is "-12.5" now". A stored number may stand as text: "NaN". */
export function differenceIn(path: string, stored: unknown, now: unknown): string | undefined {
  if (!isTree(stored) || !isTree(now)) {
    if (isSame(stored, now) || (typeof now === 'number' && stored === String(now))) return undefined;
    return `${path} was ${text(stored)} as stored, is ${text(now)} now`;
  }
  for (const name of new Set([...Object.keys(stored), ...Object.keys(now)])) {
    const difference = differenceIn(path === '' ? name : `${path}.${name}`, stored[name], now[name]);
    if (difference !== undefined) return difference;
  }
  return undefined;
}

/** What the certificate covers, and trades, which follow from fills. */
function inHashed(stored: RunResult, now: RunResult): string | undefined {
  return (
    inRecords('order', stored.orders, now.orders) ??
    inRecords('fill', stored.fills, now.fills) ??
    inRecords('trade', stored.trades, now.trades) ??
    inColumn('equity', stored.equity.timeMs, stored.equity.equityQuote, now.equity.timeMs, now.equity.equityQuote) ??
    inColumn('daily equity', stored.daily.timeMs, stored.daily.equityQuote, now.daily.timeMs, now.daily.equityQuote) ??
    inFields('metric', stored.metrics, now.metrics) ??
    inColumn('buy and hold', stored.equity.timeMs, stored.buyAndHold, now.equity.timeMs, now.buyAndHold)
  );
}

/** What no hash covers: only a second run shows whether it is true. */
function restOf(result: RunResult): Readonly<Record<string, unknown>> {
  const { orders: _orders, fills: _fills, trades: _trades, equity: _equity, daily: _daily, ...rest } = result;
  const { buyAndHold: _buyAndHold, metrics: _metrics, certificate: _certificate, ...unhashed } = rest;
  return unhashed;
}

function isTree(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function inRecords(name: string, stored: readonly object[], now: readonly object[]): string | undefined {
  const count = Math.min(stored.length, now.length);
  for (let i = 0; i < count; i++) {
    const difference = inFields('', stored[i] as Readonly<Record<string, unknown>>, now[i] as Readonly<Record<string, unknown>>);
    if (difference !== undefined) return `${name} ${i + 1}: ${difference}`;
  }
  return stored.length === now.length ? undefined : `${name} ${count + 1}: ${stored.length} were stored, ${now.length} come out now`;
}

function inFields(name: string, stored: Readonly<Record<string, unknown>>, now: Readonly<Record<string, unknown>>): string | undefined {
  for (const field of new Set([...Object.keys(stored), ...Object.keys(now)])) {
    const difference = differenceIn(field, stored[field], now[field]);
    if (difference !== undefined) return `${name === '' ? '' : `${name} `}${difference}`;
  }
  return undefined;
}

function inColumn(name: string, storedMs: Float64Array, stored: Float64Array, nowMs: Float64Array, now: Float64Array): string | undefined {
  const count = Math.min(storedMs.length, nowMs.length);
  for (let row = 0; row < count; row++) {
    if (storedMs[row] === nowMs[row] && isSame(stored[row], now[row])) continue;
    return `${name} row ${row + 1}: was ${stored[row]} at ${iso(storedMs[row])} as stored, is ${now[row]} at ${iso(nowMs[row])} now`;
  }
  return storedMs.length === nowMs.length
    ? undefined
    : `${name} row ${count + 1}: ${storedMs.length} rows were stored, ${nowMs.length} come out now`;
}

/** NaN equals NaN, and −0 equals 0, as in the certificate. */
function isSame(left: unknown, right: unknown): boolean {
  return left === right || (Number.isNaN(left) && Number.isNaN(right));
}

function text(value: unknown): string {
  return typeof value === 'string' || isTree(value) ? JSON.stringify(value) : value === undefined ? 'missing' : String(value);
}

/** A fraction of a millisecond, which a date cannot show, is shown as it is stored. */
function iso(timeMs: number): string {
  if (!Number.isInteger(timeMs)) return `${timeMs} ms`;
  return Math.abs(timeMs) <= 8.64e15 ? new Date(timeMs).toISOString() : String(timeMs);
}
