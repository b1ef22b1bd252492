/** Owns what becomes of the protections of an entry on the bar inside which it filled. Never decides what is known of that bar: see entry-bar.ts. */
import type { Order } from '../../model/order.ts';
import { isWorking } from '../../model/order-state.ts';
import type { Bracket } from './brackets.ts';
import { type RestOfBar, restOfBar } from './entry-bar.ts';
import type { Executor } from './executor.ts';
import type { Floor } from './floor.ts';
import type { MatchBar } from './match-bar.ts';

/** How an entry filled: the price before slippage, and whether it came there from the worse side of the order. */
export interface EntryFill {
  readonly unslippedQuote: number;
  readonly bar: MatchBar;
  readonly isLimitLike: boolean;
}

export class EntryBars {
  private readonly mayStop: boolean;
  private readonly targetRule: 'never' | 'ifUnambiguous' | 'unlessGivenBack';
  /** The bar raises trailing stops, whatever of it lies behind the entry. */
  private readonly raisesTrails: boolean;
  private readonly staysInBar: boolean;
  private readonly floor: Floor;
  private readonly executor: Executor;

  constructor(floor: Floor, executor: Executor) {
    const { semantics } = floor.settings;
    this.floor = floor;
    this.executor = executor;
    this.mayStop = semantics.entryBarStop === 'ifTouched';
    this.targetRule = semantics.entryBarTarget;
    this.raisesTrails = semantics.entryBarTrail === 'leastRise';
    this.staysInBar = semantics.gapFill === 'ownPriceInBar';
  }

  /** What was touched, before or after the entry, is not known unless the path forces it. */
  settle(entry: Order, { protection }: Bracket, { unslippedQuote: price, bar, isLimitLike }: EntryFill): void {
    const { floor } = this;
    const { trail, target } = protection;
    const stop = nearer(protection.stop, trail);
    const targetPrice = target === null ? Number.NaN : this.targetPrice(target, bar);
    const facts = { side: entry.side, price, comesAsLimit: isLimitLike, stopPrice: stop?.stopPrice ?? Number.NaN, targetPrice };
    const rest = restOfBar(facts, bar, floor.rule);
    if (rest.isDoubtful) floor.doubts.note(bar);
    const mayStop = this.mayStop && (!bar.isOptimistic || rest.isStopCertain);
    const mayTarget = target !== null && rest.isTargetReached && (bar.isOptimistic || this.mayTarget(entry, target, rest, price, bar));
    if (mayTarget && bar.isOptimistic) this.fill(target, rest.targetFill, bar);
    // Still there for want of volume, or because the target took a part.
    if (rest.isStopReached && mayStop && stop !== null && isWorking(stop.status)) this.fill(stop, rest.stopFill, bar);
    else if (mayTarget && !bar.isOptimistic) this.fill(target, rest.targetFill, bar);
    if ((bar.isOptimistic || this.raisesTrails) && trail !== null && isWorking(trail.status)) this.trail(trail, bar);
  }

  /** NaN where the bar does not go as far as the target asks. */
  private targetPrice(target: Order, bar: MatchBar): number {
    if (this.staysInBar) return this.floor.insidePrices.of(target, bar);
    return this.floor.profits.isBeyond && !this.floor.targets.isReached(target, bar) ? Number.NaN : target.limitPrice;
  }

  private mayTarget(entry: Order, target: Order, rest: RestOfBar, price: number, { open, close }: MatchBar): boolean {
    if (this.targetRule === 'ifUnambiguous') return rest.isTargetCertain && entry.kind === 'stop';
    if (this.targetRule === 'never') return false;
    const { side } = entry;
    return !(side * (open - close) > 0 && side * (open - price) > 0 && side * (target.limitPrice - close) > 0);
  }

  private fill(order: Order | null, price: number, bar: MatchBar): void {
    if (order !== null) this.executor.execute(order, bar, this.staysInBar ? this.floor.insidePrices.of(order, bar) : price, 'inside');
  }

  /** The bar's extreme is taken to lie behind the entry, and raises the level; what has been reached is filled there. */
  private trail(trail: Order, bar: MatchBar): void {
    const { trails } = this.floor;
    const price = trails.priceAfterExtreme(trail, bar);
    trails.raiseByBar(trail, bar);
    if (!Number.isNaN(price)) this.executor.execute(trail, bar, price, 'inside');
  }
}

/** Of two stops the one that the price reaches first. */
function nearer(stop: Order | null, trail: Order | null): Order | null {
  if (stop === null || trail === null) return stop ?? trail;
  if (Number.isNaN(trail.stopPrice)) return stop;
  return stop.side * (trail.stopPrice - stop.stopPrice) < 0 ? trail : stop;
}
