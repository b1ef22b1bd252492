/**
 * Published results of Grademark (commit dee7bb1a: src/test/integration), mean reversion of daily STW bars, prices and series at 1e-9, played under
 * grademarkSemantics. Analyses of sample trades are those of its trades as published, but for the one whose trades are played here. Left out:
 * Monte Carlo, whose samples are drawn by its own random numbers and are no matter of orders.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { drawdownColumn, drawdownMax } from '../../engine/metrics/drawdown.ts';
import { mean, standardDeviation } from '../../engine/metrics/moments.ts';
import { growthOf as growthCurve } from '../../engine/metrics/returns.ts';
import { profitFactor, winLoss, winRate } from '../../engine/metrics/trade-statistics.ts';
import { hasOracles, oraclesPath } from '../../engine/testing/tapes.ts';
import { dayOf, growthOf, type Note, play, published, type Rules, readDays } from './grademark.test.helper.ts';
import { skipReason, sliceTape } from './oracle-run.test.helper.ts';

interface PublishedTrade {
  readonly entryTime: string;
  readonly entryPrice: number;
  readonly exitTime: string;
  readonly exitPrice: number;
  readonly profit: number;
  readonly growth: number;
  readonly riskPct?: number;
  readonly rmultiple?: number;
  readonly holdingPeriod: number;
}

const days = readDays('STW.csv');
const rules = { period: 30, firstBar: 30 };

function expectTrades(found: ReturnType<typeof play>['trades'], expected: readonly PublishedTrade[]): void {
  expect(found.map((trade) => [trade.entryOpenMs, trade.exitOpenMs])).toEqual(
    expected.map((trade) => [dayOf(trade.entryTime), dayOf(trade.exitTime)]),
  );
  found.forEach((trade, k) => {
    expect(trade.entryPriceQuote).toBeCloseTo(expected[k].entryPrice, 9);
    expect(trade.exitPriceQuote).toBeCloseTo(expected[k].exitPrice, 9);
  });
}

describe.skipIf(!hasOracles)(`Grademark backtests on STW 2017, every trade's days and prices (1e-9)${skipReason}`, () => {
  const cases: readonly (readonly [string, number, Partial<Rules>])[] = [
    ['basic strategy', 15, {}],
    ['with stop loss', 17, { stopFraction: 1.5 / 100 }],
    ['with trailing stop', 16, { trailFraction: 3 / 100 }],
    ['with profit target', 18, { targetFraction: 1 / 100 }],
    ['with conditional buy', 35, { conditionFraction: 0.1 / 100 }],
    ['with maximum holding period', 19, { holdingBarsMax: 3 }],
  ];
  test.each(cases)('%s: %i trades', (name, count, modifications) => {
    const expected = published<PublishedTrade[]>(`backtest mean reversion ${name}`);
    expect(expected).toHaveLength(count);
    expectTrades(play(days, { ...rules, ...modifications }).trades, expected);
  });

  test('a conditional buy looks ahead, and its run says so', () => {
    expect(play(days, { ...rules, conditionFraction: 0.001 }).warnings).toContainEqual(expect.stringContaining('LOOKS AHEAD'));
  });

  test.each([
    ['can record trailing stop', 79, { trailFraction: 3 / 100 }, (note: Note) => note.stopPrice],
    ['can record risk', 81, { stopFraction: 5 / 100 }, (note: Note) => note.riskPercent],
  ] as const)('%s: each of %i bars held (1e-9)', (name, count, modifications, figureOf) => {
    const notes: Note[] = [];
    play(days, { ...rules, ...modifications, note: (note) => notes.push(note) });
    const expected = published<{ time: string; value: number }[]>(`backtest mean reversion ${name}`);
    expect(expected).toHaveLength(count);
    expect(notes.map((note) => note.openMs)).toEqual(expected.map(({ time }) => dayOf(time)));
    notes.forEach((note, k) => {
      expect(figureOf(note)).toBeCloseTo(expected[k].value, 9);
    });
  });
});

interface Optimisation {
  readonly bestResult: number;
  readonly bestParameterValues: { readonly SMA: number };
  readonly allResults: readonly { readonly SMA: number; readonly result: number }[];
}

/** Compounded return in per cent of means of these lengths, and the first of the best. */
function optimise(tape: typeof days, periods: readonly number[]) {
  const results = periods.map((period) => ({ period, percent: (growthOf(play(tape, { period, firstBar: period })) - 1) * 100 }));
  return { results, best: results.reduce((first, next) => (next.percent > first.percent + 1e-9 ? next : first)) };
}

describe.skipIf(!hasOracles)(`Grademark optimisation of the mean's length on STW-short, compounded per cent (1e-9)${skipReason}`, () => {
  const short = readDays('STW-short.csv');
  test.each([
    ['can optimize for largest objective function value', 3, 25],
    ['larger optimization', 11, 11],
  ] as const)('%s: %i lengths, %i is the first of the best', (name, count, best) => {
    const expected = published<Optimisation>(`optimize mean reversion ${name}`);
    expect([expected.allResults.length, expected.bestParameterValues.SMA]).toEqual([count, best]);
    const found = optimise(
      short,
      expected.allResults.map(({ SMA }) => SMA),
    );
    expect(found.best.period).toBe(best);
    expect(found.best.percent).toBeCloseTo(expected.bestResult, 9);
    found.results.forEach(({ percent }, k) => {
      expect(percent).toBeCloseTo(expected.allResults[k].result, 9);
    });
  });

  test('can do walk forward optimization: 90 bars pick 25, 15, 5, 5, 5, and the 30 bars behind each play 16 trades', () => {
    const picks: number[] = [];
    const trades = [];
    for (let from = 0; from + 120 <= days.columns.length; from += 30) {
      const { period } = optimise(sliceTape(days, from, from + 90), [5, 15, 25]).best;
      picks.push(period);
      trades.push(...play(sliceTape(days, from + 90, from + 120), { period, firstBar: period }).trades);
    }
    expect(picks).toEqual([25, 15, 5, 5, 5]);
    const { trades: expected } = published<{ trades: PublishedTrade[] }>(
      'walk forward optimize mean reversion can do walk forward optimization',
    );
    expect(expected).toHaveLength(16);
    expectTrades(trades, expected);
  });
});

/** Their analysis in the words of this engine's figures; risk in per cent, multiples of it as they count them. */
function analysisOf(
  trades: readonly Omit<PublishedTrade, 'entryTime' | 'entryPrice' | 'exitTime' | 'exitPrice'>[],
): Record<string, number> {
  const columnOf = (figure: (trade: (typeof trades)[number]) => number) => Float64Array.from(trades, figure);
  const capital = growthCurve(columnOf((trade) => trade.growth - 1)).map((growth) => 10_000 * growth);
  const finalCapital = capital[capital.length - 1];
  const profits = winLoss(columnOf((trade) => trade.profit));
  const multiples = columnOf((trade) => trade.rmultiple ?? Number.NaN);
  const drawdownFraction = drawdownMax(capital, 10_000);
  const profitPct = (finalCapital / 10_000 - 1) * 100;
  return {
    finalCapital,
    profit: finalCapital - 10_000,
    profitPct,
    growth: finalCapital / 10_000,
    totalTrades: trades.length,
    barCount: trades.reduce((sum, trade) => sum + trade.holdingPeriod, 0),
    maxDrawdown: -Math.max(...drawdownColumn(capital, 10_000).map((depth, k) => (capital[k] * depth) / (1 - depth))),
    maxDrawdownPct: -drawdownFraction * 100,
    maxRiskPct: Math.max(...trades.map((trade) => trade.riskPct ?? Number.NaN)),
    expectency: mean(multiples),
    rmultipleStdDev: standardDeviation(multiples, 1),
    systemQuality: mean(multiples) / standardDeviation(multiples, 1),
    profitFactor: profitFactor(profits),
    percentProfitable: winRate(profits, trades.length) * 100,
    returnOnAccount: profitPct / (drawdownFraction * 100),
  };
}

describe.skipIf(!hasOracles)(`Grademark analyses of trades, from 10,000 (1e-9)${skipReason}`, () => {
  const samples = (name: string): PublishedTrade[] =>
    JSON.parse(readFileSync(`${oraclesPath}grademark/sample-trades/sample trades - ${name}.dataframe`, 'utf8')).values;

  /** The run with a stop, each trade with what it risked. */
  function stopRun() {
    return play(days, { ...rules, stopFraction: 1.5 / 100 }).trades.map((trade) => ({
      profit: trade.pnlQuote,
      growth: 1 + trade.returnFraction,
      riskPct: 1.5,
      rmultiple: trade.pnlQuote / (trade.entryPriceQuote * (1.5 / 100)),
      // The entry's bar and that of an exit do not count.
      holdingPeriod: trade.exitBar - trade.entryBar - 1,
    }));
  }

  test.each([
    ['with only profits', 15, () => samples('all profits')],
    ['with only losses', 3, () => samples('all losses')],
    ['with profits and losses', 17, stopRun],
  ] as const)('%s: %i trades', (name, count, tradesOf) => {
    const { startingCapital, ...expected } = published<Record<string, number>>(`analyze mean reversion ${name}`);
    const trades = tradesOf();
    const found = analysisOf(trades);
    expect([startingCapital, trades.length]).toEqual([10_000, count]);
    for (const [figure, value] of Object.entries(expected)) expect(found[figure], figure).toBeCloseTo(value, 9);
  });
});
