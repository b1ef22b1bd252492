/** Owns the promise that README tells the truth about codes, commands and exports. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { ConfigError, DataError, errorCodes, GateError, StrategyError } from '../engine/errors.ts';
import { playheadSemantics } from '../engine/settings.ts';
import { buildProgram } from './program.ts';
import { riskSchema } from './risk-schema.ts';
import { type SchemaNode, scenarioJsonSchema, scenarioSchema } from './schema.ts';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');

/** "risk.sizeBuffer" of every key; of a list those of its entries. */
function keysOf(value: unknown, above = ''): string[] {
  if (Array.isArray(value)) return value.flatMap((entry) => keysOf(entry, above));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => [`${above}${key}`, ...keysOf(inner, `${above}${key}.`)]);
}

function keysOfSchema({ properties = {}, items }: SchemaNode, above = ''): string[] {
  if (items !== undefined) return keysOfSchema(items, above);
  return Object.entries(properties).flatMap(([key, inner]) => [`${above}${key}`, ...keysOfSchema(inner, `${above}${key}.`)]);
}

describe('README', () => {
  test('its table of error codes is the table of the program, text by text', () => {
    const rows = [...readme.matchAll(/^\| `([A-Z_]+)` \| (.+) \|$/gm)].map(([, code, text]) => [code, text]);
    expect(rows).toEqual(Object.entries(errorCodes));
  });

  test('exit codes of the error classes are those of its table', () => {
    const codes = [ConfigError, DataError, GateError, StrategyError].map((Class) => new Class('USAGE', '').exitCode);
    expect(codes).toEqual([2, 3, 4, 5]);
    for (const code of codes) expect(readme).toMatch(new RegExp(`^\\| ${code} \\| `, 'm'));
  });

  test('every command of the program stands in it', () => {
    const names = buildProgram().commands.map((command) => command.name());
    expect(names.length).toBeGreaterThan(8);
    for (const name of names) expect(readme, name).toContain(`playhead ${name}`);
  });

  const scenarioTexts = [...readme.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, text]) => text);
  const first = parse(scenarioTexts[0]) as Record<string, unknown>;
  const others = parse(scenarioTexts[1]) as Record<string, unknown>;

  test('the scenario it shows is a scenario, and so it is with every other key', () => {
    expect(scenarioSchema.safeParse(first).error?.issues ?? []).toEqual([]);
    expect(scenarioSchema.safeParse({ ...first, ...others }).error?.issues ?? []).toEqual([]);
  });

  test('the two scenarios it shows hold every key of the schema, but for the metrics of expect and what editors read', () => {
    const shown = new Set([...keysOf(first), ...keysOf(others)]);
    // Some stand in a comment, since they exclude another; those of account, costs and risk have sections of their own.
    const told = `${scenarioTexts[0]}${scenarioTexts[1]}`;
    const isTold = (key: string): boolean => shown.has(key) || told.includes(` ${key.split('.').at(-1)}: `);
    const missing = keysOfSchema(scenarioJsonSchema()).filter(
      (key) => !isTold(key) && !/^(\$schema|(account|costs|risk|search|walkforward)(\.|$)|expect\.metrics\.|.*\.(min|max)$)/.test(key),
    );
    expect(missing).toEqual([]);
  });

  test('the values of the second are the defaults, but for those it says are not', () => {
    const {
      description: _d,
      extends: _e,
      data,
      account,
      output: _o,
      expect: _x,
      ...rest
    } = others as Record<string, Record<string, unknown>>;
    const defaults = scenarioSchema.parse({
      name: 'a',
      data: { series: first.data && (first.data as { series: unknown }).series },
      strategy: { use: 'ichimoku' },
    });
    const { costs, risk, ...further } = rest;
    expect(defaults).toMatchObject({ account: { ...account, kind: 'spot' }, costs, risk });
    const { limit, market, ...fills } = rest.fills;
    expect({ ...further, fills, quality: data.quality }).toEqual({
      fills: defaults.fills,
      liquidity: defaults.liquidity,
      latency: defaults.latency,
      // Undefined in a scenario: as the semantics say.
      endOfRun: playheadSemantics.endOfRun,
      semantics: defaults.semantics,
      seed: defaults.seed,
      replay: defaults.replay,
      metrics: defaults.metrics,
      quality: defaults.data.quality,
    });
    expect([limit, market]).toEqual([playheadSemantics.limitFill, playheadSemantics.marketFill]);
  });

  test.each(['account', 'costs', 'risk', 'search', 'walkforward'] as const)('every key of %s is named', (block) => {
    const names = keysOfSchema(scenarioJsonSchema()).filter((key) => key.startsWith(`${block}.`));
    expect(names.length).toBeGreaterThan(3);
    const isNamed = (key: string): boolean => new RegExp(`\\b${key.split('.').at(-1)}\\b`).test(readme);
    expect(names.filter((key) => !isNamed(key))).toEqual([]);
  });

  test('each line of costs, volume and latency is a block of a scenario', () => {
    const lines = /## Costs, volume, latency\n\n```yaml\n([\s\S]*?)```/.exec(readme)?.[1].trim().split('\n') ?? [];
    expect(lines.length).toBeGreaterThan(9);
    for (const line of lines) {
      const scenario = { ...first, account: { balances: { BNB: 1 } }, ...(parse(line) as object) };
      expect(scenarioSchema.safeParse(scenario).error?.issues ?? [], line).toEqual([]);
    }
  });

  test('the risk block it shows is one, and names every field there is', () => {
    const { risk } = parse(/```yaml\n(risk:[\s\S]*?)```/.exec(readme)?.[1] ?? '');
    expect(riskSchema.safeParse(risk).error?.issues ?? []).toEqual([]);
    const told = readme.slice(readme.indexOf('## Risk'));
    for (const name of Object.keys(riskSchema.shape)) if (name !== 'sizeBuffer') expect(told, name).toContain(name);
  });
});
