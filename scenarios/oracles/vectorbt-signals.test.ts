/**
 * Order tables of polakowo/vectorbt (commit f9897528: tests/test_portfolio.py, TestFromSignals), sizes, prices and fees at 1e-7 (test_stop_exit_price
 * at the 6 decimals published), every column of every table, played under vectorbtSemantics. Signals are translated by the strategy beside this file, which also moves stops that move and
 * closes at a close where the table says so; when a stop is hit, its price, and what cash pays for are the broker's. stop_exit_price "stopmarket"
 * is the rule slippageOn: allFills. Left out: the three tables of test_reject_prob, whose rejections are drawn by NumPy's generator.
 */
import { describe, expect, test } from 'vitest';
import { hasOracles } from '../../engine/testing/tapes.ts';
import { skipReason } from './oracle-run.test.helper.ts';
import { Arguments, expectOrders, ordersOf, play, tables } from './vectorbt.test.helper.ts';
import { conflictArguments } from './vectorbt-conflicts.test.helper.ts';
import { fromSignals } from './vectorbt-from-signals.test.helper.ts';

const published = tables.filter((table) => table.fn.includes('from_signals'));
const played = published.filter((table) => table.test !== 'test_reject_prob');

/** The prices at which the closes of the tape stand: those of orders, but the market's own where a stop is filled at its close. */
function closesOf(args: Arguments): readonly number[] {
  const isOwnClose = args.text('stop_exit_price', 0, '') === 'close';
  return isOwnClose ? args.prices.map((price, row) => (row === 0 ? price : args.closes[row])) : args.prices;
}

describe.skipIf(!hasOracles)(`vectorbt from_signals${skipReason}`, () => {
  test('102 tables, 3 of them of rejections by chance', () => {
    expect([published.length, played.length, tables.length]).toEqual([102, 99, 171]);
  });

  test.each(played)('$test, line $line: $fn', (table) => {
    const args = new Arguments({ ...table, args: { ...conflictArguments[table.test], ...table.args } });
    const all = Array.from({ length: args.columnCount }, (_, column) => column);
    const runs = args.sharesCash ? [all] : all.map((column) => [column]);
    const slips = args.text('stop_exit_price', 0, '') === 'stopmarket';
    const found = runs.flatMap((columns) => {
      const strategy = fromSignals(args, columns);
      return ordersOf(
        play({ args, prices: closesOf(args), columns, strategy, semantics: slips ? { slippageOn: 'allFills' } : {} }),
        columns,
      );
    });
    expectOrders(found, table.orders, table.test === 'test_stop_exit_price' ? 5e-7 : 1e-7);
  });
});
