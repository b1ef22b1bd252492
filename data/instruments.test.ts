import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { importBars } from './import-bars.ts';
import { instrumentOf, instrumentThrough, readInstruments, setInstrument } from './instruments.ts';
import { PriceDecimals } from './price-decimals.ts';
import { createScratch, csvOf, key, plainRows, type Scratch } from './testing/scratch.ts';

let scratch: Scratch;
beforeEach(() => {
  scratch = createScratch();
});
afterEach(() => scratch.remove());

const rows = plainRows(5);
const importAs = async (symbol: string, instrument = {}): Promise<void> => {
  await importBars(scratch.catalogue, { path: scratch.file('a.csv', csvOf(rows)), key: key(symbol), instrument });
};
const at = rows[0][0];

describe('what is inferred', () => {
  test.each([
    ['BTC/USDT', 'BTC', 'USDT', 1e-8, 0.001],
    ['XRP/USDT:USDT', 'XRP', 'USDT', 1e-8, 0.001],
    ['EUR/USD', 'EUR', 'USD', 1, 0],
    ['GOOG', 'GOOG', 'USD', 1, 0],
  ])('%s', async (symbol, base, quote, lot, fee) => {
    await importAs(symbol);
    const instrument = instrumentOf(scratch.catalogue, 'test', symbol, at);
    expect(instrument).toEqual({
      venue: 'test',
      symbol,
      baseCurrency: base,
      quoteCurrency: quote,
      tickSize: 0.01,
      lotSize: lot,
      minimumNotionalQuote: 0,
      baseDecimals: 8,
      quoteDecimals: 8,
      multiplier: 1,
      feeRateMaker: fee,
      feeRateTaker: fee,
      validFromMs: -8.64e15,
      validToMs: 8.64e15,
    });
    expect(Object.isFrozen(instrument)).toBe(true);
    const [record] = readInstruments(scratch.catalogue, 'test', symbol);
    expect([record.isInferred.length + record.isAssumed.length, record.tickBarCount]).toEqual([10, 5]);
    expect(record.isAssumed).toEqual(expect.arrayContaining(['lotSize', 'feeRateMaker', 'feeRateTaker']));
    expect(record.isInferred).toContain('tickSize');
    expect(record.isInferred.includes('quoteCurrency')).toBe(symbol.includes('/'));
  });

  test('what is stated is not listed as inferred', async () => {
    await importAs('BTC/USDT', { tickSize: 0.25, feeRateTaker: 0.0004, lotSize: undefined });
    const [record] = readInstruments(scratch.catalogue, 'test', 'BTC/USDT');
    expect(record).toMatchObject({ tickSize: 0.25, feeRateTaker: 0.0004, lotSize: 1e-8 });
    expect([...record.isInferred, ...record.isAssumed]).not.toContain('tickSize');
    expect(record.isAssumed).toContain('lotSize');
    expect(record.isAssumed).not.toContain('feeRateTaker');
    expect(record.tickBarCount).toBe(0);
  });

  test.each([
    [[100, 101, 102], 1],
    [[100.5, 101], 0.1],
    [[1.07083, 1.0716], 0.00001],
    [[0.0000533, 0.00005330000000000001], 1e-7],
    [[0.1 + 0.2, 7], 0.1],
    [[1 / 3], 1e-10],
  ])('the tick of %j is %d', (prices, tick) => {
    const decimals = new PriceDecimals();
    decimals.see(Float64Array.from(prices), prices.length);
    expect(decimals.tickSize).toBe(tick);
  });

  test('a tick that few prices show is told beside the one that all others lie on', () => {
    const decimals = new PriceDecimals();
    decimals.see(
      Float64Array.from({ length: 1000 }, (_, i) => (i === 500 ? 100.125 : i % 300 === 0 ? 100.25 : 100.5 + i)),
      1000,
    );
    expect([decimals.tickSize, decimals.common]).toEqual([0.001, { tickSize: 0.1, finerCount: 5, priceCount: 1000 }]);
    decimals.see(Float64Array.of(...Array<number>(20).fill(0.05)), 20);
    expect(decimals.common).toEqual({ tickSize: 0.01, finerCount: 1, priceCount: 1020 });
  });
});

describe('validity', () => {
  const change = Date.UTC(2024, 5, 1);

  test('rules stated from a date on leave the time before alone', async () => {
    await importAs('BTC/USDT');
    setInstrument(scratch.catalogue, 'test', 'BTC/USDT', { tickSize: 0.1, minimumNotionalQuote: 5 }, change);
    expect(instrumentOf(scratch.catalogue, 'test', 'BTC/USDT', change - 1)).toMatchObject({
      tickSize: 0.01,
      minimumNotionalQuote: 0,
      validToMs: change,
    });
    expect(instrumentOf(scratch.catalogue, 'test', 'BTC/USDT', change)).toMatchObject({
      tickSize: 0.1,
      minimumNotionalQuote: 5,
      validFromMs: change,
      lotSize: 1e-8,
    });
    setInstrument(scratch.catalogue, 'test', 'BTC/USDT', { lotSize: 0.001 });
    expect(instrumentOf(scratch.catalogue, 'test', 'BTC/USDT', change - 1).lotSize).toBe(0.001);
    expect(instrumentOf(scratch.catalogue, 'test', 'BTC/USDT', change).lotSize).toBe(1e-8);
    expect(readInstruments(scratch.catalogue, 'test', 'BTC/USDT')).toHaveLength(2);
  });

  describe('over a window', () => {
    const at = { venue: 'test', symbol: 'BTC/USDT' };
    const before = change - 1000;
    const later = change + 1000;
    const through = (fromMs: number, toMs: number) => instrumentThrough(scratch.catalogue, at, { fromMs, toMs });

    test('what changes inside it is carried along, all of it and nothing else', async () => {
      await importAs('BTC/USDT', { maximumQuantityBase: 100 });
      const unchanged = instrumentOf(scratch.catalogue, 'test', 'BTC/USDT', before);
      setInstrument(scratch.catalogue, 'test', 'BTC/USDT', { tickSize: 0.1, maximumQuantityBase: Number.POSITIVE_INFINITY }, change);
      setInstrument(scratch.catalogue, 'test', 'BTC/USDT', { tickSize: 0.1 }, change + 500);
      setInstrument(scratch.catalogue, 'test', 'BTC/USDT', { feeRateTaker: 0.002 }, later);
      const rules = { lotSize: 1e-8, minimumNotionalQuote: 0, feeRateMaker: 0.001 };
      const changed = { fromMs: change, tickSize: 0.1, ...rules, feeRateTaker: 0.001 };
      const { changes, ...first } = through(before, later + 1);
      expect(first).toEqual({ ...unchanged, validToMs: 8.64e15 });
      expect(changes).toEqual([changed, { ...changed, fromMs: later, feeRateTaker: 0.002 }]);
      expect(through(before, later).changes).toEqual([changed]);
      expect(through(before, change)).toEqual({ ...unchanged, validToMs: change });
      expect(through(change, later)).not.toHaveProperty('changes');
    });

    test('what may not change inside a run is refused, and said', async () => {
      await importAs('BTC/USDT');
      setInstrument(scratch.catalogue, 'test', 'BTC/USDT', { multiplier: 10 }, change);
      expect(() => through(before, later)).toThrow(
        'multiplier of test BTC/USDT changes from 1 to 10 at 2024-06-01T00:00Z, inside the window; end the scenario there with data.to',
      );
      expect(through(before, change).multiplier).toBe(1);
      expect(through(change, later).multiplier).toBe(10);
    });
  });

  test('an unknown instrument and an uncovered time are told apart', async () => {
    expect(() => instrumentOf(scratch.catalogue, 'test', 'BTC/USDT', at)).toThrow('no rules for test BTC/USDT; import its bars');
    await importAs('BTC/USDT');
    const path = join(scratch.catalogue.symbolPath('test', 'BTC/USDT'), 'instruments.json');
    writeFileSync(path, readFileSync(path, 'utf8').replace('8640000000000000,\n    "isI', `${change},\n    "isI`));
    expect(() => instrumentOf(scratch.catalogue, 'test', 'BTC/USDT', change)).toThrow(
      'the rules of test BTC/USDT do not cover 2024-06-01T00:00Z',
    );
    writeFileSync(path, '[{');
    expect(() => instrumentOf(scratch.catalogue, 'test', 'BTC/USDT', change)).toThrow(/is not JSON; correct it/);
  });

  test.each([
    [{ tickSize: 0 }, 'instrument tickSize is 0, expected a number above 0'],
    [{ lotSize: Number.NaN }, 'instrument lotSize is NaN, expected a number above 0'],
    [{ quoteDecimals: 2.5 }, 'instrument quoteDecimals is 2.5, expected a whole number from 0 to 15'],
    [{ maximumQuantityBase: 0 }, 'instrument maximumQuantityBase is 0, expected a number above 0, or none'],
    [{ lotSize: 0.5, maximumQuantityBase: 0.4 }, 'instrument maximumQuantityBase is 0.4, expected one lot of 0.5 or more'],
    [{ feeRateTaker: 10 }, 'instrument feeRateTaker is 10, expected a fraction such as 0.001'],
  ])('%o is refused and nothing stored', async (rules, message) => {
    await expect(importAs('BTC/USDT', rules)).rejects.toThrow(message);
    expect(scratch.files()).toEqual([]);
  });
});
