/**
 * Published results of mementum/backtrader 1.9.78 (commit b853d7c9: tests/test_strategy_unoptimized.py, test_strategy_optimized.py,
 * test_analyzer-sqn.py) and the fills and values its own engine gives bar by bar, on its daily index of 2006, under backtraderSemantics.
 * Signals and fills exact, money at 1e-9. Their cash of a futures-like account leaves the margin out: it is our account.freeQuote. Position and
 * commission cases: tests/test_position.py, test_comminfo.py.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { systemQualityNumber } from '../../engine/metrics/trade-statistics.ts';
import type { RunResult } from '../../engine/result.ts';
import { backtraderSemantics } from '../../engine/settings.ts';
import { crossing as crossOf, type StrategyDefinition } from '../../engine/strategy.ts';
import { hasOracles, oraclesPath, readBarsCsv, tapeOf } from '../../engine/testing/tapes.ts';
import { flatBars, type OracleRun, runOf, scriptOf, skipReason, strategyOf } from './oracle-run.test.helper.ts';

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
  readonly optimized: {
    readonly periods: readonly number[];
    readonly final_value: readonly string[];
    readonly final_cash: readonly string[];
  };
  readonly unoptimized: {
    readonly stock_like: { readonly value: string; readonly cash: string };
    readonly futures_like: { readonly value: string; readonly cash: string };
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
const expected: Expected = hasOracles ? read('expected_strategy') : { optimized: { periods: [], final_value: [], final_cash: [] } };
const days = hasOracles ? readBarsCsv('backtrader/2006-day-001.txt', '1d') : tapeOf([[1, 1, 1, 1]]);

interface Note {
  readonly timeMs: number;
  readonly cashQuote: number;
  readonly freeQuote: number;
  readonly signal: number;
  readonly close: number;
}

interface CrossRules {
  readonly period: number;
  /** Buys at the first cross and never learns that it has: the test's own way of never selling. */
  readonly isOnceOnly: boolean;
  readonly note?: (note: Note) => void;
}

/** One unit on a cross of the close and its mean, one order at a time. */
function crossing({ period, isOnceOnly, note }: CrossRules): StrategyDefinition {
  return strategyOf(({ bars, indicators }) => {
    const mean = indicators.sma(bars.close, period);
    let isDone = false;
    return {
      onBar({ order, position, account, timeMs }) {
        const cross = crossOf(bars.close, mean);
        const signal = cross > 0 && position.isFlat && !isDone ? 1 : cross < 0 && position.isLong && !isOnceOnly ? -1 : 0;
        if (signal > 0) order.market({ side: 1, sizeBase: 1 });
        if (signal < 0) order.close();
        if (signal > 0 && isOnceOnly) isDone = true;
        note?.({ timeMs, cashQuote: account.cashQuote, freeQuote: account.freeQuote, signal, close: bars.close.at(0) });
      },
    };
  });
}

function runWith(strategy: StrategyDefinition, run: Pick<OracleRun, 'instrument' | 'settings'>): RunResult {
  return runOf({ tapes: [days], ...run, settings: { ...run.settings, semantics: backtraderSemantics }, strategy });
}

/** Commission 2 for each contract and side, multiplier 10, margin 1,000 a contract. */
const futuresLike = {
  instrument: { multiplier: 10 },
  settings: {
    account: { kind: 'futures', margins: [{ symbol: null, per: 'contract', initial: 1000, maintenance: 1000 }] },
    costs: { feeFixedQuote: 2 },
  },
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

  test('as futures: value 12,795.00, cash 11,795.00 (2 decimals), and both of each of 240 bars', () => {
    const futuresNotes: Note[] = [];
    const futures = runWith(crossing({ period: 15, isOnceOnly: false, note: (note) => futuresNotes.push(note) }), futuresLike);
    expect(finalEquity(futures).toFixed(2)).toBe(unoptimized.futures_like.value);
    expect(futuresNotes[futuresNotes.length - 1].freeQuote.toFixed(2)).toBe(unoptimized.futures_like.cash);
    const lastNotes = futuresNotes.slice(-futures_like.value_by_bar.length);
    const firstRow = days.columns.length - futures_like.value_by_bar.length;
    futures_like.value_by_bar.forEach(({ date, value, cash }, k) => {
      expect(Math.abs(futures.equity.equityQuote[firstRow + k] - value), `value of ${date}`).toBeLessThanOrEqual(1e-9);
      expect(Math.abs(lastNotes[k].freeQuote - cash), `cash of ${date}`).toBeLessThanOrEqual(1e-9);
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

describe.skipIf(!hasOracles)(`backtrader test_strategy_optimized: value and cash of each of 40 periods (2 decimals)${skipReason}`, () => {
  const { periods, final_value, final_cash } = expected.optimized;
  test.each(periods.map((period, k) => [period, final_value[k], final_cash[k]] as const))(
    'SMA %i ends at %s, cash %s',
    (period, value, cash) => {
      const notes: Note[] = [];
      const result = runWith(crossing({ period, isOnceOnly: true, note: (note) => notes.push(note) }), futuresLike);
      expect([finalEquity(result).toFixed(2), notes[notes.length - 1].freeQuote.toFixed(2)]).toEqual([value, cash]);
    },
  );
});

describe('backtrader test_position.py and test_comminfo.py', () => {
  const sideOf = (size: number) => (size > 0 ? 1 : -1);

  test('10 at 10 and 5 at 12.5 cost 10.8333 on average; 7 sold at 14.5 leave that as it is; 15 sold at 17.5 turn it to −7 at 17.5', () => {
    const prices = [10, 10, 12.5, 14.5, 17.5, 17.5];
    const sizes = [10, 5, -7, -15];
    const found: (number | string)[][] = [];
    const strategy = scriptOf(({ context: { order, position }, bar }) => {
      if (bar > 0) found.push([position.sizeBase, position.averagePriceQuote.toFixed(4)]);
      const size = sizes[bar];
      if (size !== undefined) order.market({ side: sideOf(size), sizeBase: Math.abs(size) });
    });
    const { trades } = runOf({ tapes: [flatBars(prices)], settings: { account: { kind: 'frictionless', leverage: 10 } }, strategy });
    expect(found.slice(0, 4)).toEqual([
      [10, '10.0000'],
      [15, '10.8333'],
      [8, '10.8333'],
      [-7, '17.5000'],
    ]);
    expect(trades.reduce((sum, trade) => sum + trade.sizeBase, 0)).toBe(7 + 8);
  });

  test('100 at 10 with a rate of .5 pay 500', () => {
    const strategy = scriptOf(({ context: { order }, bar }) => void (bar === 0 && order.market({ side: 1, sizeBase: 100 })));
    const { fills } = runOf({ tapes: [flatBars([10, 10])], settings: { costs: { feeRateMaker: 0.5, feeRateTaker: 0.5 } }, strategy });
    expect([fills[0].notionalQuote, fills[0].feeQuote]).toEqual([1000, 500]);
  });

  test('100 contracts of multiplier 10 set 1,000 aside at a margin of 10, and lose 5,000 from 10 to 5', () => {
    let freeQuote = 0;
    const strategy = scriptOf(({ context: { order, account }, bar }) => {
      if (bar === 0) order.market({ side: 1, sizeBase: 100 });
      if (bar === 1) freeQuote = account.freeQuote;
    });
    const margins = [{ symbol: null, per: 'contract', initial: 10, maintenance: 10 }] as const;
    const settings = { account: { kind: 'futures', margins } } as const;
    const result = runOf({ tapes: [flatBars([10, 10, 5])], instrument: { multiplier: 10 }, settings, strategy });
    expect(freeQuote).toBe(10_000 - 1_000);
    expect(finalEquity(result)).toBe(5_000);
    expect(result.ledger).toEqual({ deposit: '10000', purchases: '0', sales: '0', fees: '0', settlement: '-5000' });
  });
});
