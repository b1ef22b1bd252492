/** Owns the files of one stored run: which there are, and how a result becomes bytes and comes back exactly. Never decides where they lie. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { assert, DataError } from '../../engine/errors.ts';
import type { Fill, Trade } from '../../engine/model/fill.ts';
import type { Instrument } from '../../engine/model/instrument.ts';
import type { Order } from '../../engine/model/order.ts';
import type { RunResult } from '../../engine/result.ts';
import type { RiskEvent } from '../../engine/risk-event.ts';
import type { StoredRun } from './run-store.ts';

/** SHA-256 of every other file of the run, as "sha256sum -c" reads it. */
export const sumsFile = 'SHA256SUMS';
export const runFiles = ['run.json', 'orders.ndjson', 'fills.ndjson', 'trades.ndjson', 'equity.f64', 'daily.f64'] as const;

type Rows = 'orders' | 'fills' | 'trades';
type Columns = 'equity' | 'daily' | 'buyAndHold';

/** run.json: all of a run but its rows and columns, whose lengths it states. Numbers that JSON cannot hold stand as text: "NaN". */
export interface RunHead<Details> {
  readonly version: 1;
  readonly id: string;
  readonly createdAtMs: number;
  readonly createdAt: string;
  readonly name: string;
  readonly result: Omit<RunResult, Rows | Columns>;
  readonly counts: {
    readonly orders: number;
    readonly fills: number;
    readonly trades: number;
    readonly equity: number;
    readonly daily: number;
  };
  readonly details: Details;
}

/** Every file by its name. Rows are JSON lines, one record each, a number written so that it reads back as the same double; NaN is null. */
export function encodeRun<Details>(run: StoredRun<Details>): Map<string, string | Uint8Array> {
  const { orders, fills, trades, equity, daily, buyAndHold, ...rest } = run.result;
  const head: RunHead<Details> = {
    version: 1,
    id: run.id,
    createdAtMs: run.createdAtMs,
    createdAt: new Date(run.createdAtMs).toISOString(),
    name: run.name,
    result: rest,
    counts: { orders: orders.length, fills: fills.length, trades: trades.length, equity: equity.timeMs.length, daily: daily.timeMs.length },
    details: run.details,
  };
  return new Map<string, string | Uint8Array>([
    ['run.json', `${JSON.stringify(head, numberAsText, 2)}\n`],
    ['orders.ndjson', lines(orders)],
    ['fills.ndjson', lines(fills)],
    ['trades.ndjson', lines(trades)],
    ['equity.f64', columnBytes([equity.timeMs, equity.equityQuote, buyAndHold])],
    ['daily.f64', columnBytes([daily.timeMs, daily.equityQuote])],
  ]);
}

/** Reads the run back; RUN_CORRUPT names file and line. */
export function decodeRun<Details>(folder: string, id: string): StoredRun<Details> {
  const head = readHead<Details>(folder);
  const { counts } = head;
  const [equityMs, equityQuote, buyAndHold] = readColumns(folder, 'equity.f64', 3, counts.equity);
  const [dailyMs, dailyQuote] = readColumns(folder, 'daily.f64', 2, counts.daily);
  const result: RunResult = {
    ...head.result,
    metrics: numbersOf(head.result.metrics),
    instruments: head.result.instruments.map(
      (instrument): Instrument => ({ ...instrument, validFromMs: Number(instrument.validFromMs), validToMs: Number(instrument.validToMs) }),
    ),
    // A run stored before there were any has none.
    riskEvents: (head.result.riskEvents ?? []).map((event): RiskEvent => ({ ...event, figures: numbersOf(event.figures) })),
    orders: readLines<Order>(folder, 'orders.ndjson', counts.orders),
    fills: readLines<Fill>(folder, 'fills.ndjson', counts.fills),
    trades: readLines<Trade>(folder, 'trades.ndjson', counts.trades),
    equity: { timeMs: equityMs, equityQuote },
    daily: { timeMs: dailyMs, equityQuote: dailyQuote },
    buyAndHold,
  };
  return { id, createdAtMs: head.createdAtMs, name: head.name, result, details: head.details };
}

/** Numbers by name, of which those that JSON cannot hold stand as text. */
function numbersOf(figures: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(figures).map(([name, value]) => [name, Number(value)]));
}

/** One line for each file: hash, two spaces, name. */
export function sumsText(files: ReadonlyMap<string, string | Uint8Array>): string {
  return [...files].map(([name, content]) => `${createHash('sha256').update(content).digest('hex')}  ${name}\n`).join('');
}

function numberAsText(_name: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
}

function lines(records: readonly object[]): string {
  return records.map((record) => `${JSON.stringify(record)}\n`).join('');
}

function readHead<Details>(folder: string): RunHead<Details> {
  let head: RunHead<Details>;
  try {
    head = JSON.parse(readFileSync(join(folder, 'run.json'), 'utf8')) as RunHead<Details>;
  } catch (cause) {
    throw corrupt(`${join(folder, 'run.json')} could not be read; the run is lost unless a copy exists`, 'run.json', cause);
  }
  if (head.version !== 1 || head.result === undefined || head.counts === undefined) {
    throw corrupt(`${join(folder, 'run.json')}: was version ${String(head.version)} of the format, expected 1`, 'run.json');
  }
  return head;
}

function readLines<T>(folder: string, name: string, count: number): T[] {
  const text = readText(folder, name);
  const rows = text === '' ? [] : text.replace(/\n$/, '').split('\n');
  const records = rows.map((row, i) => {
    try {
      return JSON.parse(row, (_key, value) => (value === null ? Number.NaN : value)) as T;
    } catch (cause) {
      throw corrupt(`${name} line ${i + 1} is not readable: ${row.slice(0, 80)}`, name, cause);
    }
  });
  if (records.length !== count) throw corrupt(`${name} holds ${records.length} records, run.json says ${count}`, name);
  return records;
}

function readText(folder: string, name: string): string {
  try {
    return readFileSync(join(folder, name), 'utf8');
  } catch (cause) {
    throw corrupt(`${name} of the run could not be read`, name, cause);
  }
}

/** Little-endian doubles, one column after the other, as every machine that Node 20 runs on keeps them. */
function columnBytes(columns: readonly Float64Array[]): Uint8Array {
  assert(new Uint8Array(new Uint16Array([1]).buffer)[0] === 1, 'columns are stored on little-endian machines');
  return Buffer.concat(columns.map((column) => Buffer.from(column.buffer, column.byteOffset, column.byteLength)));
}

function readColumns(folder: string, name: string, columnCount: number, rowCount: number): Float64Array[] {
  let bytes: Buffer;
  try {
    bytes = readFileSync(join(folder, name));
  } catch (cause) {
    throw corrupt(`${name} of the run could not be read`, name, cause);
  }
  const expected = columnCount * rowCount * 8;
  if (bytes.length !== expected) throw corrupt(`${name} is ${bytes.length} bytes long, expected ${expected}`, name);
  const copy = new Float64Array(columnCount * rowCount);
  new Uint8Array(copy.buffer).set(bytes);
  return Array.from({ length: columnCount }, (_, i) => copy.slice(i * rowCount, (i + 1) * rowCount));
}

function corrupt(message: string, file: string, cause?: unknown): DataError {
  return new DataError('RUN_CORRUPT', message, { file }, cause);
}
