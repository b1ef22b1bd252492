/**
 * Owns the leap: over bars of a lone series at which neither a wake condition holds, nor the price reaches an order at rest, nor a rule or an order
 * comes to its time. A step there would mark, and find nothing to do. Never fills anything: a bar at which something may happen is a step.
 */
import type { SimulatedBroker } from './broker/simulated/simulated-broker.ts';
import { type FeedSeries, lowerBound } from './feed.ts';
import type { HeldRows } from './held-rows.ts';
import { RangeIndex } from './range-index.ts';
import type { RunState } from './run-state.ts';

interface LeapParts {
  readonly series: FeedSeries;
  readonly held: HeldRows;
  readonly nextWake: (from: number, to: number) => number;
}

export class Leap {
  private readonly run: RunState;
  private readonly broker: SimulatedBroker;
  private readonly series: FeedSeries;
  private readonly held: HeldRows;
  private readonly nextWake: (from: number, to: number) => number;
  /** Between these bars no wake condition holds; it does at the second, unless that is the end. */
  private calmFrom = -1;
  private wakeBar = -1;
  /** The last bar leapt to. */
  private lastHeld = -1;
  /** Of no meaning. */
  glance = Number.NaN;

  private constructor(run: RunState, broker: SimulatedBroker, parts: LeapParts) {
    this.run = run;
    this.broker = broker;
    this.series = parts.series;
    this.held = parts.held;
    this.nextWake = parts.nextWake;
  }

  /** null where every bar has to be played: at each something may happen that no order and no wake condition tells. */
  static over(run: RunState, broker: SimulatedBroker): Leap | null {
    const { nextWake, held } = run;
    const series = run.feed.only;
    if (nextWake === null || held === null || series === null) return null;
    return new Leap(run, broker, { series, held, nextWake });
  }

  /** Moves on to the next bar at which something happens, at most to this row; false where the next event has to be a step. */
  play(row: number): boolean {
    const { run, series } = this;
    // Dust may have come meanwhile, and with it an account that is not plain.
    if (!run.isReady || !run.isPlain || run.risk.isHalted) return false;
    const from = series.index + 1;
    const limit = this.limitOf(row);
    if (from >= limit) return false;
    const wakeBar = this.wakeFrom(from);
    const to = Math.min(wakeBar + 1, limit);
    const reached = this.firstReached(from, to);
    if (reached === from) return false;
    if (run.retired.count > 0) run.recycle();
    this.moveTo(reached - 1, from);
    if (reached === to && to > wakeBar) {
      this.lookAhead();
      run.handlers.onBar?.(run.context);
      if (run.hasNews) run.deliverNews();
    }
    return true;
  }

  /** Bars from here on are not leapt over yet: of the run's end, of this call's, of the next rules, of the first order's time. */
  private limitOf(row: number): number {
    const { run, broker, series } = this;
    const { closeTimeMs } = series.columns;
    let limit = Math.min(series.endBar, series.firstBar + row + 1);
    if (run.dated !== null) limit = lowerBound(closeTimeMs, limit, run.dated.nextMs);
    if (broker.wantsOpens && broker.nextExpiryMs < Number.POSITIVE_INFINITY) limit = lowerBound(closeTimeMs, limit, broker.nextExpiryMs);
    return limit;
  }

  /** Looked for once: orders come and go in between, and change nothing of it. */
  private wakeFrom(from: number): number {
    if (from < this.calmFrom || from > this.wakeBar) {
      this.calmFrom = from;
      this.wakeBar = this.nextWake(from, this.series.endBar);
    }
    return this.wakeBar;
  }

  /** The first bar that an order at rest has to be shown; to where there is none. */
  private firstReached(from: number, to: number): number {
    if (!this.broker.wantsOpens) return to;
    const room = this.broker.roomOf(this.series.instrumentIndex);
    return room === null ? from : RangeIndex.of(this.series.columns).firstReaching(from, to, room);
  }

  private moveTo(bar: number, from: number): void {
    const { run, series, held } = this;
    const { feed, portfolio } = run;
    const row0 = series.firstBar;
    feed.enterStretch();
    series.index = bar;
    feed.row = bar - row0;
    // The row before was marked by a step: unless this bar's open has passed and filled since, what is held now was held at its close.
    const isMarked = from - 1 > this.lastHeld && from > row0 && series.openedBar < from;
    const first = isMarked ? from - 1 : from;
    this.lastHeld = bar;
    held.hold(first - row0, bar - row0 + 1, portfolio.ledger.cashQuote, portfolio.positionBase[0]);
  }

  /**
   * Finds the next waking before this one is played, and glances at the prices that its orders will meet: by then they are in the processor's
   * cache, where a lone look at them would miss it.
   */
  private lookAhead(): void {
    const { open, close } = this.series.columns;
    const next = this.wakeFrom(this.wakeBar + 1);
    if (next + 1 < this.series.endBar) this.glance = open[next + 1] + close[next];
  }
}
