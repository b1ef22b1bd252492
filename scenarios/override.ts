/** Owns --set path=value: one value of a scenario replaced from the command line. Never creates a name the schema does not have. */

import { keysAt, unknownKey } from './problems.ts';
import type { SchemaNode } from './schema.ts';
import { type Path, type Problem, parseYaml, pathText } from './yaml.ts';

export interface Override {
  readonly path: Path;
  readonly value: unknown;
  /** As the user wrote it, for messages. */
  readonly text: string;
}

/** What --set texts ask for, and every fault of those that ask for nothing. */
export interface ParsedOverrides {
  readonly overrides: readonly Override[];
  readonly problems: readonly Problem[];
}

/** Every text parsed; one that is faulty does not hide the next. */
export function parseOverrides(texts: readonly string[]): ParsedOverrides {
  const parsed = texts.map(parseOverride);
  return {
    overrides: parsed.filter((one): one is Override => 'value' in one),
    problems: parsed.flatMap((one) => ('value' in one ? [] : one.problems)),
  };
}

/** Parses "strategy.parameters.fast=12" or "data.series.0.symbol=ETH/USDT"; the value is YAML, so lists and blocks go too. */
function parseOverride(text: string): Override | { readonly problems: readonly Problem[] } {
  const equals = text.indexOf('=');
  if (equals <= 0)
    return { problems: [problemOf(text, '(top)', 'was no assignment, expected path=value, as in strategy.parameters.fast=12')] };
  const parts = text
    .slice(0, equals)
    .trim()
    .replaceAll(/\[(\d+)\]/g, '.$1')
    .split('.');
  if (parts.length > 12 || parts.some((part) => part === '' || part === '__proto__' || part === 'constructor' || part === 'prototype')) {
    return { problems: [problemOf(text, '(top)', 'was no path of a scenario, expected names joined by dots')] };
  }
  const path = parts.map((part) => (/^\d+$/.test(part) ? Number(part) : part));
  const source = parseYaml(text.slice(equals + 1), `--set ${text}`);
  if (source.problems.length > 0) return { problems: source.problems.map((problem) => ({ ...problem, line: 0, path: pathText(path) })) };
  return { path, value: source.value, text };
}

/** A copy of the scenario with the overrides in place, in their order; those that fit nowhere are told as problems. */
export function applyOverrides(
  scenario: Record<string, unknown>,
  overrides: readonly Override[],
  schema: SchemaNode,
): { readonly merged: Record<string, unknown>; readonly problems: readonly Problem[] } {
  const merged = structuredClone(scenario);
  const problems = overrides.flatMap((override) => apply(merged, override, schema) ?? []);
  return { merged, problems };
}

/** Puts one value in its place; a problem where there is none. */
function apply(target: Record<string, unknown>, override: Override, schema: SchemaNode): Problem | undefined {
  let holder: Record<string | number, unknown> = target;
  for (const [i, part] of override.path.entries()) {
    const here = override.path.slice(0, i + 1);
    const known = keysAt(schema, here.slice(0, -1));
    if (known !== undefined && !known.includes(String(part)))
      return problemOf(override.text, pathText(here), unknownKey(here, schema).text);
    if (Array.isArray(holder) && (typeof part !== 'number' || part >= holder.length)) {
      return problemOf(
        override.text,
        pathText(here),
        `was entry ${part} of a list of ${holder.length}, expected ${holder.length === 0 ? 'the whole list' : `0 to ${holder.length - 1}`}`,
      );
    }
    if (i === override.path.length - 1) {
      holder[part] = override.value;
      break;
    }
    const below = Object.hasOwn(holder, part) ? holder[part] : undefined;
    if (typeof below !== 'object' || below === null) holder[part] = {};
    holder = holder[part] as Record<string | number, unknown>;
  }
  dropOtherStrategy(target, override.path);
  return undefined;
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
