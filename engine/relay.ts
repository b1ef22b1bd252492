/**
 * Owns the change of parameter sets inside one run: which set decides, and what becomes of positions and orders when the next takes over. The
 * account goes on as if nothing had happened. Never sends an order, and never looks at a price.
 *
 * A set that is to decide from a time on takes over at the last close at or before it, between the matching of that bar and the strategy's turn:
 * whatever opens behind that time was decided by it.
 *   handOver: what rests is cancelled, protections too; the next set finds the position and decides on it.
 *   carry: entries at rest are cancelled, and what the old set sends only reduces; once the account is flat at a close the next set takes over.
 */
import { type FeedSeries, lowerBound } from './feed.ts';
import { protects } from './model/order.ts';
import type { RunState, Warmth } from './run-state.ts';
import type { StrategyContext, StrategyHandlers } from './strategy.ts';

export interface Takeover {
  /** Decisions from this time on are this set's. */
  readonly fromMs: number;
  readonly parameters: Readonly<Record<string, unknown>>;
}

export interface RelaySettings {
  readonly positions: 'handOver' | 'carry';
  /** In time order; before the first the run's own parameters decide. */
  readonly takeovers: readonly Takeover[];
}

/** One parameter set, set up. */
export interface Runner {
  readonly handlers: StrategyHandlers;
  readonly context: StrategyContext;
  /** Whether onBar is wanted now; null for every bar. */
  readonly isAwake: (() => boolean) | null;
  readonly warmths: readonly Warmth[];
  /** Series at whose bars onBar is called. */
  readonly declared: ReadonlySet<FeedSeries>;
}

export class Relay {
  /** By takeover, the close at which it happened; NaN where a later one came first, or the run ended. */
  readonly takenMs: number[];
  private readonly run: RunState;
  private readonly carries: boolean;
  private readonly dueMs: readonly number[];
  private readonly runners: readonly Runner[];
  /** Null while nobody is to hear what happens. */
  private current: Runner | null;
  private isWarm = false;
  /** The next to come; behind it all that wait for their time. */
  private next = 0;
  /** The one whose time has come while another still holds; −1 for none. */
  private waiting = -1;

  /** runners: the run's own set, then one for each takeover. */
  constructor(run: RunState, { positions, takeovers }: RelaySettings, runners: readonly Runner[]) {
    const { rowTimeMs } = run.feed;
    this.run = run;
    this.carries = positions === 'carry';
    this.dueMs = takeovers.map(({ fromMs }) => rowTimeMs[lowerBound(rowTimeMs, rowTimeMs.length, fromMs + 1) - 1] ?? rowTimeMs[0]);
    this.takenMs = takeovers.map(() => Number.NaN);
    this.runners = runners;
    this.current = runners[0];
  }

  /** What the run calls in the strategy's place. It is called at every bar: whose turn it is hangs on none of the sets. */
  get handlers(): StrategyHandlers {
    const hears = (name: 'onFill' | 'onOrder'): boolean => this.runners.some(({ handlers }) => handlers[name] !== undefined);
    return {
      onBar: () => this.onBar(),
      ...(hears('onFill') ? { onFill: (fill) => this.current?.handlers.onFill?.(fill, this.current.context) } : {}),
      ...(hears('onOrder') ? { onOrder: (order) => this.current?.handlers.onOrder?.(order, this.current.context) } : {}),
    };
  }

  private onBar(): void {
    const { run, dueMs } = this;
    while (this.next < dueMs.length && dueMs[this.next] <= run.feed.timeMs) {
      if (this.carries && this.waiting < 0) this.restrict();
      this.waiting = this.next++;
    }
    if (this.waiting >= 0 && (!this.carries || this.isFlat())) this.takeOver();
    const { current } = this;
    if (current !== null && this.isDue(current)) current.handlers.onBar?.(current.context);
  }

  /** The old set keeps what protects and what reduces, and can add nothing more. */
  private restrict(): void {
    const { run } = this;
    run.onlyReduces = true;
    for (const order of run.openOrders.toArray()) {
      if (protects(order)) continue;
      const isEntry = !order.isReduceOnly && run.portfolio.positionBase[order.instrumentIndex] * order.side >= 0;
      if (isEntry) run.broker.cancel(order.id, 'the next parameter set waits for the position to end');
      else order.isReduceOnly = true;
    }
    // What was cancelled is told to the set that sent it: it goes on.
    if (run.hasNews) run.deliverNews();
  }

  private takeOver(): void {
    const { run, waiting } = this;
    run.onlyReduces = false;
    this.current = null;
    for (const order of run.openOrders.toArray()) run.broker.cancel(order.id, 'the next parameter set took over');
    if (run.hasNews) run.deliverNews();
    this.takenMs[waiting] = run.feed.timeMs;
    this.current = this.runners[waiting + 1];
    this.isWarm = false;
    this.waiting = -1;
  }

  /** Nothing is held that an order could close. */
  private isFlat(): boolean {
    const { risk, portfolio } = this.run;
    return portfolio.positionBase.every((sizeBase, i) => risk.onLot(i, Math.abs(sizeBase)) === 0);
  }

  private isDue({ warmths, isAwake, declared }: Runner): boolean {
    if (!this.isWarm) {
      if (warmths.some(({ series, bar }) => series.index < bar)) return false;
      this.isWarm = true;
    }
    if (isAwake !== null && !isAwake()) return false;
    const { batch, batchCount } = this.run.feed;
    for (let k = 0; k < batchCount; k++) if (declared.has(batch[k])) return true;
    return false;
  }
}
