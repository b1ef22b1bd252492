/**
 * Published runs of freqtrade (commit c9ae5e1e) on its own 5m candles, fee .0025, stake .001 BTC.
 *
 * tests/optimize/test_backtesting.py, test_backtest_one: StrategyTestV3, exit signals off, as its published conditions say; data from 1517227800 s
 * on (oracles.md says up to: the trades lie behind it). Prices to their 6 decimals, amounts to 8.
 *
 * tests/testdata backtest-result.json, 179 trades of three years before on ten pairs: its entries are given, its exits are met. What freqtrade
 * changed since is counted apart: a profit table's new step sells at the open it begins at where that is better (tc18 and tc24 of the candle
 * tables), and exits are asked for on the candle of the entry (tc13, tc14). Left out: which of ten pairs took one of three places.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Tape } from '../../engine/model/bar.ts';
import { freqtradeSemantics } from '../../engine/settings.ts';
import type { OrderWish, StrategyDefinition } from '../../engine/strategy.ts';
import { hasOracles, oraclesPath, readBarsCsv } from '../../engine/testing/tapes.ts';
import { runOf, skipReason, sliceTape, strategyOf } from './oracle-run.test.helper.ts';

const minuteMs = 60_000;
const tapeOfPair = (pair: string): Tape => readBarsCsv(`freqtrade/ohlcv/${pair.replace('/', '_')}-5m.csv`, '5m');

/** StrategyTestV3's minimal_roi and stoploss. */
const takeProfit = [
  { afterMs: 0, fraction: 0.04 },
  { afterMs: 20 * minuteMs, fraction: 0.02 },
  { afterMs: 30 * minuteMs, fraction: 0.01 },
  { afterMs: 40 * minuteMs, fraction: 0 },
] as const;
const entry: OrderWish = { side: 1, sizeQuote: 0.001, stopLoss: { fraction: 0.1 }, takeProfit };

const play = (tape: Tape, strategy: StrategyDefinition) =>
  runOf({
    tapes: [tape],
    instrument: { tickSize: 1e-8, lotSize: 1e-12 },
    settings: { initialCapitalQuote: 1, costs: { feeRateTaker: 0.0025, feeRateMaker: 0.0025 }, semantics: freqtradeSemantics },
    strategy,
  });

describe.skipIf(!hasOracles)(`freqtrade test_backtest_one${skipReason}`, () => {
  test('two trades end by their profit table', () => {
    const whole = tapeOfPair('UNITTEST/BTC');
    const from = whole.columns.openTimeMs.findIndex((openMs) => openMs >= 1_517_227_800_000);
    const strategy = strategyOf(({ bars, indicators }) => {
      const rsi = indicators.rsi(bars.close, 14);
      const { d: fast } = indicators.stochastic(bars, { k: 5, slow: 1, d: 3 });
      const { adx, plus } = indicators.adx(bars, 14);
      return {
        onBar({ order, position }) {
          if (!position.isFlat || !(plus.at(0) > 0.5)) return;
          if ((rsi.at(0) < 35 && fast.at(0) < 35 && adx.at(0) > 30) || adx.at(0) > 65) order.market(entry);
        },
      };
    });
    const { trades } = play(sliceTape(whole, from, whole.columns.length), strategy);
    const found = trades.map(({ entryOpenMs, entryPriceQuote, sizeBase, exitOpenMs, exitPriceQuote, exitRole }) => ({
      open: new Date(entryOpenMs).toISOString().replace(':00.000', ''),
      open_rate: entryPriceQuote,
      amount: Number(sizeBase.toFixed(8)),
      close: new Date(exitOpenMs).toISOString().replace(':00.000', ''),
      close_rate: Number(exitPriceQuote.toFixed(6)),
      reason: exitRole === 'takeProfit' ? 'roi' : exitRole,
    }));
    expect(found).toEqual(JSON.parse(readFileSync(`${oraclesPath}freqtrade/expected_metrics.json`, 'utf8')).backtest_one.trades);
    for (const { pnlQuote } of trades) expect(pnlQuote).toBeCloseTo(0, 15);
  });
});

interface StoredTrade {
  readonly pair: string;
  readonly open_timestamp: number;
  readonly close_timestamp: number;
  readonly open_rate: number;
  readonly close_rate: number;
  readonly amount: number;
  readonly exit_reason: string;
}

const exitReasons: Readonly<Record<string, string>> = { takeProfit: 'roi', stopLoss: 'stop_loss', endOfRun: 'force_exit' };
const isNear = (found: number, expected: number): boolean => Math.abs(found / expected - 1) < 1e-9;

describe.skipIf(!hasOracles)(`freqtrade backtest-result.json${skipReason}`, () => {
  const stored: readonly StoredTrade[] = hasOracles
    ? JSON.parse(readFileSync(`${oraclesPath}freqtrade/backtest-result.json`, 'utf8')).strategy.StrategyTestV3.trades
    : [];

  /** How many trades leave as stored, as stored but at the open of a new step, and on the candle of their entry. */
  function exitsOf(pair: string): { same: number; atNewStep: number; onEntryCandle: number; other: number } {
    const own = stored.filter((trade) => trade.pair === pair).sort((a, b) => a.open_timestamp - b.open_timestamp);
    const entriesMs = new Set(own.map((trade) => trade.open_timestamp));
    const tape = tapeOfPair(pair);
    // Its download ended one candle earlier.
    const { trades } = play(
      sliceTape(tape, 0, tape.columns.length - 1),
      strategyOf(() => ({ onBar: ({ order, timeMs }) => void (entriesMs.has(timeMs) && order.market(entry)) })),
    );
    const count = { same: 0, atNewStep: 0, onEntryCandle: 0, other: own.length - trades.length };
    own.forEach((expected, k) => {
      const found = trades[k];
      const isEntry = found.entryOpenMs === expected.open_timestamp && isNear(found.entryPriceQuote, expected.open_rate);
      const isExit = found.exitOpenMs === expected.close_timestamp && exitReasons[found.exitRole] === expected.exit_reason;
      const heldMs = found.exitOpenMs - found.entryOpenMs;
      if (isEntry && isExit && isNear(found.exitPriceQuote, expected.close_rate)) {
        expect(found.sizeBase / expected.amount).toBeCloseTo(1, 9);
        count.same++;
      } else if (isEntry && isExit && takeProfit.some(({ afterMs }) => afterMs === heldMs) && found.exitPriceQuote > expected.close_rate)
        count.atNewStep++;
      else if (isEntry && heldMs === 0 && isNear(found.exitPriceQuote, expected.close_rate)) count.onEntryCandle++;
      else count.other++;
    });
    return count;
  }

  test('179 exits: 141 as stored, 35 on the same candle at the open of a new step, 3 on the candle of the entry', () => {
    const total = { same: 0, atNewStep: 0, onEntryCandle: 0, other: 0 };
    for (const pair of new Set(stored.map((trade) => trade.pair))) {
      const count = exitsOf(pair);
      for (const kind of ['same', 'atNewStep', 'onEntryCandle', 'other'] as const) total[kind] += count[kind];
    }
    expect(total).toEqual({ same: 141, atNewStep: 35, onEntryCandle: 3, other: 0 });
  });
});
