/** Owns the two forms of an indicator around its one kernel. Never computes a value itself. */
import { assert, ConfigError } from '../errors.ts';
import type { IndicatorDefinition, IndicatorStream, Source } from './definition.ts';
import { commonGrid, type Grid } from './grid.ts';

/** Bars a batch plays at once: small enough that a kernel's scratch columns stay in the processor's cache. */
const spanBars = 2048;

/**
 * The one implementation of an indicator. It plays spans of bars and keeps its state between them: batch plays long spans, streaming spans
 * of one bar. Nothing in a kernel may depend on where a span ends; then both forms are equal bit for bit by construction.
 */
export interface Kernel {
  /** columns and targets hold at least `length` bars, length ≤ the span the kernel was made for. */
  play(columns: readonly Float64Array[], targets: readonly Float64Array[], length: number): void;
}

export interface ParameterRule {
  readonly name: string;
  /** A period is a whole number ≥ min; a factor any finite number. */
  readonly kind: 'period' | 'factor';
  readonly min?: number;
}

export interface IndicatorShape {
  readonly name: string;
  readonly parameters: readonly ParameterRule[];
  readonly outputs: readonly string[];
  outputDecimals(decimals: readonly number[]): readonly number[];
  /** 'ticks': the kernel is given columns in ticks of the sources' common grid; 'values': as they are. */
  readonly reads: 'ticks' | 'values';
  kernel(parameters: readonly number[], grid: Grid, span: number): Kernel;
  /** A faster batch for columns that allow it; false where it does not apply. Must equal the kernel bit for bit. */
  shortcut?(sources: readonly Source[], parameters: readonly number[], targets: readonly Float64Array[]): boolean;
}

/** Longest period: guards against a slip of the keyboard that would take all memory. */
const periodMax = 1_000_000;

export function period(name = 'period', min = 1): ParameterRule {
  return { name, kind: 'period', min };
}

export function factor(name: string): ParameterRule {
  return { name, kind: 'factor' };
}

/** For outputs that lie on no grid. */
export function noDecimals(count: number): () => readonly number[] {
  const none: readonly number[] = Object.freeze(new Array<number>(count).fill(-1));
  return () => none;
}

/** Wraps a kernel into a definition. A parameter outside its rule → ConfigError STRATEGY_PARAMETER. */
export function defineIndicator(shape: IndicatorShape): IndicatorDefinition {
  return Object.freeze({
    name: shape.name,
    parameterNames: Object.freeze(shape.parameters.map((rule) => rule.name)),
    outputs: Object.freeze([...shape.outputs]),
    outputDecimals: shape.outputDecimals,
    batch: (sources: readonly Source[], parameters: readonly number[], targets: readonly Float64Array[]) =>
      playBatch(shape, sources, parameters, targets),
    stream: (parameters: readonly number[], decimals: readonly number[]) => openStream(shape, parameters, decimals),
  });
}

function playBatch(
  shape: IndicatorShape,
  sources: readonly Source[],
  parameters: readonly number[],
  targets: readonly Float64Array[],
): void {
  checkParameters(shape, parameters);
  assert(targets.length === shape.outputs.length, `${shape.name}: ${targets.length} targets for ${shape.outputs.length} outputs`);
  if (shape.shortcut?.(sources, parameters, targets)) return;
  const grid = commonGrid(sources.map((source) => source.decimals));
  const columns = sources.map((source) => (shape.reads === 'ticks' ? ticksOf(source, grid) : source.values));
  const { length } = columns[0];
  const kernel = shape.kernel(parameters, grid, Math.min(length, spanBars));
  for (let from = 0; from < length; from += spanBars) {
    const to = Math.min(from + spanBars, length);
    kernel.play(
      columns.map((column) => column.subarray(from, to)),
      targets.map((target) => target.subarray(from, to)),
      to - from,
    );
  }
}

function ticksOf(source: Source, grid: Grid): Float64Array {
  if (grid.decimals < 0) return source.values;
  const units = source.decimals === grid.decimals ? source.units() : null;
  if (units !== null) return units;
  const { values } = source;
  const ticks = new Float64Array(values.length);
  for (let i = 0; i < values.length; i++) ticks[i] = grid.ticks(values[i]);
  return ticks;
}

function openStream(shape: IndicatorShape, parameters: readonly number[], decimals: readonly number[]): IndicatorStream {
  checkParameters(shape, parameters);
  return new SpanStream(shape.kernel(parameters, commonGrid(decimals), 1), shape, decimals);
}

class SpanStream implements IndicatorStream {
  private readonly kernel: Kernel;
  private readonly grid: Grid | null;
  private readonly columns: readonly Float64Array[];
  private readonly targets: readonly Float64Array[];

  constructor(kernel: Kernel, shape: IndicatorShape, decimals: readonly number[]) {
    this.kernel = kernel;
    this.grid = shape.reads === 'ticks' ? commonGrid(decimals) : null;
    this.columns = decimals.map(() => new Float64Array(1));
    this.targets = shape.outputs.map(() => new Float64Array(1));
  }

  next(inputs: Float64Array, outputs: Float64Array): void {
    const { grid, columns, targets } = this;
    for (let i = 0; i < columns.length; i++) columns[i][0] = grid === null ? inputs[i] : grid.ticks(inputs[i]);
    this.kernel.play(columns, targets, 1);
    for (let i = 0; i < targets.length; i++) outputs[i] = targets[i][0];
  }
}

function checkParameters(shape: IndicatorShape, parameters: readonly number[]): void {
  const { name, parameters: rules } = shape;
  assert(parameters.length === rules.length, `${name}: ${parameters.length} parameters for ${rules.length}`);
  for (let i = 0; i < rules.length; i++) {
    const { name: parameter, kind, min = 1 } = rules[i];
    const value = parameters[i];
    if (kind === 'factor' ? Number.isFinite(value) : Number.isInteger(value) && value >= min && value <= periodMax) continue;
    const expected = kind === 'factor' ? 'a finite number' : `a whole number from ${min} to ${periodMax}`;
    throw new ConfigError('STRATEGY_PARAMETER', `${name}: ${parameter} is ${value}; expected ${expected}`, {
      indicator: name,
      parameter,
      value,
    });
  }
}
