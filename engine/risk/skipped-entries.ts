/** Owns which entries a robustness check leaves out, drawn by order: one order's draw depends on no other's. Never sizes or sends any. */
import type { Order } from '../model/order.ts';
import { PlacedRandom } from '../random.ts';
import type { RunSettings } from '../settings.ts';

export class SkippedEntries {
  private readonly random: PlacedRandom;
  private readonly fraction: number;
  private readonly replicate: number;

  constructor({ fraction, replicate, seed }: NonNullable<RunSettings['skippedEntries']>) {
    this.random = new PlacedRandom(seed);
    this.fraction = fraction;
    this.replicate = replicate;
  }

  /** Why the order is not sent; '' where it is. What closes, or is sent against a position, always is. heldBase: with what is on its way. */
  refusal(order: Order, heldBase: number): string {
    if (order.role !== 'own' || order.isReduceOnly || heldBase * order.side < 0) return '';
    return this.random.uniform(this.replicate, order.id) < this.fraction ? 'skipped at random, to see what the run does without it' : '';
  }
}
