/** Owns which trade of one run is which of another, and in what the two differ. Never plays. */
import { pow } from '../math.ts';
import type { Trade } from '../model/fill.ts';
import type { OrderRole, Side } from '../model/order.ts';
import type { RunResult } from '../result.ts';

/** What is compared of a run. */
export type ComparedRun = Pick<RunResult, 'orders' | 'fills' | 'trades' | 'instruments' | 'openPositions'>;

/** A trade as it is told beside its other. An entry that was not closed has no exit: NaN, and 'open'. */
export interface ComparedTrade {
  readonly side: Side;
  readonly sizeBase: number;
  readonly entryMs: number;
  readonly entryPriceQuote: number;
  readonly exitMs: number;
  readonly exitPriceQuote: number;
  readonly exitRole: OrderRole | 'open';
  readonly pnlQuote: number;
}

/** In what two trades differ, the weightiest first; money is fees and rounding alone. */
export type TradeChange = 'appears' | 'disappears' | 'entry' | 'exit' | 'size' | 'money';

/** Trades by what they are in every run: instrument, time at which the entry was sent, place among the entries sent then, place among what that entry became. */
export type TradesByKey = ReadonlyMap<string, ComparedTrade>;

/** Of a price or a size: two ways of reckoning the same figure differ by less. */
const tolerance = 1e-9;

/** Entries that are open at the end are trades without an exit. */
export function tradesByKey(run: ComparedRun): TradesByKey {
  const nameOf = entryNames(run);
  const found = new Map<string, ComparedTrade>();
  const counts = new Map<string, number>();
  const add = (orderId: number, trade: ComparedTrade): void => {
    const name = nameOf.get(orderId) ?? '';
    const count = counts.get(name) ?? 0;
    counts.set(name, count + 1);
    found.set(`${name} ${count}`, trade);
  };
  for (const trade of run.trades) add(trade.entryOrderId, comparedTrade(trade));
  for (const [orderId, trade] of openEntries(run)) add(orderId, trade);
  return found;
}

/** What of the fills no trade has closed makes up the open positions; fees in base and dust are no part of them, so the latest fills go first. */
function openEntries({ fills, trades, openPositions }: ComparedRun): [orderId: number, trade: ComparedTrade][] {
  const restBase = new Map<number, number>();
  const addTo = (orderId: number, sizeBase: number): void => void restBase.set(orderId, (restBase.get(orderId) ?? 0) + sizeBase);
  for (const fill of fills) addTo(fill.orderId, fill.sizeBase);
  for (const trade of trades) for (const id of [trade.entryOrderId, trade.exitOrderId]) addTo(id, -trade.sizeBase);
  const entries: [number, ComparedTrade][] = [];
  for (const { instrumentIndex, sizeBase: heldBase } of openPositions) {
    let missingBase = Math.abs(heldBase);
    for (let i = fills.length - 1; i >= 0 && missingBase > tolerance * Math.abs(heldBase); i--) {
      const fill = fills[i];
      if (fill.instrumentIndex !== instrumentIndex || fill.side * heldBase < 0) continue;
      const sizeBase = Math.min(missingBase, fill.sizeBase, restBase.get(fill.orderId) ?? 0);
      if (sizeBase <= tolerance * Math.abs(heldBase)) continue;
      missingBase -= sizeBase;
      addTo(fill.orderId, -sizeBase);
      const exit = { exitMs: Number.NaN, exitPriceQuote: Number.NaN, exitRole: 'open', pnlQuote: Number.NaN } as const;
      const entry = { side: fill.side, sizeBase, entryMs: fill.timeMs, entryPriceQuote: fill.priceQuote };
      entries.push([fill.orderId, { ...entry, ...exit }]);
    }
  }
  return entries.reverse();
}

/** In what a trade differs between two runs; undefined where it does not. quoteDecimals: money is compared to its last digit. */
export function changeOf(
  before: ComparedTrade | undefined,
  after: ComparedTrade | undefined,
  quoteDecimals: number,
): TradeChange | undefined {
  if (before === undefined) return after === undefined ? undefined : 'appears';
  if (after === undefined) return 'disappears';
  if (before.side !== after.side || before.entryMs !== after.entryMs || isFar(before.entryPriceQuote, after.entryPriceQuote))
    return 'entry';
  if (before.exitRole !== after.exitRole) return 'exit';
  if (!Object.is(before.exitMs, after.exitMs) || isFar(before.exitPriceQuote, after.exitPriceQuote)) return 'exit';
  if (isFar(before.sizeBase, after.sizeBase)) return 'size';
  return Math.abs(before.pnlQuote - after.pnlQuote) > 0.5 * pow(10, -quoteDecimals) ? 'money' : undefined;
}

function isFar(a: number, b: number): boolean {
  return Math.abs(a - b) > tolerance * Math.max(Math.abs(a), Math.abs(b));
}

function comparedTrade(trade: Trade): ComparedTrade {
  const { side, sizeBase, entryMs, entryPriceQuote, exitMs, exitPriceQuote, exitRole, pnlQuote } = trade;
  return { side, sizeBase, entryMs, entryPriceQuote, exitMs, exitPriceQuote, exitRole, pnlQuote };
}

/** Orders that entered, named by what is the same in both runs: ids are not where one sends an order more. */
function entryNames({ orders, trades, fills }: ComparedRun): Map<number, string> {
  const closing = new Set(trades.map((trade) => trade.exitOrderId));
  const entered = new Set([
    ...trades.map((trade) => trade.entryOrderId),
    ...fills.map((fill) => fill.orderId).filter((id) => !closing.has(id)),
  ]);
  const counts = new Map<string, number>();
  const names = new Map<number, string>();
  for (const { id, instrumentIndex, submittedMs, role } of orders) {
    if (!entered.has(id)) continue;
    const moment = `${instrumentIndex} ${submittedMs} ${role}`;
    const count = counts.get(moment) ?? 0;
    counts.set(moment, count + 1);
    names.set(id, `${moment} ${count}`);
  }
  return names;
}
