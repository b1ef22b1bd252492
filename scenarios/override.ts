/** Owns --set path=value: one value of a scenario replaced from the command line. Never creates a name the schema does not have. */

import { keysAt, scenarioError, unknownKey } from './problems.ts';
import type { SchemaNode } from './schema.ts';
import { type Path, type Problem, parseYaml, pathText } from './yaml.ts';

export interface Override {
  readonly path: Path;
  readonly value: unknown;
  /** As the user wrote it, for messages. */
  readonly text: string;
}

/** Parses "strategy.parameters.fast=12" or "data.series.0.symbol=ETH/USDT"; the value is YAML, so lists and blocks go too. */
export function parseOverride(text: string): Override {
  const equals = text.indexOf('=');
  if (equals <= 0)
    throw scenarioError([problemOf(text, '(top)', 'was no assignment, expected path=value, as in strategy.parameters.fast=12')]);
  const parts = text
    .slice(0, equals)
    .trim()
    .replaceAll(/\[(\d+)\]/g, '.$1')
    .split('.');
  if (parts.length > 12 || parts.some((part) => part === '' || part === '__proto__' || part === 'constructor' || part === 'prototype')) {
    throw scenarioError([problemOf(text, '(top)', 'was no path of a scenario, expected names joined by dots')]);
  }
  const path = parts.map((part) => (/^\d+$/.test(part) ? Number(part) : part));
  const source = parseYaml(text.slice(equals + 1), `--set ${text}`);
  if (source.problems.length > 0) throw scenarioError(source.problems.map((problem) => ({ ...problem, line: 0, path: pathText(path) })));
  return { path, value: source.value, text };
}

/** A copy of the scenario with the overrides in place, in their order. */
export function applyOverrides(
  scenario: Record<string, unknown>,
  overrides: readonly Override[],
  schema: SchemaNode,
): Record<string, unknown> {
  const result = structuredClone(scenario);
  for (const override of overrides) apply(result, override, schema);
  return result;
}

function apply(target: Record<string, unknown>, override: Override, schema: SchemaNode): void {
  let holder: Record<string | number, unknown> = target;
  override.path.forEach((part, i) => {
    const here = override.path.slice(0, i + 1);
    const known = keysAt(schema, here.slice(0, -1));
    if (known !== undefined && !known.includes(String(part)))
      throw scenarioError([problemOf(override.text, pathText(here), unknownKey(here, schema).text)]);
    if (Array.isArray(holder) && (typeof part !== 'number' || part >= holder.length)) {
      throw scenarioError([
        problemOf(
          override.text,
          pathText(here),
          `was entry ${part} of a list of ${holder.length}, expected ${holder.length === 0 ? 'the whole list' : `0 to ${holder.length - 1}`}`,
        ),
      ]);
    }
    if (i === override.path.length - 1) {
      holder[part] = override.value;
      return;
    }
    const below = Object.hasOwn(holder, part) ? holder[part] : undefined;
    if (typeof below !== 'object' || below === null) holder[part] = {};
    holder = holder[part] as Record<string | number, unknown>;
  });
  dropOtherStrategy(target, override.path);
}

/** --set strategy.use=… replaces a strategy.file, and the other way round; the parameters belonged to the strategy replaced. */
function dropOtherStrategy(target: Record<string, unknown>, path: Path): void {
  if (path.length !== 2 || path[0] !== 'strategy' || (path[1] !== 'use' && path[1] !== 'file')) return;
  const strategy = target.strategy as Record<string, unknown>;
  const other = path[1] === 'use' ? 'file' : 'use';
  if (strategy[other] === undefined) return;
  delete strategy[other];
  delete strategy.parameters;
}

function problemOf(text: string, path: string, what: string): Problem {
  return { file: `--set ${text}`, line: 0, column: 0, path, text: what };
}
