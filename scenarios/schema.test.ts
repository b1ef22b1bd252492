import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { type SchemaNode, scenarioJsonSchema } from './schema.ts';
import { utcMsOf } from './utc-time.ts';

test('scenario.schema.json is what the schema says; renew it with "npx playhead schema > scenarios/scenario.schema.json"', () => {
  const committed = JSON.parse(readFileSync(new URL('./scenario.schema.json', import.meta.url), 'utf8'));
  expect(committed).toEqual(scenarioJsonSchema());
});

test('every field has a description for editors', () => {
  const bare: string[] = [];
  const visit = (node: SchemaNode, path: string): void => {
    for (const [name, inner] of Object.entries(node.properties ?? {})) {
      if (inner.description === undefined && !path.includes('quality')) bare.push(`${path}.${name}`);
      visit(inner, `${path}.${name}`);
    }
    if (node.items) visit(node.items, `${path}[]`);
  };
  visit(scenarioJsonSchema(), '');
  expect(bare).toEqual([]);
});

describe('dates', () => {
  test.each([
    ['2024-02-29', Date.UTC(2024, 1, 29)],
    ['2024-01-31T09:30Z', Date.UTC(2024, 0, 31, 9, 30)],
    ['2024-01-31 09:30:15.5', Date.UTC(2024, 0, 31, 9, 30, 15, 500)],
  ])('%s is UTC', (text, timeMs) => expect(utcMsOf(text)).toBe(timeMs));
  test.each(['2023-02-29', '2024-13-01', '2024-01-31T24:00', '2024-01-31T09:30+02:00', '31.01.2024', '', '2024'])('%s is no date', (text) =>
    expect(utcMsOf(text)).toBeNaN(),
  );
});
