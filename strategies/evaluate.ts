/** Owns turning a bundle's text into strategies. Never bundles and never reads files, so it works in a worker from the string alone. */
import { ConfigError } from '../engine/errors.ts';
import type { Parameter, ParameterSchema } from '../engine/parameters.ts';
import type { StrategyDefinition } from '../engine/strategy.ts';
import { type ConsoleSink, createFence, stderrSink } from './fence.ts';
import { surface } from './surface.ts';

/** Evaluates the strategy's modules afresh: nothing they keep leaks from one call to the next. */
export type StrategyFactory = () => StrategyDefinition;

/** Name of the compiled text in stack traces. */
export const bundleUrl = 'playhead-strategy.js';
/** Lines that stand before the bundle's first line in the compiled text: two of the language's own, one of ours. */
export const bundleLineOffset = 3;
/** The variable that the bundle leaves its exports in. */
export const bundleExports = '__strategy';
/** The parameter under which the bundle finds the engine's surface. */
export const bundleSurface = '__playhead';

/**
 * Compiles a bundle once; each call of what it returns evaluates it afresh with the same compiled code, so that a sweep's later trials
 * run on what the optimiser learned in the earlier. STRATEGY_INVALID (from the factory) where the default export is no strategy.
 * sink: takes what its console prints; default stderr.
 */
export function compileStrategy(code: string, sink: ConsoleSink = stderrSink): StrategyFactory {
  const fence = createFence(sink);
  const names = Object.keys(fence);
  const values = Object.values(fence);
  // The inner function is strict; the outer is not, or it could not have a parameter called eval.
  const body = `return (function () { "use strict";\n${code}\nreturn ${bundleExports};\n})();\n//# sourceURL=${bundleUrl}`;
  const evaluate = new Function(bundleSurface, ...names, body) as (...given: unknown[]) => Readonly<Record<string, unknown>> | undefined;
  // A file that exports nothing leaves nothing.
  return () => checkExports(evaluate(surface, ...values) ?? {});
}

function checkExports(exported: Readonly<Record<string, unknown>>): StrategyDefinition {
  const names = Object.keys(exported);
  if (!names.includes('default')) {
    const found = names.length === 0 ? 'it exports nothing' : `it exports only ${names.join(', ')}`;
    throw invalid(`the strategy file has no default export (${found}); write "export default defineStrategy({ … })"`);
  }
  const definition = exported.default;
  if (typeof definition !== 'object' || definition === null || Array.isArray(definition)) {
    throw invalid(`the default export was ${kindOf(definition)}, expected what defineStrategy({ … }) returns`);
  }
  const { name, parameters, setup, fee } = definition as Record<string, unknown>;
  if (typeof name !== 'string' || name === '') throw invalid(`name was ${kindOf(name)}, expected a text such as 'my-strategy'`);
  if (typeof setup !== 'function') throw invalid(`setup of "${name}" was ${kindOf(setup)}, expected a function that returns the handlers`);
  if (typeof parameters !== 'object' || parameters === null || Array.isArray(parameters)) {
    throw invalid(
      `parameters of "${name}" was ${kindOf(parameters)}, expected a schema such as { period: integer(20, { min: 2, max: 200 }) }, or {} for none`,
    );
  }
  if (fee !== undefined && typeof fee !== 'function')
    throw invalid(`fee of "${name}" was ${kindOf(fee)}, expected a function of a fill that returns its fee in quote`);
  checkSchema(name, parameters as ParameterSchema);
  return definition as StrategyDefinition;
}

function checkSchema(strategyName: string, schema: ParameterSchema): void {
  for (const [name, parameter] of Object.entries(schema)) {
    const fault = faultOf(parameter);
    if (fault !== '') throw invalid(`parameter "${name}" of "${strategyName}" ${fault}`);
  }
}

/** What is wrong with a parameter's declaration, in words; '' where it is good. */
function faultOf(parameter: Parameter): string {
  if (typeof parameter !== 'object' || parameter === null)
    return `was ${kindOf(parameter)}, expected integer(…), number(…), boolean(…) or choice(…)`;
  const { type } = parameter;
  const standard: unknown = parameter.default;
  switch (type) {
    case 'boolean':
      return typeof standard === 'boolean' ? '' : `has the default ${kindOf(standard)}, expected true or false`;
    case 'choice':
      return parameter.options.includes(parameter.default)
        ? ''
        : `has the default ${kindOf(parameter.default)}, expected one of ${parameter.options.join(', ')}`;
    case 'integer':
    case 'number': {
      const { default: value, min, max } = parameter;
      const isWhole = type === 'number' || (Number.isInteger(value) && Number.isInteger(min) && Number.isInteger(max));
      if (!isWhole) return `has default ${value} and range ${min} to ${max}, expected whole numbers`;
      return value >= min && value <= max ? '' : `has the default ${value}, outside its own range ${min} to ${max}`;
    }
    default:
      return `has the type ${kindOf(type)}, expected integer(…), number(…), boolean(…) or choice(…)`;
  }
}

function kindOf(value: unknown): string {
  if (value === undefined) return 'missing';
  if (value === null) return 'null';
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'function') return `a function${value.name ? ` (${value.name})` : ''}`;
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'object' ? 'an object' : `the ${typeof value} ${String(value)}`;
}

function invalid(message: string): ConfigError {
  return new ConfigError('STRATEGY_INVALID', message);
}
