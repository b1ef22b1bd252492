/**
 * Order tables of polakowo/vectorbt (commit f9897528: tests/test_portfolio.py, TestFromOrders), sizes, prices and fees at 1e-7, every column of
 * every table, played under vectorbtSemantics. Its sizes are translated by the strategy beside this file; what cash pays for, prices and fees
 * are the broker's. Left out: the three tables of test_reject_prob, whose rejections are drawn by NumPy's generator.
 */
import { describe, expect, test } from 'vitest';
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
