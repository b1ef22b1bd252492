/** Owns what one currency is worth in another: the last close known of the series named for it. Never reads past now. */
import { lowerBound } from '../feed.ts';
import type { Tape } from '../model/bar.ts';
import { decimalsOf } from '../model/instrument.ts';
import { numberToUnits } from './money.ts';

/** A series whose close is the price of baseCurrency in quoteCurrency. */
export interface ConversionTape {
  readonly tape: Tape;
  readonly baseCurrency: string;
  readonly quoteCurrency: string;
  readonly baseDecimals: number;
  readonly quoteDecimals: number;
}

/** Whoever tells the time of now. */
export interface Clock {
  readonly timeMs: number;
}

/** A rate as a fraction of whole numbers, for exact amounts. */
export interface ExactRate {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

/** Turns the other currency of a series into the account's. */
export class Conversion {
  private readonly columns: Tape['columns'];
  /** The series tells what the account's currency costs in the other. */
  private readonly isInverse: boolean;
  private readonly clock: Clock;
  private known = -1;

  constructor(source: ConversionTape, accountCurrency: string, clock: Clock) {
    this.columns = source.tape.columns;
    this.isInverse = source.baseCurrency === accountCurrency;
    this.clock = clock;
  }

  /** What one unit is worth now; NaN before the first close. */
  get rate(): number {
    return this.rateAt(this.clock.timeMs);
  }

  /** What one unit was worth at a time at or before now: a bar that closes then counts. */
  rateAt(timeMs: number): number {
    const bar = this.barAt(timeMs);
    if (bar < 0) return Number.NaN;
    const close = this.columns.close[bar];
    return this.isInverse ? 1 / close : close;
  }

  /** As rate, exactly; null before the first close. */
  exactRate(): ExactRate | null {
    const bar = this.barAt(this.clock.timeMs);
    if (bar < 0) return null;
    const close = this.columns.close[bar];
    const decimals = decimalsOf(close);
    const units = BigInt(numberToUnits(close, decimals));
    const scale = 10n ** BigInt(decimals);
    return this.isInverse ? { numerator: scale, denominator: units } : { numerator: units, denominator: scale };
  }

  /** The bar that closed last; time mostly goes on from where it was asked before. */
  private barAt(timeMs: number): number {
    const { closeTimeMs, length } = this.columns;
    const { known } = this;
    const isLater = known < 0 || closeTimeMs[known] <= timeMs;
    if (isLater && (known + 1 >= length || closeTimeMs[known + 1] > timeMs)) return known;
    this.known = lowerBound(closeTimeMs, length, timeMs + 1) - 1;
    return this.known;
  }
}
