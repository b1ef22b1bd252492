/** Owns what a strategy's author sees: declaration, series, indicators, orders. Never shows anything later than now. */
import type { FeeFunction } from './costs/fees.ts';
import type { Fill } from './model/fill.ts';
import type { Instrument, Leg } from './model/instrument.ts';
import type { Order, Side } from './model/order.ts';
import type { TargetStep, TimeInForce } from './model/order-terms.ts';
import type { Timeframe } from './model/timeframe.ts';
import type { Offset } from './model/trail.ts';
import type { ParameterSchema, ValuesOf } from './parameters.ts';
import type { PortfolioView } from './portfolio-view.ts';
import type { RiskState } from './risk-event.ts';

/** A value for each bar of one series, readable up to now. at(0) is the bar that closed last, at(1) the one before; before the first bar NaN. */
export interface Column {
  /** ago: whole bars back, ≥ 0; a negative one throws: nothing can read past now. */
  at(ago: number): number;
}

/** One series as a strategy sees it. */
export interface Bars {
  readonly symbol: string;
  readonly timeframe: Timeframe;
  readonly open: Column;
  readonly high: Column;
  readonly low: Column;
  readonly close: Column;
  readonly volume: Column;
  readonly openTimeMs: Column;
  readonly closeTimeMs: Column;
  /** Orders and position of this series' instrument. */
  readonly order: OrderEntry;
  readonly position: PositionView;
  readonly instrument: Instrument;
}

/** A size: at most one of these. Without one the scenario's risk.sizing says it; where it says nothing, a stopLoss risks risk.riskPerTrade of equity. */
export interface SizeWish {
  readonly sizeBase?: number;
  readonly sizeQuote?: number;
  /** Fraction of equity as notional, clipped to what cash buys. */
  readonly equityFraction?: number;
  /** Fraction of equity lost if stopLoss is hit, clipped to what cash buys. */
  readonly riskFraction?: number;
}

/**
 * How far a trailing stop stays behind the best price: in quote, as a fraction of that price, or so many times a column such as an ATR. The
 * column is read at each bar, as it stood at the bar that closed last: the distance moves with it, but the level never loosens.
 */
export type TrailWish = (
  | { readonly distance: number }
  | { readonly fraction: number }
  | { readonly multiple: number; readonly of: Column }
) & {
  /** It counts once the price has been here: a price, or so far from where it starts on the winning side; default: from the start. */
  readonly activation?: number | Offset;
};

/**
 * What limits a loss and takes a profit: prices, or so far from the price of the entry. Live as soon as that fills; one cancels the others.
 * A price on the wrong side of the order's own (of the last known price, where it has none) has the order refused.
 */
export interface ProtectionWish {
  readonly stopLoss?: number | Offset;
  /** Steps: from afterMs behind the entry's fill on the target lies this fraction away. */
  readonly takeProfit?: number | Offset | readonly TargetStep[];
  /** A stop that follows the price; of several stages the last one activated counts. */
  readonly trail?: TrailWish | readonly TrailWish[];
}

export interface OrderWish extends SizeWish, ProtectionWish {
  readonly side: Side;
  /** GTC rests until cancelled (default), GTD until goodTillMs, DAY until the UTC day ends; IOC and FOK take part in one open, FOK whole or not at all. */
  readonly timeInForce?: TimeInForce;
  /** When a GTD order expires, later than now; stated alone it makes it one. */
  readonly goodTillMs?: number;
  /** Fills only against the position, and no more than it. */
  readonly reduceOnly?: boolean;
  /** Id of an order: this one is sent once that has filled completely, and cancelled if it ends otherwise. */
  readonly after?: number;
  /** On a hedge account, and only there: the leg that this order opens, adds to or closes. */
  readonly leg?: Leg;
  readonly tag?: string;
}

/** What an amend changes of an order at rest; what is left out stays. */
export interface AmendWish {
  readonly limitPrice?: number;
  readonly stopPrice?: number;
  readonly touchPrice?: number;
  readonly sizeBase?: number;
}

/** Sends orders for one instrument. Each returns the order's id; what becomes of it is told by onOrder and onFill. */
export interface OrderEntry {
  /** Fills at the next open. */
  market(wish: OrderWish): number;
  /** Fills at limitPrice or better; postOnly: rejected where the first open would fill it at once. */
  limit(wish: OrderWish & { readonly limitPrice: number; readonly postOnly?: boolean }): number;
  /** Becomes a market order when stopPrice is reached. */
  stop(wish: OrderWish & { readonly stopPrice: number }): number;
  /** Becomes a limit order at limitPrice when stopPrice is reached. */
  stopLimit(wish: OrderWish & { readonly stopPrice: number; readonly limitPrice: number }): number;
  /** Becomes a market order when the price comes to touchPrice: down to it for a buy, up to it for a sale. */
  marketIfTouched(wish: OrderWish & { readonly touchPrice: number }): number;
  /** Becomes a limit order at limitPrice when the price comes to touchPrice. */
  limitIfTouched(wish: OrderWish & { readonly touchPrice: number; readonly limitPrice: number }): number;
  /** A stop that follows the best price since it was sent; trail is its own distance, it attaches no other. */
  trailingStop(wish: OrderWish & { readonly trail: TrailWish | readonly TrailWish[] }): number;
  /** Fills at the first open of the next UTC day that has one. */
  onOpen(wish: OrderWish): number;
  /** Fills at the close of the last bar of a UTC day. */
  onClose(wish: OrderWish): number;
  /** Closes the whole position at the next open; −1 where there is none. */
  close(wish?: { readonly tag?: string; readonly leg?: Leg }): number;
  /** Trades the difference to a position worth this signed fraction of equity at the next open; −1 where there is nothing to trade. */
  target(wish: { readonly equityFraction: number; readonly tag?: string; readonly leg?: Leg }): number;
  /** Protects the whole position, whatever its size becomes, until it is flat or turns; takes the place of what protected it so before. */
  protect(wish: ProtectionWish & { readonly tag?: string; readonly leg?: Leg }): void;
  /** Changes an order at rest: it keeps its place where only its size is lowered, and otherwise goes behind all others. */
  amend(orderId: number, wish: AmendWish): void;
  /** The first of these orders to fill, also in part, cancels the others. */
  oneCancelsOther(orderIds: readonly number[]): void;
  /** An order that has ended stays as it is; so does everything where close or target returned −1, for there was nothing to send. */
  cancel(orderId: number): void;
  /** Cancels every order of this instrument, also stops and targets that protect a position; cancel(orderId) spares the others. */
  cancelAll(): void;
}

/** The position in one instrument, as of now. sizeBase is signed. */
export interface PositionView {
  readonly sizeBase: number;
  readonly isFlat: boolean;
  readonly isLong: boolean;
  readonly isShort: boolean;
  /** What a unit cost on average: each addition moves it, a reduction does not. NaN when flat. */
  readonly averagePriceQuote: number;
  /** Market orders sent and not yet filled. */
  readonly pendingOrderCount: number;
  /** One leg on a hedge account; a strategy that asks for it on another is told so. */
  leg(leg: Leg): PositionView;
}

/** Figures are in the account's currency. */
export interface AccountView {
  /** All cash, other currencies at the last known rates. */
  readonly cashQuote: number;
  /** Cash and positions at the last known prices. */
  readonly equityQuote: number;
  /** What further positions can be opened with: equity less the initial margin in use on margin and futures accounts, cash on others. */
  readonly freeQuote: number;
  readonly isHalted: boolean;
  /** ACTIVE; REDUCING: only reductions are let through; HALTED: everything is closed and refused. */
  readonly state: RiskState;
  /** Positions, exposure, drawdown and risk of the book. */
  readonly portfolio: PortfolioView;
  /** Cash in one currency of the account; 0 where it holds none. */
  cashOf(currency: string): number;
}

/** What every handler is given: one object, alive for the whole run. order and position are those of the first series. */
export interface StrategyContext {
  readonly order: OrderEntry;
  readonly position: PositionView;
  readonly account: AccountView;
  readonly timeMs: number;
}

export interface StrategyHandlers {
  /** Called when the first series closes, and when another does of which setup read a column, alone or in an indicator. */
  onBar?(context: StrategyContext): void;
  onFill?(fill: Fill, context: StrategyContext): void;
  /** order is a frozen copy of how it stood when this happened. */
  onOrder?(order: Readonly<Order>, context: StrategyContext): void;
}

/** A custom indicator over whole columns: fills target[i] from source[0..i] only. The arrays are gone once it returns. */
export type BatchKernel = (source: Float64Array, target: Float64Array) => void;
/** A custom indicator bar by bar: created once, called with each value in turn. */
export type StreamKernel = () => (value: number) => number;

/** Declares indicator columns; every one is computed from the series' first bar in the catalogue. Formulas, seeds and warm-ups: engine/indicators. */
export interface Indicators {
  sma(source: Column, period: number): Column;
  ema(source: Column, period: number): Column;
  rma(source: Column, period: number): Column;
  wma(source: Column, period: number): Column;
  rsi(source: Column, period: number): Column;
  /** The first bar has no close before it and counts for nothing: the first value stands at bar period, from 0 on. */
  atr(bars: Bars, period: number): Column;
  macd(source: Column, periods: { fast: number; slow: number; signal: number }): { macd: Column; signal: Column; histogram: Column };
  bollinger(source: Column, options: { period: number; deviations: number }): { upper: Column; middle: Column; lower: Column };
  donchian(bars: Bars, period: number): { upper: Column; middle: Column; lower: Column };
  stochastic(bars: Bars, periods: { k: number; slow: number; d: number }): { k: Column; d: Column };
  adx(bars: Bars, period: number): { adx: Column; plus: Column; minus: Column };
  /** Spans are displaced: spanA.at(0) is what the chart draws under the current bar. Chikou is not shifted into the past: chikou.at(0) is the close now, to be compared with prices displacement bars ago. */
  ichimoku(
    bars: Bars,
    periods: { tenkan: number; kijun: number; spanB: number; displacement: number },
  ): { tenkan: Column; kijun: Column; spanA: Column; spanB: Column; chikou: Column };
  /** A custom indicator over whole columns. name: unique within the strategy. */
  batch(name: string, source: Column, kernel: BatchKernel): Column;
  /** A custom indicator bar by bar. name: unique within the strategy. */
  stream(name: string, source: Column, kernel: StreamKernel): Column;
}

/** When onBar is wanted. With none declared it is called at every bar; fills and order events always come. */
export interface Wake {
  /** At bars where a crosses b, either way. */
  onCross(a: Column, b: Column): void;
  /** At every bar of this series. */
  onBarOf(bars: Bars): void;
  /** At the first bar that closes at or after each multiple of everyMs (+ offsetMs) since 1970 UTC. */
  onSchedule(schedule: { everyMs: number; offsetMs?: number }): void;
}

export interface SetupContext<Schema extends ParameterSchema> {
  readonly parameters: ValuesOf<Schema>;
  /** The first series of the scenario. */
  readonly bars: Bars;
  /** All series in the scenario's order. */
  readonly series: readonly Bars[];
  readonly indicators: Indicators;
  readonly wake: Wake;
  /** Seeded by the scenario: the same numbers in every run. */
  readonly random: () => number;
}

export interface StrategyDefinition<Schema extends ParameterSchema = ParameterSchema> {
  readonly name: string;
  readonly parameters: Schema;
  /** What a fill costs in quote, where the scenario says costs.fees: { model: strategy }. */
  readonly fee?: FeeFunction;
  setup(context: SetupContext<Schema>): StrategyHandlers;
}

/** Declares a strategy; a strategy file exports what it returns as its default. */
export function defineStrategy<const Schema extends ParameterSchema>(definition: StrategyDefinition<Schema>): StrategyDefinition<Schema> {
  return definition;
}

/** True at the bar where a rises from at or below b to above it; false if any of the four values is NaN. */
export function crossedAbove(a: Column, b: Column): boolean {
  return a.at(0) > b.at(0) && a.at(1) <= b.at(1);
}

/** True at the bar where a falls from at or above b to below it; false if any of the four values is NaN. */
export function crossedBelow(a: Column, b: Column): boolean {
  return a.at(0) < b.at(0) && a.at(1) >= b.at(1);
}

/**
 * Which way a crosses b at this bar: 1 up, −1 down, 0 not at all. The last difference before that was not zero decides, however long ago, so
 * that values which meet and part the way they came do not cross, and those which meet and part the other way cross where they part.
 * A value that is NaN ends the search. Source: backtrader's CrossOver.
 */
export function crossing(a: Column, b: Column): 1 | -1 | 0 {
  const now = a.at(0) - b.at(0);
  if (!(now !== 0)) return 0;
  let ago = 1;
  while (a.at(ago) - b.at(ago) === 0) ago++;
  const before = a.at(ago) - b.at(ago);
  if (now > 0) return before < 0 ? 1 : 0;
  return now < 0 && before > 0 ? -1 : 0;
}
