import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { pow } from '../math.ts';
import { alphaBeta, captureRatio, informationRatio, rowsWhere } from './benchmark.ts';
import { drawdownMax } from './drawdown.ts';
import { calmarRatio, downsideRisk, omegaRatio, sharpeRatio, sortinoRatio, stabilityRatio, tailRatio } from './ratios.ts';
import {
  annualReturn,
  annualVolatility,
  type CalendarPeriod,
  cumulativeReturn,
  growthOf,
  ratePerPeriod,
  returnsByPeriod,
  simpleReturns,
} from './returns.ts';
import { rolling } from './rolling.ts';
import { conditionalValueAtRisk, valueAtRisk } from './value-at-risk.ts';

const folder = new URL('../../../shared/oracles/empyrical/', import.meta.url);
const isAbsent = !existsSync(folder);
const reason = isAbsent ? ' (skipped: ../shared/oracles/empyrical is absent)' : '';

type Cell = number | string | readonly Cell[];
interface Table {
  readonly test: string;
  readonly rows: readonly (readonly Cell[])[];
}
interface Tables {
  readonly fixtures: Readonly<Record<string, readonly (number | 'nan')[]>>;
  readonly tables: readonly Table[];
}

const { fixtures, tables }: Tables = isAbsent
  ? { fixtures: {}, tables: [] }
  : JSON.parse(readFileSync(new URL('expected_tables.json', folder), 'utf8'));

const numberOf = (cell: Cell): number => (cell === 'nan' ? Number.NaN : cell === 'inf' ? Number.POSITIVE_INFINITY : Number(cell));
const numbersOf = (cell: Cell): number[] => (Array.isArray(cell) ? cell.flatMap(numbersOf) : [numberOf(cell)]);

/** A fixture by the name it has in their tests; a row cut off at the front stays in place as an undefined one, for theirs are joined by date. */
function column(cell: Cell): Float64Array {
  const name = String(cell);
  if (name.startsWith('-')) return column(name.slice(1)).map((value) => -value);
  if (name.endsWith('[1:]')) return column(name.slice(0, -4)).map((value, i) => (i === 0 ? Number.NaN : value));
  if (name === 'pos_line') return new Float64Array(1000).map((_, i) => i / 999);
  if (name === 'flat_line_1_tz') return new Float64Array(1000).fill(0.01);
  return Float64Array.from(fixtures[name], numberOf);
}

/** Frames are two columns, and so are their answers. */
const columns = (cell: Cell): Float64Array[] => (String(cell).startsWith('df_') ? [column('df_one'), column('df_two')] : [column(cell)]);

/** Returns less a rate, which is a number or a column. */
function excess(returns: Float64Array, rate: Cell): Float64Array {
  if (!Number.isNaN(Number(rate))) return returns.map((value) => value - Number(rate));
  const rates = column(rate);
  return returns.map((value, i) => value - rates[i]);
}

const periods: Readonly<Record<string, number>> = { daily: 252, weekly: 52, monthly: 12, quarterly: 4, yearly: 1 };
const calendar: Readonly<Record<string, CalendarPeriod>> = { weekly: 'week', monthly: 'month', quarterly: 'quarter', yearly: 'year' };
const daily = { periodsPerYear: 252, ratePerPeriod: 0 };
const of = (period: Cell) => ({ periodsPerYear: periods[String(period)], ratePerPeriod: 0 });

/** Stamps of a fixture: days and Sundays from 2000-01-30, or month ends from 2000-01-31. */
function times(cell: Cell): Float64Array {
  const name = String(cell);
  const step = name === 'weekly_returns' ? 7 : 1;
  return column(name).map((_, i) => (name === 'monthly_returns' ? Date.UTC(2000, i + 1, 0) : Date.UTC(2000, 0, 30 + i * step)));
}

const maxDrawdown = (returns: Float64Array) => -drawdownMax(growthOf(returns), 1);
const bothOf = ({ alphaFraction, betaRatio }: { alphaFraction: number; betaRatio: number }) => [alphaFraction, betaRatio];
const capture = (side: 'up' | 'down' | 'all') => (returns: Float64Array, benchmark: Float64Array) =>
  captureRatio(returns, benchmark, { side, periodsPerYear: 252 });
const upDown = (returns: Float64Array, benchmark: Float64Array) => capture('up')(returns, benchmark) / capture('down')(returns, benchmark);
const sided = (side: 'up' | 'down') => (row: readonly Cell[]) => {
  const [returns, benchmark] = [column(row[0]), column(row[1])];
  return bothOf(alphaBeta(rowsWhere(returns, benchmark, side), rowsWhere(benchmark, benchmark, side), daily));
};

type Pair = (returns: Float64Array, benchmark: Float64Array) => number;
const paired = (figure: Pair) => (row: readonly Cell[]) => [figure(column(row[0]), column(row[1]))];
const rolled = (figure: Pair) => (row: readonly Cell[]) => {
  const [returns, benchmark] = [column(row[0]), column(row[1])];
  return [...rolling(returns.length, Number(row[2]), (from, to) => figure(returns.subarray(from, to), benchmark.subarray(from, to)))];
};
const single = (figure: (returns: Float64Array, period: Cell) => number) => (row: readonly Cell[]) => [figure(column(row[0]), row[1])];

/** Their table → our figures for one of its rows. */
const figures: Readonly<Record<string, (row: readonly Cell[]) => number[]>> = {
  test_simple_returns: (row) => [...simpleReturns(column(row[0]))],
  test_cum_returns: (row) => [...growthOf(column(row[0]))].map((value) => (row[1] === 0 ? value - 1 : value * Number(row[1]))),
  test_cum_returns_final: (row) => {
    const total = cumulativeReturn(column(row[0]));
    return [row[1] === 0 ? total : (1 + total) * Number(row[1])];
  },
  test_aggregate_returns: (row) => [...returnsByPeriod(column(row[0]), times(row[0]), calendar[String(row[1])])],
  test_max_drawdown: single(maxDrawdown),
  test_annual_ret: single((returns, period) => annualReturn(returns, periods[String(period)])),
  test_annual_volatility: single((returns, period) => annualVolatility(returns, periods[String(period)])),
  test_calmar: single((returns, period) => calmarRatio(annualReturn(returns, periods[String(period)]), -maxDrawdown(returns))),
  test_omega: (row) => [omegaRatio(excess(column(row[0]), row[1]), ratePerPeriod(Number(row[2]), 252))],
  test_sharpe_ratio: (row) => [sharpeRatio(excess(column(row[0]), row[1]), daily)],
  test_downside_risk: (row) => columns(row[0]).map((returns) => downsideRisk(excess(returns, row[1]), of(row[2]))),
  test_sortino: (row) => columns(row[0]).map((returns) => sortinoRatio(excess(returns, row[1]), of(row[2]))),
  test_excess_sharpe: (row) => {
    const returns = column(row[0]);
    return [informationRatio(returns, row[1] === '0.0' ? new Float64Array(returns.length) : column(row[1]), 1)];
  },
  test_alpha_beta: (row) => bothOf(alphaBeta(column(row[0]), column(row[1]), daily)),
  test_alpha: (row) => [alphaBeta(column(row[0]), column(row[1]), daily).alphaFraction],
  test_stability_of_timeseries: single(stabilityRatio),
  test_tail_ratio: single(tailRatio),
  test_cagr: single((returns, period) => annualReturn(returns, periods[String(period)])),
  test_roll_max_drawdown: (row) => {
    const returns = column(row[0]);
    return [...rolling(returns.length, Number(row[1]), (from, to) => maxDrawdown(returns.subarray(from, to)))];
  },
  test_roll_sharpe_ratio: (row) => {
    const returns = column(row[0]);
    return [...rolling(returns.length, Number(row[1]), (from, to) => sharpeRatio(returns.subarray(from, to), daily))];
  },
  test_capture_ratio: paired(capture('all')),
  test_down_capture: paired(capture('down')),
  test_up_capture: paired(capture('up')),
  test_up_down_capture: paired(upDown),
  test_roll_alpha_beta: (row) => {
    const alpha = rolled((returns, benchmark) => alphaBeta(returns, benchmark, daily).alphaFraction)(row);
    const beta = rolled((returns, benchmark) => alphaBeta(returns, benchmark, daily).betaRatio)(row);
    return alpha.flatMap((value, i) => [value, beta[i]]);
  },
  test_roll_up_down_capture: rolled(upDown),
  test_roll_down_capture: rolled(capture('down')),
  test_roll_up_capture: rolled(capture('up')),
  test_down_alpha_beta: sided('down'),
  test_up_alpha_beta: sided('up'),
};

/** Tables of functions that are not ours, and single rows whose input or answer is no number in the file. */
const leftOutTables: Readonly<Record<string, string>> = {
  est_beta_fragility_heuristic: 'no such figure here',
  test_beta_fragility_heuristic: 'no such figure here',
  test_gpd_risk_estimates: 'no such figure here, and the answers are not in the file',
};
function leftOutRow(name: string, row: readonly Cell[]): string | null {
  if (row[0] === 'random_100k') return 'its numbers come from a generator that is not in the file';
  if (name === 'test_roll_alpha_beta' && row[0] === 'empty_returns') return 'nine rows out of none: their join by date, not the figure';
  return null;
}

/** Tables whose own tests ask for fewer than eight decimals; the tail ratio's single one is made good by GOOG below at 1e-10. */
const decimals: Readonly<Record<string, number>> = {
  test_cum_returns: 4,
  test_cum_returns_final: 4,
  test_roll_max_drawdown: 4,
  test_tail_ratio: 1,
};

function expectClose(found: readonly number[], expected: readonly number[], tolerance: number, note: string): void {
  expect(found.length, `${note}: count`).toBe(expected.length);
  for (let i = 0; i < expected.length; i++) {
    if (Number.isFinite(expected[i]))
      expect(Math.abs(found[i] - expected[i]), `${note} [${i}]: ${found[i]} for ${expected[i]}`).toBeLessThan(tolerance);
    else expect(found[i], `${note} [${i}]`).toBe(expected[i]);
  }
}

const cases = tables.map((table) => {
  const rows = leftOutTables[table.test] === undefined ? table.rows.filter((row) => leftOutRow(table.test, row) === null) : [];
  return { name: table.test, count: rows.length, leftOut: table.rows.length - rows.length, rows };
});
const played = cases.filter((entry) => entry.count > 0);
const countOf = (entries: readonly { count: number }[]) => entries.reduce((sum, entry) => sum + entry.count, 0);

describe.skipIf(isAbsent)(
  `empyrical-reloaded tables: ${countOf(played)} cases in ${played.length} of ${tables.length} tables at 1e-8 (three tables at 4 decimals, one at 1, as theirs)${reason}`,
  () => {
    test('leaves out two tables and two rows, with a reason each', () => {
      expect(tables.filter((table) => leftOutTables[table.test] !== undefined)).toHaveLength(2);
      expect(played.flatMap((entry) => entry.leftOut).reduce((sum, count) => sum + count, 0)).toBe(2);
      expect(countOf(played)).toBeGreaterThan(140);
    });
    test.each(played)('$name: $count cases', ({ name, rows }) => {
      for (const row of rows) {
        const tolerance = decimals[name] === undefined ? 1e-8 : 0.5 * pow(10, -decimals[name]) + 1e-8;
        expectClose(figures[name](row), numbersOf(row[row.length - 1]), tolerance, `${name} ${JSON.stringify(row.slice(0, -1))}`);
      }
    });
  },
);

interface GoldenFile {
  readonly GOOG_daily_close: { readonly metrics: Readonly<Record<string, number>> };
}
const prices = new URL('../backtesting-py/data/GOOG.csv', folder);
const isGoldenAbsent = isAbsent || !existsSync(prices);
const closes = isGoldenAbsent
  ? new Float64Array(0)
  : Float64Array.from(readFileSync(prices, 'utf8').trim().split('\n').slice(1), (line) => Number(line.split(',')[4]));

describe.skipIf(isGoldenAbsent)(
  `empyrical on 2,147 GOOG returns: 17 figures at 1e-10 relative${reason || (isGoldenAbsent ? ' (skipped: GOOG.csv of ../shared/oracles/backtesting-py is absent)' : '')}`,
  () => {
    const returns = simpleReturns(closes);
    const annual = annualReturn(returns, 252);
    const ours: Readonly<Record<string, number>> = {
      annual_return: annual,
      annual_volatility: annualVolatility(returns, 252),
      sharpe_ratio: sharpeRatio(returns, daily),
      sortino_ratio: sortinoRatio(returns, daily),
      calmar_ratio: calmarRatio(annual, -maxDrawdown(returns)),
      max_drawdown: maxDrawdown(returns),
      omega_ratio: omegaRatio(returns, 0),
      tail_ratio: tailRatio(returns),
      stability_of_timeseries: stabilityRatio(returns),
      downside_risk: downsideRisk(returns, daily),
      value_at_risk: -valueAtRisk(returns, 0.05),
      conditional_value_at_risk: -conditionalValueAtRisk(returns, 0.05),
      cum_returns_final: cumulativeReturn(returns),
      cagr: annual,
      'sharpe_rf_0.0001': sharpeRatio(returns, { periodsPerYear: 252, ratePerPeriod: 0.0001 }),
      'sortino_mar_0.0005': sortinoRatio(returns, { periodsPerYear: 252, ratePerPeriod: 0.0005 }),
      'omega_mar_0.1_annual': omegaRatio(returns, ratePerPeriod(0.1, 252)),
    };
    const golden: GoldenFile = isGoldenAbsent
      ? { GOOG_daily_close: { metrics: {} } }
      : JSON.parse(readFileSync(new URL('golden_empyrical_on_GOOG.json', folder), 'utf8'));
    test('every figure of the file is compared', () => {
      expect(Object.keys(ours).sort()).toEqual(Object.keys(golden.GOOG_daily_close.metrics).sort());
    });
    test.each(Object.entries(golden.GOOG_daily_close.metrics))('%s = %d', (name, value) => {
      expect(Math.abs(ours[name] / value - 1)).toBeLessThan(1e-10);
    });
  },
);
