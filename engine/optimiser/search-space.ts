/** Owns which parameter sets a search may try: a dimension for each parameter that varies, and what must hold between them. Never plays one. */
import { ConfigError } from '../errors.ts';
import { log, pow } from '../math.ts';
import { nearest } from '../nearest.ts';
import { type Parameter, type ParameterSchema, type ParameterValues, resolveParameters } from '../parameters.ts';
import { Condition } from './conditions.ts';

export type ParameterValue = number | boolean | string;

/** What a scenario says of one parameter: its values, or a range; step: distance of values, default 1 for whole numbers, any value for others. */
export type DimensionSpec =
  | readonly ParameterValue[]
  | { readonly from: number; readonly to: number; readonly step?: number | undefined; readonly scale?: 'linear' | 'log' | undefined };

export interface SpaceSpec {
  /** By parameter; those left out keep the scenario's value. */
  readonly parameters: Readonly<Record<string, DimensionSpec>>;
  /** Conditions between parameters; a set for which one does not hold is not tried. */
  readonly where?: readonly string[] | undefined;
}

/** One parameter that varies. */
export interface Dimension {
  readonly name: string;
  /** In their order; null where any number of the range may be tried. */
  readonly values: readonly ParameterValue[] | null;
  readonly from: number;
  readonly to: number;
  readonly isLog: boolean;
}

const valuesMax = 100_000;

export class SearchSpace {
  readonly dimensions: readonly Dimension[];
  private readonly strategyName: string;
  private readonly schema: ParameterSchema;
  private readonly fixed: Readonly<Record<string, unknown>>;
  private readonly conditions: readonly Condition[];

  /** fixed: what the scenario states for parameters that do not vary. STRATEGY_PARAMETER or USAGE where it cannot be. */
  constructor(input: {
    readonly strategyName: string;
    readonly schema: ParameterSchema;
    readonly fixed: Readonly<Record<string, unknown>>;
    readonly spec: SpaceSpec;
  }) {
    const { strategyName, schema, fixed, spec } = input;
    this.strategyName = strategyName;
    this.schema = schema;
    this.fixed = fixed;
    this.dimensions = Object.entries(spec.parameters).map(([name, dimension]) => dimensionOf(strategyName, schema, name, dimension));
    const names = Object.keys(schema);
    this.conditions = (spec.where ?? []).map((text) => Condition.parse(text, { names, what: 'search.where' }));
    if (this.dimensions.length === 0)
      throw new ConfigError('USAGE', 'search.parameters: was empty, expected one parameter or more to vary', { at: 'search.parameters' });
  }

  /** A whole parameter set, checked against the schema; values: one for each dimension. */
  parametersOf(values: readonly ParameterValue[]): ParameterValues {
    const given: Record<string, unknown> = { ...this.fixed };
    this.dimensions.forEach(({ name }, d) => {
      given[name] = values[d];
    });
    return resolveParameters(this.strategyName, this.schema, given);
  }

  /** Every condition holds between the parameters. */
  allows(parameters: ParameterValues): boolean {
    return this.conditions.every((condition) => condition.holds((name) => Number(parameters[name])));
  }

  /** Parameter sets of the whole grid, conditions aside; Infinity where a dimension has no steps. */
  get gridSize(): number {
    return this.dimensions.reduce((product, { values }) => product * (values?.length ?? Number.POSITIVE_INFINITY), 1);
  }
}

/** The value that a place in [0, 1) stands for: each value of a list or a linear range has an equal share, of a log range each doubling. */
export function valueAt({ values, from, to, isLog }: Dimension, place: number): ParameterValue {
  if (!isLog) return values === null ? from + (to - from) * place : values[Math.min(values.length - 1, Math.floor(place * values.length))];
  const value = from * pow(to / from, place);
  if (values === null || values.length === 1) return values === null ? value : values[0];
  const step = Number(values[1]) - Number(values[0]);
  return values[Math.min(values.length - 1, Math.round((value - from) / step))];
}

/** Where between its ends a value of a range lies, 0 to 1: what valueAt() makes of any number. */
export function placeOf({ from, to, isLog }: Dimension, value: number): number {
  return isLog ? log(value / from) / log(to / from) : (value - from) / (to - from);
}

function dimensionOf(strategyName: string, schema: ParameterSchema, name: string, spec: DimensionSpec): Dimension {
  if (!Object.hasOwn(schema, name)) {
    const hint = nearest(name, Object.keys(schema));
    const known = Object.keys(schema).join(', ') || 'none';
    const text = `"${strategyName}" has no such parameter${hint === undefined ? '' : `; did you mean "${hint}"?`} (it has: ${known})`;
    throw new ConfigError('STRATEGY_PARAMETER', `search.parameters.${name}: ${text}`, { parameter: name, at: `search.parameters.${name}` });
  }
  const parameter = schema[name];
  const dimension = Array.isArray(spec) ? listOf(name, spec) : rangeOf(name, parameter, spec as Exclude<DimensionSpec, readonly unknown[]>);
  const { values, from, to } = dimension;
  // Its ends first: they are what was written.
  const tried = values === null ? [from, to] : [values[0], values[values.length - 1], ...values];
  for (const value of tried) {
    try {
      resolveParameters(strategyName, { [name]: parameter }, { [name]: value });
    } catch (error) {
      const text = error instanceof Error ? error.message.replace(/^strategy\./, 'search.') : String(error);
      throw new ConfigError('STRATEGY_PARAMETER', text, { parameter: name, at: `search.parameters.${name}` });
    }
  }
  return dimension;
}

function listOf(name: string, values: readonly ParameterValue[]): Dimension {
  if (values.length === 0) throw badDimension(name, 'an empty list', 'one value or more');
  const twice = values.find((value, i) => values.indexOf(value) !== i);
  if (twice !== undefined) throw badDimension(name, `${String(twice)} twice`, 'each value once');
  return { name, values, from: Number.NaN, to: Number.NaN, isLog: false };
}

function rangeOf(name: string, parameter: Parameter, { from, to, step, scale }: Exclude<DimensionSpec, readonly unknown[]>): Dimension {
  if (parameter.type !== 'integer' && parameter.type !== 'number')
    throw badDimension(name, 'a range', `a list of values: it is a ${parameter.type}`);
  const isLog = scale === 'log';
  if (!(from < to)) throw badDimension(name, `from ${from} to ${to}`, 'a "to" above its "from"');
  if (isLog && !(from > 0)) throw badDimension(name, `from ${from}`, 'a "from" above 0 on a log scale');
  if (step !== undefined && !(step > 0)) throw badDimension(name, `step ${step}`, 'a step above 0');
  const plain = { name, from, to, isLog };
  const distance = step ?? (parameter.type === 'integer' ? 1 : undefined);
  if (distance === undefined) return { ...plain, values: null };
  const count = Math.floor((to - from) / distance + 1e-9) + 1;
  if (count > valuesMax) throw badDimension(name, `${count} values`, `at most ${valuesMax}`);
  return { ...plain, values: Array.from({ length: count }, (_, k) => cleanSum(from, k, distance)) };
}

/** from + k × step as the decimal it stands for: 0.1 + 2 × 0.1 is 0.3. */
function cleanSum(from: number, k: number, step: number): number {
  return Number((from + k * step).toPrecision(12));
}

function badDimension(name: string, found: string, expected: string): ConfigError {
  return new ConfigError('STRATEGY_PARAMETER', `search.parameters.${name}: was ${found}, expected ${expected}`, {
    parameter: name,
    at: `search.parameters.${name}`,
  });
}
