/**
 * Owns how a size as vectorbt knows it becomes an order here: of units, value, targets and shares of the means, for one column. Never cuts an
 * order to the cash there is and never prices one: that is the broker's.
 *
 * Its account counts what a short has brought twice against the cash that may carry further shorts: free cash = cash − 2 × debt, the debt being
 * the mean entry price of what is short.
 */
import type { Fill } from '../../engine/model/fill.ts';
import type { Bars, StrategyContext } from '../../engine/strategy.ts';
import type { Arguments, Direction, SizeType } from './vectorbt.test.helper.ts';

/** What is left of a difference of doubles. */
const crumb = 1e-9;

/** What an order asks for: signed, of this type, within this direction. */
export interface Ask {
  readonly size: number;
  readonly sizeType: SizeType;
  readonly direction: Direction;
}

/** One column's orders. */
export class Desk {
  readonly bars: Bars;
  readonly column: number;
  private readonly args: Arguments;
  private readonly group: Group;
  /** Fills at which its position's value is told. */
  valuePrice = Number.NaN;
  private debtQuote = 0;

  constructor(bars: Bars, column: number, args: Arguments, group: Group) {
    this.bars = bars;
    this.column = column;
    this.args = args;
    this.group = group;
    group.desks.push(this);
  }

  get position(): number {
    return this.bars.position.sizeBase;
  }

  noteFill(fill: Fill, context: StrategyContext): void {
    const change = fill.side * fill.sizeBase;
    const after = this.position;
    const before = after - change;
    if (after < -crumb && change < 0) this.debtQuote += Math.min(fill.sizeBase, -after) * fill.priceQuote;
    else if (before < -crumb) this.debtQuote *= after < -crumb ? after / before : 0;
    this.valuePrice = fill.priceQuote;
    if (this.args.flag('update_value', this.column)) this.group.value(context);
  }

  /** Sends what is asked for at the close of a row, if it is anything. */
  send(ask: Ask, row: number, context: StrategyContext): void {
    const { size, sizeType } = this.sized(ask);
    if (Number.isNaN(size) || Math.abs(size) <= crumb) return;
    const isPercent = sizeType === 'percent' || size === Number.NEGATIVE_INFINITY;
    const share = sizeType === 'percent' ? Math.abs(size) : 1;
    const isBounded = Number.isFinite(size) && !isPercent;
    if (size > 0) this.buy({ size: isPercent ? Number.POSITIVE_INFINITY : size, share, isBounded }, ask.direction, row, context);
    else this.sell({ size: isPercent ? Number.POSITIVE_INFINITY : -size, share, isBounded }, ask.direction, row, context);
  }

  private sized({ size, sizeType }: Ask): { size: number; sizeType: SizeType } {
    const price = this.valuePrice;
    const target = sizeType.startsWith('target');
    const units = sizeType === 'targetpercent' ? (size * this.group.valueQuote) / price : sizeType.endsWith('value') ? size / price : size;
    if (target) return { size: units - this.position, sizeType: 'amount' };
    return { size: units, sizeType: sizeType === 'percent' ? 'percent' : 'amount' };
  }

  private buy(wish: Wish, direction: Direction, row: number, { account }: StrategyContext): void {
    const isCover = direction === 'shortonly';
    if (isCover ? this.position > -crumb : account.cashQuote <= crumb) return;
    const sizeBase = Number.isFinite(wish.size) ? wish.size : isCover ? -this.position * wish.share : Number.NaN;
    if (Number.isNaN(sizeBase)) this.order(1, { sizeQuote: account.cashQuote * wish.share }, { ...wish, isCover }, row);
    else this.order(1, { sizeBase }, { ...wish, isCover }, row);
  }

  private sell(wish: Wish, direction: Direction, row: number, { account }: StrategyContext): void {
    const isCover = direction === 'longonly';
    if (isCover && this.position < crumb) return;
    const most = isCover ? this.position : this.shortable(row, account.cashQuote);
    const sizeBase = Number.isFinite(wish.size) ? wish.size : most * wish.share;
    if (sizeBase > crumb) this.order(-1, { sizeBase }, { ...wish, isCover }, row);
  }

  /** What is held long, and what free cash, with that of its sale, carries short. */
  private shortable(row: number, cashQuote: number): number {
    const { args, column } = this;
    const feeRate = args.number('fees', row, column, 0);
    const price = this.bars.close.at(0) * (1 - args.number('slippage', row, column, 0));
    const long = Math.max(this.position, 0);
    const free = cashQuote - 2 * this.debtQuote + long * price * (1 - feeRate);
    if (free <= crumb) return long;
    return long + (free - args.number('fixed_fees', row, column, 0)) / (price * (1 + feeRate));
  }

  private order(side: 1 | -1, size: { sizeBase: number } | { sizeQuote: number }, wish: Wish & { isCover: boolean }, row: number): void {
    const { args, column } = this;
    const isWhole = wish.isBounded && args.at('allow_partial', row, column) === false;
    const most = args.number('max_size', row, column, Number.POSITIVE_INFINITY);
    const cut = 'sizeBase' in size ? { sizeBase: Math.min(size.sizeBase, most) } : size;
    if ('sizeBase' in cut && cut.sizeBase < args.number('min_size', row, column, 0)) return;
    this.bars.order.market({ side, ...cut, reduceOnly: wish.isCover, timeInForce: isWhole ? 'FOK' : 'GTC' });
  }
}

interface Wish {
  /** Infinite for a share of the means. */
  readonly size: number;
  readonly share: number;
  readonly isBounded: boolean;
}

/** The columns that share cash. */
export class Group {
  readonly desks: Desk[] = [];
  /** What sizes by share of value are taken of. */
  valueQuote = Number.NaN;

  /** A row begins: every column at the price of this row. */
  openRow(price: number, context: StrategyContext): void {
    for (const desk of this.desks) desk.valuePrice = price;
    this.value(context);
  }

  value({ account }: StrategyContext): void {
    this.valueQuote = account.cashQuote;
    for (const desk of this.desks) this.valueQuote += desk.position * desk.valuePrice;
  }
}
