/** Owns vectorbt's from_orders as a strategy: one order a row and column, of the sizes in its table. Never resolves a signal. */
import type { StrategyDefinition } from '../../engine/strategy.ts';
import { strategyOf } from './oracle-run.test.helper.ts';
import type { Arguments, SizeType } from './vectorbt.test.helper.ts';
import { Desk, Group } from './vectorbt-desk.test.helper.ts';

const defaultSizes = [1, -1, Number.NaN, 1, -1].map((sign) => sign * Number.POSITIVE_INFINITY);

/** The columns of one run; more than one share cash, and follow one another within a row. */
export function fromOrders(args: Arguments, columns: readonly number[]): StrategyDefinition {
  return strategyOf(({ series }) => {
    const group = new Group();
    const desks = series.map((bars, k) => new Desk(bars, columns[k], args, group));
    let call = -1;
    return {
      onFill(fill, context) {
        desks[fill.instrumentIndex].noteFill(fill, context);
      },
      onBar(context) {
        call++;
        const row = Math.floor(call / desks.length);
        const desk = desks[call % desks.length];
        const price = args.prices[row];
        if (desk === desks[0]) group.openRow(price, context);
        if (Number.isNaN(price)) return;
        const size = args.has('size') ? args.number('size', row, desk.column, Number.NaN) : defaultSizes[row];
        const sizeType = args.text('size_type', desk.column, 'amount') as SizeType;
        desk.send({ size: args.direction === 'shortonly' ? -size : size, sizeType, direction: args.direction }, row, context);
      },
    };
  });
}
