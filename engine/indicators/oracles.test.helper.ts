/** Owns the reading of outside oracles for the tests of this folder. Never used outside tests. */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import type { IndicatorDefinition } from './definition.ts';
import { createSource } from './source.ts';

const root = new URL('../../../shared/oracles/', import.meta.url);

export function oracleExists(path: string): boolean {
  return existsSync(fileURLToPath(new URL(path, root)));
}

export function readOracle(path: string): string {
  return readFileSync(fileURLToPath(new URL(path, root)), 'utf8').replace(/^\uFEFF/, '');
}

/** Named columns of a CSV file with a header; what is not a number is NaN. */
export function readColumns(path: string): Map<string, Float64Array> {
  const [header, ...rows] = readOracle(path)
    .trim()
    .split(/\r?\n/)
    .map((line) => line.split(','));
  return new Map(header.map((name, k) => [name.trim(), Float64Array.from(rows, (row) => (row[k]?.trim() ? Number(row[k]) : Number.NaN))]));
}

export function column(columns: Map<string, Float64Array>, name: string): Float64Array {
  const found = columns.get(name);
  if (found === undefined) throw new Error(`no column ${name}; found ${[...columns.keys()].join(', ')}`);
  return found;
}

export interface Computation {
  readonly definition: IndicatorDefinition;
  readonly parameters: readonly number[];
  readonly columns: readonly Float64Array[];
  readonly decimals: number;
}

/** The batch form: outputs in the order of the definition. */
export function compute({ definition, parameters, columns, decimals }: Computation): Float64Array[] {
  const sources = columns.map((values) => createSource(values, decimals));
  // Filled with a value no indicator gives: what batch leaves unwritten shows.
  const targets = definition.outputs.map(() => new Float64Array(columns[0].length).fill(-7e77));
  definition.batch(sources, parameters, targets);
  return targets;
}

/** The streaming form over the same columns. */
export function computeStreaming({ definition, parameters, columns, decimals }: Computation): Float64Array[] {
  const stream = definition.stream(
    parameters,
    columns.map(() => decimals),
  );
  const inputs = new Float64Array(columns.length);
  const outputs = new Float64Array(definition.outputs.length);
  const targets = definition.outputs.map(() => new Float64Array(columns[0].length));
  for (let i = 0; i < columns[0].length; i++) {
    for (let k = 0; k < columns.length; k++) inputs[k] = columns[k][i];
    stream.next(inputs, outputs);
    for (let k = 0; k < targets.length; k++) targets[k][i] = outputs[k];
  }
  return targets;
}

/** Every row: NaN where NaN is expected, within tolerance elsewhere; at least one number, so that an empty oracle cannot pass. */
export function expectColumn(found: Float64Array, expected: ArrayLike<number>, tolerance: number): void {
  expect(found.length).toBe(expected.length);
  let numbers = 0;
  for (let i = 0; i < expected.length; i++) {
    if (Number.isNaN(expected[i]) && Number.isNaN(found[i])) continue;
    numbers++;
    const difference = Math.abs(found[i] - expected[i]);
    if (!(difference <= tolerance)) expect.fail(`row ${i}: ${found[i]}, expected ${expected[i]} within ${tolerance}`);
  }
  expect(numbers).toBeGreaterThan(0);
}
