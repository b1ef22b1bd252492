/**
 * Owns how an order table of vectorbt becomes a run: its arguments by row and column, the tape it is played on, the orders read back. Never
 * decides an order.
 *
 * A row's order fills at the close of its bar, which is the price that the table states for it; where stops are held against other prices, the
 * bar's open, high and low are theirs. Columns that share cash are series of one run, each closing an hour after the one before: that is their
 * call sequence.
 */
import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import type { Tape } from '../../engine/model/bar.ts';
import type { RunResult } from '../../engine/result.ts';
import { type Semantics, vectorbtSemantics } from '../../engine/settings.ts';
import type { StrategyDefinition } from '../../engine/strategy.ts';
import { type BarRow, hasOracles, oraclesPath, tapeOf } from '../../engine/testing/tapes.ts';
import { dayMs, runOf } from './oracle-run.test.helper.ts';

const hourMs = 3_600_000;

interface TableOrder {
  readonly col: number;
  readonly idx: number;
  readonly size: number;
  readonly price: number;
  readonly fees: number;
  readonly side: 0 | 1;
}
export interface Table {
  readonly test: string;
  readonly line: number;
  readonly fn: string;
  readonly args: Readonly<Record<string, unknown>>;
  readonly orders: readonly TableOrder[];
}

export const tables: readonly Table[] = hasOracles
  ? JSON.parse(readFileSync(`${oraclesPath}vectorbt/order_tables.json`, 'utf8')).cases
  : [];

export type Direction = 'both' | 'longonly' | 'shortonly';
export type SizeType = 'amount' | 'value' | 'percent' | 'targetamount' | 'targetvalue' | 'targetpercent';

/** The arguments of one table. */
export class Arguments {
  readonly direction: Direction;
  private readonly given: Readonly<Record<string, unknown>>;

  constructor({ fn, args }: Pick<Table, 'fn' | 'args'>) {
    this.given = args;
    this.direction = fn.slice(fn.lastIndexOf('_') + 1) as Direction;
  }

  has(name: string): boolean {
    return this.given[name] !== undefined;
  }

  /** One value for all, a list by row, or a table whose rows hold a value for each column. */
  at(name: string, row: number, column: number): unknown {
    const value = this.given[name];
    if (!Array.isArray(value)) return value;
    if (!Array.isArray(value[0])) return value[row];
    return value[value.length === 1 ? 0 : row][column];
  }

  number(name: string, row: number, column: number, otherwise: number): number {
    const value = this.at(name, row, column) ?? otherwise;
    return value === 'inf' ? Number.POSITIVE_INFINITY : value === '-inf' ? Number.NEGATIVE_INFINITY : Number(value);
  }

  text(name: string, column: number, otherwise: string): string {
    return String(this.at(name, 0, column) ?? otherwise);
  }

  flag(name: string, column: number): boolean {
    return this.at(name, 0, column) === true;
  }

  get sharesCash(): boolean {
    return this.given.cash_sharing === true;
  }

  get columnCount(): number {
    const wide = Object.values(this.given).map((value) => (Array.isArray(value) && Array.isArray(value[0]) ? value[0].length : 1));
    return this.given.close === 'expr: price_wide' || Array.isArray(this.given.init_cash) ? 3 : Math.max(1, ...wide);
  }

  /** The closes of the market. */
  get closes(): readonly number[] {
    return Array.isArray(this.given.close) ? (this.given.close as number[]) : [1, 2, 3, 4, 5];
  }

  /** What an order of each row is filled at: a price of the table's own, the close, or the close before, which the first row has not. */
  get prices(): readonly number[] {
    const { price } = this.given;
    if (Array.isArray(price)) return price as number[];
    if (price === '-inf') return [Number.NaN, ...this.closes.slice(0, -1)];
    return price === 'expr: 1.1 * close' ? this.closes.map((close) => 1.1 * close) : this.closes;
  }

  /** Cash that a column starts with. */
  cash(column: number): number {
    const { init_cash } = this.given;
    return Array.isArray(init_cash) ? init_cash[column] : 100;
  }
}

/** The bars of a column: they close at the prices its orders fill at. */
export function tapeOfColumn(args: Arguments, closes: readonly number[], symbol: string, offsetMs: number): Tape {
  const rows = closes.map((price, row): BarRow => {
    const close = Number.isNaN(price) ? args.closes[row] : price;
    const open = args.number('open', row, 0, close);
    return [open, Math.max(args.number('high', row, 0, open), close), Math.min(args.number('low', row, 0, open), close), close];
  });
  return tapeOf(rows, { timeframe: '1d', symbol, startMs: offsetMs });
}

export interface Play {
  readonly args: Arguments;
  /** Prices of the run's only column, or of all that share its cash. */
  readonly prices: readonly number[];
  readonly columns: readonly number[];
  readonly strategy: StrategyDefinition;
  readonly semantics?: Partial<Semantics>;
}

export function play({ args, prices, columns, strategy, semantics }: Play): RunResult {
  const [column] = columns;
  const feeRate = args.number('fees', 0, column, 0);
  return runOf({
    tapes: columns.map((one, k) => tapeOfColumn(args, prices, String.fromCharCode(65 + one), k * hourMs)),
    instrument: { lotSize: args.number('size_granularity', 0, column, 1e-12) },
    settings: {
      initialCapitalQuote: args.cash(column),
      account: { kind: 'frictionless' },
      costs: {
        feeRateMaker: feeRate,
        feeRateTaker: feeRate,
        feeFixedQuote: args.number('fixed_fees', 0, column, 0),
        slippageFraction: args.number('slippage', 0, column, 0),
      },
      semantics: { ...vectorbtSemantics, ...semantics },
    },
    strategy,
  });
}

/** The run's fills as a table tells them, of the columns that were played. */
export function ordersOf({ fills }: RunResult, columns: readonly number[]): TableOrder[] {
  return fills.map(({ instrumentIndex, openTimeMs, sizeBase, priceQuote, feeQuote, side }) => ({
    col: columns[instrumentIndex],
    idx: Math.floor(openTimeMs / dayMs),
    size: sizeBase,
    price: priceQuote,
    fees: feeQuote,
    side: side > 0 ? 0 : 1,
  }));
}

/** The same orders in the same rows, their numbers within a tolerance; column by column, whichever of them the table names first. */
export function expectOrders(found: readonly TableOrder[], published: readonly TableOrder[], tolerance = 1e-7): void {
  const byColumn = (orders: readonly TableOrder[]) => [...orders].sort((a, b) => a.col - b.col || a.idx - b.idx);
  const sorted = byColumn(found);
  const expected = byColumn(published);
  const shape = (orders: readonly TableOrder[]) => orders.map(({ col, idx, side }) => ({ col, idx, side }));
  expect(shape(sorted)).toEqual(shape(expected));
  sorted.forEach((order, k) => {
    for (const name of ['size', 'price', 'fees'] as const)
      expect(Math.abs(order[name] - expected[k][name]), `order ${k} ${name}`).toBeLessThanOrEqual(tolerance);
  });
}
