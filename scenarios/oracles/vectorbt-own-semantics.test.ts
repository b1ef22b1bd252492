/**
 * Order tables of polakowo/vectorbt (commit f9897528: tests/test_portfolio.py) that playhead's own semantics meet, sizes, prices and fees at
 * 1e-7: a row's close is also the next bar's open, so that an order sent on it fills at that price; where a table has opens of its own, the
 * entry's row is a bar that stands still at its close. All tables, under vectorbt's semantics: vectorbt-orders and vectorbt-signals beside this file.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Tape } from '../../engine/model/bar.ts';
import type { Side } from '../../engine/model/order.ts';
import type { RunResult } from '../../engine/result.ts';
import type { Bars, OrderWish, StrategyContext } from '../../engine/strategy.ts';
import { type BarRow, hasOracles, oraclesPath, tapeOf } from '../../engine/testing/tapes.ts';
import { dayMs, type OracleRun, runOf, skipReason, strategyOf } from './oracle-run.test.helper.ts';

interface TableOrder {
  readonly col: number;
  readonly idx: number;
  readonly size: number;
  readonly price: number;
  readonly fees: number;
  readonly side: 0 | 1;
}
interface Table {
  readonly test: string;
  readonly line: number;
  readonly fn: string;
  readonly args: Readonly<Record<string, unknown>>;
  readonly orders: readonly TableOrder[];
}

const tables: readonly Table[] = hasOracles ? JSON.parse(readFileSync(`${oraclesPath}vectorbt/order_tables.json`, 'utf8')).cases : [];
const rising = [1, 2, 3, 4, 5];

/** The tables of one of their tests, by direction: both, longonly, shortonly. */
function tableOf(line: number): Table {
  const found = tables.find((table) => table.line === line);
  if (found === undefined) throw new Error(`order_tables.json has no table of line ${line}`);
  return found;
}

/** Bars whose open is the close before: what is decided on a close fills at the same price. */
function gapless(closes: readonly number[], symbol = 'A'): Tape {
  const rows = [...closes, closes[closes.length - 1]].map((close, i): BarRow => {
    const open = i === 0 ? close : closes[i - 1];
    return [open, Math.max(open, close), Math.min(open, close), close];
  });
  return tapeOf(rows, { timeframe: '1d', symbol });
}

/** What a script does on one row with the orders of one column. */
type Act = (row: number, bars: Bars, context: StrategyContext) => void;

function playRows(tapes: readonly Tape[], act: Act, settings: OracleRun['settings'] = {}, instrument?: OracleRun['instrument']): RunResult {
  const strategy = strategyOf(({ series }) => {
    let row = -1;
    return {
      onBar(context) {
        row++;
        for (const bars of series) if (row < 5) act(row, bars, context);
      },
    };
  });
  return runOf({
    tapes,
    instrument,
    settings: { account: { kind: 'frictionless' }, ...settings, initialCapitalQuote: 100, risk: { sizeBufferFraction: 0 } },
    strategy,
  });
}

/** The bar after a row's close is where its order fills. */
function ordersOf({ fills }: RunResult, col: number): TableOrder[] {
  return fills
    .filter((fill) => fill.instrumentIndex === col)
    .map(({ openTimeMs, sizeBase, priceQuote, feeQuote, side }) => ({
      col,
      idx: openTimeMs / dayMs - 1,
      size: sizeBase,
      price: priceQuote,
      fees: feeQuote,
      side: side > 0 ? 0 : 1,
    }));
}

function expectOrders(found: readonly TableOrder[], expected: readonly TableOrder[]): void {
  const shape = (orders: readonly TableOrder[]) => orders.map(({ idx, side }) => ({ idx, side }));
  expect(shape(found)).toEqual(shape(expected));
  found.forEach((order, k) => {
    for (const name of ['size', 'price', 'fees'] as const)
      expect(Math.abs(order[name] - expected[k][name]), `order ${k} ${name}`).toBeLessThanOrEqual(1e-7);
  });
}

/** One column of one table against a run of its own. */
function expectColumn(line: number, column: number, result: RunResult): void {
  const expected = tableOf(line).orders.filter((order) => order.col === column);
  expectOrders(ordersOf(result, 0), expected);
}

/** A trade of this wish with the sign of size; no size no order. */
function trade(bars: Bars, size: number, wish: (size: number) => Omit<OrderWish, 'side'>): void {
  if (Number.isNaN(size) || size === 0) return;
  const side: Side = size > 0 ? 1 : -1;
  bars.order.market({ side, ...wish(Math.abs(size)) });
}

describe.skipIf(!hasOracles)(`vectorbt from_orders: sizes${skipReason}`, () => {
  const everything = [1, -1, Number.NaN, 1, -1];
  const reaching =
    (sign: { long: number; short: number }): Act =>
    (row, { order }) => {
      if (!Number.isNaN(everything[row])) order.target({ equityFraction: everything[row] > 0 ? sign.long : sign.short });
    };
  test.each([
    [665, 'both ways', { long: 1, short: -1 }],
    [672, 'long only', { long: 1, short: 0 }],
    [684, 'short only', { long: 0, short: -1 }],
  ] as const)('line %i: everything, %s', (line, _name, sign) => {
    // Short only, their sizes are turned: buying is what closes.
    const turned = line === 684 ? { long: -1, short: 0 } : sign;
    expectColumn(line, 0, playRows([gapless(rising)], reaching(turned)));
  });

  test.each(['spot', 'frictionless'] as const)(
    'line 780: everything in whole units, fee .1 and .1 fixed, long only, in a %s account',
    (kind) => {
      const act: Act = (row, { order }) => {
        if (everything[row] > 0) order.market({ side: 1, equityFraction: 1 });
        if (everything[row] < 0) order.close();
      };
      const costs = { feeRateTaker: 0.1, feeRateMaker: 0.1, feeFixedQuote: 0.1 };
      expectColumn(780, 0, playRows([gapless(rising)], act, { costs, account: { kind } }, { lotSize: 1 }));
    },
  );

  const units =
    (sign: number): Act =>
    (row, bars) =>
      trade(bars, sign * everything[row], (sizeBase) => ({ sizeBase }));
  const directions = [
    ['both', 1],
    ['long only', 1],
    ['short only', -1],
  ] as const;
  const costCases = [
    { name: 'fee', lines: [975, 999, 1023], columns: [1, 2, 3], values: [0, 0.1, 1], costs: (value: number) => ({ feeRateTaker: value }) },
    {
      name: 'fixed fee',
      lines: [1049, 1073, 1097],
      columns: [1, 2, 3],
      values: [0, 0.1, 1],
      costs: (value: number) => ({ feeFixedQuote: value }),
    },
    {
      name: 'slippage',
      lines: [1123, 1143, 1163],
      columns: [0, 1],
      values: [0, 0.1],
      costs: (value: number) => ({ slippageFraction: value }),
    },
  ];
  const rows = costCases.flatMap(({ name, lines, columns, values, costs }) =>
    columns.flatMap((column, k) =>
      directions.map(([direction, sign], d) => ({
        line: lines[d],
        column,
        sign,
        direction,
        name,
        value: values[k],
        costs: costs(values[k]),
      })),
    ),
  );
  test.each(rows)('line $line: one unit, $name $value, $direction', ({ line, column, sign, costs }) => {
    expectColumn(line, column, playRows([gapless(rising)], units(sign), { costs }));
  });

  test.each([
    [1999, 'both', 1],
    [2011, 'long only', 1],
    [2023, 'short only', -1],
  ] as const)('line %i: a value of 1 in quote, %s', (line, _name, sign) => {
    const act: Act = (row, bars) => trade(bars, sign * everything[row], (sizeQuote) => ({ sizeQuote }));
    expectColumn(line, 0, playRows([gapless(rising)], act));
  });
});

describe.skipIf(!hasOracles)(`vectorbt from_orders: targets${skipReason}`, () => {
  const targets = [
    {
      name: '75 units',
      long: 2041,
      short: 2045,
      both: 2037,
      act:
        (sign: number): Act =>
        (row, bars) =>
          row === 0 && trade(bars, sign * 75, (sizeBase) => ({ sizeBase })),
    },
    {
      name: '50 in quote',
      long: 2075,
      short: 2088,
      both: 2057,
      act:
        (sign: number): Act =>
        (_, { order }, { account }) =>
          order.target({ equityFraction: (sign * 50) / account.equityQuote }),
    },
    {
      name: 'half of equity',
      long: 2145,
      short: 2158,
      both: 2127,
      act:
        (sign: number): Act =>
        (_, { order }) =>
          order.target({ equityFraction: sign / 2 }),
    },
  ];
  const rows = targets.flatMap(({ name, long, short, both, act }) => [
    { name, line: long, column: 0, sign: 1, act: act(1) },
    { name, line: short, column: 0, sign: -1, act: act(-1) },
    { name, line: both, column: 0, sign: 1, act: act(1) },
    { name, line: both, column: 1, sign: -1, act: act(-1) },
  ]);
  test.each(rows)('line $line: target of $name, side $sign', ({ line, column, act }) => {
    expectColumn(line, column, playRows([gapless(rising)], act));
  });

  test('line 2265: half of the cash each row, long only', () => {
    const act: Act = (_, bars, { account }) => trade(bars, account.cashQuote / 2, (sizeQuote) => ({ sizeQuote }));
    expectColumn(2265, 0, playRows([gapless(rising)], act));
  });

  test.each([
    [2101, 'of 50 in quote', (equityQuote: number) => 50 / equityQuote],
    [2171, 'of half the equity', () => 0.5],
  ] as const)('line %i: three instruments share cash, each a target %s', (line, _name, fraction) => {
    const tapes = ['A', 'B', 'C'].map((symbol) => gapless(rising, symbol));
    const result = playRows(tapes, (_, { order }, { account }) => order.target({ equityFraction: fraction(account.equityQuote) }));
    for (const col of [0, 1, 2])
      expectOrders(
        ordersOf(result, col),
        tableOf(line).orders.filter((order) => order.col === col),
      );
  });
});

describe.skipIf(!hasOracles)(`vectorbt from_signals${skipReason}`, () => {
  const entries = [true, true, true, false, false];
  const exits = [false, false, true, true, true];
  // Both signals on one row are none.
  const signalOf = (row: number): number => Number(entries[row]) - Number(exits[row]);

  test.each([
    [2400, 'both ways'],
    [2404, 'long only'],
  ] as const)('line %i: everything, %s', (line, direction) => {
    const act: Act = (row, { order, position }) => {
      const signal = signalOf(row);
      if (signal > 0 && !position.isLong) order.target({ equityFraction: 1 });
      if (signal < 0 && !position.isShort) order.target({ equityFraction: direction === 'long only' ? 0 : -1 });
    };
    expectColumn(line, 0, playRows([gapless(rising)], act));
  });

  test.each([
    [2555, 1, 'both'],
    [2567, 1, 'long only'],
    [2579, -1, 'short only'],
  ] as const)('line %i: one unit, %s', (line, sign, direction) => {
    const act: Act = (row, bars) => {
      const signal = signalOf(row);
      if (signal > 0 && bars.position.isFlat) trade(bars, sign, (sizeBase) => ({ sizeBase }));
      // Both ways an exit turns the position over, in one order.
      if (signal < 0 && direction === 'both' && bars.position.isLong) trade(bars, -2, (sizeBase) => ({ sizeBase }));
      else if (signal < 0 && direction !== 'both' && !bars.position.isFlat) bars.order.close();
    };
    expectColumn(line, 1, playRows([gapless(rising)], act));
  });
});

describe.skipIf(!hasOracles)(`vectorbt from_signals: stops and targets${skipReason}`, () => {
  const stopTables = tables.filter(({ test: name, fn }) => /^test_(sl|tp)_stop$/.test(name) && /only$/.test(fn));
  const columns = stopTables.flatMap((table) => {
    const distances = (table.args.sl_stop ?? table.args.tp_stop) as readonly (readonly (number | string)[])[];
    return distances[0].map((distance, column) => ({
      table,
      column,
      distance: Number(distance),
      line: table.line,
      kind: table.test,
      fn: table.fn,
    }));
  });
  // A short of everything that has doubled leaves no equity to close it with; they close what cash buys.
  const isCut = ({ table, column }: (typeof columns)[number]) => {
    const [entry, exit] = table.orders.filter((order) => order.col === column);
    return exit !== undefined && exit.size < entry.size;
  };
  const whole = columns.filter((column) => !isCut(column));

  test('16 tables have 72 columns, 71 of them closed whole', () => {
    expect([stopTables.length, columns.length, whole.length]).toEqual([16, 72, 71]);
  });

  test.each(whole)('$kind line $line column $column: $fn at a distance of $distance', ({ table, column, distance, line, kind }) => {
    const { open, high, low, close } = table.args as Readonly<Record<string, readonly number[] | undefined>>;
    const closes = close as readonly number[];
    const still = (i: number): BarRow => [closes[i], closes[i], closes[i], closes[i]];
    const rowOf = (i: number): BarRow =>
      open === undefined || high === undefined || low === undefined ? still(i) : [open[i], high[i], low[i], closes[i]];
    const tape = tapeOf([still(0), still(0), ...[1, 2, 3, 4].map(rowOf)], { timeframe: '1d', symbol: 'A' });
    const side: Side = table.fn.endsWith('longonly') ? 1 : -1;
    const isStop = kind === 'test_sl_stop';
    const price = closes[0] * (1 + (isStop ? -side : side) * distance);
    const isSet = price > 0 && price < Number.POSITIVE_INFINITY;
    const act: Act = (row, { order }) => {
      if (row === 0) order.market({ side, equityFraction: 1, ...(isSet ? { [isStop ? 'stopLoss' : 'takeProfit']: price } : {}) });
    };
    const result = playRows([tape], act, { semantics: { limitFill: 'touch' } });
    expectColumn(line, column, result);
  });
});
