/** Owns how bar columns lie in one SharedArrayBuffer: in canonical order, one after the other. Never parses anything. */
import { type BarColumnName, type BarColumns, barColumnNames, type Tape } from '../engine/model/bar.ts';

export interface SharedColumns {
  readonly buffer: SharedArrayBuffer;
  readonly columns: BarColumns;
}

/** Zeroed columns of that many bars on one new SharedArrayBuffer. */
export function allocateColumns(length: number): SharedColumns {
  const buffer = new SharedArrayBuffer(length * barColumnNames.length * 8);
  return { buffer, columns: columnsOn(buffer, length, length) };
}

/** Columns that begin every `stride` numbers in the buffer and show its first `length` bars. */
export function columnsOn(buffer: SharedArrayBuffer, stride: number, length: number): BarColumns {
  const view = (index: number): Float64Array => new Float64Array(buffer, index * stride * 8, length);
  return Object.freeze({
    length,
    openTimeMs: view(0),
    closeTimeMs: view(1),
    open: view(2),
    high: view(3),
    low: view(4),
    close: view(5),
    volume: view(6),
  });
}

/** The first `length` bars, as views of the same memory. */
export function cutColumns(columns: BarColumns, length: number): BarColumns {
  if (length >= columns.length) return columns;
  const cut = Object.fromEntries(barColumnNames.map((name) => [name, columns[name].subarray(0, length)]));
  return Object.freeze({ length, ...(cut as Record<BarColumnName, Float64Array>) });
}

/** The bars that open at fromMs or later, as views of the same memory. */
export function cutBefore(columns: BarColumns, fromMs: number): BarColumns {
  let first = 0;
  while (first < columns.length && columns.openTimeMs[first] < fromMs) first++;
  if (first === 0) return columns;
  const cut = Object.fromEntries(barColumnNames.map((name) => [name, columns[name].subarray(first)]));
  return Object.freeze({ length: columns.length - first, ...(cut as Record<BarColumnName, Float64Array>) });
}

/** How many bars have closed at throughMs. */
export function countClosedBars(columns: BarColumns, throughMs: number): number {
  let low = 0;
  let high = columns.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (columns.closeTimeMs[middle] <= throughMs) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** What is posted to a worker: the memory by reference and how to read it. */
export interface TapeTransfer {
  readonly key: Tape['key'];
  readonly isSynthetic: boolean;
  readonly buffer: SharedArrayBuffer;
  readonly length: number;
  readonly byteOffsets: readonly number[];
}

/** Describes a tape for postMessage; columns that are not yet on one SharedArrayBuffer are copied onto one, loaded tapes never are. */
export function tapeTransfer(tape: Tape): TapeTransfer {
  const buffer = tape.columns.openTimeMs.buffer;
  const isShared = buffer instanceof SharedArrayBuffer && barColumnNames.every((name) => tape.columns[name].buffer === buffer);
  const columns = isShared ? tape.columns : shareColumns(tape.columns);
  return {
    key: tape.key,
    isSynthetic: tape.isSynthetic,
    buffer: columns.openTimeMs.buffer as SharedArrayBuffer,
    length: columns.length,
    byteOffsets: barColumnNames.map((name) => columns[name].byteOffset),
  };
}

/** The tape on the other side, over the same memory. */
export function tapeFromTransfer(transfer: TapeTransfer): Tape {
  const { buffer, length, byteOffsets } = transfer;
  const views = barColumnNames.map((name, i) => [name, new Float64Array(buffer, byteOffsets[i], length)]);
  const columns = Object.freeze({ length, ...(Object.fromEntries(views) as Record<BarColumnName, Float64Array>) });
  return { key: transfer.key, isSynthetic: transfer.isSynthetic, columns };
}

/** A copy of the columns on one SharedArrayBuffer. */
export function shareColumns(columns: BarColumns): BarColumns {
  const shared = allocateColumns(columns.length).columns;
  for (const name of barColumnNames) shared[name].set(columns[name]);
  return shared;
}
