/** Published: statsmodels 0.15.0 multipletests (holm, sidak, fdr_bh) on ten p-values with ties, a tiny and a large one. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { adjustByBenjaminiHochberg, adjustByHolm, adjustBySidak } from './adjusted-p-values.ts';

const pValues = Float64Array.of(0.0001, 0.04, 0.02, 0.02, 0.6, 0.013, 0.9, 1e-20, 0.049, 0.3);
const adjustments = { adjustByHolm, adjustBySidak, adjustByBenjaminiHochberg };

describe('adjusted p-values', () => {
  test.each([
    ['adjustByHolm', [0.0009000000000000001, 0.2, 0.14, 0.14, 1.0, 0.104, 1.0, 1e-19, 0.2, 0.8999999999999999]],
    [
      'adjustBySidak',
      [
        0.0009995501199790025, 0.335167364008499, 0.1829271931124531, 0.1829271931124531, 0.9998951424, 0.12265273474969934, 0.9999999999,
        1e-19, 0.394930628789927, 0.9717524751,
      ],
    ],
    ['adjustByBenjaminiHochberg', [0.0005, 0.06666666666666667, 0.04, 0.04, 0.6666666666666666, 0.04, 0.9, 1e-19, 0.07, 0.375]],
  ] as const)("%s: statsmodels' ten, at 1e-14 relative", (name, expected) => {
    const found = adjustments[name](pValues);
    for (let i = 0; i < expected.length; i++)
      expect(Math.abs(found[i] / expected[i] - 1), `${found[i]} for ${expected[i]}`).toBeLessThan(1e-14);
  });

  test('equal naive ones from their definitions', () => {
    const anyPValues = fc.array(fc.oneof(fc.double({ min: 0, max: 1, noNaN: true }), fc.constantFrom(0, 0.01, 0.5, 1)), { maxLength: 12 });
    fc.assert(
      fc.property(anyPValues, (list) => {
        const values = Float64Array.from(list);
        const n = list.length;
        const sorted = [...list].sort((a, b) => a - b);
        const holm = list.map((p) => Math.min(1, Math.max(...sorted.map((other, i) => (other <= p ? (n - i) * other : 0)))));
        const hochberg = list.map((p) => Math.min(1, ...sorted.map((other, i) => (other >= p ? (n * other) / (i + 1) : 1))));
        const [byHolm, bySidak, byHochberg] = Object.values(adjustments).map((adjust) => adjust(values));
        for (let i = 0; i < n; i++) {
          expect(byHolm[i]).toBeCloseTo(holm[i], 12);
          expect(byHochberg[i]).toBeCloseTo(hochberg[i], 12);
          expect(bySidak[i]).toBeCloseTo(1 - (1 - list[i]) ** n, 12);
          // The kinder ones never exceed the stricter, and none is below its own p-value.
          expect(byHochberg[i]).toBeLessThanOrEqual(byHolm[i] + 1e-15);
          expect(byHochberg[i]).toBeGreaterThanOrEqual(list[i]);
        }
      }),
    );
  });

  test('do not depend on the order, and leave the input alone', () => {
    const reversed = pValues.slice().reverse();
    for (const adjust of Object.values(adjustments)) expect([...adjust(reversed)].reverse()).toEqual([...adjust(pValues)]);
    expect(pValues[0]).toBe(0.0001);
  });

  test('of a NaN are NaN, and it counts for none; of nothing are nothing', () => {
    for (const adjust of Object.values(adjustments)) {
      expect([...adjust(Float64Array.of(0.01, Number.NaN, 0.02))]).toEqual([
        adjust(Float64Array.of(0.01, 0.02))[0],
        Number.NaN,
        adjust(Float64Array.of(0.01, 0.02))[1],
      ]);
      expect(adjust(new Float64Array(0)).length).toBe(0);
    }
  });

  test('of what is no probability are refused', () => {
    for (const adjust of Object.values(adjustments)) {
      expect(() => adjust(Float64Array.of(0.5, 1.5))).toThrow('p-value 1 is 1.5; it must be between 0 and 1');
    }
  });
});
