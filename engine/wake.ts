/** Owns wake conditions: whether one holds at the bar that closed last, and at which bar of a lone series the next one will. Never calls a strategy. */
import type { ColumnBuilder } from './columns.ts';
import { StrategyError } from './errors.ts';
import { type FeedSeries, lowerBound } from './feed.ts';
import type { RunState } from './run-state.ts';
import { type Bars, type Column, crossedAbove, crossedBelow, type Wake } from './strategy.ts';
import { told } from './told.ts';

export interface WakeCondition {
  /** It holds at bars of these, and at no others. */
  readonly series: readonly FeedSeries[];
  /** It holds at the bars that have just closed. */
  isDue(): boolean;
  /** Where it is of one series, the first bar of it, from ≤ bar < to, at which it holds; to where there is none. Past the warm-up only. */
  nextBar(from: number, to: number): number;
}

/** What setup declares with, adding to wakes. */
export function wakeOf(wakes: WakeCondition[], builder: ColumnBuilder, run: RunState): Wake {
  const isOnly = run.feed.series.length === 1;
  // A condition holds at a bar of its own series, not at every bar of a faster one until then.
  const isClosing = (series: FeedSeries) => isOnly || (series.index >= series.firstBar && series.closeMs(series.index) === run.feed.timeMs);
  return Object.freeze({
    onCross(a: Column, b: Column) {
      builder.assertOpen('wake.onCross');
      const first = builder.handleOf(a);
      const second = builder.handleOf(b);
      const columns = { a: first.node.source.values, b: second.node.source.values };
      wakes.push({
        series: [...new Set([first.series, second.series])],
        isDue: () => (isClosing(first.series) || isClosing(second.series)) && (crossedAbove(a, b) || crossedBelow(a, b)),
        nextBar: (from, to) => nextCross(columns, from, to),
      });
    },
    onBarOf(view: Bars) {
      builder.assertOpen('wake.onBarOf');
      const { series } = builder.handleOf(view.closeTimeMs);
      wakes.push({ series: [series], isDue: () => isClosing(series), nextBar: (from) => from });
    },
    onSchedule({ everyMs, offsetMs = 0 }: { everyMs: number; offsetMs?: number }) {
      builder.assertOpen('wake.onSchedule');
      if (!(Number.isInteger(everyMs) && everyMs > 0))
        throw new StrategyError('STRATEGY_INVALID', `wake.onSchedule everyMs: was ${told(everyMs)}, expected a whole number of ms above 0`);
      if (!Number.isInteger(offsetMs))
        throw new StrategyError('STRATEGY_INVALID', `wake.onSchedule offsetMs: was ${told(offsetMs)}, expected a whole number of ms`);
      wakes.push(scheduled(run.feed.series[0], { everyMs, offsetMs }, isClosing));
    },
  });
}

/** Some condition holds. */
export function isDueOf(wakes: readonly WakeCondition[]): () => boolean {
  return wakes.length === 1 ? wakes[0].isDue : () => wakes.some((wake) => wake.isDue());
}

/** The first bar at which some condition holds. */
export function nextBarOf(wakes: readonly WakeCondition[]): WakeCondition['nextBar'] {
  return wakes.length === 1 ? wakes[0].nextBar : (from, to) => wakes.reduce((next, wake) => wake.nextBar(from, next), to);
}

/** When the strategy may be called next: at a bar of a condition's series, or where there is none at the next bar of any declared series. */
export function nextCallOf(wakes: readonly WakeCondition[], declared: readonly FeedSeries[]): () => number {
  const atEachBar = (series: FeedSeries): BarSearch => new BarSearch(series, (from) => from);
  const searches =
    wakes.length === 0
      ? declared.map(atEachBar)
      : wakes.flatMap(({ series, nextBar }) => (series.length === 1 ? new BarSearch(series[0], nextBar) : series.map(atEachBar)));
  return () => searches.reduce((nextMs, search) => Math.min(nextMs, search.nextCloseMs()), Number.POSITIVE_INFINITY);
}

/** The next bar of a series at which something holds, looked for once. */
export class BarSearch {
  private readonly series: FeedSeries;
  private readonly nextBar: WakeCondition['nextBar'];
  private from = -1;
  private found = -1;

  constructor(series: FeedSeries, nextBar: WakeCondition['nextBar']) {
    this.series = series;
    this.nextBar = nextBar;
  }

  /** The series' endBar where there is none. */
  firstFrom(from: number): number {
    if (from < this.from || from > this.found) {
      this.from = from;
      this.found = this.nextBar(from, this.series.endBar);
    }
    return this.found;
  }

  /** Infinity where there is none. */
  nextCloseMs(): number {
    const { series } = this;
    const bar = this.firstFrom(series.index + 1);
    return bar < series.endBar ? series.closeMs(bar) : Number.POSITIVE_INFINITY;
  }
}

function scheduled(
  series: FeedSeries,
  { everyMs, offsetMs }: { readonly everyMs: number; readonly offsetMs: number },
  isClosing: (series: FeedSeries) => boolean,
): WakeCondition {
  const { closeTimeMs } = series.columns;
  const slot = (bar: number) => Math.floor((closeTimeMs[bar] - offsetMs) / everyMs);
  return {
    series: [series],
    isDue: () => isClosing(series) && (series.index === series.firstBar || slot(series.index) !== slot(series.index - 1)),
    nextBar(from, to) {
      if (from <= series.firstBar) return Math.min(series.firstBar, to);
      // The first to close in a later slot than the bar before.
      return lowerBound(closeTimeMs, to, (slot(from - 1) + 1) * everyMs + offsetMs);
    },
  };
}

/** As crossedAbove or crossedBelow at each bar: on either side of the other, a column stays there for many bars, which are passed over. */
function nextCross({ a, b }: { readonly a: Float64Array; readonly b: Float64Array }, from: number, to: number): number {
  let i = from;
  while (i < to) {
    if (a[i] > b[i]) {
      if (a[i - 1] <= b[i - 1]) return i;
      i++;
      while (i < to && a[i] > b[i]) i++;
    } else if (a[i] < b[i]) {
      if (a[i - 1] >= b[i - 1]) return i;
      i++;
      while (i < to && a[i] < b[i]) i++;
    } else i++;
  }
  return to;
}
