import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { openCatalogue } from '../../data/catalogue.ts';
import { registerData } from './data.ts';
import { sparkline } from './data-actions.ts';

let folder: string;
let home: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'playhead-data-command-'));
  home = join(folder, 'home');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
afterEach(() => vi.restoreAllMocks());

/** Runs one command line; what it wrote to stdout and to stderr. */
async function run(...words: string[]): Promise<{ out: string; progress: string }> {
  const program = new Command().option('--home <folder>').option('--json').option('-q, --quiet').exitOverride();
  program.configureOutput({ writeErr: () => undefined });
  registerData(program);
  let out = '';
  let progress = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    out += String(text);
    return true;
  });
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    progress += String(text);
    return true;
  });
  await program.parseAsync(['node', 'playhead', '--home', home, 'data', ...words]);
  return { out, progress };
}

const file = (name: string, rows: readonly string[]): string => {
  const path = join(folder, name);
  writeFileSync(path, `date,open,high,low,close,volume\n${rows.join('\n')}\n`);
  return path;
};
const rows = ['2024-01-01,10,12,9,11,5', '2024-01-02,11,13,10,12,6', '2024-01-03,12,13,11,12.5,7'];
const series = ['--symbol', 'ACME', '--venue', 'test', '--timeframe', '1d'];

describe('playhead data', () => {
  test('import tells what was stored and what was inferred; progress goes to stderr', async () => {
    const { out, progress } = await run('import', file('a.csv', rows), ...series, '--lot', '1', '--fee-taker', '0.002');
    expect(out).toContain('test ACME 1d: 3 bars imported\n');
    expect(out).toContain('opens from 2024-01-01T00:00Z to 2024-01-03T00:00Z, 0 gaps (0 bars missing)');
    expect(out).toContain('tick 0.1, lot 1, quote USD, fees 0 / 0.002');
    expect(out).toContain('inferred from symbol and prices: baseCurrency, tickSize (from the prices of 3 bars)\n');
    expect(out).toMatch(/assumed, nothing tells them: .*quoteCurrency.*, feeRateMaker; state/);
    expect(out).not.toMatch(/(inferred|assumed).*(lotSize|feeRateTaker)/);
    const done = progress.split('\n').filter((line) => line.endsWith(' done'));
    expect(done).toEqual(['read done', 'check done', 'store done']);
    expect(openCatalogue(home).list()).toHaveLength(1);
    expect((await run('import', file('a.csv', rows), ...series, '--quiet')).progress).toBe('');
  });

  test('import again says unchanged; with --json it is one document', async () => {
    expect((await run('import', file('a.csv', rows), ...series)).out).toContain('test ACME 1d: unchanged, all 3 bars were known');
    const { out } = await run('import', file('a.csv', rows), ...series, '--json');
    expect(JSON.parse(out)).toMatchObject({ status: 'unchanged', knownRowCount: 3, instrument: { lotSize: 1, feeRateTaker: 0.002 } });
  });

  test('list and show print the series', async () => {
    expect((await run('list')).out).toMatch(/^venue +symbol +bar +bars .*\ntest +ACME +1d +3 +2024-01-01T00:00Z/);
    const { out } = await run('show', 'test', 'ACME', '1d');
    expect(out).toContain('▁▆█  11 to 12.5');
    expect(out).toMatch(/sha256 [0-9a-f]{64}/);
    expect(out).toMatch(/2024-01-03T00:00Z +12 +13 +11 +12\.5 +7\n/);
    expect(JSON.parse((await run('show', 'test', 'ACME', '1d', '--json')).out)).toMatchObject({
      manifest: { rowCount: 3 },
      quality: { rowCount: 3 },
    });
  });

  test('export writes what imports again', async () => {
    const path = join(folder, 'out.csv');
    expect((await run('export', 'test', 'ACME', '1d', path, '--from', '2024-01-02')).out).toContain('test ACME 1d: 2 bars to');
    expect(readFileSync(path, 'utf8')).toContain('2024-01-02T00:00:00.000Z,11.0,13.0,10.0,12.0,6.0');
    await expect(run('export', 'test', 'ACME', '1d', path)).rejects.toMatchObject({ code: 'USAGE' });
    expect((await run('import', path, ...series)).out).toContain('unchanged');
  });

  test('synthesise makes labelled minutes', async () => {
    const { out } = await run('synthesise', '--bars', '500', '--seed', '3', '--start', '2024-03-01T12:00', '--regimes', 'calm,volatile');
    expect(out).toContain('synthetic SYN/USD 1m (synthetic): 500 bars imported');
    expect((await run('list')).out).toMatch(/synthetic {2}SYN\/USD {2}1m .* synthetic\n/);
    await expect(run('synthesise', '--regimes', 'wild')).rejects.toThrow('expected one of calm, trendUp, trendDown, volatile');
  });

  test('resample stores longer bars and names what they were made from', async () => {
    expect((await run('resample', 'SYN/USD', '--from', '1m', '--to', '1h')).out).toContain(
      'synthetic SYN/USD 1h (synthetic): 8 bars imported',
    );
    expect((await run('show', 'synthetic', 'SYN/USD', '1h')).out).toMatch(
      /8 bars, from resampled from 1m, 500 bars, sha256 [0-9a-f]{8}, fetched/,
    );
    const again = await run('resample', 'SYN/USD', '--from', '1m', '--to', '1h', '--venue', 'synthetic', '--json');
    expect(JSON.parse(again.out)).toMatchObject({ status: 'unchanged', key: { timeframe: '1h' }, knownRowCount: 8 });
  });

  test('check finds a changed byte, after it looked at every series', async () => {
    expect((await run('check')).out).toContain('ok   test ACME 1d: 1 segment matches its hash, 3 bars');
    const catalogue = openCatalogue(home);
    const manifest = catalogue.list().find((one) => one.key.symbol === 'ACME');
    const path = join(catalogue.seriesPath({ venue: 'test', symbol: 'ACME', timeframe: '1d' }), manifest?.segments[0].file ?? '');
    const bytes = readFileSync(path);
    bytes[60] ^= 1;
    writeFileSync(path, bytes);
    await expect(run('check')).rejects.toMatchObject({ code: 'DATA_CORRUPT', exitCode: 3 });
    const { out } = await run('check', '--json');
    const exitCode = process.exitCode;
    process.exitCode = undefined;
    expect([exitCode, JSON.parse(out)]).toMatchObject([
      3,
      [
        { series: expect.stringContaining('SYN/USD'), code: '', problem: '' },
        { series: 'synthetic SYN/USD 1h', code: '', problem: '' },
        { series: 'test ACME 1d', code: 'DATA_CORRUPT', problem: expect.stringContaining('its manifest says') },
      ],
    ]);
    bytes[60] ^= 1;
    writeFileSync(path, bytes);
    expect((await run('check', 'test', 'ACME', '1d')).out).toContain('ok ');
  });

  test.each([
    [['import', 'x.csv', '--symbol', 'A', '--venue', 'b', '--timeframe', '1x'], 'timeframe "1x" is unknown, expected one of 1m, 3m'],
    [['import', 'x.csv', ...series, '--stamp', 'middle'], '--stamp is "middle", expected open or close'],
    [['import', 'x.csv', ...series, '--tick', 'small'], '--tick: was "small", expected a number'],
    [['import', 'x.csv', ...series, '--from', 'January'], 'expected a UTC time such as 2024-01-31'],
    [['import', 'x.csv', ...series, '--from', '2024-02-30'], '--from: was "2024-02-30", expected a UTC time such as 2024-01-31'],
    [['export', 'test', 'ACME', '1d', 'y.csv', '--to', '2023-02-29T00:00'], 'expected a UTC time such as 2024-01-31'],
    [['import', 'x.csv', ...series, '--delimiter', 'comma'], '--delimiter is "comma"'],
    [['show', 'test', 'ACME', '1h'], 'of test ACME it has 1d: use that, or import bars of 1h with "npx playhead data import"'],
    [['show', 'test', 'ACMY', '1d'], 'did you mean "test ACME 1d"?'],
    [
      ['check', 'synthetic'],
      '"synthetic" fits 2: synthetic SYN/USD 1m, synthetic SYN/USD 1h; expected "npx playhead data check <venue> <symbol> <timeframe>"',
    ],
    [['show'], 'found no words, expected "npx playhead data show <venue> <symbol> <timeframe>"'],
    [['show', 'SYN/USD', '1d'], '"SYN/USD 1d" fits no stored series'],
    [['show', 'a', 'b', '1d', 'd'], 'found 4 words, expected "npx playhead data show'],
    [['export', 'y.csv'], 'expected "npx playhead data export <venue> <symbol> <timeframe> <file>"'],
    [['export', 'ACME', 'package.json/y.csv'], 'file: was "package.json/y.csv", but '],
    [['instrument', 'NONE'], 'expected "npx playhead data instrument <venue> <symbol>"'],
    [['remove', 'ACME'], 'remove test ACME 1d, 3 bars in 1 segment'],
    [['synthesise', '--bars', '-3'], '--bars: was -3, expected a whole number from 1'],
    [['synthesise', '--regimes', 'foo'], '--regimes: was "foo", expected one of calm'],
    [['resample', 'SYN/USD', '--from', '1m', '--to', '1x'], 'timeframe "1x" is unknown'],
    [['resample', 'SYN/USD', '--from', '1h', '--to', '1m'], '--to: was 1m, expected a timeframe longer than that of --from, 1h'],
    [['resample', 'NONE/USD', '--from', '1m', '--to', '1h'], 'the catalogue has no NONE/USD 1m'],
    [['export', 'test', 'ACME', '1d', 'x.csv', '--format', 'xml'], '--format is "xml", expected csv or parquet'],
  ])('%j is refused', async (words, message) => {
    await expect(run(...words)).rejects.toThrow(message);
  });

  test('fewer words will do where one series alone fits', async () => {
    const whole = (await run('show', 'test', 'ACME', '1d')).out;
    for (const words of [['ACME'], ['ACME', '1d'], ['test', 'ACME'], ['test', '1d']]) expect((await run('show', ...words)).out).toBe(whole);
    expect((await run('instrument', 'ACME')).out).toBe((await run('instrument', 'test', 'ACME')).out);
    expect((await run('check', '1d')).out).toContain('ok   test ACME 1d');
  });

  test('remove takes a series away, its rules with the last one, and nothing else', async () => {
    const gone = ['--symbol', 'GONE', '--venue', 'gone', '--timeframe'];
    await run('import', file('gone.csv', rows), ...gone, '1d', '--lot', '5');
    await run('resample', 'GONE', '--from', '1d', '--to', '3d').catch(() => undefined);
    const before = openCatalogue(home).list().length;
    await expect(run('remove', 'GONE', '1d')).rejects.toMatchObject({ code: 'USAGE' });
    expect(openCatalogue(home).list()).toHaveLength(before);
    expect((await run('remove', 'GONE', '1d', '--yes')).out).toMatch(/^removed gone GONE 1d, 3 bars in 1 segment/);
    expect(openCatalogue(home).find({ venue: 'gone', symbol: 'GONE', timeframe: '1d' })).toBeUndefined();
    const left = openCatalogue(home).list().length;
    expect([left, existsSync(join(home, 'catalogue', 'gone'))]).toEqual([before - 1, false]);
    // What a removal that was killed has left is no series, and goes with the next import.
    const leftOver = join(home, 'catalogue', 'gone', 'GONE', '.removed-999999999-1d');
    mkdirSync(leftOver, { recursive: true });
    expect(openCatalogue(home).list()).toHaveLength(left);
    await run('import', file('gone.csv', rows), ...gone, '1d');
    expect(existsSync(leftOver)).toBe(false);
    expect((await run('instrument', 'GONE')).out).not.toMatch(/ 5 /);
  });

  test('instrument states rules from a date on and shows them by date', async () => {
    await run('import', file('i.csv', rows), '--symbol', 'DATED', '--venue', 'test', '--timeframe', '1d');
    await run('instrument', 'test', 'DATED', '--tick', '0.5', '--minimum-notional', '10', '--since', '2024-01-02');
    const { out } = await run('instrument', 'test', 'DATED');
    const [, first, second] = out.split('\n').map((line) => line.trim().split(/ {2,}/));
    expect(first.slice(0, 4)).toEqual(['always', '0.1', '1', '0']);
    expect(second.slice(0, 4)).toEqual(['2024-01-02T00:00Z', '0.5', '1', '10']);
    await run('instrument', 'test', 'DATED', '--maximum-quantity', '250', '--since', '2024-01-03');
    await run('instrument', 'test', 'DATED', '--maximum-quantity', 'none', '--since', '2024-01-04');
    const rows4 = (await run('instrument', 'test', 'DATED')).out.split('\n').map((line) => line.trim().split(/ {2,}/));
    expect(rows4.slice(1, 5).map((row) => row[4])).toEqual(['none', 'none', '250', 'none']);
    await expect(run('instrument', 'test', 'NOBODY')).rejects.toMatchObject({ code: 'DATA_INSTRUMENT' });
    await expect(run('instrument', 'test', 'DATED', '--since', '2024-01-02')).rejects.toMatchObject({ code: 'USAGE' });
    await expect(run('instrument', 'test', 'DATED', '--tick', '-1')).rejects.toThrow(
      'instrument tickSize is -1, expected a number above 0',
    );
  });
});

test('a sparkline shows rise, fall and a flat line', () => {
  expect(sparkline(Float64Array.of(1, 2, 3, 4, 5, 6, 7, 8), 8)).toBe('▁▂▃▄▅▆▇█');
  expect(sparkline(Float64Array.of(8, 1), 60)).toBe('█▁');
  expect(sparkline(Float64Array.of(5, 5, 5), 60)).toBe('▄▄▄');
});
