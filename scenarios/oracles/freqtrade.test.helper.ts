/** Owns how freqtrade's candle tables are played: its settings as attached orders, its signals, prices, timeouts and replacements as a strategy. Never used outside tests. */
import type { Order, OrderRole, Side } from '../../engine/model/order.ts';
import type { RunResult } from '../../engine/result.ts';
import { freqtradeSemantics } from '../../engine/settings.ts';
import type { OrderWish, ProtectionWish, StrategyContext, StrategyDefinition, TrailWish } from '../../engine/strategy.ts';
import { tapeOf } from '../../engine/testing/tapes.ts';
import { runOf, strategyOf } from './oracle-run.test.helper.ts';

const minuteMs = 60_000;
const barMinutes = 60;

export interface Candle {
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
  readonly enter_long: number;
  readonly exit_long: number;
  readonly enter_short: number;
  readonly exit_short: number;
  readonly enter_tag?: string | null;
}

/** A case of tests/optimize/test_backtest_detail.py, fields as they spell them. */
export interface DetailCase {
  readonly name: string;
  readonly data: readonly Candle[];
  readonly stop_loss: number;
  /** Profits by minutes held. */
  readonly roi: Readonly<Record<string, number>>;
  readonly trailing_stop: boolean;
  readonly trailing_only_offset_is_reached: boolean;
  readonly trailing_stop_positive: number | null;
  readonly trailing_stop_positive_offset: number;
  readonly use_exit_signal: boolean;
  readonly use_custom_stoploss: boolean;
  readonly custom_entry_price: number | null;
  readonly custom_exit_price: number | null;
  readonly leverage: number;
  /** Minutes. */
  readonly timeout: number | null;
  readonly adjust_entry_price: number | null;
  readonly profit_perc: number;
  readonly trades: readonly {
    readonly exit_reason: string;
    readonly open_tick: number;
    readonly close_tick: number;
    readonly enter_tag: string | null;
    readonly is_short: boolean;
  }[];
}

/** A trade as their table tells it. */
export interface DetailTrade {
  readonly exit_reason: string;
  readonly open_tick: number;
  readonly close_tick: number;
  readonly enter_tag: string | null;
  readonly is_short: boolean;
}

const exitReasons: Partial<Record<OrderRole, string>> = {
  own: 'EXIT_SIGNAL',
  stopLoss: 'STOP_LOSS',
  trail: 'TRAILING_STOP_LOSS',
  takeProfit: 'ROI',
  endOfRun: 'FORCE_EXIT',
};

/** Its stop, its table of profits and its trailing stop, as what an entry attaches. Their fractions are of the stake: of the price they are so much less. */
export function protectionOf(table: DetailCase): ProtectionWish {
  const { stop_loss, leverage, roi } = table;
  const ofPrice = (fraction: number): number => Math.abs(fraction) / leverage;
  const steps = Object.entries(roi)
    .map(([minutes, profit]) => ({ afterMs: Number(minutes) * minuteMs, fraction: profit === -1 ? -1 : profit / leverage }))
    .sort((a, b) => a.afterMs - b.afterMs);
  const trail: TrailWish[] = [];
  const { trailing_stop, trailing_only_offset_is_reached, trailing_stop_positive, trailing_stop_positive_offset } = table;
  // Their default custom stop is the stop itself, told from the best price.
  if (table.use_custom_stoploss || (trailing_stop && !trailing_only_offset_is_reached)) trail.push({ fraction: ofPrice(stop_loss) });
  if (trailing_stop && trailing_stop_positive !== null)
    trail.push({ fraction: ofPrice(trailing_stop_positive), activation: { fraction: ofPrice(trailing_stop_positive_offset) } });
  return {
    stopLoss: { fraction: ofPrice(stop_loss) },
    ...(steps.length > 0 ? { takeProfit: steps } : {}),
    ...(trail.length > 0 ? { trail } : {}),
  };
}

/** An entry that waits for its price. */
interface Waiting {
  readonly id: number;
  row: number;
  price: number;
}

class Trader {
  private readonly table: DetailCase;
  private row = -1;
  private entry: Waiting | null = null;
  private isLeaving = false;
  private readonly protections: number[] = [];

  constructor(table: DetailCase) {
    this.table = table;
  }

  onBar({ order, position }: StrategyContext): void {
    const { table } = this;
    const candle = table.data[++this.row];
    if (!position.isFlat) {
      if (!this.isLeaving && table.use_exit_signal && this.leaves(candle, position.isLong)) this.leave(order, position.isLong);
      return;
    }
    if (this.entry !== null) this.wait(this.entry, order);
    if (this.entry === null) {
      this.isLeaving = false;
      this.protections.length = 0;
      this.enter(candle, order);
    }
  }

  onOrder({ id, role, status }: Readonly<Order>): void {
    if (role === 'own' && status === 'filled' && id === this.entry?.id) this.entry = null;
    if (role !== 'own' && status === 'open') this.protections.push(id);
  }

  /** Two signals at once are none. */
  private enter(candle: Candle, order: StrategyContext['order']): void {
    const { table } = this;
    const isLong = candle.enter_long === 1 && candle.exit_long !== 1 && candle.enter_short !== 1;
    const isShort = candle.enter_short === 1 && candle.exit_short !== 1 && candle.enter_long !== 1;
    if (!isLong && !isShort) return;
    const side: Side = isLong ? 1 : -1;
    const wish: OrderWish = { side, sizeQuote: 1_000, tag: candle.enter_tag ?? '', ...protectionOf(table) };
    const price = table.custom_entry_price;
    if (price === null) order.market(wish);
    else this.entry = { id: order.limit({ ...wish, limitPrice: price }), row: this.row + 1, price };
  }

  /** At the next candle it is older than its timeout, or its price is set anew. */
  private wait(entry: Waiting, order: StrategyContext['order']): void {
    const { timeout, adjust_entry_price } = this.table;
    const row = this.row + 1;
    if (timeout !== null && (row - entry.row) * barMinutes > timeout) {
      order.cancel(entry.id);
      this.entry = null;
    } else if (adjust_entry_price !== null && adjust_entry_price !== entry.price) {
      order.amend(entry.id, { limitPrice: adjust_entry_price });
      entry.price = adjust_entry_price;
      entry.row = row;
    }
  }

  private leaves(candle: Candle, isLong: boolean): boolean {
    return isLong ? candle.exit_long === 1 && candle.enter_long !== 1 : candle.exit_short === 1 && candle.enter_short !== 1;
  }

  /** While an exit waits for its price, nothing else is asked. */
  private leave(order: StrategyContext['order'], isLong: boolean): void {
    const price = this.table.custom_exit_price;
    this.isLeaving = true;
    if (price === null) {
      order.close();
      return;
    }
    for (const id of this.protections) order.cancel(id);
    order.limit({ side: isLong ? -1 : 1, sizeBase: Number.MAX_SAFE_INTEGER, limitPrice: price, reduceOnly: true });
  }
}

function traderOf(table: DetailCase): StrategyDefinition {
  return strategyOf(() => {
    const trader = new Trader(table);
    return { onBar: (context) => trader.onBar(context), onOrder: (order) => trader.onOrder(order) };
  });
}

export function playTable(table: DetailCase, fee = 0): RunResult {
  return runOf({
    tapes: [
      tapeOf(
        table.data.map(({ open, high, low, close, volume }) => [open, high, low, close, volume]),
        { timeframe: '1h' },
      ),
    ],
    settings: {
      account: { kind: 'frictionless', leverage: 10 },
      costs: { feeRateTaker: fee, feeRateMaker: fee },
      semantics: freqtradeSemantics,
    },
    strategy: traderOf(table),
  });
}

/** The trades of a run in their words. A trade opens on the candle behind the signal, whenever its order fills. */
export function tradesOf({ trades, orders }: RunResult): DetailTrade[] {
  return trades.map(({ side, entryOrderId, exitOrderId, exitBar }) => {
    const entry = orders[entryOrderId];
    return {
      exit_reason: exitReasons[orders[exitOrderId].role] ?? '',
      open_tick: entry.submittedMs / (barMinutes * minuteMs),
      close_tick: exitBar,
      enter_tag: entry.tag === '' ? null : entry.tag,
      is_short: side < 0,
    };
  });
}

/** Sum of profits as fractions of the stakes. */
export function profitOf({ trades }: RunResult, leverage: number): number {
  return trades.reduce(
    (sum, { side, entryPriceQuote, exitPriceQuote }) => sum + side * (exitPriceQuote / entryPriceQuote - 1) * leverage,
    0,
  );
}
