import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Grid } from './grid.ts';

const floorToLot = (sizeBase: number, lotSize: number) => new Grid(lotSize).floor(sizeBase);
const roundToLot = (sizeBase: number, lotSize: number) => new Grid(lotSize).round(sizeBase);
const fromLots = (lots: number, lotSize: number) => new Grid(lotSize).at(lots);
const roundToTick = (price: number, tickSize: number) => new Grid(tickSize).round(price);
const roundAgainst = (price: number, tickSize: number, side: number) => new Grid(tickSize).against(price, side);

describe('floorToLot', () => {
  test.each([
    [0.1 + 0.2, 0.1, 0.3],
    [0.3, 0.1, 0.3],
    [0.7 * 3, 0.1, 2.1],
    [1.1 + 2.2, 0.01, 3.3],
    [0.29999999, 0.1, 0.2],
    [0.99999, 0.25, 0.75],
    [0.75, 0.25, 0.75],
    [2.999, 1, 2],
    [3, 1, 3],
    [19.99, 10, 10],
    [30, 10, 30],
    [0.123456789, 1e-8, 0.12345678],
    [0.12345678, 1e-8, 0.12345678],
    [0.00000001, 1e-8, 1e-8],
    [0.000000009, 1e-8, 0],
    [0, 0.001, 0],
    [123456.789, 0.001, 123456.789],
    [1e9, 1e-8, 1e9],
    [20_000, 1e-8, 20_000],
    [250_000.12345678, 1e-8, 250_000.12345678],
    [0.9, 0.3, 0.9],
    [1.7, 0.3, 1.5],
    [0.15, 0.03, 0.15],
    [0, 10, 0],
  ])('%d on lots of %d is %d', (size, lot, expected) => {
    expect(floorToLot(size, lot)).toBe(expected);
  });

  test('keeps every multiple of a decimal lot as the double that a decimal literal gives', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10_000_000 }), fc.integer({ min: 0, max: 8 }), (lots, decimals) => {
        const decimal = Number(`${lots}e-${decimals}`);
        expect(floorToLot(decimal, Number(`1e-${decimals}`))).toBe(decimal);
      }),
      { seed: 1, numRuns: 2000 },
    );
  });

  test('never goes above the size by more than the last bits of a double, and never loses a lot', () => {
    const lots = [1e-8, 0.001, 0.25, 0.5, 1, 5, 10, 100];
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1e6, noNaN: true }), fc.constantFrom(...lots), (size, lot) => {
        const floored = floorToLot(size, lot);
        expect(floored).toBeLessThanOrEqual(size * (1 + 1e-15) + lot * 1.1e-9);
        expect(size - floored).toBeLessThan(lot);
      }),
      { seed: 2, numRuns: 5000 },
    );
  });
});

describe('roundToLot and fromLots', () => {
  test.each([
    [0.3 - 0.1, 0.1, 0.2],
    [0.3 - 0.1 - 0.2, 0.1, 0],
    [-(0.3 - 0.1), 0.1, -0.2],
    [0.1 + 0.2, 0.1, 0.3],
    [29.999999999999996, 10, 30],
    [0.8999999999999999, 0.3, 0.9],
  ])('%d on lots of %d is %d', (size, lot, expected) => {
    expect(roundToLot(size, lot) + 0).toBe(expected);
  });

  test('a number of lots is the double nearest to the decimal, and comes back through floorToLot', () => {
    const lots: readonly [string, number][] = [
      ['0.00000001', 1e-8],
      ['0.1', 0.1],
      ['0.25', 0.25],
      ['0.3', 0.3],
      ['0.03', 0.03],
      ['0.015', 0.015],
      ['1', 1],
      ['3', 3],
      ['10', 10],
      ['100', 100],
    ];
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4_000_000_000 }), fc.constantFrom(...lots), (count, [text, lot]) => {
        const decimals = text.split('.')[1]?.length ?? 0;
        const digits = (BigInt(count) * BigInt(text.replace('.', ''))).toString();
        const decimal = Number(`${digits}e-${decimals}`);
        expect(fromLots(count, lot)).toBe(decimal);
        expect(floorToLot(decimal, lot)).toBe(decimal);
      }),
      { seed: 4, numRuns: 5000 },
    );
  });
});

describe('roundToTick', () => {
  test.each([
    [0.1 + 0.2, 0.1, 0.3],
    [100.005, 0.01, 100.01],
    [100.004, 0.01, 100],
    [100.13, 0.25, 100.25],
    [100.12, 0.25, 100],
    [103, 5, 105],
    [102, 5, 100],
    [1468.3600000000001, 0.000001, 1468.36],
    [0.00001234, 1e-8, 0.00001234],
    [0.29, 0.03, 0.3],
  ])('%d on ticks of %d is %d', (price, tick, expected) => {
    expect(roundToTick(price, tick)).toBe(expected);
  });

  test('every multiple of a tick is the double that its decimal literal gives, and stays where it is on both sides', () => {
    const ticks: readonly [number, number][] = [
      [0.03, 2],
      [0.15, 2],
      [0.3, 1],
      [0.7, 1],
      [0.0025, 4],
      [0.000015, 6],
      [2.5, 1],
      [3, 0],
    ];
    for (const [tick, decimals] of ticks) {
      for (let count = 1; count < 1000; count++) {
        const decimal = Number((count * tick).toFixed(decimals));
        expect([roundToTick(decimal, tick), roundAgainst(decimal, tick, 1), roundAgainst(decimal, tick, -1)]).toEqual(
          Array(3).fill(decimal),
        );
      }
    }
  });
});

describe('roundAgainst', () => {
  test.each([
    // Off the grid: up for a buy, down for a sell.
    [100.001, 0.01, 1, 100.01],
    [100.009, 0.01, -1, 100],
    [100.1, 0.25, 1, 100.25],
    [100.1, 0.25, -1, 100],
    [101, 5, 1, 105],
    [104, 5, -1, 100],
    // On the grid but for the last bits: stays.
    [0.1 + 0.2, 0.1, 1, 0.3],
    [0.7 * 3, 0.1, -1, 2.1],
    [100 * 1.1, 0.01, 1, 110],
    [1.1 * 1.1, 0.01, 1, 1.21],
    [0.00001234, 1e-8, 1, 0.00001234],
    [69_420.69, 0.01, -1, 69_420.69],
    [0.28, 0.03, 1, 0.3],
    [0.28, 0.03, -1, 0.27],
    // More ticks than a double tells apart: as it is.
    [123_456_789.12345679, 1e-8, 1, 123_456_789.12345679],
  ])('%d on ticks of %d for side %d is %d', (price, tick, side, expected) => {
    expect(roundAgainst(price, tick, side)).toBe(expected);
  });

  test('a buy never gets a better price and a sell never gets a better one, within a tick', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.01, max: 1e6, noNaN: true }),
        fc.constantFrom(1e-6, 0.01, 0.25, 1, 5),
        fc.constantFrom(1, -1),
        (price, tick, side) => {
          const worse = (roundAgainst(price, tick, side) - price) * side;
          expect(worse).toBeGreaterThanOrEqual(-tick * 1e-6 - price * 1e-14);
          expect(worse).toBeLessThan(tick * (1 + 1e-6) + price * 1e-14);
        },
      ),
      { seed: 3, numRuns: 5000 },
    );
  });
});
