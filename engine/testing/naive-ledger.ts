/**
 * Owns the naive broker's money: what a fill costs, whether the account may, and what is left of entries.
 * Written from engine/broker/RULES.md alone. Never decides whether a price fills an order.
 */
import {
  absolute,
  add,
  ceiled,
  compare,
  type Decimal,
  decimal,
  divided,
  dividedUp,
  floored,
  multiply,
  negated,
  rootedUp,
  rounded,
  subtract,
  textOf,
  zero,
} from './naive-decimal.ts';
import { type BarPlace, barOf } from './naive-judging.ts';
import { liquidationFee, marginRefusal } from './naive-margin.ts';
import {
  cancelGroup,
  end,
  instrumentOfSlot,
  isAgainstLeg,
  type NaiveOrder,
  type NaiveReason,
  type NaiveRun,
  positionLots,
  releaseHeld,
  slotsOf,
} from './naive-orders.ts';
import { attach, followSizes } from './naive-protections.ts';
import { downTo, onLot, rulesOf, upTo } from './naive-rules.ts';
import type { Program, ProgramFeeSource, ProgramSlippage } from './program.ts';

/** What an order fills with. market: the price before slippage; worst: no fill beyond it. */
export interface NaiveExecution {
  readonly market: number;
  readonly isMaker: boolean;
  readonly isSlipped: boolean;
  readonly worst: number;
  readonly lotsMax: number;
  readonly timeMs: number;
  /** The bar it lies in. */
  readonly place: BarPlace;
  readonly isAtOpen: boolean;
}

/** Fills what may be filled of an order; false where nothing was. RULES 2.5, 3.3, 4.1, 4.4, 7, 8, 10.1. */
export function fill(run: NaiveRun, order: NaiveOrder, execution: NaiveExecution): boolean {
  const { timeMs } = execution;
  const { feeFrom } = run.program;
  const against = Math.max(0, -order.side * positionLots(run, order.slot));
  const lotsMax = Math.min(execution.lotsMax, drawable(run, drawnOn(execution)));
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

  const price = execution.isSlipped ? slipped(run, order, execution, lots) : limited(run, order, execution.market);
  const stamps = stampsOf(run, execution);
  const deal = { order, price, lots, timeMs: stamps.timeMs };
  const money = moneyOf(run, { ...deal, isMaker: execution.isMaker });
  // 10.1: judged as if the quote paid the fee, whatever pays it.
  const inQuote = { ...run, program: { ...run.program, feeFrom: { kind: 'quote' as const } } };
  const judged = feeFrom.kind === 'purse' ? moneyOf(inQuote, { ...deal, isMaker: execution.isMaker }) : money;
  const refusal = refusalOf(run, deal, judged);
  if (refusal !== '') {
    end(run, order, 'rejected', refusal, timeMs);
    return false;
  }
  run.state.cash = money.cash;
  run.state.purse = money.purse;
  draw(run, drawnOn(execution), lots);
  order.filledLots += lots;
  if (order.role === 'liquidation') {
    const extra = liquidationFee(run, money.notional);
    run.state.cash = subtract(run.state.cash, extra);
    run.state.liquidationFees = add(run.state.liquidationFees, extra);
  }
  const opened = book(run, order, price, lots - money.feeLots);
  run.state.fills.push({
    order: order.name,
    slot: order.slot,
    instrument: order.instrument,
    ...stamps,
    side: order.side,
    price,
    sizeLots: lots,
    notional: textOf(money.notional),
    fee: textOf(money.fee),
    slippageTicks: (price - execution.market) * order.side,
    isMaker: execution.isMaker,
    cash: textOf(run.state.cash),
    positionLots: positionLots(run, order.slot),
  });
  const isWhole = order.filledLots >= order.sizeLots;
  if (isWhole) end(run, order, 'filled', '', timeMs);
  // What protects it is made first, then what it cancels is cancelled, then what waited for it is sent.
  if (opened > 0) attach(run, order, { price, timeMs, stampMs: stamps.timeMs });
  followSizes(run, order.slot, timeMs);
  cancelGroup(run, order, timeMs);
  // 4.5: a fill inside a bar sends it as of that bar's close.
  if (isWhole) releaseHeld(run, order, stamps.timeMs, price);
  return true;
}

/** 5.6: those of the bar that finer ones replace. */
function stampsOf(run: NaiveRun, { place, isAtOpen }: NaiveExecution): { readonly timeMs: number; readonly openTimeMs: number } {
  const { openTimeMs, closeTimeMs } = barOf(run, { instrument: place.instrument, bar: place.bar });
  return { openTimeMs, timeMs: isAtOpen && place.finer === undefined ? openTimeMs : closeTimeMs };
}

/** 7.1: at an open, the bar that closed before it; before the first there is none. */
function drawnOn({ place, isAtOpen }: Pick<NaiveExecution, 'place' | 'isAtOpen'>): BarPlace | null {
  if (!isAtOpen) return place;
  const { instrument, bar, finer } = place;
  if (finer !== undefined) return { instrument, bar, finer: finer - 1 };
  return bar === 0 ? null : { instrument, bar: bar - 1 };
}

/** 7.1: what a finer bar gives is drawn from the bar it lies in as well. */
function draw({ state }: NaiveRun, place: BarPlace | null, lots: number): void {
  if (place === null) return;
  state.drawn[place.instrument][place.bar] += lots;
  if (place.finer !== undefined) state.drawnFiner[place.instrument][place.finer] += lots;
}

/** 7.1: the share of that bar's volume, floored to the lot, less what others drew. */
export function drawable(run: NaiveRun, place: BarPlace | null): number {
  const share = run.program.liquidity.volumeShare;
  if (share === undefined) return Number.POSITIVE_INFINITY;
  if (place === null) return 0;
  const { instrument, bar, finer } = place;
  const drawn = finer === undefined ? run.state.drawn[instrument][bar] : run.state.drawnFiner[instrument][finer];
  const lots = onLot(run, instrument, floored(multiply(decimal(share), decimal(barOf(run, place).volume))));
  return onLot(run, instrument, Math.max(0, lots - drawn));
}

/** 8.1: worse by what the model says, then the tick that hurts; 2.3: never beyond the limit. */
export function slipped(
  run: NaiveRun,
  order: NaiveOrder,
  execution: Pick<NaiveExecution, 'market' | 'worst' | 'place' | 'isAtOpen'>,
  lots: number,
): number {
  const { side } = order;
  const { market, worst } = execution;
  const place = drawnOn(execution);
  const volume = place === null ? 0 : barOf(run, place).volume;
  const lost = ticksLost(run.program.slippage, market, volume === 0 ? [1, 1] : [lots, volume]);
  // No sale falls below one tick.
  const price = Math.max(rulesOf(run, order.instrument).tickStep, againstTick(run, order, decimal(market + side * lost)));
  return (price - worst) * side > 0 ? worst : price;
}

/** 8.1: rounded up. share: lots of all that were drawn on. */
function ticksLost(slippage: ProgramSlippage, market: number, [lots, volume]: readonly [lots: number, volume: number]): number {
  switch (slippage.kind) {
    case 'none':
      return 0;
    case 'fixed':
      return ceiled(multiply(decimal(market), decimal(slippage.fraction)));
    case 'spread':
      return ceiled(
        multiply('ticks' in slippage ? decimal(slippage.ticks) : multiply(decimal(market), decimal(slippage.fraction)), decimal('0.5')),
      );
    default: {
      const impact = decimal(slippage.impact);
      const most = BigInt(market) * impact.units;
      const scale = 10n ** BigInt(impact.scale);
      const [share, whole] = [BigInt(lots), BigInt(volume)];
      if (slippage.kind === 'volumeShare') return Number(dividedUp(most * share * share, scale * whole * whole));
      return rootedUp(dividedUp(most * most * share, scale * scale * whole));
    }
  }
}

interface NaiveDeal {
  readonly order: NaiveOrder;
  readonly price: number;
  readonly lots: number;
  readonly timeMs: number;
}

/** What is left behind a fill, and what it cost. */
interface NaiveMoney {
  readonly notional: Decimal;
  /** As it is told: in quote. */
  readonly fee: Decimal;
  readonly cash: Decimal;
  readonly purse: Decimal;
  /** Taken from what was bought. */
  readonly feeLots: number;
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
function moneyOf(run: NaiveRun, { order, price, lots, isMaker, timeMs }: NaiveDeal & { readonly isMaker: boolean }): NaiveMoney {
  const { account, fee: feeModel, feeFrom } = run.program;
  const { feeRateMaker, feeRateTaker } = rulesOf(run, order.instrument);
  const { purse } = run.state;
  const notional = rounded(notionalOf(run.program, order.instrument, price, lots), account.quoteDecimals);
  const fee = feeOf(run, order.instrument, { notional, lots, isMaker });
  const free = add(run.state.cash, order.side === 1 ? negated(notional) : notional);
  if (feeFrom.kind === 'base' && feeModel.kind === 'rate' && order.side === 1) {
    // 8.2: taken from what is bought. Reading: told in quote at the fill's price.
    const rate = decimal(isMaker ? feeRateMaker : feeRateTaker);
    const feeLots = Number(rounded(multiply(decimal(lots), rate), 0).units);
    const told = rounded(notionalOf(run.program, order.instrument, price, feeLots), account.quoteDecimals);
    return { notional, fee: told, cash: free, purse, feeLots };
  }
  if (feeFrom.kind === 'purse') {
    // A rebate is paid whole.
    const discounted = compare(fee, zero) > 0 ? multiply(fee, subtract(decimal(1), decimal(feeFrom.discount))) : fee;
    const amount = divided(discounted, purseRate(feeFrom, timeMs), feeFrom.decimals);
    if (compare(amount, purse) <= 0)
      return { notional, fee: rounded(discounted, account.quoteDecimals), cash: free, purse: subtract(purse, amount), feeLots: 0 };
  }
  return { notional, fee, cash: subtract(free, fee), purse, feeLots: 0 };
}

/** 8.2: rounded to the currency. */
export function feeOf(
  run: NaiveRun,
  instrument: number,
  { notional, lots, isMaker }: { readonly notional: Decimal; readonly lots: number; readonly isMaker: boolean },
): Decimal {
  const { account, fee: model, instruments } = run.program;
  const { lot } = instruments[instrument];
  const { feeRateMaker, feeRateTaker } = rulesOf(run, instrument);
  let fee = multiply(notional, decimal(isMaker ? feeRateMaker : feeRateTaker));
  if (model.kind === 'fixed') fee = decimal(model.amount);
  if (model.kind === 'perUnit') {
    fee = multiply(decimal(model.amount), decimal(lots), decimal(lot));
    if (compare(fee, decimal(model.minimum)) < 0) fee = decimal(model.minimum);
    if (model.maximum !== undefined && compare(fee, decimal(model.maximum)) > 0) fee = decimal(model.maximum);
  }
  return rounded(fee, account.quoteDecimals);
}

/** 10.1, 10.7: what an order that is sent keeps back for its fee: the dearer rate, or the amount and the minimum. */
export function keptFee(run: NaiveRun, instrument: number, price: number, lots: number): Decimal {
  const { fee: model, instruments } = run.program;
  const { lot } = instruments[instrument];
  const { feeRateMaker, feeRateTaker } = rulesOf(run, instrument);
  if (model.kind === 'fixed') return decimal(model.amount);
  if (model.kind === 'perUnit') return add(multiply(decimal(model.amount), decimal(lots), decimal(lot)), decimal(model.minimum));
  const [maker, taker] = [decimal(feeRateMaker), decimal(feeRateTaker)];
  return multiply(notionalOf(run.program, instrument, price, lots), compare(maker, taker) > 0 ? maker : taker);
}

/** 12.6: the last close known. */
function purseRate({ rates }: ProgramFeeSource & { readonly kind: 'purse' }, timeMs: number): Decimal {
  return decimal(rates.filter(({ closeTimeMs }) => closeTimeMs <= timeMs).at(-1)?.close ?? Number.NaN);
}

export function notionalOf(program: Program, instrument: number, price: number, lots: number): Decimal {
  const { tick, lot, multiplier } = program.instruments[instrument];
  return multiply(decimal(price), decimal(tick), decimal(lots), decimal(lot), decimal(multiplier));
}

/**
 * 10.1 and DESIGN §3.5. Readings: both accounts are asked at the fill, of what this fill takes. spot: a sale beyond the position is refused, a purchase
 * that leaves cash below zero. frictionless: refused where the position grows (or turns and is as large) and gross > equity × leverage after the
 * fill, this instrument at the fill's price, the others at their last known prices.
 */
function refusalOf(run: NaiveRun, { order, price, lots, timeMs }: NaiveDeal, { cash, purse }: NaiveMoney): NaiveReason {
  const before = positionLots(run, order.slot);
  const after = before + order.side * lots;
  if (run.program.account.kind === 'spot') {
    if (after < 0) return 'beyond the position';
    return compare(cash, zero) < 0 ? 'short of cash' : '';
  }
  if (isAgainstLeg(order) && after * order.side > 0) return 'beyond the position';
  const isReducing = before !== 0 && Math.sign(after) !== -Math.sign(before) && Math.abs(after) < Math.abs(before);
  let [gross, equity] = [zero, cash];
  // 12.7: all currencies at their rates.
  const { feeFrom } = run.program;
  if (feeFrom.kind === 'purse') equity = add(equity, multiply(purse, purseRate(feeFrom, timeMs)));
  for (const slot of slotsOf(run.program)) {
    const held = slot === order.slot ? after : positionLots(run, slot);
    if (held === 0) continue;
    const i = instrumentOfSlot(run, slot);
    const value = notionalOf(run.program, i, slot === order.slot ? price : run.state.lastPrices[i], held);
    gross = add(gross, absolute(value));
    equity = add(equity, value);
  }
  if (run.program.account.kind === 'margin') return marginRefusal(run, order, { before, lots, price, left: equity, isAtFill: true });
  if (isReducing) return '';
  return compare(gross, multiply(equity, decimal(run.program.account.leverage))) > 0 ? 'beyond the leverage' : '';
}

/** 4.1: an attached exit closes its own entry, any other the oldest first; what is left opens. Returns the lots that opened. */
function book(run: NaiveRun, order: NaiveOrder, price: number, lots: number): number {
  moveMean(run, order, price, lots);
  pair(run, order, price, lots);
  let left = lots;
  for (const lot of run.state.lots[order.slot]) {
    if (lot.side === order.side || (order.follows === 'entry' && lot.entry !== order.parent)) continue;
    const closed = Math.min(left, lot.lots);
    lot.lots -= closed;
    left -= closed;
  }
  run.state.lots[order.slot] = run.state.lots[order.slot].filter((lot) => lot.lots > 0);
  if (left > 0) run.state.lots[order.slot].push({ entry: order.name, side: order.side, price, lots: left });
  return left;
}

/** 12.8 */
function pair(run: NaiveRun, { name, slot, side }: NaiveOrder, price: number, lots: number): void {
  let left = lots;
  for (const lot of run.state.entries[slot]) {
    if (lot.side === side) continue;
    const closed = Math.min(left, lot.lots);
    lot.lots -= closed;
    left -= closed;
  }
  run.state.entries[slot] = run.state.entries[slot].filter((lot) => lot.lots > 0);
  if (left > 0) run.state.entries[slot].push({ entry: name, side, price, lots: left });
}

/** 4.3, 12.8: what a unit of the position cost. Additions move it, reductions do not; a position that turns begins anew. */
function moveMean(run: NaiveRun, order: NaiveOrder, price: number, lots: number): void {
  const before = positionLots(run, order.slot);
  const { numerator, denominator } = run.state.means[order.slot];
  const held = BigInt(Math.abs(before));
  const added = BigInt(lots);
  if (before * order.side >= 0)
    run.state.means[order.slot] = {
      numerator: numerator * held + BigInt(price) * added * denominator,
      denominator: denominator * (held + added),
    };
  else if (lots > Math.abs(before)) run.state.means[order.slot] = { numerator: BigInt(price), denominator: 1n };
}
