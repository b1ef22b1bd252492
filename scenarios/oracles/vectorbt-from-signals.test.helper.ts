/** Owns vectorbt's from_signals as a strategy: each row's signals, or a stop that was hit. Never sizes an order. */
import type { StrategyDefinition } from '../../engine/strategy.ts';
import { dayMs, strategyOf } from './oracle-run.test.helper.ts';
import type { Arguments, SizeType } from './vectorbt.test.helper.ts';
import { Desk, Group } from './vectorbt-desk.test.helper.ts';
import { askOf, signalsOf } from './vectorbt-signals.test.helper.ts';
import { Stops } from './vectorbt-stops.test.helper.ts';

/** The columns of one run; more than one share cash, and follow one another within a row. */
export function fromSignals(args: Arguments, columns: readonly number[]): StrategyDefinition {
  return strategyOf(({ series }) => {
    const group = new Group();
    const desks = series.map((bars, k) => new Desk(bars, columns[k], args, group));
    const stops = desks.map((desk) => new Stops(args, desk));
    let call = -1;
    return {
      onOrder(order) {
        stops[order.instrumentIndex].note(order);
      },
      onFill(fill, context) {
        const desk = desks[fill.instrumentIndex];
        desk.noteFill(fill, context);
        const after = desk.position;
        const row = Math.floor(fill.openTimeMs / dayMs);
        if (fill.role === 'own') stops[fill.instrumentIndex].noteFill(after - fill.side * fill.sizeBase, after, row, fill.priceQuote);
      },
      onBar(context) {
        call++;
        const row = Math.floor(call / desks.length);
        const k = call % desks.length;
        const desk = desks[k];
        const price = args.prices[row];
        if (k === 0) group.openRow(price, context);
        if (Number.isNaN(price) || stops[k].takeHit() || stops[k].watch()) return;
        const size = args.number('size', row, desk.column, Number.POSITIVE_INFINITY);
        const sizeType = args.text('size_type', desk.column, 'amount') as SizeType;
        const signals = signalsOf(args, row, desk.column, desk.position);
        const ask = askOf(signals, desk.position, size, sizeType, price);
        if (ask !== null) desk.send(ask, row, context);
        stops[k].adjust(row);
      },
    };
  });
}
