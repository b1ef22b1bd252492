/**
 * Published trades of Grademark (commit dee7bb1a: src/test/integration), mean reversion of daily STW bars, prices at 1e-9.
 * It enters and leaves at the next open, asks nothing of its rules on the bar of a fill, and protects from the bar after the entry on.
 * One difference stands in exitPriceOf: 1 of the 8 targets was passed by an open.
 * Left out: conditional entry (filled at the open on the strength of the same bar's high, which no strategy here can know), Monte Carlo
 * (its own random numbers), the analysis of trades, recorded stop and risk series, walk-forward (a later command).
 */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Tape } from '../../engine/model/bar.ts';
import type { Bars, StrategyContext, StrategyDefinition } from '../../engine/strategy.ts';
import { type BarRow, hasOracles, oraclesPath, tapeOf } from '../../engine/testing/tapes.ts';
import { runOf, skipReason, strategyOf } from './oracle-run.test.helper.ts';

/** Dates as D/MM/YYYY; a day opens at midnight UTC. */
function readDays(name: string): Tape {
  const lines = readFileSync(`${oraclesPath}grademark/${name}`, 'utf8').trim().split(/\r?\n/).slice(1);
  const openTimesMs: number[] = [];
  const rows = lines.map((line): BarRow => {
    const [date, open, high, low, close, volume] = line.split(',');
    const [day, month, year] = date.split('/').map(Number);
    openTimesMs.push(Date.UTC(year, month - 1, day));
    return [Number(open), Number(high), Number(low), Number(close), Number(volume)];
  });
  return tapeOf(rows, { timeframe: '1d', openTimesMs });
}

interface Rules {
  readonly period: number;
  /** First bar on which the rules are asked. */
  readonly firstBar: number;
  /** Distance of a stop below the entry. */
  readonly stop?: (entryPrice: number) => number;
  /** Distance of a trailing stop below a close. */
  readonly trail?: (close: number) => number;
  readonly target?: (entryPrice: number) => number;
  /** Leaves at the close after so many bars held, and not by the mean. */
  readonly holdingBarsMax?: number;
}

/** Buys one unit when the close is below its mean and sells when it is above. */
function meanReversion(rules: Rules): StrategyDefinition {
  return strategyOf(({ bars, indicators }) => {
    const mean = indicators.sma(bars.close, rules.period);
    let bar = rules.period - 2;
    let hasFilled = false;
    let barsHeld = 0;
    let stopPrice = Number.NaN;
    let stopId = -1;
    const raise = (price: number, { order }: StrategyContext) => {
      if (price <= stopPrice) return;
      if (stopId >= 0) order.cancel(stopId);
      stopPrice = price;
      stopId = order.stop({ side: -1, sizeBase: 1, stopPrice, reduceOnly: true });
    };
    const protect = (context: StrategyContext) => {
      const entry = context.position.averagePriceQuote;
      barsHeld = 0;
      stopPrice = Number.NaN;
      stopId = -1;
      if (rules.stop !== undefined) raise(entry - rules.stop(entry), context);
      if (rules.trail !== undefined) raise(entry - rules.trail(bars.close.at(0)), context);
      if (rules.target !== undefined)
        context.order.limit({ side: -1, sizeBase: 1, limitPrice: entry + rules.target(entry), reduceOnly: true });
    };
    return {
      onFill() {
        hasFilled = true;
      },
      onBar(context) {
        bar++;
        if (bar < rules.firstBar) return;
        if (hasFilled) {
          hasFilled = false;
          if (context.position.isFlat) context.order.cancelAll();
          else protect(context);
          return;
        }
        if (context.position.isFlat) {
          if (bars.close.at(0) < mean.at(0)) context.order.market({ side: 1, sizeBase: 1 });
          return;
        }
        barsHeld++;
        if (rules.trail !== undefined) raise(bars.close.at(0) - rules.trail(bars.close.at(0)), context);
        if (!mustLeave(rules, { bars, mean: mean.at(0), barsHeld })) return;
        context.order.cancelAll();
        context.order.close();
      },
    };
  });
}

function mustLeave({ holdingBarsMax }: Rules, { bars, mean, barsHeld }: { bars: Bars; mean: number; barsHeld: number }): boolean {
  return holdingBarsMax === undefined ? bars.close.at(0) > mean : barsHeld >= holdingBarsMax;
}

function tradesOf(tape: Tape, rules: Rules) {
  const { trades } = runOf({
    tapes: [tape],
    settings: { account: { kind: 'frictionless' }, semantics: { grid: 'lots', limitFill: 'touch', endOfRun: 'closeAtLastClose' } },
    strategy: meanReversion(rules),
  });
  return trades;
}

interface PublishedTrade {
  readonly entryTime: string;
  readonly entryPrice: number;
  readonly exitTime: string;
  readonly exitPrice: number;
  readonly exitReason: string;
}

const published = (name: string): PublishedTrade[] => JSON.parse(readFileSync(`${oraclesPath}grademark/expected/${name}.json`, 'utf8'));
/** Their days open at midnight ten hours east of UTC. */
const dayOf = (time: string): number => Date.parse(time) + 36_000_000;

/** They fill a target at its price although the bar opened beyond it; here it gets that open. */
function exitPriceOf({ exitPrice, exitReason }: PublishedTrade, open: number): number {
  return exitReason === 'profit-target' ? Math.max(exitPrice, open) : exitPrice;
}

describe.skipIf(!hasOracles)(`Grademark backtests on STW 2017, every trade's days and prices (1e-9)${skipReason}`, () => {
  const days = hasOracles ? readDays('STW.csv') : tapeOf([[1, 1, 1, 1]]);
  const shared = { period: 30, firstBar: 30 };
  test.each([
    ['basic strategy', 15, shared],
    ['with stop loss', 17, { ...shared, stop: (entry: number) => entry * (1.5 / 100) }],
    ['with trailing stop', 16, { ...shared, trail: (close: number) => close * (3 / 100) }],
    ['with profit target', 18, { ...shared, target: (entry: number) => entry * (1 / 100) }],
    ['with maximum holding period', 19, { ...shared, holdingBarsMax: 3 }],
  ] as const)('%s: %i trades', (name, count, rules) => {
    const expected = published(`backtest mean reversion ${name}`);
    const found = tradesOf(days, rules);
    expect(expected).toHaveLength(count);
    expect(found.map((trade) => [trade.entryOpenMs, trade.exitOpenMs])).toEqual(
      expected.map((trade) => [dayOf(trade.entryTime), dayOf(trade.exitTime)]),
    );
    found.forEach((trade, k) => {
      expect(trade.entryPriceQuote).toBeCloseTo(expected[k].entryPrice, 9);
      expect(trade.exitPriceQuote).toBeCloseTo(exitPriceOf(expected[k], days.columns.open[trade.exitBar]), 9);
    });
  });
});

describe.skipIf(!hasOracles)(
  `Grademark optimisation of the mean's length on STW-short, compounded returns in per cent (1e-9)${skipReason}`,
  () => {
    const days = hasOracles ? readDays('STW-short.csv') : tapeOf([[1, 1, 1, 1]]);
    const { bestParameterValues, allResults } = hasOracles
      ? JSON.parse(readFileSync(`${oraclesPath}grademark/expected/optimize mean reversion larger optimization.json`, 'utf8'))
      : { bestParameterValues: { SMA: 0 }, allResults: [] };
    test('11 lengths, each with its return; 11 is the first of the best', () => {
      const found = (allResults as { SMA: number; result: number }[]).map(({ SMA, result }) => {
        const growth = tradesOf(days, { period: SMA, firstBar: SMA }).reduce((product, trade) => product * (1 + trade.returnFraction), 1);
        return { length: SMA, profit: (growth - 1) * 100, result };
      });
      expect(found).toHaveLength(11);
      for (const { length, profit, result } of found) expect(profit, `length ${length}`).toBeCloseTo(result, 9);
      const best = found.reduce((first, next) => (next.profit > first.profit + 1e-9 ? next : first));
      expect([best.length, bestParameterValues.SMA]).toEqual([11, 11]);
    });
  },
);
