/** Goldens are the specs as JSON; where a change is meant, write them anew with: npx vitest run reports/charts -u */
import { describe, expect, test } from 'vitest';
import type { ReportInput } from '../report-input.ts';
import { emptyBars, fakeInput, wanderingBars } from '../testing/fake-input.ts';
import { fakeInterval } from '../testing/fake-interval.ts';
import { fakePair } from '../testing/fake-pair.ts';
import type { ChartOptions, ChartSpec } from './chart.ts';
import { binned } from './histogram.ts';
import {
  costsChart,
  dailyReturnsChart,
  drawdownColumn,
  equityChart,
  exposureChart,
  exposureColumn,
  intervalChart,
  monthlyReturnsChart,
  tradeReturnsChart,
  tradesChart,
  underwaterChart,
} from './index.ts';
import { monthReturns } from './monthly-returns.ts';
import { renderChart } from './render.ts';

const charts: Readonly<Record<string, (input: ReportInput, options: ChartOptions) => ChartSpec>> = {
  equity: equityChart,
  underwater: underwaterChart,
  exposure: exposureChart,
  'monthly-returns': monthlyReturnsChart,
  trades: tradesChart,
  'trade-returns': tradeReturnsChart,
  'daily-returns': dailyReturnsChart,
  costs: costsChart,
  interval: (input, options) => intervalChart({ ...input, interval: fakeInterval(input.result) }, options),
};
const small = fakeInput({ bars: wanderingBars(90, 11), fast: 3, slow: 8 });
const wide: ChartOptions = { width: 600, height: 200, theme: 'light' };

function pointCount(value: unknown): number {
  if (Array.isArray(value)) return value.reduce((sum: number, item) => sum + pointCount(item), 0);
  if (typeof value !== 'object' || value === null) return 0;
  return Object.entries(value).reduce(
    (sum, [name, item]) => sum + (name === 'values' && Array.isArray(item) ? item.length : pointCount(item)),
    0,
  );
}

describe.each(Object.entries(charts))('%s chart', (name, chart) => {
  test('is the golden spec', async () => {
    await expect(`${JSON.stringify(chart(small, wide), null, 1)}\n`).toMatchFileSnapshot(`./${name}.golden.json`);
  });

  test('is drawn without a warning, in both themes, the same twice', async () => {
    for (const theme of ['light', 'dark', 'page'] as const) {
      const options = { width: 380, height: 160, theme };
      const first = await renderChart(chart(small, options), 'x');
      expect(first.svg).toMatch(/^<svg .*<\/svg>$/s);
      expect(first.svg).not.toContain('NaN');
      expect(await renderChart(chart(small, options), 'x')).toEqual(first);
    }
  });

  test('is drawn of a run of one bar without a trade', async () => {
    const one = fakeInput({ bars: wanderingBars(1, 3), hasTrades: false });
    expect((await renderChart(chart(one, wide), 'x')).svg).toContain('<svg');
  });
});

test('no chart of 50,000 bars holds more than 2,000 points', () => {
  const long = fakeInput({ bars: wanderingBars(50_000, 5, 60_000), fast: 2, slow: 4 });
  expect(long.result.trades.length).toBeGreaterThan(2_000);
  for (const chart of Object.values(charts)) {
    const points = pointCount(chart(long, { width: 4_000, height: 200, theme: 'light' }));
    expect(points).toBeGreaterThan(0);
    expect(points).toBeLessThanOrEqual(2_001);
  }
});

test.each([900, 560, 300])('charts over time begin at the same place, %d wide', async (width) => {
  const overTime = ['equity', 'underwater', 'exposure', 'interval'] as const;
  const lefts = new Set<number>();
  for (const name of overTime) lefts.add((await renderChart(charts[name](small, { width, height: 200, theme: 'page' }), 'x')).plotLeft);
  expect(lefts.size).toBe(1);
});

test('the marks of the first and the last trade stand clear of the axes', async () => {
  const { svg, plotWidth } = await renderChart(tradesChart(small, wide), 'x');
  const xs = [...svg.matchAll(/<path aria-label="[^"]*%, [^"]*" transform="translate\(([\d.]+),/g)].map(([, x]) => Number(x));
  expect(xs.length).toBeGreaterThan(3);
  expect(Math.min(...xs)).toBeGreaterThanOrEqual(7);
  expect(Math.max(...xs)).toBeLessThanOrEqual(plotWidth - 7);
});

test('drawdown is the fall from the highest equity so far, the initial capital included', () => {
  expect([...drawdownColumn(Float64Array.of(90, 120, 60, 120), 100)]).toEqual([1 - 90 / 100, 0, 0.5, 0]);
});

test('monthly returns compound to the year, and a bar that closes at midnight belongs to the day it ends', () => {
  const timeMs = Float64Array.of(
    Date.UTC(2021, 0, 16),
    Date.UTC(2021, 1, 1),
    Date.UTC(2021, 1, 2),
    Date.UTC(2022, 0, 1),
    Date.UTC(2022, 0, 2),
  );
  const daily = { timeMs, equityQuote: Float64Array.of(105, 110, 99, 121, 242) };
  const returns = monthReturns({ ...small, result: { ...small.result, daily, initialCapitalQuote: 100 } });
  expect(returns.map((cell) => [cell.year, cell.month, Number(cell.fraction.toFixed(9))])).toEqual([
    ['2021', 'Jan', 0.1],
    ['2021', 'Feb', -0.1],
    ['2021', 'Dec', 0.222222222],
    ['2021', 'Year', 0.21],
    ['2022', 'Jan', 1],
    ['2022', 'Year', 1],
  ]);
});

test('months that stand a whole year apart are two months', () => {
  const daily = { timeMs: Float64Array.of(Date.UTC(2021, 4, 10), Date.UTC(2022, 4, 10)), equityQuote: Float64Array.of(110, 121) };
  const returns = monthReturns({ ...small, result: { ...small.result, daily, initialCapitalQuote: 100 } });
  expect(returns.map((cell) => `${cell.month} ${cell.year}`)).toEqual(['May 2021', 'Year 2021', 'May 2022', 'Year 2022']);
});

test('exposure is the position at its close over equity, and nothing once it is closed', () => {
  const bars = {
    ...emptyBars(3),
    openTimeMs: Float64Array.of(0, 10, 20),
    closeTimeMs: Float64Array.of(10, 20, 30),
    close: Float64Array.of(5, 6, 7),
  };
  const [trade] = small.result.trades;
  const trades = [{ ...trade, ...{ sizeBase: 4, entryMs: 0, entryOpenMs: 0, exitMs: 20, exitOpenMs: 20 } }];
  const equity = { timeMs: bars.closeTimeMs, equityQuote: Float64Array.of(100, 120, 140) };
  // The fill of time 20 lies at the open that follows the row of time 20.
  const input = {
    ...small,
    bars: [{ columns: bars, fromRow: 0, toRow: 3 }],
    result: { ...small.result, trades, openPositions: [], equity },
  };
  expect([...exposureColumn(input)]).toEqual([0.2, 0.2, 0]);
  // A fee in base left less than was bought: nothing of it stays.
  const fills = small.result.fills.map((fill) => ({ ...fill, sizeBase: fill.sizeBase * 1.001 }));
  expect([...exposureColumn({ ...input, result: { ...input.result, fills } })]).toEqual([0.2, 0.2, 0]);
});

test('exposure is above nothing at as many bars as the engine counts', () => {
  for (const seed of [3, 5, 11]) {
    const input = fakeInput({ bars: wanderingBars(200, seed), fast: 3, slow: 8 });
    const heldCount = exposureColumn(input).filter((fraction) => fraction > 0).length;
    expect(heldCount / 200).toBeCloseTo(input.result.metrics.exposureFraction, 12);
  }
});

test('exposure prices each instrument by its own finest bars', () => {
  const columns = { ...emptyBars(2), openTimeMs: Float64Array.of(0, 10), closeTimeMs: Float64Array.of(10, 20) };
  const window = (close: readonly number[]) => ({ columns: { ...columns, close: Float64Array.from(close) }, fromRow: 0, toRow: 2 });
  const pair = fakePair(small, fakeInput({ bars: wanderingBars(90, 3), symbol: 'OTHER/USD' }));
  const [own, others] = pair.result.series;
  const fills = [0, 1].map((instrumentIndex) => ({
    ...small.result.fills[0],
    ...{ instrumentIndex, timeMs: 0, openTimeMs: 0, side: 1 as const, sizeBase: 1, priceQuote: 50 },
  }));
  const rest = { averagePriceQuote: 50, markPriceQuote: 6, unrealisedPnlQuote: 0 };
  const openPositions = [0, 1].map((instrumentIndex) => ({ ...rest, instrumentIndex, sizeBase: 1 }));
  const equity = { timeMs: columns.closeTimeMs, equityQuote: Float64Array.of(100, 100) };
  const input = {
    ...pair,
    bars: [window([5, 6]), window([20, 30]), window([999, 999])],
    result: { ...pair.result, series: [own, others, { ...others, isFinest: false }], trades: [], fills, openPositions, equity },
  };
  expect([...exposureColumn(input)]).toEqual([0.25, 0.36]);
});

test('bins cover every value on round edges, zero among them', () => {
  const bins = binned([-0.031, -0.002, 0, 0.004, 0.0199, 0.05], 10);
  expect(bins.reduce((sum, bin) => sum + bin.count, 0)).toBe(6);
  expect(bins.map((bin) => bin.from)).toEqual([-0.04, -0.03, -0.02, -0.01, 0, 0.01, 0.02, 0.03, 0.04]);
  expect(bins.map((bin) => bin.count)).toEqual([1, 0, 0, 1, 2, 1, 0, 0, 1]);
  expect(binned([], 10)).toEqual([]);
  expect(binned([Number.NaN, 0], 10).reduce((sum, bin) => sum + bin.count, 0)).toBe(1);
  expect(binned([1e-9, 1e9], 20).length).toBeLessThanOrEqual(41);
});
