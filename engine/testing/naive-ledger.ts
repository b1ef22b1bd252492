/**
 * Owns the naive broker's money: what a fill costs, whether the account may, and what is left of entries.
 * Written from engine/broker/RULES.md alone. Never decides whether a price fills an order.
 */
import {
  absolute,
  add,
  compare,
  type Decimal,
  decimal,
  floored,
  multiply,
  negated,
  rounded,
  subtract,
  textOf,
  zero,
} from './naive-decimal.ts';
import { cancelGroup, end, type NaiveOrder, type NaiveReason, type NaiveRun, positionLots, releaseHeld } from './naive-orders.ts';
import { attach, followSizes } from './naive-protections.ts';
import { downTo, onLot, rulesOf, upTo } from './naive-rules.ts';

/** What an order fills with. market: the price before slippage; worst: no fill beyond it. */
export interface NaiveExecution {
  readonly market: number;
  readonly isMaker: boolean;
  readonly isSlipped: boolean;
  readonly worst: number;
  readonly lotsMax: number;
  readonly timeMs: number;
  readonly openTimeMs: number;
  /** The bar whose volume it draws on; −1 for none. */
  readonly volumeBar: number;
}

/** Fills what may be filled of an order; false where nothing was. RULES 2.5, 3.3, 4.1, 4.4, 7, 8, 10.1. */
export function fill(run: NaiveRun, order: NaiveOrder, execution: NaiveExecution): boolean {
  const { timeMs } = execution;
  const against = Math.max(0, -order.side * positionLots(run, order.instrument));
  const lotsMax = Math.min(execution.lotsMax, drawable(run, order.instrument, execution.volumeBar));
  if (lotsMax <= 0) {
    order.isReached = true;
    return false;
  }
  if (order.wish.reduceOnly === true && order.follows === 'itself') {
    if (against === 0) end(run, order, 'cancelled', 'nothing left to reduce', timeMs);
    if (against === 0) return false;
    order.sizeLots = Math.min(order.sizeLots, order.filledLots + against);
  }
  const wanted = order.sizeLots - order.filledLots;
  // 4.3: what protects a position is as large as it is now.
  const remaining = order.follows === 'position' ? against : wanted;
  order.sizeLots = order.filledLots + remaining;
  const lots = Math.min(remaining, lotsMax);
  if (order.wish.timeInForce === 'FOK' && lots < remaining) end(run, order, 'cancelled', 'fill or kill', timeMs);
  if (order.status !== 'open' || lots <= 0) return false;

  const price = execution.isSlipped ? slipped(run, order, execution) : limited(run, order, execution.market);
  const money = moneyOf(run, order, price, lots, execution.isMaker);
  const refusal = refusalOf(run, order, price, lots, money.cash);
  if (refusal !== '') {
    end(run, order, 'rejected', refusal, timeMs);
    return false;
  }
  run.state.cash = money.cash;
  if (execution.volumeBar >= 0) run.state.drawn[order.instrument][execution.volumeBar] += lots;
  order.filledLots += lots;
  const opened = book(run, order, price, lots);
  run.state.fills.push({
    order: order.name,
    instrument: order.instrument,
    timeMs,
    openTimeMs: execution.openTimeMs,
    side: order.side,
    price,
    sizeLots: lots,
    notional: textOf(money.notional),
    fee: textOf(money.fee),
    slippageTicks: (price - execution.market) * order.side,
    isMaker: execution.isMaker,
    cash: textOf(money.cash),
    positionLots: positionLots(run, order.instrument),
  });
  const isWhole = order.filledLots >= order.sizeLots;
  if (isWhole) end(run, order, 'filled', '', timeMs);
  // What protects it is made first, then what it cancels is cancelled, then what waited for it is sent.
  if (opened > 0) attach(run, order, price, timeMs);
  followSizes(run, order.instrument, timeMs);
  cancelGroup(run, order, timeMs);
  if (isWhole) releaseHeld(run, order, timeMs, price);
  return true;
}

/** 7.1: the share of that bar's volume, floored to the lot, less what others drew. */
function drawable(run: NaiveRun, instrument: number, bar: number): number {
  const share = run.program.liquidity.volumeShare;
  if (share === undefined) return Number.POSITIVE_INFINITY;
  if (bar < 0) return 0;
  const { volume } = run.program.instruments[instrument].bars[bar];
  const lots = onLot(run, instrument, floored(multiply(decimal(share), decimal(volume))));
  return onLot(run, instrument, Math.max(0, lots - run.state.drawn[instrument][bar]));
}

/** 8.1: worse by the fraction or half the spread, then the tick that hurts; 2.3: never beyond the limit. */
export function slipped(run: NaiveRun, order: NaiveOrder, { market, worst }: Pick<NaiveExecution, 'market' | 'worst'>): number {
  const { slippage } = run.program;
  let worse = zero;
  if (slippage.kind === 'fixed') worse = multiply(decimal(market), decimal(slippage.fraction));
  if (slippage.kind === 'spread')
    worse = 'ticks' in slippage ? decimal(slippage.ticks) : multiply(decimal(market), decimal(slippage.fraction));
  if (slippage.kind === 'spread') worse = multiply(worse, decimal('0.5'));
  const exact = add(decimal(market), multiply(decimal(order.side), worse));
  const price = againstTick(run, order, exact);
  return (price - worst) * order.side > 0 ? worst : price;
}

/** 2.3, 10.8: a limit fills on the tick in force, and never beyond its own price. */
export function limited(run: NaiveRun, order: NaiveOrder, market: number): number {
  const price = againstTick(run, order, decimal(market));
  return (price - order.limitPrice) * order.side > 0 ? order.limitPrice : price;
}

/** The tick that hurts. */
function againstTick(run: NaiveRun, { side, instrument }: NaiveOrder, price: Decimal): number {
  return side === 1 ? upTo(run, instrument, price) : downTo(run, instrument, price);
}

/** DESIGN §3.4: notional and fee rounded half away from zero, the fee from the rounded notional, cash by their exact sum. */
function moneyOf(run: NaiveRun, order: NaiveOrder, price: number, lots: number, isMaker: boolean) {
  const { account, fee: feeModel } = run.program;
  const { feeRateMaker, feeRateTaker } = rulesOf(run, order.instrument);
  const notional = rounded(notionalOf(run, order.instrument, price, lots), account.quoteDecimals);
  let fee = multiply(notional, decimal(isMaker ? feeRateMaker : feeRateTaker));
  if (feeModel.kind === 'fixed') fee = decimal(feeModel.amount);
  if (feeModel.kind === 'perUnit') {
    fee = multiply(decimal(feeModel.amount), decimal(lots), decimal(run.program.instruments[order.instrument].lot));
    if (compare(fee, decimal(feeModel.minimum)) < 0) fee = decimal(feeModel.minimum);
    if (feeModel.maximum !== undefined && compare(fee, decimal(feeModel.maximum)) > 0) fee = decimal(feeModel.maximum);
  }
  fee = rounded(fee, account.quoteDecimals);
  const paid = order.side === 1 ? negated(notional) : notional;
  return { notional, fee, cash: subtract(add(run.state.cash, paid), fee) };
}

function notionalOf(run: NaiveRun, instrument: number, price: number, lots: number): Decimal {
  const { tick, lot, multiplier } = run.program.instruments[instrument];
  return multiply(decimal(price), decimal(tick), decimal(lots), decimal(lot), decimal(multiplier));
}

/**
 * 10.1 and DESIGN §3.5. Readings: both accounts are asked at the fill, of what this fill takes. spot: a sale beyond the position is refused, a purchase
 * that leaves cash below zero. frictionless: refused where the position grows (or turns and is as large) and gross > equity × leverage after the
 * fill, this instrument at the fill's price, the others at their last known prices.
 */
function refusalOf(run: NaiveRun, order: NaiveOrder, price: number, lots: number, cash: Decimal): NaiveReason {
  const before = positionLots(run, order.instrument);
  const after = before + order.side * lots;
  if (run.program.account.kind === 'spot') {
    if (after < 0) return 'beyond the position';
    return compare(cash, zero) < 0 ? 'short of cash' : '';
  }
  const isReducing = before !== 0 && Math.sign(after) !== -Math.sign(before) && Math.abs(after) < Math.abs(before);
  if (isReducing) return '';
  let [gross, equity] = [zero, cash];
  for (let i = 0; i < run.program.instruments.length; i++) {
    const held = i === order.instrument ? after : positionLots(run, i);
    if (held === 0) continue;
    const value = notionalOf(run, i, i === order.instrument ? price : run.state.lastPrices[i], held);
    gross = add(gross, absolute(value));
    equity = add(equity, value);
  }
  return compare(gross, multiply(equity, decimal(run.program.account.leverage))) > 0 ? 'beyond the leverage' : '';
}

/** 4.1: an attached exit closes its own entry, any other the oldest first; what is left opens. Returns the lots that opened. */
function book(run: NaiveRun, order: NaiveOrder, price: number, lots: number): number {
  moveMean(run, order, price, lots);
  let left = lots;
  for (const lot of run.state.lots[order.instrument]) {
    if (lot.side === order.side || (order.follows === 'entry' && lot.entry !== order.parent)) continue;
    const closed = Math.min(left, lot.lots);
    lot.lots -= closed;
    left -= closed;
  }
  run.state.lots[order.instrument] = run.state.lots[order.instrument].filter((lot) => lot.lots > 0);
  if (left > 0) run.state.lots[order.instrument].push({ entry: order.name, side: order.side, price, lots: left });
  return left;
}

/** 4.3, 12.8: what a unit of the position cost. Additions move it, reductions do not; a position that turns begins anew. */
function moveMean(run: NaiveRun, order: NaiveOrder, price: number, lots: number): void {
  const before = positionLots(run, order.instrument);
  const { numerator, denominator } = run.state.means[order.instrument];
  const held = BigInt(Math.abs(before));
  const added = BigInt(lots);
  if (before * order.side >= 0)
    run.state.means[order.instrument] = {
      numerator: numerator * held + BigInt(price) * added * denominator,
      denominator: denominator * (held + added),
    };
  else if (lots > Math.abs(before)) run.state.means[order.instrument] = { numerator: BigInt(price), denominator: 1n };
}
