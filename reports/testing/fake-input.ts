/** Owns runs made up for the tests of reports: simple and plausible, not the engine's. Never used outside tests. */
import { measure } from '../../engine/metrics/measure.ts';
import type { BarColumns } from '../../engine/model/bar.ts';
import type { Fill, Trade } from '../../engine/model/fill.ts';
import type { Instrument } from '../../engine/model/instrument.ts';
import type { RunResult } from '../../engine/result.ts';
import type { ReportInput } from '../report-input.ts';

const dayMs = 86_400_000;

/** Daily bars of a seeded wandering price, weekends included; with barMs shorter bars, with moves as much smaller. */
export function wanderingBars(count: number, seed: number, barMs = dayMs): BarColumns {
  const scale = Math.sqrt(barMs / dayMs);
  const columns = emptyBars(count);
  let state = seed;
  // Park–Miller, drawn as a sum of three: enough for prices that look like prices.
  const draw = () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647 - 0.5;
  };
  let close = 100;
  for (let row = 0; row < count; row++) {
    const open = round(close * (1 + 0.002 * scale * draw()));
    close = round(open * (1 + 0.0004 * scale * scale + 0.02 * scale * (draw() + draw() + draw())));
    columns.openTimeMs[row] = Date.UTC(2021, 0, 1) + row * barMs;
    columns.closeTimeMs[row] = columns.openTimeMs[row] + barMs;
    columns.open[row] = open;
    columns.high[row] = round(Math.max(open, close) * (1 + 0.01 * scale * Math.abs(draw())));
    columns.low[row] = round(Math.min(open, close) * (1 - 0.01 * scale * Math.abs(draw())));
    columns.close[row] = close;
    columns.volume[row] = 1_000;
  }
  return columns;
}

export function emptyBars(length: number): BarColumns {
  const column = () => new Float64Array(length);
  return {
    length,
    openTimeMs: column(),
    closeTimeMs: column(),
    open: column(),
    high: column(),
    low: column(),
    close: column(),
    volume: column(),
  };
}

export interface FakeOptions {
  readonly bars: BarColumns;
  readonly symbol?: string;
  readonly fast?: number;
  readonly slow?: number;
  readonly isSynthetic?: boolean;
  readonly hasTrades?: boolean;
}

function fakeQuality(bars: BarColumns): ReportInput['quality'] {
  return {
    issues: [
      {
        kind: 'staleOpen',
        policy: 'flag',
        count: 7,
        first: { timeMs: bars.openTimeMs[0], text: 'bar 0: the open repeats the close before' },
      },
    ],
    gapCount: 2,
    missingBarCount: 5,
    rowCount: bars.length,
  };
}

/** A long-only moving-average cross on the bars with a fee of 10 and slippage of 5 basis points, played in thirty lines. */
export function fakeInput(options: FakeOptions): ReportInput {
  const { bars } = options;
  const instrument = fakeInstrument(options.symbol ?? 'TEST/USD');
  const capital = 10_000;
  const book = playCross(options, capital);
  const buyAndHold = Float64Array.from(bars.close, (close) => (capital * close) / bars.open[0]);
  const dayEndRows = dayEndRowsOf(bars);
  const result: RunResult = {
    strategyName: 'moving-average-cross',
    parameters: { fast: options.fast ?? 10, slow: options.slow ?? 30 },
    instruments: [instrument],
    series: [
      {
        key: {
          venue: instrument.venue,
          symbol: instrument.symbol,
          timeframe: bars.closeTimeMs[0] - bars.openTimeMs[0] === dayMs ? '1d' : '1m',
        },
        rowCount: bars.length,
        firstOpenMs: bars.openTimeMs[0],
        lastCloseMs: bars.closeTimeMs[bars.length - 1],
        isSynthetic: options.isSynthetic ?? false,
        isFinest: true,
      },
    ],
    quoteCurrency: instrument.quoteCurrency,
    initialCapitalQuote: capital,
    orders: [],
    fills: book.fills,
    trades: book.trades,
    openPositions: book.openPositions,
    equity: { timeMs: bars.closeTimeMs, equityQuote: book.equityQuote },
    daily: {
      timeMs: Float64Array.from(dayEndRows, (row) => bars.closeTimeMs[row]),
      equityQuote: Float64Array.from(dayEndRows, (row) => book.equityQuote[row]),
    },
    buyAndHold,
    riskEvents: [],
    ambiguousBarCount: 3,
    ...{ decidedBarCount: 0, notRefinedBarCount: 0, otherLedgers: {}, accountEvents: [], dust: [] },
    ledger: { deposit: '10000', purchases: '20450.10', sales: '21033.75', fees: '41.48' },
    metrics: metricsOf({ bars, book, buyAndHold, dayEndRows, capital }),
    certificate: fakeCertificate,
    warnings: ['The stop and the target lay inside 3 bars: the stop was assumed first.'],
  };
  return {
    runId: '20260102-test-4f1c',
    result,
    bars: [{ columns: bars, fromRow: 0, toRow: bars.length }],
    conversions: [],
    quality: fakeQuality(bars),
    scenario: {
      strategy: { name: 'moving-average-cross', parameters: { fast: 10, slow: 30 } },
      capital: { initialQuote: capital },
      data: [{ symbol: instrument.symbol }],
      note: null,
    },
    versions: { node: 'v20.20.0', v8: '11.3', cpu: 'Test CPU', playhead: '0.1.0' },
    interval: null,
  };
}

function dayEndRowsOf(bars: BarColumns): number[] {
  const day = (row: number) => Math.floor((bars.closeTimeMs[row] - 1) / dayMs);
  const rows: number[] = [];
  for (let row = 0; row < bars.length; row++) if (row === bars.length - 1 || day(row + 1) !== day(row)) rows.push(row);
  return rows;
}

function metricsOf(run: { bars: BarColumns; book: Book; buyAndHold: Float64Array; dayEndRows: number[]; capital: number }) {
  const { bars, book, buyAndHold, dayEndRows, capital } = run;
  return measure({
    timeMs: bars.closeTimeMs,
    openTimeMs0: bars.openTimeMs[0],
    equityQuote: book.equityQuote,
    length: bars.length,
    dayEndRows: Int32Array.from(dayEndRows),
    initialCapitalQuote: capital,
    trades: book.trades,
    feeQuoteTotal: book.fills.reduce((sum, fill) => sum + fill.feeQuote, 0),
    slippageQuoteTotal: book.fills.reduce((sum, fill) => sum + fill.slippageQuote, 0),
    tradedNotionalQuote: book.fills.reduce((sum, fill) => sum + fill.notionalQuote, 0),
    exposureRowCount: book.exposureRowCount,
    buyAndHoldQuote: buyAndHold,
    periodsPerYear: 252,
    riskFreeAnnual: 0,
  });
}

interface Book {
  readonly fills: Fill[];
  readonly trades: Trade[];
  readonly openPositions: RunResult['openPositions'];
  readonly equityQuote: Float64Array;
  readonly exposureRowCount: number;
}

function playCross(options: FakeOptions, capital: number): Book {
  const { bars } = options;
  const fast = options.fast ?? 10;
  const slow = options.slow ?? 30;
  const fills: Fill[] = [];
  const trades: Trade[] = [];
  const equityQuote = new Float64Array(bars.length);
  let cash = capital;
  let size = 0;
  let entry = -1;
  let exposureRowCount = 0;
  const mean = (row: number, length: number) => {
    let sum = 0;
    for (let i = row - length + 1; i <= row; i++) sum += bars.close[i];
    return sum / length;
  };
  const trade = (row: number, side: 1 | -1) => {
    const priceQuote = bars.open[row] * (1 + side * 0.0005);
    const sizeBase = side === 1 ? Math.floor((cash / priceQuote) * 0.99 * 1e4) / 1e4 : size;
    const notionalQuote = round(priceQuote * sizeBase);
    const feeQuote = round(notionalQuote * 0.001);
    const fill = {
      orderId: fills.length,
      instrumentIndex: 0,
      timeMs: bars.openTimeMs[row],
      openTimeMs: bars.openTimeMs[row],
      side,
      priceQuote,
      sizeBase,
      notionalQuote,
      feeQuote,
    };
    fills.push({
      ...fill,
      slippageQuote: round(sizeBase * bars.open[row] * 0.0005),
      kind: 'market',
      role: fills.length % 5 === 3 ? 'stopLoss' : 'own',
    });
    cash = round(cash - side * notionalQuote - feeQuote);
    size += side * sizeBase;
    if (side === 1) entry = row;
    else trades.push(tradeOf(fills[fills.length - 2], fills[fills.length - 1], entry, row));
  };
  let wanted = 0;
  for (let row = 0; row < bars.length; row++) {
    if (wanted === 1 && size === 0) trade(row, 1);
    if (wanted === 0 && size > 0) trade(row, -1);
    equityQuote[row] = cash + size * bars.close[row];
    if (size > 0) exposureRowCount++;
    if (row >= slow && options.hasTrades !== false) wanted = mean(row, fast) > mean(row, slow) ? 1 : 0;
  }
  const last = bars.length - 1;
  const average = size > 0 ? fills[fills.length - 1].priceQuote : 0;
  const open = {
    instrumentIndex: 0,
    sizeBase: size,
    averagePriceQuote: average,
    markPriceQuote: bars.close[last],
    unrealisedPnlQuote: size * (bars.close[last] - average),
  };
  return { fills, trades, openPositions: size > 0 ? [open] : [], equityQuote, exposureRowCount };
}

function tradeOf(entry: Fill, exit: Fill, entryBar: number, exitBar: number): Trade {
  return {
    instrumentIndex: 0,
    side: 1,
    sizeBase: exit.sizeBase,
    entryOrderId: entry.orderId,
    exitOrderId: exit.orderId,
    entryMs: entry.timeMs,
    exitMs: exit.timeMs,
    entryOpenMs: entry.openTimeMs,
    exitOpenMs: exit.openTimeMs,
    entryBar,
    exitBar,
    entryPriceQuote: entry.priceQuote,
    exitPriceQuote: exit.priceQuote,
    entryFeeQuote: entry.feeQuote,
    exitFeeQuote: exit.feeQuote,
    pnlQuote: exit.notionalQuote - entry.notionalQuote - entry.feeQuote - exit.feeQuote,
    returnFraction: exit.priceQuote / entry.priceQuote - 1,
    exitRole: exit.role,
  };
}

function fakeInstrument(symbol: string): Instrument {
  return {
    venue: 'test',
    symbol,
    baseCurrency: 'TEST',
    quoteCurrency: 'USD',
    tickSize: 0.01,
    lotSize: 0.0001,
    minimumNotionalQuote: 0,
    baseDecimals: 8,
    quoteDecimals: 2,
    multiplier: 1,
    feeRateMaker: 0.001,
    feeRateTaker: 0.001,
    validFromMs: 0,
    validToMs: 8.64e15,
  };
}

const hash = (digit: string) => digit.repeat(64);
const fakeCertificate = {
  tapeHash: hash('a'),
  strategyHash: hash('b'),
  scenarioHash: hash('c'),
  engineHash: hash('d'),
  seed: 1,
  ordersHash: hash('1'),
  fillsHash: hash('2'),
  equityHash: hash('3'),
  dailyHash: hash('4'),
  metricsHash: hash('5'),
  trialHash: hash('6'),
  runHash: hash('7'),
};

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
