/** Owns the grids of an instrument: ticks and lots. Pure: numbers in, the nearest allowed number out. */
import { decimalsOf } from './instrument.ts';

/** Beyond this many steps the double nearest to one step is that of its neighbour too. */
const stepsMax = 9_007_199_254_740_992;

/** The multiples of one decimal step, a tick or a lot; what a step comes to is worked out once, because every order asks several times. */
export class Grid {
  private readonly step: number;
  /** Steps in one unit where that is whole: multiplying and dividing by it is the more exact. 0 where it is not. */
  private readonly perUnit: number;
  /** For other steps, a power of ten that makes them whole, and the step as so many of its parts. */
  private readonly scale: number;
  private readonly parts: number;

  constructor(step: number) {
    const perUnit = Math.round(1 / step);
    this.step = step;
    this.perUnit = 1 / perUnit === step ? perUnit : 0;
    this.scale = this.perUnit > 0 || Number.isInteger(step) ? 1 : Number(`1e${decimalsOf(step)}`);
    this.parts = Math.round(step * this.scale);
  }

  /** A whole number of steps as the double nearest to the decimal: 3 steps of 0.1 are 0.3. */
  at(steps: number): number {
    return this.perUnit > 0 ? steps / this.perUnit : (steps * this.parts) / this.scale;
  }

  /** Whole steps nearest to a value. */
  stepsOf(value: number): number {
    return Math.round(this.perUnit > 0 ? value * this.perUnit : value / this.step);
  }

  /** The multiple nearest to a value: takes away what sums and differences of doubles leave behind. */
  round(value: number): number {
    return this.at(this.stepsOf(value));
  }

  /** The multiple nearest to a positive value that was computed: a half goes up, and the last bits of a double do not decide what is one. */
  nearest(value: number): number {
    const steps = this.perUnit > 0 ? value * this.perUnit : value / this.step;
    return this.at(Math.floor(steps + 0.5 + slackOf(steps)));
  }

  /** Largest multiple not above a value; one that is a multiple but for the last bits of a double counts as it. */
  floor(value: number): number {
    const steps = this.perUnit > 0 ? value * this.perUnit : value / this.step;
    const nearest = Math.round(steps);
    if (nearest === steps) return this.at(nearest);
    return this.at(Math.abs(steps - nearest) <= slackOf(steps) ? nearest : Math.floor(steps));
  }

  /** The multiple that hurts who trades at it: not below the value for a buy, not above it for a sell; a value on the grid stays. */
  against(value: number, side: number): number {
    const steps = this.perUnit > 0 ? value * this.perUnit : value / this.step;
    if (steps >= stepsMax) return value;
    const nearest = Math.round(steps);
    if (nearest === steps) return this.at(nearest);
    if (Math.abs(steps - nearest) <= slackOf(steps)) return this.at(nearest);
    return this.at(side > 0 ? Math.ceil(steps) : Math.floor(steps));
  }
}

/** A few last bits of a double, never a whole step: 20 000 units of 1e-8 must not become 20 000.00000002. */
function slackOf(steps: number): number {
  return Math.min(0.5, 1e-9 + Math.abs(steps) * 1e-15);
}
