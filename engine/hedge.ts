/**
 * Owns how a strategy reaches the two legs of an instrument on a hedge account. Behind it each leg is an instrument of its own to broker, risk and
 * portfolio: long legs first, in the order of the instruments, then the short ones. Never lets an order go without saying its leg.
 */
import { StrategyError } from './errors.ts';
import type { Instrument, Leg } from './model/instrument.ts';
import type { AmendWish, OrderEntry, OrderWish, PositionView } from './strategy.ts';

/** The instruments of a hedge account. */
export function legsOf(instruments: readonly Instrument[]): Instrument[] {
  const legs = (leg: Leg) => instruments.map((one): Instrument => Object.freeze({ ...one, leg }));
  return [...legs('long'), ...legs('short')];
}

/** Orders for both legs of one instrument. */
export class HedgeEntry implements OrderEntry {
  readonly #long: OrderEntry;
  readonly #short: OrderEntry;
  constructor(long: OrderEntry, short: OrderEntry) {
    this.#long = long;
    this.#short = short;
  }

  market({ leg, ...wish }: OrderWish): number {
    return this.#of(leg).market(wish);
  }

  limit({ leg, ...wish }: Parameters<OrderEntry['limit']>[0]): number {
    return this.#of(leg).limit(wish);
  }

  stop({ leg, ...wish }: Parameters<OrderEntry['stop']>[0]): number {
    return this.#of(leg).stop(wish);
  }

  stopLimit({ leg, ...wish }: Parameters<OrderEntry['stopLimit']>[0]): number {
    return this.#of(leg).stopLimit(wish);
  }

  marketIfTouched({ leg, ...wish }: Parameters<OrderEntry['marketIfTouched']>[0]): number {
    return this.#of(leg).marketIfTouched(wish);
  }

  limitIfTouched({ leg, ...wish }: Parameters<OrderEntry['limitIfTouched']>[0]): number {
    return this.#of(leg).limitIfTouched(wish);
  }

  trailingStop({ leg, ...wish }: Parameters<OrderEntry['trailingStop']>[0]): number {
    return this.#of(leg).trailingStop(wish);
  }

  onOpen({ leg, ...wish }: OrderWish): number {
    return this.#of(leg).onOpen(wish);
  }

  onClose({ leg, ...wish }: OrderWish): number {
    return this.#of(leg).onClose(wish);
  }

  protect({ leg, ...wish }: Parameters<OrderEntry['protect']>[0]): void {
    this.#of(leg).protect(wish);
  }

  close({ leg, ...wish }: NonNullable<Parameters<OrderEntry['close']>[0]> = {}): number {
    return this.#of(leg).close(wish);
  }

  target({ leg, ...wish }: Parameters<OrderEntry['target']>[0]): number {
    return this.#of(leg).target(wish);
  }

  /** An id tells its leg. */
  amend(orderId: number, wish: AmendWish): void {
    this.#long.amend(orderId, wish);
  }

  oneCancelsOther(orderIds: readonly number[]): void {
    this.#long.oneCancelsOther(orderIds);
  }

  cancel(orderId: number): void {
    this.#long.cancel(orderId);
  }

  cancelAll(): void {
    this.#long.cancelAll();
    this.#short.cancelAll();
  }

  #of(leg: Leg | undefined): OrderEntry {
    return legOf(leg, this.#long, this.#short);
  }
}

/** The position in one instrument as the sum of its legs. */
export class HedgePosition implements PositionView {
  readonly #long: PositionView;
  readonly #short: PositionView;
  constructor(long: PositionView, short: PositionView) {
    this.#long = long;
    this.#short = short;
  }
  get sizeBase(): number {
    return this.#long.sizeBase + this.#short.sizeBase;
  }
  /** Neither leg is held. */
  get isFlat(): boolean {
    return this.#long.isFlat && this.#short.isFlat;
  }
  get isLong(): boolean {
    return this.sizeBase > 0;
  }
  get isShort(): boolean {
    return this.sizeBase < 0;
  }
  /** Two legs have no price in common. */
  get averagePriceQuote(): number {
    return Number.NaN;
  }
  get pendingOrderCount(): number {
    return this.#long.pendingOrderCount + this.#short.pendingOrderCount;
  }
  leg(leg: Leg): PositionView {
    return legOf(leg, this.#long, this.#short);
  }
}

function legOf<T>(leg: Leg | undefined, long: T, short: T): T {
  if (leg === 'long') return long;
  if (leg === 'short') return short;
  throw new StrategyError('STRATEGY_INVALID', `order leg: was ${String(leg)}, expected "long" or "short" on a hedge account`);
}
