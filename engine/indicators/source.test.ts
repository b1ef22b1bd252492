import { describe, expect, test } from 'vitest';
import { createSource } from './source.ts';

const nan = Number.NaN;

describe('a source in whole ticks', () => {
  test('gives the decimals as whole numbers, once, and leaves the values alone', () => {
    const values = Float64Array.of(0.1, 0.29, 1.15, 4.35, 1234.57);
    const source = createSource(values, 2);
    expect(source.units()).toEqual(Float64Array.of(10, 29, 115, 435, 123457));
    expect(source.units()).toBe(source.units());
    expect(source.values).toBe(values);
    expect(values[0]).toBe(0.1);
  });

  test('forgives the noise of the last bit, not a thousandth of a tick', () => {
    expect(createSource(Float64Array.of(0.1 + 0.2), 1).units()).toEqual(Float64Array.of(3));
    expect(createSource(Float64Array.of(0.30001), 2).units()).toBeNull();
    expect(createSource(Float64Array.of(65432.12345678), 8).units()).toEqual(Float64Array.of(6543212345678));
    expect(createSource(Float64Array.of(65432.123456785), 8).units()).toBeNull();
  });

  test('keeps leading NaN; a NaN or an infinite value behind a number is off the grid', () => {
    expect(createSource(Float64Array.of(nan, nan, 1.5), 1).units()).toEqual(Float64Array.of(nan, nan, 15));
    expect(createSource(Float64Array.of(1.5, nan, 1.5), 1).units()).toBeNull();
    expect(createSource(Float64Array.of(1.5, Number.POSITIVE_INFINITY), 1).units()).toBeNull();
    expect(createSource(Float64Array.of(Number.NEGATIVE_INFINITY, 1.5), 1).units()).toBeNull();
  });

  test('has none off any grid, nor on one too fine to be seen', () => {
    expect(createSource(Float64Array.of(1, 2), -1).units()).toBeNull();
    expect(createSource(Float64Array.of(1, 2), 16).units()).toBeNull();
    expect(createSource(Float64Array.of(1, 2), 0).units()).toEqual(Float64Array.of(1, 2));
  });

  test('has none for sums that could leave 2^53', () => {
    const source = createSource(Float64Array.of(1e12, -3e12), 0);
    expect(source.units(3000)).not.toBeNull();
    expect(source.units(3003)).toBeNull();
    expect(createSource(Float64Array.of(2e15), 0).units()).toBeNull();
  });

  test('reads negative prices and zeros', () => {
    expect(createSource(Float64Array.of(-37.63, 0, 0.01), 2).units()).toEqual(Float64Array.of(-3763, 0, 1));
  });
});
