/**
 * Owns whether the naive broker takes an order, and how much of it: sizes, minimum and maximum, the wrong side, the account.
 * Written from engine/broker/RULES.md alone. Never decides whether a price fills an order, never touches money.
 */
import { subtract } from './naive-decimal.ts';
import { keptFee } from './naive-ledger.ts';
import { equityOf, marginRefusal } from './naive-margin.ts';
import { isAgainstLeg, type NaiveOrder, type NaiveReason, type NaiveRun, projectedLots } from './naive-orders.ts';
import { isBelowMinimum, onLot, rulesOf } from './naive-rules.ts';

/** What a size is judged as: price, as 10.2 has it. */
export interface NaiveSize {
  readonly lots: number;
  readonly price: number;
}

/** 2.5, 10.1, 10.2, 10.9: why it must not be sent or made this large; reduceOnly is cut. */
export function judgeSize(run: NaiveRun, order: NaiveOrder, size: NaiveSize): { readonly lots: number; readonly refusal: NaiveReason } {
  const { instrument } = order;
  const { price } = size;
  const before = projectedLots(run, order.slot, order);
  const against = Math.max(0, -order.side * before);
  const lots = order.wish.reduceOnly === true ? Math.min(size.lots, against) : size.lots;
  if (lots === 0) return { lots, refusal: 'nothing to reduce' };
  if (run.state.isCalled && lots > against && order.role === 'own') return { lots, refusal: 'margin call' };
  const isWhole = order.wish.reduceOnly === true && lots === against;
  if (!isWhole && isBelowMinimum(run, instrument, { ...size, lots })) return { lots, refusal: 'below the minimum' };
  if (lots > (rulesOf(run, instrument).maximumLots ?? lots)) return { lots, refusal: 'above the maximum' };
  const mayOnlyClose = (run.program.account.kind === 'spot' && order.side === -1) || isAgainstLeg(order);
  const isBeyond = mayOnlyClose && lots > against;
  if (isBeyond) return { lots, refusal: 'beyond the position' };
  const left = subtract(equityOf(run), keptFee(run, order.instrument, price, lots));
  return { lots, refusal: marginRefusal(run, order, { before, lots, price, left, isAtFill: false }) };
}

/** 3.2, 3.3, 2.4: what an order that is sent now cannot be. */
export function isAllowed({ kind, wish }: NaiveOrder, timeMs: number): boolean {
  if (typeof wish.timeInForce === 'object' && wish.timeInForce.goodTillMs <= timeMs) return false;
  const isAtOnce = wish.timeInForce === 'IOC' || wish.timeInForce === 'FOK';
  if (isAtOnce && kind !== 'market' && kind !== 'limit' && kind !== 'onOpen') return false;
  return wish.postOnly !== true || kind === 'limit';
}

/** The price that an order is judged by: its limit, or what sets it off; NaN where it has neither. */
export function costPrice({ limitPrice, stopPrice, touchPrice }: Pick<NaiveOrder, 'limitPrice' | 'stopPrice' | 'touchPrice'>): number {
  return [limitPrice, stopPrice, touchPrice].find((price) => !Number.isNaN(price)) ?? Number.NaN;
}

/** 4.2: a stop at or beyond the winning side of its entry, a target at or beyond the losing one. */
export function isMisplaced(run: NaiveRun, order: NaiveOrder): boolean {
  const { stopLoss, takeProfit } = order.wish;
  const own = costPrice(order);
  const entry = Number.isNaN(own) ? run.state.lastPrices[order.instrument] : own;
  const isStopWrong = stopLoss !== undefined && 'price' in stopLoss && (entry - stopLoss.price) * order.side <= 0;
  const isTargetWrong = takeProfit !== undefined && 'price' in takeProfit && (takeProfit.price - entry) * order.side <= 0;
  return isStopWrong || isTargetWrong;
}

/** 10.8: the size lies on the lot, but for a whole position that only reducing closes. */
export function judgeSent(run: NaiveRun, order: NaiveOrder): { readonly lots: number; readonly refusal: NaiveReason } {
  const { instrument, sizeLots } = order;
  const against = Math.max(0, -order.side * projectedLots(run, order.slot, order));
  const isReducing = order.wish.reduceOnly === true;
  const asked = isReducing ? Math.min(sizeLots, against) : sizeLots;
  const lots = isReducing && asked === against ? asked : onLot(run, instrument, asked);
  if (lots === 0) return { lots, refusal: asked === 0 ? 'nothing to reduce' : 'below one lot' };
  return judgeSize(run, order, { lots, price: statedPrice(run, order) });
}

/** 10.2: the price that an order states: its limit, otherwise what sets it off; or else the last known. */
export function statedPrice(
  run: NaiveRun,
  { instrument, limitPrice, stopPrice, touchPrice }: Pick<NaiveOrder, 'instrument' | 'limitPrice' | 'stopPrice' | 'touchPrice'>,
): number {
  return [limitPrice, stopPrice, touchPrice, run.state.lastPrices[instrument]].find((price) => !Number.isNaN(price)) ?? Number.NaN;
}
