/**
 * Owns the fast way through our own Parquet segments: plain, uncompressed pages without NULLs are copied, not decoded. Whatever it does not
 * know (another writer, compression, dictionaries) it leaves to DuckDB by returning false. Never opens a file: it is given bytes already hashed.
 */
import type { BarColumns } from '../engine/model/bar.ts';
import { ThriftReader, type ThriftStruct } from './thrift.ts';

const storedColumns = ['openTimeMs', 'open', 'high', 'low', 'close', 'volume'] as const;
const int64 = 2;
const double = 5;
const uncompressed = 0;
const plain = 0;
const dataPage = 0;

/** Copies the bars of one segment to the columns from bar `at` on; false, with nothing promised of the target, where the file has another shape. */
export function copyPages(bytes: Buffer, target: BarColumns, at: number, rowCount: number): boolean {
  const footerEnd = bytes.length - 8;
  if (footerEnd < 4 || bytes.toString('latin1', bytes.length - 4) !== 'PAR1') return false;
  const footerLength = bytes.readUInt32LE(footerEnd);
  if (footerLength > footerEnd - 4) return false;
  const metadata = new ThriftReader(bytes, footerEnd - footerLength).struct();
  if (Number(metadata.get(3)) !== rowCount) return false;
  const groups = metadata.get(4);
  if (!Array.isArray(groups)) return false;
  let row = at;
  for (const group of groups as ThriftStruct[]) {
    const chunks = group.get(1) as ThriftStruct[];
    const groupRows = Number(group.get(3));
    if (chunks.length !== storedColumns.length) return false;
    for (let i = 0; i < chunks.length; i++) if (!copyChunk(bytes, chunks[i], i, target, row, groupRows)) return false;
    row += groupRows;
  }
  return row === at + rowCount;
}

function copyChunk(bytes: Buffer, chunk: ThriftStruct, index: number, target: BarColumns, at: number, rowCount: number): boolean {
  const meta = chunk.get(3) as ThriftStruct | undefined;
  if (meta === undefined) return false;
  const name = storedColumns[index];
  const path = meta.get(3) as readonly unknown[];
  const type = index === 0 ? int64 : double;
  if (path.length !== 1 || path[0] !== name || meta.get(1) !== type || meta.get(4) !== uncompressed || meta.get(11) !== undefined)
    return false;
  if (Number(meta.get(5)) !== rowCount) return false;
  let offset = Number(meta.get(9));
  const column = target[name];
  for (let done = 0; done < rowCount; ) {
    const reader = new ThriftReader(bytes, offset);
    const page = reader.struct();
    const header = page.get(5) as ThriftStruct | undefined;
    if (page.get(1) !== dataPage || header === undefined || header.get(2) !== plain) return false;
    const valueCount = Number(header.get(1));
    const pageEnd = reader.offset + Number(page.get(3));
    const from = pageEnd - valueCount * 8;
    // Between header and values stand the definition levels; one run of ones says that nothing is NULL.
    if (done + valueCount > rowCount || pageEnd > bytes.length || !isOneRunOfOnes(bytes, reader.offset, from, valueCount)) return false;
    if (index === 0) copyIntegers(bytes, from, valueCount, column, at + done);
    else new Uint8Array(column.buffer, column.byteOffset + (at + done) * 8, valueCount * 8).set(bytes.subarray(from, pageEnd));
    done += valueCount;
    offset = pageEnd;
  }
  return true;
}

/** Definition levels of bit width 1: their byte count, then one RLE run (count << 1 as varint, value 1), or nothing for required columns. */
function isOneRunOfOnes(bytes: Buffer, from: number, to: number, valueCount: number): boolean {
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

function copyIntegers(bytes: Buffer, from: number, count: number, target: Float64Array, at: number): void {
  const aligned = new Int32Array(bytes.buffer.slice(bytes.byteOffset + from, bytes.byteOffset + from + count * 8));
  for (let i = 0; i < count; i++) target[at + i] = aligned[2 * i + 1] * 4_294_967_296 + (aligned[2 * i] >>> 0);
}
