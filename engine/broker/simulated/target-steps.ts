/** Owns targets that move with time. Never fills them. */
import type { Order } from '../../model/order.ts';
import { isWorking } from '../../model/order-state.ts';
import type { TargetStep } from '../../model/order-terms.ts';
import { offsetPrice } from '../../model/trail.ts';
import type { Floor } from './floor.ts';

interface Stepped {
  readonly target: Order;
  readonly steps: readonly TargetStep[];
  readonly fromPrice: number;
  readonly fromMs: number;
}

export class TargetSteps {
  private readonly floor: Floor;
  private stepped: Stepped[] = [];

  constructor(floor: Floor) {
    this.floor = floor;
  }

  get isEmpty(): boolean {
    return this.stepped.length === 0;
  }

  /** Counts from the fill of the entry on, at its price. */
  start(target: Order, steps: readonly TargetStep[], fromPrice: number, fromMs: number): void {
    const one = { target, steps, fromPrice, fromMs };
    this.stepped.push(one);
    this.move(one, fromMs);
  }

  /** Bars open: the step in force by then is the target's price. */
  moveToOpens(): void {
    let hasEnded = false;
    for (const one of this.stepped) {
      const bar = this.floor.bars[one.target.instrumentIndex];
      if (!isWorking(one.target.status)) hasEnded = true;
      else if (bar.stamp === this.floor.stamp) this.move(one, bar.openMs);
    }
    if (hasEnded) this.stepped = this.stepped.filter((one) => isWorking(one.target.status));
  }

  private move({ target, steps, fromPrice, fromMs }: Stepped, openMs: number): void {
    const step = stepAt(steps, openMs - fromMs);
    if (step === undefined) return;
    const price = this.floor.onTick(target.instrumentIndex, offsetPrice(step, fromPrice, -target.side));
    if (price === target.limitPrice) return;
    target.limitPrice = price;
    this.floor.book.noteChange();
  }
}

/** The step in force so long after the entry. */
export function stepAt(steps: readonly TargetStep[], heldMs: number): TargetStep | undefined {
  return steps.findLast(({ afterMs }) => heldMs >= afterMs);
}
