/** Owns the only door to Arrow: a table over a tape's own memory. Never copies a column. */
import { Field, Float64, makeData, RecordBatch, Schema, Struct, Table } from 'apache-arrow';
import { barColumnNames, type Tape } from '../engine/model/bar.ts';

/** The tape as one Arrow table of Float64 columns, named as BarColumns names them, over the same SharedArrayBuffer. */
export function toArrowTable(tape: Tape): Table {
  const { columns } = tape;
  const fields = barColumnNames.map((name) => new Field(name, new Float64(), false));
  const metadata = new Map([
    ['venue', tape.key.venue],
    ['symbol', tape.key.symbol],
    ['timeframe', tape.key.timeframe],
    ['isSynthetic', String(tape.isSynthetic)],
  ]);
  const children = barColumnNames.map((name) =>
    makeData({ type: new Float64(), data: columns[name], length: columns.length, nullCount: 0 }),
  );
  const schema = new Schema(fields, metadata);
  const data = makeData({ type: new Struct(fields), children, length: columns.length, nullCount: 0 });
  return new Table([new RecordBatch(schema, data)]);
}
