/**
 * Published results of mementum/backtrader 1.9.78 (commit b853d7c9: tests/test_strategy_unoptimized.py, test_strategy_optimized.py,
 * test_analyzer-sqn.py) and the fills and values its own engine gives bar by bar, on its daily index of 2006, under playhead's own semantics.
 * Signals and fills exact, money at 1e-9. Left out: cash of the futures-like account, which sets a margin aside (a later account kind).
 */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { systemQualityNumber } from '../../engine/metrics/trade-statistics.ts';
import type { RunResult } from '../../engine/result.ts';
import type { StrategyDefinition } from '../../engine/strategy.ts';
import { hasOracles, oraclesPath, readBarsCsv, tapeOf } from '../../engine/testing/tapes.ts';
import { type OracleRun, runOf, skipReason, strategyOf } from './oracle-run.test.helper.ts';

interface GoldenRun {
  readonly final_value: number;
  readonly final_cash: number;
  readonly fills: readonly {
    readonly side: 'buy' | 'sell';
    readonly date: string;
    readonly price: number;
    readonly size: number;
    readonly comm: number;
  }[];
  readonly value_by_bar: readonly { readonly date: string; readonly value: number; readonly cash: number }[];
}
interface Expected {
  readonly optimized: { readonly periods: readonly number[]; readonly final_value: readonly string[] };
  readonly unoptimized: {
    readonly stock_like: { readonly value: string; readonly cash: string };
    readonly futures_like: { readonly value: string };
    readonly buy_signal_close: readonly string[];
    readonly sell_signal_close: readonly string[];
    readonly buy_fill: readonly string[];
    readonly sell_fill: readonly string[];
  };
}

const read = (name: string) => JSON.parse(readFileSync(`${oraclesPath}backtrader/${name}.json`, 'utf8'));
const nothing: GoldenRun = { final_value: 0, final_cash: 0, fills: [], value_by_bar: [] };
const golden: { readonly stock_like: GoldenRun; readonly futures_like: GoldenRun } = hasOracles
  ? read('golden_sma15_cross_fills_and_equity')
  : { stock_like: nothing, futures_like: nothing };
const expected: Expected = hasOracles ? read('expected_strategy') : { optimized: { periods: [], final_value: [] } };
const days = hasOracles ? readBarsCsv('backtrader/2006-day-001.txt', '1d') : tapeOf([[1, 1, 1, 1]]);

interface Note {
  readonly timeMs: number;
  readonly cashQuote: number;
  readonly signal: number;
  readonly close: number;
}

interface CrossRules {
  readonly period: number;
  /** Buys at the first cross and never learns that it has: the test's own way of never selling. */
  readonly isOnceOnly: boolean;
  readonly note?: (note: Note) => void;
}

/** One unit on a cross of the close and its mean, one order at a time; a difference of zero leaves the one before it standing. */
function crossing({ period, isOnceOnly, note }: CrossRules): StrategyDefinition {
  return strategyOf(({ bars, indicators }) => {
    const mean = indicators.sma(bars.close, period);
    let before = 0;
    let isDone = false;
    return {
      onBar({ order, position, account, timeMs }) {
        const difference = bars.close.at(0) - mean.at(0);
        const cross = before < 0 && difference > 0 ? 1 : before > 0 && difference < 0 ? -1 : 0;
        if (difference !== 0) before = difference;
        const signal = cross > 0 && position.isFlat && !isDone ? 1 : cross < 0 && position.isLong && !isOnceOnly ? -1 : 0;
        if (signal > 0) order.market({ side: 1, sizeBase: 1 });
        if (signal < 0) order.close();
        if (signal > 0 && isOnceOnly) isDone = true;
        note?.({ timeMs, cashQuote: account.cashQuote, signal, close: bars.close.at(0) });
      },
    };
  });
}

function runWith(strategy: StrategyDefinition, run: Pick<OracleRun, 'instrument' | 'settings'>): RunResult {
  return runOf({ tapes: [days], ...run, strategy });
}

/** Commission 2 for each contract and side, multiplier 10; what they hold back as margin is equity here. */
const futuresLike = {
  instrument: { multiplier: 10 },
  settings: { account: { kind: 'frictionless', leverage: 100 }, costs: { feeFixedQuote: 2 } },
} as const;
const stockLike = { settings: {} };
const finalEquity = ({ equity }: RunResult): number => equity.equityQuote[equity.equityQuote.length - 1];
const dateOf = (timeMs: number): string => new Date(timeMs).toISOString().slice(0, 10);

describe.skipIf(!hasOracles)(`backtrader SMA 15 cross on its index of 2006${skipReason}`, () => {
  const notes: Note[] = [];
  const result = runWith(crossing({ period: 15, isOnceOnly: false, note: (note) => notes.push(note) }), stockLike);
  const { unoptimized } = expected;
  const { stock_like, futures_like } = golden;

  test('test_strategy_unoptimized: the closes of 12 buy signals and 11 sell signals', () => {
    const closes = (signal: number) => notes.filter((note) => note.signal === signal).map((note) => note.close.toFixed(2));
    expect(closes(1)).toEqual(unoptimized.buy_signal_close);
    expect(closes(-1)).toEqual(unoptimized.sell_signal_close);
    expect([closes(1).length, closes(-1).length]).toEqual([12, 11]);
  });

  test('test_strategy_unoptimized: the prices of 12 and 11 fills', () => {
    const pricesOf = (side: number) => result.fills.filter((fill) => fill.side === side).map((fill) => fill.priceQuote.toFixed(2));
    expect(pricesOf(1)).toEqual(unoptimized.buy_fill);
    expect(pricesOf(-1)).toEqual(unoptimized.sell_fill);
  });

  test('test_strategy_unoptimized: value 10,284.10, cash 6,164.16 (2 decimals)', () => {
    expect(finalEquity(result).toFixed(2)).toBe(unoptimized.stock_like.value);
    expect(notes[notes.length - 1].cashQuote.toFixed(2)).toBe(unoptimized.stock_like.cash);
  });

  test('each of 23 fills has their day, side, price and size', () => {
    const found = result.fills.map((fill) => ({
      side: fill.side > 0 ? 'buy' : 'sell',
      date: dateOf(fill.timeMs),
      price: fill.priceQuote,
      size: fill.side * fill.sizeBase,
      comm: fill.feeQuote,
    }));
    expect(found).toEqual(stock_like.fills.map(({ side, date, price, size, comm }) => ({ side, date, price, size, comm })));
    expect(found).toHaveLength(23);
  });

  test('value and cash of each of 240 bars', () => {
    const firstRow = days.columns.length - stock_like.value_by_bar.length;
    const lastNotes = notes.slice(-stock_like.value_by_bar.length);
    expect(stock_like.value_by_bar).toHaveLength(240);
    stock_like.value_by_bar.forEach(({ date, value, cash }, k) => {
      expect(dateOf(days.columns.openTimeMs[firstRow + k])).toBe(date);
      expect(Math.abs(result.equity.equityQuote[firstRow + k] - value), `value of ${date}`).toBeLessThanOrEqual(1e-9);
      expect(Math.abs(lastNotes[k].cashQuote - cash), `cash of ${date}`).toBeLessThanOrEqual(1e-9);
    });
  });

  test('as futures: value 12,795.00 (2 decimals), and that of each of 240 bars', () => {
    const futures = runWith(crossing({ period: 15, isOnceOnly: false }), futuresLike);
    expect(finalEquity(futures).toFixed(2)).toBe(unoptimized.futures_like.value);
    const firstRow = days.columns.length - futures_like.value_by_bar.length;
    futures_like.value_by_bar.forEach(({ date, value }, k) => {
      expect(Math.abs(futures.equity.equityQuote[firstRow + k] - value), `value of ${date}`).toBeLessThanOrEqual(1e-9);
    });
  });

  test('test_analyzer-sqn as futures: 0.912550316439 over 11 trades (12 decimals)', () => {
    const { trades } = runWith(crossing({ period: 15, isOnceOnly: false }), futuresLike);
    expect(trades).toHaveLength(11);
    expect(
      systemQualityNumber(
        Float64Array.from(trades, (trade) => trade.pnlQuote),
        0,
      ).toFixed(12),
    ).toBe('0.912550316439');
  });
});

describe.skipIf(!hasOracles)(`backtrader test_strategy_optimized: the value of each of 40 periods (2 decimals)${skipReason}`, () => {
  const { periods, final_value } = expected.optimized;
  test.each(periods.map((period, k) => [period, final_value[k]] as const))('SMA %i ends at %s', (period, value) => {
    expect(finalEquity(runWith(crossing({ period, isOnceOnly: true }), futuresLike)).toFixed(2)).toBe(value);
  });
});
