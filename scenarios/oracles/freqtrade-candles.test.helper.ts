/**
 * Owns a second, slow way to the trades of a candle table, by the sentences of freqtrade's documentation and of oracles.md §4.2, candle by candle
 * with one stop price a trade. Knows nothing of orders, brokers or the engine.
 */
import type { Candle, DetailCase, DetailTrade } from './freqtrade.test.helper.ts';

export interface CandleTrade extends DetailTrade {
  readonly entry: number;
  readonly exit: number;
}

interface Open {
  readonly side: 1 | -1;
  readonly openRow: number;
  readonly fillRow: number;
  readonly entry: number;
  readonly tag: string | null;
  readonly firstStop: number;
  stop: number;
  /** Distance of the stop when it was set last. */
  distance: number;
  isLeaving: boolean;
}

interface Entry {
  readonly side: 1 | -1;
  readonly openRow: number;
  readonly tag: string | null;
  row: number;
  price: number;
}

const minutes = 60;
const eighth = (value: number): number => Math.round(value * 1e8) / 1e8;
/** The price of a candle that is best (worst) for a trade of this side. */
const bestOf = (side: number, { high, low }: Candle): number => (side > 0 ? high : low);
const worstOf = (side: number, { high, low }: Candle): number => (side > 0 ? low : high);
const within = (price: number, { high, low }: Candle): number => Math.min(Math.max(price, low), high);

export function candleTrades(table: DetailCase, fee: number): CandleTrade[] {
  const trades: CandleTrade[] = [];
  const last = table.data.length - 1;
  let open: Open | null = null;
  let entry: Entry | null = null;
  for (let row = 1; row <= last; row++) {
    const candle = table.data[row];
    const signal = table.data[row - 1];
    if (entry !== null) entry = waited(entry, table, row);
    if (open === null && entry === null && row < last) entry = entered(signal, table, row);
    if (open === null && entry !== null) {
      const price: number = entry.side > 0 ? Math.min(entry.price, candle.high) : Math.max(entry.price, candle.low);
      if (price >= candle.low && price <= candle.high) {
        open = opened(entry, price, row, table);
        entry = null;
      }
    }
    if (open === null) continue;
    const exit = left(open, signal, candle, table, row, fee);
    if (exit === null) continue;
    trades.push(tradeOf(open, exit.reason, row, exit.price));
    open = null;
  }
  if (open !== null) trades.push(tradeOf(open, 'FORCE_EXIT', last, table.data[last].open));
  return trades;
}

function tradeOf({ side, openRow, entry, tag }: Open, exit_reason: string, close_tick: number, exit: number): CandleTrade {
  return { exit_reason, open_tick: openRow, close_tick, enter_tag: tag, is_short: side < 0, entry, exit };
}

function entered(signal: Candle, table: DetailCase, row: number): Entry | null {
  const isLong = signal.enter_long === 1 && signal.enter_short !== 1 && signal.exit_long !== 1;
  const isShort = signal.enter_short === 1 && signal.enter_long !== 1 && signal.exit_short !== 1;
  if (!isLong && !isShort) return null;
  const candle = table.data[row];
  return { side: isLong ? 1 : -1, openRow: row, row, tag: signal.enter_tag ?? null, price: table.custom_entry_price ?? candle.open };
}

function waited(entry: Entry, { timeout, adjust_entry_price }: DetailCase, row: number): Entry | null {
  if (timeout !== null && (row - entry.row) * minutes > timeout) return null;
  if (adjust_entry_price === null || adjust_entry_price === entry.price) return entry;
  return { ...entry, row, price: adjust_entry_price };
}

function opened(entry: Entry, price: number, row: number, { stop_loss, leverage }: DetailCase): Open {
  const distance = Math.abs(stop_loss) / leverage;
  const firstStop = price * (1 - entry.side * distance);
  return {
    side: entry.side,
    openRow: entry.openRow,
    fillRow: row,
    entry: price,
    tag: entry.tag,
    firstStop,
    stop: firstStop,
    distance,
    isLeaving: false,
  };
}

interface Exit {
  readonly reason: string;
  readonly price: number;
}

function left(trade: Open, signal: Candle, candle: Candle, table: DetailCase, row: number, fee: number): Exit | null {
  const { side } = trade;
  const wantsOut = side > 0 ? signal.exit_long === 1 && signal.enter_long !== 1 : signal.exit_short === 1 && signal.enter_short !== 1;
  if (!trade.isLeaving) {
    if (table.use_exit_signal && wantsOut && row > trade.fillRow) {
      if (table.custom_exit_price === null) return { reason: 'EXIT_SIGNAL', price: candle.open };
      trade.isLeaving = true;
    } else return protectedExit(trade, candle, table, row, fee);
  }
  const asked = table.custom_exit_price as number;
  const price = side > 0 ? Math.max(asked, candle.low) : Math.min(asked, candle.high);
  return price >= candle.low && price <= candle.high ? { reason: 'EXIT_SIGNAL', price } : null;
}

/** What the trade earns of its stake, by price, at this price. */
function profitAt({ side, entry }: Open, price: number, fee: number): number {
  return eighth(side > 0 ? (price * (1 - fee)) / (entry * (1 + fee)) - 1 : 1 - (price * (1 + fee)) / (entry * (1 - fee)));
}

function protectedExit(trade: Open, candle: Candle, table: DetailCase, row: number, fee: number): Exit | null {
  const { side } = trade;
  raise(trade, candle, table, fee);
  const isHit = side * (trade.stop - worstOf(side, candle)) >= 0;
  const isMoved = trade.stop !== trade.firstStop;
  if (isHit && !isMoved) return { reason: 'STOP_LOSS', price: stopPrice(trade, candle, table, row) };
  const profit = roiExit(trade, candle, table, row, fee);
  if (profit !== null) return { reason: 'ROI', price: profit };
  return isHit ? { reason: 'TRAILING_STOP_LOSS', price: stopPrice(trade, candle, table, row) } : null;
}

/** From the candle's best price, where the stop of before lies outside the candle. */
function raise(trade: Open, candle: Candle, table: DetailCase, fee: number): void {
  const { side } = trade;
  if (side * (worstOf(side, candle) - trade.stop) <= 0) return;
  const best = bestOf(side, candle);
  const profit = profitAt(trade, best, fee) * table.leverage;
  const { trailing_stop_positive: positive, trailing_stop_positive_offset: offset } = table;
  const set = (fraction: number): void => {
    const stop = best * (1 - (side * Math.abs(fraction)) / table.leverage);
    if (side * (stop - trade.stop) <= 0) return;
    trade.stop = stop;
    trade.distance = Math.abs(fraction) / table.leverage;
  };
  if (table.use_custom_stoploss) set(table.stop_loss);
  if (!table.trailing_stop || (table.trailing_only_offset_is_reached && profit <= offset)) return;
  set(positive !== null && profit > offset ? positive : table.stop_loss);
}

function stopPrice(trade: Open, candle: Candle, table: DetailCase, row: number): number {
  const { side, stop } = trade;
  if (side * (stop - bestOf(side, candle)) > 0) return candle.open;
  if (row > trade.fillRow || trade.stop === trade.firstStop) return stop;
  const { trailing_stop_positive: positive, trailing_stop_positive_offset: offset, leverage } = table;
  const isOffset = !table.use_custom_stoploss && table.trailing_stop && table.trailing_only_offset_is_reached && positive !== null;
  const turn = isOffset ? candle.open * (1 + (side * (offset - positive)) / leverage) : candle.open * (1 - side * trade.distance);
  return side > 0 ? Math.max(turn, candle.low) : Math.min(turn, candle.high);
}

function roiExit(trade: Open, candle: Candle, table: DetailCase, row: number, fee: number): number | null {
  const { side, entry } = trade;
  const held = (row - trade.openRow) * minutes;
  const steps = Object.keys(table.roi)
    .map(Number)
    .filter((minute) => minute <= held);
  if (steps.length === 0) return null;
  const step = Math.max(...steps);
  const roi = table.roi[step] / (table.roi[step] === -1 ? 1 : table.leverage);
  if (profitAt(trade, bestOf(side, candle), fee) <= roi) return null;
  if (roi === -1 && step % minutes === 0) return candle.open;
  const close = side > 0 ? (entry * (1 + roi + fee)) / (1 - fee) : (entry * (1 - roi - fee)) / (1 + fee);
  if (row > trade.fillRow && held === step && side * (candle.open - close) > 0) return candle.open;
  const isGivenBack = side * (candle.open - candle.close) > 0 && side * (candle.open - entry) > 0 && side * (close - candle.close) > 0;
  return row === trade.fillRow && isGivenBack ? null : within(close, candle);
}
