/**
 * Owns how a strategy reaches the two legs of an instrument on a hedge account. Behind it each leg is an instrument of its own to broker, risk and
 * portfolio: long legs first, in the order of the instruments, then the short ones. Never lets an order go without saying its leg.
 */
import { StrategyError } from './errors.ts';
import type { Instrument, Leg } from './model/instrument.ts';
import type { AmendWish, OrderEntry, OrderWish, PositionView } from './strategy.ts';
import { told } from './told.ts';

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
    return this.#of('market', leg).market(wish);
  }

  limit({ leg, ...wish }: Parameters<OrderEntry['limit']>[0]): number {
    return this.#of('limit', leg).limit(wish);
  }

  stop({ leg, ...wish }: Parameters<OrderEntry['stop']>[0]): number {
    return this.#of('stop', leg).stop(wish);
  }

  stopLimit({ leg, ...wish }: Parameters<OrderEntry['stopLimit']>[0]): number {
    return this.#of('stopLimit', leg).stopLimit(wish);
  }

  marketIfTouched({ leg, ...wish }: Parameters<OrderEntry['marketIfTouched']>[0]): number {
    return this.#of('marketIfTouched', leg).marketIfTouched(wish);
  }

  limitIfTouched({ leg, ...wish }: Parameters<OrderEntry['limitIfTouched']>[0]): number {
    return this.#of('limitIfTouched', leg).limitIfTouched(wish);
  }

  trailingStop({ leg, ...wish }: Parameters<OrderEntry['trailingStop']>[0]): number {
    return this.#of('trailingStop', leg).trailingStop(wish);
  }

  onOpen({ leg, ...wish }: OrderWish): number {
    return this.#of('onOpen', leg).onOpen(wish);
  }

  onClose({ leg, ...wish }: OrderWish): number {
    return this.#of('onClose', leg).onClose(wish);
  }

  protect({ leg, ...wish }: Parameters<OrderEntry['protect']>[0]): void {
    this.#of('protect', leg).protect(wish);
  }

  close({ leg, ...wish }: NonNullable<Parameters<OrderEntry['close']>[0]> = {}): number {
    return this.#of('close', leg).close(wish);
  }

  target({ leg, ...wish }: Parameters<OrderEntry['target']>[0]): number {
    return this.#of('target', leg).target(wish);
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

  #of(name: string, leg: Leg | undefined): OrderEntry {
    return legOf(leg, this.#long, this.#short, `order.${name}`);
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
    return legOf(leg, this.#long, this.#short, 'position.leg');
  }
}

function legOf<T>(leg: Leg | undefined, long: T, short: T, call: string): T {
  if (leg === 'long') return long;
  if (leg === 'short') return short;
  const example = call === 'position.leg' ? "position.leg('long')" : `${call}({ leg: 'long'${call === 'order.close' ? '' : ', …'} })`;
  throw new StrategyError(
    'STRATEGY_INVALID',
    `${call}: the leg was ${told(leg)}, expected "long" or "short": on a hedge account each order says its leg, as in ${example}`,
  );
}
