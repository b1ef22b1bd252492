/** Owns what a strategy gets when it imports from 'playhead'. Never more than the engine's deterministic surface. */
import * as math from '../engine/math.ts';
import { boolean, choice, integer, number } from '../engine/parameters.ts';
import { crossedAbove, crossedBelow, crossing, defineStrategy } from '../engine/strategy.ts';

/** Name → value of every import that a strategy may make from the engine; types are erased before anyone asks. */
export const surface: Readonly<Record<string, unknown>> = Object.freeze({
  defineStrategy,
  crossedAbove,
  crossedBelow,
  crossing,
  integer,
  number,
  boolean,
  choice,
  ...math,
});

// One evaluation of a strategy must not leave notes for another on what both hold.
for (const value of Object.values(surface)) Object.freeze(value);
