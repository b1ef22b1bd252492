/**
 * Owns the fast way through our own Parquet segments: the values of plain, uncompressed pages without NULLs are read straight into the columns.
 * Whatever it does not know (another writer, compression, dictionaries) it leaves to DuckDB. Never trusts a file: it says where each of its
 * bytes goes, so that all of them are read once and hashed.
 */
import { fstatSync, readSync } from 'node:fs';
import type { BarColumns } from '../engine/model/bar.ts';
import type { Piece } from './pieces.ts';
import { ThriftReader, type ThriftStruct } from './thrift.ts';

const storedColumns = ['openTimeMs', 'open', 'high', 'low', 'close', 'volume'] as const;
const int64 = 2;
const double = 5;
const uncompressed = 0;
const plain = 0;
const dataPage = 0;
/** More than a page's header and the levels in front of its values take, as our writer makes them. */
const headBytes = 256;

export interface PageTarget {
  readonly columns: BarColumns;
  /** Index of the segment's first bar in the columns. */
  readonly at: number;
  readonly rowCount: number;
}

/**
 * All bytes of an open segment as pieces in file order, values as parts of the columns; undefined, with nothing promised of the target, where
 * the file has another shape. openTimeMs holds integers until convertTimes.
 */
export function planPages(handle: number, target: PageTarget): Piece[] | undefined {
  try {
    return new PagePlan(handle, target).pieces();
  } catch {
    // Nothing is hashed yet, so what makes no sense may be a broken file: its hash will tell, and DuckDB reads what is sound.
    return undefined;
  }
}

/** The int64 that stand in openTimeMs become its numbers, in place. */
export function convertTimes({ columns, at, rowCount }: PageTarget): void {
  const times = columns.openTimeMs.subarray(at, at + rowCount);
  const halves = new Int32Array(times.buffer, times.byteOffset, rowCount * 2);
  for (let i = 0; i < rowCount; i++) times[i] = halves[2 * i + 1] * 4_294_967_296 + (halves[2 * i] >>> 0);
}

class PagePlan {
  readonly #handle: number;
  readonly #target: PageTarget;
  readonly #size: number;
  readonly #pieces: Piece[] = [];
  /** Where the last piece ends. */
  #end = 0;

  constructor(handle: number, target: PageTarget) {
    this.#handle = handle;
    this.#target = target;
    this.#size = fstatSync(handle).size;
  }

  pieces(): Piece[] | undefined {
    const { rowCount } = this.#target;
    const tail = this.#read(this.#size - 8, this.#size);
    if (tail.toString('latin1', 4) !== 'PAR1') return undefined;
    const footerStart = this.#size - 8 - tail.readUInt32LE(0);
    if (footerStart < 4) return undefined;
    const footer = this.#read(footerStart, this.#size);
    const metadata = new ThriftReader(footer, 0).struct();
    if (Number(metadata.get(3)) !== rowCount) return undefined;
    let row = 0;
    for (const group of metadata.get(4) as readonly ThriftStruct[]) {
      const chunks = group.get(1) as readonly ThriftStruct[];
      const groupRows = Number(group.get(3));
      if (chunks.length !== storedColumns.length || !(row + groupRows <= rowCount)) return undefined;
      for (let i = 0; i < chunks.length; i++) if (!this.#addChunk(chunks[i], i, row, groupRows)) return undefined;
      row += groupRows;
    }
    if (row !== rowCount || !this.#add(footerStart, footer, true)) return undefined;
    return this.#pieces;
  }

  #addChunk(chunk: ThriftStruct, index: number, row: number, rowCount: number): boolean {
    const meta = chunk.get(3) as ThriftStruct;
    const name = storedColumns[index];
    const path = meta.get(3) as readonly unknown[];
    const type = index === 0 ? int64 : double;
    if (path.length !== 1 || path[0] !== name || meta.get(1) !== type || meta.get(4) !== uncompressed || meta.get(11) !== undefined)
      return false;
    if (Number(meta.get(5)) !== rowCount) return false;
    const offset = Number(meta.get(9));
    const head = this.#read(offset, Math.min(offset + headBytes, this.#size));
    const reader = new ThriftReader(head, 0);
    const page = reader.struct();
    const header = page.get(5) as ThriftStruct | undefined;
    // Our writer makes one page of a column's part of a row group.
    if (page.get(1) !== dataPage || header === undefined || header.get(1) !== rowCount || header.get(2) !== plain) return false;
    const from = offset + reader.offset + Number(page.get(3)) - rowCount * 8;
    if (!(from >= offset + reader.offset && from + rowCount * 8 <= this.#size)) return false;
    // Between header and values stand the definition levels; ones alone say that nothing is NULL.
    const front = from - offset <= head.length ? head.subarray(0, from - offset) : this.#read(offset, from);
    if (!areOnes(front, reader.offset, rowCount)) return false;
    const column = this.#target.columns[name];
    const values = new Uint8Array(column.buffer, column.byteOffset + (this.#target.at + row) * 8, rowCount * 8);
    return this.#add(offset, front, true) && this.#add(from, values, false);
  }

  /** The next piece in file order, with one for the bytes in front of it that belong to none; false where it lies further ahead. */
  #add(from: number, bytes: Uint8Array, isRead: boolean): boolean {
    if (from < this.#end) return false;
    if (from > this.#end) this.#pieces.push({ from: this.#end, bytes: this.#read(this.#end, from), isRead: true });
    this.#pieces.push({ from, bytes, isRead });
    this.#end = from + bytes.length;
    return true;
  }

  #read(from: number, to: number): Buffer {
    const bytes = Buffer.allocUnsafe(to - from);
    if (readSync(this.#handle, bytes, 0, bytes.length, from) !== bytes.length) throw new RangeError('the file ends early');
    return bytes;
  }
}

/** Definition levels of bit width 1: their byte count, then RLE runs (count << 1 as varint, value 1) or packed bits, or nothing for required columns. */
function areOnes(bytes: Buffer, from: number, valueCount: number): boolean {
  const to = bytes.length;
  if (from === to) return true;
  if (to - from < 6 || bytes.readUInt32LE(from) !== to - from - 4) return false;
  const reader = new ThriftReader(bytes, from + 4);
  let seen = 0;
  while (reader.offset < to) {
    const run = reader.varint();
    if ((run & 1) === 0) {
      if (bytes[reader.offset++] !== 1) return false;
      seen += run >> 1;
    } else {
      const byteCount = run >> 1;
      for (let i = 0; i < byteCount && seen < valueCount; i++) {
        const byte = bytes[reader.offset + i];
        const bits = Math.min(8, valueCount - seen);
        if ((byte & ((1 << bits) - 1)) !== (1 << bits) - 1) return false;
        seen += bits;
      }
      reader.offset += byteCount;
    }
  }
  return seen >= valueCount;
}
