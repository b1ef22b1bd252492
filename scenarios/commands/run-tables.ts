/** Owns the tables of "runs export": what a program outside playhead needs to read a run's records alone. Never changes a record's own fields. */
import type { Interval } from '../../engine/interval/interval.ts';
import type { Instrument } from '../../engine/model/instrument.ts';
import type { RunResult } from '../../engine/result.ts';

type Row = Readonly<Record<string, unknown>>;
type Tables = { readonly [name in Exclude<TableName, 'interval'>]: readonly Row[] } & { readonly interval?: readonly Row[] };

/** Every table there can be. */
export const tableNames = ['orders', 'fills', 'trades', 'equity', 'accountEvents', 'riskEvents', 'metrics', 'interval'] as const;
type TableName = (typeof tableNames)[number];

/** Every table by name. Records gain the symbol of their instrument and, for each time, its ISO form; money is written at the ledger's precision. */
export function tablesOf(result: RunResult, hasExactMoney: boolean, interval?: Interval): Tables {
  const recordsOf = (records: readonly object[]): Row[] => records.map((record) => recordOf(record as Row, result, hasExactMoney));
  const { equity, buyAndHold, ambiguousBarCount, decidedBarCount, notRefinedBarCount } = result;
  return {
    orders: recordsOf(result.orders),
    fills: recordsOf(result.fills),
    trades: recordsOf(result.trades),
    equity: Array.from(equity.timeMs, (timeMs, row) => ({
      timeMs,
      time: isoOf(timeMs),
      equityQuote: equity.equityQuote[row],
      buyAndHoldQuote: buyAndHold[row],
    })),
    accountEvents: result.accountEvents.map(({ timeMs, kind, figures }) => ({ timeMs, time: isoOf(timeMs), kind, figures })),
    riskEvents: result.riskEvents.map(({ timeMs, kind, rule, instrumentIndex, orderId, from, to, figures, reason }) => ({
      timeMs,
      time: isoOf(timeMs),
      kind,
      rule,
      ...(instrumentIndex < 0 ? {} : namesOf(result.instruments[instrumentIndex])),
      ...(orderId < 0 ? {} : { orderId }),
      from,
      to,
      figures,
      reason,
    })),
    metrics: [{ ...result.metrics, ambiguousBarCount, decidedBarCount, notRefinedBarCount }],
    ...(interval === undefined ? {} : { interval: interval.policies.map(({ figures, ...rest }) => ({ ...rest, ...figures })) }),
  };
}

function recordOf(record: Row, { instruments }: RunResult, hasExactMoney: boolean): Row {
  const instrument = instruments[Number(record.instrumentIndex)];
  const row: Record<string, unknown> = namesOf(instrument);
  for (const [name, value] of Object.entries(record)) {
    row[name] = hasExactMoney && isMoney(name) ? rounded(Number(value), instrument.quoteDecimals) : value;
    if (name.endsWith('Ms')) row[timeName(name)] = isoOf(Number(value));
  }
  return row;
}

function namesOf({ venue, symbol, leg }: Instrument): Record<string, unknown> {
  return leg === undefined ? { venue, symbol } : { venue, symbol, leg };
}

/** A price is no money: its precision is the tick's. */
function isMoney(name: string): boolean {
  return name.endsWith('Quote') && !name.toLowerCase().includes('price');
}

/** A difference of doubles carries noise behind the ledger's last decimal: −22.38528000000041. */
function rounded(value: number, decimals: number): number {
  return Math.abs(value) < 1e15 ? Number(value.toFixed(decimals)) : value;
}

/** "timeMs" → "time", "entryMs" → "entryTime", "openTimeMs" → "openTime". */
function timeName(name: string): string {
  const stem = name.slice(0, -2);
  return /time$/i.test(stem) ? stem : `${stem}Time`;
}

/** NaN, which exports write as nothing, where there is no time. */
function isoOf(timeMs: number): string | number {
  return Math.abs(timeMs) <= 8.64e15 ? new Date(timeMs).toISOString() : Number.NaN;
}
