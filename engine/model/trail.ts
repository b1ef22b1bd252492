/** Owns how far a trailing stop stays behind the price. Never sees a bar. */

/** Where the price must go before a stage counts: a price, or so far from where the trail starts, on the winning side. */
export type Activation = number | Offset;
/** A distance from a price: a fraction of it, or a difference in quote. */
export type Offset = { readonly fraction: number } | { readonly distance: number };

/** A column as a trailing stop reads it: what is known of it before the bar under way has closed. */
export interface TrailColumn {
  /** Names series and indicator. */
  readonly key: string;
  /** Value now at the bar that closed last; isInside: a bar that closes now has not yet closed, because what is asked for happens inside it. */
  lastClosed(timeMs: number, isInside: boolean): number;
}

/** One stage of a trailing stop: as asked for, plain data but for the column it may read. */
export class TrailStage {
  readonly measure: 'distance' | 'fraction' | 'multiple';
  readonly amount: number;
  /** Key of the column that a multiple is of; '' for the others. */
  readonly column: string;
  /** undefined: from the start. */
  readonly activation: Activation | undefined;
  readonly #column: TrailColumn | null;
  constructor(stage: { measure: TrailStage['measure']; amount: number; column: TrailColumn | null; activation: Activation | undefined }) {
    this.measure = stage.measure;
    this.amount = stage.amount;
    this.column = stage.column?.key ?? '';
    this.activation = stage.activation;
    this.#column = stage.column;
    Object.freeze(this);
  }

  /** One unit of the measure in quote; NaN while the column has no value, and for a fraction, which is of the best price. */
  unitQuote(timeMs: number, isInside: boolean): number {
    if (this.measure === 'fraction') return Number.NaN;
    return this.#column === null ? this.amount : this.amount * this.#column.lastClosed(timeMs, isInside);
  }
}

/** A price so far from another: direction +1 above it, −1 below. */
export function offsetPrice(offset: Offset, fromPrice: number, direction: number): number {
  return fromPrice + direction * ('fraction' in offset ? offset.fraction * fromPrice : offset.distance);
}
