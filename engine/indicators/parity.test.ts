import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { indicators } from './catalogue.ts';
import type { IndicatorDefinition } from './definition.ts';
import { type Computation, compute, computeStreaming } from './oracles.test.helper.ts';

const seed = 20261122;
const sourceCounts: Record<string, number> = { donchian: 2, atr: 3, stochastic: 3, adx: 3, ichimoku: 3 };

/** Walks with the troubles of real columns: on a grid or off it, flat stretches, leading NaN, a NaN or two in the middle, one value off the grid. */
const walk = fc.record({
  decimals: fc.constantFrom(-1, 0, 2, 8),
  steps: fc.array(fc.oneof(fc.integer({ min: -500, max: 500 }), fc.constant(0)), { minLength: 1, maxLength: 160 }),
  flatFrom: fc.nat(160),
  flatLength: fc.nat(40),
  leading: fc.nat(12),
  holes: fc.array(fc.nat(160), { maxLength: 2 }),
  offGrid: fc.option(fc.nat(160), { nil: -1 }),
  start: fc.constantFrom(0, 3000, 7_000_000, 900_000_000_000_000),
});

type Walk = typeof walk extends fc.Arbitrary<infer Shape> ? Shape : never;

function columnOf(shape: Walk, spread: number): Float64Array {
  const scale = shape.decimals > 0 ? Number(`1e${shape.decimals}`) : 1;
  let ticks = shape.start;
  const values = Float64Array.from(shape.steps, (step, i) => {
    if (i < shape.flatFrom || i >= shape.flatFrom + shape.flatLength) ticks += step;
    const isFlat = i >= shape.flatFrom && i < shape.flatFrom + shape.flatLength;
    const width = isFlat ? 0 : spread * (Math.abs(step) % 7);
    return shape.decimals < 0 ? (ticks + width) / 7 : (ticks + width) / scale;
  });
  if (shape.offGrid >= 0 && shape.offGrid < values.length) values[shape.offGrid] += 0.37 / scale;
  for (const hole of shape.holes) if (hole < values.length) values[hole] = Number.NaN;
  return values.fill(Number.NaN, 0, Math.min(shape.leading, values.length));
}

const period = fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 30 }), fc.constant(500));

function parametersOf(definition: IndicatorDefinition): fc.Arbitrary<number[]> {
  return fc.tuple(
    ...definition.parameterNames.map((name) => (name === 'deviations' ? fc.double({ min: 0, max: 4, noNaN: true }) : period)),
  );
}

/** Equal in every bit, NaN included; the first row that differs. */
function firstDifference(a: Float64Array, b: Float64Array): string {
  for (let i = 0; i < a.length; i++) if (!Object.is(a[i], b[i])) return `row ${i}: ${a[i]} and ${b[i]}`;
  return 'none';
}

function expectSame({ definition, ...rest }: Computation): void {
  const batch = compute({ definition, ...rest });
  const stream = computeStreaming({ definition, ...rest });
  expect(batch.map((values, k) => firstDifference(values, stream[k]))).toEqual(batch.map(() => 'none'));
}

describe(`batch equals streaming bit for bit (seed ${seed})`, () => {
  for (const definition of Object.values(indicators)) {
    test(`${definition.name}: 300 walks on and off the grid, with NaN, flat stretches, periods 1 to longer than the column`, () => {
      fc.assert(
        fc.property(walk, parametersOf(definition), (shape, parameters) => {
          const columns = [columnOf(shape, 3), columnOf(shape, -4), columnOf(shape, 0)];
          if ((sourceCounts[definition.name] ?? 1) === 1) columns.splice(0, 2);
          if (sourceCounts[definition.name] === 2) columns.pop();
          expectSame({ definition, parameters, columns, decimals: shape.decimals });
        }),
        { seed, numRuns: 300 },
      );
    });

    test(`${definition.name}: 6,000 bars, longer than the span a batch plays at once`, () => {
      let state = 12345;
      let ticks = 50_000;
      const next = () => {
        state = (state * 48271) % 2147483647;
        return state;
      };
      const close = Float64Array.from({ length: 6000 }, () => {
        ticks += (next() % 41) - 20;
        return ticks / 100;
      });
      const high = close.map((price) => Math.round(price * 100 + (next() % 30)) / 100);
      const low = close.map((price) => Math.round(price * 100 - (next() % 30)) / 100);
      close[3000] = Number.NaN;
      const columns = [high, low, close].slice(0, sourceCounts[definition.name] ?? 1);
      const parameters = definition.parameterNames.map((name, k) => (name === 'deviations' ? 2 : [14, 26, 52, 26][k]));
      for (const decimals of [2, -1]) expectSame({ definition, parameters, columns, decimals });
    });

    test(`${definition.name}: a column cut short gives the same values as far as it goes`, () => {
      fc.assert(
        fc.property(walk, parametersOf(definition), fc.nat(160), (shape, parameters, cut) => {
          const columns = [columnOf(shape, 3), columnOf(shape, -4), columnOf(shape, 0)].slice(0, sourceCounts[definition.name] ?? 1);
          const whole = compute({ definition, parameters, columns, decimals: shape.decimals });
          const length = Math.min(cut + 1, columns[0].length);
          const short = compute({
            definition,
            parameters,
            columns: columns.map((values) => values.slice(0, length)),
            decimals: shape.decimals,
          });
          expect(whole.map((values, k) => firstDifference(values.slice(0, length), short[k]))).toEqual(whole.map(() => 'none'));
        }),
        { seed, numRuns: 100 },
      );
    });
  }

  test('sma: sums beyond 2^53 carry their error in both forms', () => {
    const close = Float64Array.from({ length: 5000 }, (_, i) => (900_000_000_000_001 + ((i * 48271) % 7919)) / 100);
    expectSame({ definition: indicators.sma, parameters: [30], columns: [close], decimals: 2 });
  });
});
