/** Owns the words for an order that asks more of a leg than it holds. Never decides that it does. */
import type { Instrument } from '../model/instrument.ts';

export function legRefusal({ leg }: Instrument, sizeBase: number, heldBase: number): string {
  return `closes ${sizeBase} of the ${leg} leg, which holds ${Math.abs(heldBase)}: what is more would belong to the other leg`;
}
