/**
 * Published: PerformanceAnalytics' value at risk and expected shortfall on portfolio_bacon (recomputed with its R source), asked of a book that
 * holds the portfolio alone. Then hand-worked books, and properties against sums written out.
 */
import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { oraclesPath } from '../testing/tapes.ts';
import { RiskCalculator } from './risk-calculator.ts';

const bacon = `${oraclesPath}performance-analytics/portfolio_bacon.csv`;
const recomputed = `${oraclesPath}performance-analytics/recomputed_with_R_source.json`;
const isAbsent = !existsSync(bacon) || !existsSync(recomputed);

describe.skipIf(isAbsent)(`PerformanceAnalytics on portfolio_bacon${isAbsent ? ' (skipped: ../shared/oracles is absent)' : ''}`, () => {
  const rows = isAbsent ? [] : readFileSync(bacon, 'utf8').trim().split('\n').slice(1);
  const figures = isAbsent ? {} : JSON.parse(readFileSync(recomputed, 'utf8')).portfolio_bacon_recomputed;
  const book = new RiskCalculator({
    positions: [{ symbol: 'bacon', sizeBase: 10, priceQuote: 100 }],
    equityQuote: 1000,
    dailyReturns: { bacon: rows.map((row) => Number(row.split(',')[1])) },
  });
  test.each([
    ['historical', 'VaR_hist95'],
    ['gaussian', 'VaR_gauss95'],
    ['modified', 'VaR_mod95'],
  ] as const)('the %s value at risk is %s', (method, name) => {
    const { lossQuote, lossFraction } = book.valueAtRisk({ confidence: 0.95, method });
    expect(lossFraction).toBeCloseTo(-figures[name], 11);
    expect(lossQuote).toBeCloseTo(-figures[name] * 1000, 8);
  });
  test.each([
    ['historical', 'ES_hist95'],
    ['gaussian', 'ES_gauss95'],
  ] as const)('the %s expected shortfall is %s', (method, name) => {
    expect(book.expectedShortfall({ confidence: 0.95, method }).lossFraction).toBeCloseTo(-figures[name], 11);
  });
});

describe('a book worked by hand', () => {
  // 2 × 50 long, 1 × 30 short; days: +10 and −6, −10 and +3, 0 and 0, +5 and −9, −20 and +6.
  const book = new RiskCalculator({
    positions: [
      { symbol: 'A', sizeBase: 2, priceQuote: 50 },
      { symbol: 'B', sizeBase: -1, priceQuote: 30 },
    ],
    equityQuote: 200,
    dailyReturns: { A: [0.1, -0.1, 0, 0.05, -0.2], B: [0.2, -0.1, 0, 0.3, -0.2] },
  });

  test('its exposure', () => {
    expect(book.exposure()).toEqual({
      longQuote: 100,
      shortQuote: 30,
      grossQuote: 130,
      netQuote: 70,
      grossFraction: 0.65,
      netFraction: 0.35,
      largestFraction: 0.5,
      positionCount: 2,
    });
  });

  test('its days, and the quantile and mean of the worst of them', () => {
    expect([...book.dailyPnlQuote()].map((value) => Math.round(value * 1e9) / 1e9)).toEqual([4, -7, 0, -4, -14]);
    // At three quarters: the second of five in rising order, −7.
    expect(book.valueAtRisk({ confidence: 0.75 }).lossQuote).toBeCloseTo(7, 12);
    expect(book.valueAtRisk({ confidence: 0.75 }).lossFraction).toBeCloseTo(0.035, 12);
    // The worst ⌊4 × 0.25⌋ + 1 = 2 days.
    expect(book.expectedShortfall({ confidence: 0.75 }).lossQuote).toBeCloseTo(10.5, 12);
  });

  test('over four days the mean grows fourfold and the rest twofold', () => {
    // Mean −4.2: 7 lies 2.8 beyond it.
    expect(book.valueAtRisk({ confidence: 0.75, horizonDays: 4 }).lossQuote).toBeCloseTo(4 * 4.2 + 2 * 2.8, 12);
  });

  test('its correlations', () => {
    const [[aa, ab], [ba, bb]] = book.correlationMatrix();
    expect([aa, bb]).toEqual([1, 1]);
    expect(ab).toBe(ba);
    // Sums of squares and products about means of −0.03 and 0.04: 0.058, 0.172, 0.091.
    expect(ab).toBeCloseTo(0.091 / Math.sqrt(0.058 * 0.172), 12);
  });
});

test('a column that never moves correlates with nothing, itself included', () => {
  const book = new RiskCalculator({ positions: [], equityQuote: 1, dailyReturns: { A: [0.1, 0.1, 0.1], B: [0.1, 0, 0.2] } });
  expect(book.correlationMatrix()).toEqual([
    [Number.NaN, Number.NaN],
    [Number.NaN, 1],
  ]);
});

test('an empty book loses nothing, and what is not known is NaN', () => {
  const empty = new RiskCalculator({ positions: [], equityQuote: 100, dailyReturns: { A: [0.1, -0.1] } });
  expect(empty.valueAtRisk({ confidence: 0.95 }).lossQuote).toBeCloseTo(0, 15);
  const unknown = new RiskCalculator({ positions: [], equityQuote: 100, dailyReturns: {} });
  expect(unknown.valueAtRisk({ confidence: 0.95 }).lossQuote).toBeNaN();
});

test.each([
  ['dailyReturns.B: was 1 rows, expected 2', { dailyReturns: { A: [0, 0], B: [0] } }],
  ['dailyReturns.A row 1: was NaN', { dailyReturns: { A: [0, Number.NaN] } }],
  ['equityQuote: was NaN', { equityQuote: Number.NaN }],
  ['position A: expected a finite size', { positions: [{ symbol: 'A', sizeBase: Number.NaN, priceQuote: 1 }] }],
])('%s is refused', (message, fault) => {
  expect(() => new RiskCalculator({ positions: [], equityQuote: 1, dailyReturns: {}, ...fault })).toThrow(message);
});

test('a question out of range, and a position without returns, are refused', () => {
  const book = new RiskCalculator({ positions: [{ symbol: 'C', sizeBase: 1, priceQuote: 1 }], equityQuote: 1, dailyReturns: { A: [0.1] } });
  expect(() => book.valueAtRisk({ confidence: 0.95 })).toThrow('no column for C, which is held; there are A');
  expect(() => book.valueAtRisk({ confidence: 95 })).toThrow('confidence: was 95');
  expect(() => book.valueAtRisk({ confidence: 0.95, horizonDays: 0 })).toThrow('horizonDays: was 0');
  expect(() => book.valueAtRisk({ confidence: 0.95, method: 'normal' as 'gaussian' })).toThrow('one of historical, gaussian, modified');
  expect(() => book.expectedShortfall({ confidence: 0.95, method: 'modified' as 'gaussian' })).toThrow('expected historical or gaussian');
});

describe('any book', () => {
  const fraction = fc.integer({ min: -900, max: 900 }).map((value) => value / 10_000);
  const anyBook = fc.integer({ min: 1, max: 4 }).chain((count) =>
    fc.record({
      sizes: fc.array(fc.integer({ min: -50, max: 50 }), { minLength: count, maxLength: count }),
      days: fc.array(fc.array(fraction, { minLength: count, maxLength: count }), { minLength: 8, maxLength: 60 }),
      confidence: fc.constantFrom(0.9, 0.95, 0.99),
      horizonDays: fc.constantFrom(1, 5, 10),
    }),
  );
  const bookOf = (sizes: readonly number[], days: readonly (readonly number[])[]) =>
    new RiskCalculator({
      positions: sizes.map((sizeBase, i) => ({ symbol: `S${i}`, sizeBase, priceQuote: 10 + i, multiplier: 2 })),
      equityQuote: 5000,
      dailyReturns: Object.fromEntries(sizes.map((_, i) => [`S${i}`, days.map((day) => day[i])])),
    });

  test('loses what its days say: quantile and deviations written out', () => {
    fc.assert(
      fc.property(anyBook, ({ sizes, days, confidence }) => {
        const pnl = days.map((day) => day.reduce((sum, value, i) => sum + value * sizes[i] * (10 + i) * 2, 0));
        const rising = [...pnl].sort((a, b) => a - b);
        const at = (pnl.length - 1) * (1 - confidence);
        const below = rising[Math.floor(at)];
        const quantile = below + (rising[Math.ceil(at)] - below) * (at - Math.floor(at));
        expect(bookOf(sizes, days).valueAtRisk({ confidence }).lossQuote).toBeCloseTo(-quantile, 7);
        const centre = pnl.reduce((sum, value) => sum + value, 0) / pnl.length;
        const deviation = Math.sqrt(pnl.reduce((sum, value) => sum + (value - centre) ** 2, 0) / pnl.length);
        const z = { 0.9: 1.2815515655446004, 0.95: 1.6448536269514722, 0.99: 2.3263478740408408 }[confidence] as number;
        expect(bookOf(sizes, days).valueAtRisk({ confidence, method: 'gaussian' }).lossQuote).toBeCloseTo(z * deviation - centre, 7);
      }),
      { numRuns: 200 },
    );
  });

  test('has contributions that sum to its gaussian value at risk, each the slope of it', () => {
    fc.assert(
      fc.property(anyBook, ({ sizes, days, confidence, horizonDays }) => {
        fc.pre(sizes.some((size) => size !== 0));
        const question = { confidence, horizonDays, method: 'gaussian' } as const;
        const book = bookOf(sizes, days);
        fc.pre(days.some((day, row) => row > 0 && day.some((value, i) => value !== days[0][i] && sizes[i] !== 0)));
        const parts = book.contributions({ confidence, horizonDays });
        expect(parts.reduce((sum, part) => sum + part.componentQuote, 0)).toBeCloseTo(book.valueAtRisk(question).lossQuote, 6);
        const step = 1e-5;
        const nudged = (by: number) => bookOf([sizes[0] + by, ...sizes.slice(1)], days).valueAtRisk(question).lossQuote;
        const deviation = nudged(0);
        fc.pre(Math.abs(deviation) > 1);
        expect(parts[0].marginal).toBeCloseTo((nudged(step) - nudged(-step)) / (2 * step * 10 * 2), 3);
      }),
      { numRuns: 200 },
    );
  });

  test('turned round has the opposite days, and twice as large twice the loss', () => {
    fc.assert(
      fc.property(anyBook, ({ sizes, days, confidence }) => {
        const once = bookOf(sizes, days).expectedShortfall({ confidence, method: 'gaussian' }).lossQuote;
        const twice = bookOf(
          sizes.map((size) => size * 2),
          days,
        ).expectedShortfall({ confidence, method: 'gaussian' }).lossQuote;
        expect(twice).toBeCloseTo(once * 2, 6);
      }),
      { numRuns: 100 },
    );
  });
});
