/**
 * Owns what a fill is charged beyond the plain rates that the ledger knows itself: tiers by traded notional, an amount a unit, a function of the
 * strategy's own. Amounts are whole units of the quote currency, rounded once, half away from zero. Never touches cash.
 */
import { StrategyError } from '../errors.ts';
import { decimalsOf, type Instrument, lotStepOf } from '../model/instrument.ts';
import type { Side } from '../model/order.ts';
import { dayMs } from '../model/timeframe.ts';
import type { Clock } from '../portfolio/conversion.ts';
import { addUnits, numberToUnits, roundedUnits, scaledProduct, unitsToNumber } from '../portfolio/money.ts';

/** Rates from so much traded notional of the 30 days before on. */
export interface FeeTier {
  readonly fromQuote: number;
  readonly maker: number;
  readonly taker: number;
}

/** How fees are charged; the fixed amount of the settings comes on top. */
export type FeeRule =
  | { readonly kind: 'rate' }
  /** Ascending, the first from 0. */
  | { readonly kind: 'tiers'; readonly tiers: readonly FeeTier[] }
  | PerUnitRule
  | { readonly kind: 'strategy' };

/** So much a share, contract or coin. Where minimum and maximum cross, the maximum holds. */
export interface PerUnitRule {
  readonly kind: 'perUnit';
  readonly amountQuote: number;
  readonly minimumQuote: number;
  /** Infinity for none. */
  readonly maximumQuote: number;
  /** As a fraction of the notional; Infinity for none. */
  readonly maximumFraction: number;
  /** What minimum and maximum bound: each fill, or all fills of one order together. */
  readonly boundsOf: 'fill' | 'order';
}

/** A fill as fees are asked of it; orderId is left out where none has been sent, isWhole where it is not known to be the order's last. */
export interface ChargedFill {
  readonly instrumentIndex: number;
  readonly side: Side;
  readonly priceQuote: number;
  readonly sizeBase: number;
  readonly isMaker: boolean;
  readonly orderId?: number;
  readonly isWhole?: boolean;
}

export interface FeeModel {
  /** What the fill is charged; notional: its own, rounded, in the same units. Asking changes nothing. */
  feeUnits(fill: ChargedFill, notional: number | bigint): number | bigint;
  /** The fill was booked with this fee. */
  note(fill: ChargedFill, notional: number | bigint, fee: number | bigint): void;
  /** What a purchase or short sale of this size must keep back for its fee at most: a part in proportion to the notional … */
  reserveFraction(instrumentIndex: number, priceQuote: number): number;
  /** … and a part beside it, in quote. */
  reserveQuote(fill: ChargedFill): number;
}

const windowMs = 30 * dayMs;

/** What was traded in the 30 days up to now, exact; each fill enters once and leaves once. A fill of exactly 30 days ago counts no more. */
export class TradedWindow {
  sum: number | bigint = 0;
  private times: number[] = [];
  private amounts: (number | bigint)[] = [];
  private first = 0;

  /** timeMs never goes back. */
  add(timeMs: number, amount: number | bigint): void {
    this.times.push(timeMs);
    this.amounts.push(amount);
    this.sum = addUnits(this.sum, amount);
  }

  /** Lets go what is too old by now. */
  moveTo(timeMs: number): void {
    const { times } = this;
    while (this.first < times.length && times[this.first] <= timeMs - windowMs) {
      const amount = this.amounts[this.first++];
      this.sum = addUnits(this.sum, -amount);
    }
    if (this.first < 1_024 || this.first * 2 < times.length) return;
    this.times = times.slice(this.first);
    this.amounts = this.amounts.slice(this.first);
    this.first = 0;
  }
}

export interface TieredFeesInput {
  readonly tiers: readonly FeeTier[];
  readonly instruments: readonly Instrument[];
  readonly quoteDecimals: number;
  readonly clock: Clock;
}

/** Each venue counts what was traded on it; the fill that is charged does not count towards its own tier. */
export class TieredFees implements FeeModel {
  private readonly thresholds: readonly (number | bigint)[];
  private readonly makerUnits: readonly number[];
  private readonly takerUnits: readonly number[];
  private readonly shift: number;
  private readonly fractionMax: number;
  private readonly clock: Clock;
  /** By instrument; those of one venue share one. */
  private readonly windows: readonly TradedWindow[];

  constructor({ tiers, instruments, quoteDecimals, clock }: TieredFeesInput) {
    this.clock = clock;
    this.shift = Math.max(...tiers.map((tier) => Math.max(decimalsOf(tier.maker), decimalsOf(tier.taker))));
    this.thresholds = tiers.map((tier) => roundedUnits(tier.fromQuote, quoteDecimals));
    this.makerUnits = tiers.map((tier) => Number(numberToUnits(tier.maker, this.shift)));
    this.takerUnits = tiers.map((tier) => Number(numberToUnits(tier.taker, this.shift)));
    this.fractionMax = Math.max(...tiers.map((tier) => tier.taker));
    const byVenue = new Map(instruments.map(({ venue }) => [venue, new TradedWindow()]));
    this.windows = instruments.map(({ venue }) => byVenue.get(venue) as TradedWindow);
  }

  feeUnits(fill: ChargedFill, notional: number | bigint): number | bigint {
    const traded = this.windows[fill.instrumentIndex];
    traded.moveTo(this.clock.timeMs);
    let tier = this.thresholds.length - 1;
    while (tier > 0 && traded.sum < this.thresholds[tier]) tier--;
    return scaledProduct(notional, fill.isMaker ? this.makerUnits[tier] : this.takerUnits[tier], this.shift);
  }

  note(fill: ChargedFill, notional: number | bigint): void {
    this.windows[fill.instrumentIndex].add(this.clock.timeMs, notional);
  }

  /** Until the order fills the window may have emptied: the dearest tier. */
  reserveFraction(): number {
    return this.fractionMax;
  }

  reserveQuote(): number {
    return 0;
  }
}

interface Charged {
  size: number | bigint;
  notional: number | bigint;
  fee: number | bigint;
}

export class PerUnitFees implements FeeModel {
  private readonly rule: PerUnitRule;
  private readonly instruments: readonly Instrument[];
  private readonly quoteDecimals: number;
  private readonly amountDecimals: number;
  private readonly amountUnits: number | bigint;
  private readonly minimumUnits: number | bigint;
  /** null for none. */
  private readonly maximumUnits: number | bigint | null;
  private readonly fractionDecimals: number;
  private readonly fractionUnits: number | bigint | null;
  private readonly sizeDecimals: readonly number[];
  /** Where an order is bounded as a whole, what those that have filled in part came to so far. */
  private readonly charged = new Map<number, Charged>();

  constructor(rule: PerUnitRule, instruments: readonly Instrument[], quoteDecimals: number) {
    this.rule = rule;
    this.instruments = instruments;
    this.quoteDecimals = quoteDecimals;
    this.amountDecimals = decimalsOf(rule.amountQuote);
    this.amountUnits = numberToUnits(rule.amountQuote, this.amountDecimals);
    this.minimumUnits = roundedUnits(rule.minimumQuote, quoteDecimals);
    this.maximumUnits = rule.maximumQuote === Number.POSITIVE_INFINITY ? null : roundedUnits(rule.maximumQuote, quoteDecimals);
    const hasFraction = rule.maximumFraction !== Number.POSITIVE_INFINITY;
    this.fractionDecimals = hasFraction ? decimalsOf(rule.maximumFraction) : 0;
    this.fractionUnits = hasFraction ? numberToUnits(rule.maximumFraction, this.fractionDecimals) : null;
    this.sizeDecimals = instruments.map((one) => decimalsOf(lotStepOf(one)));
  }

  feeUnits(fill: ChargedFill, notional: number | bigint): number | bigint {
    const size = this.sizeUnits(fill);
    const before = fill.orderId === undefined ? undefined : this.charged.get(fill.orderId);
    if (before === undefined) return this.bounded(fill.instrumentIndex, size, notional);
    const whole = this.bounded(fill.instrumentIndex, addUnits(before.size, size), addUnits(before.notional, notional));
    // Never below 0: size and notional grow, and the fee of both with them.
    return addUnits(whole, -before.fee);
  }

  note(fill: ChargedFill, notional: number | bigint, fee: number | bigint): void {
    if (this.rule.boundsOf === 'fill' || fill.orderId === undefined) return;
    if (fill.isWhole === true) {
      this.charged.delete(fill.orderId);
      return;
    }
    const before = this.charged.get(fill.orderId);
    const size = this.sizeUnits(fill);
    if (before === undefined) this.charged.set(fill.orderId, { size, notional, fee });
    else {
      before.size = addUnits(before.size, size);
      before.notional = addUnits(before.notional, notional);
      before.fee = addUnits(before.fee, fee);
    }
  }

  reserveFraction(instrumentIndex: number, priceQuote: number): number {
    const { amountQuote, maximumFraction } = this.rule;
    return Math.min(amountQuote / (priceQuote * this.instruments[instrumentIndex].multiplier), maximumFraction);
  }

  reserveQuote(): number {
    return Math.min(this.rule.minimumQuote, this.rule.maximumQuote);
  }

  private sizeUnits({ instrumentIndex, sizeBase }: ChargedFill): number | bigint {
    return numberToUnits(sizeBase, this.sizeDecimals[instrumentIndex]);
  }

  private bounded(instrumentIndex: number, size: number | bigint, notional: number | bigint): number | bigint {
    let fee = scaledProduct(size, this.amountUnits, this.sizeDecimals[instrumentIndex] + this.amountDecimals - this.quoteDecimals);
    if (fee < this.minimumUnits) fee = this.minimumUnits;
    if (this.maximumUnits !== null) fee = lesser(fee, this.maximumUnits);
    if (this.fractionUnits === null) return fee;
    return lesser(fee, scaledProduct(notional, this.fractionUnits, this.fractionDecimals));
  }
}

/** Math.min knows no bigint. */
function lesser(a: number | bigint, b: number | bigint): number | bigint {
  if (a > b) return b;
  return a;
}

/** What a strategy's own fee function is given. The object is used again for the next fill: copy what is to be kept. */
export interface FeeFill {
  readonly venue: string;
  readonly symbol: string;
  readonly side: Side;
  readonly priceQuote: number;
  readonly sizeBase: number;
  readonly notionalQuote: number;
  readonly isMaker: boolean;
  readonly timeMs: number;
}

/** A fee in the quote currency, ≥ 0; it is rounded to the currency. */
export type FeeFunction = (fill: FeeFill) => number;

/** Mutable twin of FeeFill. */
type Asked = { -readonly [Key in keyof FeeFill]: FeeFill[Key] };

export class StrategyFees implements FeeModel {
  private readonly instruments: readonly Instrument[];
  private readonly quoteDecimals: number;
  private readonly clock: Clock;
  private readonly asked: Asked;
  private feeOf: FeeFunction | null = null;

  constructor(instruments: readonly Instrument[], quoteDecimals: number, clock: Clock) {
    this.instruments = instruments;
    this.quoteDecimals = quoteDecimals;
    this.clock = clock;
    const none = Number.NaN;
    this.asked = { venue: '', symbol: '', side: 1, priceQuote: none, sizeBase: none, notionalQuote: none, isMaker: false, timeMs: none };
  }

  /** Given once the strategy has been evaluated, before the first fill. */
  declare(feeOf: FeeFunction | undefined): void {
    if (typeof feeOf !== 'function')
      throw new StrategyError(
        'STRATEGY_INVALID',
        'costs.fees is "strategy", but the strategy declares no fee: add fee: (fill) => … to defineStrategy, or state another model',
      );
    this.feeOf = feeOf;
  }

  feeUnits(fill: ChargedFill, notional: number | bigint): number | bigint {
    return roundedUnits(this.feeQuote(fill, unitsToNumber(notional, this.quoteDecimals)), this.quoteDecimals);
  }

  note(): void {}

  reserveFraction(): number {
    return 0;
  }

  /** Asked for the whole size: a smaller one is taken to cost no more. */
  reserveQuote(fill: ChargedFill): number {
    const { multiplier } = this.instruments[fill.instrumentIndex];
    return fill.sizeBase > 0 ? this.feeQuote(fill, fill.priceQuote * fill.sizeBase * multiplier) : 0;
  }

  /** The function's own answer, unrounded. */
  feeQuote({ instrumentIndex, side, priceQuote, sizeBase, isMaker }: ChargedFill, notionalQuote: number): number {
    const { asked, feeOf } = this;
    if (feeOf === null) return 0;
    const { venue, symbol } = this.instruments[instrumentIndex];
    asked.venue = venue;
    asked.symbol = symbol;
    asked.side = side;
    asked.priceQuote = priceQuote;
    asked.sizeBase = sizeBase;
    asked.notionalQuote = notionalQuote;
    asked.isMaker = isMaker;
    asked.timeMs = this.clock.timeMs;
    const fee = feeOf(asked);
    if (typeof fee === 'number' && fee >= 0 && fee < Number.POSITIVE_INFINITY) return fee;
    throw new StrategyError(
      'STRATEGY_INVALID',
      `the strategy's fee of ${sizeBase} ${symbol} at ${priceQuote} was ${String(fee)}, expected a finite number of at least 0`,
    );
  }
}

export interface FeeModelInput {
  readonly rule: FeeRule;
  readonly instruments: readonly Instrument[];
  readonly quoteDecimals: number;
  readonly clock: Clock;
}

/** null where the ledger's plain rates are all there is. */
export function feeModelOf({ rule, instruments, quoteDecimals, clock }: FeeModelInput): FeeModel | null {
  switch (rule.kind) {
    case 'rate':
      return null;
    case 'tiers':
      return new TieredFees({ tiers: rule.tiers, instruments, quoteDecimals, clock });
    case 'perUnit':
      return new PerUnitFees(rule, instruments, quoteDecimals);
    default:
      return new StrategyFees(instruments, quoteDecimals, clock);
  }
}
