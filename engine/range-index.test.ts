import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { HeldLine, RangeIndex } from './range-index.ts';
import { tapeOf } from './testing/tapes.ts';

const ticks = fc.array(fc.tuple(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 40 }), fc.integer({ min: 0, max: 9 })), {
  minLength: 1,
  maxLength: 900,
  size: 'max',
});
const span = fc.tuple(fc.nat(), fc.nat());

/** Bars whose open may lie outside their range, as bad data has it. */
const columnsOf = (rows: readonly [number, number, number][]) =>
  tapeOf(
    rows.map(([open, close, reach]) => [open, close + reach, Math.max(0.5, close - reach), close]),
    {},
  ).columns;

function boundsOf([a, b]: readonly [number, number], length: number): { from: number; to: number } {
  const from = a % length;
  return { from, to: from + (b % (length - from + 1)) };
}

describe('a range index', () => {
  test('finds the first bar that reaches a price as a look at each bar does', () => {
    fc.assert(
      fc.property(ticks, span, fc.integer({ min: 1, max: 60 }), fc.integer({ min: -10, max: 40 }), (rows, pair, risesTo, fallsTo) => {
        const columns = columnsOf(rows);
        const { from, to } = boundsOf(pair, columns.length);
        const { open, high, low } = columns;
        let first = from;
        while (first < to && Math.max(open[first], high[first]) < risesTo && Math.min(open[first], low[first]) > fallsTo) first++;
        expect(RangeIndex.of(columns).firstReaching(from, to, { risesTo, fallsTo })).toBe(first);
      }),
      { seed: 20_261_125, numRuns: 1_000 },
    );
  });

  test('finds the first close at which what is held is worth less than low or not less than high, to the last bit', () => {
    const line = new HeldLine(0.1);
    const sizes = fc.constantFrom(-0.3, -1, 0, 0.1, 7);
    fc.assert(
      fc.property(ticks, span, sizes, fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 40 }), (rows, pair, size, a, b) => {
        const columns = columnsOf(rows);
        const { from, to } = boundsOf(pair, columns.length);
        const worthAt = (price: number) => 1_000.1 + size * price * 0.1;
        // Bounds are worths that closes have: where one is met exactly, order alone decides.
        const low = Math.min(worthAt(a), worthAt(b));
        const high = Math.max(worthAt(a), worthAt(b));
        line.cashQuote = 1_000.1;
        line.sizeBase = size;
        let first = from;
        while (first < to && worthAt(columns.close[first]) >= low && worthAt(columns.close[first]) < high) first++;
        expect(RangeIndex.of(columns).firstWorthOutside(line, from, to, low, high)).toBe(first);
      }),
      { seed: 20_261_125, numRuns: 1_000 },
    );
  });
});
