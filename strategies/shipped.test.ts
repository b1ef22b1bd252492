import { describe, expect, test } from 'vitest';
import type { Tape } from '../engine/model/bar.ts';
import { play } from '../engine/play.ts';
import type { RunResult } from '../engine/result.ts';
import type { RunSettings } from '../engine/settings.ts';
import type { StrategyDefinition } from '../engine/strategy.ts';
import { settingsOf, testHashes } from '../engine/testing/settings.ts';
import { type BarRow, instrumentOf, tapeOf } from '../engine/testing/tapes.ts';
import buyAndHold from './buy-and-hold.ts';
import donchianBreakout from './donchian-breakout.ts';
import ichimoku from './ichimoku.ts';
import movingAverageCross from './moving-average-cross.ts';
import rotation from './rotation.ts';

const dayMs = 86_400_000;

/** Bars without wicks but for half a unit each way; each opens where the last closed. */
function rowsOf(closes: readonly number[]): BarRow[] {
  return closes.map((close, i) => {
    const open = closes[Math.max(0, i - 1)];
    return [open, Math.max(open, close) + 0.5, Math.min(open, close) - 0.5, close];
  });
}

function run(
  definition: unknown,
  tapes: readonly Tape[],
  options: { parameters?: Record<string, unknown>; settings?: RunSettings } = {},
): RunResult {
  return play({
    tapes,
    instruments: tapes.map((tape) => instrumentOf({ symbol: tape.key.symbol })),
    settings: options.settings ?? settingsOf(),
    strategy: () => definition as StrategyDefinition,
    parameters: options.parameters ?? {},
    hashes: testHashes,
    recording: 'full',
  });
}

const daily = (closes: readonly number[], symbol = 'BTC/USDT') => tapeOf(rowsOf(closes), { timeframe: '1d', symbol });
const wave = (length: number, period: number, height: number) =>
  Array.from({ length }, (_, i) => 100 + height * Math.abs(((i % period) / period) * 2 - 1) + ((i * 7919) % 13) / 10);

describe('buy-and-hold', () => {
  test('buys once at the second open with what cash buys, and holds to the end', () => {
    const result = run(buyAndHold, [daily([100, 100, 120, 150])]);
    expect(result.fills.map(({ timeMs, side, priceQuote, sizeBase }) => ({ timeMs, side, priceQuote, sizeBase }))).toEqual([
      { timeMs: dayMs, side: 1, priceQuote: 100, sizeBase: 99 },
    ]);
    expect(result.trades).toEqual([]);
    expect(result.equity.equityQuote.at(-1)).toBe(10_000 + 99 * 50);
  });

  test('invests the fraction it is given', () => {
    expect(run(buyAndHold, [daily([100, 100, 100])], { parameters: { equityFraction: 0.25 } }).fills[0].sizeBase).toBe(25);
  });
});

describe('moving-average-cross', () => {
  const closes = [10, 10, 10, 10, 9, 8, 12, 14, 15, 12, 8, 7, 7, 7];
  const parameters = { fast: 2, slow: 3 };

  test('buys the open after the fast mean crosses above, leaves after it crosses below', () => {
    // sma2: 10 at bar 6 (8, 12), sma3: 9.67: above; at bar 10 sma2 10, sma3 11.67: bar 9 had 13.5 and 13.67, already below.
    const result = run(movingAverageCross, [daily(closes)], { parameters });
    expect(result.fills.map((fill) => [fill.side, fill.timeMs / dayMs, fill.priceQuote])).toEqual([
      [1, 7, 12],
      [-1, 10, 12],
    ]);
    expect(result.orders.map((order) => order.tag)).toEqual(['crossed above', 'crossed below']);
  });

  test('turns short where allowed', () => {
    const result = run(movingAverageCross, [daily(closes)], {
      parameters: { ...parameters, allowShort: true },
      settings: settingsOf({ account: { kind: 'frictionless' } }),
    });
    // Falls through both means at bar 4 already: short there, long at 7, short again at 10.
    expect(result.fills.map((fill) => [fill.side, fill.timeMs / dayMs])).toEqual([
      [-1, 5],
      [1, 7],
      [-1, 10],
    ]);
    expect(result.openPositions[0].sizeBase).toBeLessThan(0);
  });

  test('plays the same whether every bar calls or only crossings do', () => {
    const tapes = [daily(wave(600, 37, 20))];
    const unfiltered = run(movingAverageCross, tapes, { parameters: { fast: 3, slow: 8 } });
    const dense = run(movingAverageCross, tapes, { parameters: { fast: 3, slow: 8 }, settings: settingsOf({ replay: 'dense' }) });
    expect(unfiltered.trades.length).toBeGreaterThan(10);
    expect(dense.certificate.runHash).toBe(unfiltered.certificate.runHash);
  });
});

describe('donchian-breakout', () => {
  const parameters = { entryPeriod: 4, exitPeriod: 2, atrPeriod: 3, stopRanges: 2 };
  const quiet = [100, 100, 100, 100, 100, 100];

  test('buys the break sized so that the stop costs the risk per trade', () => {
    const settings = settingsOf({ risk: { riskPerTrade: 0.01 } });
    const result = run(donchianBreakout, [daily([...quiet, 103, 104, 105])], { parameters, settings });
    // True ranges are 1, 1, then 4 at the break (99.5 to 103.5): Wilder over 3 gives (1 × 2 + 4) / 3 = 2, so the stop lies 4 below 103.
    expect(result.orders[0]).toMatchObject({ side: 1, sizeRule: 'riskFraction', stopLossPrice: 99, tag: 'broke out above' });
    expect(result.fills[0]).toMatchObject({ priceQuote: 103, sizeBase: 25 });
  });

  test('loses the risk per trade, and no more, where the stop is hit at its price', () => {
    const result = run(donchianBreakout, [daily([...quiet, 103, 98.8])], { parameters });
    expect(result.trades[0]).toMatchObject({ exitRole: 'stopLoss', exitPriceQuote: 99, pnlQuote: -100 });
  });

  test('leaves at the next open once the close falls under the exit channel', () => {
    const result = run(donchianBreakout, [daily([...quiet, 103, 106, 109, 112, 104, 104])], { parameters });
    expect(result.trades[0]).toMatchObject({ exitRole: 'own', exitPriceQuote: 104, exitMs: 11 * dayMs });
    expect(result.orders.filter((order) => order.status === 'open')).toEqual([]);
  });

  test('measures by the channel of the bars before, wicks and all', () => {
    const rows = [...rowsOf(quiet), [100, 110, 99.5, 100] as const, [100, 105.5, 99.5, 105] as const, [105, 105.5, 104.5, 105] as const];
    expect(run(donchianBreakout, [tapeOf(rows, { timeframe: '1d' })], { parameters }).orders).toEqual([]);
  });

  test('sells the break below only where shorting is allowed', () => {
    const tape = daily([...quiet, 97, 96, 95]);
    const settings = settingsOf({ account: { kind: 'frictionless' } });
    expect(run(donchianBreakout, [tape], { parameters, settings }).orders).toEqual([]);
    expect(run(donchianBreakout, [tape], { parameters: { ...parameters, allowShort: true }, settings }).orders[0]).toMatchObject({
      side: -1,
      stopLossPrice: 101,
    });
  });
});

describe('ichimoku', () => {
  const parameters = { tenkan: 3, kijun: 5, spanB: 10, displacement: 5 };
  const warmBar = 14;

  /** A market that swings, from a seed. */
  function swings(seed: number): BarRow[] {
    let state = seed;
    let price = 100;
    const closes = Array.from({ length: 300 }, (_, i) => {
      state = (state * 48271) % 2147483647;
      price += ((i >> 5) % 2 === 0 ? 0.4 : -0.4) + (state / 2147483647 - 0.5) * 4;
      return Math.round(price * 100) / 100;
    });
    return rowsOf(closes);
  }

  /** The indicator by its definition: means of extremes, the cloud drawn displacement bars ahead. */
  function valuesAt(rows: readonly BarRow[], i: number) {
    const middle = (at: number, n: number) => {
      const window = rows.slice(at - n + 1, at + 1);
      return (Math.max(...window.map((row) => row[1])) + Math.min(...window.map((row) => row[2]))) / 2;
    };
    const back = i - parameters.displacement;
    const spanA = (middle(back, parameters.tenkan) + middle(back, parameters.kijun)) / 2;
    const spanB = middle(back, parameters.spanB);
    const turn = middle(i, parameters.tenkan) - middle(i, parameters.kijun);
    return {
      close: rows[i][3],
      drawnOver: rows[back][3],
      turn,
      kijun: middle(i, parameters.kijun),
      top: Math.max(spanA, spanB),
      bottom: Math.min(spanA, spanB),
    };
  }

  /** A slow second implementation of the rules: bars of entry and exit, and what ended each trade. */
  function reference(rows: readonly BarRow[], stopAt: 'kijun' | 'cloud') {
    const trades: { entryBar: number; exitBar: number; exitRole: string }[] = [];
    let isLong = false;
    let stop = Number.NaN;
    let entryBar = -1;
    for (let i = warmBar; i < rows.length; i++) {
      if (isLong && rows[i][2] <= stop) {
        trades.push({ entryBar, exitBar: i, exitRole: 'stopLoss' });
        isLong = false;
      }
      const { close, drawnOver, turn, kijun, top, bottom } = valuesAt(rows, i);
      if (i === rows.length - 1) break;
      if (isLong && (turn < 0 || close < top)) {
        trades.push({ entryBar, exitBar: i + 1, exitRole: 'own' });
        isLong = false;
      } else if (!isLong && close > top && turn > 0 && close > drawnOver) {
        stop = Math.round((stopAt === 'kijun' ? kijun : bottom) * 100) / 100;
        if (!((stopAt === 'kijun' ? kijun : bottom) < close)) continue;
        isLong = true;
        entryBar = i + 1;
      }
    }
    return trades;
  }

  test.each([
    ['kijun', [11, 22, 33, 44, 55]],
    ['cloud', [11, 22, 33, 44, 55]],
  ] as const)('with its stop at %s trades as a slow second implementation does', (stopAt, seeds) => {
    const roles = new Map<string, number>();
    for (const seed of seeds) {
      const rows = swings(seed);
      const result = run(ichimoku, [tapeOf(rows, { timeframe: '1d' })], { parameters: { ...parameters, stopAt } });
      expect(
        result.trades.map(({ entryBar, exitBar, exitRole }) => ({ entryBar, exitBar, exitRole })),
        `seed ${seed}`,
      ).toEqual(reference(rows, stopAt));
      for (const trade of result.trades) roles.set(trade.exitRole, (roles.get(trade.exitRole) ?? 0) + 1);
    }
    expect(roles.get('own')).toBeGreaterThan(10);
    if (stopAt === 'kijun') expect(roles.get('stopLoss')).toBeGreaterThan(2);
  });

  test('goes short only where allowed, and then as the mirror image of going long', () => {
    const settings = settingsOf({ account: { kind: 'frictionless' } });
    const rows = swings(66);
    const mirrored = rows.map(([open, high, low, close]): BarRow => [300 - open, 300 - low, 300 - high, 300 - close]);
    const sides = (tape: readonly BarRow[], allowShort: boolean) =>
      run(ichimoku, [tapeOf(tape, { timeframe: '1d' })], { parameters: { ...parameters, allowShort }, settings }).trades.map((trade) => [
        trade.side,
        trade.entryBar,
        trade.exitBar,
      ]);
    const both = sides(rows, true);
    expect(new Set(both.map(([side]) => side))).toEqual(new Set([1, -1]));
    expect(new Set(sides(rows, false).map(([side]) => side))).toEqual(new Set([1]));
    expect(sides(mirrored, true)).toEqual(both.map(([side, entryBar, exitBar]) => [-side, entryBar, exitBar]));
  });
});

describe('rotation', () => {
  const parameters = { lookback: 3, holdCount: 1, everyDays: 4, investedFraction: 0.9 };
  const rising = [100, 101, 102, 103, 104, 105, 106, 107, 108, 109, 110, 111, 112];
  const late = [100, 100, 100, 100, 100, 100, 110, 120, 130, 140, 150, 160, 170];
  const falling = rising.map((close) => 200 - close);

  test('holds the strongest, and changes on the schedule: the sale fills first and pays for the purchase', () => {
    const result = run(rotation, [daily(falling, 'A/USDT'), daily(rising, 'B/USDT'), daily(late, 'C/USDT')], { parameters });
    expect(result.fills.map((fill) => [result.instruments[fill.instrumentIndex].symbol, fill.side, fill.timeMs / dayMs])).toEqual([
      ['B/USDT', 1, 4],
      ['B/USDT', -1, 8],
      ['C/USDT', 1, 8],
      // Kept, and cut back to its share of equity.
      ['C/USDT', -1, 12],
    ]);
    const [, sale, purchase] = result.fills;
    // More than the cash left beside the old position: the sale at the same open paid for it.
    expect(purchase.notionalQuote).toBeGreaterThan(8_000);
    expect(purchase.orderId).toBeGreaterThan(sale.orderId);
    expect(result.orders.every((order) => order.status === 'filled')).toBe(true);
  });

  test('rebalances what it keeps, sales before purchases', () => {
    const result = run(rotation, [daily(rising, 'B/USDT'), daily(late, 'C/USDT')], { parameters: { ...parameters, holdCount: 2 } });
    const atThird = result.fills.filter((fill) => fill.timeMs === 12 * dayMs);
    expect(atThird.map((fill) => [fill.instrumentIndex, fill.side])).toEqual([
      [1, -1],
      [0, 1],
    ]);
  });

  test('holds nothing that falls, unless told to', () => {
    const tapes = [daily(falling, 'A/USDT')];
    expect(run(rotation, tapes, { parameters }).orders).toEqual([]);
    expect(run(rotation, tapes, { parameters: { ...parameters, risingOnly: false } }).orders).toHaveLength(3);
  });

  test('equal momentum goes to the earlier series, whoever was ahead before', () => {
    const first = [100, 100, 100, 100, 100, 100, 100, 110, 110];
    const second = [100, 100, 100, 105, 100, 100, 100, 110, 110];
    const overtaken = run(rotation, [daily(first, 'B/USDT'), daily(second, 'C/USDT')], { parameters });
    expect(overtaken.fills.map((fill) => [fill.instrumentIndex, fill.side])).toEqual([
      [1, 1],
      [1, -1],
      [0, 1],
    ]);
    const result = run(rotation, [daily(rising, 'B/USDT'), daily(rising, 'C/USDT')], { parameters });
    expect(new Set(result.fills.map((fill) => fill.instrumentIndex))).toEqual(new Set([0]));
  });

  test('looks once a period, also where another series has bars in between', () => {
    const half = tapeOf(rowsOf(rising.flatMap((close) => [close, close])), { timeframe: '12h', symbol: 'C/USDT' });
    const tapes = [daily(falling, 'A/USDT'), half, daily(late, 'D/USDT')];
    const unfiltered = run(rotation, tapes, { parameters });
    const dense = run(rotation, tapes, { parameters, settings: settingsOf({ replay: 'dense' }) });
    expect(unfiltered.orders.map((order) => [order.submittedMs / dayMs, order.instrumentIndex, order.side])).toEqual([
      [4, 1, 1],
      [8, 1, -1],
      [8, 2, 1],
      [12, 2, -1],
    ]);
    expect(dense.certificate.runHash).toBe(unfiltered.certificate.runHash);
  });

  test('never spends more than its cash and plays the same whether every bar calls or only the schedule', () => {
    const tapes = ['A', 'B', 'C', 'D'].map((name, k) => daily(wave(400, 31 + 6 * k, 20 + 3 * k), `${name}/USDT`));
    const options = { ...parameters, lookback: 20, holdCount: 2, investedFraction: 1 };
    const unfiltered = run(rotation, tapes, { parameters: options });
    const dense = run(rotation, tapes, { parameters: options, settings: settingsOf({ replay: 'dense' }) });
    expect(unfiltered.fills.length).toBeGreaterThan(50);
    expect(dense.certificate.runHash).toBe(unfiltered.certificate.runHash);
    let cashQuote = 10_000;
    for (const fill of unfiltered.fills) {
      cashQuote -= fill.side * fill.notionalQuote;
      expect(cashQuote).toBeGreaterThan(-1e-6);
    }
  });
});
