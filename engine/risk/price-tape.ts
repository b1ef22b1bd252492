/** Owns a market told price by price: what a portfolio outside a run is marked at. Grows as it is told; never looks ahead, for there is nothing ahead. */
import { ConfigError } from '../errors.ts';
import { FeedSeries } from '../feed.ts';
import type { BarColumns, SeriesKey } from '../model/bar.ts';
import type { Instrument } from '../model/instrument.ts';
import { type Timeframe, timeframeMs } from '../model/timeframe.ts';
import type { Market } from './risk-rules.ts';

const firstRoom = 64;

export class PriceTape implements Market {
  timeMs = Number.NEGATIVE_INFINITY;
  /** Replaced one by one as they grow: whoever keeps the list sees the new ones. */
  readonly finest: FeedSeries[];
  readonly decision: readonly FeedSeries[];
  private readonly timeframe: Timeframe;

  constructor(instruments: readonly Instrument[], timeframe: Timeframe) {
    this.timeframe = timeframe;
    this.finest = instruments.map(({ venue, symbol }, i) => seriesOf({ venue, symbol, timeframe }, i, columnsOf(firstRoom)));
    this.decision = this.finest;
  }

  /** Time moves on to the close of a bar; prices that are told follow. */
  moveTo(timeMs: number): void {
    if (!Number.isFinite(timeMs) || timeMs <= this.timeMs)
      throw new ConfigError('USAGE', `timeMs: was ${timeMs}, expected a time after ${this.timeMs}`);
    this.timeMs = timeMs;
  }

  /** The close of an instrument's bar that ends now. */
  close(instrumentIndex: number, priceQuote: number): void {
    let series = this.finest[instrumentIndex];
    const { symbol } = series.key;
    if (!(priceQuote > 0 && priceQuote < Number.POSITIVE_INFINITY))
      throw new ConfigError('USAGE', `price of ${symbol}: was ${priceQuote}, expected a finite price above 0`);
    const bar = series.index + 1;
    if (bar === series.columns.length) series = this.widen(instrumentIndex);
    const { columns } = series;
    columns.openTimeMs[bar] = bar > 0 ? columns.closeTimeMs[bar - 1] : this.timeMs - timeframeMs(this.timeframe);
    columns.closeTimeMs[bar] = this.timeMs;
    columns.open[bar] = priceQuote;
    columns.high[bar] = priceQuote;
    columns.low[bar] = priceQuote;
    columns.close[bar] = priceQuote;
    series.index = bar;
  }

  private widen(instrumentIndex: number): FeedSeries {
    const { key, columns: from } = this.finest[instrumentIndex];
    const columns = columnsOf(from.length * 4);
    for (const name of ['openTimeMs', 'closeTimeMs', 'open', 'high', 'low', 'close'] as const) columns[name].set(from[name]);
    const series = seriesOf(key, instrumentIndex, columns);
    this.finest[instrumentIndex] = series;
    return series;
  }
}

function columnsOf(length: number): BarColumns {
  const column = () => new Float64Array(length);
  return {
    length,
    openTimeMs: column(),
    closeTimeMs: column(),
    open: column(),
    high: column(),
    low: column(),
    close: column(),
    volume: column(),
  };
}

/** A series without a bar: rows of its columns that nobody has told of are never read. */
function seriesOf(key: SeriesKey, instrumentIndex: number, columns: BarColumns): FeedSeries {
  const series = new FeedSeries({ key, columns, isSynthetic: false }, instrumentIndex, true, { fromMs: 0, toMs: 0 });
  series.index = -1;
  series.openedBar = -1;
  return series;
}
