/**
 * Owns which of the instruments' dated rules are in force: tick, lot, minimum, maximum, fee rates. Moves forward with the events, and is asked
 * by whoever judges; never judges an order itself. RULES 10.8.
 */
import { Grid } from './model/grid.ts';
import { type Instrument, lotStepOf, type RuleChange } from './model/instrument.ts';
import type { RunSettings } from './settings.ts';

/** What an instrument's fills are charged, as a fraction of their notional. */
export interface FeeRates {
  readonly maker: number;
  readonly taker: number;
}

/** Every list is by instrument and is the same object for the whole run: what changes is changed in place, and nobody asks whether it has. */
export class RulesInForce {
  /** As the run was given them, with all that will change. */
  readonly declared: readonly Instrument[];
  /** As they are now, with nothing of what will be. */
  readonly instruments: Instrument[];
  /** Empty where the semantics leave prices alone. */
  readonly ticks: Grid[];
  readonly lots: Grid[];
  /** Holds every lot of the run: sums and differences of sizes lie on it. */
  readonly sizes: readonly Grid[];
  /** The largest size of one order, on the lot; Infinity where there is none. */
  readonly mostBase: number[];
  readonly feeRates: FeeRates[];
  /** The dearer of an instrument's two rates. */
  readonly dearerRates: number[];
  /** Some rules change. */
  readonly areDated: boolean;
  /** A position may become one that whole lots do not carry away. */
  readonly leaveRests: boolean;
  /** When the next rules come into force; Infinity where none do. */
  nextMs = Number.NEGATIVE_INFINITY;
  private readonly settings: Pick<RunSettings, 'costs' | 'semantics'>;
  private readonly places: number[];
  private readonly listeners: ((instrumentIndex: number) => void)[] = [];

  constructor(declared: readonly Instrument[], settings: Pick<RunSettings, 'costs' | 'semantics'>) {
    const { grid } = settings.semantics;
    this.settings = settings;
    this.declared = declared;
    this.places = declared.map(() => 0);
    this.instruments = declared.map(({ changes: _changes, ...rules }) => Object.freeze(rules));
    this.ticks = grid === 'instrument' ? declared.map((one) => new Grid(one.tickSize)) : [];
    this.lots = declared.map((one) => new Grid(grid === 'wholeUnits' ? 1 : one.lotSize));
    this.sizes = declared.map((one, i) => {
      const step = lotStepOf(one);
      return grid === 'wholeUnits' || step === one.lotSize ? this.lots[i] : new Grid(step);
    });
    this.mostBase = declared.map((one, i) => this.mostOf(one, i));
    this.feeRates = declared.map((one) => this.ratesOf(one));
    this.dearerRates = this.feeRates.map(dearer);
    this.areDated = declared.some(({ changes = [] }) => changes.length > 0);
    this.leaveRests = grid !== 'wholeUnits' && declared.some(leavesRests);
    this.nextMs = this.areDated ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  }

  /** Told of an instrument whose rules have just changed. */
  onChange(listener: (instrumentIndex: number) => void): void {
    this.listeners.push(listener);
  }

  /** Time is now this; never an earlier one. */
  moveTo(timeMs: number): void {
    if (timeMs < this.nextMs) return;
    this.nextMs = Number.POSITIVE_INFINITY;
    for (let i = 0; i < this.declared.length; i++) {
      const { changes = [] } = this.declared[i];
      const before = this.places[i];
      let place = before;
      while (place < changes.length && changes[place].fromMs <= timeMs) place++;
      this.places[i] = place;
      if (place > before) this.change(i, changes[place - 1]);
      if (place < changes.length && changes[place].fromMs < this.nextMs) this.nextMs = changes[place].fromMs;
    }
  }

  /** What orders a size goes out in: the largest first, that nothing is left but what no lot holds. */
  partsOf(instrumentIndex: number, sizeBase: number): number[] {
    const most = this.mostBase[instrumentIndex];
    const parts: number[] = [];
    let left = sizeBase;
    for (; left > most && most > 0; left = this.sizes[instrumentIndex].round(left - most)) parts.push(most);
    if (left > 0) parts.push(left);
    return parts;
  }

  private change(i: number, { fromMs: _from, ...rules }: RuleChange): void {
    const { maximumQuantityBase: _maximum, ...kept } = this.instruments[i];
    const instrument = Object.freeze({ ...kept, ...rules });
    this.instruments[i] = instrument;
    if (this.ticks.length > 0) this.ticks[i] = new Grid(instrument.tickSize);
    if (this.settings.semantics.grid !== 'wholeUnits') this.lots[i] = new Grid(instrument.lotSize);
    this.mostBase[i] = this.mostOf(instrument, i);
    this.feeRates[i] = this.ratesOf(instrument);
    this.dearerRates[i] = dearer(this.feeRates[i]);
    for (const listener of this.listeners) listener(i);
  }

  private mostOf({ maximumQuantityBase }: Instrument, i: number): number {
    return maximumQuantityBase === undefined ? Number.POSITIVE_INFINITY : this.lots[i].floor(maximumQuantityBase);
  }

  private ratesOf({ feeRateMaker, feeRateTaker }: Instrument): FeeRates {
    const { costs } = this.settings;
    return { maker: costs.feeRateMaker ?? feeRateMaker, taker: costs.feeRateTaker ?? feeRateTaker };
  }
}

function dearer({ maker, taker }: FeeRates): number {
  return Math.max(taker, maker);
}

/** Whole lots of earlier rules are no whole lots of later ones: a position may be left that they do not carry away. */
export function leavesRests({ lotSize, changes = [] }: Instrument): boolean {
  const lots = [lotSize, ...changes.map((change) => change.lotSize)];
  return lots.some((later, k) => lots.slice(0, k).some((earlier) => new Grid(later).floor(earlier) !== earlier));
}
