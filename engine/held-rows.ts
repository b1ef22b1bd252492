/**
 * Owns equity over rows that were leapt over: as long as cash and the one position stand still, what they are says every row between. Rows in
 * between that were marked one by one stay in the run's column. Never marks anything itself.
 */

import type { DrawdownPass, EquityPieces } from './metrics/drawdown.ts';
import type { BarColumns } from './model/bar.ts';
import { HeldLine, RangeIndex } from './range-index.ts';

const firstSpans = 256;

export class HeldRows implements EquityPieces {
  private readonly values: Float64Array;
  private readonly columns: BarColumns;
  /** Bar of row 0. */
  private readonly bar0: number;
  private readonly multiplier: number;
  private writesRows: boolean;
  private readonly spans: SpanTable;

  /** values: equity of every row, of which marked ones are written by others. writesRows: leapt ones are written too, each. */
  constructor(input: {
    readonly values: Float64Array;
    readonly columns: BarColumns;
    readonly bar0: number;
    readonly multiplier: number;
    readonly writesRows: boolean;
    readonly spans: SpanTable;
  }) {
    this.values = input.values;
    this.columns = input.columns;
    this.bar0 = input.bar0;
    this.multiplier = input.multiplier;
    this.writesRows = input.writesRows;
    this.spans = input.spans;
    this.spans.count = 0;
  }

  get length(): number {
    return this.values.length;
  }

  /** Rows from ≤ row < to, behind all before, are worth this. */
  hold(from: number, to: number, cashQuote: number, sizeBase: number): void {
    if (this.writesRows) this.write(from, to, cashQuote, sizeBase);
    else this.spans.add(from, to, cashQuote, sizeBase);
  }

  /** Rows told by spans. */
  get leaptRowCount(): number {
    const { spans } = this;
    let count = 0;
    for (let k = 0; k < spans.count; k++) count += spans.to[k] - spans.from[k];
    return count;
  }

  /** Rows from this one on are in the column. */
  cut(row: number): void {
    this.spans.cut(row);
  }

  /** Every row in one column: from now on each is written. */
  column(): Float64Array {
    const { spans } = this;
    for (let k = 0; k < spans.count; k++) this.write(spans.from[k], spans.to[k], spans.cashQuote[k], spans.sizeBase[k]);
    spans.count = 0;
    this.writesRows = true;
    return this.values;
  }

  pick(rows: Int32Array): Float64Array {
    const { spans, values } = this;
    const picked = new Float64Array(rows.length);
    let k = 0;
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i];
      while (k < spans.count && spans.to[k] <= row) k++;
      const isHeld = k < spans.count && spans.from[k] <= row;
      picked[i] = isHeld ? this.worth(row, spans.cashQuote[k], spans.sizeBase[k]) : values[row];
    }
    return picked;
  }

  drawInto(pass: DrawdownPass): void {
    const { spans, values, bar0 } = this;
    const index = RangeIndex.of(this.columns);
    const line = new HeldLine(this.multiplier);
    let at = 0;
    for (let k = 0; k < spans.count; k++) {
      const from = spans.from[k];
      const to = spans.to[k];
      line.cashQuote = spans.cashQuote[k];
      line.sizeBase = spans.sizeBase[k];
      if (at < from) pass.playRows(values, at, from);
      // What is worth the same at every row changes nothing behind its first.
      pass.playHeld(line, index, bar0, from, line.sizeBase === 0 ? from + 1 : to);
      at = to;
    }
    pass.playRows(values, at, values.length);
  }

  private worth(row: number, cashQuote: number, sizeBase: number): number {
    return sizeBase === 0 ? cashQuote : cashQuote + sizeBase * this.columns.close[this.bar0 + row] * this.multiplier;
  }

  private write(from: number, to: number, cashQuote: number, sizeBase: number): void {
    const { values, bar0, multiplier } = this;
    const { close } = this.columns;
    if (sizeBase === 0) values.fill(cashQuote, from, to);
    else for (let row = from; row < to; row++) values[row] = cashQuote + sizeBase * close[bar0 + row] * multiplier;
  }
}

/** Spans of rows in ascending order; memory that runs take turns with. */
export class SpanTable {
  count = 0;
  from = new Int32Array(firstSpans);
  to = new Int32Array(firstSpans);
  cashQuote = new Float64Array(firstSpans);
  sizeBase = new Float64Array(firstSpans);

  add(from: number, to: number, cashQuote: number, sizeBase: number): void {
    const last = this.count - 1;
    if (last >= 0 && this.to[last] === from && this.cashQuote[last] === cashQuote && this.sizeBase[last] === sizeBase) {
      this.to[last] = to;
      return;
    }
    if (this.count === this.from.length) this.grow();
    const k = this.count++;
    this.from[k] = from;
    this.to[k] = to;
    this.cashQuote[k] = cashQuote;
    this.sizeBase[k] = sizeBase;
  }

  /** Nothing of it reaches to this row or beyond. */
  cut(row: number): void {
    while (this.count > 0 && this.from[this.count - 1] >= row) this.count--;
    const last = this.count - 1;
    if (last >= 0 && this.to[last] > row) this.to[last] = row;
  }

  private grow(): void {
    const length = this.from.length * 4;
    const longer = <Table extends Int32Array | Float64Array>(table: Table, empty: Table): Table => {
      empty.set(table);
      return empty;
    };
    this.from = longer(this.from, new Int32Array(length));
    this.to = longer(this.to, new Int32Array(length));
    this.cashQuote = longer(this.cashQuote, new Float64Array(length));
    this.sizeBase = longer(this.sizeBase, new Float64Array(length));
  }
}
