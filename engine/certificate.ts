/**
 * Owns the canonical encoding of inputs and outputs, and their hashes.
 *
 * Numbers are float64 little-endian, NaN as one bit pattern and −0 as 0; texts are UTF-8 behind their length. Each part starts with its name
 * and version, so that no part can be taken for another. Two hashes of a run: trialHash covers inputs, fills, daily equity and metrics, and is
 * the same in a sweep; runHash adds orders and the full equity column.
 */
import { createHash, type Hash } from 'node:crypto';
import { lowerBound } from './feed.ts';
import { barColumnNames, type Tape } from './model/bar.ts';
import type { Fill } from './model/fill.ts';
import { type Order, orderKinds, orderRoles, sizeRules } from './model/order.ts';
import { orderStatuses } from './model/order-state.ts';
import type { Certificate, EquityColumns, Metrics } from './result.ts';

export interface InputHashes {
  readonly strategyHash: string;
  readonly scenarioHash: string;
  readonly engineHash: string;
}

export interface TrialInput extends InputHashes {
  readonly tapeHash: string;
  readonly seed: number;
  readonly fillsHash: string;
  readonly daily: EquityColumns;
  readonly metrics: Metrics;
}

export interface CertificateInput extends Omit<TrialInput, 'fillsHash'> {
  readonly fills: readonly Fill[];
  readonly orders: readonly Order[];
  readonly equity: EquityColumns;
}

export type TrialCertificate = Omit<Certificate, 'ordersHash' | 'equityHash' | 'runHash'>;

/** Hashes inputs and outputs of a finished run. */
export function certify(input: CertificateInput): Certificate {
  const trial = certifyTrial({ ...input, fillsHash: hashFills(input.fills) });
  const ordersHash = hashOrders(input.orders);
  const equityHash = hashColumns('equity 1', [input.equity.timeMs, input.equity.equityQuote]);
  const runHash = hashTexts('run 1', [trial.trialHash, ordersHash, equityHash]);
  return Object.freeze({ ...trial, ordersHash, equityHash, runHash });
}

/** The part that a trial of a sweep has too; the same figures whether a run or a trial gave them. */
export function certifyTrial(input: TrialInput): TrialCertificate {
  const { tapeHash, strategyHash, scenarioHash, engineHash, seed, fillsHash } = input;
  const dailyHash = hashColumns('daily 1', [input.daily.timeMs, input.daily.equityQuote]);
  const metricsHash = hashMetrics(input.metrics);
  const inputs = [tapeHash, strategyHash, scenarioHash, engineHash, String(seed)];
  const trialHash = hashTexts('trial 1', [...inputs, fillsHash, dailyHash, metricsHash]);
  return Object.freeze({ tapeHash, strategyHash, scenarioHash, engineHash, seed, fillsHash, dailyHash, metricsHash, trialHash });
}

/** Hash of every series' bars from its first to the window's end: bars imported later change nothing. */
export function hashTape(tapes: readonly Tape[], toMs: number): string {
  const hash = start('tape 1');
  for (const tape of tapes) {
    const length = lowerBound(tape.columns.closeTimeMs, tape.columns.length, toMs + 1);
    addText(hash, `${tape.key.venue} ${tape.key.symbol} ${tape.key.timeframe}`);
    for (const name of barColumnNames) addColumn(hash, tape.columns[name].subarray(0, length));
  }
  return hash.digest('hex');
}

/** Hash of a list of texts, each behind its length. */
export function hashTexts(part: string, texts: readonly string[]): string {
  const hash = start(part);
  for (const text of texts) addText(hash, text);
  return hash.digest('hex');
}

export function hashFills(fills: readonly Fill[]): string {
  const width = 12;
  const table = new Float64Array(fills.length * width);
  fills.forEach((fill, i) => {
    const at = i * width;
    table[at] = fill.orderId;
    table[at + 1] = fill.instrumentIndex;
    table[at + 2] = fill.timeMs;
    table[at + 3] = fill.openTimeMs;
    table[at + 4] = fill.side;
    table[at + 5] = fill.priceQuote;
    table[at + 6] = fill.sizeBase;
    table[at + 7] = fill.notionalQuote;
    table[at + 8] = fill.feeQuote;
    table[at + 9] = fill.slippageQuote;
    table[at + 10] = orderKinds.indexOf(fill.kind);
    table[at + 11] = orderRoles.indexOf(fill.role);
  });
  const hasher = new FillHasher(fills.length);
  hasher.add(table);
  return hasher.digest();
}

/** Hashes fills as rows of twelve numbers, in the order in which hashFills writes them, so many at a time. */
export class FillHasher {
  private readonly hash: Hash;

  constructor(fillCount: number) {
    this.hash = start('fills 1').update(`${fillCount * 12};`);
  }

  add(rows: Float64Array): void {
    addValues(this.hash, rows);
  }

  digest(): string {
    return this.hash.digest('hex');
  }
}

export function hashOrders(orders: readonly Order[]): string {
  const hash = start('orders 1');
  const width = 17;
  const table = new Float64Array(orders.length * width);
  orders.forEach((order, i) => {
    const at = i * width;
    table[at] = order.id;
    table[at + 1] = order.instrumentIndex;
    table[at + 2] = orderKinds.indexOf(order.kind);
    table[at + 3] = orderRoles.indexOf(order.role);
    table[at + 4] = order.side;
    table[at + 5] = sizeRules.indexOf(order.sizeRule);
    table[at + 6] = order.sizeAsked;
    table[at + 7] = order.limitPrice;
    table[at + 8] = order.stopPrice;
    table[at + 9] = order.stopLossPrice;
    table[at + 10] = order.takeProfitPrice;
    table[at + 11] = Number(order.isReduceOnly);
    table[at + 12] = order.parentId;
    table[at + 13] = order.submittedMs;
    table[at + 14] = order.sizeBase;
    table[at + 15] = orderStatuses.indexOf(order.status);
    table[at + 16] = order.endedMs;
  });
  addColumn(hash, table);
  for (const order of orders) {
    addText(hash, order.tag);
    addText(hash, order.reason);
  }
  // Only orders that have terms add anything, so that runs without any keep their hashes.
  for (const order of orders) if (order.terms !== undefined) addText(hash, `${order.id} terms ${JSON.stringify(order.terms)}`);
  return hash.digest('hex');
}

export function hashColumns(part: string, columns: readonly Float64Array[]): string {
  const hash = start(part);
  for (const column of columns) addColumn(hash, column);
  return hash.digest('hex');
}

/** Metrics by name, in the order of their names. */
export function hashMetrics(metrics: Metrics): string {
  const names = Object.keys(metrics).sort();
  const hash = start('metrics 1');
  for (const name of names) addText(hash, name);
  addColumn(
    hash,
    Float64Array.from(names, (name) => metrics[name]),
  );
  return hash.digest('hex');
}

function start(part: string): Hash {
  return createHash('sha256').update(`playhead ${part}\n`);
}

function addText(hash: Hash, text: string): void {
  const bytes = new TextEncoder().encode(text);
  hash.update(`${bytes.length}:`).update(bytes);
}

/** Length, then the values; copied only where one of them needs its canonical form. */
function addColumn(hash: Hash, column: Float64Array): void {
  hash.update(`${column.length};`);
  addValues(hash, column);
}

function addValues(hash: Hash, column: Float64Array): void {
  const values = isCanonical(column) ? column : Float64Array.from(column, (value) => (Number.isNaN(value) ? Number.NaN : value + 0));
  // A view of the same bytes: SHA-256 reads a SharedArrayBuffer as it is. The machine is little-endian wherever Node runs.
  hash.update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
}

/** No NaN and no −0: then the bytes are canonical as they are. */
function isCanonical(column: Float64Array): boolean {
  for (let i = 0; i < column.length; i++) if (Number.isNaN(column[i]) || Object.is(column[i], -0)) return false;
  return true;
}
