/** Owns targets that move with time, and how far the price must go for a target where its own price is not enough. Never fills them. */
import type { Order } from '../../model/order.ts';
import { isWorking } from '../../model/order-state.ts';
import type { TargetStep } from '../../model/order-terms.ts';
import type { Offset } from '../../model/trail.ts';
import type { Floor } from './floor.ts';
import type { MatchBar } from './match-bar.ts';
import type { ProfitFrom } from './profit-levels.ts';

/** What a target asks for: steps, a profit, or (undefined) the price it was given. */
export type TargetWish = readonly TargetStep[] | Offset | undefined;

class Target {
  readonly order: Order;
  readonly steps: readonly TargetStep[];
  readonly from: ProfitFrom;
  readonly fromMs: number;
  /** Open of the bar that the entry filled on. */
  entryOpenMs = Number.NaN;
  step: TargetStep | undefined = undefined;
  /** The price must go there. */
  reachPrice = Number.NaN;
  constructor(order: Order, steps: readonly TargetStep[], from: ProfitFrom, fromMs: number) {
    this.order = order;
    this.steps = steps;
    this.from = from;
    this.fromMs = fromMs;
  }
}

export class Targets {
  private readonly floor: Floor;
  private targets: Target[] = [];

  constructor(floor: Floor) {
    this.floor = floor;
  }

  /** Counts from the fill of the entry on, at its price. Plain targets are kept only where their own price is not what they ask for. */
  start(order: Order, wish: TargetWish, fromPrice: number, fromMs: number): void {
    const { profits } = this.floor;
    const steps = isSteps(wish) ? wish : noSteps;
    if (steps.length === 0 && !profits.isBeyond) return;
    const from = { instrumentIndex: order.instrumentIndex, fromPrice, direction: -order.side };
    const target = new Target(order, steps, from, fromMs);
    this.targets.push(target);
    // Where steps count from before the fill, some may have passed by the open of the bar it fell on.
    target.entryOpenMs = this.floor.bars[order.instrumentIndex].stampOpenMs;
    if (steps.length > 0) this.move(target, Math.max(fromMs, target.entryOpenMs));
    else target.reachPrice = wish === undefined ? profits.beyond(order.limitPrice, from) : profits.reach(wish as Offset, from);
  }

  /** Bars open: the step in force by then is the target's price. */
  moveToOpens(): void {
    let hasEnded = false;
    for (const target of this.targets) {
      const bar = this.floor.bars[target.order.instrumentIndex];
      if (!isWorking(target.order.status)) hasEnded = true;
      else if (target.steps.length > 0 && bar.stamp === this.floor.stamp) this.move(target, bar.openMs);
    }
    if (hasEnded) this.targets = this.targets.filter(({ order }) => isWorking(order.status));
  }

  get isEmpty(): boolean {
    return this.targets.length === 0;
  }

  /** The bar went as far as the target asks. */
  isReached(order: Order, bar: MatchBar): boolean {
    const reachPrice = this.find(order)?.reachPrice ?? Number.NaN;
    return order.side > 0 ? bar.low <= reachPrice : bar.high >= reachPrice;
  }

  /** Its step came into force at this very open, behind the entry; one that leaves at any price does so at every open. */
  isMovedAt(order: Order, bar: MatchBar): boolean {
    const target = this.find(order);
    const step = target?.step;
    if (target === undefined || step === undefined) return false;
    if (step.fraction === -1) return step.afterMs % (bar.series.closeMs(bar.bar) - bar.stampOpenMs) === 0;
    return bar.openMs > target.entryOpenMs && bar.openMs - target.fromMs === step.afterMs;
  }

  private find(order: Order): Target | undefined {
    for (let k = 0; k < this.targets.length; k++) if (this.targets[k].order === order) return this.targets[k];
    return undefined;
  }

  private move(target: Target, openMs: number): void {
    const step = stepAt(target.steps, openMs - target.fromMs);
    if (step === undefined || step === target.step) return;
    const { order, from } = target;
    target.step = step;
    target.reachPrice = this.floor.profits.reach(step, from);
    const price = this.floor.onTick(order.instrumentIndex, this.floor.profits.price(step, from));
    // Two steps on one tick: it rests where it rested.
    if (price === order.limitPrice) return;
    order.limitPrice = price;
    this.floor.book.noteChange();
    this.floor.queues?.join(order, this.floor.nowMs);
  }
}

const noSteps: readonly TargetStep[] = [];

export function isSteps(wish: TargetWish): wish is readonly TargetStep[] {
  return Array.isArray(wish);
}

/** The step in force so long after the entry. */
export function stepAt(steps: readonly TargetStep[], heldMs: number): TargetStep | undefined {
  let k = steps.length - 1;
  while (k >= 0 && heldMs < steps[k].afterMs) k--;
  return k < 0 ? undefined : steps[k];
}
