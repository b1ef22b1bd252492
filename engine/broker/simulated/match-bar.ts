/** Owns one bar as orders meet it: the tape's own, or a finer one in its place. Never says what fills. */
import type { FeedSeries } from '../../feed.ts';
import type { BarColumns } from '../../model/bar.ts';
import { dayMs } from '../../model/timeframe.ts';

/** The bar of one instrument that opens or closes now; one object an instrument, filled in at each event. */
export class MatchBar {
  readonly series: FeedSeries;
  readonly instrumentIndex: number;
  /** Equal to that of the floor while the bar is being matched. */
  stamp = -1;
  /** Index in the instrument's finest series. */
  bar = -1;
  /** Orders live by then take part in the inside. */
  openMs = Number.NaN;
  open = Number.NaN;
  high = Number.NaN;
  low = Number.NaN;
  close = Number.NaN;
  volume = Number.NaN;
  /** A finer bar stands in its place: which one, and the volume of the one before it. */
  isFiner = false;
  finerRow = -1;
  volumeBefore = Number.NaN;
  /** What fills are stamped with: when they are known, and the open of the tape's own bar. */
  knownMs = Number.NaN;
  stampOpenMs = Number.NaN;
  /** Orders of type onClose fill at the close. */
  endsDay = false;
  /** The sequence that fills it best for the account is taken. */
  isOptimistic = false;
  /** Some order fills inside it as the price rises from the open, as it falls. */
  fillsRising = false;
  fillsFalling = false;
  isDoubtful = false;

  constructor(series: FeedSeries) {
    this.series = series;
    this.instrumentIndex = series.instrumentIndex;
  }

  /** Its open, before more is known. */
  loadOpen(bar: number): void {
    const { series } = this;
    this.bar = bar;
    this.isFiner = false;
    this.openMs = series.openMs(bar);
    this.open = series.columns.open[bar];
    this.knownMs = this.openMs;
    this.stampOpenMs = this.openMs;
  }

  /** All of it. */
  loadInside(bar: number, knownMs: number): void {
    const { columns } = this.series;
    this.loadOpen(bar);
    this.high = columns.high[bar];
    this.low = columns.low[bar];
    this.close = columns.close[bar];
    this.volume = columns.volume[bar];
    this.knownMs = knownMs;
    this.endsDay = endsDay(this.series, bar);
    this.isOptimistic = false;
    this.fillsRising = false;
    this.fillsFalling = false;
    this.isDoubtful = false;
  }

  /** A finer bar that lies in it, told as part of it. */
  loadFiner(columns: BarColumns, row: number, endsDay: boolean): void {
    this.isFiner = true;
    this.finerRow = row;
    this.volumeBefore = row === 0 ? 0 : columns.volume[row - 1];
    this.openMs = columns.openTimeMs[row];
    this.open = columns.open[row];
    this.high = columns.high[row];
    this.low = columns.low[row];
    this.close = columns.close[row];
    this.volume = columns.volume[row];
    this.endsDay = endsDay;
    this.fillsRising = false;
    this.fillsFalling = false;
  }
}

/** The next bar on the tape belongs to another UTC day, or this one ends at midnight. */
function endsDay({ columns }: FeedSeries, bar: number): boolean {
  const closeMs = columns.closeTimeMs[bar];
  if (closeMs % dayMs === 0) return true;
  return bar + 1 < columns.length && dayOf(columns.closeTimeMs[bar + 1] - 1) !== dayOf(closeMs - 1);
}

/** Number of a UTC day. */
export function dayOf(timeMs: number): number {
  return Math.floor(timeMs / dayMs);
}
