/**
 * Order tables of polakowo/vectorbt (commit f9897528: tests/test_portfolio.py, TestFromOrders), sizes, prices and fees at 1e-7, every column of
 * every table, played under vectorbtSemantics. Its sizes are translated by the strategy beside this file; what cash pays for, prices and fees
 * are the broker's. Beside them the published figures of one column of TestPortfolio. Left out: the three tables of test_reject_prob, whose rejections are drawn by NumPy's generator.
 */
import { describe, expect, test } from 'vitest';
import { drawdownMax } from '../../engine/metrics/drawdown.ts';
import { calmarRatio, sharpeRatio, sortinoRatio } from '../../engine/metrics/ratios.ts';
import { annualReturn, simpleReturns } from '../../engine/metrics/returns.ts';
import { hasOracles } from '../../engine/testing/tapes.ts';
import { skipReason } from './oracle-run.test.helper.ts';
import { Arguments, expectOrders, ordersOf, play, tables } from './vectorbt.test.helper.ts';
import { fromOrders } from './vectorbt-orders.test.helper.ts';

const played = tables.filter((table) => table.fn.startsWith('from_orders') && table.test !== 'test_reject_prob');

describe.skipIf(!hasOracles)(`vectorbt from_orders${skipReason}`, () => {
  test('69 tables, 3 of them of rejections by chance', () => {
    expect(tables.filter((table) => table.fn.startsWith('from_orders'))).toHaveLength(69);
    expect(played).toHaveLength(66);
  });

  test.each(played)('$test, line $line: $fn', (table) => {
    const args = new Arguments(table);
    const all = Array.from({ length: args.columnCount }, (_, column) => column);
    const runs = args.sharesCash ? [all] : all.map((column) => [column]);
    const found = runs.flatMap((columns) =>
      ordersOf(play({ args, prices: args.prices, columns, strategy: fromOrders(args, columns) }), columns),
    );
    expectOrders(found, table.orders);
  });
});

describe('vectorbt TestPortfolio, column a: fees .01 and .1 fixed, slippage .01, sizes 1, .1, -1, -.1, 1, long only, no price on the first day', () => {
  const args = new Arguments({
    fn: 'from_orders_longonly',
    args: {
      close: [2, 2, 3, 4, 5],
      price: [Number.NaN, 2, 3, 4, 5],
      size: [1, 0.1, -1, -0.1, 1],
      fees: 0.01,
      fixed_fees: 0.1,
      slippage: 0.01,
    },
  });
  const result = play({ args, prices: args.prices, columns: [0], strategy: fromOrders(args, [0]) });
  const values = Float64Array.of(100, ...result.equity.equityQuote);
  const returns = simpleReturns(values);
  const options = { periodsPerYear: 365, ratePerPeriod: 0 };

  test('three orders: bought, sold and bought', () => {
    expect(ordersOf(result, [0]).map(({ idx, side, price }) => [idx, side, price.toFixed(2)])).toEqual([
      [1, 0, '2.02'],
      [2, 1, '2.97'],
      [4, 0, '5.05'],
    ]);
  });

  test.each([
    ['end value', values[5], 99.68951],
    ['fees', result.fills.reduce((sum, fill) => sum + fill.feeQuote, 0), 0.35549],
    ['Sharpe ratio', sharpeRatio(returns, options), -13.30804491478906],
    ['Sortino ratio', sortinoRatio(returns, options), -11.738864633265454],
    ['Calmar ratio', calmarRatio(annualReturn(returns, 365), drawdownMax(values, 100)), -65.40868619923044],
    ['deepest drawdown in per cent', drawdownMax(values, 100) * 100, 0.31049],
  ])('%s (1e-9 relative)', (_, found, expected) => {
    expect(Math.abs(found / expected - 1)).toBeLessThan(1e-9);
  });
});
