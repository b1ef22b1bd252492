/** Owns the schema of a strategy's parameters: types, defaults, ranges. The search space of a sweep comes from the same schema. */
import { ConfigError } from './errors.ts';
import { nearest } from './nearest.ts';

export interface IntegerParameter {
  readonly type: 'integer';
  readonly default: number;
  readonly min: number;
  readonly max: number;
}
export interface NumberParameter {
  readonly type: 'number';
  readonly default: number;
  readonly min: number;
  readonly max: number;
}
export interface BooleanParameter {
  readonly type: 'boolean';
  readonly default: boolean;
}
export interface ChoiceParameter<Option extends string = string> {
  readonly type: 'choice';
  readonly default: Option;
  readonly options: readonly Option[];
}
export type Parameter = IntegerParameter | NumberParameter | BooleanParameter | ChoiceParameter;
export type ParameterSchema = Readonly<Record<string, Parameter>>;
export type ParameterValues = Readonly<Record<string, number | boolean | string>>;

/** The values a schema describes, typed name by name. */
export type ValuesOf<Schema extends ParameterSchema> = {
  readonly [Name in keyof Schema]: Schema[Name] extends { type: 'choice'; options: readonly (infer Option)[] }
    ? Option
    : Schema[Name] extends { type: 'boolean' }
      ? boolean
      : number;
};

/** A whole number between min and max, both included. */
export function integer(defaultValue: number, range: { min: number; max: number }): IntegerParameter {
  checkRange('integer', defaultValue, range, '{ min: 1, max: 100 }');
  return { type: 'integer', default: defaultValue, min: range.min, max: range.max };
}

/** A number between min and max, both included. */
export function number(defaultValue: number, range: { min: number; max: number }): NumberParameter {
  checkRange('number', defaultValue, range, '{ min: 0, max: 1 }');
  return { type: 'number', default: defaultValue, min: range.min, max: range.max };
}

export function boolean(defaultValue: boolean): BooleanParameter {
  return { type: 'boolean', default: defaultValue };
}

/** One of the options, by name. */
export function choice<const Option extends string>(defaultValue: NoInfer<Option>, options: readonly Option[]): ChoiceParameter<Option> {
  if (!Array.isArray(options))
    throw undeclared(`choice(${JSON.stringify(defaultValue)})`, 'the options were missing', 'choice(default, [option, …])', '["a", "b"]');
  return { type: 'choice', default: defaultValue, options };
}

function checkRange(type: 'integer' | 'number', defaultValue: number, range: Partial<IntegerParameter> | undefined, example: string): void {
  const faulty = (['min', 'max'] as const).filter((name) => typeof range?.[name] !== 'number');
  if (faulty.length === 0) return;
  const isMissing = faulty.every((name) => range?.[name] === undefined);
  const found = `${faulty.join(' and ')} ${faulty.length === 1 ? 'was' : 'were'} ${isMissing ? 'missing' : 'no number'}`;
  throw undeclared(`${type}(${JSON.stringify(defaultValue)})`, found, `${type}(default, { min, max })`, example);
}

function undeclared(call: string, found: string, expected: string, example: string): ConfigError {
  return new ConfigError('STRATEGY_INVALID', `${call}: ${found}, expected ${expected} such as ${call.slice(0, -1)}, ${example})`);
}

/** Fills in defaults and checks names, types and ranges; the result is frozen, in the schema's order. STRATEGY_PARAMETER with every fault on a line of its own. */
export function resolveParameters(
  strategyName: string,
  schema: ParameterSchema,
  given: Readonly<Record<string, unknown>>,
): ParameterValues {
  const faults: { readonly name: string; readonly text: string }[] = [];
  for (const name of Object.keys(given)) {
    if (Object.hasOwn(schema, name)) continue;
    const hint = nearest(name, Object.keys(schema));
    const known = Object.keys(schema).join(', ') || 'none';
    faults.push({ name, text: `"${strategyName}" has no such parameter${hint ? `; did you mean "${hint}"?` : ''} (it has: ${known})` });
  }
  const values: Record<string, number | boolean | string> = {};
  for (const [name, parameter] of Object.entries(schema)) {
    const value = Object.hasOwn(given, name) ? given[name] : parameter.default;
    const expected = expectation(parameter, value);
    if (expected !== '') faults.push({ name, text: `was ${JSON.stringify(value)}, expected ${expected}` });
    values[name] = value as number | boolean | string;
  }
  if (faults.length > 0) {
    const message = faults.map(({ name, text }) => `strategy.parameters.${name}: ${text}`).join('\n');
    throw new ConfigError('STRATEGY_PARAMETER', message, { parameter: faults[0].name, faultCount: faults.length });
  }
  return Object.freeze(values);
}

/** What the parameter expects, in words; '' where the value is good. */
function expectation(parameter: Parameter, value: unknown): string {
  switch (parameter.type) {
    case 'boolean':
      return typeof value === 'boolean' ? '' : 'true or false';
    case 'choice':
      return typeof value === 'string' && parameter.options.includes(value) ? '' : `one of ${parameter.options.join(', ')}`;
    default: {
      const isGood =
        typeof value === 'number' &&
        value >= parameter.min &&
        value <= parameter.max &&
        (parameter.type === 'number' || Number.isInteger(value));
      return isGood ? '' : `${parameter.type === 'integer' ? 'a whole number' : 'a number'} from ${parameter.min} to ${parameter.max}`;
    }
  }
}
