/** Owns tapes for tests: made from rows, or read from a CSV of bars beside the project. Never used by a run. */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { assert } from '../errors.ts';
import type { BarColumns, Tape } from '../model/bar.ts';
import type { Instrument } from '../model/instrument.ts';
import { closeTimeOf, type Timeframe } from '../model/timeframe.ts';

/** [open, high, low, close] or with volume. */
export type BarRow = readonly [number, number, number, number, number?];

/** Published results of others lie here; tests that read them skip where the folder is absent. */
export const oraclesPath = fileURLToPath(new URL('../../../shared/oracles/', import.meta.url));
export const hasOracles = existsSync(oraclesPath);

/** A tape of consecutive bars from startMs on. */
export function tapeOf(
  rows: readonly BarRow[],
  options: { symbol?: string; venue?: string; timeframe?: Timeframe; startMs?: number; openTimesMs?: readonly number[] } = {},
): Tape {
  const { symbol = 'BTC/USDT', venue = 'test', timeframe = '1m', startMs = 0 } = options;
  const columns = emptyColumns(rows.length);
  let openTimeMs = startMs;
  rows.forEach((row, i) => {
    columns.openTimeMs[i] = options.openTimesMs?.[i] ?? openTimeMs;
    columns.closeTimeMs[i] = closeTimeOf(timeframe, columns.openTimeMs[i]);
    openTimeMs = columns.closeTimeMs[i];
    columns.open[i] = row[0];
    columns.high[i] = row[1];
    columns.low[i] = row[2];
    columns.close[i] = row[3];
    columns.volume[i] = row[4] ?? 1;
  });
  return { key: { venue, symbol, timeframe }, columns, isSynthetic: false };
}

export function emptyColumns(length: number): BarColumns {
  const column = () => new Float64Array(new SharedArrayBuffer(length * 8));
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

/** A spot instrument without fees; give what differs. */
export function instrumentOf(fields: Partial<Instrument> = {}): Instrument {
  return {
    venue: 'test',
    symbol: 'BTC/USDT',
    baseCurrency: 'BTC',
    quoteCurrency: 'USDT',
    tickSize: 0.01,
    lotSize: 1e-8,
    minimumNotionalQuote: 0,
    baseDecimals: 8,
    quoteDecimals: 8,
    multiplier: 1,
    feeRateMaker: 0,
    feeRateTaker: 0,
    validFromMs: 0,
    validToMs: Number.MAX_SAFE_INTEGER,
    ...fields,
  };
}

/** Bars of a CSV whose header names time (or nothing), open, high, low, close, volume in any case; times as ISO dates or epoch ms, UTC. */
export function readBarsCsv(path: string, timeframe: Timeframe): Tape {
  const lines = readFileSync(`${oraclesPath}${path}`, 'utf8').trim().split(/\r?\n/);
  const names = lines[0].split(',').map((name) => name.trim().toLowerCase());
  const at = (name: string) => names.indexOf(name);
  const timeAt = Math.max(
    0,
    names.findIndex((name) => ['', 'date', 'time', 'time_ms', 'timestamp'].includes(name)),
  );
  assert(at('open') >= 0 && at('close') >= 0, `${path} has no open or close column`);
  const times: number[] = [];
  const rows = lines.slice(1).map((line): BarRow => {
    const cells = line.split(',');
    const text = cells[timeAt];
    times.push(/^\d{11,}$/.test(text) ? Number(text) : Date.parse(`${text.replace(' ', 'T')}${text.length > 10 ? 'Z' : 'T00:00:00Z'}`));
    return [
      Number(cells[at('open')]),
      Number(cells[at('high')]),
      Number(cells[at('low')]),
      Number(cells[at('close')]),
      Number(cells[at('volume')]),
    ];
  });
  return tapeOf(rows, { timeframe, openTimesMs: times });
}
