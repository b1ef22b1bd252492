/**
 * Owns the leap: over bars at which neither is the strategy called, nor does the price reach an order at rest, nor a rule or an order come to its
 * time. A step there would mark, and find nothing to do. Never fills anything: a bar at which something may happen is a step.
 */
import type { Room } from './broker/simulated/resting-book.ts';
import type { SimulatedBroker } from './broker/simulated/simulated-broker.ts';
import { type FeedSeries, lowerBound } from './feed.ts';
import { HeldRows } from './held-rows.ts';
import type { Workspace } from './logs.ts';
import { RangeIndex } from './range-index.ts';
import type { Recording, RunState } from './run-state.ts';
import { nextBarOf, nextCallOf, type WakeCondition } from './wake.ts';

export interface Leap {
  /** Moves on to the next bar at which something happens, at most to this row; false where the next event has to be a step. */
  play(row: number): boolean;
}

interface Leaping {
  readonly run: RunState;
  readonly broker: SimulatedBroker;
  readonly wakes: readonly WakeCondition[];
}

/**
 * Bars may be leapt over where one instrument is traded, what is sent waits for the next open, and nobody has to see every mark. null where they may
 * not, or where none would be: called at each bar, a strategy passes over none.
 */
export function prepareLeaps(
  { run, broker, wakes }: Leaping,
  { workspace, recording }: { readonly workspace: Workspace; readonly recording: Recording },
): Leap | null {
  const { only, finest, series } = run.feed;
  if (finest.length > 1 || run.canHalt || run.fillsAtClose || run.hasLatency) return null;
  if (wakes.length === 0 && finest[0].isDeclared) return null;
  const held = new HeldRows({
    values: run.equityQuote,
    columns: finest[0].columns,
    bar0: finest[0].firstBar,
    multiplier: run.portfolio.multipliers[0],
    writesRows: recording === 'full',
    spans: workspace.spans,
  });
  run.held = held;
  const ground = new Ground(run, broker, held);
  if (only !== null) return new LoneLeap(run, ground, new WakeQueue(only, nextBarOf(wakes)));
  const declared = series.filter(({ isDeclared }) => isDeclared);
  return new MergedLeap(ground, nextCallOf(wakes, declared));
}

/** What is leapt over: bars of the finest series, between orders at rest. */
class Ground {
  readonly series: FeedSeries;
  private readonly run: RunState;
  private readonly broker: SimulatedBroker;
  private readonly held: HeldRows;
  /** The last bar leapt to. */
  private lastHeld = -1;
  /** Of orders at rest; null where there are none. */
  private room: Room | null = null;

  constructor(run: RunState, broker: SimulatedBroker, held: HeldRows) {
    this.run = run;
    this.broker = broker;
    this.held = held;
    [this.series] = run.feed.finest;
  }

  /** False where the next bar may be no other than a step: an order has to be looked at, or dust has come, and an account that is not plain. */
  survey(): boolean {
    const { run, broker, series } = this;
    this.room = null;
    if (broker.wantsOpens) {
      this.room = broker.roomOf(series.instrumentIndex);
      if (this.room === null) return false;
    }
    return run.isReady && run.isPlain && !run.risk.isHalted;
  }

  /** Bars from here on are not leapt over yet: of the run's end, of this call's, of the next rules, of the first order's time. */
  limitOf(row: number): number {
    const { run, broker, series } = this;
    const { closeTimeMs } = series.columns;
    let limit = Math.min(series.endBar, series.firstBar + row + 1);
    if (run.dated !== null) limit = lowerBound(closeTimeMs, limit, run.dated.nextMs);
    if (this.room !== null && broker.nextExpiryMs < Number.POSITIVE_INFINITY) limit = lowerBound(closeTimeMs, limit, broker.nextExpiryMs);
    return limit;
  }

  /** The first bar that an order at rest has to be shown; to where there is none. */
  firstReached(from: number, to: number): number {
    const { room } = this;
    return room === null ? to : RangeIndex.of(this.series.columns).firstReaching(from, to, room);
  }

  moveTo(bar: number, from: number): void {
    const { run, series, held } = this;
    const { feed, portfolio } = run;
    if (run.retired.count > 0) run.recycle();
    feed.leapTo(bar);
    const row0 = series.firstBar;
    // The row before was marked by a step: unless this bar's open has passed and filled since, what is held now was held at its close.
    const isMarked = from - 1 > this.lastHeld && from > row0 && series.openedBar < from;
    const first = isMarked ? from - 1 : from;
    this.lastHeld = bar;
    held.hold(first - row0, bar - row0 + 1, portfolio.ledger.cashQuote, portfolio.positionBase[0]);
  }
}

/** Over bars of a lone series: the strategy is called where they land, without a step. */
class LoneLeap implements Leap {
  private readonly run: RunState;
  private readonly ground: Ground;
  private readonly wakes: WakeQueue;

  constructor(run: RunState, ground: Ground, wakes: WakeQueue) {
    this.run = run;
    this.ground = ground;
    this.wakes = wakes;
  }

  play(row: number): boolean {
    const { run, ground } = this;
    if (!ground.survey()) return false;
    const from = ground.series.index + 1;
    const limit = ground.limitOf(row);
    if (from >= limit) return false;
    const wakeBar = this.wakes.firstFrom(from);
    const to = Math.min(wakeBar + 1, limit);
    const reached = ground.firstReached(from, to);
    if (reached === from) return false;
    ground.moveTo(reached - 1, from);
    if (reached === to && to > wakeBar) {
      run.handlers.onBar?.(run.context);
      if (run.hasNews) run.deliverNews();
    }
    return true;
  }
}

/** Wakings looked for at a time. */
const wakesAhead = 16;

/**
 * The next bars at which a wake condition holds, a few at a time: orders come and go in between and change nothing of it. The prices that their
 * orders will meet are looked at together: a lone look would miss every cache and wait, sixteen wait no longer than one.
 */
class WakeQueue {
  /** Of no meaning. */
  glance = Number.NaN;
  private readonly series: FeedSeries;
  private readonly nextWake: WakeCondition['nextBar'];
  private readonly bars = new Int32Array(wakesAhead);
  private head = 0;
  private count = 0;

  constructor(series: FeedSeries, nextWake: WakeCondition['nextBar']) {
    this.series = series;
    this.nextWake = nextWake;
  }

  /** The first one at or behind a bar that is behind those asked for before; the series' endBar where there is none. */
  firstFrom(from: number): number {
    const { bars } = this;
    while (this.head < this.count && bars[this.head] < from) this.head++;
    if (this.head === this.count) this.fill(from);
    return bars[this.head];
  }

  private fill(from: number): void {
    const { bars, nextWake, series } = this;
    const { columns, endBar } = series;
    let count = 0;
    for (let bar = from; count < wakesAhead && bar <= endBar; bar++) {
      bar = nextWake(bar, endBar);
      bars[count++] = bar;
    }
    let sum = 0;
    for (let k = 0; k < count; k++) {
      const bar = bars[k];
      if (bar + 1 < endBar) sum += columns.open[bar + 1] + columns.close[bar];
    }
    this.glance = sum;
    this.head = 0;
    this.count = count;
  }
}

/** Over batches of several series of one instrument, or of series that nothing is traded on: up to the moment at which the strategy may be called. */
class MergedLeap implements Leap {
  private readonly ground: Ground;
  private readonly nextCallMs: () => number;

  constructor(ground: Ground, nextCallMs: () => number) {
    this.ground = ground;
    this.nextCallMs = nextCallMs;
  }

  play(row: number): boolean {
    const { ground } = this;
    if (!ground.survey()) return false;
    const { series } = ground;
    const from = series.index + 1;
    const to = lowerBound(series.columns.closeTimeMs, ground.limitOf(row), this.nextCallMs());
    if (from >= to) return false;
    const reached = ground.firstReached(from, to);
    if (reached === from) return false;
    ground.moveTo(reached - 1, from);
    return true;
  }
}
