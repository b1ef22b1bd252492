/** Owns the promise that README tells the truth about codes, commands and exports. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { ConfigError, DataError, errorCodes, GateError, StrategyError } from '../engine/errors.ts';
import { buildProgram } from './program.ts';
import { riskSchema } from './risk-schema.ts';
import { scenarioSchema } from './schema.ts';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');

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

  test('the scenario it shows is a scenario', async () => {
    const { parse } = await import('yaml');
    const text = /```yaml\n([\s\S]*?)```/.exec(readme)?.[1] ?? '';
    expect(scenarioSchema.safeParse(parse(text)).error?.issues ?? []).toEqual([]);
  });

  test('the risk block it shows is one, and names every field there is', async () => {
    const { parse } = await import('yaml');
    const { risk } = parse(/```yaml\n(risk:[\s\S]*?)```/.exec(readme)?.[1] ?? '');
    expect(riskSchema.safeParse(risk).error?.issues ?? []).toEqual([]);
    const told = readme.slice(readme.indexOf('## Risk'));
    for (const name of Object.keys(riskSchema.shape)) if (name !== 'sizeBuffer') expect(told, name).toContain(name);
  });
});
