/** Owns the decimal grid of a column: the change from prices to whole ticks. Never moves a value that lies off the grid. */

/** Finest grid that is told apart from floating point noise: beyond 15 digits every double looks whole. */
const decimalsMax = 15;
/** A value counts as on the grid within a billionth of a tick … */
const slackTicks = 1e-9;
/** … plus what storing a decimal as a double and scaling it can cost: two units in the last place. */
const slackFraction = 4.5e-16;

/** Above this the slack reaches a whole tick: a value there says nothing about a grid. */
const ticksMax = 1e15;

/** Whole numbers up to here are exact as doubles, and so are their sums. */
export const wholeMax = 9007199254740992;

/** A decimal grid, or none (decimals −1): then scale is 1 and ticks are the values themselves. */
export class Grid {
  readonly decimals: number;
  /** Ticks in one unit of price: 10^decimals. */
  readonly scale: number;
  private readonly slack: number;

  constructor(decimals: number) {
    const exists = decimals >= 0 && decimals <= decimalsMax;
    this.decimals = exists ? decimals : -1;
    this.scale = exists ? Number(`1e${decimals}`) : 1;
    this.slack = exists ? slackTicks : Number.NaN;
  }

  /** The value in ticks: a whole number where it lies on the grid, otherwise the value scaled and not rounded. */
  ticks(value: number): number {
    const whole = this.wholeTicks(value);
    return Number.isNaN(whole) ? value * this.scale : whole;
  }

  /** The value in whole ticks; NaN where it is off the grid, not finite, or there is no grid. */
  wholeTicks(value: number): number {
    const scaled = value * this.scale;
    // Not Math.round: its branch on the half falls either way by the noise of the last bit, and costs more than all the rest.
    const whole = Math.floor(scaled + 0.5);
    const size = Math.abs(whole);
    return Math.abs(scaled - whole) <= this.slack + size * slackFraction && size <= ticksMax ? whole : Number.NaN;
  }

  /** wholeTicks of a whole column from index `first` on, for speed; the largest |tick|, NaN where a value has none. */
  fill(values: Float64Array, ticks: Float64Array, first: number): number {
    const { scale, slack } = this;
    const fraction = slackFraction;
    const { length } = values;
    let largest = 0;
    for (let i = first; i < length; i++) {
      const scaled = values[i] * scale;
      const whole = Math.floor(scaled + 0.5);
      const size = Math.abs(whole);
      if (!(Math.abs(scaled - whole) <= slack + size * fraction)) return Number.NaN;
      ticks[i] = whole;
      if (size > largest) largest = size;
    }
    return largest <= ticksMax ? largest : Number.NaN;
  }
}

/** The one grid that holds several sources: the finest of theirs; none where one of them has none. */
export function commonGrid(decimals: readonly number[]): Grid {
  let finest = -1;
  for (let i = 0; i < decimals.length; i++) {
    if (decimals[i] < 0) return new Grid(-1);
    finest = Math.max(finest, decimals[i]);
  }
  return new Grid(finest);
}

/** Decimals of a mean of 2^digits values of a grid (½ = 0.5, ¼ = 0.25: one digit more each); −1 where there is no such grid. */
export function finerDecimals(decimals: readonly number[], digits: number): number {
  const { decimals: common } = commonGrid(decimals);
  return common >= 0 && common + digits <= decimalsMax ? common + digits : -1;
}
