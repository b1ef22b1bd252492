import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type BarColumns, barColumnNames } from '../engine/model/bar.ts';
import { importSynthetic } from './import-columns.ts';
import { loadTape } from './load-tape.ts';
import { checkQuality } from './quality.ts';
import { type SynthesiseOptions, synthesise } from './synthesise.ts';
import { createScratch, key, type Scratch } from './testing/scratch.ts';

const options: SynthesiseOptions = {
  seed: 7,
  symbol: 'SYN/USD',
  bars: 20_000,
  startMs: Date.UTC(2024, 0, 1),
  startPrice: 30_000,
  tick: 0.01,
  gaps: 10,
};
const hashOf = (columns: BarColumns): string => {
  const hash = createHash('sha256');
  for (const name of barColumnNames) hash.update(columns[name]);
  return hash.digest('hex').slice(0, 16);
};
/** Standard deviation of the minute returns in each stretch of 240 bars. */
const volatilities = (columns: BarColumns): number[] => {
  const result: number[] = [];
  for (let from = 1; from + 240 <= columns.length; from += 240) {
    let squares = 0;
    for (let i = from; i < from + 240; i++)
      squares += (columns.close[i] / columns.close[i - 1] - 1) * (columns.close[i] / columns.close[i - 1] - 1);
    result.push(Math.sqrt(squares / 240));
  }
  return result;
};

describe('synthesise', () => {
  test('depends on its options alone: the same bits on every machine', () => {
    expect(hashOf(synthesise(options))).toBe('320c5162995fc945');
    expect(hashOf(synthesise({ ...options, seed: 8 }))).not.toBe(hashOf(synthesise(options)));
    expect(hashOf(synthesise({ ...options, symbol: 'OTHER/USD' }))).not.toBe(hashOf(synthesise(options)));
  });

  test('makes bars without any finding but the gaps asked for', () => {
    const columns = synthesise(options);
    const report = checkQuality(columns, { key: key('SYN/USD'), instrument: { tickSize: 0.01 } });
    expect(report.issues.map((issue) => issue.kind)).toEqual(['gap']);
    // 10 per 10,000 bars: 20 expected.
    expect(report.gapCount).toBeGreaterThan(8);
    expect(report.gapCount).toBeLessThan(36);
    expect(checkQuality(synthesise({ ...options, gaps: 0 }), { key: key('SYN/USD') }).issues).toEqual([]);
  });

  test('keeps prices on the tick, also of a quarter and of five', () => {
    for (const tick of [0.25, 5, 0.00001]) {
      const columns = synthesise({ ...options, bars: 500, tick });
      expect(
        checkQuality(columns, { key: key(), instrument: { tickSize: tick } }).issues.filter((issue) => issue.kind === 'offTick'),
      ).toEqual([]);
    }
  });

  test('regimes differ in drift and volatility, and volatility clusters', () => {
    const of = (name: 'calm' | 'trendUp' | 'trendDown' | 'volatile'): BarColumns =>
      synthesise({ ...options, gaps: 0, bars: 100_000, regimes: [name] });
    const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
    expect(mean(volatilities(of('volatile')))).toBeGreaterThan(3 * mean(volatilities(of('calm'))));
    expect(of('trendUp').close[99_999]).toBeGreaterThan(2 * 30_000);
    expect(of('trendDown').close[99_999]).toBeLessThan(0.5 * 30_000);
    const mixed = volatilities(synthesise({ ...options, gaps: 0, bars: 100_000 })).sort((left, right) => left - right);
    expect(mixed[mixed.length - 1]).toBeGreaterThan(3 * mixed[0]);
  });

  test.each([
    [{ seed: 1.5 }, '--seed: was 1.5, expected a whole number'],
    [{ bars: 0 }, '--bars: was 0, expected a whole number from 1'],
    [{ tick: 0 }, '--tick: was 0,'],
    [{ startPrice: Number.NaN }, '--price: was NaN,'],
    [{ startMs: 5 }, '--start: was 5, expected a whole minute in ms'],
    [{ regimes: ['wild' as 'calm'] }, '--regimes: was "wild", expected one of calm, trendUp, trendDown, volatile'],
  ])('refuses %o as a fault of the command line', (change, message) => {
    expect(() => synthesise({ ...options, ...change })).toThrow(
      expect.objectContaining({ code: 'USAGE', exitCode: 2, message: expect.stringContaining(message) }),
    );
  });
});

describe('importSynthetic', () => {
  let scratch: Scratch;
  beforeEach(() => {
    scratch = createScratch();
  });
  afterEach(() => scratch.remove());

  test('stores the very bars, labelled synthetic, and knows them again', async () => {
    const report = await importSynthetic(scratch.catalogue, options);
    expect(report.manifest).toMatchObject({
      isSynthetic: true,
      rowCount: 20_000,
      key: { venue: 'synthetic', symbol: 'SYN/USD', timeframe: '1m' },
    });
    expect(report.instrument.tickSize).toBe(0.01);
    const tape = await loadTape(scratch.catalogue, report.key);
    expect(tape.isSynthetic).toBe(true);
    expect(hashOf(tape.columns)).toBe(hashOf(synthesise(options)));
    expect(await importSynthetic(scratch.catalogue, options)).toMatchObject({ status: 'unchanged' });
    expect(await importSynthetic(scratch.catalogue, { ...options, bars: 20_010 })).toMatchObject({ status: 'imported', newRowCount: 10 });
    await expect(importSynthetic(scratch.catalogue, { ...options, seed: 9 })).rejects.toMatchObject({ code: 'DATA_CONFLICT' });
  });
});
