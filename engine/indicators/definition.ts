/** Owns the contract of an indicator: one kernel in two forms, equal bit for bit. */

/**
 * A column an indicator reads. decimals: digits after the point of its grid (prices of an instrument), −1 off any grid.
 * units(terms): the column as whole units of 10^−decimals, computed once and shared (leading NaN stay NaN); null off the grid or where a sum
 * of that many terms (default 1) could leave 2^53. Null only costs speed: every indicator gives the same result without it.
 */
export interface Source {
  readonly values: Float64Array;
  readonly decimals: number;
  units(terms?: number): Float64Array | null;
}

/** The streaming form: one value of each source in, one value of each output out, in the order of the definition. */
export interface IndicatorStream {
  next(inputs: Float64Array, outputs: Float64Array): void;
}

/**
 * One indicator. batch fills the caller's targets (one for each output, as long as the sources) and allocates nothing a bar;
 * NaN until warm. parameters are numbers in the order of parameterNames.
 */
export interface IndicatorDefinition {
  readonly name: string;
  readonly parameterNames: readonly string[];
  readonly outputs: readonly string[];
  /** Decimals of each output's own grid, given those of the sources; −1 where it has none (means, ratios). */
  outputDecimals(decimals: readonly number[]): readonly number[];
  batch(sources: readonly Source[], parameters: readonly number[], targets: readonly Float64Array[]): void;
  /** decimals: of each source, so that both forms take the same path. */
  stream(parameters: readonly number[], decimals: readonly number[]): IndicatorStream;
}
