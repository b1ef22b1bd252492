/** Owns what is known of a traded thing. Never changes during a run. */

/** A side of an instrument on an account that holds both at once. */
export type Leg = 'long' | 'short';

/**
 * Rules of one instrument in force during [validFromMs, validToMs). tickSize and lotSize are decimal numbers (0.01);
 * currency decimals are the ledger's precision; multiplier is quote per price unit per base unit (1 for spot).
 * maximumQuantityBase is the largest size of one order, left out where there is none; changes are what comes later, in order of time.
 */
export interface Instrument {
  readonly venue: string;
  readonly symbol: string;
  readonly baseCurrency: string;
  readonly quoteCurrency: string;
  readonly tickSize: number;
  readonly lotSize: number;
  readonly minimumNotionalQuote: number;
  readonly maximumQuantityBase?: number;
  readonly baseDecimals: number;
  readonly quoteDecimals: number;
  readonly multiplier: number;
  readonly feeRateMaker: number;
  readonly feeRateTaker: number;
  readonly validFromMs: number;
  readonly validToMs: number;
  /** On a hedge account, which leg this is; absent elsewhere. */
  readonly leg?: Leg;
  /** What changes while the rest stays; left out where nothing does. */
  readonly changes?: readonly RuleChange[];
}

/** The rules that a venue changes from time to time. */
export const datedRules = [
  'tickSize',
  'lotSize',
  'minimumNotionalQuote',
  'maximumQuantityBase',
  'feeRateMaker',
  'feeRateTaker',
] as const satisfies readonly (keyof Instrument)[];

/** All of them, as they are in force from fromMs on. */
export interface RuleChange extends Pick<Instrument, (typeof datedRules)[number]> {
  readonly fromMs: number;
}

/** The coarsest step that every tick of the instrument is a multiple of. */
export function tickStepOf({ tickSize, changes = [] }: Pick<Instrument, 'tickSize' | 'changes'>): number {
  return commonStep([tickSize, ...changes.map((change) => change.tickSize)]);
}

/** The coarsest step that every lot of the instrument is a multiple of. */
export function lotStepOf({ lotSize, changes = [] }: Instrument): number {
  return commonStep([lotSize, ...changes.map((change) => change.lotSize)]);
}

function commonStep(steps: readonly number[]): number {
  if (steps.every((step) => step === steps[0])) return steps[0];
  const scale = Number(`1e${Math.max(...steps.map(decimalsOf))}`);
  return steps.map((step) => Math.round(step * scale)).reduce(commonDivisor) / scale;
}

function commonDivisor(a: number, b: number): number {
  return b === 0 ? a : commonDivisor(b, a % b);
}

/** Digits after the point that write the number exactly: 0.01 → 2, 0.25 → 2, 1 → 0; at most 15. */
export function decimalsOf(value: number): number {
  for (let decimals = 0; decimals <= 15; decimals++) if (Number(value.toFixed(decimals)) === value) return decimals;
  return 15;
}
