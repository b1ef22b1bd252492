/**
 * Owns vectorbt's stops of one column as a strategy keeps them: where they lie, when they are set anew, what a hit sends. What fills them, and at
 * which price, is the broker's.
 */
import type { Order } from '../../engine/model/order.ts';
import type { Arguments } from './vectorbt.test.helper.ts';
import type { Desk } from './vectorbt-desk.test.helper.ts';

const inf = Number.POSITIVE_INFINITY;
/** Prices that no bar of theirs reaches: a stop or target to be moved to where it counts. */
const nearNothing = 1e-6;
const nearEverything = 1e6;

export class Stops {
  private readonly args: Arguments;
  private readonly desk: Desk;
  /** The orders that protect now. */
  private ids: number[] = [];
  private basePrice = Number.NaN;
  private setRow = -1;
  /** Where a stop that fills at a close lies; NaN where the broker holds it. */
  private watchedPrice = Number.NaN;
  private hasHit = false;

  constructor(args: Arguments, desk: Desk) {
    this.args = args;
    this.desk = desk;
  }

  /** Told of every order of the column's. */
  note({ id, role, status, kind }: Readonly<Order>): void {
    if (role === 'own' && kind !== 'stop') return;
    if (status === 'open') this.ids.push(id);
    else this.ids = this.ids.filter((one) => one !== id);
    if (status === 'filled') this.hasHit = true;
  }

  /** A row whose bar hit a stop has no other order. */
  takeHit(): boolean {
    const { hasHit } = this;
    this.hasHit = false;
    return hasHit;
  }

  /** An order of the strategy's own has filled. */
  noteFill(before: number, after: number, row: number, fillPrice: number): void {
    if (Math.abs(after) < 1e-9) {
      this.watchedPrice = Number.NaN;
      return;
    }
    if (before * after <= 0) this.set(row, fillPrice);
    else if (Math.abs(after) > Math.abs(before)) this.renew(row, fillPrice);
  }

  /** At a close, before the signals: true where the stop that fills at closes was hit. */
  watch(): boolean {
    const { low, open } = this.desk.bars;
    const isHit = Math.min(low.at(0), open.at(0)) <= this.watchedPrice;
    if (isHit) this.desk.bars.order.close();
    return isHit;
  }

  /** At a close, for the next row: a distance that becomes nothing there. */
  adjust(row: number): void {
    const { args, desk } = this;
    const after = Number((args.at('adjust_sl_args', 0, 0) ?? args.at('adjust_tp_args', 0, 0)) as number);
    if (this.setRow < 0 || row + 1 - this.setRow !== after) return;
    for (const id of this.ids)
      desk.bars.order.amend(id, args.has('adjust_sl_args') ? { stopPrice: this.basePrice } : { limitPrice: this.basePrice });
  }

  private renew(row: number, fillPrice: number): void {
    const mode = this.args.text('upon_stop_update', this.desk.column, 'override');
    const isGiven = !Number.isNaN(this.distance('sl_stop', row)) || !Number.isNaN(this.distance('tp_stop', row));
    if (mode === 'keep' || (mode === 'override' && !isGiven)) return;
    if (!isGiven) for (const id of [...this.ids]) this.desk.bars.order.cancel(id);
    this.set(row, fillPrice);
  }

  private set(row: number, fillPrice: number): void {
    const { args, desk } = this;
    const close = args.closes[row];
    const bases: Readonly<Record<string, number>> = { val_price: 1.05 * close, price: args.prices[row], fillprice: fillPrice, close };
    this.basePrice = bases[args.text('stop_entry_price', 0, 'close')];
    this.setRow = row;
    const isLong = desk.position > 0;
    const loss = this.distance('sl_stop', row);
    const gain = this.distance('tp_stop', row);
    const stopPrice = this.basePrice * (1 + (isLong ? -loss : loss));
    const targetPrice = this.basePrice * (1 + (isLong ? gain : -gain));
    if (args.has('stop_exit_price') && !args.text('stop_exit_price', 0, '').startsWith('stop')) this.watchedPrice = stopPrice;
    else if (args.has('upon_stop_exit')) this.stopOrder(stopPrice);
    else if (args.at('sl_trail', 0, 0) === true) this.trail(loss, isLong);
    else this.protect(stopPrice, targetPrice);
  }

  private distance(name: string, row: number): number {
    return this.args.number(name, row, this.desk.column, Number.NaN);
  }

  private protect(stopPrice: number, targetPrice: number): void {
    const isMoved = this.args.has('adjust_sl_args') || this.args.has('adjust_tp_args');
    const stopLoss = priceOf(stopPrice, isMoved);
    const takeProfit = priceOf(targetPrice, isMoved);
    if (stopLoss === undefined && takeProfit === undefined) return;
    this.desk.bars.order.protect({
      ...(stopLoss === undefined ? {} : { stopLoss }),
      ...(takeProfit === undefined ? {} : { takeProfit }),
    });
  }

  private trail(fraction: number, isLong: boolean): void {
    if (fraction < (isLong ? 1 : inf)) this.desk.bars.order.protect({ trail: { fraction } });
  }

  /** What a hit does other than closing: it takes a size off, or turns the position over. */
  private stopOrder(stopPrice: number): void {
    const { args, desk } = this;
    const mode = args.text('upon_stop_exit', desk.column, 'close');
    const size = args.number('size', 0, desk.column, inf);
    const accumulates = args.flag('accumulate', desk.column);
    const held = Math.abs(desk.position);
    const turns = mode === 'reverse' || (mode === 'reversereduce' && !accumulates);
    const sizeBase = turns ? held + size : accumulates && mode.endsWith('reduce') ? size : held;
    desk.bars.order.stop({ side: desk.position > 0 ? -1 : 1, sizeBase, stopPrice });
  }
}

/** A price that the broker can hold; undefined where theirs is none. */
function priceOf(price: number, isMoved: boolean): number | undefined {
  if (Number.isNaN(price)) return undefined;
  if (price > 0 && price < inf) return price;
  return isMoved ? (price > 0 ? nearEverything : nearNothing) : undefined;
}
